-- The address of a participant's own calendar, or of an attendance's: a secret that opens nothing else.
-- Each has one at most.
CREATE TABLE calendars (
    subject_id UUID PRIMARY KEY,
    secret_hash TEXT NOT NULL UNIQUE,
    issued_at TIMESTAMPTZ NOT NULL
);

-- Whoever opens the link of a mail has the secret of an event, and no id.
CREATE INDEX events_by_secret ON events (secret_hash);
