CREATE TABLE ledger_keys (
    key_hash TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    report_id UUID NOT NULL,
    revision INTEGER NOT NULL
);
INSERT INTO ledger_keys (key_hash, fingerprint, report_id, revision)
    SELECT key_hash, fingerprint, subject_id, revision FROM idempotency_keys WHERE scope = 'REPORT';

CREATE TABLE registration_keys (
    key_hash TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    subject_id UUID NOT NULL
);
INSERT INTO registration_keys (key_hash, fingerprint, subject_id)
    SELECT key_hash, fingerprint, subject_id FROM idempotency_keys WHERE scope = 'REGISTRATION';
CREATE INDEX registration_keys_by_subject ON registration_keys (subject_id);

DROP TABLE idempotency_keys;
UPDATE catalogue SET oldest_writer = '20261130000070';
