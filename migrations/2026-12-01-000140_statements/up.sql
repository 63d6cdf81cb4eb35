-- Who handed a quantity in, and how it was collected, in place of the channel. Processes of the versions before write
-- nothing any more.
UPDATE catalogue SET oldest_writer = '20261201000140';

ALTER TABLE report_revisions ADD COLUMN origin TEXT;
ALTER TABLE report_revisions ADD COLUMN way TEXT;
UPDATE report_revisions SET origin = CASE channel WHEN 'EVENT' THEN 'EVENT' ELSE 'PERSON' END;
ALTER TABLE report_revisions DROP COLUMN channel;

UPDATE events SET tally = replace(
    replace(tally, '"channel":"EVENT"', '"origin":"EVENT"'), '"channel":"INDIVIDUAL"', '"origin":"PERSON"'
) WHERE tally IS NOT NULL;

-- The counters with both dimensions. What awaits review is of no origin: it was not reviewed.
CREATE TABLE total_counts_by_origin (
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    case_id UUID NOT NULL,
    kind TEXT NOT NULL,
    origin TEXT NOT NULL,
    way TEXT NOT NULL,
    -- Whether it is counted from reports or from statements.
    counted_from TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    late BIGINT NOT NULL,
    pending_review BIGINT NOT NULL,
    PRIMARY KEY (edition_id, section_id, country, region, case_id, kind, origin, way, counted_from)
);
INSERT INTO total_counts_by_origin
    SELECT edition_id, section_id, country, region, case_id, kind,
        CASE channel WHEN 'EVENT' THEN 'EVENT' ELSE 'PERSON' END, '', 'REPORT', quantity, late, 0
    FROM total_counts WHERE quantity <> 0 OR late <> 0;
INSERT INTO total_counts_by_origin
    SELECT edition_id, section_id, country, region, case_id, kind, '', '', 'REPORT', 0, 0, pending_review
    FROM total_counts WHERE pending_review <> 0;
DROP TABLE total_counts;
ALTER TABLE total_counts_by_origin RENAME TO total_counts;

CREATE TABLE total_headcounts_by_origin (
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    origin TEXT NOT NULL,
    people BIGINT NOT NULL,
    reports BIGINT NOT NULL,
    pending_review BIGINT NOT NULL,
    PRIMARY KEY (edition_id, section_id, country, region, origin)
);
INSERT INTO total_headcounts_by_origin
    SELECT edition_id, section_id, country, region, CASE channel WHEN 'EVENT' THEN 'EVENT' ELSE 'PERSON' END,
        people, reports, 0
    FROM total_headcounts WHERE people <> 0 OR reports <> 0;
INSERT INTO total_headcounts_by_origin
    SELECT edition_id, section_id, country, region, '', 0, 0, pending_review
    FROM total_headcounts WHERE pending_review <> 0;
DROP TABLE total_headcounts;
ALTER TABLE total_headcounts_by_origin RENAME TO total_headcounts;

-- Figures that sections, partners and the Secretariat state for themselves, with all their revisions.
CREATE TABLE statements (
    id UUID PRIMARY KEY,
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    country TEXT,
    extent TEXT NOT NULL,
    case_id UUID,
    kind TEXT NOT NULL,
    way TEXT,
    origin TEXT NOT NULL,
    revisions TEXT NOT NULL,
    withdrawn_at TIMESTAMPTZ
);
