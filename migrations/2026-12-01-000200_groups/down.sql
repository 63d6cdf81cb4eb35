-- Groups are lost. Their reports stay as reports of no event, of the same origin; those of groups at an event, and of
-- groups with groups, may count a letter twice then: a recount with --repair makes the counters equal them.
UPDATE catalogue SET oldest_writer = '20261201000180';
UPDATE report_revisions SET origin = NULL WHERE origin = 'GROUP';
DROP INDEX reports_of_group;
ALTER TABLE report_revisions DROP COLUMN group_id;
DROP TABLE group_versions;
DROP TABLE groups;
