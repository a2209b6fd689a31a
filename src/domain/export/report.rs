//! A month of a scorecard for reading: where it stands, what to look at, and how
//! the months before went.

use super::{About, Line, lines};
use crate::domain::amount::Exact;
use crate::domain::causes::{CauseDocument, cause};
use crate::domain::evaluate::{Evaluation, ItemEvaluation, evaluate, evaluate_item};
use crate::domain::ledger::Ledger;
use crate::domain::month::{MONTHS_PER_YEAR, Month, ProgrammeMonth};
use crate::domain::month_state::MonthState;
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::scorecard::{Measure, Perspective};
use crate::domain::status::{Flag, Status};
use crate::domain::words::unit_name;

/// Months of the grid of statuses at most.
const GRID_MONTHS_MAX: u32 = 36;
/// Items whose months are drawn, at most.
const TRENDS_MAX: usize = 6;

/// What a monthly report shows.
#[derive(Clone, Debug, PartialEq)]
pub struct MonthlyReport {
    pub about: About,
    pub month: Month,
    pub at: ProgrammeMonth,
    pub state: MonthState,
    /// Whether anything was ever reported up to the month.
    pub has_report: bool,
    pub evaluation: Evaluation,
    /// The items of the plan in force, in its order.
    pub rows: Vec<ReportRow>,
    /// Positions of what to look at first: red before amber, the worst first.
    pub attention: Vec<Attention>,
    /// The months of the grid, up to that of the report.
    pub months: Vec<Month>,
    pub funnel: Vec<FunnelBar>,
    /// The months of the programme year.
    pub year: Vec<Month>,
    pub trends: Vec<Trend>,
}

/// An item in the report.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportRow {
    pub line: Line,
    pub evaluated: ItemEvaluation,
    /// One a month of the grid; none where the month's plan lacks the item.
    pub statuses: Vec<Option<(Status, Flag)>>,
}

/// A flagged item with its cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Attention {
    /// In the rows.
    pub position: usize,
    pub cause: CauseDocument,
}

/// What is counted at one step of the way from the first contact to a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunnelBar {
    pub name: String,
    /// To date, summed over the step's items.
    pub plan: Exact,
    /// `None` where none of them has a figure.
    pub actual: Option<Exact>,
}

/// An item over the months of the programme year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trend {
    pub line: Line,
    /// To date; one a month.
    pub plan: Vec<Exact>,
    /// `None` after the month of the report, and where there is no figure yet.
    pub actual: Vec<Option<Exact>>,
}

impl MonthlyReport {
    /// The report of the month `at`, from cells up to it.
    #[must_use]
    pub fn of(
        about: About,
        plans: &PlanHistory,
        ledger: &Ledger,
        at: ProgrammeMonth,
        state: MonthState,
    ) -> Self {
        let start = plans.start();
        let plan = plans.in_force(at.calendar(start));
        let evaluation = evaluate(plan, ledger, at);
        let first = ProgrammeMonth::new(at.t().saturating_sub(GRID_MONTHS_MAX - 1).max(1));
        let grid: Vec<ProgrammeMonth> = first.through(at).collect();
        let rows: Vec<ReportRow> = lines(plan)
            .into_iter()
            .zip(&evaluation.items)
            .map(|(line, evaluated)| ReportRow {
                statuses: statuses(plans, ledger, &line.item.key, &grid),
                evaluated: evaluated.clone(),
                line,
            })
            .collect();
        let year_end = ProgrammeMonth::new(at.year_start().t() + MONTHS_PER_YEAR - 1);
        let year: Vec<ProgrammeMonth> = at.year_start().through(year_end).collect();
        let trends = chosen(&rows).map(|row| trend(plans, ledger, &row.line, &year, at));
        Self {
            month: at.calendar(start),
            at,
            state,
            has_report: ledger.reported_through().is_some(),
            attention: attention(plan, ledger, &evaluation),
            months: grid.iter().map(|at| at.calendar(start)).collect(),
            funnel: funnel(&rows),
            year: year.iter().map(|at| at.calendar(start)).collect(),
            trends: trends.collect(),
            about,
            evaluation,
            rows,
        }
    }
}

fn statuses(
    plans: &PlanHistory,
    ledger: &Ledger,
    key: &str,
    months: &[ProgrammeMonth],
) -> Vec<Option<(Status, Flag)>> {
    let judged = months.iter().map(|at| {
        let plan = plans.in_force(at.calendar(plans.start()));
        let evaluated = evaluate_item(plan, ledger, plan.definition.item(key)?, *at);
        Some((evaluated.status, evaluated.flag))
    });
    judged.collect()
}

fn attention(plan: &Plan, ledger: &Ledger, evaluation: &Evaluation) -> Vec<Attention> {
    let items = evaluation.items.iter().enumerate();
    let mut flagged: Vec<(Flag, Status, usize)> = items
        .filter(|(_, item)| item.flag != Flag::None)
        .map(|(position, item)| (item.flag, item.status, position))
        .collect();
    flagged.sort_unstable();
    flagged
        .into_iter()
        .map(|(_, _, position)| Attention {
            position,
            cause: cause(plan, ledger, evaluation, position).document(plan, evaluation),
        })
        .collect()
}

