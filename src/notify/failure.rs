//! From the errors of the libraries to the classes that a delivery's log shows.
//!
//! The classes are found by type, never by words: an error is a chain of sources, and
//! somewhere in it stands the one that says what happened.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter::successors;

use super::resolver::Blocked;
use crate::domain::delivery::ErrorClass;

type Cause<'a> = &'a (dyn Error + 'static);

/// The class of an attempt over HTTP that got no complete answer.
pub(super) fn class_of(error: &reqwest::Error) -> ErrorClass {
    let any = |test: fn(Cause<'_>) -> bool| chain(error).any(test);
    let is_cut_off = any(|cause| is_io(cause, &[ErrorKind::UnexpectedEof]));
    if any(<dyn Error>::is::<Blocked>) {
        ErrorClass::Blocked
    } else if error.is_timeout() {
        ErrorClass::Timeout
    } else if error.is_dns() {
        ErrorClass::Dns
    } else if any(<dyn Error>::is::<rustls::Error>) || (error.is_connect() && is_cut_off) {
        // Before the connection stands, only TLS reads anything.
        ErrorClass::Tls
    } else if is_cut_off || any(is_reset) {
        ErrorClass::Reset
    } else if error.is_connect() {
        ErrorClass::Connect
    } else {
        ErrorClass::Other
    }
}

/// The class of an attempt by SMTP that got no reply, or none that makes sense.
pub(super) fn class_of_smtp(error: &lettre::transport::smtp::Error) -> ErrorClass {
    let any = |test: fn(Cause<'_>) -> bool| chain(error).any(test);
    if error.status().is_some() {
        ErrorClass::Status
    } else if error.is_timeout() {
        ErrorClass::Timeout
    } else if error.is_tls() || any(<dyn Error>::is::<rustls::Error>) {
        ErrorClass::Tls
    } else if error.is_response()
        || any(is_reset)
        || any(|cause| is_io(cause, &[ErrorKind::UnexpectedEof]))
    {
        ErrorClass::Reset
    } else if any(<dyn Error>::is::<io::Error>) {
        ErrorClass::Connect
    } else {
        ErrorClass::Other
    }
}

/// An error with all its sources. An `io::Error` hides the error in it from `source`.
fn chain<'a>(error: Cause<'a>) -> impl Iterator<Item = Cause<'a>> {
    successors(Some(error), |cause| {
        let cause: Cause<'a> = *cause;
        let hidden = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        hidden
            .map(|error| -> Cause<'a> { error })
            .or_else(|| cause.source())
    })
}

fn is_io(cause: Cause<'_>, kinds: &[ErrorKind]) -> bool {
    cause
        .downcast_ref::<io::Error>()
        .is_some_and(|error| kinds.contains(&error.kind()))
}

fn is_reset(cause: Cause<'_>) -> bool {
    is_io(
        cause,
        &[
            ErrorKind::ConnectionReset,
            ErrorKind::ConnectionAborted,
            ErrorKind::BrokenPipe,
        ],
    ) || cause
        .downcast_ref::<hyper::Error>()
        .is_some_and(|error| error.is_incomplete_message() || error.is_body_write_aborted())
}
