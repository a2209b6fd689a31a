//! Two prefectures, three hubs, and things to hang on them.

use chrono::{DateTime, TimeDelta, Utc};
use shirube::domain::access::{Role, Scope};
use shirube::domain::amount::Amount;
use shirube::domain::ids::{HubCode, PrefectureCode, ScorecardId, UserId};
use shirube::domain::ledger::{Cell, Figure};
use shirube::domain::month::Month;
use shirube::domain::organisation::{Hub, Prefecture, User};
use shirube::domain::report::CellChange;
use shirube::domain::scorecard::MarketType;
use shirube::domain::text::Text;
use shirube::storage::actuals::ChangeContext;
use shirube::storage::scorecards::Scorecard;
use shirube::storage::{Conn, Db, StorageError, hubs, prefectures, scorecards};

/// A time with all six digits of its second set.
pub fn instant() -> DateTime<Utc> {
    "2026-03-31T14:59:59.123456Z".parse().unwrap()
}

pub fn later(seconds: i64) -> DateTime<Utc> {
    instant() + TimeDelta::seconds(seconds)
}

pub fn month(text: &str) -> Month {
    text.parse().unwrap()
}

pub fn prefecture(code: &str) -> Prefecture {
    Prefecture {
        code: PrefectureCode(code.to_owned()),
        name: Text::new(format!("県{code}"), format!("Prefecture {code}")),
        market_type: MarketType::Growth,
    }
}

pub fn hub(code: &str, prefecture_code: &str) -> Hub {
    Hub {
        code: HubCode(code.to_owned()),
        name: Text::new(format!("拠点{code}"), format!("Hub {code}")),
        prefecture: prefecture(prefecture_code),
    }
}

pub fn scope_of_prefecture(code: &str) -> Scope {
    Scope::Prefecture(PrefectureCode(code.to_owned()))
}

pub fn scope_of_hub(code: &str) -> Scope {
    Scope::Hub(HubCode(code.to_owned()))
}

pub fn user(id: &str, role: Role, scope: Scope) -> User {
    User {
        id: UserId(id.to_owned()),
        email: format!("{id}@example.jp"),
        name: format!("担当 {id}"),
        role,
        scope,
        active: true,
        sessions_epoch: 0,
        created_at: instant(),
    }
}

pub fn scorecard(id: &str, hub: Hub, key: &str) -> Scorecard {
    Scorecard {
        id: ScorecardId(id.to_owned()),
        key: key.to_owned(),
        name: Text::new("成長市場", "Growth market"),
        hub,
        template: Some("growth-market-opening".to_owned()),
        market_type: MarketType::Growth,
        start: month("2025-10"),
        revision: 0,
        reported_through: None,
        flag: "none".to_owned(),
        score: None,
        created_at: instant(),
    }
}

pub fn write<T>(db: &Db, work: impl FnMut(&mut Conn) -> Result<T, StorageError>) -> T {
    db.write(work).unwrap()
}

pub fn read<T>(db: &Db, work: impl FnOnce(&mut Conn) -> Result<T, StorageError>) -> T {
    db.read(work).unwrap()
}

/// Prefectures 06 (hubs `yamagata`, `yonezawa`) and 38 (hub `ehime`).
pub fn organisations(db: &Db) {
    write(db, |conn| {
        for code in ["06", "38"] {
            prefectures::insert(conn, &prefecture(code), instant())?;
        }
        for (code, prefecture) in [("yamagata", "06"), ("yonezawa", "06"), ("ehime", "38")] {
            hubs::insert(conn, &hub(code, prefecture), instant())?;
        }
        Ok(())
    });
}

/// The organisations, and one scorecard of hub `yamagata`.
pub fn one_scorecard(db: &Db) -> Scorecard {
    organisations(db);
    let scorecard = scorecard("s-1", hub("yamagata", "06"), "main");
    write(db, |conn| scorecards::insert(conn, &scorecard, "u-1"));
    scorecard
}

pub fn amount(scaled: i64) -> Cell {
    Cell::Reported(Figure::Amount(Amount::from_scaled(scaled)))
}

pub fn change(item: &str, before: Cell, after: Cell) -> CellChange {
    CellChange {
        item: item.to_owned(),
        before,
        after,
        clear_reason: None,
    }
}

pub fn by_the_hub() -> ChangeContext<'static> {
    ChangeContext {
        by_id: "u-1",
        by_name: "山形 花子",
        at: instant(),
        note: Some("速報値\n二行目"),
        source: "api",
    }
}
