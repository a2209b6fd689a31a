//! XLSX workbooks: from the package to sheets of cells.
//!
//! Parts are streamed, each once: a cell's value, its formula and its format are
//! needed together, and what is kept is bounded by the limits of
//! [`crate::sheets`], whatever the file says about its own size.

mod cells;
mod number;
mod number_format;
mod strings;

use std::collections::HashMap;

use self::number_format::{Shown, builtin, custom};
use self::strings::Strings;
use super::package::{self, Package};
use super::tally::Tally;
use super::xml::{Step, XmlPart};
use super::{Refused, SHEET_NAME_CHARS_MAX, SHEETS_MAX, refused};
use crate::domain::sheet::{FileFormat, Sheet, Workbook};
use crate::domain::text::Text;

/// Relationships of a part.
const RELATIONSHIPS_MAX: usize = 1_000;
/// Formats of cells; Excel has no more itself.
const CELL_FORMATS_MAX: usize = 65_490;
/// Formats of numbers that a workbook defines, and the length of their codes in bytes.
const NUMBER_FORMATS_MAX: usize = 5_000;
const FORMAT_CODE_BYTES_MAX: usize = 2_000;

/// What a sheet's cells refer to.
struct Shared {
    strings: Strings,
    /// How a cell of each style shows a number.
    styles: Vec<Shown>,
    epoch: number::Epoch,
}

/// Reads a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Workbook, Refused> {
    let mut package = Package::open(bytes)?;
    if package.names().any(|name| name.contains("externallinks/")) {
        return Err(external_links());
    }
    let root = relationships(&mut package, "_rels/.rels", "")?;
    let book = root
        .values()
        .find(|target| target.kind == "officeDocument")
        .map(|target| target.path.clone())
        .ok_or_else(|| Refused::damaged("_rels/.rels"))?;
    let (folder, name) = book.rsplit_once('/').unwrap_or(("", &book));
    let related = relationships(&mut package, &format!("{folder}/_rels/{name}.rels"), folder)?;
    if related.values().any(|target| target.kind == "externalLink") {
        return Err(external_links());
    }
    let outline = outline(&mut package, &book)?;
    let path_of = |kind: &str| related.values().find(|target| target.kind == kind);
    let shared = Shared {
        strings: match path_of("sharedStrings") {
            Some(target) => Strings::read(&mut package, &target.path)?,
            None => Strings::default(),
        },
        styles: match path_of("styles") {
            Some(target) => styles(&mut package, &target.path)?,
            None => Vec::new(),
        },
        epoch: outline.epoch,
    };
    let mut tally = Tally::default();
    let mut sheets = Vec::new();
    for entry in outline.sheets {
        let target = related
            .get(&entry.relationship)
            .ok_or_else(|| Refused::damaged("workbook"))?;
        match target.kind.as_str() {
            "worksheet" => {}
            "xlMacrosheet" | "xlIntlMacrosheet" => return Err(package::macros()),
            // Charts and dialogs hold no cells.
            _ => continue,
        }
        let mut sheet = Sheet {
            name: entry.name,
            is_hidden: entry.is_hidden,
            ..Sheet::default()
        };
        let place = sheet.name.clone();
        let mut part = package
            .part(&target.path, &place)?
            .ok_or_else(|| Refused::damaged(&place))?;
        cells::read(&mut part, &shared, &mut tally, &mut sheet)?;
        sheets.push(sheet);
    }
    Ok(Workbook {
        format: FileFormat::Xlsx,
        encoding: None,
        delimiter: None,
        sheets,
    })
}

/// Another part that a part refers to.
struct Target {
    /// The last word of the relationship's type.
    kind: String,
    path: String,
}

/// What a part refers to, by the identifiers that it uses.
fn relationships(
    package: &mut Package<'_>,
    path: &str,
    folder: &str,
) -> Result<HashMap<String, Target>, Refused> {
    let place = path.trim_start_matches('/');
    let mut part = package
        .part(place, place)?
        .ok_or_else(|| Refused::damaged(place))?;
    let mut found = HashMap::new();
    loop {
        match part.next()? {
            Step::Start if part.name() == "Relationship" => {
                let [Some(id), Some(kind), Some(target)] =
                    part.attributes(["Id", "Type", "Target"])?
                else {
                    return Err(part.damaged());
                };
                let target = Target {
                    kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                    path: resolved(folder, &target),
                };
                found.insert(id.into_owned(), target);
                if found.len() > RELATIONSHIPS_MAX {
                    return Err(part.damaged());
                }
            }
            Step::Over => return Ok(found),
            _ => {}
        }
    }
}

