use super::*;
use crate::domain::amount::Amount;
use crate::domain::evaluate::evaluate;
use crate::domain::fixture::{
    ItemFixture, converts, cumulative, flow, ledger, level, linked, milestone, prepares, t,
};
use crate::domain::ledger::{Cell, Figure, Ledger};
use crate::domain::scorecard::{Item, Link, Phasing, Stage};
use proptest::prelude::*;

/// Ten a month.
fn seminar() -> Item {
    flow(120).keyed("seminar").at(Stage::Attract)
}

/// Five a month: every second seminar company.
fn consult() -> Item {
    flow(60).keyed("consult").at(Stage::Consult)
}

fn kit() -> Item {
    milestone(1, 4).keyed("kit").at(Stage::Setup)
}

fn study() -> Item {
    milestone(1, 3).keyed("study").at(Stage::Study)
}

/// Everything is planned by month 6 of the year.
fn early(item: Item) -> Item {
    let weight = |month| if month <= 6 { "1" } else { "0" };
    item.phased(Phasing::Weights {
        weights: (1..=12)
            .map(|month| weight(month).parse().unwrap())
            .collect(),
    })
}

fn found(plan: &Plan, ledger: &Ledger, month: u32, key: &str) -> Cause {
    let evaluation = evaluate(plan, ledger, t(month));
    let item = plan.definition.item_index(key).unwrap();
    cause(plan, ledger, &evaluation, item)
}

/// Kind, roots as `distance:path`, remedies as `item@distance`.
fn told(plan: &Plan, cause: &Cause) -> (CauseKind, String, String) {
    let key = |item: &usize| plan.definition.items[*item].key.as_str();
    let roots: Vec<String> = cause
        .roots
        .iter()
        .map(|root| {
            assert_eq!(root.path.first(), Some(&root.item));
            let path: Vec<&str> = root.path.iter().map(key).collect();
            format!("{}:{}", root.distance, path.join(">"))
        })
        .collect();
    let remedies: Vec<String> = cause
        .remedies
        .iter()
        .map(|remedy| format!("{}@{}", key(&remedy.item), remedy.distance))
        .collect();
    (cause.kind, roots.join(" "), remedies.join(" "))
}

/// Cells of seminar and consult in months 1 to 6, and what they come to.
#[test]
fn the_split_over_the_link_decides() {
    use CauseKind::{Conversion, Execution, Inherited};
    let plan = linked(
        vec![seminar(), consult()],
        vec![converts(&["seminar"], &["consult"])],
    );
    let own = "0:consult";
    let upstream = "1:seminar>consult";
    for (seminar, consult, kind, roots) in [
        // V = 60, P = 30, R = 1/2. Half arrives, and it is converted as planned.
        ("5*6", "2 3 2 3 2 3", Inherited, upstream),
        // Volume 15 of 20 is the share of 0.75; of 21 it is less.
        ("5*6", "0*5 10", Inherited, upstream),
        ("5*6", "0*5 9", Execution, own),
        // Enough arrives (57 of 60), too little goes on; of 56 it is not enough.
        ("10*5 7", "0*5 10", Conversion, own),
        ("10*5 6", "0*5 10", Execution, own),
        ("10*6", "0*5 10", Conversion, own),
        // Volume 1 is all that is missing, and the seminar is on track.
        ("10*5 8", "5*5 4", Execution, own),
        // Nothing is missing.
        ("10*6", "5*6", Execution, own),
        // Not reported upstream counts against it.
        ("- - - - - -", "0*6", Inherited, upstream),
    ] {
        let cells = ledger(&[("seminar", seminar), ("consult", consult)]);
        let cause = found(&plan, &cells, 6, "consult");
        assert_eq!(
            told(&plan, &cause),
            (kind, roots.to_owned(), String::new()),
            "{seminar} / {consult}"
        );
        let split = cause.split.unwrap();
        let gap = split.volume + split.conversion + split.timing;
        let item = &evaluate(&plan, &cells, t(6)).items[1];
        assert_eq!(Some(gap), item.shortfall);
    }
}

