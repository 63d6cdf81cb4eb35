-- The active report of an event's host, which no longer ends the event: it may grow while the event goes on. Processes of
-- the versions before would take a second report of a host beside it, so they write nothing any more.
UPDATE catalogue SET oldest_writer = '20261201000120';
ALTER TABLE events ADD COLUMN host_report_id UUID;
-- A report is active unless it was withdrawn; a test never is.
UPDATE events SET host_report_id = (
    SELECT active.report_id FROM report_revisions active
    WHERE active.event_id = events.id AND active.by_host AND NOT active.is_test
        AND active.state IN ('ACCEPTED', 'PENDING_REVIEW', 'REJECTED') AND NOT EXISTS (
            SELECT 1 FROM report_revisions withdrawn
            WHERE withdrawn.report_id = active.report_id AND withdrawn.state = 'WITHDRAWN'
        )
    LIMIT 1
);
-- Events that go on although their host has reported, in the order in which they end.
CREATE INDEX events_reported_and_running ON events (ends_at, id)
    WHERE state = 'APPROVED' AND host_report_id IS NOT NULL;

-- How the figure of a revision relates to the one before: SO_FAR or IN_ADDITION; NULL in first reports and corrections.
ALTER TABLE report_revisions ADD COLUMN basis TEXT;
