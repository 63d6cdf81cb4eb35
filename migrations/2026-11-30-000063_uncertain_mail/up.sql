-- Whether handing a notice over again makes no difference: into a folder, where it has one name. What a process of the
-- version before hands over is taken for what must not be repeated.
ALTER TABLE outbox ADD COLUMN repeatable BOOLEAN NOT NULL DEFAULT FALSE;
-- Those of which nobody knows whether they arrived: what they say is kept for a while, for staff to send it again.
CREATE INDEX outbox_uncertain ON outbox (id) WHERE state = 'UNCERTAIN';
