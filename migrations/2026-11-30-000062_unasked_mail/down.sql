ALTER TABLE attendances DROP COLUMN vouched;
DROP INDEX unasked_mail_by_hour;
DROP TABLE unasked_mail;
