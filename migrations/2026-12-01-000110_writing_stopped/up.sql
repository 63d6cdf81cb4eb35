-- Since when people are asked not to write for a case: letters written before still count. The audit log knows it of
-- the cases that are suspended or closed today; for the others it stays unknown, and only staff enter their letters.
ALTER TABLE cases ADD COLUMN writing_stopped_at TIMESTAMPTZ;
UPDATE cases SET writing_stopped_at = (
    SELECT MIN(stop.acted_at) FROM audit_log stop
    WHERE stop.subject_id = cases.id AND stop.action IN ('caseSuspend', 'caseClose') AND NOT EXISTS (
        SELECT 1 FROM audit_log resumed
        WHERE resumed.subject_id = cases.id AND resumed.action = 'caseResume' AND resumed.acted_at > stop.acted_at
    )
) WHERE state IN ('SUSPENDED', 'CLOSED', 'ARCHIVED');
