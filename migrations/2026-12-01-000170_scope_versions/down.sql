-- The histories of sections and cases are lost.
ALTER TABLE editions DROP COLUMN scopes_recorded_since;
DROP TABLE scope_versions;
UPDATE catalogue SET oldest_writer = '20261201000150';
