//! What a file is, by its content, and the package (zip) of an XLSX file: what
//! it may hold is settled before anything in it is parsed.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Cursor};

use zip::read::{ArchiveOffset, Config};
use zip::{CompressionMethod, ZipArchive};

use super::xml::{Budget, XmlPart};
use super::{INFLATED_BYTES_MAX, Refused, refused};
use crate::domain::text::Text;

/// Parts of a package.
const PARTS_MAX: usize = 2_000;
/// Tags, texts and attributes of all parts that are read: enough for
/// [`super::CELLS_MAX`] cells of formulas, or for every row of a sheet being formatted.
const STEPS_MAX: u64 = 4_000_000;
/// Bytes between two entries of the directory of a compound file.
const COMPOUND_ENTRY_BYTES: usize = 128;

/// What the first bytes of a file say.
pub(super) enum Content {
    Zip,
    Text,
    Refused(Box<Refused>),
}

impl Content {
    pub(super) fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"PK\x03\x04") {
            return Self::Zip;
        }
        let refused = if bytes.is_empty() || bytes.starts_with(b"PK\x05\x06") {
            Some(empty())
        } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
            Some(compound(bytes))
        } else {
            foreign(bytes)
        };
        refused.map_or(Self::Text, |refused| Self::Refused(Box::new(refused)))
    }
}

/// A file of an older Excel, or the envelope of an encrypted one.
fn compound(bytes: &[u8]) -> Refused {
    if has_stream(bytes, "EncryptedPackage") {
        return password();
    }
    if has_stream(bytes, "Workbook") || has_stream(bytes, "Book") {
        return Refused::new(
            Text::new(
                "古い形式のExcelファイル（.xls）は読めません。",
                "This is a workbook of an older Excel (.xls), which is not read.",
            ),
            refused::save_again(),
        );
    }
    no_table(
        "Microsoft Officeの旧形式の文書",
        "a document of an older Microsoft Office",
    )
}

/// Whether the directory of a compound file names a stream.
fn has_stream(bytes: &[u8], name: &str) -> bool {
    let mut wanted: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    wanted.extend_from_slice(&[0, 0]);
    bytes
        .chunks(COMPOUND_ENTRY_BYTES)
        .any(|entry| entry.starts_with(&wanted))
}

/// Known kinds of files that are no tables.
fn foreign(bytes: &[u8]) -> Option<Refused> {
    const BINARY: [(&[u8], &str, &str); 9] = [
        (b"%PDF-", "PDF", "a PDF"),
        (b"\x89PNG", "画像（PNG）", "a picture (PNG)"),
        (b"\xff\xd8\xff", "画像（JPEG）", "a picture (JPEG)"),
        (b"GIF8", "画像（GIF）", "a picture (GIF)"),
        (
            b"\x1f\x8b",
            "圧縮ファイル（gzip）",
            "a compressed file (gzip)",
        ),
        (
            b"7z\xbc\xaf\x27\x1c",
            "圧縮ファイル（7z）",
            "a compressed file (7z)",
        ),
        (
            b"Rar!\x1a",
            "圧縮ファイル（RAR）",
            "a compressed file (RAR)",
        ),
        (b"{\\rtf", "文書（RTF）", "a document (RTF)"),
        (b"SQLite format 3\0", "データベース", "a database"),
    ];
    for (magic, ja, en) in BINARY {
        if bytes.starts_with(magic) {
            return Some(no_table(ja, en));
        }
    }
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let start: Vec<u8> = text
        .trim_ascii_start()
        .iter()
        .take(64)
        .map(u8::to_ascii_lowercase)
        .collect();
    let begins = |prefix: &str| start.starts_with(prefix.as_bytes());
    if ["<!doctype html", "<html", "<table", "<head", "<meta"]
        .into_iter()
        .any(begins)
    {
        return Some(no_table("HTML（ホームページの形式）", "HTML (a web page)"));
    }
    if ["<?xml", "<workbook", "<!doctype"].into_iter().any(begins) {
        return Some(no_table("XML文書", "an XML document"));
    }
    None
}

fn no_table(ja: &str, en: &str) -> Refused {
    Refused::new(
        Text::new(
            format!("このファイルは表ではありません（{ja}）。"),
            format!("This file is no table but {en}."),
        ),
        Text::new(
            "Excelブック（.xlsx）またはCSVを送ってください。Excelで開けるものは、開いて「Excel ブック（*.xlsx）」で保存し直してください。",
            "Send an Excel workbook (.xlsx) or a CSV. What Excel can open can be saved there as “Excel Workbook (*.xlsx)”.",
        ),
    )
}

fn empty() -> Refused {
    Refused::new(
        Text::new("ファイルが空です。", "The file is empty."),
        Text::new(
            "実績を入力したファイルを選び直してください。",
            "Choose the file that the figures were entered in.",
        ),
    )
}

fn password() -> Refused {
    Refused::new(
        Text::new(
            "パスワードで保護されたファイルは読めません。",
            "The file is protected by a password and cannot be read.",
        ),
        Text::new(
            "Excelで開き、「ファイル」→「情報」→「ブックの保護」→「パスワードを使用して暗号化」でパスワードを消して保存してから送ってください。",
            "Open it in Excel, clear the password under File › Info › Protect Workbook › Encrypt with Password, save, and send it again.",
        ),
    )
}

