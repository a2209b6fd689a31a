//! Months whose report was not complete after its due day (`semantics.md` §8).
//! `notices` opens them when the day is over; the report that completes the
//! month closes them.

use super::{AppError, Session, as_of};
use crate::storage::overdue::{self, Filter, OverdueReport, Position};
use crate::storage::scorecards::Scorecard;

/// Overdue reports in the caller's scope: latest month first.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    filter: &Filter,
    after: Option<&Position>,
    limit: u32,
) -> Result<Vec<(OverdueReport, Scorecard)>, AppError> {
    let scope = session.caller.scope.clone();
    let limit = i64::from(limit);
    let at = session.known_at;
    let found = overdue::list(session.conn, filter, &scope, after, limit, at)?;
    as_of::with_scorecards(session, found)
}
