-- Statements, origins other than events, and ways are lost. Where statements were counted, `w4r recount --repair` has
-- to follow.
DROP TABLE statements;

CREATE TABLE total_headcounts_by_channel (
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    channel TEXT NOT NULL,
    people BIGINT NOT NULL,
    reports BIGINT NOT NULL,
    pending_review BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (edition_id, section_id, country, region, channel)
);
INSERT INTO total_headcounts_by_channel
    SELECT edition_id, section_id, country, region, CASE origin WHEN 'EVENT' THEN 'EVENT' ELSE 'INDIVIDUAL' END,
        SUM(people), SUM(reports), SUM(pending_review)
    FROM total_headcounts
    GROUP BY edition_id, section_id, country, region, CASE origin WHEN 'EVENT' THEN 'EVENT' ELSE 'INDIVIDUAL' END;
DROP TABLE total_headcounts;
ALTER TABLE total_headcounts_by_channel RENAME TO total_headcounts;

CREATE TABLE total_counts_by_channel (
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    case_id UUID NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    late BIGINT NOT NULL,
    pending_review BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (edition_id, section_id, country, region, case_id, kind, channel)
);
INSERT INTO total_counts_by_channel
    SELECT edition_id, section_id, country, region, case_id, kind,
        CASE origin WHEN 'EVENT' THEN 'EVENT' ELSE 'INDIVIDUAL' END,
        SUM(quantity), SUM(late), SUM(pending_review)
    FROM total_counts WHERE counted_from = 'REPORT'
    GROUP BY edition_id, section_id, country, region, case_id, kind,
        CASE origin WHEN 'EVENT' THEN 'EVENT' ELSE 'INDIVIDUAL' END;
DROP TABLE total_counts;
ALTER TABLE total_counts_by_channel RENAME TO total_counts;

UPDATE events SET tally = replace(
    replace(tally, '"origin":"EVENT"', '"channel":"EVENT"'), '"origin":"PERSON"', '"channel":"INDIVIDUAL"'
) WHERE tally IS NOT NULL;

ALTER TABLE report_revisions ADD COLUMN channel TEXT NOT NULL DEFAULT 'INDIVIDUAL';
UPDATE report_revisions SET channel = 'EVENT' WHERE origin = 'EVENT';
ALTER TABLE report_revisions DROP COLUMN way;
ALTER TABLE report_revisions DROP COLUMN origin;

UPDATE catalogue SET oldest_writer = '20261201000130';
