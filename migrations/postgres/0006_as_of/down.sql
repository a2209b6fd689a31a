DROP TABLE alert_versions;
DROP TABLE prefecture_names;
DROP TABLE hub_names;
DROP TABLE scorecard_standings;
DROP TABLE scorecard_revisions;
