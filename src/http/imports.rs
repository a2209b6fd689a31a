//! Reports from Excel and CSV files.

use actix_web::post;
use serde::Serialize;
use utoipa::ToSchema;

use super::actuals::ReportCountsView;
use super::bulk::{BulkReportView, outcome_of_all};
use super::call::{Answer, FileCall, Input, Reader};
use super::evaluated_view::CellView;
use super::issue_view::{IssueView, PlaceView};
use super::problems_doc::ImportProblems;
use super::query::QueryReader;
use super::reply::Reply;
use super::views::{Name, name};
use crate::app::AppError;
use crate::app::imports::{self, ChangedCell, Command, Imported, Looked};
use crate::domain::ids::{HubCode, ScorecardId};
use crate::domain::import::{self, Column, LeftOut, Meaning, SheetReading};
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::month_state::MonthAct;
use crate::domain::sheet::{Workbook, column_name};
use crate::domain::text::Text;
use crate::sheets::{self, ReadOptions, Refused, TextEncoding};

/// Fiscal years that a month can be of.
const FISCAL_YEARS: (u32, u32) = (1900, 2999);

/// What a column of an imported table means.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportedColumn)]
struct ColumnView {
    #[schema(example = "C")]
    column: String,
    #[schema(example = "2028年9月")]
    heading: String,
    /// `item`, `name`, `month`, `value`, `numerator`, `denominator`, `part`, `not_applicable`,
    /// `clear`, `hub`, `key`, `scorecard`, or `ignored`.
    #[schema(example = "value")]
    meaning: &'static str,
    /// The month that its figures are of, where the heading says so.
    #[schema(example = "2028-09")]
    month: Option<String>,
    /// What names the item that its figures are of, where the heading does.
    item: Option<String>,
}

impl From<&Column> for ColumnView {
    fn from(column: &Column) -> Self {
        Self {
            column: column_name(column.column),
            heading: column.heading.clone(),
            meaning: column.meaning.unwrap_or(Meaning::Ignored).code(),
            month: column.month.map(|month| month.to_string()),
            item: column.item.clone(),
        }
    }
}

/// A row that was left out on purpose.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeftOutRow)]
struct LeftOutView {
    /// From 1.
    row: u64,
    #[schema(example = "合計")]
    text: String,
    reason: Name,
}

impl From<&LeftOut> for LeftOutView {
    fn from(left_out: &LeftOut) -> Self {
        Self {
            row: u64::from(left_out.row) + 1,
            text: left_out.text.clone(),
            reason: name(&left_out.reason),
        }
    }
}

/// What became of one sheet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportedSheet)]
struct SheetView {
    #[schema(example = "実績")]
    name: String,
    /// Whether this sheet was read.
    read: bool,
    /// Why it was not.
    reason: Option<Name>,
    /// `long`, `items_by_months` or `months_by_items`.
    #[schema(example = "items_by_months")]
    layout: Option<&'static str>,
    /// Row of the headings, from 1.
    heading_row: Option<u64>,
    columns: Vec<ColumnView>,
    #[schema(example = json!(["2028-09"]))]
    months: Vec<String>,
    left_out: Vec<LeftOutView>,
}

impl From<&SheetReading> for SheetView {
    fn from(sheet: &SheetReading) -> Self {
        Self {
            name: sheet.name.clone(),
            read: sheet.skipped.is_none(),
            reason: sheet.skipped.as_ref().map(name),
            layout: sheet.layout.map(import::Layout::code),
            heading_row: sheet.heading_row.map(|row| u64::from(row) + 1),
            columns: sheet.columns.iter().map(ColumnView::from).collect(),
            months: sheet.months.iter().map(ToString::to_string).collect(),
            left_out: sheet.left_out.iter().map(LeftOutView::from).collect(),
        }
    }
}

/// What was understood of a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnderstoodFile)]
struct UnderstoodView {
    /// `xlsx` or `csv`.
    #[schema(example = "csv")]
    format: &'static str,
    /// Of a text file: `utf-8`, `cp932`, `euc-jp` or `utf-16`.
    #[schema(example = "cp932")]
    encoding: Option<&'static str>,
    /// Of a text file, what separates its fields.
    #[schema(example = ",")]
    delimiter: Option<String>,
    /// Whether the hub's own headings were used.
    mapping: bool,
    sheets: Vec<SheetView>,
}

/// A cell of a scorecard that changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportedCell)]
struct ImportedCellView {
    scorecard: String,
    #[schema(example = "consult-bank")]
    item: String,
    name: Name,
    #[schema(example = "2028-09")]
    month: String,
    before: CellView,
    after: CellView,
    place: PlaceView,
}

impl From<&ChangedCell> for ImportedCellView {
    fn from(cell: &ChangedCell) -> Self {
        Self {
            scorecard: cell.scorecard.to_string(),
            item: cell.item.clone(),
            name: name(&cell.name),
            month: cell.month.to_string(),
            before: CellView::of_cell(&cell.before),
            after: CellView::of_cell(&cell.after),
            place: PlaceView::from(&cell.place),
        }
    }
}

/// What an import understood and did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportResult)]
struct ImportResultView {
    /// `applied`, or `unchanged` where everything was so already.
    #[schema(example = "applied")]
    outcome: &'static str,
    dry_run: bool,
    understood: UnderstoodView,
    /// Sums over all reports.
    counts: ReportCountsView,
    /// Every cell that changes, with the cell of the sheet that it comes from.
    cells: Vec<ImportedCellView>,
    /// One for each scorecard and month, as of a bulk.
    reports: Vec<BulkReportView>,
    /// Warnings, each at its cell; errors refuse the whole file.
    issues: Vec<IssueView>,
}

