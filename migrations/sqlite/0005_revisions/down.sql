ALTER TABLE alerts DROP COLUMN review;
DROP TABLE revision_decisions;
DROP TABLE revisions;
