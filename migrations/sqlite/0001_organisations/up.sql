CREATE TABLE prefectures (
    code TEXT NOT NULL PRIMARY KEY,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    market_type TEXT NOT NULL CHECK (market_type IN ('mature', 'growth', 'challenge')),
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE hubs (
    code TEXT NOT NULL PRIMARY KEY,
    prefecture_code TEXT NOT NULL REFERENCES prefectures (code),
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX hubs_by_prefecture ON hubs (prefecture_code, code);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('national', 'prefecture', 'hub', 'viewer', 'operator')),
    prefecture_code TEXT NULL REFERENCES prefectures (code),
    hub_code TEXT NULL REFERENCES hubs (code),
    password_hash TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    sessions_epoch INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    CHECK (CASE role
        WHEN 'prefecture' THEN prefecture_code IS NOT NULL AND hub_code IS NULL
        WHEN 'hub' THEN prefecture_code IS NULL AND hub_code IS NOT NULL
        WHEN 'viewer' THEN prefecture_code IS NULL OR hub_code IS NULL
        ELSE prefecture_code IS NULL AND hub_code IS NULL
    END)
) STRICT;

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('national', 'prefecture', 'hub', 'viewer', 'operator')),
    prefecture_code TEXT NULL REFERENCES prefectures (code),
    hub_code TEXT NULL REFERENCES hubs (code),
    secret_hash TEXT NOT NULL UNIQUE,
    expires_at TEXT NULL,
    revoked_at TEXT NULL,
    created_at TEXT NOT NULL,
    CHECK (CASE role
        WHEN 'prefecture' THEN prefecture_code IS NOT NULL AND hub_code IS NULL
        WHEN 'hub' THEN prefecture_code IS NULL AND hub_code IS NOT NULL
        WHEN 'viewer' THEN prefecture_code IS NULL OR hub_code IS NULL
        ELSE prefecture_code IS NULL AND hub_code IS NULL
    END)
) STRICT;
CREATE INDEX api_keys_by_owner ON api_keys (owner_id, id);

CREATE TABLE refresh_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    family TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    issued_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT NULL,
    revoked_at TEXT NULL
) STRICT;
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
