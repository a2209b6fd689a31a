//! Facts: the flat table that programs for analysis want.

use actix_web::get;
use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::call::{Answer, Call, Flow, Input, Pieces, Reader};
use super::cursor::{decode, encode};
use super::entity_tag::EntityTag;
use super::fact_rows::{Encoding, Format, RowWriter, UNMAPPABLE};
use super::facts_doc::{ColumnsView, FactPage, FactParameters};
use super::limits::SETTLED_AFTER;
use super::problems_doc::ListProblems;
use super::query::QueryReader;
use super::reply::Reply;
use super::state::State;
use crate::app::facts::{self, Cursor, Feed, Wanted};
use crate::app::{AppError, Session};
use crate::domain::access::Permission;
use crate::domain::fact::RowFilter;
use crate::domain::ids::{HubCode, PrefectureCode, ScorecardId};
use crate::domain::issue::IssueCode;
use crate::domain::scorecard::{MarketType, Perspective, Stage};
use crate::domain::status::{Flag, Status};
use crate::domain::text::Text;
use crate::storage::scorecards::Filter;

/// Rows of a page unless the caller says otherwise: about one scorecard's three
/// years, which is read and sent before anybody has to wait.
pub const PAGE_ROWS_DEFAULT: u32 = 1_000;
/// Rows of a page at most: some 7 MB of JSON, which is held at once. Whoever wants
/// more takes pages, or a form that is streamed.
pub const PAGE_ROWS_MAX: u32 = 10_000;
/// Bytes after which a piece of a stream is sent.
const PIECE_BYTES: usize = 128 * 1_024;
const FISCAL_YEAR_MIN: u32 = 1_900;
const FISCAL_YEAR_MAX: u32 = 9_999;

/// Where a page goes on, and what it began with.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Mark {
    at: Cursor,
    /// [`next_since`] of the first page: what changes while pages are being read
    /// is not passed over by the next pull.
    since: i64,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub format: Format,
    pub encoding: Encoding,
}

/// A question, read and checked.
pub struct Ask {
    wanted: Wanted,
    form: Form,
    /// Rows of a page; `None`: all of them, of a form that is streamed.
    limit: Option<u32>,
    mark: Option<Mark>,
    /// What names the answer in the cache of bodies.
    resource: String,
}

/// Which rows and scorecards the parameters name; `flag` and all that follows an
/// item's verdict choose rows.
pub fn read_view(query: &mut QueryReader<'_>) -> (Filter, RowFilter) {
    let scorecards = Filter {
        id: query.text("scorecard").map(|id| ScorecardId(id.to_owned())),
        hub: query.text("hub").map(|code| HubCode(code.to_owned())),
        prefecture: query
            .text("prefecture")
            .map(|code| PrefectureCode(code.to_owned())),
        template: query.text("template").map(str::to_owned),
        market_type: query.one_of("market_type", MarketType::CODES),
        ..Filter::default()
    };
    let rows = RowFilter {
        perspective: query.one_of("perspective", Perspective::CODES),
        stage: query.one_of("stage", Stage::CODES),
        item: query.text("item").map(str::to_owned),
        from: query.month("from"),
        to: query.month("to"),
        fiscal_year: query
            .integer("fiscal_year", FISCAL_YEAR_MIN, FISCAL_YEAR_MAX)
            .and_then(|year| i32::try_from(year).ok()),
        status: query.one_of("status", Status::CODES),
        flag: query.one_of("flag", Flag::CODES),
        high_hurdle: query.one_of("high_hurdle", &[("true", true), ("false", false)]),
    };
    if rows.from.zip(rows.to).is_some_and(|(from, to)| from > to) {
        query.refuse(
            IssueCode::OutOfRange,
            "from",
            Text::new(
                "from は to 以前の月にしてください。",
                "from is a month up to to.",
            ),
        );
    }
    (scorecards, rows)
}

