-- Events and what belongs to them. Every change raises the one revision, in its first statement.
CREATE TABLE gatherings (
    id SMALLINT PRIMARY KEY CHECK (id = 1),
    revision BIGINT NOT NULL
);
INSERT INTO gatherings (id, revision) VALUES (1, 0);

CREATE TABLE events (
    id UUID PRIMARY KEY,
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    state TEXT NOT NULL,
    state_reason TEXT,
    review_pending BOOLEAN NOT NULL,
    -- Whether it stands in the lists that everyone reads. What follows is what such lists filter and
    -- order by, so none of it says more than everyone may know.
    listed BOOLEAN NOT NULL,
    format TEXT NOT NULL,
    venue_kind TEXT NOT NULL,
    -- The first instant of its first session, and the first one after its last.
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    country TEXT,
    region TEXT,
    -- Millionths of a degree, coarse where the exact place is not for everyone.
    latitude INTEGER,
    longitude INTEGER,
    -- With a space before and after each.
    languages TEXT NOT NULL,
    search_text TEXT NOT NULL,
    capacity INTEGER,
    -- How many people have a place.
    going INTEGER NOT NULL,
    -- All that its organizer says of it.
    content TEXT NOT NULL,
    copied_from UUID,
    secret_hash TEXT NOT NULL,
    registered_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL
);
CREATE INDEX events_listed ON events (starts_at, id) WHERE listed;
CREATE INDEX events_listed_in ON events (edition_id, section_id, starts_at, id) WHERE listed;
CREATE INDEX events_near ON events (latitude, longitude) WHERE listed;
CREATE INDEX events_to_review ON events (changed_at, id) WHERE review_pending;

-- The days of each event's sessions, in its own zone, for lists by date.
CREATE TABLE event_sessions (
    event_id UUID NOT NULL REFERENCES events (id),
    starts_at TIMESTAMPTZ NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    PRIMARY KEY (event_id, starts_at)
);
CREATE INDEX event_sessions_by_day ON event_sessions (ends_on, starts_on);

-- Idempotency keys of what was registered, by their hash: the content they came with and what they
-- led to.
CREATE TABLE registration_keys (
    key_hash TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    subject_id UUID NOT NULL
);

-- A key of one section's staff; without a section it is an administrator's.
ALTER TABLE keys ADD COLUMN section_id UUID;

-- Whether staff review what organizers say of an event before everyone sees it, and whether its
-- sessions have to lie within the days of the campaign.
ALTER TABLE campaigns ADD COLUMN reviews_events BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE campaigns ADD COLUMN bounds_events BOOLEAN NOT NULL DEFAULT TRUE;

-- Who acted, where it was not staff: an organizer has no key.
ALTER TABLE staff_actions ADD COLUMN actor TEXT NOT NULL DEFAULT 'STAFF';
