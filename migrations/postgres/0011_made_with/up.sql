-- The key that a key or link was made with, and ends with. NULL of one that an
-- account made in person; of what is older than this column it is not known.
ALTER TABLE api_keys ADD COLUMN made_with TEXT COLLATE "C" NULL REFERENCES api_keys (id);