/// The path of a part that is named from within a folder.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut names: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        folder.split('/').collect()
    };
    for name in target.split('/') {
        match name {
            ".." => {
                names.pop();
            }
            "." => {}
            _ => names.push(name),
        }
    }
    names.retain(|name| !name.is_empty());
    names.join("/")
}

/// A sheet as the workbook lists it.
struct Listed {
    name: String,
    relationship: String,
    is_hidden: bool,
}

struct Outline {
    sheets: Vec<Listed>,
    epoch: number::Epoch,
}

/// What the workbook says about its sheets and dates.
fn outline(package: &mut Package<'_>, path: &str) -> Result<Outline, Refused> {
    let mut part = package
        .part(path, "workbook")?
        .ok_or_else(|| Refused::damaged("workbook"))?;
    let mut outline = Outline {
        sheets: Vec::new(),
        epoch: number::Epoch::Of1900,
    };
    loop {
        match part.next()? {
            Step::Start if part.name() == "workbookPr" => {
                if let Some(flag) = part.attribute("date1904")?
                    && matches!(flag.as_ref(), "1" | "true" | "on")
                {
                    outline.epoch = number::Epoch::Of1904;
                }
            }
            Step::Start if part.name() == "sheet" => {
                outline.sheets.push(listed(&part)?);
                if outline.sheets.len() > SHEETS_MAX {
                    return Err(too_many_sheets());
                }
            }
            Step::Over => return Ok(outline),
            _ => {}
        }
    }
}

fn listed(part: &XmlPart<'_>) -> Result<Listed, Refused> {
    let [Some(name), Some(relationship), state] = part.attributes(["name", "id", "state"])? else {
        return Err(part.damaged());
    };
    if name.chars().count() > SHEET_NAME_CHARS_MAX {
        return Err(long_sheet_name());
    }
    Ok(Listed {
        name: name.into_owned(),
        relationship: relationship.into_owned(),
        is_hidden: matches!(state.as_deref(), Some("hidden" | "veryHidden")),
    })
}

/// How each style of cell shows a number.
fn styles(package: &mut Package<'_>, path: &str) -> Result<Vec<Shown>, Refused> {
    let Some(mut part) = package.part(path, "styles")? else {
        return Ok(Vec::new());
    };
    let mut own: HashMap<u32, Shown> = HashMap::new();
    let mut defined = 0;
    let mut styles = Vec::new();
    let mut is_in_cell_formats = false;
    loop {
        match part.next()? {
            Step::Start if part.name() == "numFmt" => {
                let [id, code] = part.attributes(["numFmtId", "formatCode"])?;
                if let (Some(id), Some(code)) = (id.and_then(|id| id.parse().ok()), code) {
                    defined += 1;
                    if defined > NUMBER_FORMATS_MAX || code.len() > FORMAT_CODE_BYTES_MAX {
                        return Err(part.damaged());
                    }
                    own.insert(id, custom(&code));
                }
            }
            Step::Start if part.name() == "cellXfs" => is_in_cell_formats = true,
            Step::End if part.name() == "cellXfs" => is_in_cell_formats = false,
            Step::Start if is_in_cell_formats && part.name() == "xf" => {
                let id: u32 = part
                    .attribute("numFmtId")?
                    .and_then(|id| id.parse().ok())
                    .unwrap_or_default();
                styles.push(own.get(&id).copied().unwrap_or_else(|| builtin(id)));
                if styles.len() > CELL_FORMATS_MAX {
                    return Err(part.damaged());
                }
            }
            Step::Over => return Ok(styles),
            _ => {}
        }
    }
}

fn too_many_sheets() -> Refused {
    Refused::too_large(
        Text::new(
            format!("シートが多すぎます。上限は{SHEETS_MAX}です。"),
            format!("The workbook has too many sheets: at most {SHEETS_MAX}."),
        ),
        refused::only_the_figures(),
    )
}

fn long_sheet_name() -> Refused {
    Refused::new(
        Text::new(
            format!("シート名が長すぎます。上限は{SHEET_NAME_CHARS_MAX}文字です。"),
            format!("The name of a sheet is too long: at most {SHEET_NAME_CHARS_MAX} characters."),
        ),
        refused::save_again(),
    )
}

fn external_links() -> Refused {
    Refused::new(
        Text::new(
            "ほかのブックへのリンクを含むため読めません。値が古い可能性があります。",
            "The workbook is linked to other workbooks and is not read: its values may be stale.",
        ),
        Text::new(
            "Excelの「データ」→「リンクの編集」（または「ブックのリンク」）で「リンクの解除」をして値に置き換え、保存してから送ってください。",
            "In Excel, use Data › Edit Links (Workbook Links) › Break Link, which puts values in their place, save, and send the file again.",
        ),
    )
}