/// What is counted towards a target, step by step and unit by unit.
fn funnel(rows: &[ReportRow]) -> Vec<FunnelBar> {
    let mut bars: Vec<FunnelBar> = Vec::new();
    for row in rows {
        let item = &row.line.item;
        let is_step = item.stage.perspective() == Perspective::Customer;
        let is_counted = item.measure == Measure::Flow && item.is_counted();
        if !is_step || !is_counted || row.evaluated.target.is_none() {
            continue;
        }
        let track = row.line.track.as_ref();
        let track = track.map_or_else(String::new, |track| format!("・{track}"));
        let unit = unit_name(item.measure, &item.unit).ja;
        let unit = if unit.is_empty() {
            unit
        } else {
            format!("（{unit}）")
        };
        let name = format!("{}{track}{unit}", row.line.stage);
        let (plan, actual) = (&row.evaluated.plan, row.evaluated.actual.as_ref());
        match bars.iter_mut().find(|bar| bar.name == name) {
            Some(bar) => {
                bar.plan = &bar.plan + plan;
                bar.actual = match (bar.actual.take(), actual) {
                    (Some(sum), Some(actual)) => Some(&sum + actual),
                    (sum, actual) => sum.or_else(|| actual.cloned()),
                };
            }
            None => bars.push(FunnelBar {
                name,
                plan: plan.clone(),
                actual: actual.cloned(),
            }),
        }
    }
    bars
}

/// The high-hurdle items; where there are none, what is counted month by month.
fn chosen(rows: &[ReportRow]) -> impl Iterator<Item = &ReportRow> {
    let any_hurdle = rows.iter().any(|row| row.line.item.high_hurdle);
    rows.iter()
        .filter(move |row| {
            let item = &row.line.item;
            if any_hurdle {
                item.high_hurdle
            } else {
                item.measure == Measure::Flow && item.is_counted()
            }
        })
        .take(TRENDS_MAX)
}

fn trend(
    plans: &PlanHistory,
    ledger: &Ledger,
    line: &Line,
    year: &[ProgrammeMonth],
    last: ProgrammeMonth,
) -> Trend {
    let judged = year.iter().map(|at| {
        let plan = plans.in_force(at.calendar(plans.start()));
        let item = plan.definition.item(&line.item.key)?;
        let evaluated = evaluate_item(plan, ledger, item, *at);
        Some((evaluated.plan, evaluated.actual.filter(|_| *at <= last)))
    });
    let (plan, actual) = judged
        .map(|judged| judged.unwrap_or_else(|| (Exact::zero(), None)))
        .unzip();
    Trend {
        line: line.clone(),
        plan,
        actual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::export::tests::about;
    use crate::domain::fixture::{ItemFixture, flow, ledger, level, plan, t};
    use crate::domain::scorecard::{Item, Stage};

    fn report(items: Vec<Item>, cells: &[(&str, &str)], at: u32) -> MonthlyReport {
        let plan = plan(items);
        let about = about(plan.start);
        let plans = PlanHistory::new(plan, Vec::new());
        MonthlyReport::of(about, &plans, &ledger(cells), t(at), MonthState::Open)
    }

    fn counted(key: &str, target: i64, stage: Stage) -> Item {
        flow(target).keyed(key).at(stage)
    }

    #[test]
    fn a_step_sums_what_it_counts() {
        let report = report(
            vec![
                counted("a", 12, Stage::Consult),
                counted("b", 24, Stage::Consult),
                counted("people", 12, Stage::Consult).in_unit("people"),
                counted("money", 12, Stage::Contract).in_unit("JPY"),
                counted("c", 12, Stage::Contract),
                level(3).keyed("level"),
                counted("setup", 12, Stage::Setup),
                counted("watched", 12, Stage::Refer).without_target(),
            ],
            &[("a", "3 4"), ("people", "5")],
            2,
        );
        let shown: Vec<(&str, &Exact, Option<&Exact>)> = report
            .funnel
            .iter()
            .map(|bar| (bar.name.as_str(), &bar.plan, bar.actual.as_ref()))
            .collect();
        let whole = Exact::whole;
        assert_eq!(
            shown,
            [
                ("相談（件）", &whole(6), Some(&whole(7))),
                ("相談（人）", &whole(2), Some(&whole(5))),
                ("成約（件）", &whole(2), None),
            ]
        );
    }

    #[test]
    fn high_hurdles_are_drawn_over_their_year() {
        let report = report(
            vec![
                counted("plain", 12, Stage::Consult),
                counted("hurdle", 24, Stage::Contract).high_hurdle(),
            ],
            &[("hurdle", "1*12 2 3 9")],
            14,
        );
        let [trend] = report.trends.as_slice() else {
            panic!("{:?}", report.trends);
        };
        assert_eq!(trend.line.item.key, "hurdle");
        assert_eq!(trend.plan.len(), 12);
        assert_eq!(trend.plan[11], Exact::whole(24));
        assert_eq!(
            trend.actual[..2],
            [Some(Exact::whole(2)), Some(Exact::whole(5))]
        );
        assert!(trend.actual[2..].iter().all(Option::is_none));
        assert_eq!(report.year[0], report.about.start.plus(12));
        assert_eq!(report.months.len(), 14);
        assert_eq!(report.rows[1].statuses.len(), 14);
    }

    #[test]
    fn red_comes_before_amber() {
        let report = report(
            vec![
                counted("fine", 12, Stage::Attract),
                counted("amber", 120, Stage::Consult),
                counted("red", 120, Stage::Contract).high_hurdle(),
            ],
            &[("fine", "1 1 1"), ("amber", "0 0 0"), ("red", "0 0 0")],
            3,
        );
        let shown: Vec<usize> = report.attention.iter().map(|each| each.position).collect();
        assert_eq!(shown, [2, 1]);
        assert!(report.has_report);
    }

    #[test]
    fn a_long_programme_shows_its_last_three_years() {
        let report = report(vec![counted("a", 12, Stage::Consult)], &[], 60);
        assert_eq!(report.months.len(), 36);
        assert_eq!(report.months.last(), Some(&report.month));
        assert!(!report.has_report);
        assert_eq!(report.trends.len(), 1, "what is counted, without a hurdle");
    }
}
