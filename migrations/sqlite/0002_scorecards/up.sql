CREATE TABLE scorecards (
    id TEXT NOT NULL PRIMARY KEY,
    hub_code TEXT NOT NULL REFERENCES hubs (code),
    key TEXT NOT NULL,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    template TEXT NULL,
    market_type TEXT NOT NULL CHECK (market_type IN ('mature', 'growth', 'challenge')),
    start_month TEXT NOT NULL CHECK (start_month LIKE '____-__-01'),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    reported_through TEXT NULL CHECK (reported_through LIKE '____-__-01'),
    flag TEXT NOT NULL,
    score INTEGER NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    UNIQUE (hub_code, key)
) STRICT;

-- Append-only.
CREATE TABLE plan_versions (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    version INTEGER NOT NULL CHECK (version >= 1),
    effective_month TEXT NOT NULL CHECK (effective_month LIKE '____-__-01'),
    author_id TEXT NOT NULL,
    author_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    alert_id TEXT NULL,
    changes TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, version)
) STRICT;

-- What is reported now. A cell without a row is not reported.
CREATE TABLE cells (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    item TEXT NOT NULL,
    month TEXT NOT NULL CHECK (month LIKE '____-__-01'),
    state TEXT NOT NULL CHECK (state IN ('reported', 'not_applicable')),
    value INTEGER NULL,
    numerator INTEGER NULL,
    denominator INTEGER NULL,
    reason TEXT NULL,
    reported_at TEXT NOT NULL,
    reported_by TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, month, item),
    CHECK ((numerator IS NULL) = (denominator IS NULL)),
    CHECK (CASE state
        WHEN 'reported' THEN (value IS NULL) <> (numerator IS NULL) AND reason IS NULL
        ELSE value IS NULL AND numerator IS NULL AND reason IS NOT NULL
    END)
) STRICT, WITHOUT ROWID;

-- Append-only: every change of a cell.
CREATE TABLE cell_changes (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    revision INTEGER NOT NULL,
    month TEXT NOT NULL CHECK (month LIKE '____-__-01'),
    item TEXT NOT NULL,
    at TEXT NOT NULL,
    by_id TEXT NOT NULL,
    by_name TEXT NOT NULL,
    before_state TEXT NOT NULL CHECK (before_state IN ('reported', 'not_reported', 'not_applicable')),
    before_value INTEGER NULL,
    before_numerator INTEGER NULL,
    before_denominator INTEGER NULL,
    before_reason TEXT NULL,
    after_state TEXT NOT NULL CHECK (after_state IN ('reported', 'not_reported', 'not_applicable')),
    after_value INTEGER NULL,
    after_numerator INTEGER NULL,
    after_denominator INTEGER NULL,
    after_reason TEXT NULL,
    note TEXT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, revision, month, item),
    CHECK ((before_numerator IS NULL) = (before_denominator IS NULL)),
    CHECK (CASE before_state
        WHEN 'reported' THEN (before_value IS NULL) <> (before_numerator IS NULL) AND before_reason IS NULL
        WHEN 'not_applicable' THEN before_value IS NULL AND before_numerator IS NULL AND before_reason IS NOT NULL
        ELSE before_value IS NULL AND before_numerator IS NULL AND before_reason IS NULL
    END),
    CHECK ((after_numerator IS NULL) = (after_denominator IS NULL)),
    CHECK (CASE after_state
        WHEN 'reported' THEN (after_value IS NULL) <> (after_numerator IS NULL) AND after_reason IS NULL
        WHEN 'not_applicable' THEN after_value IS NULL AND after_numerator IS NULL AND after_reason IS NOT NULL
        ELSE after_value IS NULL AND after_numerator IS NULL
    END)
) STRICT, WITHOUT ROWID;
CREATE INDEX cell_changes_by_item ON cell_changes (scorecard_id, item, revision, month);

CREATE TABLE months (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    month TEXT NOT NULL CHECK (month LIKE '____-__-01'),
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'returned')),
    note TEXT NULL,
    changed_at TEXT NULL,
    changed_by TEXT NULL,
    reopened_until TEXT NULL,
    first_completed_at TEXT NULL,
    PRIMARY KEY (scorecard_id, month)
) STRICT, WITHOUT ROWID;

-- Append-only: every approval, return and reopening.
CREATE TABLE month_changes (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    revision INTEGER NOT NULL,
    month TEXT NOT NULL CHECK (month LIKE '____-__-01'),
    at TEXT NOT NULL,
    by_id TEXT NOT NULL,
    by_name TEXT NOT NULL,
    before_state TEXT NOT NULL CHECK (before_state IN ('open', 'approved', 'returned')),
    after_state TEXT NOT NULL CHECK (after_state IN ('open', 'approved', 'returned')),
    note TEXT NULL,
    reopened_until TEXT NULL,
    PRIMARY KEY (scorecard_id, revision, month)
) STRICT, WITHOUT ROWID;

-- Evaluated months, kept so that many scorecards can be read at once.
-- Derived: any row can be computed anew from plan and cells.
CREATE TABLE month_summaries (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    month TEXT NOT NULL CHECK (month LIKE '____-__-01'),
    rules INTEGER NOT NULL,
    plan_version INTEGER NOT NULL,
    flag TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, month)
) STRICT;

CREATE TRIGGER plan_versions_keep BEFORE UPDATE ON plan_versions
BEGIN SELECT RAISE(ABORT, 'plan_versions is append-only'); END;
CREATE TRIGGER plan_versions_stay BEFORE DELETE ON plan_versions
BEGIN SELECT RAISE(ABORT, 'plan_versions is append-only'); END;
CREATE TRIGGER cell_changes_keep BEFORE UPDATE ON cell_changes
BEGIN SELECT RAISE(ABORT, 'cell_changes is append-only'); END;
CREATE TRIGGER cell_changes_stay BEFORE DELETE ON cell_changes
BEGIN SELECT RAISE(ABORT, 'cell_changes is append-only'); END;
CREATE TRIGGER month_changes_keep BEFORE UPDATE ON month_changes
BEGIN SELECT RAISE(ABORT, 'month_changes is append-only'); END;
CREATE TRIGGER month_changes_stay BEFORE DELETE ON month_changes
BEGIN SELECT RAISE(ABORT, 'month_changes is append-only'); END;
