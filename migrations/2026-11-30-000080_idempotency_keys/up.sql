-- One table for all idempotency keys. A key can be used once in each scope: for a report, and for a registration.
-- Processes of the versions before do not know the table, so they write nothing any more.
UPDATE catalogue SET oldest_writer = '20261130000080';

CREATE TABLE idempotency_keys (
    key_hash TEXT NOT NULL,
    scope TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    subject_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (key_hash, scope)
);
INSERT INTO idempotency_keys (key_hash, scope, fingerprint, subject_id, revision)
    SELECT key_hash, 'REPORT', fingerprint, report_id, revision FROM ledger_keys;
INSERT INTO idempotency_keys (key_hash, scope, fingerprint, subject_id, revision)
    SELECT key_hash, 'REGISTRATION', fingerprint, subject_id, 1 FROM registration_keys;
-- Erasing a person looks for the keys of the person's registrations; reports are not looked for.
CREATE INDEX idempotency_keys_by_subject ON idempotency_keys (subject_id) WHERE scope = 'REGISTRATION';

DROP TABLE ledger_keys;
DROP TABLE registration_keys;
