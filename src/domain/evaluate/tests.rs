//! What holds for every scorecard, and the claim of §4 about chance.

use proptest::prelude::*;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::domain::fixture::{ItemFixture, cumulative, flow, level, milestone, plan, ratio, t};
use crate::domain::ledger::{Cell, Figure};
use crate::domain::scorecard::{Bar, Direction, Item, Measure, Perspective, Phasing, Target, Unit};

/// How a month is reported.
fn amount(value: Amount) -> Cell {
    Cell::Reported(Figure::Amount(value))
}

fn whole(units: i64) -> Cell {
    amount(Amount::whole(units))
}

fn ledger_of<'a>(cells: impl IntoIterator<Item = (&'a str, u32, &'a Cell)>) -> Ledger {
    let mut ledger = Ledger::default();
    for (item, month, cell) in cells {
        ledger.set(item, t(month), cell.clone());
    }
    ledger
}

/// Months 1, 2, … of the one item of a plan.
fn months_of(cells: &[Cell]) -> Ledger {
    ledger_of((1..).zip(cells).map(|(month, cell)| ("item", month, cell)))
}

fn of_one(item: &Item, cells: &[Cell], month: u32) -> ItemEvaluation {
    let plan = plan(vec![item.clone()]);
    evaluate(&plan, &months_of(cells), t(month)).items.remove(0)
}

mod chance {
    use super::*;

    const HUBS: u32 = 1_000;

    /// A Poisson count, by Knuth's product of uniform numbers.
    fn poisson(rng: &mut impl Rng, mean: f64) -> i64 {
        let limit = (-mean).exp();
        let mut product: f64 = rng.random();
        let mut count = 0;
        while product > limit {
            product *= rng.random::<f64>();
            count += 1;
        }
        count
    }

    /// A year of `HUBS` hubs that reach `pace` of a yearly target: for each
    /// hub and month whether it is red, and whether 80 % of the plan is missed.
    fn year(target: i32, pace: f64, seed: u64) -> Vec<[(bool, bool); 12]> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let item = flow(target.into()).high_hurdle();
        let plan = plan(vec![item]);
        let monthly = f64::from(target) / 12.0 * pace;
        let rule = Exact::fraction(4, 5);
        (0..HUBS)
            .map(|_| {
                let cells: Vec<Cell> = (0..12).map(|_| whole(poisson(&mut rng, monthly))).collect();
                let ledger = months_of(&cells);
                std::array::from_fn(|index| {
                    let month = t(u32::try_from(index + 1).unwrap());
                    let item = &evaluate(&plan, &ledger, month).items[0];
                    let is_short = item.attainment.as_ref().is_some_and(|share| *share < rule);
                    (item.flag == Flag::Red, is_short)
                })
            })
            .collect()
    }

    fn share(hits: impl Iterator<Item = bool>) -> f64 {
        let (hits, all) = hits.fold((0_u32, 0_u32), |(hits, all), hit| {
            (hits + u32::from(hit), all + 1)
        });
        f64::from(hits) / f64::from(all)
    }

    #[test]
    fn a_hub_on_plan_is_red_in_one_of_25_months_at_most_not_in_every_fifth() {
        let year = year(30, 1.0, 1);
        let red = share(year.iter().flatten().map(|(red, _)| *red));
        let plain = share(year.iter().flatten().map(|(_, short)| *short));
        assert!(red < 1.0 / 24.0, "{red}");
        assert!(plain > 1.0 / 6.0, "{plain}");
        // Before the year's last month, in which the outcome is a fact.
        let within = share(
            year.iter()
                .flat_map(|months| &months[..11])
                .map(|(red, _)| *red),
        );
        assert!(within < 1.0 / 27.0, "{within}");
        // "Every third at the start."
        let start = share(year.iter().map(|months| months[1].1));
        assert!(start > 0.25, "{start}");
    }

    #[test]
    fn a_hub_at_half_its_plan_is_red_by_month_4_more_often_than_not() {
        for (target, least) in [(30, 0.5), (60, 0.8), (150, 0.99)] {
            let caught = share(
                year(target, 0.5, 2)
                    .iter()
                    .map(|months| months[..4].iter().any(|(red, _)| *red)),
            );
            assert!(caught > least, "{target} a year: {caught}");
        }
        let at_the_end = share(year(30, 0.5, 3).iter().map(|months| months[11].0));
        assert!(at_the_end > 0.95, "{at_the_end}");
    }
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        6 => (0_i64..40).prop_map(whole),
        1 => (-5_000_000_i64..5_000_000).prop_map(|scaled| amount(Amount::from_scaled(scaled))),
        2 => (0_i64..30, 0_i64..30).prop_map(|(numerator, denominator)| {
            Cell::Reported(Figure::Ratio {
                numerator: Amount::whole(numerator),
                denominator: Amount::whole(denominator),
            })
        }),
        2 => Just(Cell::NotReported),
        1 => Just(Cell::NotApplicable { reason: "理由".to_owned() }),
    ]
}

