//! Cells, ledgers and their history.

use std::collections::BTreeMap;

use shirube::domain::amount::Amount;
use shirube::domain::ids::ScorecardId;
use shirube::domain::ledger::{Cell, Figure, Ledger};
use shirube::domain::month::{Month, ProgrammeMonth};
use shirube::domain::report::CellChange;
use shirube::storage::actuals::{self, ChangeContext, StoredCell};
use shirube::storage::{Db, StorageError, scorecards};

use crate::fixtures::{
    amount, by_the_hub, change, hub, instant, later, month, one_scorecard, read, scorecard, write,
};
use crate::on_each_database;

/// Just inside the limit of reported figures, and beyond it to the columns' own.
const EXTREMES: [i64; 7] = [
    0,
    1,
    -1,
    999_999_999_999_999,
    -999_999_999_999_999,
    i64::MAX,
    i64::MIN,
];

fn apply(db: &Db, id: &ScorecardId, revision: i64, changes: &[(Month, CellChange)]) {
    let changes: Vec<(Month, &CellChange)> = changes.iter().map(|(m, c)| (*m, c)).collect();
    let context = ChangeContext {
        at: later(revision),
        ..by_the_hub()
    };
    write(db, |conn| {
        actuals::apply(conn, id, revision, &changes, &context)
    });
}

fn ratio(numerator: i64, denominator: i64) -> Cell {
    Cell::Reported(Figure::Ratio {
        numerator: Amount::from_scaled(numerator),
        denominator: Amount::from_scaled(denominator),
    })
}

fn not_applicable() -> Cell {
    Cell::NotApplicable {
        reason: "休止中 'x'\n".to_owned(),
    }
}

#[test]
fn figures_come_back_as_they_were() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        let mut changes: Vec<(Month, CellChange)> = EXTREMES
            .iter()
            .map(|&scaled| {
                let item = format!("revenue {scaled}");
                (card.start, change(&item, Cell::NotReported, amount(scaled)))
            })
            .collect();
        for (item, cell) in [
            ("ratio", ratio(-5, i64::MAX)),
            ("share", ratio(0, 0)),
            ("closed", not_applicable()),
        ] {
            changes.push((card.start, change(item, Cell::NotReported, cell)));
        }
        apply(db, &card.id, 1, &changes);

        let mut expected: Vec<StoredCell> = changes
            .iter()
            .map(|(month, change)| StoredCell {
                item: change.item.clone(),
                month: *month,
                cell: change.after.clone(),
                reported_at: later(1),
                reported_by: "山形 花子".to_owned(),
            })
            .collect();
        expected.sort_by(|one, other| one.item.cmp(&other.item));
        let stored = read(db, |conn| {
            actuals::cells(conn, &card.id, card.start, card.start)
        });
        assert_eq!(stored, expected);
        let ledger = read(db, |conn| actuals::ledger(conn, &card.id, card.start, None));
        for (_, change) in &changes {
            assert_eq!(
                ledger.cell(&change.item, ProgrammeMonth::FIRST),
                &change.after
            );
        }
    });
}

#[test]
fn a_cleared_cell_is_gone_but_not_forgotten() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        let clear = CellChange {
            clear_reason: Some("二重計上".to_owned()),
            ..change("refer", amount(50_000), Cell::NotReported)
        };
        let steps = [
            change("refer", Cell::NotReported, amount(30_000)),
            change("refer", amount(30_000), amount(50_000)),
            clear,
            change("refer", Cell::NotReported, not_applicable()),
        ];
        let state = || {
            read(db, |conn| {
                actuals::cells(conn, &card.id, card.start, card.start)
            })
        };
        for (revision, step) in (1..).zip(&steps) {
            apply(db, &card.id, revision, &[(card.start, step.clone())]);
            let cells = state();
            match &step.after {
                Cell::NotReported => assert!(cells.is_empty()),
                cell => assert_eq!(&cells[0].cell, cell),
            }
        }

        let history = |after, limit| {
            read(db, |conn| {
                actuals::history(conn, &card.id, "refer", after, limit, None)
            })
        };
        let past = history(None, 10);
        assert_eq!(past.len(), 4);
        for (past, step) in past.iter().zip(&steps) {
            assert_eq!((&past.before, &past.after), (&step.before, &step.after));
            assert_eq!(past.clear_reason, step.clear_reason);
            assert_eq!(past.at, later(past.revision));
            assert_eq!(past.by_name, "山形 花子");
            assert_eq!(past.note.as_deref(), Some("速報値\n二行目"));
            assert_eq!((past.by_id.as_str(), past.source.as_str()), ("u-1", "api"));
        }
        assert_eq!(history(None, 2), past[..2]);
        assert_eq!(history(Some((2, card.start)), 10), past[2..]);
        let known = |at| {
            let ledger: Ledger = read(db, |conn| {
                actuals::ledger_known_at(conn, &card.id, card.start, None, at)
            });
            ledger.cell("refer", ProgrammeMonth::FIRST).clone()
        };
        assert_eq!(known(instant()), Cell::NotReported);
        assert_eq!(known(later(1)), amount(30_000));
        assert_eq!(known(later(2)), amount(50_000));
        assert_eq!(known(later(3)), Cell::NotReported);
        assert_eq!(known(later(60)), not_applicable());
    });
}

