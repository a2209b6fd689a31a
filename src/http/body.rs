//! Bodies of requests: within their size and time, and of a kind that is read.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt as _;

use super::limits::{BODY_BYTES_MAX, BODY_TIMEOUT, IMPORT_BYTES_MAX};
use super::problem::{Problem, ProblemCode};
use crate::domain::text::Text;

/// For people, who are told sizes in mebibytes.
const BYTES_OF_MEBIBYTE: usize = 1_024 * 1_024;
/// A body so large is read only for somebody who is known.
const STRANGERS_BYTES_MAX: usize = 64 * 1_024;

/// What a body may be.
pub struct BodyRules {
    bytes_max: usize,
    /// Its media types, without parameters.
    media_types: &'static [&'static str],
}

/// JSON.
pub const JSON_BODY: BodyRules = BodyRules {
    bytes_max: BODY_BYTES_MAX,
    media_types: &["application/json"],
};

/// A spreadsheet.
pub const FILE_BODY: BodyRules = BodyRules {
    bytes_max: IMPORT_BYTES_MAX,
    media_types: FILE_MEDIA_TYPES,
};

/// Media types under which spreadsheets are sent; what a file is, it says itself.
const FILE_MEDIA_TYPES: &[&str] = &[
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv",
    "text/tab-separated-values",
    "text/plain",
    "application/octet-stream",
];

fn declared_length(request: &HttpRequest) -> Option<usize> {
    let value = request.headers().get(header::CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

/// Reads the body of a request that may have one, within its size and time.
/// `expect_known` is asked before much of it is kept: many strangers at once would
/// fill the memory.
pub async fn read_body(
    request: &HttpRequest,
    mut payload: Payload,
    rules: &BodyRules,
    expect_known: impl AsyncFn() -> Result<(), Problem>,
) -> Result<Bytes, Problem> {
    if !matches!(
        *request.method(),
        Method::POST | Method::PUT | Method::PATCH
    ) {
        return Ok(Bytes::new());
    }
    let declared = declared_length(request);
    if declared.is_some_and(|length| length > rules.bytes_max) {
        return Err(too_large(rules));
    }
    let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    if declared.unwrap_or(0) == 0 && !is_chunked {
        return Ok(Bytes::new());
    }
    check_media_type(request, rules)?;
    let read = async {
        let mut is_stranger = true;
        if declared.is_some_and(|length| length > STRANGERS_BYTES_MAX) {
            expect_known().await?;
            is_stranger = false;
        }
        let mut body = BytesMut::with_capacity(declared.unwrap_or(0));
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_broken| broken_off())?;
            let length = body.len() + chunk.len();
            if length > rules.bytes_max {
                return Err(too_large(rules));
            }
            if is_stranger && length > STRANGERS_BYTES_MAX {
                expect_known().await?;
                is_stranger = false;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(BODY_TIMEOUT, read)
        .await
        .unwrap_or_else(|_elapsed| Err(closing(Problem::new(ProblemCode::BodyTooSlow))))
}

fn too_large(rules: &BodyRules) -> Problem {
    let mebibytes = rules.bytes_max / BYTES_OF_MEBIBYTE;
    closing(Problem::new(ProblemCode::TooLarge).with_detail(Text::new(
        format!("{mebibytes} MiB 以内に分けて送ってください。"),
        format!("Split it into parts of at most {mebibytes} MiB."),
    )))
}

fn broken_off() -> Problem {
    Problem::new(ProblemCode::MalformedJson).with_detail(Text::new(
        "本文が途中で壊れています。もう一度送ってください。",
        "The body is broken. Send it again.",
    ))
}

/// The rest of the body will not be read, so the connection cannot go on.
pub fn closing(problem: Problem) -> Problem {
    problem.with_header(
        header::CONNECTION,
        header::HeaderValue::from_static("close"),
    )
}

fn check_media_type(request: &HttpRequest, rules: &BodyRules) -> Result<(), Problem> {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let media_type = header(header::CONTENT_TYPE).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let compressed = header(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    let known = rules.media_types;
    let is_known = known
        .iter()
        .any(|media_type| essence.eq_ignore_ascii_case(media_type));
    if is_known && !compressed {
        Ok(())
    } else {
        let expected = rules.media_types.join(", ");
        Err(closing(
            Problem::new(ProblemCode::UnsupportedMediaType).with_detail(Text::new(
                format!("Content-Type は次のどれかにし、Content-Encoding は付けないでください: {expected}。"),
                format!("Send Content-Type as one of {expected}, without Content-Encoding."),
            )),
        ))
    }
}
