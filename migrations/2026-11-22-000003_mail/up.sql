-- Notices that people are to get by e-mail: put here together with the change that causes them.
CREATE TABLE outbox (
    id UUID PRIMARY KEY,
    -- The hash of what the notice is about: the same news is told once.
    key_hash TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    -- To whom, and what; both erased when it is over, since a secret may be in it.
    recipient TEXT,
    content TEXT,
    -- WAITING, SENDING; SENT, FAILED, UNCERTAIN, DROPPED.
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    -- Before this nobody takes it: it was put off, or somebody has it until then.
    next_attempt_at TIMESTAMPTZ NOT NULL,
    -- Whoever took it last knows this.
    lease_id UUID,
    -- Why the last attempt came to nothing, once it has.
    trouble TEXT,
    put_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE INDEX outbox_waiting ON outbox (state, next_attempt_at, id) WHERE ended_at IS NULL;
