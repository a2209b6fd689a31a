//! What a sheet says above its table: labels with values beside them, and what a
//! title mentions.

use std::collections::BTreeSet;

use super::super::month::Month;
use super::super::sheet::{Cell, Position, Row};
use super::Guidance;
use super::folded::{folded, label_of};
use super::month_text::{self, MonthText, Year, month_in_field, read_month};
use super::vocabulary::{Meaning, meaning_of};

/// Columns between a label and its value.
const LABEL_GAP: u32 = 4;

/// Cells of a row that may be titles and labels; those of a table go on.
const LABEL_CELLS_MAX: usize = 60;

/// Values that stand beside labels, above the table or in its title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    pub month: Option<Month>,
    /// A field says the month, not only a title.
    pub has_month_field: bool,
    /// What stands beside the label of the month, where it is none that can be read.
    pub unread_month: Option<UnreadMonth>,
    /// The one other month that is mentioned above the table.
    pub other_month: Option<Month>,
    pub hub: Option<String>,
    pub key: Option<String>,
    pub scorecard: Option<String>,
    /// The fiscal year of a title.
    pub year: Option<Year>,
}

/// A value beside the label of the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadMonth {
    pub position: Position,
    /// Its number, where only the year is missing.
    pub number: Option<u32>,
}

/// What the rows so far have said.
pub struct Said {
    labels: Labels,
    mentioned: BTreeSet<Month>,
    /// The month that the name of the sheet is.
    named: Option<MonthText>,
    years: Vec<Year>,
}

impl Said {
    /// What the name of a sheet says.
    pub fn of_name(name: &str) -> Self {
        Self {
            labels: Labels::default(),
            mentioned: BTreeSet::new(),
            named: read_month(name),
            years: month_text::fiscal_year_mentioned(name)
                .into_iter()
                .collect(),
        }
    }

    /// Adds a row.
    pub fn add(&mut self, row: &Row, guidance: &Guidance<'_>) {
        let mut is_of_paper = false;
        for (column, cell) in row.cells.iter().take(LABEL_CELLS_MAX) {
            let text = label_of(cell);
            self.years.extend(month_text::fiscal_year_mentioned(&text));
            // 提出日 | 2026年10月
            let was_of_paper = is_of_paper;
            is_of_paper = PAPER_WORDS.iter().any(|word| text.contains(word));
            if !is_of_paper && !was_of_paper {
                self.mentioned.extend(match cell {
                    Cell::Text(_) => month_text::months_mentioned(&text),
                    other => month_text::month_of_whole(other).into_iter().collect(),
                });
            }
            let (label, inline) = match text.split_once(':') {
                Some((label, value)) => (label.trim().to_owned(), Some(value.trim().to_owned())),
                None => (text, None),
            };
            let Some(meaning) = guidance
                .words
                .meaning(&label)
                .or_else(|| meaning_of(&label))
            else {
                continue;
            };
            let inline = inline.filter(|value| !value.is_empty());
            if meaning == Meaning::Month {
                self.add_month(row, *column, &label, inline.as_deref());
                continue;
            }
            let value = inline.or_else(|| beside(row, *column).map(|(_, cell)| label_of(cell)));
            match (meaning, value) {
                (Meaning::Hub, Some(value)) => {
                    self.labels.hub.get_or_insert(value);
                }
                (Meaning::Key, Some(value)) => {
                    self.labels.key.get_or_insert(value);
                }
                (Meaning::Scorecard, Some(value)) => {
                    self.labels.scorecard.get_or_insert(value);
                }
                _ => {}
            }
        }
        self.years.dedup();
    }

    /// Adds the month that stands behind or beside its label.
    fn add_month(&mut self, row: &Row, column: u32, label: &str, inline: Option<&str>) {
        let (at, found, text) = match (inline, beside(row, column)) {
            (Some(text), _) => (column, read_month(text), text.to_owned()),
            (None, Some((at, cell))) => (at, month_in_field(cell), label_of(cell)),
            (None, None) => return,
        };
        let number = match found {
            Some(MonthText::Month(month)) => {
                self.labels.month.get_or_insert(month);
                return;
            }
            Some(MonthText::OfSomeYear(number)) => Some(number),
            None => None,
        };
        // 月 may also be the last of the cells 令和 | 10 | 年 | 9 | 月.
        if folded(label) != "月" || text.contains(|c: char| c.is_numeric()) {
            let position = Position {
                row: row.index,
                column: at,
            };
            let unread = UnreadMonth { position, number };
            self.labels.unread_month.get_or_insert(unread);
        }
    }

    /// The month that the title mentions or the sheet is named by; none where a copied
    /// sheet kept the title of another month.
    fn agreed(
        &self,
        mentioned: Option<Month>,
        year: Option<Year>,
        guidance: &Guidance<'_>,
    ) -> Option<Month> {
        let year = guidance.fiscal_year.map(Year::Fiscal).or(year);
        let named = match self.named {
            None => return mentioned,
            Some(MonthText::Month(month)) => Some(month),
            Some(MonthText::OfSomeYear(number)) => {
                let same = |month: &Month| month.month_of_year().unsigned_abs() == number;
                let of_year = year.and_then(|year| year.month(number));
                of_year.or(mentioned.filter(same))
            }
        };
        match (mentioned, named) {
            (Some(one), Some(other)) if one != other => None,
            (Some(_), None) => None,
            _ => named,
        }
    }

    /// The labels so far; a month or year of a title where it mentions one only,
    /// and no label says what might be another.
    pub fn labels(&self, guidance: &Guidance<'_>) -> Labels {
        let mut labels = self.labels.clone();
        if let [year] = self.years.as_slice() {
            labels.year = Some(*year);
        }
        let mentioned = self.mentioned.first().copied();
        let mentioned = mentioned.filter(|_| self.mentioned.len() == 1);
        labels.has_month_field = labels.month.is_some();
        if let Some(month) = labels.month {
            labels.unread_month = None;
            let mut others = self.mentioned.iter().filter(|other| **other != month);
            let other = others.next().copied();
            labels.other_month = other.filter(|_| others.next().is_none());
        } else if let Some(unread) = &labels.unread_month {
            let number = unread.number;
            let year = guidance.fiscal_year.map(Year::Fiscal).or(labels.year);
            let of_year = year
                .zip(number)
                .and_then(|(year, number)| year.month(number));
            let in_title = mentioned.filter(|month| {
                number.is_some_and(|number| month.month_of_year().unsigned_abs() == number)
            });
            labels.month = of_year.or(in_title);
        } else {
            labels.month = self.agreed(mentioned, labels.year, guidance);
        }
        if labels.month.is_some() {
            labels.unread_month = None;
        }
        labels
    }
}

/// Words beside dates of the paper itself: when it was made, handed in, or changed.
const PAPER_WORDS: [&str; 19] = [
    "作成",
    "提出",
    "報告日",
    "改定",
    "改訂",
    "改正",
    "施行",
    "制定",
    "更新",
    "記入",
    "印刷",
    "締切",
    "文書番号",
    "ver",
    "会議",
    "開催",
    "前回",
    "期限",
    "様式",
];

/// What stands to the right of a label, and in which column; another label does not.
fn beside(row: &Row, column: u32) -> Option<(u32, &Cell)> {
    let (at, cell) = row.cells.iter().find(|(at, _)| *at > column)?;
    let is_near = at - column <= LABEL_GAP;
    (is_near && meaning_of(&label_of(cell)).is_none()).then_some((*at, cell))
}
