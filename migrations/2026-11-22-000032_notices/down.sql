DROP TABLE subscriptions;
DROP TABLE urgent_action_news;
DROP TABLE report_reminders;
DROP INDEX outbox_waiting_about;
ALTER TABLE outbox DROP COLUMN subject_id;
-- Who wants to hear of them. An ended subscription leaves nothing behind.
CREATE TABLE subscriptions (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL,
    -- As addresses are compared.
    email_folded TEXT NOT NULL,
    -- The hash of the secret that manages it.
    secret_hash TEXT NOT NULL UNIQUE,
    -- The hash of the token in each message that ends it and can do no more.
    end_hash TEXT NOT NULL UNIQUE,
    topics TEXT NOT NULL,
    frequency TEXT NOT NULL,
    language TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    -- NULL until whoever reads mail at the address has said yes.
    confirmed_at TIMESTAMPTZ,
    -- Before this nothing is told.
    due_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL
);
CREATE INDEX subscriptions_by_email ON subscriptions (email_folded);
CREATE INDEX subscriptions_due ON subscriptions (due_at, id) WHERE confirmed_at IS NOT NULL;

-- What was told: each update of an action once.
CREATE TABLE tellings (
    subscription_id UUID NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    action_id UUID NOT NULL REFERENCES urgent_actions (id),
    update_number INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, action_id, update_number)
);