#[test]
fn timing_is_what_the_plan_asks_for_too_early() {
    let plan = linked(
        vec![seminar(), early(consult())],
        vec![converts(&["seminar"], &["consult"])],
    );
    for (consult, kind) in [
        ("5*6", CauseKind::Timing),
        // Of equal parts, the one that is asked for first stands.
        ("0*6", CauseKind::Timing),
    ] {
        let cells = ledger(&[("seminar", "10*6"), ("consult", consult)]);
        let cause = found(&plan, &cells, 6, "consult");
        assert_eq!(cause.kind, kind, "{consult}");
        assert_eq!(cause.split.unwrap().timing, Exact::whole(30));
    }
    // More arrives than planned, so that conversion is larger: 35 of 30.
    let cells = ledger(&[("seminar", "10*5 20"), ("consult", "0*6")]);
    assert_eq!(
        found(&plan, &cells, 6, "consult").kind,
        CauseKind::Conversion
    );
}

#[test]
fn a_shortage_upstream_that_chance_excuses_is_a_root_itself() {
    let plan = linked(
        vec![
            flow(12).keyed("seminar"),
            flow(12).keyed("fair"),
            flow(24).keyed("consult"),
        ],
        vec![converts(&["fair", "seminar"], &["consult"])],
    );
    let cells = ledger(&[("seminar", "0 1"), ("fair", "2 1"), ("consult", "0 1")]);
    let evaluation = evaluate(&plan, &cells, t(2));
    assert_eq!(evaluation.items[0].status, Status::OnTrack);
    assert!(evaluation.items[0].within_noise);
    // U = 4 = V: nothing is missing on the whole.
    assert_eq!(
        found(&plan, &cells, 2, "consult").kind,
        CauseKind::Conversion
    );
    let cells = ledger(&[("seminar", "0 1"), ("fair", "1 1"), ("consult", "1 2")]);
    assert_eq!(
        told(&plan, &found(&plan, &cells, 2, "consult")).1,
        "1:seminar>consult"
    );
    // In plan order, whatever the order in the link.
    let cells = ledger(&[("seminar", "0 1"), ("fair", "0 1"), ("consult", "0 2")]);
    assert_eq!(
        told(&plan, &found(&plan, &cells, 2, "consult")).1,
        "1:seminar>consult 1:fair>consult"
    );
}

#[test]
fn nothing_is_inherited_from_items_that_have_caught_up() {
    let mut link = converts(&["seminar"], &["consult"]);
    link.lag_months = 1;
    let plan = linked(vec![seminar(), consult()], vec![link]);
    let cells = ledger(&[("seminar", "0*5 60"), ("consult", "0*6")]);
    let cause = found(&plan, &cells, 6, "consult");
    assert_eq!(cause.kind, CauseKind::Execution);
    assert_eq!(cause.split.unwrap().volume, Exact::whole(25));
}

#[test]
fn the_first_link_that_fits_decides_else_the_first_with_a_split_is_shown() {
    let untargeted = flow(1).keyed("fair").without_target();
    let walk_in = flow(60).keyed("walk-in");
    let plan = linked(
        vec![seminar(), walk_in, untargeted, consult()],
        vec![
            converts(&["fair"], &["consult"]),
            converts(&["walk-in"], &["consult"]),
            converts(&["seminar"], &["consult"]),
        ],
    );
    let walked = [("walk-in", "5*6"), ("consult", "0*5 15")];
    let short = ledger(&[walked[0], walked[1], ("seminar", "5*6"), ("fair", "0*6")]);
    let cause = found(&plan, &short, 6, "consult");
    assert_eq!(cause.kind, CauseKind::Inherited);
    assert_eq!(cause.split.as_ref().unwrap().volume, Exact::whole(15));
    assert_eq!(told(&plan, &cause).1, "1:seminar>consult");
    let full = ledger(&[walked[0], walked[1], ("seminar", "10*6"), ("fair", "0*6")]);
    let cause = found(&plan, &full, 6, "consult");
    assert_eq!(cause.kind, CauseKind::Conversion);
    assert_eq!(cause.split.unwrap().conversion, Exact::whole(15));
}

