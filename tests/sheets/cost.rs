//! What the worst files cost: each is read and surveyed in a process of its own, whose time
//! on a processor and peak of memory are measured against the promise.

use std::fmt::Write as _;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use shirube::domain::ids::{HubCode, ScorecardId};
use shirube::domain::import::{
    Candidate, Circumstances, ForeignWords, Guidance, ItemNames, Mapping, Meaning, best_fitting,
    gather, survey,
};
use shirube::domain::roadmap::{Plan, PlanHistory};
use shirube::domain::scorecard::ParameterValues;
use shirube::domain::sheet::Workbook;
use shirube::domain::template::Templates;
use shirube::domain::text::Text;
use shirube::sheets::{ReadOptions, read};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::made::{Book, patched, worksheet};

/// What the service promises for any file.
const TIME_MAX: Duration = Duration::from_secs(5);
const RISE_KIB_MAX: u64 = 150 * 1_024;
const MIB: usize = 1_024 * 1_024;
/// Names the file to the process that reads it.
const FILE_VARIABLE: &str = "TEST_SHEET_FILE";

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Read,
    Refused,
    TooLarge,
}

fn book(rows: &str) -> Vec<u8> {
    Book::of(rows).zip()
}

/// A book whose sheet is so much of one piece of XML, and says that it is small.
fn lying(head: &str, piece: &str, bytes: usize, tail: &str) -> Vec<u8> {
    let mut xml = worksheet(&format!("<sheetData>{head}"));
    let end = xml.len() - "</worksheet>".len();
    xml.truncate(end);
    xml.push_str(&piece.repeat(bytes / piece.len()));
    xml.push_str(tail);
    let stated = u32::try_from(xml.len()).unwrap().to_le_bytes();
    let zip = Book::of("").part("xl/worksheets/sheet1.xml", &xml).zip();
    patched(zip, &stated, &1_000_u32.to_le_bytes())
}

/// The same, honest about its size.
fn long(head: &str, piece: &str, bytes: usize, tail: &str) -> Vec<u8> {
    let pieces = piece.repeat(bytes / piece.len());
    let body = format!("{head}{pieces}{tail}");
    Book::of("")
        .part("xl/worksheets/sheet1.xml", &worksheet(&body))
        .zip()
}

