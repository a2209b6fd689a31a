//! Whether a hub can stand on its own feet: its income over its operating cost,
//! to date and as expected at the end of the programme year.

use super::amount::{Amount, Exact};
use super::code::coded_enum;
use super::ledger::Ledger;
use super::month::ProgrammeMonth;
use super::roadmap::Plan;
use super::scorecard::{Item, Measure, Stage};
use super::text::Text;
use super::words::{full_percent, yen};

/// The key of the parameter that holds a year's operating cost of the hub.
pub const OPERATING_COST: &str = "operating_cost";

coded_enum! {
    /// Why no year end is expected of an income.
    pub enum NotExpected {
        /// No month of the year is reported.
        NotReported => "not_reported",
        /// There is no target, so no plan of how the year goes.
        Untargeted => "untargeted",
        /// The plan asks for nothing in the reported months.
        NotDue => "not_due",
    }
}

impl NotExpected {
    #[must_use]
    pub fn words(self) -> Text {
        match self {
            Self::NotReported => Text::new(
                "今年次の実績がまだ報告されていません。",
                "No month of this programme year is reported yet.",
            ),
            Self::Untargeted => Text::new(
                "年間目標が設定されていないため、年次末を見込めません。",
                "There is no yearly target, so no year end can be expected.",
            ),
            Self::NotDue => Text::new(
                "報告された月には計画がまだないため、年次末を見込めません。",
                "The plan asks for nothing in the reported months, so no year end can be expected.",
            ),
        }
    }
}

/// One income of the programme year, in yen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Income {
    pub item: String,
    pub name: Text,
    /// Reported this programme year; `None` where no month is.
    pub to_date: Option<Exact>,
    /// Of the year.
    pub target: Option<Amount>,
    /// At the year's end.
    pub expected: Result<Exact, NotExpected>,
}

/// Incomes over the operating cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Of a year.
    pub operating_cost: Option<Amount>,
    pub to_date: Exact,
    /// The expected incomes; of one without an expectation what has come in.
    pub expected: Exact,
    /// Whether an income has no expectation, so that `expected` is too low.
    pub provisional: bool,
    /// Income to date over the whole year's cost.
    pub share_to_date: Option<Exact>,
    /// Expected income over the cost; from 1 on the hub pays for itself.
    pub share_expected: Option<Exact>,
    /// Cost less expected income; below zero is a surplus.
    pub gap: Option<Exact>,
}

/// The incomes of a scorecard in a month's programme year, in plan order:
/// flows of yen on the stage `revenue`, be they fees, donations or investments.
#[must_use]
pub fn incomes(plan: &Plan, ledger: &Ledger, month: ProgrammeMonth) -> Vec<Income> {
    plan.definition
        .items
        .iter()
        .filter(|item| is_income(item))
        .map(|item| income(item, ledger, month))
        .collect()
}

fn is_income(item: &Item) -> bool {
    item.stage == Stage::Revenue && item.measure == Measure::Flow && item.unit.is_money()
}

fn income(item: &Item, ledger: &Ledger, month: ProgrammeMonth) -> Income {
    let reported: Vec<(ProgrammeMonth, Amount)> = month
        .year_start()
        .through(month)
        .filter_map(|m| Some((m, ledger.cell(&item.key, m).amount()?)))
        .collect();
    let target = item.target_in(month.year());
    let to_date: Option<Exact> = reported
        .iter()
        .map(|(_, amount)| amount.exact())
        .reduce(|total, amount| total + amount);
    Income {
        item: item.key.clone(),
        name: item.name.clone(),
        target,
        expected: expected(item, &reported, target, to_date.as_ref()),
        to_date,
    }
}

/// `A / s` on the reported months (`semantics.md` §6): the rest of the year goes
/// as well against its plan as these went.
fn expected(
    item: &Item,
    reported: &[(ProgrammeMonth, Amount)],
    target: Option<Amount>,
    to_date: Option<&Exact>,
) -> Result<Exact, NotExpected> {
    let to_date = to_date.ok_or(NotExpected::NotReported)?;
    let target = target.ok_or(NotExpected::Untargeted)?;
    let planned: Exact = reported
        .iter()
        .map(|(m, _)| item.planned_increment(*m))
        .sum();
    (to_date * &target.exact())
        .checked_div(&planned)
        .ok_or(NotExpected::NotDue)
}

