-- When a guest showed that the address of their place is theirs. A process of the version before leaves it
-- as it is: the places that it gives are not proved.
ALTER TABLE attendances ADD COLUMN confirmed_at TIMESTAMPTZ;
