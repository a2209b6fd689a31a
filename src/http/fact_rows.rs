//! Facts as bytes: JSON, one JSON object a line, or CSV in the encodings that
//! Excel opens. Every form has every column of every row, in one order.

use std::fmt::Write as _;

use actix_web::http::header::HeaderName;
use actix_web::web::Bytes;
use csv::{QuoteStyle, Terminator, WriterBuilder};

use crate::app::AppError;
use crate::domain::code::coded_enum;
use crate::domain::fact::{COLUMNS, Fact, Value};
use crate::sheets::{cp932, neutralised};

coded_enum! {
    /// The form of an answer.
    pub enum Format {
        Json => "json",
        Ndjson => "ndjson",
        Csv => "csv",
    }
}

coded_enum! {
    /// How a CSV is encoded.
    pub enum Encoding {
        /// UTF-8 with the mark by which Excel knows it.
        Utf8Bom => "utf-8-bom",
        Utf8 => "utf-8",
        /// What Japanese editions of Windows call Shift JIS.
        Cp932 => "cp932",
    }
}

impl Encoding {
    /// What `Content-Type` calls it.
    #[must_use]
    pub const fn charset(self) -> &'static str {
        match self {
            Self::Cp932 => "Shift_JIS",
            Self::Utf8Bom | Self::Utf8 => "utf-8",
        }
    }
}

/// Names how many characters of an answer CP932 does not have.
pub const UNMAPPABLE: HeaderName = HeaderName::from_static("unmappable-characters");
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl Format {
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv",
        }
    }

    /// The form that an `Accept` header likes best; `None` where it takes none.
    #[must_use]
    pub fn negotiate(accept: &str) -> Option<Self> {
        if accept.trim().is_empty() {
            return Some(Self::Json);
        }
        let mut best: Option<(f32, Self)> = None;
        for entry in accept.split(',') {
            let mut parts = entry.split(';').map(str::trim);
            let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts
                .find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok())
                .unwrap_or(1.0);
            let format = match essence.as_str() {
                "application/json" | "application/*" | "*/*" => Self::Json,
                "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Self::Ndjson,
                "text/csv" | "text/*" => Self::Csv,
                _ => continue,
            };
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, format));
            }
        }
        best.map(|(_, format)| format)
    }
}

/// Writes rows one after another; what it has written can be taken at any time.
pub struct RowWriter {
    format: Format,
    encoding: Encoding,
    /// Of a CSV, its UTF-8.
    bytes: Vec<u8>,
    is_first: bool,
    is_headed: bool,
    field: String,
    unmappable: u64,
}

impl RowWriter {
    #[must_use]
    pub const fn new(format: Format, encoding: Encoding) -> Self {
        Self {
            format,
            encoding,
            bytes: Vec::new(),
            is_first: true,
            is_headed: false,
            field: String::new(),
            unmappable: 0,
        }
    }

    /// Bytes that wait to be taken.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Characters so far that the encoding does not have.
    #[must_use]
    pub const fn unmappable(&self) -> u64 {
        self.unmappable
    }

    /// Adds a row.
    ///
    /// # Errors
    /// `Internal` where it cannot be written.
    pub fn row(&mut self, fact: &Fact<'_>) -> Result<(), AppError> {
        match self.format {
            Format::Json => {
                if !self.is_first {
                    self.bytes.push(b',');
                }
                self.is_first = false;
                self.object(fact)
            }
            Format::Ndjson => {
                self.object(fact)?;
                self.bytes.push(b'\n');
                Ok(())
            }
            Format::Csv => self.record(fact),
        }
    }

    fn object(&mut self, fact: &Fact<'_>) -> Result<(), AppError> {
        for (index, column) in COLUMNS.iter().enumerate() {
            self.bytes
                .extend_from_slice(if index == 0 { b"{\"" } else { b",\"" });
            self.bytes.extend_from_slice(column.name.as_bytes());
            self.bytes.extend_from_slice(b"\":");
            match column.value(fact) {
                Value::Text(text) => {
                    serde_json::to_writer(&mut self.bytes, text).map_err(unwritten)?;
                }
                Value::Month(month) => {
                    self.put(|field| write!(field, "\"{month}\""))?;
                }
                Value::Null => self.bytes.extend_from_slice(b"null"),
                other => self.put(|field| plain(field, &other))?,
            }
        }
        self.bytes.push(b'}');
        Ok(())
    }

