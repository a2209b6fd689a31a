//! Pages that a prefecture shows to everybody: made, changed and ended by it, and
//! read without sign-in by whoever has the link.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::access::{scope_exists, scope_within};
use super::audit::{self, Action, Subject};
use super::plans::{PlanCache, plan_history};
use super::secrets::{hash_of_secret, new_id, new_page_token};
use super::summaries::{self, MonthSummary, summarise};
use super::{AppError, Session, months};
use crate::domain::access::Scope;
use crate::domain::evaluate::{Evaluation, evaluate};
use crate::domain::ids::{PrefectureCode, ReleaseId, ScorecardId};
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::organisation::Prefecture;
use crate::domain::release::{Contents, Release, ReleaseState, ReleasedText, last_approved};
use crate::domain::roadmap::Plan;
use crate::domain::text::Text;
pub use crate::storage::releases::Position;
use crate::storage::scorecards::{self, Filter, Scorecard};
use crate::storage::{
    Conn, actuals, months as month_rows, plans as plan_rows, prefectures, releases,
};

/// Pages of a prefecture that have not been revoked.
pub const RELEASES_MAX: i64 = 20;
/// Scorecards that a page can name.
pub const SCORECARDS_MAX: usize = 500;

/// A page to be made.
#[derive(Clone, Debug)]
pub struct NewRelease {
    pub prefecture: PrefectureCode,
    pub contents: Contents,
}

/// What is to be changed of a page; the outer `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ReleaseChange {
    pub title: Option<ReleasedText>,
    pub introduction: Option<Option<ReleasedText>>,
    pub scorecards: Option<Option<Vec<ScorecardId>>>,
    pub detail: Option<crate::domain::release::Detail>,
    pub approved_only: Option<bool>,
    pub hub_names: Option<bool>,
    pub expires_at: Option<Option<DateTime<Utc>>>,
}

/// Makes a page; returns it with the token of its link, which is not kept.
///
/// # Errors
/// `Invalid` for a prefecture that is unknown or not the caller's, for
/// scorecards that are not the prefecture's, and for one page too many.
pub fn create(session: &mut Session<'_>, new: NewRelease) -> Result<(Release, String), AppError> {
    let caller_scope = session.caller.scope.clone();
    let scope = Scope::Prefecture(new.prefecture.clone());
    if !scope_exists(session.conn, &scope)? || !scope_within(session.conn, &scope, &caller_scope)? {
        return Err(refused(
            "/prefecture",
            IssueCode::UnknownReference,
            Text::new(
                format!(
                    "「{}」は登録されていないか、担当の範囲外です。",
                    new.prefecture
                ),
                format!(
                    "\"{}\" is not registered, or lies outside your scope.",
                    new.prefecture
                ),
            ),
        ));
    }
    check_scorecards(session, &new.prefecture, &new.contents)?;
    releases::lock_making(session.conn)?;
    if releases::count_of(session.conn, &new.prefecture)? >= RELEASES_MAX {
        return Err(refused(
            "/prefecture",
            IssueCode::OutOfRange,
            Text::new(
                format!("公開ページは一つの道府県に {RELEASES_MAX} 件までです。"),
                format!("A prefecture can have at most {RELEASES_MAX} public pages."),
            ),
        ));
    }
    let release = Release {
        id: ReleaseId(new_id()),
        prefecture: new.prefecture,
        contents: new.contents,
        link_made_at: session.now,
        created_at: session.now,
        created_by: session.caller.name.clone(),
        revoked_at: None,
    };
    let token = new_page_token();
    releases::insert(session.conn, &release, &hash_of_secret(&token))?;
    record(session, Action::ReleaseCreated, &release, &detail(&release))?;
    Ok((release, token))
}

/// Refuses scorecards that the prefecture does not have.
fn check_scorecards(
    session: &mut Session<'_>,
    prefecture: &PrefectureCode,
    contents: &Contents,
) -> Result<(), AppError> {
    let chosen = contents.scorecards.as_deref().unwrap_or_default();
    let scope = Scope::Prefecture(prefecture.clone());
    let known = scorecards::existing(session.conn, chosen, &scope)?;
    let mut issues = Issues::default();
    for (index, id) in chosen.iter().enumerate() {
        if !known.contains(id) {
            issues.error(
                IssueCode::UnknownReference,
                format!("/scorecards/{index}"),
                Text::new(
                    format!("この道府県に、スコアカード「{id}」はありません。"),
                    format!("The prefecture has no scorecard \"{id}\"."),
                ),
            );
        }
    }
    if issues.has_errors() {
        Err(AppError::Invalid(issues.into_vec()))
    } else {
        Ok(())
    }
}

