-- The content of an event has the numbers of its sessions, by which calendars know them. Content without numbers
-- has those of the positions, as calendars have them already, so no row changes. Processes of the versions before
-- would drop the numbers of an event that they change, so they write nothing any more.
UPDATE catalogue SET oldest_writer = '20261130000085';
