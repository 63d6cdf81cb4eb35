-- Whether the file of a notice is to be removed from the mail folder: whoever it was about is erased.
ALTER TABLE outbox ADD COLUMN erased BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX outbox_erased ON outbox (id) WHERE erased;
CREATE INDEX outbox_about ON outbox (subject_id);
