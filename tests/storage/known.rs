//! What was known at an instant.

use chrono::{DateTime, Utc};
use shirube::domain::access::Scope;
use shirube::domain::amount::Amount;
use shirube::domain::ids::ScorecardId;
use shirube::domain::ledger::Cell;
use shirube::domain::organisation::Prefecture;
use shirube::domain::scorecard::MarketType;
use shirube::domain::text::Text;
use shirube::storage::months::{self, MonthChange, MonthState};
use shirube::storage::scorecards::{self, Filter, Scorecard};
use shirube::storage::{Db, actuals, hubs, known, prefectures};

use crate::fixtures::{
    amount, by_the_hub, change, hub, instant, later, month, one_scorecard, read, scorecard, write,
};
use crate::on_each_database;

/// All scorecards as they stood at an instant.
fn heads(db: &Db, at: DateTime<Utc>) -> Vec<Scorecard> {
    read(db, |conn| {
        let cards = scorecards::list_all(conn, &Filter::default(), &Scope::Nation)?;
        known::heads(conn, cards, at)
    })
}

#[test]
fn a_scorecard_stands_where_it_stood() {
    on_each_database(|_, db| {
        let first = one_scorecard(db);
        let second = Scorecard {
            created_at: later(10),
            ..scorecard("s-2", hub("ehime", "38"), "main")
        };
        let reported = Scorecard {
            revision: 1,
            reported_through: Some(month("2026-02")),
            flag: "red".to_owned(),
            score: Some(Amount::from_scaled(987_654)),
            ..first.clone()
        };
        write(db, |conn| {
            scorecards::insert(conn, &second, "u-1")?;
            scorecards::bump(conn, &first.id, later(20))?;
            scorecards::update_current(conn, &reported, later(20))?;
            // Twice in the same microsecond: the last one counts.
            scorecards::bump(conn, &first.id, later(30))?;
            scorecards::bump(conn, &first.id, later(30))
        });
        let thrice = Scorecard {
            revision: 3,
            ..reported.clone()
        };
        assert_eq!(heads(db, later(-1)), []);
        assert_eq!(heads(db, instant()), std::slice::from_ref(&first));
        assert_eq!(heads(db, later(19)), [first, second.clone()]);
        assert_eq!(heads(db, later(20)), [reported, second.clone()]);
        assert_eq!(heads(db, later(30)), [thrice, second.clone()]);
        let last = |ids: &[&ScorecardId]| read(db, |conn| known::last_change(conn, ids));
        assert_eq!(last(&[&second.id]), Some(later(10)));
        assert_eq!(
            last(&[&second.id, &heads(db, later(30))[0].id]),
            Some(later(30))
        );
        assert_eq!(last(&[]), None);
    });
}

#[test]
fn everybody_has_the_name_of_the_time() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        let (old, new) = (card.hub.clone(), Text::new("新", "New"));
        let prefecture = Prefecture {
            name: new.clone(),
            market_type: MarketType::Mature,
            ..old.prefecture.clone()
        };
        write(db, |conn| {
            hubs::rename(conn, &old.code, &new, later(1))?;
            prefectures::update(conn, &prefecture, later(2))?;
            hubs::rename(conn, &old.code, &old.name, later(3))
        });
        let names = |at| heads(db, at).remove(0).hub;
        assert_eq!(names(instant()), old);
        assert_eq!(
            (names(later(1)).name, names(later(1)).prefecture),
            (new, old.prefecture)
        );
        assert_eq!(names(later(2)).prefecture, prefecture);
        assert_eq!(names(later(3)).name, old.name);
    });
}

#[test]
fn cells_and_months_are_those_of_the_time() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        let decision = |revision: i64, after: MonthState, until| MonthChange {
            revision,
            month: card.start,
            at: later(revision),
            by_id: "u-1".to_owned(),
            by_name: "県 花子".to_owned(),
            before: MonthState::Open,
            after,
            note: Some(format!("第{revision}回")),
            reopened_until: until,
        };
        let mut context = by_the_hub();
        write(db, |conn| {
            for (revision, cell) in [(1, amount(5)), (2, Cell::NotReported), (3, amount(7))] {
                context.at = later(revision);
                let change = change("refer", Cell::NotReported, cell);
                actuals::apply(conn, &card.id, revision, &[(card.start, &change)], &context)?;
            }
            months::set_first_completed(conn, &card.id, card.start, later(3))?;
            months::change(conn, &card.id, &decision(4, MonthState::Approved, None))?;
            let reopened = decision(5, MonthState::Open, Some(later(60)));
            months::change(conn, &card.id, &reopened)
        });
        let cells = |seconds| {
            let cells = read(db, |conn| {
                actuals::cells_known_at(conn, &card.id, card.start, card.start, later(seconds))
            });
            cells
                .into_iter()
                .map(|cell| (cell.cell, cell.reported_at))
                .collect::<Vec<_>>()
        };
        assert_eq!(cells(0), []);
        assert_eq!(cells(1), [(amount(5), later(1))]);
        assert_eq!(cells(2), []);
        assert_eq!(cells(60), [(amount(7), later(3))]);
        let now = read(db, |conn| {
            actuals::cells(conn, &card.id, card.start, card.start)
        });
        assert_eq!(now[0].reported_at, later(3));
        let known = |seconds| {
            let mut rows = read(db, |conn| {
                months::range_known_at(conn, &card.id, card.start, card.start, later(seconds))
            });
            rows.pop()
        };
        assert_eq!(known(2), None);
        let completed = known(3).unwrap();
        assert_eq!(completed.first_completed_at, Some(later(3)));
        assert_eq!(
            (completed.state, completed.changed_at),
            (MonthState::Open, None)
        );
        let approved = known(4).unwrap();
        assert_eq!(
            (approved.state, approved.reopened_until),
            (MonthState::Approved, None)
        );
        assert_eq!(approved.note.as_deref(), Some("第4回"));
        let now = read(db, |conn| months::find(conn, &card.id, card.start));
        assert_eq!(known(5), now);
        let changes = read(db, |conn| {
            actuals::changes_known_at(conn, &card.id, later(2))
        });
        assert_eq!(changes.len(), 2);
    });
}
