//! Many scorecards at once: a heat map's worth in one call.

use std::collections::{BTreeMap, HashMap};

use super::summaries::{MonthSummary, SummedWeight, evaluated_summary, of_row};
use super::{AppError, Session, as_of, plans, scorecards};
use crate::domain::amount::{Amount, Exact};
use crate::domain::code::coded_enum;
use crate::domain::evaluate::Counts;
use crate::domain::ids::ScorecardId;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::scorecard::Stage;
use crate::domain::status::Flag;
use crate::domain::template::Templates;
use crate::domain::text::Text;
use crate::storage::scorecards::{Filter, Scorecard};
use crate::storage::{plans as plan_rows, summaries};

coded_enum! {
    /// What an overview groups by.
    pub enum GroupBy {
        Prefecture => "prefecture",
        Template => "template",
        MarketType => "market_type",
        Stage => "stage",
    }
}

/// A scorecard with its summary; `None` before its first month.
#[derive(Clone, Debug)]
pub struct Line {
    pub scorecard: Scorecard,
    pub month: Month,
    pub summary: Option<MonthSummary>,
}

/// Several scorecards taken together.
#[derive(Clone, Debug)]
pub struct Group {
    pub key: String,
    pub name: Text,
    pub scorecards: u32,
    pub counts: Counts,
    /// The plain mean of the scores that exist.
    pub score: Option<Exact>,
    /// Pooled over all items.
    pub coverage: Option<Exact>,
    pub flag: Flag,
}

#[derive(Clone, Debug)]
pub struct Overview {
    pub groups: Vec<Group>,
    pub lines: Vec<Line>,
}

/// Every scorecard in the caller's scope in `month`; without one, each in its
/// own last reported month.
///
/// # Errors
/// Those of the storage.
pub fn overview(
    session: &mut Session<'_>,
    filter: &Filter,
    month: Option<Month>,
    group_by: GroupBy,
    templates: &Templates,
) -> Result<Overview, AppError> {
    let cards = scorecards::list_all(session, filter)?;
    let mut known = stored_summaries(session, &cards, month)?;
    let mut lines = Vec::with_capacity(cards.len());
    let mut unknown = Vec::new();
    for scorecard in cards {
        let asked = month
            .or(scorecard.reported_through)
            .unwrap_or(scorecard.start);
        let summary = known.remove(&scorecard.id);
        if summary.is_none() && asked >= scorecard.start {
            unknown.push((lines.len(), scorecard.id.clone()));
        }
        lines.push(Line {
            scorecard,
            month: asked,
            summary,
        });
    }
    evaluate_unknown(session, &mut lines, &unknown)?;
    let groups = grouped(&lines, group_by, templates);
    Ok(Overview { groups, lines })
}

fn stored_summaries(
    session: &mut Session<'_>,
    cards: &[Scorecard],
    month: Option<Month>,
) -> Result<HashMap<ScorecardId, MonthSummary>, AppError> {
    // They are of the present.
    if session.known_at.is_some() {
        return Ok(HashMap::new());
    }
    let ids: Vec<ScorecardId> = cards.iter().map(|card| card.id.clone()).collect();
    let rows = match month {
        Some(month) => summaries::of_month(session.conn, &ids, month)?,
        None => summaries::latest(session.conn, &ids)?,
    };
    Ok(rows
        .iter()
        .filter_map(|row| Some((row.scorecard.clone(), of_row(row)?)))
        .collect())
}

/// Months beyond the last report have no summary: these few are evaluated from
/// their cells, all loaded at once.
fn evaluate_unknown(
    session: &mut Session<'_>,
    lines: &mut [Line],
    unknown: &[(usize, ScorecardId)],
) -> Result<(), AppError> {
    if unknown.is_empty() {
        return Ok(());
    }
    let ids: Vec<ScorecardId> = unknown.iter().map(|(_, id)| id.clone()).collect();
    let starts: Vec<(&ScorecardId, Month)> = unknown
        .iter()
        .filter_map(|(index, id)| lines.get(*index).map(|line| (id, line.scorecard.start)))
        .collect();
    let mut histories = plan_rows::histories(session.conn, &ids)?;
    let mut ledgers = as_of::ledgers(session, &starts, None)?;
    for (index, id) in unknown {
        let Some(line) = lines.get_mut(*index) else {
            continue;
        };
        let start = line.scorecard.start;
        let rows = histories.remove(id).unwrap_or_default();
        let rows = as_of::plan_versions(session, rows);
        let history = plans::plan_history(&session.office.plans, rows, start)?;
        let ledger = ledgers.remove(id).unwrap_or_default();
        line.summary = evaluated_summary(&history, &ledger, start, line.month);
    }
    Ok(())
}

