-- When whoever has a place at an event showed that its address is theirs. A process of the version before leaves it
-- as it is: the places that it gives are not proved.
ALTER TABLE attendances ADD COLUMN confirmed_at TIMESTAMPTZ;
