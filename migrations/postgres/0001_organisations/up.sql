CREATE TABLE prefectures (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    market_type TEXT NOT NULL CHECK (market_type IN ('mature', 'growth', 'challenge')),
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE hubs (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    prefecture_code TEXT COLLATE "C" NOT NULL REFERENCES prefectures (code),
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX hubs_by_prefecture ON hubs (prefecture_code, code);

CREATE TABLE users (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('national', 'prefecture', 'hub', 'viewer', 'operator')),
    prefecture_code TEXT COLLATE "C" NULL REFERENCES prefectures (code),
    hub_code TEXT COLLATE "C" NULL REFERENCES hubs (code),
    password_hash TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    sessions_epoch BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CHECK (CASE role
        WHEN 'prefecture' THEN prefecture_code IS NOT NULL AND hub_code IS NULL
        WHEN 'hub' THEN prefecture_code IS NULL AND hub_code IS NOT NULL
        WHEN 'viewer' THEN prefecture_code IS NULL OR hub_code IS NULL
        ELSE prefecture_code IS NULL AND hub_code IS NULL
    END)
);

CREATE TABLE api_keys (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('national', 'prefecture', 'hub', 'viewer', 'operator')),
    prefecture_code TEXT COLLATE "C" NULL REFERENCES prefectures (code),
    hub_code TEXT COLLATE "C" NULL REFERENCES hubs (code),
    secret_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    expires_at TIMESTAMP NULL,
    revoked_at TIMESTAMP NULL,
    created_at TIMESTAMP NOT NULL,
    CHECK (CASE role
        WHEN 'prefecture' THEN prefecture_code IS NOT NULL AND hub_code IS NULL
        WHEN 'hub' THEN prefecture_code IS NULL AND hub_code IS NOT NULL
        WHEN 'viewer' THEN prefecture_code IS NULL OR hub_code IS NULL
        ELSE prefecture_code IS NULL AND hub_code IS NULL
    END)
);
CREATE INDEX api_keys_by_owner ON api_keys (owner_id, id);

CREATE TABLE refresh_tokens (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    family TEXT COLLATE "C" NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP NULL,
    revoked_at TIMESTAMP NULL
);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
