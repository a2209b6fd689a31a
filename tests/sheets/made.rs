//! Packages made by hand, as no honest program writes them.

use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
pub const RELATIONSHIP: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A workbook of one sheet, with every part as a text that can be replaced.
pub struct Book {
    parts: Vec<(String, Vec<u8>)>,
}

impl Book {
    /// A sheet of these rows.
    pub fn of(rows: &str) -> Self {
        Self::of_sheet(&format!("<sheetData>{rows}</sheetData>"))
    }

    pub fn of_sheet(body: &str) -> Self {
        let mut book = Self { parts: Vec::new() };
        book.part("[Content_Types].xml", TYPES)
            .part("_rels/.rels", ROOT)
            .part(
                "xl/workbook.xml",
                &workbook("", r#"<sheet name="Sheet1" sheetId="1" r:id="rId1"/>"#),
            )
            .part(
                "xl/_rels/workbook.xml.rels",
                &relationships(&[
                    ("rId1", "worksheet", "worksheets/sheet1.xml"),
                    ("rId2", "styles", "styles.xml"),
                    ("rId3", "sharedStrings", "sharedStrings.xml"),
                ]),
            )
            .part("xl/worksheets/sheet1.xml", &worksheet(body));
        book
    }

    /// Adds a part, or replaces it.
    pub fn part(&mut self, name: &str, text: &str) -> &mut Self {
        self.bytes(name, text.as_bytes())
    }

    pub fn bytes(&mut self, name: &str, bytes: &[u8]) -> &mut Self {
        self.parts.retain(|(known, _)| known != name);
        self.parts.push((name.to_owned(), bytes.to_owned()));
        self
    }

    pub fn without(&mut self, name: &str) -> &mut Self {
        self.parts.retain(|(known, _)| known != name);
        self
    }

    /// Formats of cells, by the codes of their numbers: style 1 is the first of them.
    pub fn formats(&mut self, codes: &[&str]) -> &mut Self {
        let ids = 200..;
        let formats: String = ids
            .clone()
            .zip(codes)
            .map(|(id, code)| {
                format!(
                    r#"<numFmt numFmtId="{id}" formatCode="{}"/>"#,
                    escaped(code)
                )
            })
            .collect();
        let ids: Vec<u32> = ids.take(codes.len()).collect();
        self.styles(&formats, &ids)
    }

    /// Formats of cells, by the numbers that formats have in any workbook.
    pub fn numbered_formats(&mut self, ids: &[u32]) -> &mut Self {
        self.styles("", ids)
    }

    fn styles(&mut self, formats: &str, ids: &[u32]) -> &mut Self {
        let cells: String = ids
            .iter()
            .map(|id| format!(r#"<xf numFmtId="{id}" applyNumberFormat="1"/>"#))
            .collect();
        let styles = format!(
            r#"<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellStyleXfs><xf numFmtId="9"/><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>{cells}</cellXfs></styleSheet>"#
        );
        self.part("xl/styles.xml", &styles)
    }

    pub fn strings(&mut self, items: &str) -> &mut Self {
        let strings = format!(r#"<sst xmlns="{MAIN}">{items}</sst>"#);
        self.part("xl/sharedStrings.xml", &strings)
    }

    pub fn zip(&self) -> Vec<u8> {
        zip(self
            .parts
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
    }
}

pub fn worksheet(body: &str) -> String {
    format!(r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">{body}</worksheet>"#)
}

pub fn workbook(properties: &str, sheets: &str) -> String {
    format!(
        r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONSHIP}">{properties}<sheets>{sheets}</sheets></workbook>"#
    )
}

/// Relationships by identifier, kind and target.
pub fn relationships(entries: &[(&str, &str, &str)]) -> String {
    let entries: String = entries
        .iter()
        .map(|(id, kind, target)| {
            format!(r#"<Relationship Id="{id}" Type="{RELATIONSHIP}/{kind}" Target="{target}"/>"#)
        })
        .collect();
    format!(
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{entries}</Relationships>"#
    )
}

pub fn zip<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Replaces bytes wherever they stand, by as many others.
pub fn patched(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = (0..bytes.len().saturating_sub(from.len()))
        .filter(|place| bytes[*place..].starts_with(from))
        .collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place..place + to.len()].copy_from_slice(to);
    }
    bytes
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