/// Milestones by their value in month 6.
#[test]
fn preparation_that_counts_against_an_item_decides_before_its_own_work() {
    use CauseKind::{Execution, Preparation};
    let links = vec![
        prepares(&["study"], &["kit"]),
        prepares(&["kit"], &["consult"]),
    ];
    let plan = linked(vec![study(), kit(), consult()], links);
    let own = "0:consult";
    let through_kit = "1:kit>consult";
    let through_study = "2:study>kit>consult";
    for (study, kit, kind, roots) in [
        ("100", "100", Execution, own),
        ("100", "60", Preparation, through_kit),
        // Past its due month a preparation has to be finished, not nearly.
        ("100", "99", Preparation, through_kit),
        ("60", "60", Preparation, through_study),
        ("60", "100", Preparation, through_study),
        ("100", "-", Preparation, through_kit),
    ] {
        let cells = ledger(&[("study", study), ("kit", kit), ("consult", "0*6")]);
        let cause = found(&plan, &cells, 6, "consult");
        let (found_kind, found_roots, _) = told(&plan, &cause);
        assert_eq!(
            (found_kind, found_roots.as_str()),
            (kind, roots),
            "{study} {kit}"
        );
        assert_eq!(cause.split, None);
    }
}

#[test]
fn preparation_counts_by_its_status_until_its_due_month() {
    let plan = linked(
        vec![milestone(1, 10).keyed("kit"), consult()],
        vec![prepares(&["kit"], &["consult"])],
    );
    // P(6) = 60.
    for (kit, kind) in [
        ("60", CauseKind::Execution),
        ("56", CauseKind::Execution),
        ("50", CauseKind::Preparation),
        ("30", CauseKind::Preparation),
        ("-", CauseKind::Preparation),
        ("- - - - - x", CauseKind::Execution),
    ] {
        let cells = ledger(&[("kit", kit), ("consult", "0*6")]);
        assert_eq!(found(&plan, &cells, 6, "consult").kind, kind, "{kit}");
    }
}

/// Nearly all is on track, and past the due month still not done.
#[test]
fn preparation_past_its_due_month_counts_until_it_is_achieved() {
    let plan = linked(
        vec![cumulative(100, 1, 4).keyed("pool"), consult()],
        vec![prepares(&["pool"], &["consult"])],
    );
    for (pool, at, status, kind) in [
        ("24*4", 3, Status::OnTrack, CauseKind::Execution),
        ("24*4", 4, Status::OnTrack, CauseKind::Preparation),
        ("24*4 4", 5, Status::Achieved, CauseKind::Execution),
        ("24*4 x", 5, Status::NotApplicable, CauseKind::Preparation),
    ] {
        let cells = ledger(&[("pool", pool), ("consult", "0*5")]);
        assert_eq!(evaluate(&plan, &cells, t(at)).items[0].status, status);
        assert_eq!(found(&plan, &cells, at, "consult").kind, kind, "{pool}");
    }
}

#[test]
fn preparation_does_not_reach_across_a_conversion() {
    let plan = linked(
        vec![kit(), seminar(), consult()],
        vec![
            prepares(&["kit"], &["seminar"]),
            converts(&["seminar"], &["consult"]),
        ],
    );
    let cells = ledger(&[("kit", "10"), ("seminar", "10*6"), ("consult", "0*6")]);
    assert_eq!(
        told(&plan, &found(&plan, &cells, 6, "consult")),
        (
            CauseKind::Conversion,
            "0:consult".to_owned(),
            "kit@2".to_owned()
        )
    );
    assert_eq!(
        told(&plan, &found(&plan, &cells, 6, "seminar")).0,
        CauseKind::Preparation
    );
}

