-- Reports that came with a file have no secret: the keys of a file are no secrets, and their secrets were worked out
-- from these. They are what staff reported without a word of it in the log, where each file is noted once. No text
-- has this hash.
UPDATE report_revisions SET secret_hash = '0000000000000000000000000000000000000000000000000000000000000000'
WHERE report_id IN (
    SELECT submitted.report_id FROM report_revisions AS submitted
    WHERE submitted.revision = 1 AND submitted.author = 'STAFF' AND NOT EXISTS (
        SELECT 1 FROM staff_actions AS noted
        WHERE noted.subject_id = submitted.report_id AND noted.action = 'reportSubmit'
    )
);
