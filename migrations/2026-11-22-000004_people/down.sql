DROP INDEX registration_keys_by_subject;
DROP TABLE person_secrets;
DROP TABLE attendances;
DROP TABLE participants;
ALTER TABLE events DROP COLUMN waiting;
