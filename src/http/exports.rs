//! Files for people: what was reported as CSV, the form of a month and its
//! report as workbooks.

use actix_web::get;
use actix_web::http::{StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use utoipa::ToSchema;

use super::call::{Answer, Call, Input};
use super::entity_tag::EntityTag;
use super::fact_rows::{Encoding, UNMAPPABLE, encoded};
use super::problems_doc::ThingProblems;
use super::query::QueryReader;
use super::reply::Reply;
use crate::app::{AppError, as_of, exports, scorecards};
use crate::domain::access::Permission;
use crate::domain::issue::IssueCode;
use crate::domain::month::Month;
use crate::domain::text::{Text, steers};
use crate::sheets::{self, Layout, Unwritten};
use crate::storage::scorecards::Scorecard;

/// Media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What stays as it is in the second name of a file (RFC 8187, `attr-char`).
const ATTR_CHARS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// What no file system takes in a name.
const NOT_IN_NAMES: [char; 9] = ['\\', '/', ':', '*', '?', '"', '<', '>', '|'];

impl From<Unwritten> for AppError {
    fn from(error: Unwritten) -> Self {
        Self::Internal(error.to_string())
    }
}

/// What a file is called: in ASCII for programs that know no other, and in full.
/// Scorecards of one hub may bear one name, so the key stands in both.
struct FileName {
    ascii: String,
    full: String,
}

impl FileName {
    fn of(scorecard: &Scorecard, months: &str, (ascii, full): (&str, &str)) -> Self {
        let (hub, key) = (&scorecard.hub, &scorecard.key);
        let sound = |text: String| {
            let is_sound = |c: char| !steers(c) && !NOT_IN_NAMES.contains(&c);
            text.chars()
                .map(|c| if is_sound(c) { c } else { '_' })
                .collect()
        };
        Self {
            // Codes and keys are ASCII.
            ascii: sound(format!("{}_{key}_{months}_{ascii}", hub.code.0)),
            full: sound(format!(
                "{}_{}_{key}_{months}_{full}",
                hub.name.ja, scorecard.name.ja
            )),
        }
    }

    fn disposition(&self) -> String {
        let full = utf8_percent_encode(&self.full, ATTR_CHARS);
        format!(
            "attachment; filename=\"{}\"; filename*=UTF-8''{full}",
            self.ascii
        )
    }
}

/// Answers with a file: 304 where the caller has these very bytes.
fn file(input: &Input, revision: i64, media_type: &str, name: &FileName, bytes: Vec<u8>) -> Reply {
    let tag = EntityTag::of_body(Some(revision), &bytes);
    if let Some(reply) = input.not_modified(&tag) {
        return reply;
    }
    let mut reply = Reply::empty(StatusCode::OK)
        .with_header(header::CONTENT_TYPE, media_type)
        .with_header(header::CONTENT_DISPOSITION, &name.disposition())
        .with_header(header::CACHE_CONTROL, "private, no-cache")
        .with_header(header::VARY, "Authorization, X-API-Key")
        .tagged(&tag);
    reply.body = bytes.into();
    reply
}

/// The bytes of a workbook, for the contract.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "documents a body that is no JSON")]
struct Workbook(Vec<u8>);

/// First and last month, in this order.
fn read_months(query: &mut QueryReader<'_>) -> (Option<Month>, Option<Month>) {
    let (from, to) = (query.month("from"), query.month("to"));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        query.refuse(
            IssueCode::OutOfRange,
            "from",
            Text::new(
                "from は to 以前の月にしてください。",
                "from is a month up to to.",
            ),
        );
    }
    (from, to)
}

/// Export actuals as CSV
///
/// The reported cells of some months, in a form that can be imported again as it
/// is: `long` has one row a cell, `wide` one row an item (of a ratio two) and one
/// column a month. Texts that a spreadsheet would run as formulas begin with `'`.
/// CP932 writes `〜−—‖¢£¬` as Windows does; whatever else it does not have becomes 〓,
/// and only that is counted in `Unmappable-Characters`. An import of the file takes
/// reasons that differ in nothing else for unchanged.
#[utoipa::path(
    operation_id = "export_actuals",
    tag = "exports",
    params(
        super::openapi::ScorecardPath,
        ("from" = Option<String>, Query, description = "First month; the start where absent.", example = "2028-04"),
        ("to" = Option<String>, Query, description = "Last month; the last reported one where absent.", example = "2028-09"),
        ("layout" = Option<String>, Query, description = "`long` (default) or `wide`.", example = "wide"),
        ("encoding" = Option<String>, Query, description = "`utf-8-bom` (default), `utf-8` or `cp932`.", example = "cp932"),
        super::openapi::KnownAt,
        super::openapi::IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The file.", content((String = "text/csv")), headers(
            ("ETag" = String, description = "Of these very bytes."),
            ("Content-Disposition" = String, description = "The name of the file, in ASCII and in full."),
            ("Unmappable-Characters" = Option<String>, description = "Of CP932: how many characters became 〓."),
        )),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/actuals.csv")]
