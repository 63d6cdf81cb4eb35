ALTER TABLE calendars DROP COLUMN mailed;
ALTER TABLE attendances DROP COLUMN confirmed_at;
