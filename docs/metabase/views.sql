-- Views of shirube for Metabase and other programs that ask PostgreSQL, and a role
-- that sees them and nothing else. How to use them: docs/metabase.md
--
--   psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f docs/metabase/views.sql
--
-- Run it as the owner of the tables, with the address that the service itself has
-- (the views are bound to the tables that are found there). It can be run again at any
-- time: all of it happens, or nothing. It refuses to replace a view on which a view
-- of somebody else is built.
BEGIN;

DO $$
BEGIN
    -- Of two that run this at the same time the second waits.
    PERFORM pg_advisory_xact_lock(hashtext('docs/metabase/views.sql'));
END
$$;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shirube_bi') THEN
        -- Without a password nobody signs in: psql's \password shirube_bi sets one.
        CREATE ROLE shirube_bi LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION CONNECTION LIMIT 10;
    END IF;
END
$$;
-- These four are defaults: whoever signs in as the role can set others, for a session
-- or for good. They guard against a heavy question, not against a person. What nobody
-- gets past are the rights below, and the limit of connections.
ALTER ROLE shirube_bi SET default_transaction_read_only = on;
ALTER ROLE shirube_bi SET statement_timeout = '60s';
ALTER ROLE shirube_bi SET lock_timeout = '5s';
ALTER ROLE shirube_bi SET idle_in_transaction_session_timeout = '60s';

-- PostgreSQL lets everybody make temporary tables, which fill the disk. That right is
-- everybody's or nobody's but the owner's: another program that needs it in this
-- database is given it by name (GRANT TEMPORARY ON DATABASE … TO …). shirube does not.
DO $$
BEGIN
    IF NOT has_database_privilege('shirube_bi', current_database(), 'TEMPORARY') THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(datdba, 'USAGE')) THEN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    ELSE
        RAISE WARNING 'shirube_bi can make temporary tables: let the owner of this database run REVOKE TEMPORARY ON DATABASE % FROM PUBLIC', quote_ident(current_database());
    END IF;
END
$$;

CREATE SCHEMA IF NOT EXISTS bi;
COMMENT ON SCHEMA bi IS '分析用の読み取り専用ビュー（shirube）。人・鍵・通知先の情報は含まない';

DROP VIEW IF EXISTS bi.alerts, bi.stages, bi.months, bi.cells, bi.items, bi.scorecards;

CREATE VIEW bi.scorecards AS
SELECT
    s.id AS scorecard,
    s.key AS scorecard_key,
    s.name_ja AS scorecard_name,
    s.name_en AS scorecard_name_en,
    p.code AS prefecture,
    p.name_ja AS prefecture_name,
    h.code AS hub,
    h.name_ja AS hub_name,
    s.market_type,
    s.template,
    s.start_month,
    s.reported_through,
    s.flag,
    round(s.score / 10000.0, 4) AS score,
    s.revision,
    s.created_at AT TIME ZONE 'UTC' AS created_at
FROM scorecards s
JOIN hubs h ON h.code = s.hub_code
JOIN prefectures p ON p.code = h.prefecture_code;

-- Of two versions with the same first month the later one holds, from that month on.
CREATE VIEW bi.items AS
WITH versions AS (
    SELECT
        scorecard_id,
        version,
        effective_month,
        lead(effective_month) OVER (PARTITION BY scorecard_id ORDER BY effective_month, version) AS until_month,
        document::jsonb -> 'definition' AS definition
    FROM plan_versions
)
SELECT
    v.scorecard_id AS scorecard,
    v.version AS plan_version,
    v.effective_month AS from_month,
    v.until_month,
    v.until_month IS NULL AS is_latest,
    (i.position)::integer AS position,
    i.item ->> 'key' AS item,
    i.item #>> '{name,ja}' AS item_name,
    i.item #>> '{name,en}' AS item_name_en,
    g.stage ->> 'perspective' AS perspective,
    i.item ->> 'stage' AS stage,
    g.stage #>> '{name,ja}' AS stage_name,
    (g.position)::integer AS stage_position,
    i.item ->> 'track' AS track,
    i.item ->> 'measure' AS measure,
    i.item ->> 'unit' AS unit,
    i.item ->> 'direction' AS direction,
    (i.item ->> 'high_hurdle')::boolean AS high_hurdle