/// A sensible item of any measure, unit and phasing.
fn sensible_item() -> impl Strategy<Value = Item> {
    let phasing = prop_oneof![
        3 => (1_u32..=5).prop_map(|first_month| Phasing::Even { first_month }),
        1 => (1_u32..=6).prop_map(|sessions| Phasing::Sessions { sessions }),
    ];
    let flows = (1_i64..200, phasing).prop_map(|(target, phasing)| flow(target).phased(phasing));
    let bars = (1_u32..=20, 0_u32..=20, 1_i64..60, any::<bool>()).prop_map(
        |(start, length, target, is_milestone)| {
            if is_milestone {
                milestone(start, start + length)
            } else {
                cumulative(target, start, start + length)
            }
        },
    );
    let ratios = (1_i64..300, any::<bool>()).prop_map(|(hundredths, is_proportion)| {
        if is_proportion {
            ratio(hundredths.min(100)).proportion()
        } else {
            ratio(hundredths)
        }
    });
    let items = prop_oneof![flows, bars, ratios, (1_i64..200).prop_map(level)];
    (items, any::<[bool; 4]>()).prop_map(|(item, [is_money, lower, strict, high_hurdle])| {
        let item = if is_money && item.measure != Measure::Milestone {
            item.in_unit("JPY")
        } else {
            item
        };
        Item {
            direction: if lower {
                Direction::Lower
            } else {
                Direction::Higher
            },
            strict,
            high_hurdle,
            ..item
        }
    })
}

/// Reported values only of the item's kind.
fn fitting(item: &Item, cells: Vec<Cell>) -> Vec<Cell> {
    cells
        .into_iter()
        .filter(|cell| !cell.is_reported() || actual::is_usable(item, cell))
        .collect()
}

/// The cell with its value so much better, or itself where nothing is reported.
fn better(item: &Item, cell: &Cell, by: i64) -> Cell {
    let step = if item.is_higher_better() { by } else { -by };
    let raised = |value: Amount| Amount::from_scaled(value.scaled() + step * 10_000);
    match cell {
        Cell::Reported(Figure::Amount(value)) => amount(raised(*value)),
        Cell::Reported(Figure::Ratio {
            numerator,
            denominator,
        }) => Cell::Reported(Figure::Ratio {
            numerator: raised(*numerator),
            denominator: *denominator,
        }),
        other => other.clone(),
    }
}

/// How good a status is. A gap is no shortfall for certain and no success; a
/// month in which nothing is asked changes only by the whole target.
fn goodness(status: Status) -> u32 {
    match status {
        Status::Behind => 0,
        Status::AtRisk => 1,
        Status::NoData => 2,
        Status::OnTrack | Status::NotDue | Status::NotApplicable | Status::Untargeted => 3,
        Status::Achieved => 4,
    }
}

/// The item and its reports in another unit.
fn scaled(item: &Item, cells: &[Cell], by: i64) -> (Item, Vec<Cell>) {
    let times = |value: Amount| Amount::from_scaled(value.scaled() * by);
    let mut item = item.clone();
    for target in &mut item.targets {
        target.value = target.value.map(times);
    }
    let cells = cells
        .iter()
        .map(|cell| match cell.amount() {
            Some(value) => amount(times(value)),
            None => cell.clone(),
        })
        .collect();
    (item, cells)
}

