//! Results on standard output, as a table for people, as CSV, or as they came.

use std::io::{ErrorKind, IsTerminal as _, Write as _, stderr, stdout};

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use console::Term;
use csv::{Terminator, WriterBuilder};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Exit, Failure};
use crate::domain::text::steers;
use crate::sheets::neutralised;

/// By this Excel knows that a CSV is UTF-8; else Japanese editions take it for
/// CP932.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// Narrower than this, columns have no room.
const WIDTH_MIN: u16 = 60;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For reading.
    Table,
    /// The server's answer, untouched.
    Json,
    /// For spreadsheets: UTF-8 with a byte order mark, codes and plain figures.
    Csv,
}

/// A field of a CSV.
#[derive(Clone, Debug)]
pub enum Field {
    Text(String),
    Figure(Option<f64>),
}

impl Field {
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub fn optional(text: Option<&str>) -> Self {
        Self::Text(text.unwrap_or_default().to_owned())
    }

    fn written(&self) -> String {
        match self {
            Self::Text(text) => neutralised(text).into_owned(),
            Self::Figure(figure) => figure.map_or_else(String::new, |figure| figure.to_string()),
        }
    }
}

/// Rows for people.
pub fn table(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    // The lines of other presets take two columns in some Japanese terminals.
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(headings);
    for row in rows {
        table.add_row(row.iter().map(|cell| clean(cell)));
    }
    let terminal = Term::stdout();
    if let Some((_, width)) = terminal.size_checked().filter(|_| terminal.is_term()) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width.max(WIDTH_MIN));
    }
    table.to_string()
}

/// Rows for spreadsheets (RFC 4180).
pub fn as_csv(headings: &[&str], rows: &[Vec<Field>]) -> Result<String, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Failed, error.to_string());
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    writer
        .write_record(headings)
        .map_err(|error| failed(&error))?;
    for row in rows {
        let fields = row.iter().map(Field::written);
        writer
            .write_record(fields)
            .map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

/// Writes a result. A reader that has seen enough is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())?;
    if text.ends_with('\n') {
        Ok(())
    } else {
        print_bytes(b"\n")
    }
}

pub fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut output = stdout();
    match output.write_all(bytes).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::new(
            Exit::Failed,
            format!("standard output: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Text that cannot steer the terminal.
pub fn clean(text: &str) -> String {
    let harmless = |c: char| c == '\n' || !steers(c);
    text.chars()
        .map(|c| if harmless(c) { c } else { ' ' })
        .collect()
}

/// A bar for so many steps, where somebody watches.
pub fn progress(steps: u64) -> ProgressBar {
    let target = if stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(steps), target);
    match ProgressStyle::with_template("[{bar:30}] {pos}/{len} {msg}") {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_with_japanese() {
        let rows = vec![
            vec!["セミナー".to_owned(), "6 件".to_owned()],
            vec!["a\u{1b}[31m".to_owned(), "10\u{2028}件".to_owned()],
        ];
        assert_eq!(
            table(&["項目", "実績"], rows),
            "| 項目     | 実績  |\n|----------|-------|\n| セミナー | 6 件  |\n| a [31m   | 10 件 |"
        );
    }

    #[test]
    fn nothing_turns_or_ends_a_line_but_its_end() {
        let text = "拠点\u{202e}xslx\u{2066}.\u{2029}a\u{7}\nb";
        assert_eq!(clean(text), "拠点 xslx . a \nb");
    }

    #[test]
    fn a_csv_opens_in_excel_runs_nothing_and_keeps_figures() {
        let rows = vec![vec![
            Field::text("＝1+1"),
            Field::text("a \"b\", c\nd"),
            Field::Figure(Some(-16.3636)),
            Field::Figure(None),
            Field::Figure(Some(6.0)),
            Field::optional(None),
        ]];
        let text = as_csv(&["a", "b", "c", "d", "e", "f"], &rows).map_err(|failure| failure.words);
        assert_eq!(
            text.as_deref(),
            Ok("\u{feff}a,b,c,d,e,f\r\n'＝1+1,\"a \"\"b\"\", c\nd\",-16.3636,,6,\r\n")
        );
    }
}
