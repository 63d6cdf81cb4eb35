-- The newest release of the time zone database by which instants of sessions were worked out, such as `2026f`; the
-- empty text before the first. A process with older rules leaves instants as they are.
CREATE TABLE zone_data (
    id SMALLINT PRIMARY KEY,
    version TEXT NOT NULL
);
INSERT INTO zone_data (id, version) VALUES (1, '');
