//! Pages that a prefecture shows to everybody: made, previewed, changed and ended
//! with sign-in, and read without it by whoever has the link.

use actix_web::http::{StatusCode, header};
use actix_web::{delete, get, patch, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call, Input, OpenCall};
use super::cursor::{List, list, load_limit, position};
use super::entity_tag::EntityTag;
use super::fields::{self, read_body};
use super::openapi::{IdempotencyKeyHeader, IfNoneMatchHeader, PageParameters, ReleasePath};
use super::problems_doc::{
    ActionProblems, ChangeProblems, CommandProblems, ListProblems, PublicProblems, ThingProblems,
};
use super::released_view::{PublicPageView, ReleasedTextView};
use super::reply::Reply;
use super::state::State;
use crate::app::releases::{self, NewRelease, Position, ReleaseChange, SCORECARDS_MAX};
use crate::app::{AppError, Office, Session};
use crate::domain::access::{Permission, Scope};
use crate::domain::ids::{PrefectureCode, ReleaseId, ScorecardId};
use crate::domain::issue::{IssueCode, Issues};
use crate::domain::release::{Contents, Detail, Release, ReleasedText};
use crate::domain::strict_json::{Object, Value};
use crate::domain::text::Text;

/// A title in a body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `released_text` reads")]
#[schema(as = ReleaseTitleInput)]
struct TitleDoc {
    #[schema(min_length = 1, max_length = 200, example = "山形県の拠点の進み具合")]
    ja: String,
    #[schema(min_length = 1, max_length = 200, example = "How our hubs are doing")]
    en: Option<String>,
}

/// An introduction in a body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `released_text` reads")]
#[schema(as = ReleaseIntroductionInput)]
struct IntroductionDoc {
    #[schema(min_length = 1, max_length = 4000)]
    ja: String,
    #[schema(min_length = 1, max_length = 4000)]
    en: Option<String>,
}

/// How much of a scorecard is released. `stages`: status, flag and score of each
/// stage. `items`: each item's plan, actual, target, attainment, status and
/// reason, too.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DetailDoc {
    Stages,
    Items,
}

/// A page to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `create_release` reads strictly"
)]
#[schema(example = json!({"prefecture": "06", "title": {"ja": "山形県の拠点の進み具合", "en": "How our hubs are doing"}, "detail": "stages"}))]
struct ReleaseBody {
    /// Whose figures are shown; where absent, the caller's own prefecture.
    #[schema(pattern = "^(0[1-9]|[1-3][0-9]|4[0-7])$", example = "06")]
    prefecture: Option<String>,
    title: TitleDoc,
    introduction: Option<IntroductionDoc>,
    /// Identifiers of the scorecards; null or absent: all of the prefecture,
    /// those to come included.
    #[schema(min_items = 1, max_items = 500)]
    scorecards: Option<Vec<String>>,
    #[schema(inline)]
    detail: DetailDoc,
    /// Each scorecard in the last month that the prefecture has approved (true
    /// where absent), rather than in the last one reported.
    approved_only: Option<bool>,
    /// Whether hubs are named; false where absent.
    hub_names: Option<bool>,
    /// From when on the link opens nothing; null or absent: never.
    expires_at: Option<DateTime<Utc>>,
}

/// What is to be changed of a page; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `change_release` reads strictly"
)]
#[schema(example = json!({"detail": "items"}))]
struct ReleaseChangeBody {
    title: Option<TitleDoc>,
    /// Null takes it away.
    introduction: Option<IntroductionDoc>,
    /// Null: all of the prefecture.
    #[schema(min_items = 1, max_items = 500)]
    scorecards: Option<Vec<String>>,
    #[schema(inline)]
    detail: Option<DetailDoc>,
    approved_only: Option<bool>,
    hub_names: Option<bool>,
    /// Null: never.
    expires_at: Option<DateTime<Utc>>,
}

/// A page that a prefecture shows to everybody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Release)]
pub struct ReleaseView {
    id: String,
    /// JIS X 0401 code.
    #[schema(example = "06")]
    prefecture: String,
    /// `active`, `expired` or `revoked`: whether the link opens the page.
    #[schema(example = "active")]
    state: &'static str,
    title: ReleasedTextView,
    introduction: Option<ReleasedTextView>,
    /// Null: all of the prefecture.
    scorecards: Option<Vec<String>>,
    /// `stages` or `items`.
    #[schema(example = "stages")]
    detail: &'static str,
    approved_only: bool,
    hub_names: bool,
    expires_at: Option<DateTime<Utc>>,
    /// Since when the present link is the one.
    link_made_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    /// Who made it: the name at that time.
    created_by: String,
    revoked_at: Option<DateTime<Utc>>,
}

