//! Why a file is not read, in words for the person who sent it.

use crate::domain::text::Text;

/// A file that is not read, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub message: Text,
    pub remedy: Text,
    /// It exceeds a limit, rather than being unreadable.
    pub too_large: bool,
}

impl Refused {
    pub(super) fn new(message: Text, remedy: Text) -> Self {
        Self {
            message,
            remedy,
            too_large: false,
        }
    }

    pub(super) fn too_large(message: Text, remedy: Text) -> Self {
        Self {
            message,
            remedy,
            too_large: true,
        }
    }

    pub(super) fn file_too_large() -> Self {
        Self::too_large(
            Text::new(
                format!(
                    "ファイルが大きすぎます。上限は{} MiBです。",
                    mebibytes(super::FILE_BYTES_MAX)
                ),
                format!(
                    "The file is too large: at most {} MiB.",
                    mebibytes(super::FILE_BYTES_MAX)
                ),
            ),
            only_the_figures(),
        )
    }

    pub(super) fn inflates_too_much() -> Self {
        let limit = super::INFLATED_BYTES_MAX / (1_024 * 1_024);
        Self::too_large(
            Text::new(
                format!("ファイルを展開すると大きすぎます。上限は{limit} MiBです。"),
                format!("The file is too large once it is unpacked: at most {limit} MiB."),
            ),
            only_the_figures(),
        )
    }

    /// A part of the file is not as it has to be.
    pub(super) fn damaged(part: &str) -> Self {
        Self::new(
            Text::new(
                format!("ファイルが壊れているため読めません（{part}）。"),
                format!("The file is damaged and cannot be read ({part})."),
            ),
            save_again(),
        )
    }
}

const fn mebibytes(bytes: usize) -> usize {
    bytes / (1_024 * 1_024)
}

/// The remedy for a file that only a spreadsheet program can repair.
pub(super) fn save_again() -> Text {
    Text::new(
        "Excelで開き、「名前を付けて保存」で「Excel ブック（*.xlsx）」として保存し直してから、もう一度送ってください。",
        "Open it in Excel, use “Save As” with the type “Excel Workbook (*.xlsx)”, and send that file.",
    )
}

pub(super) fn only_the_figures() -> Text {
    Text::new(
        "実績のシートだけを新しいブックに「値の貼り付け」でコピーし、不要な行・列・画像を除いて保存してから送ってください。",
        "Copy only the sheet with the figures into a new workbook (paste values), without unused rows, columns and pictures, and send that.",
    )
}
