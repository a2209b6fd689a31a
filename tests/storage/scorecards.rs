//! Scorecards, plans, months and summaries.

use shirube::domain::access::Scope;
use shirube::domain::amount::Amount;
use shirube::domain::ids::{HubCode, PrefectureCode, ScorecardId};
use shirube::domain::scorecard::MarketType;
use shirube::storage::months::{self, MonthChange, MonthRecord, MonthState};
use shirube::storage::plans::{self, PlanVersion};
use shirube::storage::scorecards::{self, Filter, Scorecard};
use shirube::storage::summaries::{self, MonthSummary};
use shirube::storage::{Db, StorageError};

use crate::fixtures::{
    hub, later, month, one_scorecard, organisations, read, scope_of_hub, scope_of_prefecture,
    scorecard, write,
};
use crate::on_each_database;

fn id(text: &str) -> ScorecardId {
    ScorecardId(text.to_owned())
}

#[test]
fn a_scorecard_is_found_in_its_scope_only() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        let own = [
            Scope::Nation,
            scope_of_prefecture("06"),
            scope_of_hub("yamagata"),
        ];
        let foreign = [
            scope_of_prefecture("38"),
            scope_of_hub("yonezawa"),
            scope_of_hub("ehime"),
        ];
        let ways = |scope: &Scope| {
            [
                read(db, |conn| scorecards::find(conn, &card.id, scope)),
                read(db, |conn| {
                    scorecards::find_by_key(conn, &card.hub.code, "main", scope)
                }),
                write(db, |conn| scorecards::lock(conn, &card.id, scope)),
                read(db, |conn| {
                    scorecards::list(conn, &Filter::default(), scope, None, 9)
                })
                .pop(),
                read(db, |conn| {
                    scorecards::list_all(conn, &Filter::default(), scope)
                })
                .pop(),
            ]
        };
        for scope in own {
            assert!(
                ways(&scope)
                    .iter()
                    .all(|found| found.as_ref() == Some(&card)),
                "{scope:?}"
            );
        }
        for scope in foreign {
            assert!(ways(&scope).iter().all(Option::is_none), "{scope:?}");
        }
        let absent = id("absent");
        assert!(write(db, |conn| scorecards::lock(conn, &absent, &Scope::Nation)).is_none());
    });
}

#[test]
fn where_a_scorecard_stands_is_stored() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        write(db, |conn| {
            assert_eq!(scorecards::bump(conn, &card.id, later(1))?, 1);
            assert_eq!(scorecards::bump(conn, &card.id, later(2))?, 2);
            Ok(())
        });
        let expected = Scorecard {
            revision: 2,
            reported_through: Some(month("2026-02")),
            flag: "red".to_owned(),
            score: Some(Amount::from_scaled(987_654)),
            ..card.clone()
        };
        write(db, |conn| {
            scorecards::update_current(conn, &expected, later(2))
        });
        let again = db.write(|conn| scorecards::update_current(conn, &expected, later(3)));
        assert!(matches!(again, Err(StorageError::Unique)), "{again:?}");
        let nation = &Scope::Nation;
        let found = read(db, |conn| scorecards::find(conn, &card.id, nation));
        assert_eq!(found, Some(expected));
        let absent = scorecard("absent", card.hub.clone(), "absent");
        for gone in [
            db.write(|conn| scorecards::bump(conn, &id("absent"), later(4)).map(|_| ())),
            db.write(|conn| scorecards::update_current(conn, &absent, later(4))),
        ] {
            assert!(matches!(gone, Err(StorageError::NotFound)), "{gone:?}");
        }
        let twin = scorecard("s-2", card.hub, "main");
        let taken = db.write(|conn| scorecards::insert(conn, &twin, "u-1"));
        assert!(matches!(taken, Err(StorageError::Unique)), "{taken:?}");
    });
}

/// Five scorecards, in the order of lists: bytes, not any language's rules.
fn five_scorecards(db: &Db) -> Vec<Scorecard> {
    organisations(db);
    let cards = vec![
        scorecard("s-5", hub("yamagata", "06"), "B"),
        scorecard("s-4", hub("yamagata", "06"), "a-b"),
        scorecard("s-3", hub("yamagata", "06"), "aa"),
        Scorecard {
            template: None,
            market_type: MarketType::Mature,
            flag: "red".to_owned(),
            ..scorecard("s-2", hub("yonezawa", "06"), "B")
        },
        scorecard("s-1", hub("ehime", "38"), "B"),
    ];
    write(db, |conn| {
        for card in cards.iter().rev() {
            scorecards::insert(conn, card, "u-1")?;
        }
        Ok(())
    });
    cards
}

