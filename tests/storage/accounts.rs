//! Accounts, keys and refresh tokens.

use chrono::{DateTime, Utc};
use shirube::domain::access::{Role, Scope};
use shirube::domain::ids::{ApiKeyId, UserId};
use shirube::domain::organisation::{ApiKey, User};
use shirube::storage::api_keys::Holder;
use shirube::storage::refresh_tokens::RefreshToken;
use shirube::storage::users::Credentials;
use shirube::storage::{Db, StorageError, api_keys, refresh_tokens, users};

use crate::fixtures::{
    instant, later, organisations, read, scope_of_hub, scope_of_prefecture, user, write,
};
use crate::on_each_database;

fn accounts(db: &Db) -> Vec<User> {
    organisations(db);
    let accounts = vec![
        user("u-1", Role::National, Scope::Nation),
        user("u-2", Role::Prefecture, scope_of_prefecture("06")),
        user("u-3", Role::Hub, scope_of_hub("ehime")),
        user("u-4", Role::Viewer, scope_of_prefecture("38")),
        user("u-5", Role::Operator, Scope::Nation),
    ];
    write(db, |conn| {
        for account in &accounts {
            users::insert(conn, account, "$argon2id$first")?;
        }
        Ok(())
    });
    accounts
}

#[test]
fn accounts_are_stored_changed_and_listed() {
    on_each_database(|_, db| {
        let accounts = accounts(db);
        for account in &accounts {
            assert_eq!(
                read(db, |conn| users::find(conn, &account.id)).as_ref(),
                Some(account)
            );
        }
        assert_eq!(read(db, users::count), 5);
        let page = read(db, |conn| users::list(conn, Some(&accounts[1].id), 2));
        assert_eq!(page, accounts[2..4]);

        let moved = User {
            email: "moved@example.jp".to_owned(),
            role: Role::Viewer,
            scope: scope_of_hub("yamagata"),
            active: false,
            sessions_epoch: i64::MAX,
            ..accounts[1].clone()
        };
        assert!(write(db, |conn| users::update(conn, &moved)));
        assert!(write(db, |conn| users::set_password(
            conn,
            &moved.id,
            "$argon2id$second"
        )));
        let by_address = |address| read(db, |conn| users::find_by_email(conn, address));
        let expected = Credentials {
            user: moved,
            password_hash: "$argon2id$second".to_owned(),
        };
        assert!(by_address("moved@example.jp") == Some(expected));
        assert!(by_address("u-2@example.jp").is_none());

        let absent = user("absent", Role::National, Scope::Nation);
        assert!(!write(db, |conn| users::update(conn, &absent)));
        assert!(!write(db, |conn| users::set_password(conn, &absent.id, "")));
    });
}

#[test]
fn an_address_belongs_to_one_account_and_a_scope_exists() {
    on_each_database(|_, db| {
        let accounts = accounts(db);
        let twin = User {
            id: UserId("u-9".to_owned()),
            ..accounts[0].clone()
        };
        let taken = db.write(|conn| users::insert(conn, &twin, ""));
        assert!(matches!(taken, Err(StorageError::Unique)), "{taken:?}");
        let nowhere = user("u-9", Role::Hub, scope_of_hub("nowhere"));
        let refused = db.write(|conn| users::insert(conn, &nowhere, ""));
        assert!(
            matches!(refused, Err(StorageError::Reference)),
            "{refused:?}"
        );
        let mismatch = user("u-9", Role::Hub, Scope::Nation);
        let refused = db.write(|conn| users::insert(conn, &mismatch, ""));
        assert!(
            matches!(refused, Err(StorageError::Failed(_))),
            "{refused:?}"
        );
    });
}

fn key(id: &str, owner: &User, expires_at: Option<DateTime<Utc>>) -> ApiKey {
    ApiKey {
        id: ApiKeyId(id.to_owned()),
        owner: owner.id.clone(),
        name: "Grafana".to_owned(),
        role: Role::Viewer,
        scope: owner.scope.clone(),
        expires_at,
        created_at: instant(),
        made_with: None,
    }
}

