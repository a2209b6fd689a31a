//! Pages that prefectures show to everybody. Only the hash of a link's token is
//! stored, and no row is ever deleted.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::helper_types::IntoBoxed;
use diesel::prelude::*;

use super::conn::{Conn, MultiBackend, columns};
use super::error::StorageError;
use super::schema::releases;
use super::stored::{self, Selecting};
use crate::domain::access::Scope;
use crate::domain::ids::{PrefectureCode, ReleaseId, ScorecardId};
use crate::domain::release::{Contents, Detail, Release, ReleasedText};

/// A page's place in lists.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    pub id: ReleaseId,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = releases)]
struct ReleaseRow {
    id: String,
    prefecture_code: String,
    title_ja: String,
    title_en: Option<String>,
    introduction_ja: Option<String>,
    introduction_en: Option<String>,
    scorecards: Option<String>,
    detail: String,
    approved_only: bool,
    hub_names: bool,
    link_made_at: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    created_by: String,
    revoked_at: Option<NaiveDateTime>,
}

impl TryFrom<ReleaseRow> for Release {
    type Error = StorageError;

    fn try_from(row: ReleaseRow) -> Result<Self, StorageError> {
        const TABLE: &str = "releases";
        let scorecards: Option<Vec<ScorecardId>> = row
            .scorecards
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| StorageError::corrupt(TABLE, error.to_string()))?;
        Ok(Self {
            id: ReleaseId(row.id),
            prefecture: PrefectureCode(row.prefecture_code),
            contents: Contents {
                title: ReleasedText {
                    ja: row.title_ja,
                    en: row.title_en,
                },
                introduction: row.introduction_ja.map(|ja| ReleasedText {
                    ja,
                    en: row.introduction_en,
                }),
                scorecards,
                detail: stored::coded(TABLE, &row.detail, Detail::of_code)?,
                approved_only: row.approved_only,
                hub_names: row.hub_names,
                expires_at: row.expires_at.map(|at| at.and_utc()),
            },
            link_made_at: row.link_made_at.and_utc(),
            created_at: row.created_at.and_utc(),
            created_by: row.created_by,
            revoked_at: row.revoked_at.map(|at| at.and_utc()),
        })
    }
}

type Releases<'a> = IntoBoxed<'a, Selecting<releases::table, ReleaseRow>, MultiBackend>;

/// Those of the prefectures that a scope covers; a hub covers none.
fn in_scope(scope: &Scope) -> Releases<'_> {
    let all = releases::table.select(columns::<ReleaseRow>()).into_boxed();
    match scope {
        Scope::Nation => all,
        Scope::Prefecture(code) => all.filter(releases::prefecture_code.eq(code.as_str())),
        Scope::Hub(_) => all.filter(releases::id.is_null()),
    }
}

pub fn find(
    conn: &mut Conn,
    id: &ReleaseId,
    scope: &Scope,
) -> Result<Option<Release>, StorageError> {
    in_scope(scope)
        .filter(releases::id.eq(id.as_str()))
        .first::<ReleaseRow>(conn)
        .optional()?
        .map(Release::try_from)
        .transpose()
}

/// The page whose link has a token of this hash, revoked and expired ones too.
pub fn find_by_token(conn: &mut Conn, token_hash: &str) -> Result<Option<Release>, StorageError> {
    releases::table
        .filter(releases::token_hash.eq(token_hash))
        .select(columns::<ReleaseRow>())
        .first::<ReleaseRow>(conn)
        .optional()?
        .map(Release::try_from)
        .transpose()
}

/// A page of those that a scope covers, oldest first.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Release>, StorageError> {
    let mut query = in_scope(scope);
    if let Some(Position { id }) = after {
        query = query.filter(releases::id.gt(id.as_str()));
    }
    query
        .order(releases::id)
        .limit(limit)
        .load::<ReleaseRow>(conn)?
        .into_iter()
        .map(Release::try_from)
        .collect()
}

