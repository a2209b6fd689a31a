//! Notes of hubs and prefectures on a scorecard, an item of it, a month. What is
//! said about an alert belongs to that alert's timeline (`alerts`) instead: it
//! ends with its episode, while these stay with the figures.

use serde_json::json;

use super::audit::{self, Action, Subject};
use super::scorecards::{demand_revision, programme_month};
use super::secrets::new_id;
use super::{AppError, Session, plans};
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::month::Month;
use crate::domain::text::Text;
use crate::storage::comments;
pub use crate::storage::comments::{Comment, Filter};
use crate::storage::scorecards::{self as scorecard_rows, Scorecard};

/// What somebody notes.
#[derive(Clone, Debug)]
pub struct NewComment {
    pub item: Option<String>,
    pub month: Option<Month>,
    pub text: String,
}

/// Adds a comment to a locked scorecard, and raises its revision.
///
/// # Errors
/// `Invalid` for an item that no version of the plan has, and a month outside
/// the programme; `Stale`.
pub fn comment(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    new: NewComment,
    expected: Option<i64>,
) -> Result<Comment, AppError> {
    check(session, scorecard, &new)?;
    demand_revision(scorecard, expected)?;
    let comment = Comment {
        id: new_id(),
        revision: scorecard_rows::bump(session.conn, &scorecard.id, session.now)?,
        item: new.item,
        month: new.month,
        text: new.text,
        at: session.now,
        by_id: session.caller.id().to_owned(),
        by_name: session.caller.name.clone(),
    };
    comments::insert(session.conn, &scorecard.id, &comment)?;
    let detail = json!({
        "comment": comment.id,
        "item": comment.item,
        "month": comment.month,
        "revision": comment.revision,
    });
    audit::record(
        session,
        Action::ScorecardCommented,
        Subject::scorecard(scorecard),
        &detail,
    )?;
    Ok(comment)
}

fn check(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    new: &NewComment,
) -> Result<(), AppError> {
    let mut issues = Vec::new();
    if let Some(item) = &new.item
        && !has_item(session, scorecard, item)?
    {
        issues.push(Issue::error(
            IssueCode::UnknownItem,
            "/item",
            Text::new(
                format!("「{item}」という項目は、この計画のどの版にもありません。"),
                format!("No version of the plan has an item \"{item}\"."),
            ),
        ));
    }
    if let Some(month) = new.month {
        match programme_month(month, scorecard, "/month") {
            Ok(_) => {}
            Err(AppError::Invalid(found)) => issues.extend(found),
            Err(other) => return Err(other),
        }
    }
    if issues.is_empty() {
        Ok(())
    } else {
        Err(AppError::Invalid(issues))
    }
}

/// Whether some version of the plan has the item: retired ones keep their notes.
fn has_item(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    item: &str,
) -> Result<bool, AppError> {
    let versions = plans::versions(session, scorecard)?;
    Ok(versions
        .iter()
        .any(|version| version.plan.definition.item(item).is_some()))
}

/// A page of a scorecard's comments, the latest first.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    filter: &Filter,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Comment>, AppError> {
    let limit = i64::from(limit);
    Ok(comments::list(
        session.conn,
        &scorecard.id,
        filter,
        before,
        session.known_at,
        limit,
    )?)
}