impl ReleaseView {
    fn of(release: &Release, now: DateTime<Utc>) -> Self {
        let contents = &release.contents;
        let ids = |ids: &Vec<ScorecardId>| ids.iter().map(ToString::to_string).collect();
        Self {
            id: release.id.to_string(),
            prefecture: release.prefecture.to_string(),
            state: release.state(now).code(),
            title: ReleasedTextView::from(&contents.title),
            introduction: contents.introduction.as_ref().map(ReleasedTextView::from),
            scorecards: contents.scorecards.as_ref().map(ids),
            detail: contents.detail.code(),
            approved_only: contents.approved_only,
            hub_names: contents.hub_names,
            expires_at: contents.expires_at,
            link_made_at: release.link_made_at,
            created_at: release.created_at,
            created_by: release.created_by.clone(),
            revoked_at: release.revoked_at,
        }
    }
}

/// A page with what its link shows at this moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewedRelease)]
pub struct PreviewedView {
    #[serde(flatten)]
    release: ReleaseView,
    /// What everybody sees, or would see if the link opened the page.
    preview: PublicPageView,
}

/// A page with its new link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewRelease)]
pub struct LinkedView {
    #[serde(flatten)]
    release: PreviewedView,
    /// What the link opens the page with. Shown only here.
    #[schema(example = "shp_…")]
    token: String,
    /// The whole link; without its beginning where the service does not know how
    /// it is reached. Shown only here.
    #[schema(example = "https://shirube.example.jp/public/shp_…")]
    link: String,
}

fn previewed(session: &mut Session<'_>, release: Release) -> Result<PreviewedView, AppError> {
    let view = ReleaseView::of(&release, session.now);
    let selection = releases::select(session.conn, release, session.now)?;
    let shown = releases::evaluated(session.conn, &session.office.plans, &selection)?;
    Ok(PreviewedView {
        release: view,
        preview: PublicPageView::of(&selection, &shown),
    })
}

fn linked(
    session: &mut Session<'_>,
    release: Release,
    token: String,
) -> Result<LinkedView, AppError> {
    Ok(LinkedView {
        link: link_of(session.office, &token),
        token,
        release: previewed(session, release)?,
    })
}

fn link_of(office: &Office, token: &str) -> String {
    let path = format!("/public/{token}");
    office.link(&path).unwrap_or(path)
}

fn id_of(input: &Input) -> ReleaseId {
    ReleaseId(input.parameter("id").to_owned())
}

/// A text with its English, which may be absent; `read` takes each.
fn released_text<'a>(
    value: &Value<'a>,
    issues: &mut Issues,
    read: fn(&Value<'a>, &mut Issues) -> Option<String>,
) -> Option<ReleasedText> {
    let mut object = value.object(issues)?;
    let ja = object.required("ja", issues).and_then(|v| read(&v, issues));
    let en = object.optional("en").map(|v| read(&v, issues));
    object.finish(issues);
    Some(ReleasedText {
        ja: ja?,
        en: match en {
            Some(en) => Some(en?),
            None => None,
        },
    })
}

fn title(value: &Value<'_>, issues: &mut Issues) -> Option<ReleasedText> {
    released_text(value, issues, Value::line)
}

fn introduction(value: &Value<'_>, issues: &mut Issues) -> Option<ReleasedText> {
    released_text(value, issues, Value::note)
}

fn scorecards(value: &Value<'_>, issues: &mut Issues) -> Option<Vec<ScorecardId>> {
    let entries = value.array(issues, SCORECARDS_MAX)?;
    if entries.is_empty() {
        issues.error(
            IssueCode::OutOfRange,
            value.path(),
            Text::new(
                "スコアカードを 1 件以上選んでください。すべてを公開する場合は null にします。",
                "Choose at least one scorecard; null releases all of them.",
            ),
        );
    }
    let mut ids: Vec<ScorecardId> = Vec::with_capacity(entries.len());
    for entry in &entries {
        let Some(id) = entry.line(issues).map(ScorecardId) else {
            continue;
        };
        if ids.contains(&id) {
            issues.error(
                IssueCode::DuplicateKey,
                entry.path(),
                Text::new(
                    "同じスコアカードが 2 回選ばれています。",
                    "The scorecard is chosen twice.",
                ),
            );
        }
        ids.push(id);
    }
    Some(ids)
}

/// The prefecture of a new page: the one named, or the caller's own.
fn prefecture(object: &mut Object<'_>, own: &Scope, issues: &mut Issues) -> Option<PrefectureCode> {
    match (own, object.optional("prefecture")) {
        (_, Some(value)) => fields::prefecture_code(&value, issues),
        (Scope::Prefecture(code), None) => Some(code.clone()),
        (_, None) => {
            object.required("prefecture", issues);
            None
        }
    }
}