FROM versions v
CROSS JOIN LATERAL jsonb_array_elements(v.definition -> 'items') WITH ORDINALITY AS i (item, position)
JOIN LATERAL jsonb_array_elements(v.definition -> 'stages') WITH ORDINALITY AS g (stage, position)
    ON g.stage ->> 'stage' = i.item ->> 'stage'
WHERE v.until_month IS DISTINCT FROM v.effective_month;

-- Like the rows of /v1/facts: every item in every month up to the last reported one.
CREATE VIEW bi.cells AS
SELECT
    s.scorecard,
    s.scorecard_key,
    s.prefecture,
    s.prefecture_name,
    s.hub,
    s.hub_name,
    s.market_type,
    s.template,
    i.item,
    i.item_name,
    i.item_name_en,
    i.perspective,
    i.stage,
    i.track,
    i.measure,
    i.unit,
    i.direction,
    i.high_hurdle,
    m.month,
    extract(YEAR FROM m.month - interval '3 months')::integer AS fiscal_year,
    extract(QUARTER FROM m.month - interval '3 months')::integer AS fiscal_quarter,
    m.programme_month / 12 + 1 AS programme_year,
    m.programme_month + 1 AS programme_month,
    coalesce(c.state, 'not_reported') AS cell_state,
    round(coalesce(c.value / 10000.0, c.numerator::numeric / nullif(c.denominator, 0)), 4) AS value,
    round(c.numerator / 10000.0, 4) AS numerator,
    round(c.denominator / 10000.0, 4) AS denominator,
    c.reason AS not_applicable_reason,
    c.reported_at AT TIME ZONE 'UTC' AS reported_at,
    i.plan_version
FROM bi.scorecards s
CROSS JOIN LATERAL (
    SELECT
        (s.start_month + make_interval(months => t))::date AS month,
        t AS programme_month
    FROM generate_series(0, (
        (extract(YEAR FROM s.reported_through) - extract(YEAR FROM s.start_month)) * 12
        + extract(MONTH FROM s.reported_through) - extract(MONTH FROM s.start_month)
    )::integer) AS t
) m
JOIN bi.items i
    ON i.scorecard = s.scorecard
    AND m.month >= i.from_month
    AND (i.until_month IS NULL OR m.month < i.until_month)
LEFT JOIN cells c ON c.scorecard_id = s.scorecard AND c.month = m.month AND c.item = i.item;

CREATE VIEW bi.months AS
SELECT
    c.scorecard,
    c.scorecard_key,
    c.prefecture,
    c.prefecture_name,
    c.hub,
    c.hub_name,
    c.month,
    c.fiscal_year,
    CASE WHEN m.reopened_until <= now() AT TIME ZONE 'UTC' THEN 'approved' ELSE coalesce(m.state, 'open') END AS month_state,
    m.changed_at AT TIME ZONE 'UTC' AS state_changed_at,
    c.items,
    c.reported,
    c.not_applicable,
    m.first_completed_at AT TIME ZONE 'UTC' AS first_completed_at,
    o.due_on AS overdue_since,
    o.scorecard_id IS NOT NULL AND o.closed_at IS NULL AS is_overdue
FROM (
    SELECT
        scorecard,
        scorecard_key,
        prefecture,
        prefecture_name,
        hub,
        hub_name,
        month,
        fiscal_year,
        count(*)::integer AS items,
        (count(*) FILTER (WHERE cell_state = 'reported'))::integer AS reported,
        (count(*) FILTER (WHERE cell_state = 'not_applicable'))::integer AS not_applicable
    FROM bi.cells
    GROUP BY scorecard, scorecard_key, prefecture, prefecture_name, hub, hub_name, month, fiscal_year
) c
LEFT JOIN months m ON m.scorecard_id = c.scorecard AND m.month = c.month
LEFT JOIN overdue_reports o ON o.scorecard_id = c.scorecard AND o.month = c.month;