#[test]
fn what_is_inherited_begins_where_the_shortage_upstream_begins() {
    let plan = linked(
        vec![
            kit(),
            seminar(),
            flow(120).keyed("fair").at(Stage::Attract),
            consult(),
            flow(30).keyed("contract"),
        ],
        vec![
            prepares(&["kit"], &["seminar", "fair"]),
            converts(&["seminar", "fair"], &["consult"]),
            converts(&["consult"], &["contract"]),
        ],
    );
    let short = [("consult", "3*6"), ("contract", "1 1 2 2 1 2")];
    let cells = |kit, fair| {
        ledger(&[
            short[0],
            short[1],
            ("kit", kit),
            ("seminar", "2*6"),
            ("fair", fair),
        ])
    };
    // Both ways begin at the kit, which is named once.
    assert_eq!(
        told(&plan, &found(&plan, &cells("50", "2*6"), 6, "contract")),
        (
            CauseKind::Inherited,
            "3:kit>seminar>consult>contract".to_owned(),
            "kit@3".to_owned()
        )
    );
    // The seminars hold up themselves, and the fair has all that is planned.
    let (_, roots, remedies) = told(&plan, &found(&plan, &cells("100", "10*6"), 6, "consult"));
    assert_eq!(
        (roots.as_str(), remedies.as_str()),
        ("1:seminar>consult", "")
    );
}

#[test]
fn paths_are_the_shortest_and_of_equal_ones_the_first_in_plan_order() {
    let plan = linked(
        vec![
            kit(),
            flow(12).keyed("late"),
            flow(12).keyed("first"),
            consult(),
        ],
        vec![
            prepares(&["kit"], &["first"]),
            prepares(&["first", "late"], &["consult"]),
            prepares(&["kit"], &["late"]),
        ],
    );
    let cells = ledger(&[("consult", "0*6"), ("late", "1*6"), ("first", "1*6")]);
    let cause = found(&plan, &cells, 6, "consult");
    assert_eq!(told(&plan, &cause).1, "2:kit>late>consult");
    let mut shorter = plan.clone();
    shorter
        .definition_mut()
        .links
        .push(prepares(&["kit"], &["consult"]));
    let cause = found(&shorter, &cells, 6, "consult");
    assert_eq!(told(&plan, &cause).1, "1:kit>consult");
}

#[test]
fn remedies_are_the_unfinished_preparations_nearest_first() {
    let mut plan = linked(
        vec![
            study(),
            milestone(9, 12).keyed("later").at(Stage::Study),
            level(3).keyed("staff").at(Stage::Setup),
            kit(),
            cumulative(10, 1, 12).keyed("partners").at(Stage::Setup),
            seminar(),
            consult(),
            milestone(1, 4).keyed("aside").at(Stage::Setup),
        ],
        vec![
            prepares(&["study", "later"], &["kit", "partners"]),
            prepares(&["kit", "partners", "staff"], &["seminar"]),
            converts(&["seminar"], &["consult"]),
        ],
    );
    let cells = ledger(&[
        ("study", "100"),
        ("kit", "50"),
        ("partners", "1*6"),
        ("staff", "0*5 3"),
        ("seminar", "10*6"),
        ("consult", "0*6"),
    ]);
    let remedies = |plan: &Plan| told(plan, &found(plan, &cells, 6, "consult")).2;
    assert_eq!(remedies(&plan), "staff@2 kit@2 partners@2 later@3");
    let attract = &mut plan.definition_mut().stages[2];
    assert_eq!(attract.stage, Stage::Attract);
    attract.perspective = Perspective::Process;
    assert_eq!(
        remedies(&plan),
        "seminar@1 staff@2 kit@2 partners@2 later@3",
        "by the headings of this scorecard"
    );
}

#[test]
fn without_preparation_left_the_advice_is_to_add_some() {
    let plan = linked(
        vec![kit(), consult()],
        vec![prepares(&["kit"], &["consult"])],
    );
    let advice_for = |kit| {
        let cells = ledger(&[("kit", kit), ("consult", "0*6")]);
        found(&plan, &cells, 6, "consult").advice
    };
    assert_eq!(advice_for("99"), None);
    let advice = advice_for("100").unwrap();
    assert!(advice.ja.contains("見直して"), "{}", advice.ja);
    assert!(advice.en.contains("revise the process"), "{}", advice.en);
}

