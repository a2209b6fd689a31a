-- Episodes of high-hurdle steps that fell behind. Derived by replaying the
-- months, but for what people did about them and what has been announced.
CREATE TABLE alerts (
    id TEXT NOT NULL PRIMARY KEY,
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    item TEXT NOT NULL,
    episode INTEGER NOT NULL CHECK (episode >= 1),
    stage TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'withdrawn')),
    severity TEXT NOT NULL CHECK (severity IN ('critical', 'high')),
    opened_month TEXT NOT NULL CHECK (opened_month LIKE '____-__-01'),
    resolved_month TEXT NULL CHECK (resolved_month LIKE '____-__-01'),
    folded_under TEXT NULL,
    facts TEXT NOT NULL,
    acknowledgement TEXT NULL,
    acknowledged_until TEXT NULL,
    silence TEXT NULL,
    silenced_until TEXT NULL,
    announced_at TEXT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    CHECK ((acknowledgement IS NULL) = (acknowledged_until IS NULL)),
    CHECK ((silence IS NULL) = (silenced_until IS NULL))
) STRICT;
CREATE INDEX alerts_by_scorecard ON alerts (scorecard_id, item, opened_month);
CREATE INDEX alerts_by_month ON alerts (opened_month, id);

-- Append-only: everything that happened to an alert.
CREATE TABLE alert_changes (
    alert_id TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    by_id TEXT NULL,
    by_name TEXT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (alert_id, sequence)
) STRICT;

-- Months whose report was not complete after its due day.
CREATE TABLE overdue_reports (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    month TEXT NOT NULL CHECK (month LIKE '____-__-01'),
    due_on TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    closed_at TEXT NULL,
    PRIMARY KEY (scorecard_id, month)
) STRICT;

-- When each scorecard is to be looked at next, because time alone changes what
-- somebody should know: a notice that leaves, a due day, an escalation.
CREATE TABLE agenda (
    scorecard_id TEXT NOT NULL PRIMARY KEY REFERENCES scorecards (id),
    due_at TEXT NOT NULL,
    notice_at TEXT NULL,
    rules INTEGER NOT NULL
) STRICT;
CREATE INDEX agenda_by_time ON agenda (due_at);
INSERT INTO agenda (scorecard_id, due_at, notice_at, rules)
SELECT id, created_at, created_at, 0 FROM scorecards;

-- Destinations of notices. Addresses and secrets are encrypted.
CREATE TABLE subscriptions (
    id TEXT NOT NULL PRIMARY KEY,
    prefecture_code TEXT NULL REFERENCES prefectures (code),
    hub_code TEXT NULL REFERENCES hubs (code),
    name TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('webhook', 'slack', 'teams', 'chatwork', 'line_works', 'email')),
    address TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    filter TEXT NOT NULL,
    cadence TEXT NOT NULL CHECK (cadence IN ('immediate', 'monthly')),
    language TEXT NOT NULL CHECK (language IN ('ja', 'en')),
    escalation_days INTEGER NOT NULL CHECK (escalation_days >= 0),
    digest_day INTEGER NOT NULL CHECK (digest_day BETWEEN 1 AND 28),
    next_digest_at TEXT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled', 'deleted')),
    disabled_reason TEXT NULL,
    failing_since TEXT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    CHECK (prefecture_code IS NULL OR hub_code IS NULL),
    CHECK ((state = 'disabled') = (disabled_reason IS NOT NULL))
) STRICT;
CREATE INDEX subscriptions_by_prefecture ON subscriptions (prefecture_code);
CREATE INDEX subscriptions_by_hub ON subscriptions (hub_code);
CREATE INDEX subscriptions_by_digest ON subscriptions (next_digest_at);

CREATE TABLE subscription_secrets (
    id TEXT NOT NULL PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    secret TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NULL
) STRICT;
CREATE INDEX subscription_secrets_by_subscription ON subscription_secrets (subscription_id, created_at);

-- What each destination was last told about each alert.
CREATE TABLE tellings (
    alert_id TEXT NOT NULL REFERENCES alerts (id),
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    told TEXT NOT NULL,
    PRIMARY KEY (alert_id, subscription_id)
) STRICT;

-- The outbox: one event on its way to one destination (and, by mail, recipient).
CREATE TABLE deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    recipient TEXT NULL,
    scorecard_id TEXT NULL REFERENCES scorecards (id),
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    event TEXT NOT NULL,
    month TEXT NULL CHECK (month LIKE '____-__-01'),
    message TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'retry_wait', 'delivered', 'exhausted', 'failed', 'cancelled', 'parked')),
    due_at TEXT NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    lease_owner TEXT NULL,
    lease_token INTEGER NOT NULL CHECK (lease_token >= 0),
    leased_until TEXT NULL,
    created_at TEXT NOT NULL,
    ended_at TEXT NULL,
    CHECK ((state = 'leased') = (leased_until IS NOT NULL))
) STRICT;
CREATE INDEX deliveries_by_state ON deliveries (state, due_at);
CREATE INDEX deliveries_by_subscription ON deliveries (subscription_id, scorecard_id, sequence);
CREATE INDEX deliveries_by_time ON deliveries (subscription_id, created_at, id);

CREATE TABLE delivery_alerts (
    alert_id TEXT NOT NULL REFERENCES alerts (id),
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    PRIMARY KEY (alert_id, delivery_id)
) STRICT;

CREATE TABLE delivery_attempts (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    started_at TEXT NOT NULL,
    milliseconds INTEGER NOT NULL CHECK (milliseconds >= 0),
    outcome TEXT NOT NULL,
    status INTEGER NULL,
    error TEXT NULL,
    excerpt TEXT NULL,
    PRIMARY KEY (delivery_id, number)
) STRICT;

-- One row: whether anything is sent at all, and which database this is. A
-- restored copy is another one, and waits to be told.
CREATE TABLE outbox (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
    reason TEXT NULL,
    identity TEXT NULL,
    changed_at TEXT NULL,
    changed_by TEXT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO outbox (id, paused) VALUES (1, 0);

CREATE TRIGGER alert_changes_keep BEFORE UPDATE ON alert_changes
BEGIN SELECT RAISE(ABORT, 'alert_changes is append-only'); END;
CREATE TRIGGER alert_changes_stay BEFORE DELETE ON alert_changes
BEGIN SELECT RAISE(ABORT, 'alert_changes is append-only'); END;
