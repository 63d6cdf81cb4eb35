-- The event that a report tells of, whether it is the host's word, and whose report it is.
ALTER TABLE report_revisions ADD COLUMN event_id UUID;
ALTER TABLE report_revisions ADD COLUMN host BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE report_revisions ADD COLUMN participant_id UUID;
CREATE INDEX report_revisions_of_events ON report_revisions (event_id, report_id) WHERE event_id IS NOT NULL;

-- What the reports of an event say together, as JSON; NULL before the first one.
ALTER TABLE events ADD COLUMN evening TEXT;
-- Events that took place and have not been reported, in the order in which they ended.
CREATE INDEX events_over ON events (ends_at, id) WHERE state IN ('APPROVED', 'HELD');