impl ImportResultView {
    fn of(workbook: &Workbook, imported: Imported, dry_run: bool) -> Self {
        let reports: Vec<BulkReportView> = imported
            .outcomes
            .iter()
            .enumerate()
            .map(|(index, (bulk, outcome))| BulkReportView::of(index, bulk, outcome, dry_run))
            .collect();
        Self {
            outcome: outcome_of_all(&reports, false),
            dry_run,
            understood: UnderstoodView {
                format: workbook.format.code(),
                encoding: workbook.encoding,
                delimiter: workbook.delimiter.map(String::from),
                mapping: imported.is_mapped,
                sheets: imported.sheets.iter().map(SheetView::from).collect(),
            },
            counts: ReportCountsView::sum(reports.iter().map(|report| report.counts)),
            cells: imported.cells.iter().map(ImportedCellView::from).collect(),
            reports,
            issues: imported.warnings.into_iter().map(IssueView::from).collect(),
        }
    }
}

/// A file that was read, and what its sender says about it.
struct Received {
    file: Workbook,
    looked: Looked,
    command: Command,
    dry_run: bool,
}

/// Import a spreadsheet
///
/// Reads an XLSX or CSV file, says what was understood, and reports its figures:
/// all of them, or none. With `dry_run` nothing is stored, and the answer is the
/// same. What the file does not say itself (scorecard, month) the query says.
#[utoipa::path(
    operation_id = "import_actuals",
    tag = "imports",
    params(
        ("scorecard" = Option<String>, Query, description = "The scorecard, where the sheet names none."),
        ("hub" = Option<String>, Query, description = "The hub, where the sheet names none.", example = "yamagata"),
        ("key" = Option<String>, Query, description = "The scorecard's key within the hub."),
        ("month" = Option<String>, Query, description = "The month, where the sheet names none.", example = "2028-09"),
        ("fiscal_year" = Option<u32>, Query, minimum = 1900, maximum = 2999, description = "The year of months such as `4月`, named by its April."),
        ("sheet" = Option<String>, Query, description = "The sheet to read; found where absent."),
        ("encoding" = Option<String>, Query, description = "Of a text file: `utf-8`, `cp932`, `euc-jp` or `utf-16`; found where absent."),
        ("note" = Option<String>, Query, description = "Kept with every change, at most 4,000 characters; the whole address with its headers has 16 KiB, some 1,700 Japanese characters as a URL writes them."),
        ("dry_run" = Option<bool>, Query, description = "Do everything, store nothing."),
        super::openapi::IdempotencyKeyHeader,
    ),
    request_body(
        description = "The file, at most 5 MiB; inflated 50 MiB, 200,000 cells, 10,000 figures.",
        content(
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "text/csv", example = json!("項目コード,対象月,実績値\nconsult-bank,2028-09,3\n")),
            (String = "text/tab-separated-values"),
            (String = "text/plain"),
            (Vec<u8> = "application/octet-stream"),
        ),
    ),
    responses(
        (status = 200, description = "Imported, or what an import would do.", body = ImportResultView),
        ImportProblems,
    ),
)]
#[post("/v1/imports")]
pub async fn import_actuals(call: FileCall) -> Answer {
    call.write(
        MonthAct::Report.permission(),
        receive,
        |session, _, received| {
            let imported = imports::import(session, &received.looked, &received.command)?;
            Reply::ok(&ImportResultView::of(
                &received.file,
                imported,
                received.dry_run,
            ))
        },
    )
    .await
}

fn receive(reader: &Reader, input: &Input) -> Result<Received, AppError> {
    let query = input.query()?;
    let mut query = query.read();
    let mut command = read_command(&mut query);
    let encoding = query.one_of("encoding", TextEncoding::CODES);
    let dry_run = query.switch("dry_run");
    query.finish()?;
    let workbook = sheets::read(&input.body, &ReadOptions { encoding }).map_err(refused)?;
    // Our own exports in this encoding say some texts otherwise, and go back in.
    if workbook.encoding == Some(TextEncoding::Cp932.code()) {
        command.folded = Some(sheets::folded_to_cp932);
    }
    let looked = reader.read(|session| imports::look_at(session, &workbook, &command))?;
    Ok(Received {
        // Its cells have been looked at, and are not needed any more.
        file: Workbook {
            sheets: Vec::new(),
            ..workbook
        },
        looked,
        command,
        dry_run,
    })
}

fn read_command(query: &mut QueryReader<'_>) -> Command {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let (earliest, latest) = FISCAL_YEARS;
    let command = Command {
        scorecard: owned(query.text("scorecard")).map(ScorecardId),
        hub: owned(query.text("hub")).map(HubCode),
        key: owned(query.text("key")),
        month: query.month("month"),
        fiscal_year: query
            .integer("fiscal_year", earliest, latest)
            .map(u32::cast_signed),
        sheet: owned(query.text("sheet")),
        note: owned(query.note("note")),
        folded: None,
    };
    if command.key.is_some() && command.hub.is_none() {
        query.refuse(
            IssueCode::Missing,
            "hub",
            Text::new(
                "「key」は「hub」と一緒に指定してください。",
                "Give \"hub\" together with \"key\".",
            ),
        );
    }
    command
}

/// A file that cannot be read at all.
fn refused(refused: Refused) -> AppError {
    if refused.too_large {
        return AppError::TooLarge(Text::new(
            format!("{}{}", refused.message.ja, refused.remedy.ja),
            format!("{} {}", refused.message.en, refused.remedy.en),
        ));
    }
    let issue = Issue::error(IssueCode::UnreadableFile, "", refused.message);
    AppError::Invalid(vec![issue.mended_by(refused.remedy)])
}
