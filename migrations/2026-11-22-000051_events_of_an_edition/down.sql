DROP INDEX events_listed_of;
