-- What was approved of an event, as JSON; `content` is the latest that its organizer says. A process of the
-- version before goes on writing `content` alone: what it writes while a review is pending is not for
-- everyone then. What stands in the events of the version before is what everyone reads of them already; all
-- of it is taken over as it is, and what waits for review still waits.
ALTER TABLE events ADD COLUMN approved TEXT;
UPDATE events SET approved = content WHERE state IN ('APPROVED', 'HELD', 'REPORTED');
-- The reason of a cancellation as well: a claim before all others in the same JSON object.
UPDATE events SET approved = '{"reason_approved":true,' || SUBSTR(content, 2) WHERE state = 'CANCELLED';