fn grouped(lines: &[Line], group_by: GroupBy, templates: &Templates) -> Vec<Group> {
    let mut groups: BTreeMap<(usize, String), Sum> = BTreeMap::new();
    for line in lines {
        let Some(summary) = &line.summary else {
            continue;
        };
        if group_by == GroupBy::Stage {
            for (stage, part) in &summary.stages {
                let key = (stage_order(*stage), stage.code().to_owned());
                let sum = groups
                    .entry(key)
                    .or_insert_with(|| Sum::named(stage.name()));
                sum.add(&part.counts, part.score, part.weight, part.flag);
            }
        } else {
            let (key, name) = group_of(line, group_by, templates);
            let sum = groups.entry((0, key)).or_insert_with(|| Sum::named(name));
            sum.add(&summary.counts, summary.score, summary.weight, summary.flag);
        }
    }
    groups
        .into_iter()
        .map(|((_, key), sum)| sum.finish(key))
        .collect()
}

fn stage_order(stage: Stage) -> usize {
    Stage::all().position(|known| known == stage).unwrap_or(0)
}

fn group_of(line: &Line, group_by: GroupBy, templates: &Templates) -> (String, Text) {
    let scorecard = &line.scorecard;
    match group_by {
        GroupBy::Template => match &scorecard.template {
            Some(key) => {
                let name = templates.find(key).map(|template| template.name.clone());
                (
                    key.clone(),
                    name.unwrap_or_else(|| Text::new(key.clone(), key.clone())),
                )
            }
            None => ("own".to_owned(), Text::new("独自定義", "Own definition")),
        },
        GroupBy::MarketType => (
            scorecard.market_type.code().to_owned(),
            scorecard.market_type.name(),
        ),
        GroupBy::Prefecture | GroupBy::Stage => {
            let prefecture = &scorecard.hub.prefecture;
            (prefecture.code.to_string(), prefecture.name.clone())
        }
    }
}

/// A group while it is being added up.
struct Sum {
    name: Text,
    scorecards: u32,
    counts: Counts,
    scores: Vec<Amount>,
    scored: Exact,
    due: Exact,
    flag: Flag,
}

impl Sum {
    fn named(name: Text) -> Self {
        Self {
            name,
            scorecards: 0,
            counts: Counts::default(),
            scores: Vec::new(),
            scored: Exact::zero(),
            due: Exact::zero(),
            flag: Flag::None,
        }
    }

    fn add(&mut self, counts: &Counts, score: Option<Amount>, weight: SummedWeight, flag: Flag) {
        self.scorecards += 1;
        self.counts = self.counts + *counts;
        self.scores.extend(score);
        self.scored = &self.scored + &weight.scored.exact();
        self.due = &self.due + &weight.due.exact();
        self.flag = self.flag.min(flag);
    }

    fn finish(self, key: String) -> Group {
        let count = i64::try_from(self.scores.len()).unwrap_or(i64::MAX);
        let total: Exact = self.scores.into_iter().map(Amount::exact).sum();
        Group {
            key,
            name: self.name,
            scorecards: self.scorecards,
            counts: self.counts,
            score: total.checked_div(&Exact::whole(count)),
            coverage: self.scored.checked_div(&self.due),
            flag: self.flag,
        }
    }
}

/// The programme month of a line, for callers that need it.
impl Line {
    #[must_use]
    pub fn at(&self) -> Option<ProgrammeMonth> {
        ProgrammeMonth::of(self.month, self.scorecard.start)
    }
}
