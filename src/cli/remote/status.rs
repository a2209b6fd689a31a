//! `shirube status`: what is red, since when, why, and what to prepare next.

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use shirube_client::{
    Alert, AlertsQuery, Cause, FactRow, FactsQuery, Name, Remedy, ScorecardQuery,
};

use super::output::{Field, Format, as_csv, clean, print, progress, table};
use super::{Connection, Exit, Outcome, Remote, words};
use crate::cli::tell;

/// Entries of a page of alerts, the most there are.
const ALERTS_PAGE: u32 = 200;
/// Rows of a page of facts, the most there are.
const FACTS_PAGE: u32 = 10_000;
const COLUMNS: [&str; 19] = [
    "prefecture",
    "hub",
    "hub_name",
    "scorecard",
    "scorecard_key",
    "stage",
    "track",
    "item",
    "item_name",
    "unit",
    "month",
    "actual",
    "plan",
    "attainment",
    "since",
    "cause",
    "next_item",
    "next_item_name",
    "next_due",
];

#[derive(Debug, Args)]
pub struct Arguments {
    /// Only this prefecture, by its JIS code such as 06.
    #[arg(long, value_name = "CODE")]
    prefecture: Option<String>,
    /// Only this hub, by code.
    #[arg(long, value_name = "CODE")]
    hub: Option<String>,
    /// As it was in this month; each scorecard's last reported one where absent.
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// End with exit code 10 where something is red.
    #[arg(long, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    pub connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Red,
}

/// A red step.
#[derive(Debug)]
struct Red {
    prefecture: String,
    hub: String,
    hub_name: Name,
    scorecard: String,
    scorecard_key: String,
    scorecard_name: Name,
    stage: String,
    track: Option<String>,
    item: String,
    item_name: Name,
    measure: String,
    unit: String,
    month: String,
    actual: Option<f64>,
    plan: f64,
    attainment: Option<f64>,
    since: Option<String>,
    cause: Option<Cause>,
}

pub async fn status(remote: &Remote, arguments: &Arguments) -> Outcome {
    let (reds, answers) = match &arguments.month {
        None => by_now(remote, arguments).await?,
        Some(month) => in_month(remote, arguments, month).await?,
    };
    let is_known = !reds.is_empty() || is_reported(remote, arguments).await?;
    match remote.format {
        // One answer a line, where the service gave several pages.
        Format::Json => print(&answers.join("\n"))?,
        Format::Csv => print(&as_csv(&COLUMNS, &fields(remote, &reds))?)?,
        // What is not known has words of its own.
        Format::Table if reds.is_empty() && is_known => {
            tell(remote.words("赤の段階はありません。", "Nothing is red."));
        }
        Format::Table if reds.is_empty() => {}
        Format::Table => print(&shown(remote, &reds))?,
    }
    if !is_known {
        tell(&clean(&unreported(remote, arguments.month.as_deref())));
    }
    Ok(match arguments.fail_on {
        // A monitor that sees nothing must not be green.
        Some(FailOn::Red) if !is_known => Exit::Failed,
        Some(FailOn::Red) if !reds.is_empty() => Exit::Red,
        _ => Exit::Done,
    })
}

/// Whether anything is reported of what the options leave.
async fn is_reported(remote: &Remote, arguments: &Arguments) -> Result<bool, super::Failure> {
    let query = FactsQuery {
        from: arguments.month.clone(),
        to: arguments.month.clone(),
        hub: arguments.hub.clone(),
        prefecture: arguments.prefecture.clone(),
        ..FactsQuery::default()
    };
    remote.has_facts(&query).await
}

fn unreported(remote: &Remote, month: Option<&str>) -> String {
    match month {
        Some(month) => remote
            .words(
                "{month} はまだ何も報告されていないため、赤の段階があるかどうかは分かりません。",
                "Nothing is reported for {month}, so that nobody knows whether anything is red.",
            )
            .replace("{month}", month),
        None => remote
            .words(
                "まだ何も報告されていないため、赤の段階があるかどうかは分かりません。",
                "Nothing is reported yet, so that nobody knows whether anything is red.",
            )
            .to_owned(),
    }
}

