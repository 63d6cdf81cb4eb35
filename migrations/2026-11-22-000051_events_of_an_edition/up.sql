-- The next events of an edition, in every section: without it all of them are sorted for each page.
CREATE INDEX events_listed_of ON events (edition_id, starts_at, id) WHERE listed;
