DROP INDEX outbox_uncertain;
ALTER TABLE outbox DROP COLUMN repeatable;
