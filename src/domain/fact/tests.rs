use std::collections::BTreeSet;

use super::*;
use crate::domain::evaluate::evaluate;
use crate::domain::fixture::{flow, ledger, plan};
use crate::domain::ids::{HubCode, PrefectureCode};
use crate::domain::organisation::Prefecture;
use crate::domain::text::Text;

fn hub() -> Hub {
    Hub {
        code: HubCode("yamagata".to_owned()),
        name: Text::new("山形拠点", "Yamagata hub"),
        prefecture: Prefecture {
            code: PrefectureCode("06".to_owned()),
            name: Text::new("山形県", "Yamagata"),
            market_type: MarketType::Growth,
        },
    }
}

fn two_items() -> PlanHistory {
    let mut first = flow(12);
    first.key = "first".to_owned();
    first.high_hurdle = true;
    let mut second = flow(24);
    second.key = "second".to_owned();
    PlanHistory::new(plan(vec![first, second]), Vec::new())
}

/// The places that a filter takes, of three months.
fn places(filter: &RowFilter, from: Place) -> Vec<(u32, usize)> {
    let (id, hub, plans) = (ScorecardId("s".to_owned()), hub(), two_items());
    let ledger = ledger(&[("first", "1 0 0"), ("second", "2 2 2")]);
    let table = Table {
        subject: Subject {
            id: &id,
            key: "own",
            hub: &hub,
            market_type: MarketType::Growth,
            template: None,
            start: plans.first().start,
        },
        plans: &plans,
        ledger: &ledger,
        last: ProgrammeMonth::new(3),
        filter,
    };
    table
        .rows_from(from)
        .map(|(place, fact)| {
            let judged = evaluate(fact.plan, &ledger, fact.at);
            let whole = &judged.items[place.item];
            assert_eq!(
                (fact.evaluated.status, fact.evaluated.flag),
                (whole.status, whole.flag)
            );
            assert_eq!(fact.evaluated.attainment, whole.attainment);
            (place.t, place.item)
        })
        .collect()
}

#[test]
fn there_is_a_row_an_item_and_month_and_any_row_can_be_the_first() {
    let all = places(&RowFilter::default(), Place::FIRST);
    assert_eq!(all, [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)]);
    for (skipped, (t, item)) in all.iter().enumerate() {
        let from = Place { t: *t, item: *item };
        assert_eq!(places(&RowFilter::default(), from), all[skipped..]);
        assert_eq!(
            places(&RowFilter::default(), from.next()),
            all[skipped + 1..]
        );
    }
}

#[test]
fn filters_take_months_items_and_verdicts() {
    let taken = |filter: RowFilter| places(&filter, Place::FIRST);
    let start = two_items().first().start;
    let second_month = Some(start.next());
    assert_eq!(
        taken(RowFilter {
            from: second_month,
            to: second_month,
            ..RowFilter::default()
        }),
        [(2, 0), (2, 1)]
    );
    assert_eq!(
        taken(RowFilter {
            high_hurdle: Some(true),
            ..RowFilter::default()
        }),
        [(1, 0), (2, 0), (3, 0)]
    );
    assert_eq!(
        taken(RowFilter {
            item: Some("second".to_owned()),
            ..RowFilter::default()
        }),
        [(1, 1), (2, 1), (3, 1)]
    );
    let year = start.fiscal_year();
    assert_eq!(
        taken(RowFilter {
            fiscal_year: Some(year - 1),
            ..RowFilter::default()
        }),
        []
    );
    let met = taken(RowFilter {
        status: Some(Status::OnTrack),
        ..RowFilter::default()
    });
    assert!(met.contains(&(1, 0)) && met.contains(&(3, 1)), "{met:?}");
    for status in Status::all().filter(|status| *status != Status::OnTrack) {
        let others = taken(RowFilter {
            status: Some(status),
            ..RowFilter::default()
        });
        assert!(others.iter().all(|place| !met.contains(place)), "{status}");
    }
}

#[test]
fn columns_have_one_name_each_and_words_for_every_code() {
    let names: BTreeSet<&str> = COLUMNS.iter().map(|column| column.name).collect();
    assert_eq!(names.len(), COLUMNS.len());
    for column in COLUMNS {
        let meaning = column.meaning();
        assert!(!meaning.ja.is_empty() && !meaning.en.is_empty());
        for (code, words) in column.codes().unwrap_or_default() {
            assert!(!code.is_empty() && !words.ja.is_empty() && !words.en.is_empty());
        }
        assert_eq!(
            column.measured.is_some(),
            column.kind == Kind::Number,
            "{}",
            column.name
        );
    }
}
