-- The version of the forms in which names and texts are stored for comparison: `name_folded` of participants and
-- attendances, `search_text` and `languages` of events. NULL are those of the version before. They are computed by
-- the service, which makes them anew behind this migration and after each change of their version.
ALTER TABLE catalogue ADD COLUMN stored_forms TEXT;
-- A process of the version before would store forms that are no longer found.
UPDATE catalogue SET oldest_writer = '20261130000081';
