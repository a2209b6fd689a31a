//! The lines of a message as plain text, for mail and for chats without markup.

use super::content::{Entry, Message, Row};

/// A line of plain text.
pub(super) struct Line {
    /// Columns before its first row.
    pub indent: usize,
    /// Columns that its further rows stand to the right of the first.
    pub hanging: usize,
    pub text: String,
}

impl Line {
    fn at(indent: usize, text: impl Into<String>) -> Self {
        Self {
            indent,
            hanging: 0,
            text: text.into(),
        }
    }
}

/// Columns of a full-width mark such as "■".
const MARK_COLUMNS: usize = 2;

/// All lines but the title and the footer.
pub(super) fn lines(message: &Message) -> Vec<Line> {
    let mut lines: Vec<Line> = message.lead.iter().map(|line| Line::at(0, line)).collect();
    for section in &message.sections {
        part(&mut lines);
        if let Some(heading) = &section.heading {
            lines.push(Line::at(0, format!("■ {heading}")));
        }
        for entry in &section.entries {
            push_entry(&mut lines, entry, message.colon());
        }
    }
    if let Some(left_out) = message.left_out() {
        part(&mut lines);
        lines.push(Line::at(0, left_out));
    }
    lines
}

/// One empty line before what comes next, but none at the top.
fn part(lines: &mut Vec<Line>) {
    if lines.last().is_some_and(|line| !line.text.is_empty()) {
        lines.push(Line::at(0, ""));
    }
}

fn push_entry(lines: &mut Vec<Line>, entry: &Entry, colon: &str) {
    // Entries of one line stand close together.
    if !entry.rows.is_empty() {
        part(lines);
    }
    lines.push(Line {
        indent: 0,
        hanging: MARK_COLUMNS,
        text: format!("● {}", entry.title),
    });
    for row in &entry.rows {
        lines.extend(row_text(row, colon).map(|text| Line::at(MARK_COLUMNS, text)));
        lines.extend(row.points.iter().map(|point| Line {
            indent: 2 * MARK_COLUMNS,
            hanging: MARK_COLUMNS,
            text: format!("{}{}", point.mark, point.text),
        }));
    }
}

/// "原因：…"; nothing where there are only points without a label.
pub(super) fn row_text(row: &Row, colon: &str) -> Option<String> {
    match &row.label {
        Some(label) => Some(format!("{label}{colon}{}", row.text).trim_end().to_owned()),
        None if row.text.is_empty() => None,
        None => Some(row.text.clone()),
    }
}

/// The lines one under the other, as wide as they are.
pub(super) fn text(lines: &[Line]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{:indent$}{}", "", line.text, indent = line.indent))
        .collect();
    lines.join("\n")
}
