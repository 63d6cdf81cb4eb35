-- The attendance whose report it is, beside the participant: whoever came to an event tells of it.
ALTER TABLE report_revisions ADD COLUMN attendance_id UUID;
CREATE INDEX report_revisions_of_participants ON report_revisions (participant_id, report_id)
    WHERE participant_id IS NOT NULL;
CREATE INDEX report_revisions_of_attendances ON report_revisions (attendance_id, report_id)
    WHERE attendance_id IS NOT NULL;

-- How many events of an edition, or of a section of it, took place.
CREATE INDEX events_by_state ON events (edition_id, state, section_id);