#[test]
fn pages_follow_prefecture_hub_and_key() {
    on_each_database(|_, db| {
        let cards = five_scorecards(db);
        let all = &Filter::default();
        let nation = &Scope::Nation;
        assert_eq!(
            read(db, |conn| scorecards::list_all(conn, all, nation)),
            cards
        );
        let mut paged: Vec<Scorecard> = Vec::new();
        loop {
            let after = paged.last().map(Scorecard::position);
            let page = read(db, |conn| {
                scorecards::list(conn, all, nation, after.as_ref(), 2)
            });
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, cards);
    });
}

#[test]
fn filters_narrow_lists() {
    on_each_database(|_, db| {
        let cards = five_scorecards(db);
        let all = Filter::default();
        let filters = [
            (
                Filter {
                    hub: Some(HubCode("yamagata".to_owned())),
                    ..all.clone()
                },
                &cards[..3],
            ),
            (
                Filter {
                    prefecture: Some(PrefectureCode("38".to_owned())),
                    key: Some("B".to_owned()),
                    ..all.clone()
                },
                &cards[4..],
            ),
            (
                Filter {
                    market_type: Some(MarketType::Mature),
                    ..all.clone()
                },
                &cards[3..4],
            ),
            (
                Filter {
                    flag: Some("red".to_owned()),
                    ..all.clone()
                },
                &cards[3..4],
            ),
            (
                Filter {
                    template: Some("growth-market-opening".to_owned()),
                    hub: Some(HubCode("yonezawa".to_owned())),
                    ..all
                },
                &cards[..0],
            ),
        ];
        for (filter, expected) in filters {
            let found = read(db, |conn| {
                scorecards::list_all(conn, &filter, &Scope::Nation)
            });
            assert_eq!(found, expected, "{filter:?}");
        }
    });
}

#[test]
fn a_renaming_raises_the_revisions_that_name_it() {
    on_each_database(|_, db| {
        five_scorecards(db);
        let of_hub = ["s-3", "s-4", "s-5"].map(id);
        let of_prefecture = ["s-2", "s-3", "s-4", "s-5"].map(id);
        write(db, |conn| {
            scorecards::bump_all(conn, &of_hub, later(1))?;
            scorecards::bump_all(conn, &of_prefecture, later(2))?;
            scorecards::bump_all(conn, &[], later(3))
        });
        let revisions: Vec<i64> = read(db, |conn| {
            scorecards::list_all(conn, &Filter::default(), &Scope::Nation)
        })
        .iter()
        .map(|card| card.revision)
        .collect();
        assert_eq!(revisions, [2, 2, 2, 1, 0]);
    });
}

#[test]
fn several_are_locked_in_one_order_within_the_scope() {
    on_each_database(|_, db| {
        five_scorecards(db);
        let ids = ["s-5", "s-1", "absent", "s-2", "s-5"].map(id);
        let locked = write(db, |conn| {
            scorecards::lock_all(conn, &ids, &scope_of_prefecture("06"))
        });
        let locked: Vec<&str> = locked.iter().map(|card| card.id.as_str()).collect();
        assert_eq!(locked, ["s-2", "s-5"]);
    });
}

