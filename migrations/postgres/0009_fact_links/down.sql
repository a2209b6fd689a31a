-- A link must not come back as a key.
DELETE FROM api_keys WHERE link IS NOT NULL;
ALTER TABLE api_keys DROP COLUMN link;