#[test]
fn the_document_names_items_and_rounds_figures() {
    let plan = linked(
        vec![
            kit(),
            flow(90).keyed("seminar").at(Stage::Attract),
            consult(),
        ],
        vec![
            prepares(&["kit"], &["seminar"]),
            converts(&["seminar"], &["consult"]),
        ],
    );
    let cells = ledger(&[("kit", "33.3"), ("seminar", "0*5 1"), ("consult", "0*6")]);
    let evaluation = evaluate(&plan, &cells, t(6));
    let document = cause(&plan, &cells, &evaluation, 2).document(&plan, &evaluation);
    assert_eq!(
        serde_json::to_string(&document).unwrap(),
        concat!(
            r#"{"kind":"inherited","volume":29.3333,"conversion":0.6667,"timing":0,"root_causes":["#,
            r#"{"item":"kit","item_name":{"ja":"項目","en":"Item"},"stage":"setup","status":"behind","#,
            r#""distance":2,"path":["kit","seminar","consult"]}],"remedies":["#,
            r#"{"item":"kit","item_name":{"ja":"項目","en":"Item"},"stage":"setup","measure":"milestone","#,
            r#""unit":"percent","status":"behind","actual":33.3,"target":100,"due_month":"2025-07","distance":2}],"#,
            r#""advice":null}"#
        )
    );
}

/// Six flows and milestones, links only from earlier to later ones.
fn any_card() -> impl Strategy<Value = (Plan, Ledger)> {
    let links = proptest::collection::vec((0_usize..6, 0_usize..6, any::<bool>()), 0..12);
    let cells = proptest::collection::vec((0_usize..6, 1_u32..=12, 0_i64..12), 0..40);
    (links, cells).prop_map(|(links, cells)| {
        let key = |item: usize| format!("i{item}");
        let items = (0..6)
            .map(|each| match each {
                0 | 1 => milestone(1, 6).at(Stage::Setup).keyed(&key(each)),
                _ => flow(60).keyed(&key(each)),
            })
            .collect();
        let links: Vec<Link> = links
            .into_iter()
            .filter(|(from, to, _)| from < to)
            .map(|(from, to, converted)| {
                let (from_key, to_key) = (key(from), key(to));
                if converted && from > 1 {
                    converts(&[&from_key], &[&to_key])
                } else {
                    prepares(&[&from_key], &[&to_key])
                }
            })
            .collect();
        let mut ledger = Ledger::default();
        for (item, month, value) in cells {
            let figure = Figure::Amount(Amount::whole(value));
            ledger.set(&key(item), t(month), Cell::Reported(figure));
        }
        (linked(items, links), ledger)
    })
}

proptest! {
    /// A cause has a root, and every root leads to the item over its links.
    #[test]
    fn every_shortage_begins_somewhere((plan, ledger) in any_card(), month in 1_u32..=12) {
        let evaluation = evaluate(&plan, &ledger, t(month));
        let is_link = |pair: &[usize]| plan.definition.links.iter().any(|link| {
            link.from.contains(&plan.definition.items[pair[0]].key)
                && link.to.contains(&plan.definition.items[pair[1]].key)
        });
        for item in 0..plan.definition.items.len() {
            let cause = cause(&plan, &ledger, &evaluation, item);
            prop_assert!(!cause.roots.is_empty());
            let is_upstream = matches!(cause.kind, CauseKind::Inherited | CauseKind::Preparation);
            for root in &cause.roots {
                prop_assert_eq!(root.item != item, is_upstream);
                prop_assert_eq!(root.path.last(), Some(&item));
                prop_assert_eq!(usize::try_from(root.distance).unwrap() + 1, root.path.len());
                prop_assert!(root.path.windows(2).all(is_link));
            }
            prop_assert!(cause.remedies.is_sorted_by_key(|remedy| (remedy.distance, remedy.item)));
            prop_assert_eq!(cause.advice.is_some(), cause.remedies.is_empty());
        }
    }
}