/// A page of the caller's scope.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn find(session: &mut Session<'_>, id: &ReleaseId) -> Result<Release, AppError> {
    let scope = session.caller.scope.clone();
    releases::find(session.conn, id, &scope)?.ok_or(AppError::NotFound)
}

/// The same to change it: nobody else does until the transaction ends.
///
/// # Errors
/// `NotFound`, for another scope's and for a revoked one, too.
pub fn lock(session: &mut Session<'_>, id: &ReleaseId) -> Result<Release, AppError> {
    let scope = session.caller.scope.clone();
    releases::lock(session.conn, id, &scope)?
        .filter(|release| release.revoked_at.is_none())
        .ok_or(AppError::NotFound)
}

/// Pages of the caller's scope, oldest first, revoked ones included.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    after: Option<&Position>,
    limit: u32,
) -> Result<Vec<Release>, AppError> {
    let scope = session.caller.scope.clone();
    let limit = i64::from(limit);
    Ok(releases::list(session.conn, &scope, after, limit)?)
}

/// Changes a locked page; its link stays.
///
/// # Errors
/// `Invalid` for scorecards that are not the prefecture's.
pub fn change(
    session: &mut Session<'_>,
    before: &Release,
    change: ReleaseChange,
) -> Result<Release, AppError> {
    let old = before.contents.clone();
    let after = Release {
        contents: Contents {
            title: change.title.unwrap_or(old.title),
            introduction: change.introduction.unwrap_or(old.introduction),
            scorecards: change.scorecards.unwrap_or(old.scorecards),
            detail: change.detail.unwrap_or(old.detail),
            approved_only: change.approved_only.unwrap_or(old.approved_only),
            hub_names: change.hub_names.unwrap_or(old.hub_names),
            expires_at: change.expires_at.unwrap_or(old.expires_at),
        },
        ..before.clone()
    };
    if after == *before {
        return Ok(after);
    }
    if after.contents.scorecards != before.contents.scorecards {
        check_scorecards(session, &after.prefecture, &after.contents)?;
    }
    releases::update(session.conn, &after)?;
    record(session, Action::ReleaseChanged, &after, &detail(&after))?;
    Ok(after)
}

/// Gives a locked page a new link; returns its token, which is not kept. The old
/// link opens nothing from now on.
///
/// # Errors
/// Those of the storage.
pub fn rotate_link(
    session: &mut Session<'_>,
    release: Release,
) -> Result<(Release, String), AppError> {
    let token = new_page_token();
    let hash = hash_of_secret(&token);
    releases::update_token(session.conn, &release.id, &hash, session.now)?;
    record(session, Action::ReleaseLinkRotated, &release, &json!({}))?;
    let release = Release {
        link_made_at: session.now,
        ..release
    };
    Ok((release, token))
}

/// Ends a locked page, for good.
///
/// # Errors
/// Those of the storage.
pub fn revoke(session: &mut Session<'_>, release: &Release) -> Result<(), AppError> {
    releases::revoke(session.conn, &release.id, session.now)?;
    record(session, Action::ReleaseRevoked, release, &json!({}))
}

fn record(
    session: &mut Session<'_>,
    action: Action,
    release: &Release,
    detail: &Value,
) -> Result<(), AppError> {
    audit::record(session, action, Subject::release(release), detail)
}

/// What was released, for the audit.
fn detail(release: &Release) -> Value {
    let contents = &release.contents;
    json!({
        "title": contents.title.ja,
        "scorecards": contents.scorecards,
        "detail": contents.detail,
        "approved_only": contents.approved_only,
        "hub_names": contents.hub_names,
        "expires_at": contents.expires_at,
    })
}

fn refused(path: &str, code: IssueCode, message: Text) -> AppError {
    AppError::Invalid(vec![Issue::error(code, path, message)])
}

/// The page that a link's token opens.
///
/// # Errors
/// `NotFound`, for one that is revoked or expired as for one that never was.
pub fn open(conn: &mut Conn, token: &str, now: DateTime<Utc>) -> Result<Release, AppError> {
    releases::find_by_token(conn, &hash_of_secret(token))?
        .filter(|release| release.state(now) == ReleaseState::Active)
        .ok_or(AppError::NotFound)
}

