//! A file on its way.

use percent_encoding::percent_decode_str;
use reqwest::Response;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use crate::client::{interrupted, whole};
use crate::error::Error;

/// Characters of a file's name that are kept.
const NAME_CHARS_MAX: usize = 120;
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
            let is_special = "/\\:*?\"<>|".contains(c) || c.is_control();
            if is_special { '_' } else { c }
        })
        .take(NAME_CHARS_MAX)
        .collect();
    let name = name.trim().trim_start_matches('.');
    (!name.is_empty()).then(|| name.to_owned())
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
            ("attachment", None),
        ] {
            assert_eq!(file_name(header).as_deref(), expected, "{header}");
        }
    }
}