pub async fn export_actuals(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let (from, to) = read_months(&mut query);
        let layout = query.one_of("layout", Layout::CODES);
        let encoding = query.one_of("encoding", Encoding::CODES);
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let table = exports::cell_table(session, &scorecard, from, to)?;
        let text = sheets::actuals_csv(&table, layout.unwrap_or(Layout::Long))?;
        let encoding = encoding.unwrap_or(Encoding::Utf8Bom);
        let (bytes, unmappable) = encoded(&text, encoding);
        let months = match (table.months.first(), table.months.last()) {
            (Some(first), Some(last)) if first != last => format!("{first}_{last}"),
            (first, _) => first.map_or_else(String::new, ToString::to_string),
        };
        let name = FileName::of(&scorecard, &months, ("actuals.csv", "実績.csv"));
        let media_type = format!("text/csv; charset={}; header=present", encoding.charset());
        let reply = file(input, scorecard.revision, &media_type, &name, bytes);
        Ok(match encoding {
            Encoding::Cp932 => reply.with_header(UNMAPPABLE, &unmappable.to_string()),
            Encoding::Utf8 | Encoding::Utf8Bom => reply,
        })
    })
    .await
}

/// Get the form of a month
///
/// A workbook with one sheet to fill in: a row an item, with plan and earlier
/// figures beside, what is reported already filled in, and everything else locked.
/// The roadmap and instructions stand beside it. It can be imported as it is. Without
/// `month`: the month after the last reported one, if that has ended.
#[utoipa::path(
    operation_id = "get_entry_workbook",
    tag = "exports",
    params(
        super::openapi::ScorecardPath,
        ("month" = Option<String>, Query, description = "The month to fill in, `YYYY-MM`.", example = "2028-09"),
        super::openapi::IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The workbook.", content((Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")), headers(
            ("ETag" = String, description = "Of these very bytes."),
            ("Content-Disposition" = String, description = "The name of the file, in ASCII and in full."),
        )),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/workbook.xlsx")]
pub async fn get_entry_workbook(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let month = query.month("month");
        query.finish()?;
        let form = exports::entry_form(session, &scorecard, month)?;
        let bytes = sheets::entry_workbook(&form)?;
        let months = form.month.to_string();
        let name = FileName::of(&scorecard, &months, ("entry.xlsx", "入力.xlsx"));
        Ok(file(input, scorecard.revision, XLSX, &name, bytes))
    })
    .await
}

/// Get the report of a month
///
/// A workbook to read and to print: where the scorecard stands in words, what to
/// look at and to prepare, every item, charts that Excel draws, and the grid of
/// statuses. Its figures are those of the evaluated scorecard. Without `month`: the
/// last month reported.
#[utoipa::path(
    operation_id = "get_report_workbook",
    tag = "exports",
    params(
        super::openapi::ScorecardPath,
        ("month" = Option<String>, Query, description = "The month, `YYYY-MM`.", example = "2028-09"),
        super::openapi::KnownAt,
        super::openapi::IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The workbook.", content((Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")), headers(
            ("ETag" = String, description = "Of these very bytes."),
            ("Content-Disposition" = String, description = "The name of the file, in ASCII and in full."),
        )),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/report.xlsx")]
pub async fn get_report_workbook(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let month = query.month("month");
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let report = exports::monthly_report(session, &scorecard, month)?;
        let bytes = sheets::report_workbook(&report)?;
        let months = report.month.to_string();
        let name = FileName::of(&scorecard, &months, ("report.xlsx", "報告.xlsx"));
        Ok(file(input, scorecard.revision, XLSX, &name, bytes))
    })
    .await
}
