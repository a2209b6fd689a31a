//! Prefectures and hubs.

use shirube::domain::access::Scope;
use shirube::domain::ids::{HubCode, PrefectureCode};
use shirube::domain::organisation::{Hub, Prefecture};
use shirube::domain::scorecard::MarketType;
use shirube::domain::text::Text;
use shirube::storage::{Db, StorageError, hubs, prefectures};

use crate::fixtures::{
    hub, instant, later, organisations, prefecture, read, scope_of_hub, scope_of_prefecture, write,
};
use crate::on_each_database;

fn prefecture_codes(db: &Db, scope: &Scope, after: Option<&str>, limit: i64) -> Vec<String> {
    let after = after.map(|code| PrefectureCode(code.to_owned()));
    read(db, |conn| {
        prefectures::list(conn, scope, after.as_ref(), limit)
    })
    .into_iter()
    .map(|Prefecture { code, .. }| code.0)
    .collect()
}

fn hub_codes(db: &Db, of: Option<&str>, scope: &Scope, after: Option<&str>) -> Vec<String> {
    let of = of.map(|code| PrefectureCode(code.to_owned()));
    let after = after.map(|code| HubCode(code.to_owned()));
    read(db, |conn| {
        hubs::list(conn, of.as_ref(), scope, after.as_ref(), 2)
    })
    .into_iter()
    .map(|Hub { code, .. }| code.0)
    .collect()
}

#[test]
fn prefectures_are_stored_changed_and_listed_by_scope() {
    on_each_database(|_, db| {
        organisations(db);
        let mut yamagata = prefecture("06");
        assert_eq!(
            read(db, |conn| prefectures::find(conn, &yamagata.code)),
            Some(yamagata.clone())
        );

        yamagata.name = Text::new("山形県 'A'", "Yamagata \"A\"");
        yamagata.market_type = MarketType::Challenge;
        assert!(write(db, |conn| prefectures::update(
            conn,
            &yamagata,
            later(1)
        )));
        assert!(!write(db, |conn| prefectures::update(
            conn,
            &prefecture("47"),
            later(1)
        )));
        assert_eq!(
            read(db, |conn| prefectures::find(conn, &yamagata.code)),
            Some(yamagata)
        );

        assert_eq!(prefecture_codes(db, &Scope::Nation, None, 10), ["06", "38"]);
        assert_eq!(prefecture_codes(db, &Scope::Nation, None, 1), ["06"]);
        assert_eq!(prefecture_codes(db, &Scope::Nation, Some("06"), 10), ["38"]);
        for scope in [scope_of_prefecture("38"), scope_of_hub("ehime")] {
            assert_eq!(prefecture_codes(db, &scope, None, 10), ["38"]);
        }
    });
}

#[test]
fn hubs_come_with_their_prefecture_and_are_listed_by_scope() {
    on_each_database(|_, db| {
        organisations(db);
        let code = HubCode("yonezawa".to_owned());
        let name = Text::new("米沢", "Yonezawa");
        assert!(write(db, |conn| hubs::rename(conn, &code, &name, later(1))));
        let expected = Hub {
            name,
            ..hub("yonezawa", "06")
        };
        assert_eq!(read(db, |conn| hubs::find(conn, &code)), Some(expected));
        let absent = HubCode("absent".to_owned());
        assert_eq!(read(db, |conn| hubs::find(conn, &absent)), None);
        assert!(!write(db, |conn| hubs::rename(
            conn,
            &absent,
            &Text::default(),
            later(1)
        )));

        let nation = Scope::Nation;
        assert_eq!(hub_codes(db, None, &nation, None), ["ehime", "yamagata"]);
        assert_eq!(hub_codes(db, None, &nation, Some("yamagata")), ["yonezawa"]);
        assert_eq!(
            hub_codes(db, Some("06"), &nation, None),
            ["yamagata", "yonezawa"]
        );
        assert_eq!(
            hub_codes(db, None, &scope_of_prefecture("38"), None),
            ["ehime"]
        );
        assert_eq!(
            hub_codes(db, None, &scope_of_hub("yamagata"), None),
            ["yamagata"]
        );
        let foreign = hub_codes(db, Some("06"), &scope_of_prefecture("38"), None);
        assert!(foreign.is_empty());
    });
}

#[test]
fn violated_rules_have_names() {
    on_each_database(|_, db| {
        organisations(db);
        let taken = db.write(|conn| prefectures::insert(conn, &prefecture("06"), instant()));
        assert!(matches!(taken, Err(StorageError::Unique)), "{taken:?}");
        let orphan = db.write(|conn| hubs::insert(conn, &hub("sapporo", "01"), instant()));
        assert!(matches!(orphan, Err(StorageError::Reference)), "{orphan:?}");
    });
}
