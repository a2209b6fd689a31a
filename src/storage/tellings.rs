//! What each destination was last told about each alert.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::conn::{Conn, per_backend};
use super::error::StorageError;
use super::schema::{alerts, tellings};
use crate::domain::ids::{AlertId, ScorecardId, SubscriptionId};

/// By destination and alert: the application's own document.
pub type Tellings = BTreeMap<SubscriptionId, BTreeMap<AlertId, String>>;

/// Everything that was told about a scorecard's alerts.
pub fn of_scorecard(conn: &mut Conn, scorecard: &ScorecardId) -> Result<Tellings, StorageError> {
    let rows: Vec<(String, String, String)> = tellings::table
        .inner_join(alerts::table)
        .filter(alerts::scorecard_id.eq(scorecard.as_str()))
        .select((
            tellings::subscription_id,
            tellings::alert_id,
            tellings::told,
        ))
        .load(conn)?;
    let mut told = Tellings::new();
    for (subscription, alert, document) in rows {
        told.entry(SubscriptionId(subscription))
            .or_default()
            .insert(AlertId(alert), document);
    }
    Ok(told)
}

#[derive(Insertable)]
#[diesel(table_name = tellings, treat_none_as_default_value = false)]
struct NewTelling<'a> {
    alert_id: &'a str,
    subscription_id: &'a str,
    told: &'a str,
}

/// Writes what a destination is now told.
pub fn put(
    conn: &mut Conn,
    subscription: &SubscriptionId,
    told: &BTreeMap<AlertId, String>,
) -> Result<(), StorageError> {
    let rows: Vec<NewTelling<'_>> = told
        .iter()
        .map(|(alert, document)| NewTelling {
            alert_id: alert.as_str(),
            subscription_id: subscription.as_str(),
            told: document,
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    per_backend!(conn, |conn| diesel::insert_into(tellings::table)
        .values(&rows)
        .on_conflict((tellings::alert_id, tellings::subscription_id))
        .do_update()
        .set(tellings::told.eq(excluded(tellings::told)))
        .execute(conn))?;
    Ok(())
}