-- Kept verdicts are of the rules that computed them; those of other rules are left out.
CREATE VIEW bi.stages AS
SELECT
    s.scorecard,
    s.scorecard_key,
    s.prefecture,
    s.prefecture_name,
    s.hub,
    s.hub_name,
    s.market_type,
    s.template,
    m.month,
    extract(YEAR FROM m.month - interval '3 months')::integer AS fiscal_year,
    g.stage,
    p.perspective,
    p.stage_name,
    p.stage_position,
    g.verdict ->> 'status' AS status,
    g.verdict ->> 'flag' AS flag,
    (g.verdict ->> 'score')::numeric(20, 4) AS score,
    (g.verdict #>> '{counts,red}')::integer AS red_items,
    (g.verdict #>> '{counts,amber}')::integer AS amber_items,
    (g.verdict #>> '{counts,due}')::integer AS due_items,
    (g.verdict #>> '{counts,met}')::integer AS met_items,
    m.plan_version::integer AS plan_version
FROM month_summaries m
JOIN bi.scorecards s ON s.scorecard = m.scorecard_id AND m.month <= s.reported_through
CROSS JOIN LATERAL jsonb_each(m.document::jsonb -> 'stages') AS g (stage, verdict)
-- Of the plan itself: a stage whose last item was retired has no row in bi.items.
LEFT JOIN (
    SELECT
        v.scorecard_id AS scorecard,
        v.version AS plan_version,
        s.stage ->> 'stage' AS stage,
        s.stage ->> 'perspective' AS perspective,
        s.stage #>> '{name,ja}' AS stage_name,
        (s.position)::integer AS stage_position
    FROM plan_versions v
    CROSS JOIN LATERAL jsonb_array_elements(v.document::jsonb #> '{definition,stages}')
        WITH ORDINALITY AS s (stage, position)
) p ON p.scorecard = m.scorecard_id AND p.plan_version = m.plan_version AND p.stage = g.stage
WHERE m.rules = 1;

CREATE VIEW bi.alerts AS
SELECT
    a.id AS alert,
    s.scorecard,
    s.scorecard_key,
    s.prefecture,
    s.prefecture_name,
    s.hub,
    s.hub_name,
    a.item,
    f.facts #>> '{item_name,ja}' AS item_name,
    f.facts #>> '{item_name,en}' AS item_name_en,
    a.stage,
    f.facts ->> 'track' AS track,
    f.facts ->> 'unit' AS unit,
    a.state,
    a.severity,
    a.opened_month,
    a.resolved_month,
    f.facts ->> 'resolved_reason' AS resolved_reason,
    to_date(f.facts ->> 'month', 'YYYY-MM') AS month,
    f.facts ->> 'status' AS status,
    (f.facts ->> 'actual')::numeric(20, 4) AS actual,
    (f.facts ->> 'plan')::numeric(20, 4) AS plan,
    (f.facts ->> 'target')::numeric(20, 4) AS target,
    (f.facts ->> 'attainment')::numeric(20, 4) AS attainment,
    (f.facts ->> 'shortfall')::numeric(20, 4) AS shortfall,
    f.facts #>> '{cause,kind}' AS cause,
    a.folded_under,
    a.acknowledged_until AT TIME ZONE 'UTC' AS acknowledged_until,
    a.silenced_until AT TIME ZONE 'UTC' AS silenced_until,
    a.review IS NOT NULL AS is_reviewed,
    a.announced_at AT TIME ZONE 'UTC' AS announced_at,
    a.created_at AT TIME ZONE 'UTC' AS created_at,
    a.changed_at AT TIME ZONE 'UTC' AS changed_at
FROM alerts a
JOIN bi.scorecards s ON s.scorecard = a.scorecard_id
CROSS JOIN LATERAL (SELECT a.facts::jsonb AS facts) f;

COMMENT ON VIEW bi.scorecards IS 'スコアカード（1 行が 1 枚）';
COMMENT ON COLUMN bi.scorecards.scorecard IS 'スコアカードの識別子';
COMMENT ON COLUMN bi.scorecards.scorecard_key IS '拠点の中でのスコアカードのキー';
COMMENT ON COLUMN bi.scorecards.scorecard_name IS 'スコアカードの名称';
COMMENT ON COLUMN bi.scorecards.scorecard_name_en IS 'スコアカードの英語名';
COMMENT ON COLUMN bi.scorecards.prefecture IS '都道府県コード（JIS X 0401、2 桁の文字列）';
COMMENT ON COLUMN bi.scorecards.prefecture_name IS '道府県の名称';
COMMENT ON COLUMN bi.scorecards.hub IS '拠点コード';
COMMENT ON COLUMN bi.scorecards.hub_name IS '拠点の名称';
COMMENT ON COLUMN bi.scorecards.market_type IS 'スコアカードの市場類型（mature, growth, challenge）';
COMMENT ON COLUMN bi.scorecards.template IS 'もとになったテンプレートのキー。独自定義では空';
COMMENT ON COLUMN bi.scorecards.start_month IS '計画の最初の月（その月の 1 日）';
COMMENT ON COLUMN bi.scorecards.reported_through IS '報告のある最後の月（その月の 1 日）。報告がなければ空';
COMMENT ON COLUMN bi.scorecards.flag IS '報告のある最後の月の信号（red, amber, none）';
COMMENT ON COLUMN bi.scorecards.score IS '報告のある最後の月の総合点（0〜100）。点がつかなければ空';
COMMENT ON COLUMN bi.scorecards.revision IS '変更のたびに増える番号';
COMMENT ON COLUMN bi.scorecards.created_at IS '作成された時刻';

COMMENT ON VIEW bi.items IS '計画の各版の項目（1 行が 1 項目。from_month から until_month の前月まで有効）';
COMMENT ON COLUMN bi.items.scorecard IS 'スコアカードの識別子';
COMMENT ON COLUMN bi.items.plan_version IS '計画の版';
COMMENT ON COLUMN bi.items.from_month IS 'この版が有効になる月（その月の 1 日）';
COMMENT ON COLUMN bi.items.until_month IS '次の版が有効になる月。最新の版では空';
COMMENT ON COLUMN bi.items.is_latest IS '最新の版か';
COMMENT ON COLUMN bi.items.position IS '計画の中での並び順（1 から）';
COMMENT ON COLUMN bi.items.item IS '項目のキー。スコアカードの中で変わらない';
COMMENT ON COLUMN bi.items.item_name IS '項目の名称';
COMMENT ON COLUMN bi.items.item_name_en IS '項目の英語名';
COMMENT ON COLUMN bi.items.perspective IS '視点（learning, process, customer, financial）';
COMMENT ON COLUMN bi.items.stage IS '段階（study から revenue まで）';
COMMENT ON COLUMN bi.items.stage_name IS '段階の、このスコアカードでの名称';
COMMENT ON COLUMN bi.items.stage_position IS '段階の並び順（1 から）';
COMMENT ON COLUMN bi.items.track IS '系列のキー。系列のない項目では空';
COMMENT ON COLUMN bi.items.measure IS '月の値の足し方（flow, cumulative, level, ratio, milestone）';
COMMENT ON COLUMN bi.items.unit IS '数値の単位（件、人、JPY など）のコード';
COMMENT ON COLUMN bi.items.direction IS '大きいほど良い（higher）か、小さいほど良い（lower）か';
COMMENT ON COLUMN bi.items.high_hurdle IS '難所の項目か';

COMMENT ON VIEW bi.cells IS '月ごとの報告値（1 行が 1 項目 1 か月。報告のない月も行がある）。/v1/facts と同じ行';
COMMENT ON COLUMN bi.cells.scorecard IS 'スコアカードの識別子';
COMMENT ON COLUMN bi.cells.scorecard_key IS '拠点の中でのスコアカードのキー';
COMMENT ON COLUMN bi.cells.prefecture IS '都道府県コード（JIS X 0401、2 桁の文字列）';
COMMENT ON COLUMN bi.cells.prefecture_name IS '道府県の名称';
COMMENT ON COLUMN bi.cells.hub IS '拠点コード';
COMMENT ON COLUMN bi.cells.hub_name IS '拠点の名称';
COMMENT ON COLUMN bi.cells.market_type IS 'スコアカードの市場類型（mature, growth, challenge）';
COMMENT ON COLUMN bi.cells.template IS 'もとになったテンプレートのキー。独自定義では空';
COMMENT ON COLUMN bi.cells.item IS '項目のキー。スコアカードの中で変わらない';
COMMENT ON COLUMN bi.cells.item_name IS '項目の名称';
COMMENT ON COLUMN bi.cells.item_name_en IS '項目の英語名';
COMMENT ON COLUMN bi.cells.perspective IS '視点（learning, process, customer, financial）';
COMMENT ON COLUMN bi.cells.stage IS '段階（study から revenue まで）';
COMMENT ON COLUMN bi.cells.track IS '系列のキー。系列のない項目では空';
COMMENT ON COLUMN bi.cells.measure IS '月の値の足し方（flow, cumulative, level, ratio, milestone）';
COMMENT ON COLUMN bi.cells.unit IS '数値の単位（件、人、JPY など）のコード';
COMMENT ON COLUMN bi.cells.direction IS '大きいほど良い（higher）か、小さいほど良い（lower）か';
COMMENT ON COLUMN bi.cells.high_hurdle IS '難所の項目か';
COMMENT ON COLUMN bi.cells.month IS '暦の月（その月の 1 日）';
COMMENT ON COLUMN bi.cells.fiscal_year IS '会計年度（4 月の属する年）';
COMMENT ON COLUMN bi.cells.fiscal_quarter IS '会計年度の四半期。1 は 4〜6 月';
COMMENT ON COLUMN bi.cells.programme_year IS '計画の何年目か（1 から）';
COMMENT ON COLUMN bi.cells.programme_month IS '計画の開始から何か月目か（1 から）';
COMMENT ON COLUMN bi.cells.cell_state IS 'この月の報告の有無（reported, not_reported, not_applicable）。空欄は 0 ではない';
COMMENT ON COLUMN bi.cells.value IS 'この月だけの値。割合では分子÷分母';
COMMENT ON COLUMN bi.cells.numerator IS '割合の、この月の分子';
COMMENT ON COLUMN bi.cells.denominator IS '割合の、この月の分母';
COMMENT ON COLUMN bi.cells.not_applicable_reason IS '対象外とした理由';
COMMENT ON COLUMN bi.cells.reported_at IS '最後に報告された時刻';
COMMENT ON COLUMN bi.cells.plan_version IS 'この月に有効な計画の版';

COMMENT ON VIEW bi.months IS '月の状態と報告の進み具合（1 行が 1 スコアカード 1 か月）';
COMMENT ON COLUMN bi.months.scorecard IS 'スコアカードの識別子';
COMMENT ON COLUMN bi.months.scorecard_key IS '拠点の中でのスコアカードのキー';
COMMENT ON COLUMN bi.months.prefecture IS '都道府県コード（JIS X 0401、2 桁の文字列）';
COMMENT ON COLUMN bi.months.prefecture_name IS '道府県の名称';
COMMENT ON COLUMN bi.months.hub IS '拠点コード';
COMMENT ON COLUMN bi.months.hub_name IS '拠点の名称';
COMMENT ON COLUMN bi.months.month IS '暦の月（その月の 1 日）';
COMMENT ON COLUMN bi.months.fiscal_year IS '会計年度（4 月の属する年）';
COMMENT ON COLUMN bi.months.month_state IS '月の状態（open, approved, returned）';
COMMENT ON COLUMN bi.months.state_changed_at IS '状態が最後に変わった時刻';
COMMENT ON COLUMN bi.months.items IS '計画にある項目の数';
COMMENT ON COLUMN bi.months.reported IS '報告のある項目の数';
COMMENT ON COLUMN bi.months.not_applicable IS '対象外とされた項目の数';
COMMENT ON COLUMN bi.months.first_completed_at IS '必要な報告がはじめて揃った時刻。揃ったことがなければ空';
COMMENT ON COLUMN bi.months.overdue_since IS '期限までに揃わなかったときの期限の日。期限内なら空';
COMMENT ON COLUMN bi.months.is_overdue IS 'いま期限を過ぎて揃っていないか';

COMMENT ON VIEW bi.stages IS '段階ごとの判定（1 行が 1 段階 1 か月）';
COMMENT ON COLUMN bi.stages.scorecard IS 'スコアカードの識別子';
COMMENT ON COLUMN bi.stages.scorecard_key IS '拠点の中でのスコアカードのキー';
COMMENT ON COLUMN bi.stages.prefecture IS '都道府県コード（JIS X 0401、2 桁の文字列）';
COMMENT ON COLUMN bi.stages.prefecture_name IS '道府県の名称';
COMMENT ON COLUMN bi.stages.hub IS '拠点コード';
COMMENT ON COLUMN bi.stages.hub_name IS '拠点の名称';
COMMENT ON COLUMN bi.stages.market_type IS 'スコアカードの市場類型（mature, growth, challenge）';
COMMENT ON COLUMN bi.stages.template IS 'もとになったテンプレートのキー。独自定義では空';
COMMENT ON COLUMN bi.stages.month IS '暦の月（その月の 1 日）';
COMMENT ON COLUMN bi.stages.fiscal_year IS '会計年度（4 月の属する年）';
COMMENT ON COLUMN bi.stages.stage IS '段階（study から revenue まで）';
COMMENT ON COLUMN bi.stages.perspective IS '視点（learning, process, customer, financial）';
COMMENT ON COLUMN bi.stages.stage_name IS '段階の、このスコアカードでの名称';
COMMENT ON COLUMN bi.stages.stage_position IS '段階の並び順（1 から）';
COMMENT ON COLUMN bi.stages.status IS '段階の状況。もっとも悪い項目のもの';
COMMENT ON COLUMN bi.stages.flag IS '段階の信号（red, amber, none）';
COMMENT ON COLUMN bi.stages.score IS '段階の点（0〜100）。点がつかなければ空';
COMMENT ON COLUMN bi.stages.red_items IS '赤の項目の数';
COMMENT ON COLUMN bi.stages.amber_items IS '黄の項目の数';
COMMENT ON COLUMN bi.stages.due_items IS 'この月までに計画のある項目の数';
COMMENT ON COLUMN bi.stages.met_items IS '計画に届いた項目の数';
COMMENT ON COLUMN bi.stages.plan_version IS '判定に使った計画の版';

COMMENT ON VIEW bi.alerts IS '難所の遅れの警告（1 行が 1 件）';
COMMENT ON COLUMN bi.alerts.alert IS '警告の識別子';
COMMENT ON COLUMN bi.alerts.scorecard IS 'スコアカードの識別子';
COMMENT ON COLUMN bi.alerts.scorecard_key IS '拠点の中でのスコアカードのキー';
COMMENT ON COLUMN bi.alerts.prefecture IS '都道府県コード（JIS X 0401、2 桁の文字列）';
COMMENT ON COLUMN bi.alerts.prefecture_name IS '道府県の名称';
COMMENT ON COLUMN bi.alerts.hub IS '拠点コード';
COMMENT ON COLUMN bi.alerts.hub_name IS '拠点の名称';
COMMENT ON COLUMN bi.alerts.item IS '項目のキー。スコアカードの中で変わらない';
COMMENT ON COLUMN bi.alerts.item_name IS '項目の名称';
COMMENT ON COLUMN bi.alerts.item_name_en IS '項目の英語名';
COMMENT ON COLUMN bi.alerts.stage IS '段階（study から revenue まで）';
COMMENT ON COLUMN bi.alerts.track IS '系列のキー。系列のない項目では空';
COMMENT ON COLUMN bi.alerts.unit IS '数値の単位（件、人、JPY など）のコード';
COMMENT ON COLUMN bi.alerts.state IS '警告の状態（open, resolved, withdrawn）';
COMMENT ON COLUMN bi.alerts.severity IS '重さ（critical, high）';
COMMENT ON COLUMN bi.alerts.opened_month IS '遅れが始まった月（その月の 1 日）';
COMMENT ON COLUMN bi.alerts.resolved_month IS '遅れが終わった月。続いていれば空';
COMMENT ON COLUMN bi.alerts.resolved_reason IS '終わった理由';
COMMENT ON COLUMN bi.alerts.month IS '数値の月（その月の 1 日）';
COMMENT ON COLUMN bi.alerts.status IS '数値の月の状況';
COMMENT ON COLUMN bi.alerts.actual IS 'その月までの実績';
COMMENT ON COLUMN bi.alerts.plan IS 'その月までの計画';
COMMENT ON COLUMN bi.alerts.target IS '目標の全体';
COMMENT ON COLUMN bi.alerts.attainment IS '達成率。1 が計画どおり';
COMMENT ON COLUMN bi.alerts.shortfall IS '計画に足りない分';
COMMENT ON COLUMN bi.alerts.cause IS '主な原因の種類';
COMMENT ON COLUMN bi.alerts.folded_under IS 'まとめて知らせる、もとの警告の識別子';
COMMENT ON COLUMN bi.alerts.acknowledged_until IS '対応中とされている期限。対応中でなければ空';
COMMENT ON COLUMN bi.alerts.silenced_until IS '通知を止めている期限。止めていなければ空';
COMMENT ON COLUMN bi.alerts.is_reviewed IS '計画の見直しについて結論が出たか';
COMMENT ON COLUMN bi.alerts.announced_at IS '最初の通知が出た時刻';
COMMENT ON COLUMN bi.alerts.created_at IS '作成された時刻';
COMMENT ON COLUMN bi.alerts.changed_at IS '最後に変わった時刻';

REVOKE ALL ON SCHEMA bi FROM PUBLIC;
GRANT USAGE ON SCHEMA bi TO shirube_bi;
GRANT SELECT ON bi.scorecards, bi.items, bi.cells, bi.months, bi.stages, bi.alerts TO shirube_bi;

COMMIT;
