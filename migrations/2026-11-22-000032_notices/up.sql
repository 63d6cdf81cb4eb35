-- Whom or what a notice is about: what waits is dropped when that is erased.
ALTER TABLE outbox ADD COLUMN subject_id UUID;
CREATE INDEX outbox_waiting_about ON outbox (subject_id) WHERE ended_at IS NULL;

-- Events whose organizer was asked for the report: once.
CREATE TABLE report_reminders (
    event_id UUID PRIMARY KEY REFERENCES events (id),
    put_at TIMESTAMPTZ NOT NULL
);

-- Nobody could subscribe before; who is told what is kept in another way now.
DROP TABLE tellings;
DROP TABLE subscriptions;

-- Each update of an urgent action, from the moment at which it was news.
CREATE TABLE urgent_action_news (
    -- The order in which they came up, decided in the transaction and not by a clock.
    number BIGINT PRIMARY KEY,
    action_id UUID NOT NULL REFERENCES urgent_actions (id),
    update_number INTEGER NOT NULL,
    found_at TIMESTAMPTZ NOT NULL,
    UNIQUE (action_id, update_number)
);

-- Who wants to hear of urgent actions. An ended subscription leaves nothing behind.
CREATE TABLE subscriptions (
    id UUID PRIMARY KEY,
    -- As addresses are compared: families share one, and nobody's box is filled.
    email_folded TEXT NOT NULL,
    -- The hash of the secret that confirms and manages it.
    secret_hash TEXT NOT NULL UNIQUE,
    -- The hash of the token in each message that ends it and can do no more.
    end_hash TEXT NOT NULL UNIQUE,
    frequency TEXT NOT NULL,
    -- All that was said when it was asked for.
    content TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    -- NULL until whoever reads mail at the address has said yes.
    confirmed_at TIMESTAMPTZ,
    -- The last news that was told, or that there was no need to tell.
    heard BIGINT NOT NULL,
    -- When the next digest is due, for those who want one.
    digest_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL
);
CREATE INDEX subscriptions_by_email ON subscriptions (email_folded, asked_at);
CREATE INDEX subscriptions_asked ON subscriptions (asked_at) WHERE confirmed_at IS NULL;
CREATE INDEX subscriptions_behind ON subscriptions (frequency, heard, id) WHERE confirmed_at IS NOT NULL;
CREATE INDEX subscriptions_due ON subscriptions (frequency, digest_at, id) WHERE confirmed_at IS NOT NULL;