/// Of a month the query says the first and the last.
fn option_of(parameter: &str) -> &str {
    match parameter {
        "from" | "to" => "month",
        other => other,
    }
}

/// What is red by now is what has an open alert.
async fn by_now(
    remote: &Remote,
    arguments: &Arguments,
) -> Result<(Vec<Red>, Vec<String>), super::Failure> {
    let mut query = AlertsQuery {
        state: Some("open".to_owned()),
        hub: arguments.hub.clone(),
        prefecture: arguments.prefecture.clone(),
        limit: Some(ALERTS_PAGE),
        ..AlertsQuery::default()
    };
    let (mut reds, mut answers) = (Vec::new(), Vec::new());
    loop {
        let page = remote.client.alerts(&query).await;
        let page = page.map_err(|error| remote.failure_of_read(&error))?;
        answers.push(page.text().to_owned());
        let page = page.into_value();
        reds.extend(page.items.into_iter().map(of_alert));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return Ok((reds, answers));
        }
    }
}

/// What was red in a month, from the facts; why, from the scorecards that have
/// something red.
async fn in_month(
    remote: &Remote,
    arguments: &Arguments,
    month: &str,
) -> Result<(Vec<Red>, Vec<String>), super::Failure> {
    let mut query = FactsQuery {
        from: Some(month.to_owned()),
        to: Some(month.to_owned()),
        flag: Some("red".to_owned()),
        hub: arguments.hub.clone(),
        prefecture: arguments.prefecture.clone(),
        limit: Some(FACTS_PAGE),
        ..FactsQuery::default()
    };
    let (mut rows, mut answers) = (Vec::new(), Vec::new());
    loop {
        let page = remote.client.facts(&query).await;
        let page = page.map_err(|error| remote.failure_of_options(&error, option_of))?;
        answers.push(page.text().to_owned());
        let page = page.into_value();
        rows.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    let mut reds: Vec<Red> = rows.into_iter().map(of_row).collect();
    if remote.format != Format::Json {
        explain(remote, month, &mut reds).await?;
    }
    Ok((reds, answers))
}

async fn explain(remote: &Remote, month: &str, reds: &mut [Red]) -> Result<(), super::Failure> {
    let cards: BTreeSet<String> = reds.iter().map(|red| red.scorecard.clone()).collect();
    let bar = progress(u64::try_from(cards.len()).unwrap_or(0));
    for id in &cards {
        let query = ScorecardQuery {
            month: Some(month.to_owned()),
            include: Some("causes,alerts".to_owned()),
        };
        let card = remote.client.scorecard(id, &query).await;
        let card = card
            .map_err(|error| remote.failure_of_read(&error))?
            .into_value();
        for red in reds.iter_mut().filter(|red| red.scorecard == *id) {
            red.hub_name = card.hub.name.clone();
            red.scorecard_name = card.name.clone();
            red.cause = card.item(&red.item).and_then(|item| item.cause.clone());
            red.since = since(card.alerts.as_deref().unwrap_or_default(), red, month);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

/// When the alert opened that an item had in a month.
fn since(alerts: &[Alert], red: &Red, month: &str) -> Option<String> {
    let covers = |alert: &&Alert| {
        let ended = alert.resolved_month.as_deref();
        alert.item == red.item
            && alert.opened_month.as_str() <= month
            && ended.is_none_or(|ended| month < ended)
    };
    let mut opened: Vec<&str> = alerts
        .iter()
        .filter(covers)
        .map(|alert| alert.opened_month.as_str())
        .collect();
    opened.sort_unstable();
    opened.pop().map(str::to_owned)
}

fn of_alert(alert: Alert) -> Red {
    Red {
        prefecture: alert.prefecture.code,
        hub: alert.hub.code,
        hub_name: alert.hub.name,
        scorecard: alert.scorecard,
        scorecard_key: alert.scorecard_key,
        scorecard_name: alert.scorecard_name,
        stage: alert.stage,
        track: alert.track,
        item: alert.item,
        item_name: alert.item_name,
        measure: alert.measure,
        unit: alert.unit,
        month: alert.month,
        actual: alert.actual,
        plan: alert.plan,
        attainment: alert.attainment,
        since: Some(alert.opened_month),
        cause: Some(alert.cause),
    }
}

fn of_row(row: FactRow) -> Red {
    let in_japanese = |ja: String| Name { en: ja.clone(), ja };
    Red {
        prefecture: row.prefecture,
        hub: row.hub,
        hub_name: in_japanese(row.hub_name),
        scorecard: row.scorecard,
        scorecard_name: in_japanese(row.scorecard_key.clone()),
        scorecard_key: row.scorecard_key,
        stage: row.stage,
        track: row.track,
        item: row.item,
        item_name: Name {
            ja: row.item_name,
            en: row.item_name_en,
        },
        measure: row.measure,
        unit: row.unit,
        month: row.month,
        actual: row.actual,
        plan: row.plan,
        attainment: row.attainment,
        since: None,
        cause: None,
    }
}

impl Red {
    /// The preparation to work on first.
    fn next(&self) -> Option<&Remedy> {
        self.cause.as_ref()?.remedies.first()
    }
}

fn fields(remote: &Remote, reds: &[Red]) -> Vec<Vec<Field>> {
    let name = |name: &Name| Field::text(name.in_language(remote.language));
    let row = |red: &Red| {
        let next = red.next();
        vec![
            Field::text(&red.prefecture),
            Field::text(&red.hub),
            name(&red.hub_name),
            Field::text(&red.scorecard),
            Field::text(&red.scorecard_key),
            Field::text(&red.stage),
            Field::optional(red.track.as_deref()),
            Field::text(&red.item),
            name(&red.item_name),
            Field::text(&red.unit),
            Field::text(&red.month),
            Field::Figure(red.actual),
            Field::Figure(Some(red.plan)),
            Field::Figure(red.attainment),
            Field::optional(red.since.as_deref()),
            Field::optional(red.cause.as_ref().map(|cause| cause.kind.as_str())),
            Field::optional(next.map(|next| next.item.as_str())),
            next.map_or(Field::optional(None), |next| name(&next.item_name)),
            Field::optional(next.and_then(|next| next.due_month.as_deref())),
        ]
    };
    reds.iter().map(row).collect()
}

fn shown(remote: &Remote, reds: &[Red]) -> String {
    let language = remote.language;
    let headings = [
        remote.words("拠点", "Hub"),
        remote.words("スコアカード", "Scorecard"),
        remote.words("段階", "Step"),
        remote.words("項目", "Item"),
        remote.words("実績 / 計画", "Actual / plan"),
        remote.words("達成率", "Attained"),
        remote.words("いつから", "Since"),
        remote.words("原因", "Cause"),
        remote.words("次に取り組む準備", "Prepare next"),
    ];
    let row = |red: &Red| {
        let figure = |value| words::figure(&red.measure, &red.unit, value, language);
        let cause = red.cause.as_ref();
        let advice = cause.and_then(|cause| cause.advice.as_ref());
        let next = red.next().map(|next| next.item_name.in_language(language));
        vec![
            red.hub_name.in_language(language).to_owned(),
            red.scorecard_name.in_language(language).to_owned(),
            words::stage(&red.stage, language),
            red.item_name.in_language(language).to_owned(),
            format!("{} / {}", figure(red.actual), figure(Some(red.plan))),
            words::percent(red.attainment),
            red.since.clone().unwrap_or_else(|| "-".to_owned()),
            cause.map_or_else(String::new, |cause| words::cause(&cause.kind, language)),
            next.or(advice.map(|advice| advice.in_language(language)))
                .unwrap_or("-")
                .to_owned(),
        ]
    };
    table(&headings, reds.iter().map(row).collect())
}