    fn put(&mut self, write: impl FnOnce(&mut String) -> std::fmt::Result) -> Result<(), AppError> {
        self.field.clear();
        write(&mut self.field).map_err(unwritten)?;
        self.bytes.extend_from_slice(self.field.as_bytes());
        Ok(())
    }

    fn record(&mut self, fact: &Fact<'_>) -> Result<(), AppError> {
        self.heading()?;
        let mut record = csv_on(std::mem::take(&mut self.bytes));
        for column in COLUMNS {
            self.field.clear();
            let value = column.value(fact);
            match &value {
                Value::Text(text) => self.field.push_str(&neutralised(text)),
                other => plain(&mut self.field, other).map_err(unwritten)?,
            }
            record.write_field(&self.field).map_err(unwritten)?;
        }
        self.bytes = ended(record)?;
        Ok(())
    }

    /// The names of the columns, before the first row and where there is none.
    fn heading(&mut self) -> Result<(), AppError> {
        if self.is_headed {
            return Ok(());
        }
        self.is_headed = true;
        let mut record = csv_on(std::mem::take(&mut self.bytes));
        for column in COLUMNS {
            record.write_field(column.name).map_err(unwritten)?;
        }
        self.bytes = ended(record)?;
        Ok(())
    }

    /// What has been written since the last time, in the encoding asked for.
    ///
    /// # Errors
    /// `Internal` where it cannot be written.
    pub fn take(&mut self) -> Result<Bytes, AppError> {
        let begins = self.format == Format::Csv && !self.is_headed;
        let mark = self.format == Format::Csv && self.is_first;
        if begins {
            self.heading()?;
        }
        let bytes = std::mem::take(&mut self.bytes);
        if !mark {
            return self.encoded(bytes);
        }
        self.is_first = false;
        if self.encoding == Encoding::Utf8Bom {
            let mut marked = BYTE_ORDER_MARK.to_vec();
            marked.extend_from_slice(&bytes);
            return Ok(marked.into());
        }
        self.encoded(bytes)
    }

    fn encoded(&mut self, bytes: Vec<u8>) -> Result<Bytes, AppError> {
        if self.format != Format::Csv || self.encoding != Encoding::Cp932 {
            return Ok(bytes.into());
        }
        let text = String::from_utf8(bytes).map_err(unwritten)?;
        let (bytes, unmappable) = cp932(&text);
        self.unmappable += unmappable;
        Ok(bytes.into())
    }
}

/// A value without quotes or escapes; nothing for null.
fn plain(field: &mut String, value: &Value<'_>) -> std::fmt::Result {
    match value {
        Value::Null => Ok(()),
        Value::Text(text) => field.write_str(text),
        Value::Month(month) => write!(field, "{month}"),
        Value::Integer(integer) => write!(field, "{integer}"),
        Value::Number(number) => write!(field, "{number}"),
        Value::Boolean(boolean) => write!(field, "{boolean}"),
    }
}

fn csv_on(bytes: Vec<u8>) -> csv::Writer<Vec<u8>> {
    WriterBuilder::new()
        .quote_style(QuoteStyle::Necessary)
        .terminator(Terminator::CRLF)
        .has_headers(false)
        .buffer_capacity(512)
        .from_writer(bytes)
}

/// The bytes, with the record ended.
fn ended(mut record: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, AppError> {
    record.write_record(None::<&[u8]>).map_err(unwritten)?;
    record.into_inner().map_err(unwritten)
}

fn unwritten(error: impl std::fmt::Display) -> AppError {
    AppError::Internal(format!("a row of facts: {error}"))
}

/// A whole text in an encoding, and how many of its characters that does not have.
#[must_use]
pub fn encoded(text: &str, encoding: Encoding) -> (Vec<u8>, u64) {
    match encoding {
        Encoding::Utf8Bom => ([BYTE_ORDER_MARK, text.as_bytes()].concat(), 0),
        Encoding::Utf8 => (text.as_bytes().to_vec(), 0),
        Encoding::Cp932 => cp932(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_form_is_chosen() {
        for (accept, format) in [
            ("", Some(Format::Json)),
            ("*/*", Some(Format::Json)),
            ("text/csv", Some(Format::Csv)),
            ("text/html, text/csv;q=0.9, */*;q=0.1", Some(Format::Csv)),
            (
                "application/x-ndjson, application/json;q=0.5",
                Some(Format::Ndjson),
            ),
            ("text/html", None),
            ("text/csv;q=0", None),
        ] {
            assert_eq!(Format::negotiate(accept), format, "{accept}");
        }
    }
}