/// All incomes together over the operating cost; `None` where nothing brings
/// income.
#[must_use]
pub fn coverage(incomes: &[&Income], operating_cost: Option<Amount>) -> Option<Coverage> {
    if incomes.is_empty() {
        return None;
    }
    let received = |income: &Income| income.to_date.clone().unwrap_or_else(Exact::zero);
    let to_date: Exact = incomes.iter().map(|income| received(income)).sum();
    let expected: Exact = incomes
        .iter()
        .map(|income| income.expected.clone().unwrap_or_else(|_| received(income)))
        .sum();
    let cost = operating_cost.map(Amount::exact);
    let over_cost = |income: &Exact| income.checked_div(cost.as_ref()?);
    Some(Coverage {
        operating_cost,
        share_to_date: over_cost(&to_date),
        share_expected: over_cost(&expected),
        gap: cost.as_ref().map(|cost| cost - &expected),
        to_date,
        expected,
        provisional: incomes.iter().any(|income| income.expected.is_err()),
    })
}

impl Coverage {
    /// Whether the hub is expected to pay for itself; `None` where no cost is
    /// known, or where incomes without an expectation may still make it.
    #[must_use]
    pub fn is_self_sufficient(&self) -> Option<bool> {
        let gap = self.gap.as_ref()?;
        if gap.is_positive() {
            (!self.provisional).then_some(false)
        } else {
            Some(true)
        }
    }

