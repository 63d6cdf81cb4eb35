-- Tables, columns and states by the terms that the code and the schema use. Nothing is stored that was not before.
-- The version before knows none of these names: it may neither write nor read any more.
UPDATE catalogue SET oldest_writer = '20261130000090';

ALTER TABLE gatherings RENAME TO event_revision;
ALTER TABLE tally_cells RENAME TO total_counts;
ALTER TABLE tally_heads RENAME TO total_headcounts;
ALTER TABLE keys RENAME TO staff_keys;
ALTER TABLE staff_actions RENAME TO audit_log;
ALTER TABLE person_secrets RENAME TO access_tokens;
ALTER TABLE calendars RENAME TO calendar_tokens;

ALTER TABLE access_tokens RENAME COLUMN mailed TO from_email;
ALTER TABLE calendar_tokens RENAME COLUMN mailed TO from_email;
ALTER TABLE total_counts RENAME COLUMN held TO pending_review;
ALTER TABLE total_headcounts RENAME COLUMN held TO pending_review;
ALTER TABLE report_budgets RENAME COLUMN held TO pending_review;
ALTER TABLE events RENAME COLUMN listed TO is_listed;
ALTER TABLE events RENAME COLUMN evening TO tally;
ALTER TABLE events RENAME COLUMN going TO attending;
ALTER TABLE events RENAME COLUMN waiting TO waitlisted;
ALTER TABLE events RENAME COLUMN changed_at TO updated_at;
ALTER TABLE report_revisions RENAME COLUMN late TO is_late;
ALTER TABLE report_revisions RENAME COLUMN test TO is_test;
ALTER TABLE report_revisions RENAME COLUMN host TO by_host;
ALTER TABLE report_revisions RENAME COLUMN said_country TO reported_country;
ALTER TABLE report_revisions RENAME COLUMN note TO staff_note;
ALTER TABLE report_revisions RENAME COLUMN held_for TO review_reason;
ALTER TABLE subscriptions RENAME COLUMN end_hash TO unsubscribe_hash;
ALTER TABLE subscriptions RENAME COLUMN heard TO last_news_number;
ALTER TABLE subscriptions RENAME COLUMN asked_at TO requested_at;
ALTER TABLE subscriptions RENAME COLUMN changed_at TO updated_at;
ALTER TABLE outbox RENAME COLUMN trouble TO last_error;
ALTER TABLE outbox RENAME COLUMN put_at TO enqueued_at;
ALTER TABLE report_reminders RENAME COLUMN put_at TO enqueued_at;
ALTER TABLE attendances RENAME COLUMN number TO position;
ALTER TABLE attendances RENAME COLUMN guest TO person;
ALTER TABLE attendances RENAME COLUMN changed_at TO updated_at;
ALTER TABLE participants RENAME COLUMN changed_at TO updated_at;
ALTER TABLE cases RENAME COLUMN changed_at TO updated_at;
ALTER TABLE resources RENAME COLUMN changed_at TO updated_at;
ALTER TABLE urgent_actions RENAME COLUMN changed_at TO updated_at;

-- `HELD` was the state of events that took place and of reports that await review.
UPDATE events SET state = 'COMPLETED' WHERE state = 'HELD';
UPDATE report_revisions SET state = 'PENDING_REVIEW' WHERE state = 'HELD';
UPDATE moderated_revisions SET state = 'PENDING_REVIEW' WHERE state = 'HELD';
UPDATE moderations SET selection = REPLACE(selection, '"state":"HELD"', '"state":"PENDING_REVIEW"');
DROP INDEX report_revisions_held;
CREATE INDEX report_revisions_pending_review ON report_revisions (campaign_id, report_id) WHERE state = 'PENDING_REVIEW';
DROP INDEX events_over;
CREATE INDEX events_over ON events (ends_at, id) WHERE state IN ('APPROVED', 'COMPLETED');

-- The audit log names each act as the schema does.
UPDATE audit_log SET action = 'editionUpdate' WHERE action = 'editionChange';
UPDATE audit_log SET action = 'sectionUpdate' WHERE action = 'sectionChange';
UPDATE audit_log SET action = 'campaignUpdate' WHERE action = 'campaignChange';
UPDATE audit_log SET action = 'caseUpdate' WHERE action = 'caseChange';
UPDATE audit_log SET action = 'eventUpdate' WHERE action = 'eventChange';
UPDATE audit_log SET action = 'participantUpdate' WHERE action = 'participantChange';
UPDATE audit_log SET action = 'resourceUpdate' WHERE action = 'resourceChange';
UPDATE audit_log SET action = 'urgentActionSubscriptionUpdate' WHERE action = 'urgentActionSubscriptionChange';
UPDATE audit_log SET action = 'eventComplete' WHERE action = 'eventHold';
UPDATE audit_log SET action = 'pledgeRelease' WHERE action = 'goalRelease';

-- What the organizer asks for and tells staff, in the JSON of an event. A quotation mark of a text is escaped there.
UPDATE events SET content = REPLACE(REPLACE(content, '"kit":', '"materials":'), '"note":', '"staff_note":');
UPDATE moderations SET selected = REPLACE(selected, '"held":', '"pending_review":');
