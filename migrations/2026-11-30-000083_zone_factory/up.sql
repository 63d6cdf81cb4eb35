-- `Factory` is the name of a missing zone, which is no longer accepted. Its clock is that of UTC, so that no instant
-- changes.
UPDATE events SET content = REPLACE(content, '"zone":"Factory"', '"zone":"Etc/UTC"')
    WHERE content LIKE '%"zone":"Factory"%';
UPDATE outbox SET content = REPLACE(content, '"zone":"Factory"', '"zone":"Etc/UTC"')
    WHERE content LIKE '%"zone":"Factory"%';
UPDATE sections SET zone = 'Etc/UTC' WHERE zone = 'Factory';
UPDATE campaigns SET zone = 'Etc/UTC' WHERE zone = 'Factory';
UPDATE urgent_actions SET zone = 'Etc/UTC' WHERE zone = 'Factory';