#[test]
fn keys_are_found_by_hash_until_revoked() {
    on_each_database(|_, db| {
        let accounts = accounts(db);
        let owner = &accounts[1];
        let keys = [
            key("k-1", owner, None),
            key("k-2", owner, Some(later(60))),
            key("k-3", &accounts[0], None),
        ];
        write(db, |conn| {
            for key in &keys {
                api_keys::insert(conn, key, &format!("hash of {}", key.id))?;
            }
            Ok(())
        });
        let find = |hash: &str| read(db, |conn| api_keys::find_by_hash(conn, hash));
        assert_eq!(find("hash of k-2"), Some((keys[1].clone(), owner.clone())));
        assert_eq!(find("k-2"), None);
        let holder = |owner: &User| Holder {
            owner: owner.id.clone(),
            key: None,
        };
        let page = |after: Option<&ApiKeyId>| {
            read(db, |conn| api_keys::list(conn, &holder(owner), after, 10))
        };
        assert_eq!(page(None), keys[..2]);
        assert_eq!(page(Some(&keys[0].id)), keys[1..2]);

        let revoke = |owner: &User, key: &ApiKey| {
            write(db, |conn| {
                api_keys::revoke(conn, &holder(owner), &key.id, instant())
            })
        };
        assert!(!revoke(owner, &keys[2]), "another's key");
        assert!(revoke(owner, &keys[0]));
        assert!(!revoke(owner, &keys[0]), "twice");
        assert_eq!(find("hash of k-1"), None);
        assert_eq!(page(None), keys[1..2]);
    });
}

fn token(id: &str, user: &User, family: &str) -> RefreshToken {
    RefreshToken {
        id: id.to_owned(),
        user: user.id.clone(),
        family: family.to_owned(),
        token_hash: format!("hash of {id}"),
        issued_at: instant(),
        expires_at: later(3_600),
        used_at: None,
        revoked_at: None,
    }
}

#[test]
fn refresh_tokens_are_good_for_one_use() {
    on_each_database(|_, db| {
        let accounts = accounts(db);
        let tokens = [
            token("t-1", &accounts[0], "a"),
            token("t-2", &accounts[0], "a"),
            token("t-3", &accounts[0], "b"),
            token("t-4", &accounts[1], "c"),
        ];
        write(db, |conn| {
            for token in &tokens {
                refresh_tokens::insert(conn, token)?;
            }
            Ok(())
        });
        let find = |id: &str| {
            read(db, |conn| {
                refresh_tokens::find_by_hash(conn, &format!("hash of {id}"))
            })
        };
        let use_up = |id| write(db, |conn| refresh_tokens::mark_used(conn, id, later(1)));
        assert_eq!(find("t-1").as_ref(), Some(&tokens[0]));
        assert!(use_up("t-1"));
        assert!(!use_up("t-1"), "a second use");
        assert_eq!(find("t-1").unwrap().used_at, Some(later(1)));

        let revoked = write(db, |conn| {
            refresh_tokens::revoke_family(conn, "a", later(2))
        });
        assert_eq!(revoked, 2);
        assert_eq!(find("t-2").unwrap().revoked_at, Some(later(2)));
        assert!(!use_up("t-2"), "a revoked token");
        let revoked = write(db, |conn| {
            refresh_tokens::revoke_all(conn, &accounts[0].id, later(3))
        });
        assert_eq!(revoked, 1, "those of family a were revoked before");
        assert!(use_up("t-4"), "another account's token");

        let expired = |at| write(db, |conn| refresh_tokens::delete_expired(conn, at));
        assert_eq!(expired(later(3_600)), 0);
        assert_eq!(expired(later(3_601)), 4);
        assert_eq!(find("t-3"), None);
    });
}
