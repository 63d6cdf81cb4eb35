-- In the version before, the report of the host ends an event: those that go on are reported. What was said of figures,
-- so far or in addition, is lost; their sums stay. The report of an event that was not approved yet stays held.
UPDATE catalogue SET oldest_writer = '20261201000100';
ALTER TABLE report_revisions DROP COLUMN basis;
UPDATE events SET state = 'REPORTED', revision = revision + 1
    WHERE state = 'APPROVED' AND host_report_id IS NOT NULL;
DROP INDEX events_reported_and_running;
ALTER TABLE events DROP COLUMN host_report_id;
