//! What a transaction promises.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Instant;

use shirube::domain::access::Scope;
use shirube::domain::ids::PrefectureCode;
use shirube::domain::ledger::Cell;
use shirube::storage::scorecards::Filter;
use shirube::storage::{Db, StorageError, actuals, prefectures, scorecards};

use crate::database::{TestDatabase, postgres_server};
use crate::fixtures::{
    amount, by_the_hub, change, hub, instant, one_scorecard, prefecture, read, scorecard, write,
};
use crate::on_each_database;

const THREADS: usize = 8;
const WRITES: usize = 200;

fn exists(db: &Db, code: &str) -> bool {
    let code = PrefectureCode(code.to_owned());
    read(db, |conn| prefectures::find(conn, &code)).is_some()
}

#[test]
fn an_error_undoes_a_write_and_a_dry_run_is_always_undone() {
    on_each_database(|_, db| {
        let refused: Result<(), StorageError> = db.write(|conn| {
            prefectures::insert(conn, &prefecture("01"), instant())?;
            Err(StorageError::NotFound)
        });
        assert!(matches!(refused, Err(StorageError::NotFound)));
        assert!(!exists(db, "01"));

        let seen = db.write_and_discard(|conn| {
            prefectures::insert(conn, &prefecture("01"), instant())?;
            prefectures::find(conn, &PrefectureCode("01".to_owned()))
        });
        assert_eq!(seen.unwrap(), Some(prefecture("01")));
        assert!(!exists(db, "01"));

        write(db, |conn| {
            prefectures::insert(conn, &prefecture("01"), instant())
        });
        assert!(exists(db, "01"));
    });
}

#[test]
fn a_panic_undoes_a_write_and_the_next_one_succeeds() {
    on_each_database(|_, db| {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            db.write(|conn| -> Result<(), StorageError> {
                prefectures::insert(conn, &prefecture("01"), instant())?;
                panic!("on purpose");
            })
        }));
        assert!(panicked.is_err());
        assert!(!exists(db, "01"));
        write(db, |conn| {
            prefectures::insert(conn, &prefecture("01"), instant())
        });
        assert!(exists(db, "01"));
    });
}

#[test]
fn an_ignored_failure_is_no_success() {
    on_each_database(|_, db| {
        write(db, |conn| {
            prefectures::insert(conn, &prefecture("01"), instant())
        });
        let spoilt: Result<(), StorageError> = db.write(|conn| {
            prefectures::insert(conn, &prefecture("02"), instant())?;
            let taken = prefectures::insert(conn, &prefecture("01"), instant());
            assert!(matches!(taken, Err(StorageError::Unique)));
            Ok(())
        });
        assert!(matches!(spoilt, Err(StorageError::Failed(_))), "{spoilt:?}");
        assert!(!exists(db, "02"));
    });
}

#[test]
fn a_read_cannot_write() {
    on_each_database(|_, db| {
        let refused = db.read(|conn| prefectures::insert(conn, &prefecture("01"), instant()));
        assert!(refused.is_err());
        assert!(!exists(db, "01"));
    });
}

#[test]
fn concurrent_writers_of_one_scorecard_take_turns() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        let began = Instant::now();
        std::thread::scope(|threads| {
            for thread in 0..THREADS {
                let card = &card;
                threads.spawn(move || {
                    for _ in 0..WRITES {
                        write(db, |conn| {
                            let locked = scorecards::lock(conn, &card.id, &Scope::Nation)?;
                            let revision = scorecards::bump(conn, &card.id, instant())?;
                            assert_eq!(revision, locked.unwrap().revision + 1);
                            let item = format!("item-{thread}");
                            let change = change(&item, Cell::NotReported, amount(revision));
                            let changes = [(card.start, &change)];
                            actuals::apply(conn, &card.id, revision, &changes, &by_the_hub())
                        });
                    }
                });
            }
        });
        let taken = began.elapsed();
        let total = THREADS * WRITES;
        eprintln!("{total} writes in {taken:?}: {:?} each", taken / 1_600);

        let found = read(db, |conn| scorecards::find(conn, &card.id, &Scope::Nation));
        assert_eq!(usize::try_from(found.unwrap().revision).unwrap(), total);
        let mut revisions: Vec<i64> = (0..THREADS)
            .flat_map(|thread| {
                let item = format!("item-{thread}");
                read(db, |conn| {
                    actuals::history(conn, &card.id, &item, None, 10_000, None)
                })
            })
            .map(|past| past.revision)
            .collect();
        revisions.sort_unstable();
        assert!(revisions.into_iter().eq(1..=i64::try_from(total).unwrap()));
    });
}

