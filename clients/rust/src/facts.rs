//! Facts, row by row.

use std::collections::VecDeque;

use reqwest::Response;

use crate::client::{interrupted, unreadable};
use crate::error::Error;
use crate::model::FactRow;

/// Bytes of one row at most.
pub const ROW_BYTES_MAX: usize = 64 * 1024;
/// Where the service says from where to ask for changes next time.
const NEXT_SINCE: &str = "next-since";

/// All rows of an answer, as they come.
#[derive(Debug)]
pub struct FactStream {
    response: Response,
    next_since: Option<String>,
    lines: Lines,
}

impl FactStream {
    pub(crate) fn new(response: Response) -> Self {
        let since = response.headers().get(NEXT_SINCE);
        Self {
            next_since: since
                .and_then(|since| since.to_str().ok())
                .map(str::to_owned),
            response,
            lines: Lines::default(),
        }
    }

    /// What to give as `since` next time, once all rows have been read.
    #[must_use]
    pub fn next_since(&self) -> Option<&str> {
        self.next_since.as_deref()
    }

    /// The next row; `None` after the last one.
    pub async fn next(&mut self) -> Result<Option<FactRow>, Error> {
        loop {
            if let Some(line) = self.lines.ready.pop_front() {
                return serde_json::from_slice(&line).map(Some).map_err(unreadable);
            }
            match self.response.chunk().await.map_err(interrupted)? {
                Some(chunk) => self.lines.push(&chunk)?,
                None if self.lines.rest.is_empty() => return Ok(None),
                None => return Err(Error::Interrupted("the last row is cut off".into())),
            }
        }
    }
}

/// Bytes as they come, cut at the ends of lines.
#[derive(Debug, Default)]
struct Lines {
    ready: VecDeque<Vec<u8>>,
    rest: Vec<u8>,
}

impl Lines {
    fn push(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let mut parts = chunk.split(|byte| *byte == b'\n');
        if let Some(first) = parts.next() {
            self.rest.extend_from_slice(first);
        }
        for part in parts {
            let line = std::mem::replace(&mut self.rest, part.to_vec());
            if !line.is_empty() {
                self.ready.push_back(line);
            }
        }
        if self.rest.len() > ROW_BYTES_MAX {
            return Err(Error::Unreadable(format!(
                "a row has more than {ROW_BYTES_MAX} bytes"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let text = "一行目\n二\n\n三行目\n".as_bytes();
        for size in 1..=text.len() {
            let mut lines = Lines::default();
            for chunk in text.chunks(size) {
                lines.push(chunk).unwrap();
            }
            let ready: Vec<String> = lines
                .ready
                .into_iter()
                .map(|line| String::from_utf8(line).unwrap())
                .collect();
            assert_eq!(ready, ["一行目", "二", "三行目"], "{size}");
            assert!(lines.rest.is_empty());
        }
    }

    #[test]
    fn a_row_without_end_is_refused() {
        let mut lines = Lines::default();
        let mut chunks = std::iter::repeat_n(vec![b'x'; 1024], 65);
        assert!(chunks.any(|chunk| lines.push(&chunk).is_err()));
    }
}
