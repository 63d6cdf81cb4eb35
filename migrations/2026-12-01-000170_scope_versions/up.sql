-- The total of each section, of each case, and of each case in each section, at each version that changed it. Processes of
-- the version before would leave versions out, so they write nothing any more.
UPDATE catalogue SET oldest_writer = '20261201000170';

-- The body is the section, or the nil UUID for all of them; the case is the nil UUID for all cases together. The key is
-- in the order in which a history is read: the last row at an instant is one step in its index. There is no reference
-- to the edition, because it would be looked up for each row, and an edition is never deleted.
CREATE TABLE scope_versions (
    edition_id UUID NOT NULL,
    body_id UUID NOT NULL,
    case_id UUID NOT NULL,
    committed_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    letters BIGINT NOT NULL,
    actions BIGINT NOT NULL,
    late BIGINT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (edition_id, body_id, case_id, committed_at, version)
);

-- Since when they are recorded; NULL is since the first report. What an edition has already is entered at its last
-- version by the service, when it starts.
ALTER TABLE editions ADD COLUMN scopes_recorded_since TIMESTAMPTZ;
UPDATE editions SET scopes_recorded_since = (
    SELECT committed_at FROM edition_versions
    WHERE edition_versions.edition_id = editions.id AND edition_versions.version = editions.version
);
