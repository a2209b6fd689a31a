//! What upstream owes, and until when to work on it.

use super::*;
use crate::domain::fixture::{ItemFixture, converts, flow, linked, milestone, prepares};
use crate::domain::scorecard::Link;

fn after(lag_months: u32, link: Link) -> Link {
    Link { lag_months, ..link }
}

/// Link, rate, need, planned rest and debt.
type Debt = (
    usize,
    Option<Exact>,
    Option<Exact>,
    Option<Exact>,
    Option<Exact>,
);

fn debts(plan: &Plan, tables: &[(&str, &str)], month: u32, item: usize) -> Vec<Debt> {
    let found = looked(plan, tables, month, &Scenario::default());
    let outlook = found.items.into_iter().nth(item).unwrap().unwrap();
    outlook
        .debts
        .into_iter()
        .map(|debt| (debt.link, debt.rate, debt.need, debt.planned, debt.debt))
        .collect()
}

/// talk 120 → consult 60 → contract 12, half a year of 30, 10 and 1.
#[test]
fn debts_go_back_to_the_first_step() {
    let plan = linked(
        vec![
            flow(120).keyed("talk"),
            flow(60).keyed("consult"),
            flow(12).keyed("contract"),
        ],
        vec![
            converts(&["talk"], &["consult"]),
            converts(&["consult"], &["contract"]),
        ],
    );
    let tables = [
        ("talk", "5*6"),
        ("consult", "5 5 0*4"),
        ("contract", "1 0*5"),
    ];
    // 11 contracts at 1 in 10 need 110 consultations, where the plan has 30
    // left; at 1 in 3 these need 330 talks, where it has 60.
    assert_eq!(
        debts(&plan, &tables, 6, 2),
        [
            (
                1,
                Some(exact(1, 10)),
                Some(exact(110, 1)),
                Some(exact(30, 1)),
                Some(exact(80, 1))
            ),
            (
                0,
                Some(exact(1, 3)),
                Some(exact(330, 1)),
                Some(exact(60, 1)),
                Some(exact(270, 1))
            ),
        ]
    );
    // Where nothing converts, nobody knows from there up.
    let tables = [("talk", "5*6"), ("consult", "5 5 0*4"), ("contract", "0*6")];
    assert_eq!(
        debts(&plan, &tables, 6, 2),
        [
            (1, Some(Exact::zero()), None, Some(exact(30, 1)), None),
            (0, Some(exact(1, 3)), None, Some(exact(60, 1)), None),
        ]
    );
    // A flow that is not short owes nothing.
    let fine = [("talk", "10*6"), ("consult", "5*6"), ("contract", "1*6")];
    assert_eq!(debts(&plan, &fine, 6, 2), []);
}

/// Two consultations of 30 and 10, of which a link feeds the first only, lead
/// to contracts 20: three quarters of the need go on.
#[test]
fn a_part_of_a_set_takes_its_part_of_the_need() {
    let plan = linked(
        vec![
            flow(60).keyed("talk"),
            flow(30).keyed("seminar"),
            flow(10).keyed("bank"),
            flow(20).keyed("contract"),
        ],
        vec![
            converts(&["talk"], &["seminar"]),
            converts(&["seminar", "bank"], &["contract"]),
        ],
    );
    let tables = [
        ("talk", "5*6"),
        ("seminar", "2*6"),
        ("bank", "3 0*5"),
        ("contract", "3 0*5"),
    ];
    // 17 contracts at 1 in 5 need 85, of which the plan has 20 left; 3/4 of 85
    // at 2 in 5 need 159.375 talks, where it has 30.
    assert_eq!(
        debts(&plan, &tables, 6, 3),
        [
            (
                1,
                Some(exact(1, 5)),
                Some(exact(85, 1)),
                Some(exact(20, 1)),
                Some(exact(65, 1))
            ),
            (
                0,
                Some(exact(2, 5)),
                Some(exact(1275, 8)),
                Some(exact(30, 1)),
                Some(exact(1035, 8))
            ),
        ]
    );
}

/// The quickest path counts: kit → talk (3) → consult (2), and kit → consult (4).
#[test]
fn the_quickest_path_gives_the_last_month() {
    let plan = linked(
        vec![
            milestone(1, 3).keyed("kit"),
            flow(60).keyed("talk"),
            flow(30).keyed("consult"),
            flow(10).keyed("contract"),
        ],
        vec![
            after(3, prepares(&["kit"], &["talk"])),
            after(2, converts(&["talk"], &["consult"])),
            after(4, prepares(&["kit"], &["consult"])),
            converts(&["consult"], &["contract"]),
        ],
    );
    let last = |month: u32, item: usize| -> Vec<(usize, u32, Option<u32>, bool)> {
        let found = looked(&plan, &[], month, &Scenario::default());
        let outlook = found.items.into_iter().nth(item).unwrap().unwrap();
        let last = outlook.last_months.into_iter();
        last.map(|each| {
            let month = each.month.map(crate::domain::month::ProgrammeMonth::t);
            (each.item, each.lag_months, month, each.is_open)
        })
        .collect()
    };
    assert_eq!(
        last(18, 3),
        [
            (0, 4, Some(20), true),
            (1, 2, Some(22), true),
            (2, 0, Some(24), true)
        ]
    );
    // In the month itself it is too late: its work is done.
    assert_eq!(
        last(22, 3),
        [
            (0, 4, Some(20), false),
            (1, 2, Some(22), false),
            (2, 0, Some(24), true)
        ]
    );
    assert_eq!(last(1, 1), [(0, 3, Some(9), true)]);
    assert_eq!(last(1, 0), []);
}
