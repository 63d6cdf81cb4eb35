-- Published figures have revisions. Processes of the version before would replace figures without keeping them, so they
-- write nothing any more.
UPDATE catalogue SET oldest_writer = '20261201000180';
ALTER TABLE published_figures ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
UPDATE published_figures SET number = position + 1;
ALTER TABLE published_figures ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE published_figures ADD COLUMN reason TEXT;
-- NULL: before it was recorded.
ALTER TABLE published_figures ADD COLUMN published_at TIMESTAMPTZ;

-- Revisions that were replaced or withdrawn, as JSON, in the order in which they were.
CREATE TABLE replaced_figures (
    edition_id UUID NOT NULL REFERENCES editions (id),
    position INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (edition_id, position)
);