/// What a page shows now: which scorecards, each in which month.
#[derive(Clone, Debug)]
pub struct Selection {
    pub release: Release,
    pub prefecture: Prefecture,
    pub cards: Vec<(Scorecard, Month)>,
}

/// Chooses what a page shows. A scorecard without a month to show is left out.
///
/// # Errors
/// Those of the storage.
pub fn select(
    conn: &mut Conn,
    release: Release,
    now: DateTime<Utc>,
) -> Result<Selection, AppError> {
    let code = &release.prefecture;
    let prefecture = prefectures::find(conn, code)?.ok_or(AppError::NotFound)?;
    let scope = Scope::Prefecture(code.clone());
    let mut cards = scorecards::list_all(conn, &Filter::default(), &scope)?;
    if let Some(chosen) = &release.contents.scorecards {
        cards.retain(|card| chosen.contains(&card.id));
    }
    if !release.contents.hub_names {
        // The order of hubs would tell which is which.
        cards.sort_by(|a, b| (&a.name.ja, &a.id).cmp(&(&b.name.ja, &b.id)));
    }
    let months = if release.contents.approved_only {
        approved_months(conn, &cards, now)?
    } else {
        cards
            .iter()
            .filter_map(|card| Some((card.id.clone(), card.reported_through?)))
            .collect()
    };
    let cards = cards
        .into_iter()
        .filter_map(|card| {
            let month = *months.get(&card.id)?;
            Some((card, month))
        })
        .collect();
    Ok(Selection {
        release,
        prefecture,
        cards,
    })
}

fn approved_months(
    conn: &mut Conn,
    cards: &[Scorecard],
    now: DateTime<Utc>,
) -> Result<BTreeMap<ScorecardId, Month>, AppError> {
    let ids: Vec<ScorecardId> = cards.iter().map(|card| card.id.clone()).collect();
    let records = month_rows::of_scorecards(conn, &ids)?;
    Ok(records
        .into_iter()
        .filter_map(|(id, records)| {
            let phases = records
                .iter()
                .map(|record| (record.month, months::phase(Some(record), now)));
            Some((id, last_approved(phases)?))
        })
        .collect())
}

impl Selection {
    /// The same for the same answer, another once anything in it may differ.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Contents {
            title,
            introduction,
            detail,
            approved_only,
            hub_names,
            scorecards: _,
            expires_at: _,
        } = &self.release.contents;
        let text = |text: &ReleasedText| json!([text.ja, text.en]);
        let cards: Vec<Value> = self
            .cards
            .iter()
            .map(|(card, month)| json!([card.id, card.revision, month]))
            .collect();
        json!([
            summaries::RULES,
            text(title),
            introduction.as_ref().map(text),
            detail,
            approved_only,
            hub_names,
            [&self.prefecture.name.ja, &self.prefecture.name.en],
            cards,
        ])
        .to_string()
    }
}

/// A scorecard as a page shows it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub scorecard: Scorecard,
    pub month: Month,
    pub plan: Plan,
    pub evaluation: Evaluation,
    pub summary: MonthSummary,
}

/// Evaluates what was chosen, from plans and cells that are loaded all at once.
///
/// # Errors
/// Those of the storage.
pub fn evaluated(
    conn: &mut Conn,
    plans: &PlanCache,
    selection: &Selection,
) -> Result<Vec<Shown>, AppError> {
    let cards = &selection.cards;
    let ids: Vec<ScorecardId> = cards.iter().map(|(card, _)| card.id.clone()).collect();
    let starts: Vec<(&ScorecardId, Month)> = cards
        .iter()
        .map(|(card, _)| (&card.id, card.start))
        .collect();
    let through = cards.iter().map(|(_, month)| *month).max();
    let mut histories = plan_rows::histories(conn, &ids)?;
    let mut ledgers = actuals::ledgers(conn, &starts, through)?;
    let mut shown = Vec::with_capacity(cards.len());
    for (scorecard, month) in cards {
        let Some(at) = ProgrammeMonth::of(*month, scorecard.start) else {
            continue;
        };
        let rows = histories.remove(&scorecard.id).unwrap_or_default();
        let history = plan_history(plans, rows, scorecard.start)?;
        let plan = history.in_force(*month).clone();
        let ledger = ledgers.remove(&scorecard.id).unwrap_or_default();
        let evaluation = evaluate(&plan, &ledger, at);
        shown.push(Shown {
            summary: summarise(&plan, *month, &evaluation),
            scorecard: scorecard.clone(),
            month: *month,
            plan,
            evaluation,
        });
    }
    Ok(shown)
}
