-- Figures of sections and cases stay, as figures of the edition.
ALTER TABLE published_figures DROP COLUMN case_id;
ALTER TABLE published_figures DROP COLUMN section_id;
