//! Remarks on figures that are legal but unlikely (`product.md` §3). They
//! never refuse a report.

use super::super::amount::{Amount, Exact};
use super::super::issue::{Issue, IssueCode};
use super::super::ledger::{Cell, Figure, Ledger};
use super::super::month::{MONTHS_PER_YEAR, ProgrammeMonth};
use super::super::roadmap::Plan;
use super::super::scorecard::{Item, Link, LinkKind, Measure};
use super::super::text::Text;
use super::{Entry, Report, Statement};

/// A figure is implausible beyond this multiple of the plan or the median.
const IMPLAUSIBLE_FACTOR: i64 = 10;
/// The median is that of at most so many reported months …
const RECENT_MONTHS_MAX: usize = 6;
/// … and says nothing below so many.
const RECENT_MONTHS_MIN: usize = 3;

/// Remarks on a checked report; `ledger` already holds its figures.
#[must_use]
pub fn warnings(
    report: &Report,
    month: ProgrammeMonth,
    plan: &Plan,
    ledger: &Ledger,
) -> Vec<Issue> {
    let mut found = Vec::new();
    for entry in &report.entries {
        let Some(item) = plan.definition.item(&entry.item) else {
            continue;
        };
        found.extend(implausible(item, entry, month, ledger));
        found.extend(milestone_backwards(item, entry, month, ledger));
        found.extend(above_upstream(item, entry, month, plan, ledger));
    }
    found
}

fn remark(code: IssueCode, entry: &Entry, message: Text) -> Issue {
    Issue::warning(code, &entry.path, message).about_item(&entry.item)
}

fn implausible(
    item: &Item,
    entry: &Entry,
    month: ProgrammeMonth,
    ledger: &Ledger,
) -> Option<Issue> {
    let Statement::Value(value) = entry.statement else {
        return None;
    };
    if matches!(item.measure, Measure::Milestone | Measure::Ratio) {
        return None;
    }
    let factor = Exact::whole(IMPLAUSIBLE_FACTOR);
    let beyond = |usual: &Exact| usual.is_positive() && value.exact() > usual * &factor;
    let planned = monthly_plan(item, month);
    if beyond(&planned) {
        return Some(remark(
            IssueCode::Implausible,
            entry,
            Text::new(
                format!(
                    "「{}」の {value} は、月あたり計画 {} の 10 倍を超えています。桁を確かめてください。",
                    item.name.ja,
                    planned.rounded()
                ),
                format!(
                    "{value} for \"{}\" is more than ten times the month's plan of {}; check the digits.",
                    item.name.en,
                    planned.rounded()
                ),
            ),
        ));
    }
    let median = recent_median(item, month, ledger)?;
    beyond(&median.exact()).then(|| {
        remark(
            IssueCode::Implausible,
            entry,
            Text::new(
                format!("「{}」の {value} は、最近の月の中央値 {median} の 10 倍を超えています。桁を確かめてください。", item.name.ja),
                format!("{value} for \"{}\" is more than ten times the recent months' median of {median}; check the digits.", item.name.en),
            ),
        )
    })
}

/// What the plan expects of one month: its own increment, but not less than an
/// even share, because sessions make most months' increment zero.
fn monthly_plan(item: &Item, month: ProgrammeMonth) -> Exact {
    let target = item
        .target_in(month.year())
        .map_or_else(Exact::zero, Amount::exact);
    let months = match item.measure {
        Measure::Flow => i64::from(MONTHS_PER_YEAR),
        Measure::Cumulative => item.bar.map_or(1, |bar| i64::from(bar.due - bar.start + 1)),
        Measure::Level | Measure::Ratio | Measure::Milestone => return target,
    };
    let even = &target * &Exact::fraction(1, months);
    even.max(item.planned_increment(month))
}

fn recent_median(item: &Item, month: ProgrammeMonth, ledger: &Ledger) -> Option<Amount> {
    let mut recent: Vec<Amount> = ProgrammeMonth::FIRST
        .through(month.previous()?)
        .rev()
        .filter_map(|earlier| match ledger.cell(&item.key, earlier) {
            Cell::Reported(Figure::Amount(value)) => Some(*value),
            _ => None,
        })
        .take(RECENT_MONTHS_MAX)
        .collect();
    if recent.len() < RECENT_MONTHS_MIN {
        return None;
    }
    recent.sort_unstable();
    recent.get(recent.len() / 2).copied()
}

