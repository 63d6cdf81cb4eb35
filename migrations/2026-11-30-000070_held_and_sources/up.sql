-- What is held for review is counted beside what counts. Processes of the versions before do not know it, so they
-- write nothing any more.
ALTER TABLE tally_cells ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tally_heads ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
UPDATE catalogue SET oldest_writer = '20261130000070';

-- What the marks of addresses are derived with. It is drawn by the first process that starts after this step, which
-- also counts what is held by then.
ALTER TABLE catalogue ADD COLUMN source_key TEXT;

-- Why a revision is or was held; and keyed hashes of the address and the network that it came from, 32 hexadecimal
-- digits each, which are erased after a while.
ALTER TABLE report_revisions ADD COLUMN held_for TEXT;
ALTER TABLE report_revisions ADD COLUMN address_mark TEXT;
ALTER TABLE report_revisions ADD COLUMN network_mark TEXT;
CREATE INDEX report_revisions_of_addresses ON report_revisions (address_mark, received_at)
    WHERE address_mark IS NOT NULL;

-- What was taken from the hourly budgets of addresses, networks and campaigns. The hash is one of all that a budget
-- is of, its hour too.
CREATE TABLE report_budgets (
    budget_hash TEXT PRIMARY KEY,
    ends_at TIMESTAMPTZ NOT NULL,
    reports BIGINT NOT NULL,
    actions BIGINT NOT NULL,
    held BIGINT NOT NULL,
    exceeded BOOLEAN NOT NULL
);
CREATE INDEX report_budgets_by_end ON report_budgets (ends_at);

-- What staff decided about many reports at once; an undoing names the act that it undoes. It goes through the reports
-- by their identities, and the last one done is kept until the end.
CREATE TABLE moderations (
    id UUID PRIMARY KEY,
    campaign_id UUID NOT NULL,
    decision TEXT NOT NULL,
    selection TEXT NOT NULL,
    reason TEXT NOT NULL,
    key_id UUID,
    started_at TIMESTAMPTZ NOT NULL,
    last_report_id UUID NOT NULL,
    selected TEXT NOT NULL,
    finished_at TIMESTAMPTZ,
    undoes_id UUID UNIQUE
);
CREATE INDEX moderations_unfinished ON moderations (id) WHERE finished_at IS NULL;

-- How each revision stood before such an act.
CREATE TABLE moderated_revisions (
    moderation_id UUID NOT NULL,
    report_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (moderation_id, report_id, revision)
);
