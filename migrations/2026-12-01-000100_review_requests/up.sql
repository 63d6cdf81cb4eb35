-- When what waits for review was handed in, by which the queue of staff is ordered. What waits already has the instant
-- of its last change. From now on an event that was rejected may have attendances and reports, which processes of the
-- versions before would try to delete with it, so they write nothing any more.
UPDATE catalogue SET oldest_writer = '20261201000100';
ALTER TABLE events ADD COLUMN review_requested_at TIMESTAMPTZ;
UPDATE events SET review_requested_at = updated_at WHERE review_pending;
DROP INDEX events_to_review;
CREATE INDEX events_to_review ON events (review_requested_at, id) WHERE review_pending;
