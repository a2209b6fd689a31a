-- Append-only: what people note about a scorecard, an item of it, a month.
CREATE TABLE comments (
    scorecard_id TEXT COLLATE "C" NOT NULL REFERENCES scorecards (id),
    revision BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    item TEXT COLLATE "C" NULL,
    month DATE NULL CHECK (EXTRACT(DAY FROM month) = 1),
    text TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    by_id TEXT COLLATE "C" NOT NULL,
    by_name TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, revision)
);

CREATE TRIGGER comments_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON comments
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
