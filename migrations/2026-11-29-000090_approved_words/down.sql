-- The latest content stays, and whether it waits for review.
ALTER TABLE events DROP COLUMN approved;
