-- The transparency log: a leaf for each revision of a report that is no test, and for each later change of its state.
-- The service enters the revisions that are there already. An older version would write revisions without leaves.
UPDATE catalogue SET oldest_writer = '20261201000130';

-- The head. The origin is the name of the log and is fixed with its first head. A generation is a log of its own: a
-- database that was restored begins another one.
CREATE TABLE report_log (
    id SMALLINT NOT NULL PRIMARY KEY,
    origin TEXT,
    generation INTEGER NOT NULL,
    size BIGINT NOT NULL,
    root TEXT NOT NULL,
    checkpoint TEXT,
    verifier_keys TEXT NOT NULL,
    signing_key TEXT,
    published_at TIMESTAMPTZ,
    is_halted BOOLEAN NOT NULL,
    backfilled_report UUID,
    backfilled_revision INTEGER NOT NULL,
    is_backfilled BOOLEAN NOT NULL
);
INSERT INTO report_log (id, generation, size, root, verifier_keys, is_halted, backfilled_revision, is_backfilled)
    VALUES (1, 1, 0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '', FALSE, 0, FALSE);

-- The leaves. A step counts the changes of one revision. The opening (the salt and the line, in Base64) is removed when
-- a person is erased, the commitment never. A leaf without a position waits for the next batch.
CREATE TABLE report_log_leaves (
    report_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    step INTEGER NOT NULL,
    state TEXT NOT NULL,
    commitment TEXT NOT NULL,
    opening TEXT,
    position BIGINT,
    PRIMARY KEY (report_id, revision, step)
);
CREATE UNIQUE INDEX report_log_positions ON report_log_leaves (position);
CREATE INDEX report_log_pending ON report_log_leaves (report_id, revision, step) WHERE position IS NULL;

-- The hashes of full subtrees of 256 to the power of `level` leaves, in their order.
CREATE TABLE report_log_subtrees (
    level INTEGER NOT NULL,
    position BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (level, position)
);