fn milestone_backwards(
    item: &Item,
    entry: &Entry,
    month: ProgrammeMonth,
    ledger: &Ledger,
) -> Option<Issue> {
    let Statement::Value(value) = entry.statement else {
        return None;
    };
    if item.measure != Measure::Milestone {
        return None;
    }
    let before = ProgrammeMonth::FIRST
        .through(month.previous()?)
        .rev()
        .find_map(|earlier| match ledger.cell(&item.key, earlier) {
            Cell::Reported(Figure::Amount(value)) => Some(*value),
            _ => None,
        })?;
    (value < before).then(|| {
        remark(
            IssueCode::MilestoneBackwards,
            entry,
            Text::new(
                format!(
                    "「{}」の進捗が {before}％ から {value}％ に戻っています。",
                    item.name.ja
                ),
                format!(
                    "The progress of \"{}\" goes back from {before}% to {value}%.",
                    item.name.en
                ),
            ),
        )
    })
}

fn above_upstream(
    item: &Item,
    entry: &Entry,
    month: ProgrammeMonth,
    plan: &Plan,
    ledger: &Ledger,
) -> Option<Issue> {
    let link = plan.definition.links.iter().find(|link| {
        link.kind == LinkKind::Conversion
            && link.to.contains(&item.key)
            && converts_at_most_one_to_one(link, month, plan)
            && upstream_complete(link, month, ledger)
    })?;
    let lag = link.lag_months;
    let downstream = year_to_date(&link.to, month, 0, ledger);
    let upstream = year_to_date(&link.from, month, lag, ledger);
    (downstream > upstream).then(|| {
        let upstream_names = link.from.join(", ");
        remark(
            IssueCode::AboveUpstream,
            entry,
            Text::new(
                format!(
                    "今年度の累計 {} が、上流（{upstream_names}）の累計 {} を上回っています。",
                    downstream.rounded(),
                    upstream.rounded()
                ),
                format!(
                    "This year's total of {} exceeds that of its upstream ({upstream_names}), {}.",
                    downstream.rounded(),
                    upstream.rounded()
                ),
            ),
        )
    })
}

/// Whether the plan expects no more downstream than upstream, in things counted.
fn converts_at_most_one_to_one(link: &Link, month: ProgrammeMonth, plan: &Plan) -> bool {
    let items = |keys: &[String]| -> Vec<&Item> {
        keys.iter()
            .filter_map(|key| plan.definition.item(key))
            .collect()
    };
    let (from, to) = (items(&link.from), items(&link.to));
    let counted = from.iter().chain(&to).all(|item| item.is_counted());
    let total = |items: &[&Item]| -> Exact {
        items
            .iter()
            .filter_map(|item| item.target_in(month.year()))
            .map(Amount::exact)
            .sum()
    };
    counted && total(&to) <= total(&from)
}

/// Whether every upstream month of the year is known; a gap proves nothing.
fn upstream_complete(link: &Link, month: ProgrammeMonth, ledger: &Ledger) -> bool {
    shifted_year(month, link.lag_months).all(|earlier| {
        link.from
            .iter()
            .all(|key| ledger.cell(key, earlier).is_reported())
    })
}

fn shifted_year(month: ProgrammeMonth, lag: u32) -> impl Iterator<Item = ProgrammeMonth> {
    month
        .year_start()
        .through(month)
        .filter(move |m| m.t() > lag)
        .map(move |m| ProgrammeMonth::new(m.t() - lag))
}

fn year_to_date(keys: &[String], month: ProgrammeMonth, lag: u32, ledger: &Ledger) -> Exact {
    shifted_year(month, lag)
        .flat_map(|m| keys.iter().map(move |key| ledger.cell(key, m)))
        .filter_map(|cell| match cell {
            Cell::Reported(Figure::Amount(value)) => Some(value.exact()),
            _ => None,
        })
        .sum()
}
