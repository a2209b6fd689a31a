DROP TABLE month_summaries;
DROP TABLE month_changes;
DROP TABLE months;
DROP TABLE cell_changes;
DROP TABLE cells;
DROP TABLE plan_versions;
DROP TABLE scorecards;
DROP FUNCTION refuse_change();
