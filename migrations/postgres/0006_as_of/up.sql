-- Append-only: when each revision of a scorecard began to hold.
CREATE TABLE scorecard_revisions (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    revision BIGINT NOT NULL CHECK (revision >= 0),
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (scorecard_id, revision)
);

-- Append-only: where a scorecard stood, by the revision that brought it there.
CREATE TABLE scorecard_standings (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    revision BIGINT NOT NULL CHECK (revision >= 0),
    at TIMESTAMP NOT NULL,
    reported_through DATE NULL CHECK (EXTRACT(DAY FROM reported_through) = 1),
    flag TEXT NOT NULL,
    score BIGINT NULL,
    PRIMARY KEY (scorecard_id, revision)
);

-- Append-only: what hubs and prefectures were called, and how their markets were classed.
CREATE TABLE hub_names (
    hub_code TEXT COLLATE "C" NOT NULL REFERENCES hubs (code),
    sequence BIGINT NOT NULL CHECK (sequence >= 1),
    at TIMESTAMP NOT NULL,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    PRIMARY KEY (hub_code, sequence)
);

CREATE TABLE prefecture_names (
    prefecture_code TEXT COLLATE "C" NOT NULL REFERENCES prefectures (code),
    sequence BIGINT NOT NULL CHECK (sequence >= 1),
    at TIMESTAMP NOT NULL,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    market_type TEXT NOT NULL CHECK (market_type IN ('mature', 'growth', 'challenge')),
    PRIMARY KEY (prefecture_code, sequence)
);

-- Append-only: an alert as it was stored each time. A forgotten one was taken
-- back before anybody knew of it.
CREATE TABLE alert_versions (
    alert_id TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL CHECK (sequence >= 1),
    at TIMESTAMP NOT NULL,
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    item TEXT COLLATE "C" NOT NULL,
    stage TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'withdrawn', 'forgotten')),
    severity TEXT NOT NULL CHECK (severity IN ('critical', 'high')),
    opened_month DATE NOT NULL CHECK (EXTRACT(DAY FROM opened_month) = 1),
    folded_under TEXT COLLATE "C" NULL,
    facts TEXT NOT NULL,
    acknowledgement TEXT NULL,
    acknowledged_until TIMESTAMP NULL,
    silence TEXT NULL,
    review TEXT NULL,
    announced_at TIMESTAMP NULL,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (alert_id, sequence),
    CHECK ((acknowledgement IS NULL) = (acknowledged_until IS NULL))
);
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

CREATE TRIGGER scorecard_revisions_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON scorecard_revisions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER scorecard_standings_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON scorecard_standings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hub_names_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON hub_names
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER prefecture_names_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON prefecture_names
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER alert_versions_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
