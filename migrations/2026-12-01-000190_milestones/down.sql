-- Milestones are lost.
DROP TABLE reached_milestones;
DROP TABLE milestones;
