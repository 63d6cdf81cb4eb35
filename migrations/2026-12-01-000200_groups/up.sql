-- Groups that write together, and their reports. Processes of the versions before would count the reports of groups as
-- those of persons, so they write nothing any more.
UPDATE catalogue SET oldest_writer = '20261201000200';

CREATE TABLE groups (
    id UUID PRIMARY KEY,
    edition_id UUID NOT NULL REFERENCES editions (id),
    section_id UUID NOT NULL REFERENCES sections (id),
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    -- The group that it is a part of.
    parent_id UUID,
    -- The event that it writes at, itself or with the groups above it.
    event_id UUID REFERENCES events (id),
    depth SMALLINT NOT NULL,
    -- The same group in an earlier campaign.
    previous_id UUID,
    kind TEXT NOT NULL,
    -- Whether it stands in the lists of its campaign: approved, and of no event and no other group.
    is_listed BOOLEAN NOT NULL,
    review_pending BOOLEAN NOT NULL,
    size INTEGER,
    letters BIGINT NOT NULL,
    letters_per_thousand BIGINT NOT NULL,
    content TEXT NOT NULL,
    approved_name TEXT,
    rejection_reason TEXT,
    secret_hash TEXT NOT NULL,
    report_id UUID,
    tally TEXT NOT NULL,
    registered_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL
);
CREATE INDEX groups_of_edition ON groups (edition_id);
CREATE INDEX groups_of_parent ON groups (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX groups_of_event ON groups (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX groups_by_secret ON groups (secret_hash);
CREATE INDEX groups_by_letters ON groups (campaign_id, letters DESC, id) WHERE is_listed;
CREATE INDEX groups_by_letters_per_thousand ON groups (campaign_id, letters_per_thousand DESC, id) WHERE is_listed;
CREATE INDEX groups_to_review ON groups (section_id, updated_at, id) WHERE review_pending;

-- The group whose report it is.
ALTER TABLE report_revisions ADD COLUMN group_id UUID;
CREATE INDEX reports_of_group ON report_revisions (group_id) WHERE group_id IS NOT NULL;

-- What a group counted from an instant on, after each change.
CREATE TABLE group_versions (
    group_id UUID NOT NULL,
    committed_at TIMESTAMPTZ NOT NULL,
    letters BIGINT NOT NULL,
    actions BIGINT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (group_id, committed_at)
);
