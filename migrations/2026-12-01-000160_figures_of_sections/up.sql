-- A published figure may be of one section or of one case. The version before replaces figures without both.
ALTER TABLE published_figures ADD COLUMN section_id UUID;
ALTER TABLE published_figures ADD COLUMN case_id UUID;
