//! Successful answers: status, headers and bytes, made off the event loop.

use std::sync::{Arc, OnceLock};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use futures_util::Stream;
use moka::sync::Cache;
use serde::Serialize;

use super::entity_tag::EntityTag;
use crate::app::AppError;

/// Media type of every successful body.
pub const JSON: &str = "application/json";
/// Bodies below this many bytes are sent as they are.
const COMPRESS_BYTES_MIN: usize = 1_024;
/// Bytes that all cached bodies may take together.
const CACHE_BYTES_MAX: u64 = 32 * 1_024 * 1_024;
const BROTLI_QUALITY: i32 = 5;
const BROTLI_WINDOW: i32 = 20;

/// An answer before it is sent.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Bytes,
    /// Whether an idempotency key may keep it; answers with a secret are not kept.
    pub may_be_kept: bool,
}

impl Reply {
    /// A JSON answer.
    ///
    /// # Errors
    /// `Internal` where the body cannot be written.
    pub fn json<T: Serialize>(status: StatusCode, body: &T) -> Result<Self, AppError> {
        let bytes =
            serde_json::to_vec(body).map_err(|error| AppError::Internal(error.to_string()))?;
        Ok(Self {
            status,
            headers: vec![
                (header::CONTENT_TYPE, HeaderValue::from_static(JSON)),
                (
                    header::CACHE_CONTROL,
                    HeaderValue::from_static("private, no-cache"),
                ),
            ],
            body: bytes.into(),
            may_be_kept: true,
        })
    }

    /// 200 with a JSON body.
    ///
    /// # Errors
    /// `Internal` where the body cannot be written.
    pub fn ok<T: Serialize>(body: &T) -> Result<Self, AppError> {
        Self::json(StatusCode::OK, body)
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            may_be_kept: true,
        }
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    #[must_use]
    pub fn tagged(self, tag: &EntityTag) -> Self {
        self.with_header(header::ETAG, &tag.to_string())
    }

    /// Marks an answer that shows a secret.
    #[must_use]
    pub fn with_secret(mut self) -> Self {
        self.may_be_kept = false;
        self.with_header(header::CACHE_CONTROL, "no-store")
    }

    #[must_use]
    pub fn into_response(self) -> HttpResponse {
        let (mut head, body) = self.begun();
        head.body(body)
    }

    /// The same with another body, whose length nobody knows yet.
    #[must_use]
    pub fn into_streamed(
        self,
        body: impl Stream<Item = std::io::Result<Bytes>> + 'static,
    ) -> HttpResponse {
        self.begun().0.streaming(body)
    }

    fn begun(self) -> (HttpResponseBuilder, Bytes) {
        let mut head = HttpResponse::build(self.status);
        for (name, value) in self.headers {
            head.insert_header((name, value));
        }
        (head, self.body)
    }
}

