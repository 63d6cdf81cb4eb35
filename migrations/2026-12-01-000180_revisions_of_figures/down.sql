-- Earlier revisions of published figures are lost.
DROP TABLE replaced_figures;
ALTER TABLE published_figures DROP COLUMN published_at;
ALTER TABLE published_figures DROP COLUMN reason;
ALTER TABLE published_figures DROP COLUMN revision;
ALTER TABLE published_figures DROP COLUMN number;
UPDATE catalogue SET oldest_writer = '20261201000170';