/// The form that the parameters name, or else `otherwise`.
pub fn read_form(query: &mut QueryReader<'_>, otherwise: Format) -> Form {
    let format = query.one_of("format", Format::CODES).unwrap_or(otherwise);
    let encoding = query.one_of("encoding", Encoding::CODES);
    if encoding.is_some() && format != Format::Csv {
        query.refuse(
            IssueCode::WrongShape,
            "encoding",
            Text::new(
                "encoding は CSV でだけ指定できます。JSON は常に UTF-8 です。",
                "Only a CSV has an encoding; JSON is always UTF-8.",
            ),
        );
    }
    Form {
        format,
        encoding: encoding.unwrap_or(Encoding::Utf8Bom),
    }
}

impl Ask {
    /// Reads what follows the question mark of the facts themselves.
    fn of_request(input: &Input, now: DateTime<Utc>) -> Result<Self, AppError> {
        let query = input.query()?;
        let mut query = query.read();
        let (scorecards, rows) = read_view(&mut query);
        let accepted = Format::negotiate(input.accept.as_deref().unwrap_or_default());
        let form = read_form(&mut query, accepted.unwrap_or(Format::Json));
        let wanted = Wanted {
            scorecards,
            rows,
            known_at: query.known_at(now),
        };
        let ask = Self::of_part(&mut query, wanted, form, input.resource());
        query.finish()?;
        Ok(ask)
    }

    /// The same where view and form are known; reads which part of it is wanted.
    pub fn of_part(
        query: &mut QueryReader<'_>,
        mut wanted: Wanted,
        form: Form,
        resource: String,
    ) -> Self {
        let limit = query.integer("limit", 1, PAGE_ROWS_MAX);
        let mark = opaque(query, "cursor");
        let since: Option<i64> = opaque(query, "since");
        wanted.scorecards.changed_after = since.and_then(|since| {
            let instant = DateTime::from_timestamp_micros(since);
            if instant.is_none() {
                refuse_opaque(query, "since");
            }
            instant
        });
        Self {
            wanted,
            form,
            limit,
            mark,
            resource,
        }
    }
}

impl Ask {
    /// Whether the answer names the scorecards that have changed: the first page
    /// of a pull of what is new. Later pages must not, or a reader would delete
    /// what the first has brought.
    const fn names_changed(&self) -> bool {
        self.wanted.scorecards.changed_after.is_some() && self.mark.is_none()
    }
}

/// A text of an earlier answer, unchanged.
fn opaque<T: serde::de::DeserializeOwned>(
    query: &mut QueryReader<'_>,
    name: &'static str,
) -> Option<T> {
    let value = decode(query.text(name)?);
    if value.is_none() {
        refuse_opaque(query, name);
    }
    value
}

fn refuse_opaque(query: &mut QueryReader<'_>, name: &'static str) {
    query.refuse(
        IssueCode::OutOfRange,
        name,
        Text::new(
            format!("{name} には前の応答の next_{name} をそのまま指定してください。"),
            format!("Give {name} the next_{name} of an earlier answer, unchanged."),
        ),
    );
}

/// Answers a question: a page as a whole, all rows of a form for it as a stream.
///
/// # Errors
/// Those of the storage.
pub fn answer(
    session: &mut Session<'_>,
    input: &Input,
    state: &State,
    ask: Ask,
) -> Result<Flow, AppError> {
    // What was written before this has been committed, or never will be.
    let settled = ask.wanted.known_at.unwrap_or(session.now) - SETTLED_AFTER;
    match (ask.form.format, ask.limit) {
        (Format::Json, limit) => {
            let limit = limit.unwrap_or(PAGE_ROWS_DEFAULT);
            page(session, input, state, ask, limit, settled).map(Flow::Whole)
        }
        (_, Some(limit)) => page(session, input, state, ask, limit, settled).map(Flow::Whole),
        (_, None) => {
            let since = ask
                .mark
                .as_ref()
                .map_or(settled.timestamp_micros(), |mark| mark.since);
            let reply = headed(Reply::empty(StatusCode::OK), ask.form)
                .with_header(NEXT_SINCE, &encode(&since)?);
            let rows = Rows {
                feed: Feed::new(ask.wanted, ask.mark.map(|mark| mark.at)),
                writer: RowWriter::new(ask.form.format, ask.form.encoding),
                is_begun: false,
            };
            Ok(Flow::Pieces(reply, Box::new(rows)))
        }
    }
}