fn version(number: u32) -> PlanVersion {
    PlanVersion {
        version: number,
        effective: month("2025-10").plus(i32::try_from(number).unwrap()),
        author_id: "u-1".to_owned(),
        author_name: "県 花子".to_owned(),
        reason: "前提の見直し".to_owned(),
        alert: (number > 1).then(|| "a-1".to_owned()),
        changes: "[]".to_owned(),
        document: format!(r#"{{"version":{number},"ja":"計画"}}"#),
        created_at: later(i64::from(number)),
    }
}

#[test]
fn plans_keep_every_version() {
    on_each_database(|_, db| {
        five_scorecards(db);
        write(db, |conn| {
            for number in [1, 2, 10] {
                plans::insert(conn, &id("s-1"), &version(number))?;
            }
            plans::insert(conn, &id("s-2"), &version(1))
        });
        let history = read(db, |conn| plans::history(conn, &id("s-1")));
        assert_eq!(history, [version(1), version(2), version(10)]);
        let many = read(db, |conn| {
            plans::histories(conn, &[id("s-3"), id("s-2"), id("s-1")])
        });
        assert_eq!(many.len(), 2, "s-3 has no plan");
        assert_eq!(many[&id("s-1")], history);
        assert_eq!(many[&id("s-2")], [version(1)]);
        let again = db.write(|conn| plans::insert(conn, &id("s-1"), &version(2)));
        assert!(matches!(again, Err(StorageError::Unique)), "{again:?}");
    });
}

fn approval(revision: i64, text: &str, before: MonthState, after: MonthState) -> MonthChange {
    MonthChange {
        revision,
        month: month(text),
        at: later(revision),
        by_id: "u-2".to_owned(),
        by_name: "県 花子".to_owned(),
        before,
        after,
        note: (after == MonthState::Returned).then(|| "再確認".to_owned()),
        reopened_until: (before == MonthState::Approved).then(|| later(9_999)),
    }
}

#[test]
fn months_change_state_and_remember_it() {
    use MonthState::{Approved, Open, Returned};
    on_each_database(|_, db| {
        let card = one_scorecard(db).id;
        let changes = [
            approval(1, "2025-10", Open, Returned),
            approval(2, "2025-10", Returned, Approved),
            approval(2, "2025-11", Open, Approved),
            approval(3, "2025-11", Approved, Open),
        ];
        write(db, |conn| {
            months::set_first_completed(conn, &card, month("2025-11"), later(-5))?;
            for change in &changes {
                months::change(conn, &card, change)?;
            }
            months::set_first_completed(conn, &card, month("2025-10"), later(4))?;
            months::set_first_completed(conn, &card, month("2025-11"), later(5))
        });
        let october = MonthRecord {
            month: month("2025-10"),
            state: Approved,
            note: None,
            changed_at: Some(later(2)),
            changed_by: Some("県 花子".to_owned()),
            reopened_until: None,
            first_completed_at: Some(later(4)),
        };
        let november = MonthRecord {
            month: month("2025-11"),
            state: Open,
            changed_at: Some(later(3)),
            reopened_until: Some(later(9_999)),
            first_completed_at: Some(later(-5)),
            ..october.clone()
        };
        let find = |text| read(db, |conn| months::find(conn, &card, month(text)));
        assert_eq!(find("2025-10"), Some(october.clone()));
        assert_eq!(find("2025-12"), None);
        let range = |from, to| {
            read(db, |conn| {
                months::range(conn, &card, month(from), month(to))
            })
        };
        assert_eq!(range("2025-10", "2025-11"), [october, november.clone()]);
        assert_eq!(range("2025-11", "2026-03"), [november]);
        assert_eq!(read(db, |conn| months::history(conn, &card)), changes);
    });
}

fn summary(scorecard: &str, text: &str) -> MonthSummary {
    MonthSummary {
        scorecard: id(scorecard),
        month: month(text),
        rules: 1,
        plan_version: 2,
        flag: "amber".to_owned(),
        document: format!(r#"{{"of":"{scorecard} {text}"}}"#),
    }
}

#[test]
fn summaries_are_read_for_many_scorecards_at_once() {
    on_each_database(|_, db| {
        five_scorecards(db);
        let (october, november) = ("2025-10", "2025-11");
        let one_each = [
            summary("s-1", october),
            summary("s-1", november),
            summary("s-2", october),
            summary("s-3", november),
        ];
        let corrected = MonthSummary {
            plan_version: 3,
            document: "{}".to_owned(),
            ..one_each[1].clone()
        };
        write(db, |conn| {
            summaries::upsert(conn, &one_each)?;
            summaries::upsert(conn, std::slice::from_ref(&corrected))?;
            for (card, through) in [("s-1", november), ("s-2", october)] {
                let found = scorecards::find(conn, &id(card), &Scope::Nation)?;
                let standing = Scorecard {
                    revision: 1,
                    reported_through: Some(month(through)),
                    ..found.unwrap()
                };
                scorecards::update_current(conn, &standing, later(1))?;
            }
            Ok(())
        });
        let ids = ["s-3", "s-2", "s-1", "s-4"].map(id);
        let [first, _, third, fourth] = one_each;
        assert_eq!(
            read(db, |conn| summaries::of_month(conn, &ids, month(november))),
            [corrected.clone(), fourth]
        );
        assert_eq!(
            read(db, |conn| summaries::latest(conn, &ids)),
            [corrected, third.clone()],
            "s-3 says that it has reported nothing"
        );
        let wanted = [
            (&ids[1], month(october)),
            (&ids[1], month(november)),
            (&ids[2], month(october)),
            (&ids[0], month(october)),
        ];
        assert_eq!(
            read(db, |conn| summaries::of_months(conn, &wanted)),
            [first.clone(), third]
        );
        assert!(read(db, |conn| summaries::of_months(conn, &[])).is_empty());

        let deleted = write(db, |conn| {
            summaries::delete_after(conn, &id("s-1"), month(october))
        });
        assert_eq!(deleted, 1);
        let left = read(db, |conn| {
            summaries::of_months(
                conn,
                &[(&ids[2], month(october)), (&ids[2], month(november))],
            )
        });
        assert_eq!(left, [first]);
    });
}
