-- The instants of the requests are lost. Events that were rejected after their approval stay as they are.
UPDATE catalogue SET oldest_writer = '20261130000090';
DROP INDEX events_to_review;
CREATE INDEX events_to_review ON events (updated_at, id) WHERE review_pending;
ALTER TABLE events DROP COLUMN review_requested_at;
