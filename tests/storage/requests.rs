//! Idempotency keys and the audit.

use std::sync::mpsc;

use shirube::domain::access::Scope;
use shirube::domain::ids::{HubCode, PrefectureCode, ScorecardId};
use shirube::storage::audit::{self, AuditEntry, AuditKind};
use shirube::storage::idempotency::{self, FirstAnswer, RequestKey};
use shirube::storage::{Db, StorageError};

use crate::database::{TestDatabase, postgres_server};
use crate::fixtures::{later, read, scope_of_hub, scope_of_prefecture, write};
use crate::on_each_database;

const KEY: RequestKey<'_> = RequestKey {
    caller: "u-1",
    method: "POST",
    path: "/v1/actuals",
    key: "k",
};

fn answer() -> FirstAnswer {
    FirstAnswer {
        body_hash: "b3".to_owned(),
        status: 207,
        headers: r#"{"etag":"\"7\""}"#.to_owned(),
        body: r#"{"outcome":"partial","note":"山形"}"#.to_owned(),
        created_at: later(0),
    }
}

#[test]
fn a_first_answer_belongs_to_caller_method_path_and_key() {
    on_each_database(|_, db| {
        write(db, |conn| idempotency::insert(conn, &KEY, &answer()));
        assert_eq!(
            read(db, |conn| idempotency::find(conn, &KEY)),
            Some(answer())
        );
        for other in [
            RequestKey {
                caller: "u-2",
                ..KEY
            },
            RequestKey {
                method: "PATCH",
                ..KEY
            },
            RequestKey { path: "/v1", ..KEY },
            RequestKey { key: "K", ..KEY },
        ] {
            assert_eq!(read(db, |conn| idempotency::find(conn, &other)), None);
        }
        let again = db.write(|conn| idempotency::insert(conn, &KEY, &answer()));
        assert!(matches!(again, Err(StorageError::Unique)), "{again:?}");
        let forget = |at| write(db, |conn| idempotency::delete_older(conn, at));
        assert_eq!(forget(later(0)), 0);
        assert_eq!(forget(later(1)), 1);
    });
}

#[test]
fn a_claim_holds_until_its_transaction_ends() {
    on_each_database(|_, db| {
        assert!(write(db, |conn| idempotency::try_claim(conn, 7)));
        assert!(write(db, |conn| idempotency::try_claim(conn, 7)));
    });
    if postgres_server().is_some() {
        let database = TestDatabase::postgres();
        claims_exclude_each_other(&database.open());
    }
}

/// On `SQLite` the second transaction would not even begin.
fn claims_exclude_each_other(db: &Db) {
    let (claimed, is_claimed) = mpsc::channel();
    let (release, is_released) = mpsc::channel::<()>();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            write(db, |conn| {
                claimed.send(idempotency::try_claim(conn, -7)?).unwrap();
                is_released.recv().unwrap();
                Ok(())
            });
        });
        assert!(is_claimed.recv().unwrap());
        assert!(!write(db, |conn| idempotency::try_claim(conn, -7)));
        assert!(write(db, |conn| idempotency::try_claim(conn, 8)));
        release.send(()).unwrap();
    });
    assert!(write(db, |conn| idempotency::try_claim(conn, -7)));
}

fn entry(id: &str, seconds: i64, place: Option<(&str, &str)>) -> AuditEntry {
    AuditEntry {
        id: id.to_owned(),
        at: later(seconds),
        actor_id: "u-1".to_owned(),
        actor_name: "全国 太郎".to_owned(),
        action: "month.approve".to_owned(),
        subject_kind: "month".to_owned(),
        subject_id: "2026-03".to_owned(),
        kind: if place.is_some() {
            AuditKind::Data
        } else {
            AuditKind::Accounts
        },
        scorecard: place.map(|_| ScorecardId("s-1".to_owned())),
        hub: place.map(|(hub, _)| HubCode(hub.to_owned())),
        prefecture: place.map(|(_, prefecture)| PrefectureCode(prefecture.to_owned())),
        detail: "{}".to_owned(),
    }
}

#[test]
fn the_audit_is_read_by_scope_and_kind_latest_first() {
    on_each_database(|_, db| {
        let entries = [
            entry("a", 0, Some(("yamagata", "06"))),
            entry("b", 1, Some(("ehime", "38"))),
            entry("c", 1, Some(("yonezawa", "06"))),
            entry("d", 2, None),
        ];
        write(db, |conn| {
            for entry in &entries {
                audit::insert(conn, entry)?;
            }
            Ok(())
        });
        let all = [AuditKind::Data, AuditKind::Accounts];
        let list = |scope: &Scope, kinds: &[AuditKind], before: Option<&AuditEntry>| {
            let before = before.map(|entry| (entry.at, entry.id.as_str()));
            read(db, |conn| audit::list(conn, scope, kinds, before, 3))
                .iter()
                .map(|entry| entry.id.clone())
                .collect::<String>()
        };
        let nation = Scope::Nation;
        assert_eq!(list(&nation, &all, None), "dcb");
        assert_eq!(list(&nation, &all, Some(&entries[2])), "ba");
        assert_eq!(list(&nation, &[AuditKind::Data], None), "cba");
        assert_eq!(list(&nation, &[AuditKind::Accounts], None), "d");
        assert_eq!(list(&nation, &[], None), "");
        assert_eq!(list(&scope_of_prefecture("06"), &all, None), "ca");
        assert_eq!(list(&scope_of_hub("ehime"), &all, None), "b");
        let whole = read(db, |conn| {
            audit::list(conn, &nation, &[AuditKind::Accounts], None, 1)
        });
        assert_eq!(whole, entries[3..]);
    });
}