const NEXT_SINCE: header::HeaderName = header::HeaderName::from_static("next-since");
const NEXT_CURSOR: header::HeaderName = header::HeaderName::from_static("next-cursor");

/// What every answer in this form carries.
fn headed(reply: Reply, form: Form) -> Reply {
    let charset = match (form.format, form.encoding) {
        (Format::Csv, Encoding::Cp932) => "; charset=Shift_JIS; header=present",
        (Format::Csv, _) => "; charset=utf-8; header=present",
        _ => "",
    };
    let media_type = format!("{}{charset}", form.format.media_type());
    let reply = reply
        .with_header(header::CONTENT_TYPE, &media_type)
        .with_header(header::CACHE_CONTROL, "private, no-cache")
        .with_header(
            header::VARY,
            "Accept, Accept-Encoding, Authorization, X-API-Key",
        );
    match form.format {
        Format::Csv => reply.with_header(
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"facts.csv\"",
        ),
        Format::Json | Format::Ndjson => reply,
    }
}

/// The instant after which a later pull asks for what has changed: the last
/// change there is, as far as all changes up to it have been seen.
fn next_since(ask: &Ask, changed_at: Option<DateTime<Utc>>, settled: DateTime<Utc>) -> i64 {
    if let Some(mark) = &ask.mark {
        return mark.since;
    }
    let before = ask.wanted.scorecards.changed_after;
    let before = before.unwrap_or(DateTime::UNIX_EPOCH);
    let last = changed_at.map_or(before, |changed_at| changed_at.min(settled));
    last.max(before).timestamp_micros()
}

fn page(
    session: &mut Session<'_>,
    input: &Input,
    state: &State,
    ask: Ask,
    limit: u32,
    settled: DateTime<Utc>,
) -> Result<Reply, AppError> {
    let standing = facts::standing(session, &ask.wanted)?;
    let since = next_since(&ask, standing.changed_at, settled);
    let form = ask.form;
    let identity = format!("{} {since} {form:?}", standing.state);
    let tag = EntityTag::of_body(None, identity.as_bytes());
    if let Some(reply) = input.not_modified(&tag) {
        return Ok(reply);
    }
    let resource = ask.resource.clone();
    let changed = ask.names_changed().then_some(&standing.scorecards);
    if form.format == Format::Json {
        let reply = state
            .bodies
            .reply_with(&resource, &tag, &input.accept_encoding, || {
                let made = MadePage::of(session, ask, limit, since)?;
                let (cursor, since) = (made.cursor.as_deref(), encode(&since)?);
                json_page(&made.rows, cursor, &since, changed)
            })?;
        return Ok(headed(reply, form));
    }
    let made = MadePage::of(session, ask, limit, since)?;
    let mut reply = headed(Reply::empty(StatusCode::OK).tagged(&tag), form)
        .with_header(NEXT_SINCE, &encode(&since)?);
    if let Some(cursor) = &made.cursor {
        reply = reply.with_header(NEXT_CURSOR, cursor);
    }
    if form.encoding == Encoding::Cp932 {
        reply = reply.with_header(UNMAPPABLE, &made.unmappable.to_string());
    }
    reply.body = made.rows;
    Ok(reply)
}

/// The rows of one page.
struct MadePage {
    rows: Bytes,
    cursor: Option<String>,
    unmappable: u64,
}

