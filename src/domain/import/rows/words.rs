//! What the words of a row say: which item it is of, and whether its figures are
//! actuals at all.

use super::super::Layout;
use super::super::folded::{folded_whole, label_of, remark};
use super::super::no_actuals::{is_actual, is_no_actual, is_no_actual_alone};
use super::super::vocabulary::{Meaning, is_total, part_of};
use super::{Reader, Row, is_said_by_figures};

/// What the words of a row say of its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowPart {
    /// Nothing, or that they are actuals.
    Whole,
    /// A part of a ratio.
    Of(Meaning),
    /// They are a plan, a sum, or of another time.
    NoActuals(String),
    /// One of several rows of an item, with the word that tells it from the others.
    Split(String),
}

impl Reader<'_> {
    /// Finds the items that have several rows, told apart by words such as 計画 and
    /// 実績, or by the parts of a sum.
    pub fn learn_parts<'r>(&mut self, below: impl Iterator<Item = &'r Row>) {
        if self.table.column(Meaning::Part).is_none() {
            return;
        }
        for row in below {
            let (texts, _) = self.label(row);
            let word = self.text(row, Meaning::Part);
            if let Some(word) = word.filter(|word| !is_total(word) && !texts.is_empty()) {
                self.parts
                    .entry(texts)
                    .or_default()
                    .insert(folded_whole(&word));
            }
        }
        self.label_above = Vec::new();
    }

    /// What names the item of a row, and what else its words say.
    pub fn label(&mut self, row: &Row) -> (Vec<String>, RowPart) {
        if self.table.layout == Layout::MonthsByItems {
            return (Vec::new(), self.part_beside(row));
        }
        let word = self.text(row, Meaning::Part);
        let columns = [Meaning::Item, Meaning::Name];
        let mut texts: Vec<String> = columns
            .iter()
            .filter_map(|meaning| self.text(row, *meaning))
            .collect();
        let mut in_name = None;
        for text in &mut texts {
            let named = remark(text).filter(|_| !self.guidance.items.knows_whole(text));
            let Some(named) = named else {
                continue;
            };
            if let Some(part) = part_of(&named) {
                in_name = in_name.or(Some(RowPart::Of(part)));
                if let Some((before, _)) = text.rsplit_once(['(', '[', '〔', '【']) {
                    *text = before.trim().to_owned();
                }
            } else if is_no_actual_alone(&named) {
                in_name = Some(RowPart::NoActuals(named));
            }
        }
        if texts.is_empty() && word.as_ref().is_some_and(|word| !is_total(word)) {
            texts.clone_from(&self.label_above);
        }
        self.label_above.clone_from(&texts);
        let part = in_name.unwrap_or_else(|| match word {
            Some(word) => self.part(&texts, &word),
            None => self.part_beside(row),
        });
        (texts, part)
    }

    /// What the word in the column of parts says.
    fn part(&self, texts: &[String], word: &str) -> RowPart {
        if let Some(part) = part_of(word) {
            return RowPart::Of(part);
        }
        // A word of its own for each item is the group that the item is in.
        let is_split = self.parts.get(texts).is_some_and(|words| words.len() > 1);
        if is_no_actual_alone(word) || is_split && is_no_actual(word) && !is_actual(word) {
            return RowPart::NoActuals(word.to_owned());
        }
        if is_split {
            RowPart::Split(word.to_owned())
        } else {
            RowPart::Whole
        }
    }

    /// What a cell in a column without a known heading says, such as 計画, before the
    /// figures; behind them stand remarks.
    fn part_beside(&self, row: &Row) -> RowPart {
        let columns = self.table.columns.iter();
        let figures = columns.filter(|column| column.meaning.is_some_and(is_said_by_figures));
        let first_figure = figures
            .map(|column| column.column)
            .min()
            .unwrap_or(u32::MAX);
        let is_open = |column: u32| {
            let known = self
                .table
                .columns
                .iter()
                .find(|known| known.column == column);
            known.is_none_or(|known| known.meaning.is_none_or(|meaning| meaning == Meaning::Part))
        };
        let words = row
            .cells
            .iter()
            .take_while(|(column, _)| *column < first_figure)
            .filter(|(column, _)| is_open(*column));
        let mut words = words.map(|(_, cell)| label_of(cell));
        let word = words.find(|word| is_no_actual_alone(word) && !self.guidance.items.knows(word));
        word.map_or(RowPart::Whole, RowPart::NoActuals)
    }
}
