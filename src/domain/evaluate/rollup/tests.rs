use super::{Counts, ScoredWeight};
use crate::domain::amount::{Amount, Exact};
use crate::domain::evaluate::{Evaluation, evaluate};
use crate::domain::fixture::{ItemFixture, flow, ledger, level, milestone, plan, t};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Item, Perspective, Stage};
use crate::domain::status::{Flag, Status};
use crate::domain::text::Text;

/// Levels with a target of 100 show their value as their score.
fn scored(key: &str, stage: Stage) -> Item {
    level(100).keyed(key).at(stage)
}

/// Month 1 of these items, each with its cell.
fn month_1(rows: &[(Item, &str)]) -> (Plan, Evaluation) {
    let plan = plan(rows.iter().map(|(item, _)| item.clone()).collect());
    let tables: Vec<(&str, &str)> = rows
        .iter()
        .map(|(item, cell)| (item.key.as_str(), *cell))
        .collect();
    let evaluation = evaluate(&plan, &ledger(&tables), t(1));
    (plan, evaluation)
}

fn percent(numerator: i64, denominator: i64) -> Exact {
    Exact::fraction(100 * numerator, denominator)
}

/// An item in each status that a month 1 can give, worst first.
fn one_of_each() -> Vec<(Item, &'static str)> {
    let item = |key: &str| scored(key, Stage::Contract);
    vec![
        (item("behind"), "50"),
        (item("no-data"), "-"),
        (item("at-risk"), "90"),
        (item("on-track"), "100"),
        (milestone(2, 3).keyed("not-due").at(Stage::Contract), "0"),
        (milestone(1, 3).keyed("achieved").at(Stage::Contract), "100"),
        (item("untargeted").without_target(), "5"),
        (item("not-applicable"), "x"),
    ]
}

#[test]
fn a_step_shows_its_worst_item() {
    let rows = one_of_each();
    for worst in 0..rows.len() {
        let mut rest = rows[worst..].to_vec();
        rest.reverse();
        let (_, evaluation) = month_1(&rest);
        let step = &evaluation.perspectives[2].steps[0];
        assert_eq!(step.status, Status::all().nth(worst).unwrap());
        assert_eq!(step.items, (0..rest.len()).collect::<Vec<_>>());
    }
}

#[test]
fn flags_rise_to_step_perspective_and_scorecard() {
    let (_, evaluation) = month_1(&[
        (scored("a", Stage::Setup), "50"),
        (scored("b", Stage::Attract).high_hurdle(), "90"),
        (scored("c", Stage::Consult).high_hurdle(), "50"),
        (scored("d", Stage::Consult), "50"),
        (scored("e", Stage::Revenue), "100"),
    ]);
    let flags: Vec<Flag> = evaluation
        .perspectives
        .iter()
        .map(|each| each.flag)
        .collect();
    assert_eq!(flags, [Flag::None, Flag::Amber, Flag::Red, Flag::None]);
    let customer: Vec<Flag> = evaluation.perspectives[2]
        .steps
        .iter()
        .map(|step| step.flag)
        .collect();
    assert_eq!(customer, [Flag::Amber, Flag::Red]);
    assert_eq!(evaluation.flag, Flag::Red);
    assert_eq!((evaluation.counts.red, evaluation.counts.amber), (1, 3));
}

