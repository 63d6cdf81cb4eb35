ALTER TABLE staff_actions DROP COLUMN actor;
ALTER TABLE campaigns DROP COLUMN bounds_events;
ALTER TABLE campaigns DROP COLUMN reviews_events;
ALTER TABLE keys DROP COLUMN section_id;
DROP TABLE registration_keys;
DROP TABLE event_sessions;
DROP TABLE events;
DROP TABLE gatherings;
