//! What a sheet says above its table: labels with values beside them, and what a
//! title mentions.

use std::collections::BTreeSet;

use super::super::month::Month;
use super::super::sheet::{Cell, Row};
use super::Guidance;
use super::folded::one_width;
use super::month_text::{self, MonthText, Year, month_of, read_month};
use super::vocabulary::{Meaning, meaning_of};

/// Columns between a label and its value.
const LABEL_GAP: u32 = 4;

/// Values that stand beside labels, above the table or in its title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    pub month: Option<Month>,
    pub hub: Option<String>,
    pub key: Option<String>,
    pub scorecard: Option<String>,
    /// The fiscal year of a title.
    pub year: Option<Year>,
}

/// What the rows so far have said.
pub struct Said {
    labels: Labels,
    mentioned: BTreeSet<Month>,
    years: Vec<Year>,
}

impl Said {
    /// What the name of a sheet says.
    pub fn of_name(name: &str) -> Self {
        Self {
            labels: Labels::default(),
            mentioned: BTreeSet::new(),
            years: month_text::fiscal_year_mentioned(name)
                .into_iter()
                .collect(),
        }
    }

    /// Adds a row.
    pub fn add(&mut self, row: &Row, guidance: &Guidance<'_>) {
        for (column, cell) in &row.cells {
            let text = one_width(&cell.to_string());
            self.years.extend(month_text::fiscal_year_mentioned(&text));
            self.mentioned.extend(match cell {
                Cell::Text(_) => month_text::months_mentioned(&text),
                other => match month_of(other) {
                    Some(MonthText::Month(month)) => vec![month],
                    _ => Vec::new(),
                },
            });
            let (label, inline) = match text.split_once(':') {
                Some((label, value)) => (label.trim().to_owned(), Some(value.trim().to_owned())),
                None => (text, None),
            };
            let Some(meaning) = guidance
                .mapping
                .meaning(&label)
                .or_else(|| meaning_of(&label))
            else {
                continue;
            };
            let value = inline
                .filter(|value| !value.is_empty())
                .or_else(|| beside(row, *column).map(ToString::to_string));
            match (meaning, value) {
                (Meaning::Month, Some(value)) => {
                    let cell = beside(row, *column).and_then(month_of);
                    if let Some(MonthText::Month(month)) = read_month(&value).or(cell) {
                        self.labels.month.get_or_insert(month);
                    }
                }
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

    /// The labels so far; a month or year of a title where it mentions one only.
    pub fn labels(&self) -> Labels {
        let mut labels = self.labels.clone();
        if let [year] = self.years.as_slice() {
            labels.year = Some(*year);
        }
        if labels.month.is_none() && self.mentioned.len() == 1 {
            labels.month = self.mentioned.first().copied();
        }
        labels
    }
}

/// What stands to the right of a label.
fn beside(row: &Row, column: u32) -> Option<&Cell> {
    let next = row.cells.iter().find(|(at, _)| *at > column);
    next.filter(|(at, _)| at - column <= LABEL_GAP)
        .map(|(_, cell)| cell)
}