#[test]
fn ledgers_of_many_scorecards_end_with_a_month() {
    on_each_database(|_, db| {
        let first = one_scorecard(db);
        let second = scorecards::Scorecard {
            start: month("2026-01"),
            ..scorecard("s-2", hub("ehime", "38"), "main")
        };
        write(db, |conn| scorecards::insert(conn, &second, "u-1"));
        for card in [&first, &second] {
            let months = ["2026-01", "2026-02", "2026-03"].map(month);
            let changes =
                months.map(|month| (month, change("refer", Cell::NotReported, amount(7))));
            apply(db, &card.id, 1, &changes);
        }
        let absent = ScorecardId("absent".to_owned());
        let wanted = [
            (&first.id, first.start),
            (&absent, first.start),
            (&second.id, second.start),
        ];
        let through = month("2026-02");
        let ledgers = read(db, |conn| actuals::ledgers(conn, &wanted, Some(through)));
        assert_eq!(ledgers.len(), 2);
        for card in [&first, &second] {
            let last = ledgers[&card.id].reported_through().unwrap();
            assert_eq!(last.calendar(card.start), through);
            let alone = read(db, |conn| {
                actuals::ledger(conn, &card.id, card.start, Some(through))
            });
            assert_eq!(ledgers[&card.id], alone);
        }
    });
}

#[test]
fn ten_thousand_changes_are_one_write() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        let changes: Vec<(Month, CellChange)> = (0..10_000)
            .map(|n| {
                let item = format!("item-{}", n % 100);
                let after = amount(i64::from(n));
                (
                    card.start.plus(n / 100),
                    change(&item, Cell::NotReported, after),
                )
            })
            .collect();
        apply(db, &card.id, 1, &changes);
        let cleared: Vec<(Month, CellChange)> = changes
            .iter()
            .map(|(month, stated)| {
                let before = stated.after.clone();
                (*month, change(&stated.item, before, Cell::NotReported))
            })
            .collect();
        apply(db, &card.id, 2, &cleared[100..]);
        let cells = read(db, |conn| {
            actuals::cells(conn, &card.id, card.start, card.start.plus(100))
        });
        let left: BTreeMap<&str, &Cell> = cells
            .iter()
            .map(|stored| (stored.item.as_str(), &stored.cell))
            .collect();
        assert_eq!(left.len(), 100);
        assert!(
            changes[..100]
                .iter()
                .all(|(_, c)| left[c.item.as_str()] == &c.after)
        );
    });
}

#[test]
fn a_cell_changes_once_in_a_revision() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        let change = change("refer", Cell::NotReported, amount(1));
        let twice = [(card.start, &change), (card.start, &change)];
        let refused = db.write(|conn| actuals::apply(conn, &card.id, 1, &twice, &by_the_hub()));
        assert!(matches!(refused, Err(StorageError::Unique)), "{refused:?}");
        let nowhere = ScorecardId("absent".to_owned());
        let refused =
            db.write(|conn| actuals::apply(conn, &nowhere, 1, &twice[..1], &by_the_hub()));
        assert!(
            matches!(refused, Err(StorageError::Reference)),
            "{refused:?}"
        );
    });
}