/// How a body travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    /// The best encoding that `Accept-Encoding` allows.
    #[must_use]
    pub fn negotiate(accept_encoding: &str) -> Self {
        let accepts = |wanted: &str| {
            accept_encoding.split(',').any(|entry| {
                let mut parts = entry.split(';').map(str::trim);
                parts
                    .next()
                    .is_some_and(|name| name.eq_ignore_ascii_case(wanted))
                    && !parts.any(|weight| {
                        weight
                            .strip_prefix("q=")
                            .and_then(|q| q.parse::<f32>().ok())
                            == Some(0.0)
                    })
            })
        };
        if accepts("br") {
            Self::Brotli
        } else if accepts("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// The token of `Content-Encoding`, and of the entity tag's suffix.
    #[must_use]
    pub const fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// A body in all its encodings, each made at most once.
#[derive(Debug)]
pub struct Representation {
    /// Of the state that it was made from.
    tag: EntityTag,
    identity: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

impl Representation {
    fn bytes(&self, encoding: Encoding) -> Bytes {
        let kept = match encoding {
            Encoding::Identity => return self.identity.clone(),
            Encoding::Gzip => &self.gzip,
            Encoding::Brotli => &self.brotli,
        };
        kept.get_or_init(|| compressed(&self.identity, encoding))
            .clone()
    }

    /// A tag that says no more than the body does: another state with the same
    /// body has the same one.
    #[must_use]
    pub fn tag_of_body(&self) -> EntityTag {
        EntityTag::of_body(None, &self.identity)
    }

    /// The body, in the best encoding that `Accept-Encoding` allows.
    #[must_use]
    pub fn reply(&self, tag: &EntityTag, accept_encoding: &str) -> Reply {
        let encoding = if self.identity.len() < COMPRESS_BYTES_MIN {
            Encoding::Identity
        } else {
            Encoding::negotiate(accept_encoding)
        };
        let mut reply = Reply::empty(StatusCode::OK)
            .with_header(header::CONTENT_TYPE, JSON)
            .with_header(header::CACHE_CONTROL, "private, no-cache")
            .with_header(header::VARY, "Accept-Encoding, Authorization, X-API-Key")
            .tagged(&tag.in_encoding(encoding));
        if let Some(token) = encoding.token() {
            reply = reply.with_header(header::CONTENT_ENCODING, token);
        }
        reply.body = self.bytes(encoding);
        reply
    }
}

/// Bodies that polls ask for again and again. An entry is served only for
/// exactly the entity tag that the database has just given, so it is never stale.
#[derive(Clone)]
pub struct BodyCache(Cache<String, Arc<Representation>>);

impl Default for BodyCache {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(CACHE_BYTES_MAX)
                .weigher(|key: &String, entry: &Arc<Representation>| {
                    let bytes = key.len() + entry.identity.len() * 3 / 2;
                    u32::try_from(bytes).unwrap_or(u32::MAX)
                })
                .build(),
        )
    }
}

impl BodyCache {
    /// The body of `resource` at `tag`, made by `make` where it is not known yet.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn reply<T: Serialize>(
        &self,
        resource: &str,
        tag: &EntityTag,
        accept_encoding: &str,
        make: impl FnOnce() -> Result<T, AppError>,
    ) -> Result<Reply, AppError> {
        self.reply_with(resource, tag, accept_encoding, || {
            Ok(Reply::ok(&make()?)?.body)
        })
    }

    /// The same of a body that `make` writes itself, as JSON.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn reply_with(
        &self,
        resource: &str,
        tag: &EntityTag,
        accept_encoding: &str,
        make: impl FnOnce() -> Result<Bytes, AppError>,
    ) -> Result<Reply, AppError> {
        let entry = self.representation(resource, tag, make)?;
        Ok(entry.reply(tag, accept_encoding))
    }

    /// [`Self::reply_with`] for who tags the answer otherwise.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn representation(
        &self,
        resource: &str,
        tag: &EntityTag,
        make: impl FnOnce() -> Result<Bytes, AppError>,
    ) -> Result<Arc<Representation>, AppError> {
        if let Some(known) = self.0.get(resource).filter(|known| known.tag == *tag) {
            return Ok(known);
        }
        let fresh = Arc::new(Representation {
            tag: tag.clone(),
            identity: make()?,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        });
        self.0.insert(resource.to_owned(), Arc::clone(&fresh));
        Ok(fresh)
    }
}

/// Bytes as they travel in an encoding.
#[must_use]
pub fn compressed(bytes: &Bytes, encoding: Encoding) -> Bytes {
    match encoding {
        Encoding::Identity => bytes.clone(),
        Encoding::Gzip => gzip(bytes),
        Encoding::Brotli => brotli(bytes),
    }
}

fn gzip(bytes: &Bytes) -> Bytes {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing to a vector cannot fail; an empty body would be worse than none.
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(compressed) => compressed.into(),
        Err(_) => Bytes::new(),
    }
}

fn brotli(bytes: &Bytes) -> Bytes {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        ..Default::default()
    };
    match brotli::BrotliCompress(&mut bytes.as_ref(), &mut compressed, &parameters) {
        Ok(_) => compressed.into(),
        Err(_) => Bytes::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiates_the_best_encoding() {
        for (header, encoding) in [
            ("", Encoding::Identity),
            ("gzip", Encoding::Gzip),
            ("gzip, br", Encoding::Brotli),
            ("br;q=0, gzip;q=0.5", Encoding::Gzip),
            ("identity", Encoding::Identity),
        ] {
            assert_eq!(Encoding::negotiate(header), encoding, "{header}");
        }
    }

    #[test]
    fn serves_a_body_only_at_its_own_tag() {
        let cache = BodyCache::default();
        let at = |revision: i64, body: &str| {
            let body = body.to_owned();
            cache
                .reply("x", &EntityTag::of_revision(revision), "", || Ok(body))
                .map(|reply| String::from_utf8_lossy(&reply.body).into_owned())
                .unwrap()
        };
        assert_eq!(at(1, "a"), "\"a\"");
        assert_eq!(at(1, "b"), "\"a\"", "the known body of the same tag");
        assert_eq!(at(2, "b"), "\"b\"");
    }
}