#[test]
fn steps_stand_by_stage_then_track_in_plan_order() {
    let mut plan = plan(vec![
        scored("a", Stage::Consult).on("union"),
        scored("b", Stage::Attract).on("union"),
        scored("c", Stage::Consult),
        scored("d", Stage::Attract).on("bank"),
        scored("e", Stage::Consult).on("bank"),
        scored("f", Stage::Consult).on("union"),
        scored("g", Stage::Consult).on("unknown"),
        scored("h", Stage::Study),
    ]);
    let heading = plan
        .definition_mut()
        .stages
        .iter_mut()
        .find(|heading| heading.stage == Stage::Consult)
        .unwrap();
    heading.name = Text::new("面談", "Meetings");
    let evaluation = evaluate(&plan, &ledger(&[]), t(1));
    let steps: Vec<(&str, &str, Vec<usize>)> = evaluation.perspectives[2]
        .steps
        .iter()
        .map(|step| {
            (
                step.name.ja.as_str(),
                step.name.en.as_str(),
                step.items.clone(),
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            ("集客（銀行）", "Attract (Bank)", vec![3]),
            ("集客（信金）", "Attract (Credit union)", vec![1]),
            ("面談", "Meetings", vec![2]),
            ("面談（銀行）", "Meetings (Bank)", vec![4]),
            ("面談（信金）", "Meetings (Credit union)", vec![0, 5]),
            ("面談", "Meetings", vec![6]),
        ]
    );
    assert_eq!(evaluation.perspectives[0].steps[0].items, [7]);
}

#[test]
fn a_scorecard_may_put_a_stage_in_another_perspective_and_order() {
    let mut plan = plan(vec![
        scored("a", Stage::Attract),
        scored("b", Stage::Contract),
        scored("c", Stage::Setup),
    ]);
    plan.definition_mut().stages.reverse();
    plan.definition_mut()
        .stages
        .retain(|heading| heading.stage != Stage::Setup);
    for heading in &mut plan.definition_mut().stages {
        heading.perspective = Perspective::Financial;
    }
    let evaluation = evaluate(&plan, &ledger(&[]), t(1));
    let steps = |perspective: usize| -> Vec<Stage> {
        let steps = &evaluation.perspectives[perspective].steps;
        steps.iter().map(|step| step.stage).collect()
    };
    assert_eq!(steps(3), [Stage::Contract, Stage::Attract]);
    assert_eq!(steps(2), []);
    // A stage without a heading keeps its canonical perspective.
    assert_eq!(steps(1), [Stage::Setup]);
}

#[test]
fn all_four_perspectives_are_always_there() {
    let (_, evaluation) = month_1(&[]);
    let perspectives: Vec<Perspective> = evaluation
        .perspectives
        .iter()
        .map(|each| each.perspective)
        .collect();
    assert_eq!(perspectives, Perspective::all().collect::<Vec<_>>());
    assert_eq!((evaluation.score, evaluation.coverage), (None, None));
    assert!(!evaluation.provisional);
    assert_eq!(evaluation.flag, Flag::None);
    assert_eq!(evaluation.counts, Counts::default());
}

#[test]
fn a_perspectives_score_is_the_weighted_mean_of_capped_attainments() {
    let (plan, evaluation) = month_1(&[
        (scored("a", Stage::Attract).weighing("3"), "50"),
        (scored("b", Stage::Consult), "250"),
        (scored("c", Stage::Consult).weighing("0.5"), "-"),
        (scored("d", Stage::Consult).weighing("9"), "x"),
        (scored("e", Stage::Consult).without_target(), "7"),
        (milestone(2, 3).keyed("f").at(Stage::Refer), "0"),
        (milestone(1, 4).keyed("g").at(Stage::Refer), "100"),
    ]);
    let customer = &evaluation.perspectives[2];
    // 3 × 50, 1 × 100, 1 × 100 over 5; of 5.5 in all.
    assert_eq!(customer.score, Some(percent(350, 500)));
    assert_eq!(customer.coverage, Some(Exact::fraction(10, 11)));
    assert_eq!(evaluation.score, customer.score);
    assert_eq!(evaluation.coverage, customer.coverage);
    assert!(evaluation.provisional);
    let stage = |stage| evaluation.stage_weights(&plan, stage);
    assert_eq!(stage(Stage::Attract).score(), Some(percent(1, 2)));
    assert_eq!(
        stage(Stage::Consult).coverage(),
        Some(Exact::fraction(2, 3))
    );
    assert_eq!(stage(Stage::Revenue).score(), None);
    let pooled: ScoredWeight = Stage::all().map(stage).sum();
    assert_eq!(pooled, evaluation.weights);
}

#[test]
fn nothing_happening_is_full_points_where_less_is_better_and_debts_count() {
    let lower = |key| scored(key, Stage::Contract).lower();
    let (_, evaluation) = month_1(&[(lower("a"), "0"), (lower("b"), "-3"), (lower("c"), "200")]);
    assert_eq!(evaluation.score, Some(percent(5, 6)));
    let paid_back = flow(1_200).in_unit("JPY").keyed("a").at(Stage::Revenue);
    let (_, evaluation) = month_1(&[(paid_back, "-50")]);
    assert_eq!(evaluation.score, Some(percent(-1, 2)));
}

#[test]
fn the_scorecards_score_is_the_plain_mean_of_the_perspectives_there_are() {
    let rows = [
        (scored("a", Stage::Study), "60"),
        (scored("b", Stage::Study), "80"),
        (scored("c", Stage::Setup), "100"),
        (scored("d", Stage::Revenue).without_target(), "1"),
    ];
    let (_, evaluation) = month_1(&rows);
    assert_eq!(evaluation.score, Some(percent(170, 200)));
    assert_eq!(evaluation.coverage, Some(Exact::fraction(1, 1)));
    assert!(!evaluation.provisional);
    assert_eq!(evaluation.perspectives[2].score, None);
    assert_eq!(evaluation.perspectives[3].score, None);
}

#[test]
fn below_the_least_coverage_there_is_no_score() {
    let rows = |missing: &str| {
        [
            (scored("a", Stage::Study), "60"),
            (scored("b", Stage::Setup).weighing(missing), "-"),
        ]
    };
    let (_, half) = month_1(&rows("1"));
    assert_eq!(
        (half.coverage, half.score),
        (Some(Exact::fraction(1, 2)), Some(percent(3, 5)))
    );
    let (_, less) = month_1(&rows("1.0001"));
    assert_eq!(less.score, None);
    assert!(less.provisional);
    // The perspectives still show theirs.
    assert_eq!(less.perspectives[0].score, Some(percent(3, 5)));
    let mut strict = plan(rows("1").map(|(item, _)| item).to_vec());
    strict.definition_mut().settings.coverage_min = "0.51".parse().unwrap();
    let evaluation = evaluate(&strict, &ledger(&[("a", "60")]), t(1));
    assert_eq!(evaluation.score, None);
}

#[test]
fn items_that_weigh_nothing_make_no_score() {
    let (_, evaluation) = month_1(&[(scored("a", Stage::Study).weighing("0"), "60")]);
    assert_eq!((evaluation.score, evaluation.coverage), (None, None));
}

#[test]
fn counts_tell_every_status_what_is_due_and_what_is_met() {
    let (_, evaluation) = month_1(&one_of_each());
    let counts = evaluation.counts;
    assert_eq!(
        counts,
        Counts {
            behind: 1,
            no_data: 1,
            at_risk: 1,
            on_track: 1,
            not_due: 1,
            achieved: 1,
            untargeted: 1,
            not_applicable: 1,
            red: 0,
            amber: 1,
            due: 5,
            met: 2,
        }
    );
    assert_eq!(counts.met_share(), Some(Exact::fraction(2, 5)));
    assert_eq!((counts + counts).due, 10);
    assert_eq!((counts + counts).met_share(), Some(Exact::fraction(2, 5)));
    assert_eq!(Counts::default().met_share(), None);
}

#[test]
fn sums_of_weights_do_not_depend_on_their_grouping() {
    let weights: Vec<ScoredWeight> = (1..40)
        .map(|prime| {
            let item = scored("a", Stage::Study);
            let item = Item {
                targets: Vec::new(),
                ..item
            }
            .with_target(Some(1), Amount::whole(prime * prime + 1));
            month_1(&[(item, "1")]).1.weights
        })
        .collect();
    let summed: ScoredWeight = weights.iter().cloned().sum();
    let folded = weights
        .into_iter()
        .reduce(|total, weight| total + weight)
        .unwrap();
    assert_eq!(summed, folded);
    assert_eq!(summed.scored, Exact::whole(39));
}
