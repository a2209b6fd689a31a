-- Append-only: when each revision of a scorecard began to hold.
CREATE TABLE scorecard_revisions (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    at TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, revision)
) STRICT, WITHOUT ROWID;

-- Append-only: where a scorecard stood, by the revision that brought it there.
CREATE TABLE scorecard_standings (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    at TEXT NOT NULL,
    reported_through TEXT NULL CHECK (reported_through LIKE '____-__-01'),
    flag TEXT NOT NULL,
    score INTEGER NULL,
    PRIMARY KEY (scorecard_id, revision)
) STRICT, WITHOUT ROWID;

-- Append-only: what hubs and prefectures were called, and how their markets were classed.
CREATE TABLE hub_names (
    hub_code TEXT NOT NULL REFERENCES hubs (code),
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    at TEXT NOT NULL,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    PRIMARY KEY (hub_code, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE prefecture_names (
    prefecture_code TEXT NOT NULL REFERENCES prefectures (code),
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    at TEXT NOT NULL,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    market_type TEXT NOT NULL CHECK (market_type IN ('mature', 'growth', 'challenge')),
    PRIMARY KEY (prefecture_code, sequence)
) STRICT, WITHOUT ROWID;

-- Append-only: an alert as it was stored each time. A forgotten one was taken
-- back before anybody knew of it.
CREATE TABLE alert_versions (
    alert_id TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    at TEXT NOT NULL,
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    item TEXT NOT NULL,
    stage TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'withdrawn', 'forgotten')),
    severity TEXT NOT NULL CHECK (severity IN ('critical', 'high')),
    opened_month TEXT NOT NULL CHECK (opened_month LIKE '____-__-01'),
    folded_under TEXT NULL,
    facts TEXT NOT NULL,
    acknowledgement TEXT NULL,
    acknowledged_until TEXT NULL,
    silence TEXT NULL,
    review TEXT NULL,
    announced_at TEXT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (alert_id, sequence),
    CHECK ((acknowledgement IS NULL) = (acknowledged_until IS NULL))
) STRICT;
CREATE INDEX alert_versions_by_scorecard ON alert_versions (scorecard_id, alert_id, sequence);

-- What was before is known as it is now.
INSERT INTO scorecard_revisions (scorecard_id, revision, at)
SELECT id, revision, created_at FROM scorecards;
INSERT INTO scorecard_standings (scorecard_id, revision, at, reported_through, flag, score)
SELECT id, revision, created_at, reported_through, flag, score FROM scorecards;
INSERT INTO hub_names (hub_code, sequence, at, name_ja, name_en)
SELECT code, 1, created_at, name_ja, name_en FROM hubs;
INSERT INTO prefecture_names (prefecture_code, sequence, at, name_ja, name_en, market_type)
SELECT code, 1, created_at, name_ja, name_en, market_type FROM prefectures;
INSERT INTO alert_versions (alert_id, sequence, at, scorecard_id, item, stage, state, severity,
    opened_month, folded_under, facts, acknowledgement, acknowledged_until, silence, review, announced_at,
    created_at, changed_at)
SELECT id, 1, created_at, scorecard_id, item, stage, state, severity, opened_month, folded_under,
    facts, acknowledgement, acknowledged_until, silence, review, announced_at, created_at, changed_at
FROM alerts;

CREATE TRIGGER scorecard_revisions_keep BEFORE UPDATE ON scorecard_revisions
BEGIN SELECT RAISE(ABORT, 'scorecard_revisions is append-only'); END;
CREATE TRIGGER scorecard_revisions_stay BEFORE DELETE ON scorecard_revisions
BEGIN SELECT RAISE(ABORT, 'scorecard_revisions is append-only'); END;
CREATE TRIGGER scorecard_standings_keep BEFORE UPDATE ON scorecard_standings
BEGIN SELECT RAISE(ABORT, 'scorecard_standings is append-only'); END;
CREATE TRIGGER scorecard_standings_stay BEFORE DELETE ON scorecard_standings
BEGIN SELECT RAISE(ABORT, 'scorecard_standings is append-only'); END;
CREATE TRIGGER hub_names_keep BEFORE UPDATE ON hub_names
BEGIN SELECT RAISE(ABORT, 'hub_names is append-only'); END;
CREATE TRIGGER hub_names_stay BEFORE DELETE ON hub_names
BEGIN SELECT RAISE(ABORT, 'hub_names is append-only'); END;
CREATE TRIGGER prefecture_names_keep BEFORE UPDATE ON prefecture_names
BEGIN SELECT RAISE(ABORT, 'prefecture_names is append-only'); END;
CREATE TRIGGER prefecture_names_stay BEFORE DELETE ON prefecture_names
BEGIN SELECT RAISE(ABORT, 'prefecture_names is append-only'); END;
CREATE TRIGGER alert_versions_keep BEFORE UPDATE ON alert_versions
BEGIN SELECT RAISE(ABORT, 'alert_versions is append-only'); END;
CREATE TRIGGER alert_versions_stay BEFORE DELETE ON alert_versions
BEGIN SELECT RAISE(ABORT, 'alert_versions is append-only'); END;