/// The parts of a zip, none of them inflated before it is asked for.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Places by names in lower case, as the standard compares them.
    places: HashMap<String, usize>,
    budget: Budget,
}

impl<'a> Package<'a> {
    /// # Errors
    /// The zip is damaged, holds too much, or is not an XLSX workbook.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Refused> {
        // The file begins with its first part: there is nothing to search for.
        let config = Config {
            archive_offset: ArchiveOffset::Known(0),
        };
        let archive = ZipArchive::with_config(config, Cursor::new(bytes))
            .map_err(|_error| Refused::damaged("zip"))?;
        if archive.len() > PARTS_MAX {
            return Err(too_many_parts());
        }
        if archive.has_duplicate_names() {
            return Err(Refused::damaged("zip"));
        }
        let mut package = Self {
            archive,
            places: HashMap::new(),
            budget: Budget {
                inflated_left: INFLATED_BYTES_MAX,
                steps_left: Cell::new(STEPS_MAX),
            },
        };
        package.take_stock()?;
        Ok(package)
    }

    /// Looks at what every part says about itself.
    fn take_stock(&mut self) -> Result<(), Refused> {
        let mut declared: u64 = 0;
        let mut is_encrypted = false;
        let mut is_unusual = false;
        for index in 0..self.archive.len() {
            let part = self
                .archive
                .by_index_data(index)
                .map_err(|_error| Refused::damaged("zip"))?;
            declared = declared.saturating_add(part.size());
            is_encrypted |= part.encrypted();
            is_unusual |= !matches!(
                part.compression(),
                CompressionMethod::Stored | CompressionMethod::Deflated
            );
            let name = part.name().map_err(|_error| Refused::damaged("zip"))?;
            let name = name.replace('\\', "/").to_lowercase();
            if self.places.insert(name, index).is_some() {
                return Err(Refused::damaged("zip"));
            }
        }
        self.refuse_other_kinds()?;
        if is_encrypted {
            return Err(password());
        }
        if is_unusual {
            return Err(Refused::damaged("zip"));
        }
        if declared > INFLATED_BYTES_MAX {
            return Err(Refused::inflates_too_much());
        }
        Ok(())
    }

    /// Names the kinds of packages that are not read.
    fn refuse_other_kinds(&self) -> Result<(), Refused> {
        let holds = |name: &str| self.places.contains_key(name);
        let folders: HashSet<&str> = self
            .places
            .keys()
            .filter_map(|name| name.split_once('/'))
            .map(|(folder, _)| folder)
            .collect();
        if self
            .places
            .keys()
            .any(|name| name.ends_with("vbaproject.bin"))
        {
            return Err(macros());
        }
        if holds("xl/workbook.bin") {
            return Err(another_workbook(
                "Excelバイナリブック（.xlsb）",
                "an Excel binary workbook (.xlsb)",
            ));
        }
        if holds("content.xml") && (holds("meta-inf/manifest.xml") || holds("mimetype")) {
            return Err(another_workbook(
                "OpenDocument（.ods）",
                "an OpenDocument file (.ods)",
            ));
        }
        if holds("[content_types].xml") {
            return if folders.contains("word") {
                Err(no_table("Word文書", "a Word document"))
            } else if folders.contains("ppt") {
                Err(no_table("PowerPoint文書", "a PowerPoint presentation"))
            } else {
                Ok(())
            };
        }
        Err(no_table("圧縮ファイル（zip）", "a compressed file (zip)"))
    }

    /// Names of the parts, in lower case.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// Opens a part by its path; `None` where there is none.
    pub(super) fn part(&mut self, path: &str, place: &str) -> Result<Option<XmlPart<'_>>, Refused> {
        let Some(index) = self.places.get(&path.to_lowercase()) else {
            return Ok(None);
        };
        let part = self
            .archive
            .by_index(*index)
            .map_err(|_error| Refused::damaged(place))?;
        let source = Box::new(BufReader::new(part));
        Ok(Some(XmlPart::new(source, &mut self.budget, place)))
    }
}

fn too_many_parts() -> Refused {
    Refused::too_large(
        Text::new(
            format!("ファイルの中の部品（シート・画像など）が多すぎます。上限は{PARTS_MAX}です。"),
            format!("The file holds too many parts (sheets, pictures, …): at most {PARTS_MAX}."),
        ),
        refused::only_the_figures(),
    )
}

fn another_workbook(ja: &str, en: &str) -> Refused {
    Refused::new(
        Text::new(
            format!("{ja}は読めません。"),
            format!("This is {en}, which is not read."),
        ),
        refused::save_again(),
    )
}

pub(super) fn macros() -> Refused {
    Refused::new(
        Text::new(
            "マクロを含むファイルは受け取れません。",
            "The file holds macros and is not taken.",
        ),
        Text::new(
            "Excelで開き、「名前を付けて保存」で「Excel ブック（*.xlsx）」を選び、マクロなしで保存したものを送ってください。",
            "Open it in Excel, use “Save As” with the type “Excel Workbook (*.xlsx)”, which leaves the macros out, and send that file.",
        ),
    )
}
