-- How much mail went to an address, hour by hour, that nobody asked for who showed that it is theirs. By a hash, and
-- for a day: then it is forgotten.
CREATE TABLE unasked_mail (
    address_hash TEXT NOT NULL,
    -- Hours since 1970.
    hour BIGINT NOT NULL,
    mails INTEGER NOT NULL,
    PRIMARY KEY (address_hash, hour)
);
CREATE INDEX unasked_mail_by_hour ON unasked_mail (hour);

-- Whether staff or the organizer of the event gave a place to somebody: it does not lapse. Guests who have
-- a place already were never asked to confirm anything, and keep it. What a process of the version before gives can lapse.
ALTER TABLE attendances ADD COLUMN vouched BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE attendances SET vouched = TRUE;
