-- Pages for everybody: what a prefecture shows without sign-in, under a link of
-- which only the hash is stored. A revoked page keeps its row.
CREATE TABLE releases (
    id TEXT NOT NULL PRIMARY KEY,
    prefecture_code TEXT NOT NULL REFERENCES prefectures (code),
    title_ja TEXT NOT NULL,
    title_en TEXT NULL,
    introduction_ja TEXT NULL,
    introduction_en TEXT NULL,
    -- Identifiers as a JSON list; NULL: all of the prefecture.
    scorecards TEXT NULL,
    detail TEXT NOT NULL CHECK (detail IN ('stages', 'items')),
    approved_only INTEGER NOT NULL CHECK (approved_only IN (0, 1)),
    hub_names INTEGER NOT NULL CHECK (hub_names IN (0, 1)),
    token_hash TEXT NOT NULL UNIQUE,
    link_made_at TEXT NOT NULL,
    expires_at TEXT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    revoked_at TEXT NULL,
    CHECK (introduction_ja IS NOT NULL OR introduction_en IS NULL)
) STRICT;
CREATE INDEX releases_by_prefecture ON releases (prefecture_code, id);
