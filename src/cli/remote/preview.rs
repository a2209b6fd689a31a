//! What an import understood, changes, and finds wrong, in tables.

use shirube_client::{
    Cell, ImportResult, ImportedCell, Issue, Name, Place, ReportCounts, UnderstoodSheet,
};

use super::output::{Field, as_csv, table};
use super::{Failure, Remote};

/// Rows of a table of changes that are shown; CSV and JSON have all of them.
const ROWS_SHOWN: usize = 100;
const CHANGE_COLUMNS: [&str; 13] = [
    "scorecard",
    "month",
    "item",
    "item_name",
    "before",
    "before_numerator",
    "before_denominator",
    "after",
    "after_numerator",
    "after_denominator",
    "not_applicable",
    "sheet",
    "cell",
];
const ISSUE_COLUMNS: [&str; 9] = [
    "severity", "code", "sheet", "cell", "value", "item", "month", "message", "remedy",
];

impl Remote {
    fn name<'a>(&self, name: &'a Name) -> &'a str {
        name.in_language(self.language)
    }

    /// How the file was read, and what changes; several paragraphs.
    pub(super) fn preview(&self, result: &ImportResult) -> String {
        let mut parts = vec![self.understood(result)];
        if !result.cells.is_empty() {
            parts.push(self.changes(&result.cells));
        }
        if !result.issues.is_empty() {
            parts.push(self.issues(&result.issues));
        }
        parts.push(self.counts(&result.counts));
        parts.extend(self.turned_red(result));
        parts.join("\n\n")
    }

    fn understood(&self, result: &ImportResult) -> String {
        let understood = &result.understood;
        let mut facts = vec![understood.format.to_uppercase()];
        facts.extend(understood.encoding.clone());
        if understood.mapping {
            let words = self.words("拠点の見出し対応を使用", "with the hub's own headings");
            facts.push(words.to_owned());
        }
        let mut lines = vec![format!(
            "{}: {}",
            self.words("読み取り", "Understood"),
            facts.join(", ")
        )];
        for sheet in &understood.sheets {
            lines.push(self.sheet(sheet));
            lines.extend(sheet.left_out.iter().map(|left_out| {
                let row = self
                    .words("    {row} 行目を除外", "    row {row} left out")
                    .replace("{row}", &left_out.row.to_string());
                let text = left_out.text.as_deref().unwrap_or_default();
                format!("{row} {text}: {}", self.name(&left_out.reason))
            }));
        }
        lines.join("\n")
    }

    fn sheet(&self, sheet: &UnderstoodSheet) -> String {
        // A CSV is a sheet without a name.
        let name = sheet.name.as_deref().filter(|name| !name.is_empty());
        let name = name.unwrap_or("CSV");
        if !sheet.read {
            let reason = sheet.reason.as_ref().map_or("", |reason| self.name(reason));
            let skipped = self.words("読みません。", "not read. ");
            return format!("  {name}: {skipped}{reason}");
        }
        let layout = match sheet.layout.as_deref() {
            Some("long") => self.words("縦持ち（1 行に 1 項目）", "a row for each figure"),
            Some("items_by_months") => self.words("行が項目、列が月", "items by months"),
            Some("months_by_items") => self.words("行が月、列が項目", "months by items"),
            other => other.unwrap_or("-"),
        };
        self.words(
            "  {name}: {layout}、{months}",
            "  {name}: {layout}; {months}",
        )
        .replace("{layout}", layout)
        .replace("{months}", &sheet.months.join(", "))
        .replace("{name}", name)
    }

    fn changes(&self, cells: &[ImportedCell]) -> String {
        let headings = [
            self.words("セル", "Cell"),
            self.words("対象月", "Month"),
            self.words("項目", "Item"),
            self.words("現在", "Now"),
            self.words("取り込み後", "Then"),
        ];
        let row = |cell: &ImportedCell| {
            vec![
                place(cell.place.as_ref()),
                cell.month.clone(),
                self.name(&cell.name).to_owned(),
                self.cell(&cell.before),
                self.cell(&cell.after),
            ]
        };
        let rows: Vec<Vec<String>> = cells.iter().take(ROWS_SHOWN).map(row).collect();
        let shown = table(&headings, rows);
        match cells.len().checked_sub(ROWS_SHOWN) {
            None | Some(0) => shown,
            Some(more) => {
                let words = self.words(
                    "ほか {more} セル（--format csv ですべて表示）",
                    "and {more} more cells (--format csv shows all)",
                );
                format!("{shown}\n{}", words.replace("{more}", &more.to_string()))
            }
        }
    }

    fn cell(&self, cell: &Cell) -> String {
        match (cell.state.as_str(), cell.numerator, cell.denominator) {
            ("not_applicable", ..) => {
                let why = cell.reason.as_deref().unwrap_or_default();
                format!("{}: {why}", self.words("対象外", "not applicable"))
            }
            (_, Some(numerator), Some(denominator)) => format!("{numerator} / {denominator}"),
            _ => cell
                .value
                .map_or_else(|| "-".to_owned(), |value| value.to_string()),
        }
    }

    /// A table of what is wrong, or unlikely.
    pub(super) fn issues(&self, issues: &[Issue]) -> String {
        let headings = [
            self.words("シート", "Sheet"),
            self.words("セル", "Cell"),
            self.words("値", "Value"),
            self.words("内容", "Problem"),
            self.words("直し方", "Remedy"),
        ];
        let row = |issue: &Issue| {
            let place = issue.place.as_ref();
            let part = |part: fn(&Place) -> Option<&String>| {
                place.and_then(part).cloned().unwrap_or_default()
            };
            let warning = if issue.severity == "warning" {
                self.words("（注意）", "(warning) ")
            } else {
                ""
            };
            vec![
                part(|place| place.sheet.as_ref()),
                part(|place| place.cell.as_ref()),
                part(|place| place.value.as_ref()),
                format!("{warning}{}", self.name(&issue.message)),
                issue
                    .remedy
                    .as_ref()
                    .map_or_else(String::new, |remedy| self.name(remedy).to_owned()),
            ]
        };
        table(&headings, issues.iter().map(row).collect())
    }

    fn counts(&self, counts: &ReportCounts) -> String {
        self.words(
            "受け取り {received}: 新規 {created}、変更 {updated}、取消 {cleared}、同じ {unchanged}",
            "{received} figures: {created} new, {updated} changed, {cleared} taken back, {unchanged} the same",
        )
        .replace("{received}", &counts.received.to_string())
        .replace("{created}", &counts.created.to_string())
        .replace("{updated}", &counts.updated.to_string())
        .replace("{cleared}", &counts.cleared.to_string())
        .replace("{unchanged}", &counts.unchanged.to_string())
    }

    fn turned_red(&self, result: &ImportResult) -> Option<String> {
        let name = |(scorecard, item): (&str, &str)| {
            let mut cells = result.cells.iter();
            let cell = cells.find(|cell| cell.scorecard == scorecard && cell.item == item);
            cell.map_or_else(|| item.to_owned(), |cell| self.name(&cell.name).to_owned())
        };
        let items: Vec<String> = result.turned_red().map(name).collect();
        let words = self.words("赤になる項目", "Turns red");
        (!items.is_empty()).then(|| format!("{words}: {}", items.join(", ")))
    }

    pub(super) fn changes_as_csv(&self, cells: &[ImportedCell]) -> Result<String, Failure> {
        let row = |cell: &ImportedCell| {
            let of_place = cell.place.as_ref();
            vec![
                Field::text(&cell.scorecard),
                Field::text(&cell.month),
                Field::text(&cell.item),
                Field::text(self.name(&cell.name)),
                Field::Figure(cell.before.value),
                Field::Figure(cell.before.numerator),
                Field::Figure(cell.before.denominator),
                Field::Figure(cell.after.value),
                Field::Figure(cell.after.numerator),
                Field::Figure(cell.after.denominator),
                Field::optional(cell.after.reason.as_deref()),
                Field::optional(of_place.and_then(|place| place.sheet.as_deref())),
                Field::optional(of_place.and_then(|place| place.cell.as_deref())),
            ]
        };
        as_csv(&CHANGE_COLUMNS, &cells.iter().map(row).collect::<Vec<_>>())
    }

    pub(super) fn issues_as_csv(&self, issues: &[Issue]) -> Result<String, Failure> {
        let row = |issue: &Issue| {
            let place = issue.place.as_ref();
            vec![
                Field::text(&issue.severity),
                Field::text(&issue.code),
                Field::optional(place.and_then(|place| place.sheet.as_deref())),
                Field::optional(place.and_then(|place| place.cell.as_deref())),
                Field::optional(place.and_then(|place| place.value.as_deref())),
                Field::optional(issue.item.as_deref()),
                Field::optional(issue.month.as_deref()),
                Field::text(self.name(&issue.message)),
                Field::optional(issue.remedy.as_ref().map(|remedy| self.name(remedy))),
            ]
        };
        as_csv(&ISSUE_COLUMNS, &issues.iter().map(row).collect::<Vec<_>>())
    }
}

/// "実績!C5".
fn place(place: Option<&Place>) -> String {
    let Some(place) = place else {
        return "-".to_owned();
    };
    match (&place.sheet, &place.cell) {
        (Some(sheet), Some(cell)) if !sheet.is_empty() => format!("{sheet}!{cell}"),
        (_, cell) => cell.clone().unwrap_or_else(|| "-".to_owned()),
    }
}
