CREATE TABLE scorecards (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    hub_code TEXT COLLATE "C" NOT NULL REFERENCES hubs (code),
    key TEXT COLLATE "C" NOT NULL,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    template TEXT COLLATE "C" NULL,
    market_type TEXT NOT NULL CHECK (market_type IN ('mature', 'growth', 'challenge')),
    start_month DATE NOT NULL CHECK (EXTRACT(DAY FROM start_month) = 1),
    revision BIGINT NOT NULL CHECK (revision >= 0),
    reported_through DATE NULL CHECK (EXTRACT(DAY FROM reported_through) = 1),
    flag TEXT NOT NULL,
    score BIGINT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    UNIQUE (hub_code, key)
);

-- Append-only.
CREATE TABLE plan_versions (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    version BIGINT NOT NULL CHECK (version >= 1),
    effective_month DATE NOT NULL CHECK (EXTRACT(DAY FROM effective_month) = 1),
    author_id TEXT COLLATE "C" NOT NULL,
    author_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    alert_id TEXT COLLATE "C" NULL,
    changes TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (scorecard_id, version)
);

-- What is reported now. A cell without a row is not reported.
CREATE TABLE cells (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    item TEXT COLLATE "C" NOT NULL,
    month DATE NOT NULL CHECK (EXTRACT(DAY FROM month) = 1),
    state TEXT NOT NULL CHECK (state IN ('reported', 'not_applicable')),
    value BIGINT NULL,
    numerator BIGINT NULL,
    denominator BIGINT NULL,
    reason TEXT NULL,
    reported_at TIMESTAMP NOT NULL,
    reported_by TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, month, item),
    CHECK ((numerator IS NULL) = (denominator IS NULL)),
    CHECK (CASE state
        WHEN 'reported' THEN (value IS NULL) <> (numerator IS NULL) AND reason IS NULL
        ELSE value IS NULL AND numerator IS NULL AND reason IS NOT NULL
    END)
);

-- Append-only: every change of a cell.
CREATE TABLE cell_changes (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    revision BIGINT NOT NULL,
    month DATE NOT NULL CHECK (EXTRACT(DAY FROM month) = 1),
    item TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP NOT NULL,
    by_id TEXT COLLATE "C" NOT NULL,
    by_name TEXT NOT NULL,
    before_state TEXT NOT NULL CHECK (before_state IN ('reported', 'not_reported', 'not_applicable')),
    before_value BIGINT NULL,
    before_numerator BIGINT NULL,
    before_denominator BIGINT NULL,
    before_reason TEXT NULL,
    after_state TEXT NOT NULL CHECK (after_state IN ('reported', 'not_reported', 'not_applicable')),
    after_value BIGINT NULL,
    after_numerator BIGINT NULL,
    after_denominator BIGINT NULL,
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
);
CREATE INDEX cell_changes_by_item ON cell_changes (scorecard_id, item, revision, month);

CREATE TABLE months (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    month DATE NOT NULL CHECK (EXTRACT(DAY FROM month) = 1),
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'returned')),
    note TEXT NULL,
    changed_at TIMESTAMP NULL,
    changed_by TEXT NULL,
    reopened_until TIMESTAMP NULL,
    first_completed_at TIMESTAMP NULL,
    PRIMARY KEY (scorecard_id, month)
);

-- Append-only: every approval, return and reopening.
CREATE TABLE month_changes (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    revision BIGINT NOT NULL,
    month DATE NOT NULL CHECK (EXTRACT(DAY FROM month) = 1),
    at TIMESTAMP NOT NULL,
    by_id TEXT COLLATE "C" NOT NULL,
    by_name TEXT NOT NULL,
    before_state TEXT NOT NULL CHECK (before_state IN ('open', 'approved', 'returned')),
    after_state TEXT NOT NULL CHECK (after_state IN ('open', 'approved', 'returned')),
    note TEXT NULL,
    reopened_until TIMESTAMP NULL,
    PRIMARY KEY (scorecard_id, revision, month)
);

-- Evaluated months, kept so that many scorecards can be read at once.
-- Derived: any row can be computed anew from plan and cells.
CREATE TABLE month_summaries (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    month DATE NOT NULL CHECK (EXTRACT(DAY FROM month) = 1),
    rules INTEGER NOT NULL,
    plan_version BIGINT NOT NULL,
    flag TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, month)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER plan_versions_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER cell_changes_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON cell_changes
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER month_changes_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON month_changes
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
