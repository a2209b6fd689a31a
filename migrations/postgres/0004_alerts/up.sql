-- Episodes of high-hurdle steps that fell behind. Derived by replaying the
-- months, but for what people did about them and what has been announced.
CREATE TABLE alerts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    item TEXT COLLATE "C" NOT NULL,
    episode BIGINT NOT NULL CHECK (episode >= 1),
    stage TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'withdrawn')),
    severity TEXT NOT NULL CHECK (severity IN ('critical', 'high')),
    opened_month DATE NOT NULL CHECK (EXTRACT(DAY FROM opened_month) = 1),
    resolved_month DATE NULL CHECK (EXTRACT(DAY FROM resolved_month) = 1),
    folded_under TEXT COLLATE "C" NULL,
    facts TEXT NOT NULL,
    acknowledgement TEXT NULL,
    acknowledged_until TIMESTAMP NULL,
    silence TEXT NULL,
    silenced_until TIMESTAMP NULL,
    announced_at TIMESTAMP NULL,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    CHECK ((acknowledgement IS NULL) = (acknowledged_until IS NULL)),
    CHECK ((silence IS NULL) = (silenced_until IS NULL))
);
CREATE INDEX alerts_by_scorecard ON alerts (scorecard_id, item, opened_month);
CREATE INDEX alerts_by_month ON alerts (opened_month, id);

-- Append-only: everything that happened to an alert.
CREATE TABLE alert_changes (
    alert_id TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL CHECK (sequence >= 1),
    at TIMESTAMP NOT NULL,
    kind TEXT NOT NULL,
    by_id TEXT COLLATE "C" NULL,
    by_name TEXT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (alert_id, sequence)
);

-- Months whose report was not complete after its due day.
CREATE TABLE overdue_reports (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    month DATE NOT NULL CHECK (EXTRACT(DAY FROM month) = 1),
    due_on DATE NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP NULL,
    PRIMARY KEY (scorecard_id, month)
);

-- When each scorecard is to be looked at next, because time alone changes what
-- somebody should know: a notice that leaves, a due day, an escalation.
CREATE TABLE agenda (
    scorecard_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES scorecards (id),
    due_at TIMESTAMP NOT NULL,
    notice_at TIMESTAMP NULL,
    rules BIGINT NOT NULL
);
CREATE INDEX agenda_by_time ON agenda (due_at);
INSERT INTO agenda (scorecard_id, due_at, notice_at, rules)
SELECT id, created_at, created_at, 0 FROM scorecards;

-- Destinations of notices. Addresses and secrets are encrypted.
CREATE TABLE subscriptions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    prefecture_code TEXT COLLATE "C" NULL REFERENCES prefectures (code),
    hub_code TEXT COLLATE "C" NULL REFERENCES hubs (code),
    name TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('webhook', 'slack', 'teams', 'chatwork', 'line_works', 'email')),
    address TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    filter TEXT NOT NULL,
    cadence TEXT NOT NULL CHECK (cadence IN ('immediate', 'monthly')),
    language TEXT NOT NULL CHECK (language IN ('ja', 'en')),
    escalation_days BIGINT NOT NULL CHECK (escalation_days >= 0),
    digest_day BIGINT NOT NULL CHECK (digest_day BETWEEN 1 AND 28),
    next_digest_at TIMESTAMP NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled', 'deleted')),
    disabled_reason TEXT NULL,
    failing_since TIMESTAMP NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    CHECK (prefecture_code IS NULL OR hub_code IS NULL),
    CHECK ((state = 'disabled') = (disabled_reason IS NOT NULL))
);
CREATE INDEX subscriptions_by_prefecture ON subscriptions (prefecture_code);
CREATE INDEX subscriptions_by_hub ON subscriptions (hub_code);
CREATE INDEX subscriptions_by_digest ON subscriptions (next_digest_at);

CREATE TABLE subscription_secrets (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    subscription_id TEXT COLLATE "C" NOT NULL REFERENCES subscriptions (id),
    secret TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NULL
);
CREATE INDEX subscription_secrets_by_subscription ON subscription_secrets (subscription_id, created_at);

-- What each destination was last told about each alert.
CREATE TABLE tellings (
    alert_id TEXT COLLATE "C" NOT NULL REFERENCES alerts (id),
    subscription_id TEXT COLLATE "C" NOT NULL REFERENCES subscriptions (id),
    told TEXT NOT NULL,
    PRIMARY KEY (alert_id, subscription_id)
);

-- The outbox: one event on its way to one destination (and, by mail, recipient).
CREATE TABLE deliveries (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    subscription_id TEXT COLLATE "C" NOT NULL REFERENCES subscriptions (id),
    recipient TEXT NULL,
    scorecard_id TEXT COLLATE "C" NULL REFERENCES scorecards (id),
    sequence BIGINT NOT NULL CHECK (sequence >= 1),
    event TEXT NOT NULL,
    month DATE NULL CHECK (EXTRACT(DAY FROM month) = 1),
    message TEXT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'leased', 'retry_wait', 'delivered', 'exhausted', 'failed', 'cancelled', 'parked')),
    due_at TIMESTAMP NOT NULL,
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    lease_owner TEXT NULL,
    lease_token BIGINT NOT NULL CHECK (lease_token >= 0),
    leased_until TIMESTAMP NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP NULL,
    CHECK ((state = 'leased') = (leased_until IS NOT NULL))
);
CREATE INDEX deliveries_by_state ON deliveries (state, due_at);
CREATE INDEX deliveries_by_subscription ON deliveries (subscription_id, scorecard_id, sequence);
CREATE INDEX deliveries_by_time ON deliveries (subscription_id, created_at, id);

CREATE TABLE delivery_alerts (
    alert_id TEXT COLLATE "C" NOT NULL REFERENCES alerts (id),
    delivery_id TEXT COLLATE "C" NOT NULL REFERENCES deliveries (id),
    PRIMARY KEY (alert_id, delivery_id)
);

CREATE TABLE delivery_attempts (
    delivery_id TEXT COLLATE "C" NOT NULL REFERENCES deliveries (id),
    number BIGINT NOT NULL CHECK (number >= 1),
    started_at TIMESTAMP NOT NULL,
    milliseconds BIGINT NOT NULL CHECK (milliseconds >= 0),
    outcome TEXT NOT NULL,
    status BIGINT NULL,
    error TEXT NULL,
    excerpt TEXT NULL,
    PRIMARY KEY (delivery_id, number)
);

-- One row: whether anything is sent at all, and which database this is. A
-- restored copy is another one, and waits to be told.
CREATE TABLE outbox (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    paused BOOLEAN NOT NULL,
    reason TEXT NULL,
    identity TEXT NULL,
    changed_at TIMESTAMP NULL,
    changed_by TEXT NULL
);
INSERT INTO outbox (id, paused) VALUES (1, FALSE);

CREATE TRIGGER alert_changes_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_changes
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
