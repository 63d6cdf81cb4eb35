-- What the campaign consists of. It is small and read whole; every change raises the one revision.
CREATE TABLE catalogue (
    id SMALLINT PRIMARY KEY CHECK (id = 1),
    revision BIGINT NOT NULL
);
INSERT INTO catalogue (id, revision) VALUES (1, 0);

CREATE TABLE editions (
    id UUID PRIMARY KEY,
    year SMALLINT NOT NULL UNIQUE,
    letter_goal BIGINT,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    -- Grows by one with each commit that changes a total.
    version BIGINT NOT NULL
);

CREATE TABLE sections (
    id UUID PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    country TEXT,
    languages TEXT NOT NULL,
    zone TEXT NOT NULL,
    revision INTEGER NOT NULL
);

CREATE TABLE cases (
    id UUID PRIMARY KEY,
    edition_id UUID NOT NULL REFERENCES editions (id),
    slug TEXT NOT NULL,
    state TEXT NOT NULL,
    close_reason TEXT,
    content TEXT NOT NULL,
    outcomes TEXT NOT NULL,
    consent TEXT,
    changed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (edition_id, slug)
);

CREATE TABLE campaigns (
    id UUID PRIMARY KEY,
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    opens_on TEXT NOT NULL,
    registration_closes_on TEXT,
    deadline_on TEXT NOT NULL,
    grace_days INTEGER NOT NULL,
    zone TEXT NOT NULL,
    letter_goal BIGINT,
    limit_person INTEGER NOT NULL,
    limit_event INTEGER NOT NULL,
    -- A JSON list of cases; NULL for every case of the edition.
    picks TEXT,
    revision INTEGER NOT NULL,
    UNIQUE (edition_id, section_id)
);

-- Announced numbers, kept beside the count.
CREATE TABLE published_figures (
    edition_id UUID NOT NULL REFERENCES editions (id),
    position INTEGER NOT NULL,
    figure BIGINT NOT NULL,
    unit TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    status TEXT NOT NULL,
    as_of TEXT,
    countries INTEGER,
    source TEXT,
    PRIMARY KEY (edition_id, position)
);

-- Who may do more than anyone, by the hash of a key that is shown once.
CREATE TABLE keys (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);

-- What staff did: who, when, what, why.
CREATE TABLE staff_actions (
    id UUID PRIMARY KEY,
    key_id UUID REFERENCES keys (id),
    action TEXT NOT NULL,
    subject_id UUID NOT NULL,
    reason TEXT,
    acted_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX staff_actions_by_subject ON staff_actions (subject_id);

-- The ledger: every revision of every report. All counters can be recounted from it.
CREATE TABLE report_revisions (
    report_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    edition_id UUID NOT NULL REFERENCES editions (id),
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    state TEXT NOT NULL,
    channel TEXT NOT NULL,
    author TEXT NOT NULL,
    late BOOLEAN NOT NULL,
    test BOOLEAN NOT NULL,
    country TEXT,
    region TEXT,
    -- As it was said, where the place of counting follows from the section.
    said_country TEXT,
    people INTEGER,
    written_on TEXT,
    note TEXT,
    lines TEXT NOT NULL,
    reason TEXT,
    received_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ,
    decision_reason TEXT,
    secret_hash TEXT NOT NULL,
    PRIMARY KEY (report_id, revision)
);
CREATE INDEX report_revisions_held ON report_revisions (campaign_id, report_id) WHERE state = 'HELD';

-- Idempotency keys, by their hash: the content they came with and what they led to.
CREATE TABLE ledger_keys (
    key_hash TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    report_id UUID NOT NULL,
    revision INTEGER NOT NULL
);

-- The counters. They always equal a recount of the ledger.
CREATE TABLE tally_cells (
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    case_id UUID NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    late BIGINT NOT NULL,
    PRIMARY KEY (edition_id, section_id, country, region, case_id, kind, channel)
);

CREATE TABLE tally_heads (
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    channel TEXT NOT NULL,
    people BIGINT NOT NULL,
    reports BIGINT NOT NULL,
    PRIMARY KEY (edition_id, section_id, country, region, channel)
);

-- What the world total was at each version.
CREATE TABLE edition_versions (
    edition_id UUID NOT NULL REFERENCES editions (id),
    version BIGINT NOT NULL,
    committed_at TIMESTAMPTZ NOT NULL,
    letters BIGINT NOT NULL,
    actions BIGINT NOT NULL,
    late BIGINT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (edition_id, version)
);
CREATE INDEX edition_versions_by_time ON edition_versions (edition_id, committed_at);

-- Whether the counters equalled the ledger when they were last compared.
CREATE TABLE recounts (
    edition_id UUID PRIMARY KEY REFERENCES editions (id),
    version BIGINT NOT NULL,
    matches BOOLEAN NOT NULL,
    checked_at TIMESTAMPTZ NOT NULL
);
