DROP INDEX events_by_secret;
DROP TABLE calendars;
