-- What there is to download or order; a part of the catalogue.
CREATE TABLE resources (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    edition_id UUID REFERENCES editions (id),
    case_id UUID REFERENCES cases (id),
    language TEXT NOT NULL,
    audience TEXT NOT NULL,
    url TEXT NOT NULL,
    -- As its makers call it.
    version TEXT,
    state TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL
);
