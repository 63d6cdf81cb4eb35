DROP INDEX outbox_about;
DROP INDEX outbox_erased;
ALTER TABLE outbox DROP COLUMN erased;
