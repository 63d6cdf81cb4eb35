-- Certifications and corrections are lost.
DROP TABLE corrections;
DROP TABLE certifications;
UPDATE catalogue SET oldest_writer = '20261201000140';
