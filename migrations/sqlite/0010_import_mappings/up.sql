-- What hubs call things in their own sheets, as JSON: one document a hub.
CREATE TABLE import_mappings (
    hub_code TEXT NOT NULL PRIMARY KEY REFERENCES hubs (code),
    document TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    updated_by TEXT NOT NULL
) STRICT;
