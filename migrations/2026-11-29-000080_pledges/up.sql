-- What is pledged is a sum over everybody who is confirmed: read off this alone, without their rows.
CREATE INDEX participants_pledging ON participants (edition_id, state, section_id, letter_goal);
