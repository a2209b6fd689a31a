-- Pages for everybody: what a prefecture shows without sign-in, under a link of
-- which only the hash is stored. A revoked page keeps its row.
CREATE TABLE releases (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    prefecture_code TEXT COLLATE "C" NOT NULL REFERENCES prefectures (code),
    title_ja TEXT NOT NULL,
    title_en TEXT NULL,
    introduction_ja TEXT NULL,
    introduction_en TEXT NULL,
    -- Identifiers as a JSON list; NULL: all of the prefecture.
    scorecards TEXT NULL,
    detail TEXT NOT NULL CHECK (detail IN ('stages', 'items')),
    approved_only BOOLEAN NOT NULL,
    hub_names BOOLEAN NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    link_made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    revoked_at TIMESTAMP NULL,
    CHECK (introduction_ja IS NOT NULL OR introduction_en IS NULL)
);
CREATE INDEX releases_by_prefecture ON releases (prefecture_code, id);
