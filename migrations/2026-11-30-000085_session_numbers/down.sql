-- The numbers in the content of events are left behind; the version before takes no notice of them.
UPDATE catalogue SET oldest_writer = '20261130000080';
