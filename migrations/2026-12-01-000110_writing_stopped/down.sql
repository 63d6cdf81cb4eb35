ALTER TABLE cases DROP COLUMN writing_stopped_at;
