DROP TABLE heartbeats;
ALTER TABLE catalogue DROP COLUMN oldest_writer;
ALTER TABLE editions DROP COLUMN commit_id;
ALTER TABLE gatherings DROP COLUMN commit_id;
ALTER TABLE catalogue DROP COLUMN commit_id;
