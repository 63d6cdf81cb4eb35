UPDATE catalogue SET oldest_writer = '20261130000085';

UPDATE moderations SET selected = REPLACE(selected, '"pending_review":', '"held":');
UPDATE events SET content = REPLACE(REPLACE(content, '"materials":', '"kit":'), '"staff_note":', '"note":');

UPDATE audit_log SET action = 'editionChange' WHERE action = 'editionUpdate';
UPDATE audit_log SET action = 'sectionChange' WHERE action = 'sectionUpdate';
UPDATE audit_log SET action = 'campaignChange' WHERE action = 'campaignUpdate';
UPDATE audit_log SET action = 'caseChange' WHERE action = 'caseUpdate';
UPDATE audit_log SET action = 'eventChange' WHERE action = 'eventUpdate';
UPDATE audit_log SET action = 'participantChange' WHERE action = 'participantUpdate';
UPDATE audit_log SET action = 'resourceChange' WHERE action = 'resourceUpdate';
UPDATE audit_log SET action = 'urgentActionSubscriptionChange' WHERE action = 'urgentActionSubscriptionUpdate';
UPDATE audit_log SET action = 'eventHold' WHERE action = 'eventComplete';
UPDATE audit_log SET action = 'goalRelease' WHERE action = 'pledgeRelease';

UPDATE events SET state = 'HELD' WHERE state = 'COMPLETED';
UPDATE report_revisions SET state = 'HELD' WHERE state = 'PENDING_REVIEW';
UPDATE moderated_revisions SET state = 'HELD' WHERE state = 'PENDING_REVIEW';
UPDATE moderations SET selection = REPLACE(selection, '"state":"PENDING_REVIEW"', '"state":"HELD"');
DROP INDEX report_revisions_pending_review;
CREATE INDEX report_revisions_held ON report_revisions (campaign_id, report_id) WHERE state = 'HELD';
DROP INDEX events_over;
CREATE INDEX events_over ON events (ends_at, id) WHERE state IN ('APPROVED', 'HELD');

ALTER TABLE urgent_actions RENAME COLUMN updated_at TO changed_at;
ALTER TABLE resources RENAME COLUMN updated_at TO changed_at;
ALTER TABLE cases RENAME COLUMN updated_at TO changed_at;
ALTER TABLE participants RENAME COLUMN updated_at TO changed_at;
ALTER TABLE attendances RENAME COLUMN updated_at TO changed_at;
ALTER TABLE attendances RENAME COLUMN person TO guest;
ALTER TABLE attendances RENAME COLUMN position TO number;
ALTER TABLE report_reminders RENAME COLUMN enqueued_at TO put_at;
ALTER TABLE outbox RENAME COLUMN enqueued_at TO put_at;
ALTER TABLE outbox RENAME COLUMN last_error TO trouble;
ALTER TABLE subscriptions RENAME COLUMN updated_at TO changed_at;
ALTER TABLE subscriptions RENAME COLUMN requested_at TO asked_at;
ALTER TABLE subscriptions RENAME COLUMN last_news_number TO heard;
ALTER TABLE subscriptions RENAME COLUMN unsubscribe_hash TO end_hash;
ALTER TABLE report_revisions RENAME COLUMN review_reason TO held_for;
ALTER TABLE report_revisions RENAME COLUMN staff_note TO note;
ALTER TABLE report_revisions RENAME COLUMN reported_country TO said_country;
ALTER TABLE report_revisions RENAME COLUMN by_host TO host;
ALTER TABLE report_revisions RENAME COLUMN is_test TO test;
ALTER TABLE report_revisions RENAME COLUMN is_late TO late;
ALTER TABLE events RENAME COLUMN updated_at TO changed_at;
ALTER TABLE events RENAME COLUMN waitlisted TO waiting;
ALTER TABLE events RENAME COLUMN attending TO going;
ALTER TABLE events RENAME COLUMN tally TO evening;
ALTER TABLE events RENAME COLUMN is_listed TO listed;
ALTER TABLE calendar_tokens RENAME COLUMN from_email TO mailed;
ALTER TABLE access_tokens RENAME COLUMN from_email TO mailed;

ALTER TABLE report_budgets RENAME COLUMN pending_review TO held;
ALTER TABLE total_headcounts RENAME COLUMN pending_review TO held;
ALTER TABLE total_counts RENAME COLUMN pending_review TO held;

ALTER TABLE calendar_tokens RENAME TO calendars;
ALTER TABLE access_tokens RENAME TO person_secrets;
ALTER TABLE audit_log RENAME TO staff_actions;
ALTER TABLE staff_keys RENAME TO keys;
ALTER TABLE total_headcounts RENAME TO tally_heads;
ALTER TABLE total_counts RENAME TO tally_cells;
ALTER TABLE event_revision RENAME TO gatherings;
