//! Entity tags: the revision of a scorecard, `"17"`, with a suffix where one
//! revision has several representations: encodings (`"17-br"`), or parts that
//! the passing of time changes (`"17-3f9c…"`).

use std::fmt;

use super::reply::Encoding;

/// Hexadecimal digits of a body's digest.
const DIGEST_CHARS: usize = 16;

/// A strong entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityTag {
    /// The revision, or a digest where an answer spans several scorecards.
    value: String,
    suffix: Option<&'static str>,
}

impl EntityTag {
    #[must_use]
    pub fn of_revision(revision: i64) -> Self {
        Self {
            value: revision.to_string(),
            suffix: None,
        }
    }

    /// Of an answer that more than one revision decides: a digest of its body,
    /// after the revision where there is one.
    #[must_use]
    pub fn of_body(revision: Option<i64>, body: &[u8]) -> Self {
        let digest = blake3::hash(body).to_hex();
        let digest = &digest[..DIGEST_CHARS];
        Self {
            value: match revision {
                Some(revision) => format!("{revision}-{digest}"),
                None => digest.to_owned(),
            },
            suffix: None,
        }
    }

    #[must_use]
    pub fn in_encoding(&self, encoding: Encoding) -> Self {
        Self {
            value: self.value.clone(),
            suffix: encoding.token(),
        }
    }

    /// Whether `If-None-Match` names this tag in any encoding.
    #[must_use]
    pub fn is_named_in(&self, if_none_match: &str) -> bool {
        if_none_match.split(',').map(str::trim).any(|entry| {
            entry == "*" || unquoted(entry).is_some_and(|text| without_suffix(text) == self.value)
        })
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.suffix {
            Some(suffix) => write!(f, "\"{}-{suffix}\"", self.value),
            None => write!(f, "\"{}\"", self.value),
        }
    }
}

/// The revision that `If-Match` demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demanded {
    /// No header, or `*`: any revision.
    Any,
    Revision(i64),
    /// Something that no revision of ours can match.
    Never,
}

impl Demanded {
    #[must_use]
    pub fn read(if_match: Option<&str>) -> Self {
        match if_match.map(str::trim) {
            None | Some("*") => Self::Any,
            Some(text) => unquoted(text)
                .and_then(|tag| tag.split('-').next()?.parse().ok())
                .map_or(Self::Never, Self::Revision),
        }
    }
}

fn unquoted(entry: &str) -> Option<&str> {
    entry
        .strip_prefix("W/")
        .unwrap_or(entry)
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
}

fn without_suffix(tag: &str) -> &str {
    [Encoding::Gzip, Encoding::Brotli]
        .iter()
        .filter_map(|encoding| encoding.token())
        .find_map(|token| {
            tag.strip_suffix(token)
                .and_then(|rest| rest.strip_suffix('-'))
        })
        .unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_in_any_encoding() {
        let tag = EntityTag::of_revision(17);
        for (header, named) in [
            ("\"17\"", true),
            ("W/\"17\"", true),
            ("\"17-br\"", true),
            ("\"16\", \"17-gzip\"", true),
            ("*", true),
            ("\"170\"", false),
            ("17", false),
        ] {
            assert_eq!(tag.is_named_in(header), named, "{header}");
        }
    }

    #[test]
    fn reads_the_demanded_revision() {
        assert_eq!(Demanded::read(None), Demanded::Any);
        assert_eq!(Demanded::read(Some("\"17-br\"")), Demanded::Revision(17));
        assert_eq!(Demanded::read(Some("\"17-3f9c\"")), Demanded::Revision(17));
        assert_eq!(Demanded::read(Some("\"abc\"")), Demanded::Never);
    }
}
