-- A reference to each of the three, as before.
CREATE TABLE report_revisions_old (
    report_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    edition_id UUID NOT NULL REFERENCES editions (id),
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    state TEXT NOT NULL,
    channel TEXT NOT NULL,
    author TEXT NOT NULL,
    late BOOLEAN NOT NULL,
    test BOOLEAN NOT NULL,
    country TEXT,
    region TEXT,
    -- As it was said, where the place of counting follows from the section.
    said_country TEXT,
    people INTEGER,
    written_on TEXT,
    note TEXT,
    lines TEXT NOT NULL,
    reason TEXT,
    received_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ,
    decision_reason TEXT,
    secret_hash TEXT NOT NULL,
    event_id UUID,
    host BOOLEAN NOT NULL DEFAULT FALSE,
    participant_id UUID,
    attendance_id UUID,
    PRIMARY KEY (report_id, revision)
);
INSERT INTO report_revisions_old (
    report_id, revision, edition_id, campaign_id, section_id, state, channel, author, late, test, country, region,
    said_country, people, written_on, note, lines, reason, received_at, decided_at, decision_reason, secret_hash,
    event_id, host, participant_id, attendance_id
)
SELECT
    report_id, revision, edition_id, campaign_id, section_id, state, channel, author, late, test, country, region,
    said_country, people, written_on, note, lines, reason, received_at, decided_at, decision_reason, secret_hash,
    event_id, host, participant_id, attendance_id
FROM report_revisions;
DROP TABLE report_revisions;
ALTER TABLE report_revisions_old RENAME TO report_revisions;
CREATE INDEX report_revisions_held ON report_revisions (campaign_id, report_id) WHERE state = 'HELD';
CREATE INDEX report_revisions_of_events ON report_revisions (event_id, report_id) WHERE event_id IS NOT NULL;
CREATE INDEX report_revisions_of_participants ON report_revisions (participant_id, report_id)
    WHERE participant_id IS NOT NULL;
CREATE INDEX report_revisions_of_attendances ON report_revisions (attendance_id, report_id)
    WHERE attendance_id IS NOT NULL;
DROP INDEX campaigns_with_scope;
