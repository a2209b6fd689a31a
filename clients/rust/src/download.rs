//! A file on its way.

use percent_encoding::percent_decode_str;
use reqwest::Response;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use crate::client::{interrupted, whole};
use crate::error::Error;

/// Bytes of a file's name that are kept; file systems take 255.
const NAME_BYTES_MAX: usize = 200;
/// Bytes of its end that is kept, too: what kind of file it is.
const EXTENSION_BYTES_MAX: usize = 16;
/// How the header begins the name that may have any character.
const EXTENDED: &str = "filename*=UTF-8''";
/// How it begins the name for old programs.
const PLAIN: &str = "filename=";

/// A file that the service answers with.
#[derive(Debug)]
pub struct Download {
    file_name: Option<String>,
    response: Response,
}

impl Download {
    pub(crate) fn new(response: Response) -> Self {
        let header = response.headers().get(CONTENT_DISPOSITION);
        let file_name = header
            .and_then(|value| value.to_str().ok())
            .and_then(file_name);
        Self {
            file_name,
            response,
        }
    }

    /// The name that the service gives it: a name alone, without a folder.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// Its media type.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.response.headers().get(CONTENT_TYPE)?.to_str().ok()
    }

    /// How many bytes come, where that is known.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The next part of it; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let chunk = self.response.chunk().await.map_err(interrupted)?;
        Ok(chunk.map(|chunk| chunk.to_vec()))
    }

    /// All of it.
    pub async fn bytes(self) -> Result<Vec<u8>, Error> {
        whole(self.response).await
    }
}

/// The name in the header, made safe to be created in a folder.
fn file_name(header: &str) -> Option<String> {
    let parameters = || header.split(';').map(str::trim);
    let extended = parameters()
        .find_map(|part| part.strip_prefix(EXTENDED))
        .map(|name| percent_decode_str(name).decode_utf8_lossy().into_owned());
    let plain = || {
        parameters()
            .find_map(|part| part.strip_prefix(PLAIN))
            .map(|name| name.trim_matches('"').to_owned())
    };
    let name: String = extended
        .or_else(plain)?
        .chars()
        .map(|c| {
            let is_special = "/\\:*?\"<>|".contains(c) || steers(c);
            if is_special { '_' } else { c }
        })
        .collect();
    let name = name.trim().trim_start_matches('.');
    (!name.is_empty()).then(|| cut(name))
}

/// Whether a character is not seen but changes what is seen around it: with one,
/// `xslx.exe` may be shown as `exe.xlsx`.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// A name that a file system takes, with its extension.
fn cut(name: &str) -> String {
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if name.len() - dot <= EXTENSION_BYTES_MAX => name.split_at(dot),
        _ => (name, ""),
    };
    let mut kept = String::new();
    for c in stem.chars() {
        if kept.len() + c.len_utf8() + extension.len() > NAME_BYTES_MAX {
            break;
        }
        kept.push(c);
    }
    kept + extension
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for (header, expected) in [
            ("attachment; filename=\"a.xlsx\"", Some("a.xlsx")),
            (
                "attachment; filename=\"a.xlsx\"; filename*=UTF-8''%E5%AE%9F%E7%B8%BE.xlsx",
                Some("実績.xlsx"),
            ),
            (
                "attachment; filename=\"../../etc/passwd\"",
                Some("_.._etc_passwd"),
            ),
            (
                "attachment; filename*=UTF-8''..%2F.ssh%2Fkey",
                Some("_.ssh_key"),
            ),
            ("attachment; filename=\".bashrc\"", Some("bashrc")),
            ("attachment; filename=\"C:\\a\nb\"", Some("C__a_b")),
            ("attachment; filename=\"..\"", None),
            (
                "attachment; filename*=UTF-8''a%E2%80%AExslx%E2%80%A8.exe",
                Some("a_xslx_.exe"),
            ),
            ("attachment", None),
        ] {
            assert_eq!(file_name(header).as_deref(), expected, "{header}");
        }
    }

    #[test]
    fn a_long_name_is_cut_before_its_extension() {
        for (stem, kept) in [("a", 195), ("県", 65)] {
            let header = format!("attachment; filename=\"{}.xlsx\"", stem.repeat(300));
            let expected = format!("{}.xlsx", stem.repeat(kept));
            assert_eq!(file_name(&header), Some(expected));
        }
        let header = format!("attachment; filename=\"{}\"", "a".repeat(300));
        assert_eq!(file_name(&header), Some("a".repeat(200)));
    }
}
