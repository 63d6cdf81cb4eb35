-- When a guest showed that the address of their place is theirs. A process of the version before leaves it
-- as it is: the places that it gives are not proved.
ALTER TABLE attendances ADD COLUMN confirmed_at TIMESTAMPTZ;

-- Whether the address of a calendar was given to somebody who had read the mail. One that a process of the version
-- before gives is taken for one of the person who typed the address.
ALTER TABLE calendars ADD COLUMN mailed BOOLEAN NOT NULL DEFAULT FALSE;
