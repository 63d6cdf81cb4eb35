ALTER TABLE attendances DROP COLUMN confirmed_at;
