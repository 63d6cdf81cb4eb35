-- The commit that raised a number last. Before and after a restore the same number can be reached by two commits;
-- what a process holds in memory is of the database only while number and commit are the same.
ALTER TABLE catalogue ADD COLUMN commit_id UUID;
ALTER TABLE gatherings ADD COLUMN commit_id UUID;
ALTER TABLE editions ADD COLUMN commit_id UUID;

-- The step that a process has to know before it may write; NULL where every version may.
ALTER TABLE catalogue ADD COLUMN oldest_writer TEXT;

-- When each process last committed a write of its own making, to know that it can.
CREATE TABLE heartbeats (
    process_id UUID PRIMARY KEY,
    beat_at TIMESTAMPTZ NOT NULL
);
