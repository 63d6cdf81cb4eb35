DROP INDEX events_over;
ALTER TABLE events DROP COLUMN evening;
DROP INDEX report_revisions_of_events;
ALTER TABLE report_revisions DROP COLUMN participant_id;
ALTER TABLE report_revisions DROP COLUMN host;
ALTER TABLE report_revisions DROP COLUMN event_id;