    /// What it comes to, in a sentence.
    #[must_use]
    pub fn words(&self) -> Text {
        let expected = yen(&self.expected);
        let (Some(cost), Some(share), Some(gap)) =
            (self.operating_cost, &self.share_expected, &self.gap)
        else {
            return Text::new(
                format!(
                    "年次末の収入は {}の見込みです。年間運営費が設定されていないため、充足率は計算できません。",
                    expected.ja
                ),
                format!(
                    "Expected income at the year's end: {}. Without an operating cost there is no coverage.",
                    expected.en
                ),
            );
        };
        let (cost, percent) = (yen(&cost.exact()), full_percent(share));
        let at_least = if self.provisional {
            ("少なくとも", "at least ")
        } else {
            ("", "")
        };
        let rest = if gap.is_positive() {
            let gap = yen(gap);
            (
                format!("{}不足します。", gap.ja),
                format!("{} short.", gap.en),
            )
        } else {
            let surplus = yen(&(&Exact::zero() - gap));
            (
                format!("{}の余裕があります。", surplus.ja),
                format!("{} to spare.", surplus.en),
            )
        };
        Text::new(
            format!(
                "年次末の収入は{} {}の見込みで、年間運営費 {}の {percent}％です。{}",
                at_least.0, expected.ja, cost.ja, rest.0
            ),
            format!(
                "Expected income at the year's end: {}{}, {percent}% of the operating cost of {} a year; {}",
                at_least.1, expected.en, cost.en, rest.1
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::fixture::{ItemFixture, flow, ledger, plan, t};
    use crate::domain::ledger::{Cell, Figure};
    use crate::domain::scorecard::Phasing;

    /// 12 million yen a year.
    fn fees() -> Item {
        flow(12_000_000).in_unit("JPY").at(Stage::Revenue)
    }

    fn found(item: &Item, months: &str, month: u32) -> Income {
        let plan = plan(vec![item.clone()]);
        let mut found = incomes(&plan, &ledger(&[("item", months)]), t(month));
        found.pop().unwrap()
    }

    #[test]
    fn the_rest_of_the_year_goes_as_the_reported_months_went() {
        let late = Phasing::Even { first_month: 5 };
        let whole = |value| Ok(Exact::whole(value));
        for (item, months, month, expected) in [
            (fees(), "500000", 1, whole(6_000_000)),
            (fees(), "500000 1500000", 2, whole(12_000_000)),
            // A month that is not there is neither good nor bad.
            (fees(), "500000 - 1500000", 3, whole(12_000_000)),
            (fees(), "x 500000", 2, whole(6_000_000)),
            (fees(), "0", 1, whole(0)),
            (fees(), "-100", 1, whole(-1_200)),
            // At the year's end it is what came in.
            (fees(), "1*12", 12, whole(12)),
            // The next year begins anew.
            (fees(), "1000000*12 500000", 13, whole(6_000_000)),
            (fees(), "1000000*12", 13, Err(NotExpected::NotReported)),
            (fees(), "", 1, Err(NotExpected::NotReported)),
            (
                fees().without_target(),
                "1",
                1,
                Err(NotExpected::Untargeted),
            ),
            (
                fees().phased(late.clone()),
                "1 1",
                2,
                Err(NotExpected::NotDue),
            ),
            (fees().phased(late), "0*4 1500000", 5, whole(12_000_000)),
        ] {
            let found = found(&item, months, month);
            assert_eq!(found.expected, expected, "{months:?} {month}");
        }
    }

    #[test]
    fn incomes_are_yen_on_the_step_revenue() {
        let plan = plan(vec![
            fees().keyed("fees"),
            fees().keyed("elsewhere").at(Stage::Contract),
            flow(8).keyed("donors").at(Stage::Revenue),
            fees().keyed("donations"),
        ]);
        let found = incomes(&plan, &Ledger::default(), t(1));
        let keys: Vec<&str> = found.iter().map(|income| income.item.as_str()).collect();
        assert_eq!(keys, ["fees", "donations"]);
    }

    #[test]
    fn a_hub_pays_for_itself_when_its_income_covers_the_cost() {
        let million = |value: i64| Amount::whole(value * 1_000_000);
        for (second, cost, sufficient, ja, en) in [
            (
                "250000",
                Some(million(30)),
                Some(false),
                "年次末の収入は 900 万円の見込みで、年間運営費 3,000 万円の 30％です。2,100 万円不足します。",
                "Expected income at the year's end: 9,000,000 yen, 30% of the operating cost of 30,000,000 yen a year; 21,000,000 yen short.",
            ),
            (
                "",
                Some(million(30)),
                None,
                "年次末の収入は少なくとも 600 万円の見込みで、年間運営費 3,000 万円の 20％です。2,400 万円不足します。",
                "Expected income at the year's end: at least 6,000,000 yen, 20% of the operating cost of 30,000,000 yen a year; 24,000,000 yen short.",
            ),
            (
                "",
                Some(million(5)),
                Some(true),
                "年次末の収入は少なくとも 600 万円の見込みで、年間運営費 500 万円の 120％です。100 万円の余裕があります。",
                "Expected income at the year's end: at least 6,000,000 yen, 120% of the operating cost of 5,000,000 yen a year; 1,000,000 yen to spare.",
            ),
            (
                "500000",
                None,
                None,
                "年次末の収入は 1,200 万円の見込みです。年間運営費が設定されていないため、充足率は計算できません。",
                "Expected income at the year's end: 12,000,000 yen. Without an operating cost there is no coverage.",
            ),
        ] {
            let incomes = [found(&fees(), "500000", 1), found(&fees(), second, 1)];
            let coverage = coverage(&[&incomes[0], &incomes[1]], cost).unwrap();
            assert_eq!(coverage.is_self_sufficient(), sufficient, "{ja}");
            assert_eq!(coverage.words(), Text::new(ja, en));
            assert_eq!(coverage.share_expected.is_some(), cost.is_some());
        }
        assert_eq!(coverage(&[], Some(million(1))), None);
    }

    proptest! {
        /// On plan, whatever the phasing and whichever months are there, the
        /// target is expected; and gap and income make up the cost.
        #[test]
        fn a_hub_on_plan_is_expected_to_reach_its_target(
            // Twelve million split evenly over these is whole to four decimals.
            first_month in prop_oneof![Just(1_u32), Just(3), Just(5), Just(8), Just(9), Just(11)],
            reported in proptest::collection::vec(proptest::bool::ANY, 12),
            cost in 1_i64..1_000_000_000,
        ) {
            let item = fees().phased(Phasing::Even { first_month });
            let mut ledger = Ledger::default();
            for (month, is_reported) in (1..).zip(&reported) {
                if *is_reported {
                    let amount = item.planned_increment(t(month)).to_amount().unwrap();
                    ledger.set("item", t(month), Cell::Reported(Figure::Amount(amount)));
                }
            }
            let plan = plan(vec![item]);
            let income = incomes(&plan, &ledger, t(12)).pop().unwrap();
            if let Ok(expected) = &income.expected {
                prop_assert_eq!(expected, &Exact::whole(12_000_000));
            }
            let found = coverage(&[&income], Some(Amount::whole(cost))).unwrap();
            prop_assert_eq!(found.gap.unwrap() + found.expected, Exact::whole(cost));
        }
    }
}
