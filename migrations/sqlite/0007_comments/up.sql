-- Append-only: what people note about a scorecard, an item of it, a month.
CREATE TABLE comments (
    scorecard_id TEXT NOT NULL REFERENCES scorecards (id),
    revision INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    item TEXT NULL,
    month TEXT NULL CHECK (month LIKE '____-__-01'),
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    by_id TEXT NOT NULL,
    by_name TEXT NOT NULL,
    PRIMARY KEY (scorecard_id, revision)
) STRICT;

CREATE TRIGGER comments_keep BEFORE UPDATE ON comments
BEGIN SELECT RAISE(ABORT, 'comments is append-only'); END;
CREATE TRIGGER comments_stay BEFORE DELETE ON comments
BEGIN SELECT RAISE(ABORT, 'comments is append-only'); END;