fn any_amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        (0_i64..300).prop_map(Amount::whole),
        (-100_000_i64..100_000).prop_map(Amount::from_scaled),
        any::<i64>().prop_map(Amount::from_scaled),
    ]
}

/// A number of months or sessions, the absurd included.
fn any_count() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0_u32..30, 1 => any::<u32>()]
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(
    codes: &'static [(&str, T)],
) -> impl Strategy<Value = T> {
    proptest::sample::select(codes).prop_map(|(_, value)| value)
}

fn any_phasing() -> impl Strategy<Value = Option<Phasing>> {
    prop_oneof![
        Just(None),
        any_count().prop_map(|first_month| Some(Phasing::Even { first_month })),
        any_count().prop_map(|sessions| Some(Phasing::Sessions { sessions })),
        proptest::collection::vec(any_amount(), 0..14)
            .prop_map(|weights| Some(Phasing::Weights { weights })),
    ]
}

/// Any item that the types allow, however senseless.
fn any_item() -> impl Strategy<Value = Item> {
    let targets = proptest::collection::vec(
        (
            proptest::option::of(any_count()),
            proptest::option::of(any_amount()),
        )
            .prop_map(|(year, value)| Target {
                year,
                value,
                formula: None,
            }),
        0..3,
    );
    let unit = proptest::sample::select(vec!["cases", "JPY", "hours", "share", "percent", "?"]);
    (
        (
            any_of(Measure::CODES),
            any_of(Stage::CODES),
            unit,
            any_amount(),
        ),
        (
            any_phasing(),
            proptest::option::of((any_count(), any_count())),
            targets,
        ),
        any::<[bool; 4]>(),
        proptest::option::of(proptest::sample::select(vec!["bank", "union", "?"])),
    )
        .prop_map(
            |((measure, stage, unit, weight), (phasing, bar, targets), marks, track)| {
                let [lower, strict, proportion, high_hurdle] = marks;
                Item {
                    stage,
                    measure,
                    unit: Unit(unit.to_owned()),
                    direction: if lower {
                        Direction::Lower
                    } else {
                        Direction::Higher
                    },
                    strict,
                    proportion,
                    high_hurdle,
                    weight,
                    bar: bar.map(Bar::from),
                    phasing,
                    targets,
                    track: track.map(str::to_owned),
                    ..level(1)
                }
            },
        )
}

fn any_settings() -> impl Strategy<Value = Settings> {
    proptest::collection::vec(any_amount(), 7).prop_map(|amounts| Settings {
        on_track_at: amounts[0],
        behind_below: amounts[1],
        gap_at_risk: amounts[2],
        gap_behind: amounts[3],
        pi_at_risk: amounts[4],
        pi_behind: amounts[5],
        coverage_min: amounts[6],
        ..Settings::default()
    })
}

fn any_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        cell(),
        any_amount().prop_map(amount),
        (any_amount(), any_amount()).prop_map(|(numerator, denominator)| {
            Cell::Reported(Figure::Ratio {
                numerator,
                denominator,
            })
        }),
    ]
}