fn new_release(
    object: &mut Object<'_>,
    issues: &mut Issues,
    own: &Scope,
    now: DateTime<Utc>,
) -> Option<NewRelease> {
    let prefecture = prefecture(object, own, issues);
    let heading = object
        .required("title", issues)
        .and_then(|v| title(&v, issues));
    let text = object
        .optional("introduction")
        .and_then(|v| introduction(&v, issues));
    let chosen = object
        .optional("scorecards")
        .and_then(|v| scorecards(&v, issues));
    let detail = object
        .required("detail", issues)
        .and_then(|v| v.one_of(issues, Detail::CODES));
    let mut switch = |name, default| {
        let value = object.optional(name);
        value.map_or(Some(default), |v| v.boolean(issues))
    };
    let (approved_only, hub_names) = (switch("approved_only", true), switch("hub_names", false));
    let end = fields::expires_at(object, now, issues);
    Some(NewRelease {
        prefecture: prefecture?,
        contents: Contents {
            title: heading?,
            introduction: text,
            scorecards: chosen,
            detail: detail?,
            approved_only: approved_only?,
            hub_names: hub_names?,
            expires_at: end,
        },
    })
}

/// A member that null takes away: absent stays.
#[expect(
    clippy::option_option,
    reason = "absent stays, null takes away, a value replaces"
)]
fn changed<T>(
    object: &mut Object<'_>,
    name: &'static str,
    read: impl FnOnce(&Value<'_>) -> Option<T>,
) -> Option<Option<T>> {
    let value = object.member(name)?;
    Some(if value.is_null() { None } else { read(&value) })
}

fn release_change(
    object: &mut Object<'_>,
    issues: &mut Issues,
    now: DateTime<Utc>,
) -> ReleaseChange {
    ReleaseChange {
        title: object.optional("title").and_then(|v| title(&v, issues)),
        introduction: changed(object, "introduction", |v| introduction(v, issues)),
        scorecards: changed(object, "scorecards", |v| scorecards(v, issues)),
        detail: object
            .optional("detail")
            .and_then(|v| v.one_of(issues, Detail::CODES)),
        approved_only: object
            .optional("approved_only")
            .and_then(|v| v.boolean(issues)),
        hub_names: object.optional("hub_names").and_then(|v| v.boolean(issues)),
        expires_at: changed(object, "expires_at", |v| fields::future(v, now, issues)),
    }
}

/// Reads the query of a writing operation that can be tried without storing.
fn read_dry_run(input: &Input) -> Result<(), AppError> {
    let query = input.query()?;
    let mut query = query.read();
    query.switch("dry_run");
    query.finish()
}

/// List public pages
///
/// Those of the caller's prefecture, or of all for the nation, oldest first.
/// Revoked ones stay in the list.
#[utoipa::path(
    operation_id = "list_releases",
    tag = "releases",
    params(PageParameters),
    responses((status = 200, description = "A page of the list.", body = List<ReleaseView>), ListProblems),
)]
#[get("/v1/releases")]
pub async fn list_releases(call: Call) -> Answer {
    call.read(Permission::Release, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let page = query.page();
        let after: Option<Position> = position(&page, &mut query);
        query.finish()?;
        let found = releases::list(session, after.as_ref(), load_limit(&page))?;
        let now = session.now;
        Reply::ok(&list(
            found,
            &page,
            |release| Position {
                id: release.id.clone(),
            },
            |release| ReleaseView::of(release, now),
        )?)
    })
    .await
}

/// Make a public page
///
/// Opens a page of a prefecture to everybody who has its link. The link is in this
/// answer only; its token is stored hashed, and an idempotency key does not bring
/// it back. `preview` is what the link shows; with `dry_run`, nothing is stored and
/// the link opens nothing. A prefecture has at most 20 pages.
#[utoipa::path(
    operation_id = "create_release",
    tag = "releases",
    params(
        ("dry_run" = Option<bool>, Query, description = "Do everything, store nothing."),
        IdempotencyKeyHeader,
    ),
    request_body = ReleaseBody,
    responses((status = 201, description = "The page, with its link.", body = LinkedView), CommandProblems),
)]
#[post("/v1/releases")]
pub async fn create_release(call: Call) -> Answer {
    call.write(Permission::Release, |session, input, _| {
        read_dry_run(input)?;
        let json = input.json()?;
        let (own, now) = (session.caller.scope.clone(), session.now);
        let new = read_body(&json, |object, issues| {
            new_release(object, issues, &own, now)
        })?;
        let (release, token) = releases::create(session, new)?;
        let location = format!("/v1/releases/{}", release.id);
        let view = linked(session, release, token)?;
        Ok(Reply::json(StatusCode::CREATED, &view)?
            .with_header(header::LOCATION, &location)
            .with_secret())
    })
    .await
}

