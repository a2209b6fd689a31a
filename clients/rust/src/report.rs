//! A month's figures, as they are reported.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::error::Error;

/// Beyond this, neighbouring whole numbers are no longer told apart.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// What is said about one item and month.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// A figure.
    Value(f64),
    /// A ratio, by its parts.
    Ratio {
        /// What is divided.
        numerator: f64,
        /// What it is divided by.
        denominator: f64,
    },
    /// There is nothing to report, and why.
    NotApplicable(String),
    /// What was reported is taken back, and why.
    Clear(String),
}

/// One item with its figure.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportValue {
    /// The item's key.
    pub item: String,
    /// What is reported.
    pub figure: Figure,
}

/// The figures of one month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The month, `YYYY-MM`.
    pub month: String,
    /// The figures; items that are not here keep what they have.
    pub values: Vec<ReportValue>,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Do everything, store nothing.
    #[serde(skip)]
    pub dry_run: bool,
    /// Names the call: the same name brings back the first answer.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

impl Report {
    /// A month without figures yet.
    #[must_use]
    pub fn new(month: impl Into<String>) -> Self {
        Self {
            month: month.into(),
            values: Vec::new(),
            note: None,
            dry_run: false,
            idempotency_key: None,
        }
    }

    /// The same, with a figure more.
    #[must_use]
    pub fn with(mut self, item: impl Into<String>, figure: Figure) -> Self {
        self.values.push(ReportValue {
            item: item.into(),
            figure,
        });
        self
    }

    /// The same, with an item's value.
    #[must_use]
    pub fn value(self, item: impl Into<String>, value: f64) -> Self {
        self.with(item, Figure::Value(value))
    }

    /// The same, with an item's ratio.
    #[must_use]
    pub fn ratio(self, item: impl Into<String>, numerator: f64, denominator: f64) -> Self {
        self.with(
            item,
            Figure::Ratio {
                numerator,
                denominator,
            },
        )
    }

    /// The same, with a remark.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The same, to be tried without storing anything.
    #[must_use]
    pub const fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// A month's figures from CSV in UTF-8. Its first line names the columns:
    /// `item`, and of `value`, `numerator`, `denominator`, `not_applicable`
    /// and `clear` those that are used; others are passed over, as are rows
    /// without a figure. Files as offices have them are better imported.
    pub fn from_csv(month: impl Into<String>, csv: &str) -> Result<Self, Error> {
        let csv = csv.trim_start_matches('\u{feff}');
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headings = reader
            .headers()
            .map_err(|error| unreadable(&error))?
            .clone();
        let mut report = Self::new(month);
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |name: &str| {
                let column = headings.iter().position(|heading| heading.trim() == name)?;
                record
                    .get(column)
                    .map(str::trim)
                    .filter(|cell| !cell.is_empty())
            };
            if let Some(figure) = figure(&cell, line)? {
                let item = cell("item").ok_or_else(|| refused(line, "item", "is empty"))?;
                report = report.with(item, figure);
            }
        }
        Ok(report)
    }
}

/// What the cells of a row report; `None` where they are empty.
fn figure<'a>(cell: &impl Fn(&str) -> Option<&'a str>, line: u64) -> Result<Option<Figure>, Error> {
    let number = |name: &str| -> Result<Option<f64>, Error> {
        cell(name)
            .map(|text| match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err(refused(line, name, &format!("\"{text}\" is not a number"))),
            })
            .transpose()
    };
    let value = number("value")?;
    let ratio = (number("numerator")?, number("denominator")?);
    let text = |name| cell(name).map(str::to_owned);
    let mut figures = Vec::new();
    figures.extend(value.map(Figure::Value));
    match ratio {
        (Some(numerator), Some(denominator)) => figures.push(Figure::Ratio {
            numerator,
            denominator,
        }),
        (None, None) => {}
        _ => return Err(refused(line, "numerator", "goes with denominator")),
    }
    figures.extend(text("not_applicable").map(Figure::NotApplicable));
    figures.extend(text("clear").map(Figure::Clear));
    if figures.len() > 1 {
        return Err(refused(line, "value", "says two things at once"));
    }
    Ok(figures.pop())
}

fn refused(line: u64, column: &str, what: &str) -> Error {
    Error::Argument(format!("line {line}, {column}: {what}"))
}

fn unreadable(error: &csv::Error) -> Error {
    Error::Argument(format!("the CSV cannot be read: {error}"))
}

impl Serialize for ReportValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("item", &self.item)?;
        match &self.figure {
            Figure::Value(value) => map.serialize_entry("value", &Number(*value))?,
            Figure::Ratio {
                numerator,
                denominator,
            } => {
                map.serialize_entry("numerator", &Number(*numerator))?;
                map.serialize_entry("denominator", &Number(*denominator))?;
            }
            Figure::NotApplicable(why) => map.serialize_entry("not_applicable", why)?,
            Figure::Clear(why) => map.serialize_entry("clear", why)?,
        }
        map.end()
    }
}

/// Whole numbers without a decimal point.
struct Number(f64);

impl Serialize for Number {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "whole and within what an i64 holds"
    )]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < WHOLE_MAX {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_sent_as_they_are_written() {
        let report = Report::new("2028-09")
            .value("a", 6.0)
            .value("b", -0.1)
            .value("c", 99_999_999_999.999_9)
            .ratio("d", 3.0, 8.0)
            .with("e", Figure::NotApplicable("窓口なし".to_owned()))
            .with("f", Figure::Clear("誤り".to_owned()));
        assert_eq!(
            serde_json::to_string(&report).unwrap(),
            r#"{"month":"2028-09","values":[{"item":"a","value":6},{"item":"b","value":-0.1},{"item":"c","value":99999999999.9999},{"item":"d","numerator":3,"denominator":8},{"item":"e","not_applicable":"窓口なし"},{"item":"f","clear":"誤り"}]}"#
        );
        let told = serde_json::to_string(&Report::new("2028-09").note("確定値").dry_run());
        assert_eq!(
            told.unwrap(),
            r#"{"month":"2028-09","values":[],"note":"確定値"}"#
        );
    }

    #[test]
    fn a_csv_is_read_by_its_headings() {
        let csv = "\u{feff}name,item,value,numerator,denominator,not_applicable,clear\r\n\
                   相談,a,1.5,,,,\r\n率,b,,1,4,,\r\n\"x, y\",c,,,,なし,\r\n,d,,,,,誤り\r\n,e,,,,,\r\n";
        let expected = Report::new("2028-09")
            .value("a", 1.5)
            .ratio("b", 1.0, 4.0)
            .with("c", Figure::NotApplicable("なし".to_owned()))
            .with("d", Figure::Clear("誤り".to_owned()));
        assert_eq!(Report::from_csv("2028-09", csv).unwrap(), expected);
    }

    #[test]
    fn a_csv_that_cannot_be_meant_is_refused_with_its_line() {
        for (csv, told) in [
            ("item,value\na,1\nb,x\n", "line 3, value: \"x\""),
            ("item,value\na,NaN\n", "line 2, value: \"NaN\""),
            ("item,value\n,1\n", "line 2, item"),
            ("item,numerator\na,1\n", "line 2, numerator"),
            ("item,value,clear\na,1,x\n", "line 2, value"),
            ("item,value\na,1,2\n", "cannot be read"),
        ] {
            let error = Report::from_csv("2028-09", csv).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
