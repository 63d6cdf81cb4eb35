-- Milestones of editions and campaigns; the nil section is the whole edition. A process of the version before counts past
-- them; the next commit of this version records them then.
CREATE TABLE milestones (
    id UUID PRIMARY KEY,
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL,
    unit TEXT NOT NULL,
    threshold BIGINT NOT NULL,
    title TEXT,
    is_hidden BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    withdrawn_at TIMESTAMPTZ
);

-- The commit that reached each. A row is never changed.
CREATE TABLE reached_milestones (
    milestone_id UUID PRIMARY KEY REFERENCES milestones (id),
    edition_id UUID NOT NULL REFERENCES editions (id),
    version BIGINT NOT NULL,
    reached_at TIMESTAMPTZ NOT NULL,
    quantity BIGINT NOT NULL
);
CREATE INDEX reached_milestones_by_edition ON reached_milestones (edition_id, version);
