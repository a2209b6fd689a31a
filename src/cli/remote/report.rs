//! `shirube report`: a scorecard's month as a table.

use clap::Args;
use shirube_client::{EvaluatedItem, EvaluatedScorecard, ScorecardQuery, Step};

use super::output::{Field, Format, as_csv, print, table};
use super::{Connection, Outcome, Remote, Which, words};
use super::{Exit, Failure};
use crate::cli::tell;

const COLUMNS: [&str; 14] = [
    "month",
    "stage",
    "track",
    "item",
    "item_name",
    "unit",
    "actual",
    "plan",
    "target",
    "attainment",
    "status",
    "flag",
    "high_hurdle",
    "reason",
];

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// The month; the last reported one where absent.
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    #[command(flatten)]
    pub connection: Connection,
}

pub async fn report(remote: &Remote, arguments: &Arguments) -> Outcome {
    let id = remote.scorecard(&arguments.which).await?;
    let query = ScorecardQuery {
        month: arguments.month.clone(),
        ..ScorecardQuery::default()
    };
    let card = remote.client.scorecard(&id, &query).await;
    let card = card.map_err(|error| remote.failure_of_read(&error))?;
    match remote.format {
        Format::Json => print(card.text())?,
        Format::Csv => print(&fields(remote, &card)?)?,
        Format::Table => {
            tell(&heading(remote, &card));
            print(&shown(remote, &card))?;
        }
    }
    Ok(Exit::Done)
}

/// "鳥取県… 人口規模… 2026-10 赤 2 黄 1".
fn heading(remote: &Remote, card: &EvaluatedScorecard) -> String {
    let name = |name: &shirube_client::Name| name.in_language(remote.language).to_owned();
    let counts = remote
        .words(
            "赤 {red}、黄 {amber}、計画どおり {met} / {due}",
            "{red} red, {amber} yellow, {met} of {due} as planned",
        )
        .replace("{red}", &card.counts.red.to_string())
        .replace("{amber}", &card.counts.amber.to_string())
        .replace("{met}", &card.counts.met.to_string())
        .replace("{due}", &card.counts.due.to_string());
    let provisional = if card.provisional {
        remote.words("（報告が揃っていません）", " (not all is reported yet)")
    } else {
        ""
    };
    let line = format!(
        "{}  {}  {}{provisional}  {counts}",
        name(&card.hub.name),
        name(&card.name),
        card.month
    );
    super::clean(&line)
}

fn fields(remote: &Remote, card: &EvaluatedScorecard) -> Result<String, Failure> {
    let row = |(step, item): (&Step, &EvaluatedItem)| {
        let reason = item.reason.words();
        vec![
            Field::text(&card.month),
            Field::text(&step.stage),
            Field::optional(step.track.as_deref()),
            Field::text(&item.key),
            Field::text(item.name.in_language(remote.language)),
            Field::text(&item.unit),
            Field::Figure(item.actual),
            Field::Figure(Some(item.plan)),
            Field::Figure(item.target),
            Field::Figure(item.attainment),
            Field::text(&item.status),
            Field::text(&item.flag),
            Field::text(if item.high_hurdle { "true" } else { "false" }),
            Field::text(reason.in_language(remote.language)),
        ]
    };
    let rows: Vec<Vec<Field>> = card.items().map(row).collect();
    as_csv(&COLUMNS, &rows)
}

fn shown(remote: &Remote, card: &EvaluatedScorecard) -> String {
    let language = remote.language;
    let headings = [
        remote.words("段階", "Step"),
        remote.words("項目", "Item"),
        remote.words("計画", "Plan"),
        remote.words("実績", "Actual"),
        remote.words("達成率", "Attained"),
        remote.words("状況", "Status"),
        remote.words("理由", "Reason"),
    ];
    let row = |(step, item): (&Step, &EvaluatedItem)| {
        let figure = |value| words::figure(&item.measure, &item.unit, value, language);
        vec![
            step.name.in_language(language).to_owned(),
            item.name.in_language(language).to_owned(),
            figure(Some(item.plan)),
            figure(item.actual),
            words::percent(item.attainment),
            words::status(&item.status, &item.flag, language),
            item.reason.words().in_language(language).to_owned(),
        ]
    };
    table(&headings, card.items().map(row).collect())
}
