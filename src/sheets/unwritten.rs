//! A file that could not be made.

/// Why a file could not be written; a fault of this program, never of a figure.
#[derive(Debug, thiserror::Error)]
#[error("a file was not written: {0}")]
pub struct Unwritten(String);

impl From<csv::Error> for Unwritten {
    fn from(error: csv::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<rust_xlsxwriter::XlsxError> for Unwritten {
    fn from(error: rust_xlsxwriter::XlsxError) -> Self {
        Self(error.to_string())
    }
}

impl Unwritten {
    /// With a reason of its own.
    #[expect(clippy::needless_pass_by_value, reason = "made to stand in `map_err`")]
    pub(super) fn because(reason: impl ToString) -> Self {
        Self(reason.to_string())
    }
}