impl MadePage {
    fn of(session: &mut Session<'_>, ask: Ask, limit: u32, since: i64) -> Result<Self, AppError> {
        let mut writer = RowWriter::new(ask.form.format, ask.form.encoding);
        let mut feed = Feed::new(ask.wanted, ask.mark.map(|mark| mark.at));
        let mut left = limit;
        let mut next = None;
        while next.is_none() && !feed.has_ended() {
            if feed.is_dry() {
                feed.read_on(session)?;
            }
            next = feed.each(|fact| {
                if left == 0 {
                    return Ok(false);
                }
                left -= 1;
                writer.row(fact)?;
                Ok(true)
            })?;
        }
        let cursor = next.map(|at| encode(&Mark { at, since })).transpose()?;
        Ok(Self {
            rows: writer.take()?,
            cursor,
            unmappable: writer.unmappable(),
        })
    }
}

fn json_page(
    rows: &Bytes,
    cursor: Option<&str>,
    since: &str,
    changed: Option<&Vec<ScorecardId>>,
) -> Result<Bytes, AppError> {
    let written = |value: Option<&str>| {
        serde_json::to_string(&value).map_err(|error| AppError::Internal(error.to_string()))
    };
    let changed =
        serde_json::to_string(&changed).map_err(|error| AppError::Internal(error.to_string()))?;
    let mut body = Vec::with_capacity(rows.len() + 1_024);
    body.extend_from_slice(b"{\"items\":[");
    body.extend_from_slice(rows);
    let (cursor, since) = (written(cursor)?, written(Some(since))?);
    let end = format!("],\"next_cursor\":{cursor},\"next_since\":{since},\"changed\":{changed}}}");
    body.extend_from_slice(end.as_bytes());
    Ok(body.into())
}

/// All rows, piece by piece.
struct Rows {
    feed: Feed,
    writer: RowWriter,
    is_begun: bool,
}

impl Pieces for Rows {
    fn next(&mut self, reader: &Reader) -> Result<Option<Bytes>, AppError> {
        if self.is_begun && self.feed.has_ended() && self.writer.len() == 0 {
            return Ok(None);
        }
        if self.feed.is_dry() {
            reader.read(|session| self.feed.read_on(session))?;
        }
        let writer = &mut self.writer;
        self.feed.each(|fact| {
            if writer.len() >= PIECE_BYTES {
                return Ok(false);
            }
            writer.row(fact)?;
            Ok(true)
        })?;
        self.is_begun = true;
        self.writer.take().map(Some)
    }
}

/// Read facts
///
/// One row an item and month, from each scorecard's start to its last reported
/// month, by prefecture, hub, key, month and plan order; each says what the
/// evaluated scorecard says of that month. JSON comes in pages; NDJSON and CSV
/// come whole, row by row, unless `limit` is given (then the header `Next-Cursor`
/// names the next page). `since` gives every row again of the scorecards that have
/// changed after the answer that `next_since` (of NDJSON and CSV the header
/// `Next-Since`) stood in: replace those scorecards' rows with them. `changed` names
/// them all, with those that have no row any more.
#[utoipa::path(
    operation_id = "get_facts",
    tag = "facts",
    params(FactParameters, super::openapi::KnownAt, super::openapi::IfNoneMatchHeader),
    responses(
        (status = 200, description = "The rows. Of NDJSON each line is a row; a CSV begins with the names of the columns.", content(
            (FactPage = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
        )),
        (status = 304, description = "The caller has this page."),
        ListProblems,
    ),
)]
#[get("/v1/facts")]
pub async fn get_facts(call: Call) -> Answer {
    call.read_on(Permission::ReadData, |session, input, state| {
        let ask = Ask::of_request(input, session.now)?;
        answer(session, input, state, ask)
    })
    .await
}

/// Describe the columns of facts
///
/// Every column in its order: type, unit, meaning, and the words of its codes.
/// New columns come at the end; none is renamed or taken away.
#[utoipa::path(
    operation_id = "list_fact_columns",
    tag = "facts",
    responses((status = 200, description = "The columns.", body = ColumnsView), ListProblems),
)]
#[get("/v1/facts/columns")]
pub async fn list_fact_columns(call: Call) -> Answer {
    call.read(Permission::ReadData, |_, input, _| {
        input.no_query()?;
        input.answer(None, &ColumnsView::all())
    })
    .await
}
