DROP INDEX events_by_state;
DROP INDEX report_revisions_of_attendances;
DROP INDEX report_revisions_of_participants;
ALTER TABLE report_revisions DROP COLUMN attendance_id;
