-- Append-only: proposals to revise a plan, each with the number of the version
-- that it is to become. What became of one stands in revision_decisions.
CREATE TABLE revisions (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    version BIGINT NOT NULL CHECK (version >= 2),
    effective_month DATE NOT NULL CHECK (EXTRACT(DAY FROM effective_month) = 1),
    base_version BIGINT NOT NULL CHECK (base_version >= 1),
    author_id TEXT COLLATE "C" NOT NULL,
    author_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    alert_id TEXT COLLATE "C" NULL,
    changes TEXT NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (scorecard_id, version)
);

-- Append-only: one decision a revision; none while it is proposed.
CREATE TABLE revision_decisions (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    version BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('in_force', 'rejected')),
    base_version BIGINT NOT NULL CHECK (base_version >= 1),
    by_id TEXT COLLATE "C" NOT NULL,
    by_name TEXT NOT NULL,
    note TEXT NULL,
    decided_at TIMESTAMP NOT NULL,
    PRIMARY KEY (scorecard_id, version)
);

-- Who reviewed an alert, when, and what they concluded.
ALTER TABLE alerts ADD COLUMN review TEXT NULL;

CREATE TRIGGER revisions_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON revisions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER revision_decisions_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON revision_decisions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
