-- The log ends: its head, its salts and the key that the service made are lost.
DROP TABLE report_log_subtrees;
DROP TABLE report_log_leaves;
DROP TABLE report_log;
UPDATE catalogue SET oldest_writer = '20261201000120';