fn assert_is_whole(evaluation: &Evaluation, month: u32, items: usize) {
    assert_eq!(evaluation.items.len(), items);
    let order: Vec<Perspective> = Perspective::all().collect();
    let perspectives = &evaluation.perspectives;
    assert!(perspectives.iter().map(|each| each.perspective).eq(order));
    let mut members: Vec<usize> = perspectives
        .iter()
        .flat_map(|each| &each.steps)
        .flat_map(|step| step.items.iter().copied())
        .collect();
    members.sort_unstable();
    assert!(members.into_iter().eq(0..items), "each item in one step");
    for item in &evaluation.items {
        assert!(!item.reason.ja.is_empty() && !item.reason.en.is_empty());
        assert!(item.gap_months.iter().all(|gap| gap.t() < month));
        assert!(item.probability.is_none_or(|pi| (0.0..=1.0).contains(&pi)));
        assert!(!item.within_noise || item.status == Status::OnTrack);
        assert!(item.flag == Flag::None || item.status.is_short());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn posting_order_never_matters(
        item in sensible_item(),
        cells in proptest::collection::vec(cell(), 1..30),
        order in any::<u64>(),
        month in 1_u32..40,
    ) {
        let plan = plan(vec![item.clone().keyed("a"), item.keyed("b")]);
        let keys = ["a", "b"];
        let posted: Vec<(&str, u32, &Cell)> = keys
            .into_iter()
            .flat_map(|key| (1..).zip(&cells).map(move |(month, cell)| (key, month, cell)))
            .collect();
        let mut shuffled = posted.clone();
        let mut rng = ChaCha8Rng::seed_from_u64(order);
        for last in (1..shuffled.len()).rev() {
            shuffled.swap(last, rng.random_range(0..=last));
        }
        let expected = evaluate(&plan, &ledger_of(posted.clone()), t(month));
        prop_assert_eq!(&evaluate(&plan, &ledger_of(shuffled.clone()), t(month)), &expected);
        // Nor what was corrected, or cleared, on the way.
        let wrong = whole(1_000);
        let corrected = shuffled.iter().map(|(key, month, _)| (*key, *month, &wrong));
        let ledger = ledger_of(corrected.chain(posted));
        prop_assert_eq!(&evaluate(&plan, &ledger, t(month)), &expected);
    }

    #[test]
    fn the_unit_of_money_and_levels_never_matters(
        item in sensible_item(),
        cells in proptest::collection::vec(cell(), 0..30),
        by in 1_i64..100_000,
        month in 1_u32..30,
    ) {
        let in_units = match item.measure {
            Measure::Flow | Measure::Cumulative => item.in_unit("JPY"),
            Measure::Level => item,
            Measure::Ratio | Measure::Milestone => return Ok(()),
        };
        let (rescaled, recelled) = scaled(&in_units, &cells, by);
        let before = of_one(&in_units, &cells, month);
        let after = of_one(&rescaled, &recelled, month);
        prop_assert_eq!((after.status, after.rule), (before.status, before.rule));
        prop_assert_eq!(after.attainment, before.attainment);
    }

    /// At the same months reported: raising one reported value where higher
    /// is better, or lowering it where lower is better (of a ratio, the
    /// numerator), in the order of [`goodness`].
    #[test]
    fn a_better_value_never_worsens_a_status(
        item in sensible_item(),
        cells in proptest::collection::vec(cell(), 1..30),
        changed in any::<proptest::sample::Index>(),
        by in 1_i64..30,
        month in 1_u32..30,
    ) {
        let cells = fitting(&item, cells);
        prop_assume!(!cells.is_empty());
        let index = changed.index(cells.len());
        let mut improved = cells.clone();
        improved[index] = better(&item, &cells[index], by);
        let before = of_one(&item, &cells, month);
        let after = of_one(&item, &improved, month);
        prop_assert!(
            goodness(after.status) >= goodness(before.status),
            "{} became {}: {} / {}", before.status, after.status, before.reason.en, after.reason.en
        );
    }

    #[test]
    fn every_definition_and_every_report_is_answered(
        items in proptest::collection::vec(any_item(), 0..8),
        cells in proptest::collection::vec(proptest::collection::vec(any_cell(), 0..40), 8),
        settings in any_settings(),
        month in 1_u32..150,
    ) {
        let mut plan = plan(items);
        plan.definition_mut().settings = settings;
        let mut ledger = Ledger::default();
        for ((index, item), cells) in plan.definition_mut().items.iter_mut().enumerate().zip(cells) {
            item.key = index.to_string();
            for (month, cell) in (1..).zip(cells) {
                ledger.set(&item.key, t(month), cell);
            }
        }
        let evaluation = evaluate(&plan, &ledger, t(month));
        assert_is_whole(&evaluation, month, plan.definition.items.len());
        let completeness = crate::domain::completeness::completeness(&plan, &ledger, t(month));
        prop_assert!(completeness.reported <= completeness.required);
    }
}