/// What is answered as of an instant is not changed by a write that had begun.
#[test]
fn writes_under_way_can_be_awaited() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        for round in 1..=3 {
            let under_way = Barrier::new(2);
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    write(db, |conn| {
                        scorecards::lock(conn, &card.id, &Scope::Nation)?;
                        under_way.wait();
                        std::thread::sleep(std::time::Duration::from_millis(200));
                        scorecards::bump(conn, &card.id, instant())
                    });
                });
                under_way.wait();
                db.await_writers().unwrap();
                let found = read(db, |conn| scorecards::find(conn, &card.id, &Scope::Nation));
                assert_eq!(found.unwrap().revision, round);
            });
        }
    });
}

#[test]
fn a_reader_sees_one_state() {
    on_each_database(|_, db| {
        let card = one_scorecard(db);
        let done = AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for _ in 0..100 {
                    write(db, |conn| {
                        let revision = scorecards::bump(conn, &card.id, instant())?;
                        let change = change("refer", Cell::NotReported, amount(revision));
                        let changes = [(card.start, &change)];
                        actuals::apply(conn, &card.id, revision, &changes, &by_the_hub())
                    });
                }
                done.store(true, Ordering::SeqCst);
            });
            while !done.load(Ordering::SeqCst) {
                read(db, |conn| {
                    let before = scorecards::find(conn, &card.id, &Scope::Nation)?;
                    let revision = before.as_ref().map(|card| card.revision).unwrap();
                    let cells = actuals::cells(conn, &card.id, card.start, card.start)?;
                    if revision > 0 {
                        assert_eq!(cells[0].cell, amount(revision));
                    }
                    std::thread::yield_now();
                    let after = scorecards::find(conn, &card.id, &Scope::Nation)?;
                    assert_eq!(before, after);
                    Ok(())
                });
            }
        });
    });
}

#[test]
fn a_deadlock_is_started_over() {
    if postgres_server().is_none() {
        return; // One writer at a time cannot deadlock.
    }
    let database = TestDatabase::postgres();
    let db = database.open();
    let first = one_scorecard(&db);
    let second = scorecard("s-2", hub("ehime", "38"), "main");
    write(&db, |conn| scorecards::insert(conn, &second, "u-1"));
    let both_have_one = Barrier::new(2);
    let runs = AtomicU32::new(0);
    let one_way = |first: &scorecards::Scorecard, second: &scorecards::Scorecard| {
        let mut meet = true;
        write(&db, |conn| {
            runs.fetch_add(1, Ordering::SeqCst);
            scorecards::lock(conn, &first.id, &Scope::Nation)?;
            if std::mem::take(&mut meet) {
                both_have_one.wait();
            }
            scorecards::lock(conn, &second.id, &Scope::Nation)?;
            scorecards::bump(conn, &first.id, instant())
        });
    };
    std::thread::scope(|threads| {
        threads.spawn(|| one_way(&first, &second));
        threads.spawn(|| one_way(&second, &first));
    });
    assert_eq!(runs.load(Ordering::SeqCst), 3, "one of the two ran twice");
    let all = read(&db, |conn| {
        scorecards::list_all(conn, &Filter::default(), &Scope::Nation)
    });
    assert!(all.iter().all(|card| card.revision == 1));
}