/// Lets one page be made at a time, so that counting them says the truth until
/// the transaction ends.
pub fn lock_making(conn: &mut Conn) -> Result<(), StorageError> {
    if let Conn::Postgres(conn) = conn {
        diesel::sql_query(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' releases', 0))",
        )
        .execute(conn)?;
    }
    Ok(())
}

/// How many pages of a prefecture have not been revoked.
pub fn count_of(conn: &mut Conn, prefecture: &PrefectureCode) -> Result<i64, StorageError> {
    Ok(releases::table
        .filter(releases::prefecture_code.eq(prefecture.as_str()))
        .filter(releases::revoked_at.is_null())
        .count()
        .first(conn)?)
}

/// Loads a page to change it: nobody else gets past this call for it until the
/// transaction ends.
pub fn lock(
    conn: &mut Conn,
    id: &ReleaseId,
    scope: &Scope,
) -> Result<Option<Release>, StorageError> {
    if let Conn::Postgres(conn) = conn {
        releases::table
            .filter(releases::id.eq(id.as_str()))
            .select(releases::id)
            .for_no_key_update()
            .load::<String>(conn)?;
    }
    find(conn, id, scope)
}

/// # Errors
/// [`StorageError::Reference`] where the prefecture does not exist.
pub fn insert(conn: &mut Conn, release: &Release, token_hash: &str) -> Result<(), StorageError> {
    let contents = &release.contents;
    let introduction = contents.introduction.as_ref();
    diesel::insert_into(releases::table)
        .values((
            releases::id.eq(release.id.as_str()),
            releases::prefecture_code.eq(release.prefecture.as_str()),
            releases::title_ja.eq(&contents.title.ja),
            releases::title_en.eq(contents.title.en.as_ref()),
            releases::introduction_ja.eq(introduction.map(|text| &text.ja)),
            releases::introduction_en.eq(introduction.and_then(|text| text.en.as_ref())),
            releases::scorecards.eq(scorecards_text(contents)?),
            releases::detail.eq(contents.detail.code()),
            releases::approved_only.eq(contents.approved_only),
            releases::hub_names.eq(contents.hub_names),
            releases::token_hash.eq(token_hash),
            releases::link_made_at.eq(release.link_made_at.naive_utc()),
            releases::expires_at.eq(contents.expires_at.map(|at| at.naive_utc())),
            releases::created_at.eq(release.created_at.naive_utc()),
            releases::created_by.eq(&release.created_by),
            releases::revoked_at.eq(release.revoked_at.map(|at| at.naive_utc())),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes what a page shows, and until when.
pub fn update(conn: &mut Conn, release: &Release) -> Result<(), StorageError> {
    let contents = &release.contents;
    let introduction = contents.introduction.as_ref();
    diesel::update(releases::table.find(release.id.as_str()))
        .set((
            releases::title_ja.eq(&contents.title.ja),
            releases::title_en.eq(contents.title.en.as_ref()),
            releases::introduction_ja.eq(introduction.map(|text| &text.ja)),
            releases::introduction_en.eq(introduction.and_then(|text| text.en.as_ref())),
            releases::scorecards.eq(scorecards_text(contents)?),
            releases::detail.eq(contents.detail.code()),
            releases::approved_only.eq(contents.approved_only),
            releases::hub_names.eq(contents.hub_names),
            releases::expires_at.eq(contents.expires_at.map(|at| at.naive_utc())),
        ))
        .execute(conn)?;
    Ok(())
}

/// Gives a page another link; the old one opens nothing any more.
pub fn update_token(
    conn: &mut Conn,
    id: &ReleaseId,
    token_hash: &str,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::update(releases::table.find(id.as_str()))
        .set((
            releases::token_hash.eq(token_hash),
            releases::link_made_at.eq(at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends a page, for good.
pub fn revoke(conn: &mut Conn, id: &ReleaseId, at: DateTime<Utc>) -> Result<(), StorageError> {
    diesel::update(releases::table.find(id.as_str()))
        .set(releases::revoked_at.eq(at.naive_utc()))
        .execute(conn)?;
    Ok(())
}

fn scorecards_text(contents: &Contents) -> Result<Option<String>, StorageError> {
    contents
        .scorecards
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(StorageError::failed)
}
