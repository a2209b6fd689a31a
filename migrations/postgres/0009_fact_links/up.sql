-- What a read-only link shows, as JSON: such a key is good for nothing else.
-- NULL of a key that goes into a header.
ALTER TABLE api_keys ADD COLUMN link TEXT NULL;
