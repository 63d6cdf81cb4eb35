-- How many people wait for a place, beside how many have one.
ALTER TABLE events ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;

-- People who registered. Erasing one deletes the row.
CREATE TABLE participants (
    id UUID PRIMARY KEY,
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    state TEXT NOT NULL,
    -- By what a person is told from another one: families share an address.
    email_folded TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    -- What counts as pledged is the sum of this over those who are confirmed.
    letter_goal BIGINT,
    released BIGINT NOT NULL,
    -- All that they say of themselves.
    content TEXT NOT NULL,
    -- An earlier registration of somebody with this name and address.
    repeats_id UUID,
    registered_at TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ,
    changed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL
);
CREATE INDEX participants_by_person ON participants (campaign_id, email_folded, name_folded);
CREATE INDEX participants_by_campaign ON participants (edition_id, section_id, state);
CREATE INDEX participants_that_repeat ON participants (repeats_id);

-- Places at events and turns on their waiting lists.
CREATE TABLE attendances (
    id UUID PRIMARY KEY,
    event_id UUID NOT NULL REFERENCES events (id),
    -- The order in which people joined the event, decided in the transaction and not by a clock.
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    participant_id UUID,
    email_folded TEXT,
    name_folded TEXT,
    -- Who comes; nothing once they were erased.
    guest TEXT,
    joined_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    UNIQUE (event_id, number)
);
CREATE INDEX attendances_in_turn ON attendances (event_id, state, number);
CREATE INDEX attendances_by_person ON attendances (event_id, email_folded, name_folded);
CREATE INDEX attendances_by_participant ON attendances (participant_id);

-- What proves that somebody is a participant or has an attendance: the secret they were given, and
-- those that were mailed to them, which prove the address too.
CREATE TABLE person_secrets (
    secret_hash TEXT PRIMARY KEY,
    subject_id UUID NOT NULL,
    mailed BOOLEAN NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX person_secrets_by_subject ON person_secrets (subject_id);
CREATE INDEX registration_keys_by_subject ON registration_keys (subject_id);