fn zeros() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let small = Book::of("").zip();
    let mut small = zip::ZipArchive::new(Cursor::new(small)).unwrap();
    for index in 0..small.len() {
        let mut part = small.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        zip.start_file(&name, SimpleFileOptions::default()).unwrap();
        if name.contains("sheet1") {
            for _ in 0..1_024 {
                zip.write_all(&vec![0; MIB]).unwrap();
            }
        } else {
            let mut text = Vec::new();
            part.read_to_end(&mut text).unwrap();
            zip.write_all(&text).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

fn strings(count: usize) -> Vec<u8> {
    Book::of(r#"<row><c t="s"><v>1</v></c></row>"#)
        .strings(&"<si><t>a</t></si>".repeat(count))
        .zip()
}

fn rows(count: u32, row: impl Fn(u32) -> String) -> Vec<u8> {
    book(&(1..=count).map(row).collect::<String>())
}

fn merged(is_filled: bool) -> Vec<u8> {
    let cell = if is_filled {
        "<c><v>1</v></c><c/>"
    } else {
        "<c/><c/>"
    };
    let filled = format!("<row>{}</row>", cell.repeat(130)).repeat(500);
    let mut regions = String::new();
    for row in 1..=500 {
        for pair in 0..130 {
            let name = |column| shirube::domain::sheet::column_name(column);
            let (first, last) = (name(pair * 2), name(pair * 2 + 1));
            write!(regions, r#"<mergeCell ref="{first}{row}:{last}{row}"/>"#).unwrap();
        }
    }
    let body = format!("<sheetData>{filled}</sheetData><mergeCells>{regions}</mergeCells>");
    Book::of_sheet(&body).zip()
}

/// A table of an import as large as it may be, its cells joined with others.
fn joined_table() -> Vec<u8> {
    let mut rows = String::from("<row>");
    for heading in ["item".to_owned(), "item_name".to_owned()]
        .into_iter()
        .chain(months())
    {
        write!(rows, r#"<c t="str"><v>{heading}</v></c>"#).unwrap();
    }
    rows.push_str("</row>");
    for _ in 0..2_000 {
        rows.push_str(r#"<row><c t="str"><v>consult</v></c><c/>"#);
        rows.push_str(&"<c><v>1</v></c>".repeat(98));
        rows.push_str("</row>");
    }
    let regions: String = (2..=2_001)
        .map(|row| format!(r#"<mergeCell ref="A{row}:B{row}"/>"#))
        .collect();
    let body = format!("<sheetData>{rows}</sheetData><mergeCells>{regions}</mergeCells>");
    Book::of_sheet(&body).zip()
}

/// A table that is a frame of months around one long text, which stands in many
/// cells as one shared string.
fn long_label(text: &str, rows: u32, months: u32) -> Vec<u8> {
    let mut body = String::from(r#"<row><c t="inlineStr"><is><t>項目</t></is></c>"#);
    for month in 0..months {
        let month = format!("{}-{:02}", 2_000 + month / 12, month % 12 + 1);
        write!(body, r#"<c t="inlineStr"><is><t>{month}</t></is></c>"#).unwrap();
    }
    body.push_str("</row>");
    for _ in 0..rows {
        body.push_str(r#"<row><c t="s"><v>0</v></c>"#);
        body.push_str(&"<c><v>1</v></c>".repeat(usize::try_from(months).unwrap()));
        body.push_str("</row>");
    }
    Book::of(&body)
        .strings(&format!("<si><t>{text}</t></si>"))
        .zip()
}

/// A shared text in so many cells.
fn filled_with(text: &str, cells: usize) -> Vec<u8> {
    let row = format!("<row>{}</row>", r#"<c t="s"><v>0</v></c>"#.repeat(100));
    Book::of(&row.repeat(cells / 100))
        .strings(&format!("<si><t>{text}</t></si>"))
        .zip()
}

/// One long text in all the cells of the first rows.
fn long_headings(text: &str, rows: u32, columns: usize) -> Vec<u8> {
    let row = format!("<row>{}</row>", r#"<c t="s"><v>0</v></c>"#.repeat(columns));
    Book::of(&row.repeat(usize::try_from(rows).unwrap()))
        .strings(&format!("<si><t>{text}</t></si>"))
        .zip()
}

fn months() -> impl Iterator<Item = String> {
    (0..98).map(|month| format!("{}-{:02}", 2_028 + month / 12, month % 12 + 1))
}

fn many_parts() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for part in 0..40_000 {
        zip.start_file(format!("{part}"), SimpleFileOptions::default())
            .unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn styles(piece: &str, bytes: usize, tail: &str) -> Vec<u8> {
    let xml = format!("<styleSheet>{}{tail}", piece.repeat(bytes / piece.len()));
    Book::of("<row><c><v>1</v></c></row>")
        .part("xl/styles.xml", &xml)
        .zip()
}

fn filled(cells: usize, cell: &str) -> Vec<u8> {
    let row = format!("<row>{}</row>", cell.repeat(100));
    Book::of(&row.repeat(cells / 100))
        .strings(&format!("<si><t>{}</t></si>", "あ".repeat(33)))
        .zip()
}

fn text(piece: &str, bytes: usize) -> Vec<u8> {
    piece.repeat(bytes / piece.len()).into_bytes()
}

#[test]
fn packages_cost_little() {
    hold(vec![
        ("1 GiB of zeros", zeros(), Outcome::TooLarge),
        (
            "100 MiB of spaces",
            long("", " ", 100 * MIB, ""),
            Outcome::TooLarge,
        ),
        (
            "100 MiB of spaces, denied",
            lying("", " ", 100 * MIB, ""),
            Outcome::Refused,
        ),
        (
            "100 MiB of cells, denied",
            lying("<row>", "<c> </c>", 100 * MIB, ""),
            Outcome::Refused,
        ),
        ("40,000 parts", many_parts(), Outcome::TooLarge),
    ]);
}

#[test]
fn cells_cost_little() {
    let most = 49 * MIB;
    hold(vec![
        (
            "corners of a sheet",
            book(
                r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#,
            ),
            Outcome::TooLarge,
        ),
        (
            "first and last row",
            book(
                r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>"#,
            ),
            Outcome::Read,
        ),
        (
            "1,048,576 rows",
            rows(1_048_576, |_| "<row><c><v>1</v></c></row>".to_owned()),
            Outcome::TooLarge,
        ),
        (
            "1,048,576 blank rows",
            rows(1_048_576, |row| {
                format!(r#"<row r="{row}" s="1" customFormat="1"/>"#)
            }),
            Outcome::Read,
        ),
        (
            "1,048,576 rows of blank cells",
            rows(1_048_576, |_| {
                "<row><c s=\"1\"/><c s=\"1\"/></row>".to_owned()
            }),
            Outcome::TooLarge,
        ),
        (
            "49 MiB of blank cells",
            long("<sheetData><row>", "<c/>", most, "</row></sheetData>"),
            Outcome::TooLarge,
        ),
        (
            "as many cells as are read",
            filled(200_000, r#"<c t="s"><v>0</v></c>"#),
            Outcome::Read,
        ),
        (
            "as many numbers as are read",
            filled(200_000, "<c><v>0.30000000000000004</v></c>"),
            Outcome::Read,
        ),
        (
            "cells beyond that",
            filled(200_100, "<c><v>1</v></c>"),
            Outcome::TooLarge,
        ),
        ("a joined table", joined_table(), Outcome::Read),
        ("65,000 joined regions", merged(true), Outcome::TooLarge),
        (
            "65,000 joined regions of nothing",
            merged(false),
            Outcome::Read,
        ),
    ]);
}

/// What names something is short; a text of the greatest length stands where names do.
#[test]
fn long_texts_cost_little() {
    let long = |piece: &str| piece.repeat(32_767);
    hold(vec![
        (
            "a long name in many cells",
            long_label(&long("あ"), 60, 400),
            Outcome::Read,
        ),
        (
            "a name of many digits",
            long_label(&long("1"), 30, 12),
            Outcome::Read,
        ),
        (
            "a name that grows when it is read",
            long_label(&long("\u{fdfa}"), 60, 400),
            Outcome::Read,
        ),
        (
            "names by the thousand",
            long_label(&"名".repeat(150), 2_000, 98),
            Outcome::Read,
        ),
        (
            "headings of many digits",
            long_headings(&long("1"), 60, 8),
            Outcome::Read,
        ),
        (
            "names that grow when they are read",
            long_label(&"\u{fdfa}".repeat(251), 2_000, 98),
            Outcome::Read,
        ),
        (
            "many headings that grow when they are read",
            long_headings(&"\u{fdfa}".repeat(251), 10, 150),
            Outcome::Read,
        ),
        (
            "blank texts in many cells",
            filled_with(&"\u{3000}".repeat(10_900), 199_000),
            Outcome::Read,
        ),
        (
            "headings that grow when they are read",
            long_headings(&long("㏕"), 60, 2),
            Outcome::Read,
        ),
        (
            "long headings by the thousand",
            long_headings(&"見".repeat(50), 60, 150),
            Outcome::Read,
        ),
    ]);
}

#[test]
fn markup_costs_little() {
    let most = 49 * MIB;
    hold(vec![
        (
            "49 MiB of runs in a text",
            long(
                "<sheetData><row><c t=\"inlineStr\"><is>",
                "<r><t>a</t></r>",
                most,
                "</is></c></row></sheetData>",
            ),
            Outcome::TooLarge,
        ),
        (
            "49 MiB of runs that say nothing",
            long(
                "<sheetData><row><c t=\"inlineStr\"><is>",
                "<r/>",
                most,
                "</is></c></row></sheetData>",
            ),
            Outcome::TooLarge,
        ),
        (
            "49 MiB of a text",
            long(
                "<sheetData><row><c t=\"str\"><v>",
                "あ",
                most,
                "</v></c></row></sheetData>",
            ),
            Outcome::TooLarge,
        ),
        (
            "49 MiB of an attribute",
            long("<sheetData><row a=\"", "あ", most, "\"/></sheetData>"),
            Outcome::TooLarge,
        ),
        (
            "49 MiB of a comment",
            long("<!--", "<a>", most, "-->"),
            Outcome::TooLarge,
        ),
        (
            "49 MiB of references",
            long(
                "<sheetData><row><c t=\"str\"><v>",
                "&#65;",
                most,
                "</v></c></row></sheetData>",
            ),
            Outcome::TooLarge,
        ),
        (
            "49 MiB of depth",
            long("", "<a>", most, ""),
            Outcome::Refused,
        ),
        (
            "49 MiB of attributes",
            long(
                "<sheetData><row>",
                &format!("<c {}/>", "a=\"\" ".repeat(2_000)),
                most,
                "</row></sheetData>",
            ),
            Outcome::TooLarge,
        ),
        (
            "49 MiB of fewer attributes each",
            long(
                "<sheetData><row>",
                &format!("<c {}/>", "a=\"\" ".repeat(60)),
                most,
                "</row></sheetData>",
            ),
            Outcome::TooLarge,
        ),
    ]);
}

#[test]
fn shared_parts_cost_little() {
    let most = 49 * MIB;
    hold(vec![
        (
            "3,000,000 shared texts",
            strings(3_000_000),
            Outcome::TooLarge,
        ),
        (
            "2,000,000 shared texts",
            strings(2_000_000),
            Outcome::TooLarge,
        ),
        ("500,000 shared texts", strings(500_000), Outcome::Read),
        (
            "49 MiB of formats",
            styles(
                "<numFmt numFmtId=\"1\" formatCode=\"[$-411]ggge.m.d\"/>",
                most,
                "</styleSheet>",
            ),
            Outcome::Refused,
        ),
        (
            "49 MiB of styles",
            styles("<xf/>", most, "</styleSheet>"),
            Outcome::TooLarge,
        ),
        (
            "49 MiB of cell styles",
            Book::of("")
                .part(
                    "xl/styles.xml",
                    &format!("<s><cellXfs>{}</cellXfs></s>", "<xf/>".repeat(most / 5)),
                )
                .zip(),
            Outcome::Refused,
        ),
    ]);
}

#[test]
fn text_files_cost_little() {
    hold(vec![
        (
            "5 MiB of rows of empty quotes",
            text("\"\",\"\n\",", 5 * MIB),
            Outcome::Read,
        ),
        ("5 MiB of commas", text(",", 5 * MIB), Outcome::TooLarge),
        ("5 MiB of line ends", text("\n", 5 * MIB), Outcome::Read),
        ("5 MiB of blank rows", text(",\n", 5 * MIB), Outcome::Read),
        (
            "5 MiB of quotation marks",
            text("\"", 5 * MIB),
            Outcome::TooLarge,
        ),
        (
            "5 MiB of empty quotes",
            text("\"\",", 5 * MIB),
            Outcome::TooLarge,
        ),
        (
            "5 MiB behind a quotation mark",
            [b"\"".to_vec(), text("a,b\n", 4 * MIB)].concat(),
            Outcome::Refused,
        ),
        (
            "5 MiB of text",
            text("項目,1\r\n", 5 * MIB),
            Outcome::TooLarge,
        ),
        (
            "5 MiB of CP932",
            shirube::sheets::cp932(&"項".repeat(5 * MIB / 2)).0,
            Outcome::TooLarge,
        ),
        (
            "5 MiB of CP932 rows",
            shirube::sheets::cp932(&"項目,1\r\n".repeat(5 * MIB / 8)).0,
            Outcome::TooLarge,
        ),
        ("5 MiB of a byte", vec![0xe9; 5 * MIB], Outcome::TooLarge),
        (
            "5 MiB of UTF-16",
            [vec![0xff, 0xfe], [0x42, 0x30, b'\n', 0].repeat(MIB)].concat(),
            Outcome::TooLarge,
        ),
    ]);
}

/// Every file ends as it should, within the promise.
fn hold(cases: Vec<(&str, Vec<u8>, Outcome)>) {
    let folder = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    for (name, bytes, wanted) in cases {
        let path = folder.path().join("file");
        std::fs::write(&path, &bytes).unwrap();
        let (outcome, rise_kib, took) = measured(&path);
        println!(
            "{name:38} {:>8} B  {outcome:?}  {:>6} KiB  {took:?}",
            bytes.len(),
            rise_kib
        );
        if outcome != format!("{wanted:?}") || rise_kib > RISE_KIB_MAX || took > TIME_MAX {
            failures.push(format!(
                "{name}: {outcome} instead of {wanted:?}, {rise_kib} KiB, {took:?}"
            ));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// Reads a file in a process of its own.
fn measured(path: &Path) -> (String, u64, Duration) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "cost::a_process_of_its_own", "--nocapture"])
        .env(FILE_VARIABLE, path)
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let line = printed
        .lines()
        .find_map(|line| line.split_once("measured "))
        .unwrap_or_else(|| panic!("{printed}\n{}", String::from_utf8_lossy(&output.stderr)))
        .1;
    let words: Vec<&str> = line.split_whitespace().collect();
    let [outcome, rise_kib, millis] = words.as_slice() else {
        panic!("{line}")
    };
    (
        (*outcome).to_owned(),
        rise_kib.parse().unwrap(),
        Duration::from_millis(millis.parse().unwrap()),
    )
}

/// Does nothing unless it is told a file: then it is that process.
#[test]
fn a_process_of_its_own() {
    let Some(path) = std::env::var_os(FILE_VARIABLE) else {
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let before = memory_kib("VmRSS:");
    // The peak so far is forgotten.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let start = processor_time();
    let result = read(&bytes, &ReadOptions::default());
    if let Ok(book) = &result {
        understand(book);
    }
    let took = processor_time().saturating_sub(start);
    let outcome = match &result {
        Ok(_) => Outcome::Read,
        Err(refused) if refused.too_large => Outcome::TooLarge,
        Err(_) => Outcome::Refused,
    };
    let rise = memory_kib("VmHWM:").saturating_sub(before);
    println!("measured {outcome:?} {rise} {}", took.as_millis());
}

/// What an import goes on with, for a hub with words of its own.
fn understand(book: &Workbook) {
    let candidates = [candidate()];
    let words = ForeignWords::from(&mapping());
    let guidance = Guidance {
        sheet: None,
        month: None,
        fiscal_year: Some(2028),
        words: &words,
        items: &ItemNames::of(&candidates, &words),
    };
    let found = survey(book, &guidance);
    let only = best_fitting(&found.parts, &candidates, &words);
    let circumstances = Circumstances {
        only: only.as_ref(),
        words: &words,
        note: None,
        last_ended: "2040-03".parse().unwrap(),
    };
    let gathered = gather(&found.parts, &candidates, &circumstances);
    for issues in [found.issues, gathered.issues] {
        let told = issues.as_slice().iter().map(|issue| {
            let place = issue.place.as_ref().map_or(0, |place| place.value.len());
            issue.path.len() + issue.message.ja.len() + issue.message.en.len() + place
        });
        let told: usize = told.sum();
        assert!(told < 2 * MIB, "an answer of {told} bytes");
    }
}

fn candidate() -> Candidate {
    let templates = Templates::embedded().unwrap();
    let start = "2028-04".parse().unwrap();
    let plan = Plan {
        version: 1,
        start,
        effective: start,
        definition: templates
            .find("mature-hard-to-fill")
            .unwrap()
            .clone()
            .into(),
        parameters: ParameterValues::new(),
    };
    Candidate::new(
        ScorecardId("id".to_owned()),
        (HubCode("yamagata".to_owned()), Text::new("拠点", "Hub")),
        "main".to_owned(),
        Text::new("計画", "Plan"),
        &PlanHistory::new(plan, Vec::new()),
    )
}

/// As large as a hub may save it.
fn mapping() -> Mapping {
    let long = |number: u32| format!("{number}{}", "見出し".repeat(45));
    Mapping {
        headings: (0..500).map(|n| (long(n), Meaning::Value)).collect(),
        items: (500..1_000)
            .map(|n| (long(n), "consult-bank".to_owned()))
            .collect(),
    }
}

fn memory_kib(label: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(label))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What this process has kept processors busy for: others on the machine do not count.
fn processor_time() -> Duration {
    /// Of the kernel's clock for processes, on every platform of ours.
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    let ticks = |index: usize| fields[index].parse::<u32>().unwrap();
    TICK * (ticks(11) + ticks(12))
}
