-- Totals that staff have certified, with their canonical rows; the nil section is the whole edition. Processes of the
-- version before would correct such a total without saying so, so they write nothing any more.
UPDATE catalogue SET oldest_writer = '20261201000150';

CREATE TABLE certifications (
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL,
    version BIGINT NOT NULL,
    hash TEXT NOT NULL,
    certified_at TIMESTAMPTZ NOT NULL,
    snapshot TEXT NOT NULL,
    PRIMARY KEY (edition_id, section_id)
);

-- What changed in a section after that, and why.
CREATE TABLE corrections (
    edition_id UUID NOT NULL REFERENCES editions (id),
    version BIGINT NOT NULL,
    section_id UUID NOT NULL REFERENCES sections (id),
    reason TEXT NOT NULL,
    corrected_at TIMESTAMPTZ NOT NULL,
    letters_before BIGINT NOT NULL,
    actions_before BIGINT NOT NULL,
    letters_after BIGINT NOT NULL,
    actions_after BIGINT NOT NULL,
    PRIMARY KEY (edition_id, version, section_id)
);
