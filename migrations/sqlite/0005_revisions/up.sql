-- Append-only: proposals to revise a plan, each with the number of the version
-- that it is to become. What became of one stands in revision_decisions.
CREATE TABLE revisions (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    version INTEGER NOT NULL CHECK (version >= 2),
    effective_month TEXT NOT NULL CHECK (effective_month LIKE '____-__-01'),
    base_version INTEGER NOT NULL CHECK (base_version >= 1),
    author_id TEXT NOT NULL,
    author_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    alert_id TEXT NULL,
    changes TEXT NOT NULL,
    proposed_at TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, version)
) STRICT;

-- Append-only: one decision a revision; none while it is proposed.
CREATE TABLE revision_decisions (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('in_force', 'rejected')),
    base_version INTEGER NOT NULL CHECK (base_version >= 1),
    by_id TEXT NOT NULL,
    by_name TEXT NOT NULL,
    note TEXT NULL,
    decided_at TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, version)
) STRICT;

-- Who reviewed an alert, when, and what they concluded.
ALTER TABLE alerts ADD COLUMN review TEXT NULL;

CREATE TRIGGER revisions_keep BEFORE UPDATE ON revisions
BEGIN SELECT RAISE(ABORT, 'revisions is append-only'); END;
CREATE TRIGGER revisions_stay BEFORE DELETE ON revisions
BEGIN SELECT RAISE(ABORT, 'revisions is append-only'); END;
CREATE TRIGGER revision_decisions_keep BEFORE UPDATE ON revision_decisions
BEGIN SELECT RAISE(ABORT, 'revision_decisions is append-only'); END;
CREATE TRIGGER revision_decisions_stay BEFORE DELETE ON revision_decisions
BEGIN SELECT RAISE(ABORT, 'revision_decisions is append-only'); END;
