//! What people note about a scorecard, an item of it, a month: only ever added.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, columns};
use super::error::StorageError;
use super::schema::comments;
use super::stored;
use crate::domain::ids::ScorecardId;
use crate::domain::month::Month;

/// A comment, on the whole scorecard where it names neither item nor month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub id: String,
    /// Of the scorecard, after the comment.
    pub revision: i64,
    pub item: Option<String>,
    pub month: Option<Month>,
    pub text: String,
    pub at: DateTime<Utc>,
    pub by_id: String,
    pub by_name: String,
}

/// Which comments; every condition that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub item: Option<String>,
    pub month: Option<Month>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = comments)]
struct CommentRow {
    id: String,
    revision: i64,
    item: Option<String>,
    month: Option<NaiveDate>,
    text: String,
    at: NaiveDateTime,
    by_id: String,
    by_name: String,
}

impl TryFrom<CommentRow> for Comment {
    type Error = StorageError;

    fn try_from(row: CommentRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.id,
            revision: row.revision,
            item: row.item,
            month: row
                .month
                .map(|day| stored::month("comments", day))
                .transpose()?,
            text: row.text,
            at: row.at.and_utc(),
            by_id: row.by_id,
            by_name: row.by_name,
        })
    }
}

/// Adds a comment. The scorecard is locked.
///
/// # Errors
/// [`StorageError::Unique`] where the revision has one already.
pub fn insert(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    comment: &Comment,
) -> Result<(), StorageError> {
    diesel::insert_into(comments::table)
        .values((
            comments::scorecard_id.eq(scorecard.as_str()),
            comments::revision.eq(comment.revision),
            comments::id.eq(&comment.id),
            comments::item.eq(&comment.item),
            comments::month.eq(comment.month.map(Month::first_day)),
            comments::text.eq(&comment.text),
            comments::at.eq(comment.at.naive_utc()),
            comments::by_id.eq(&comment.by_id),
            comments::by_name.eq(&comment.by_name),
        ))
        .execute(conn)?;
    Ok(())
}

/// A page of a scorecard's comments, the latest first: those before a revision,
/// and at or before `known_at` if given.
pub fn list(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    filter: &Filter,
    before: Option<i64>,
    known_at: Option<DateTime<Utc>>,
    limit: i64,
) -> Result<Vec<Comment>, StorageError> {
    let mut query = comments::table
        .filter(comments::scorecard_id.eq(scorecard.as_str()))
        .select(columns::<CommentRow>())
        .into_boxed();
    if let Some(item) = &filter.item {
        query = query.filter(comments::item.eq(item));
    }
    if let Some(month) = filter.month {
        query = query.filter(comments::month.eq(month.first_day()));
    }
    if let Some(before) = before {
        query = query.filter(comments::revision.lt(before));
    }
    if let Some(instant) = known_at {
        query = query.filter(comments::at.le(instant.naive_utc()));
    }
    query
        .order(comments::revision.desc())
        .limit(limit)
        .load::<CommentRow>(conn)?
        .into_iter()
        .map(Comment::try_from)
        .collect()
}