/// Read a public page with sign-in
///
/// What is released, and what the link shows at this moment; a revoked page, too.
#[utoipa::path(
    operation_id = "get_release",
    tag = "releases",
    params(ReleasePath),
    responses((status = 200, description = "The page.", body = PreviewedView), ThingProblems),
)]
#[get("/v1/releases/{id}")]
pub async fn get_release(call: Call) -> Answer {
    call.read(Permission::Release, |session, input, _| {
        let release = releases::find(session, &id_of(input))?;
        input.no_query()?;
        Reply::ok(&previewed(session, release)?)
    })
    .await
}

/// Change a public page
///
/// What is absent stays, the link and the prefecture in any case. A revoked page
/// is not found.
#[utoipa::path(
    operation_id = "change_release",
    tag = "releases",
    params(
        ReleasePath,
        ("dry_run" = Option<bool>, Query, description = "Do everything, store nothing."),
    ),
    request_body = ReleaseChangeBody,
    responses((status = 200, description = "The page after the change.", body = PreviewedView), ChangeProblems),
)]
#[patch("/v1/releases/{id}")]
pub async fn change_release(call: Call) -> Answer {
    call.write(Permission::Release, |session, input, _| {
        let before = releases::lock(session, &id_of(input))?;
        read_dry_run(input)?;
        let json = input.json()?;
        let now = session.now;
        let change = read_body(&json, |object, issues| {
            Some(release_change(object, issues, now))
        })?;
        let after = releases::change(session, &before, change)?;
        Reply::ok(&previewed(session, after)?)
    })
    .await
}

/// Revoke a public page
///
/// Its link opens nothing from now on, as if it had never been. The page stays in
/// the list, and cannot be opened again.
#[utoipa::path(
    operation_id = "revoke_release",
    tag = "releases",
    params(ReleasePath),
    responses((status = 204, description = "Revoked."), ThingProblems),
)]
#[delete("/v1/releases/{id}")]
pub async fn revoke_release(call: Call) -> Answer {
    call.write(Permission::Release, |session, input, _| {
        let release = releases::lock(session, &id_of(input))?;
        input.no_query()?;
        releases::revoke(session, &release)?;
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    })
    .await
}

/// Give a public page a new link
///
/// The old link opens nothing from now on. The new one is in this answer only; an
/// idempotency key does not bring it back.
#[utoipa::path(
    operation_id = "rotate_release_link",
    tag = "releases",
    params(ReleasePath, IdempotencyKeyHeader),
    responses((status = 200, description = "The page, with its new link.", body = LinkedView), ActionProblems),
)]
#[post("/v1/releases/{id}/rotate-link")]
pub async fn rotate_release_link(call: Call) -> Answer {
    call.write(Permission::Release, |session, input, _| {
        let release = releases::lock(session, &id_of(input))?;
        input.no_query()?;
        input.no_members()?;
        let (release, token) = releases::rotate_link(session, release)?;
        let view = linked(session, release, token)?;
        Ok(Reply::ok(&view)?.with_secret())
    })
    .await
}

/// Read a public page
///
/// What a prefecture shows to everybody, without sign-in. A token that is wrong,
/// revoked or expired answers like one that never was. Cheap to ask for often:
/// `If-None-Match` brings 304 while nothing has changed.
#[utoipa::path(
    operation_id = "get_public_page",
    tag = "releases",
    params(
        ("token" = String, Path, description = "The token of the link.", example = "shp_…"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The page.", body = PublicPageView, headers(("ETag" = String, description = "Of these very bytes."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."),
        PublicProblems,
    ),
    security(()),
)]
#[get("/v1/public/{token}")]
pub async fn get_public_page(call: OpenCall) -> Answer {
    let reply = call.run(public_page).await?;
    Ok(reply.into_response())
}

/// The body is kept by what it was made from. Its tag is its own, and not that of
/// the revisions behind it, so that nobody outside sees when hubs report.
fn public_page(state: &State, input: &Input) -> Result<Reply, AppError> {
    let now = state.clock.now();
    state.db.read(|conn| {
        let release = releases::open(conn, input.parameter("token"), now)?;
        input.no_query()?;
        let selection = releases::select(conn, release, now)?;
        let made_from = EntityTag::of_body(None, selection.fingerprint().as_bytes());
        let resource = format!("release {}", selection.release.id);
        let page = state.bodies.representation(&resource, &made_from, || {
            let shown = releases::evaluated(conn, &state.office.plans, &selection)?;
            Ok(Reply::ok(&PublicPageView::of(&selection, &shown))?.body)
        })?;
        let tag = page.tag_of_body();
        Ok(input
            .not_modified(&tag)
            .unwrap_or_else(|| page.reply(&tag, &input.accept_encoding)))
    })
}
