//! Files of other kinds, each refused by its name and with what to do.

use crate::made::{Book, relationships, zip};
use crate::refused;

/// A compound file whose directory names these streams.
fn compound(streams: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    bytes.resize(512, 0);
    for stream in streams {
        let mut entry: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry.resize(128, 0);
        bytes.extend(entry);
    }
    bytes
}

#[test]
fn each_kind_is_named() {
    let xlsx = || Book::of("<row><c><v>1</v></c></row>");
    let mut linked = xlsx();
    linked.part("xl/externalLinks/externalLink1.xml", "<externalLink/>");
    let mut linked_elsewhere = xlsx();
    linked_elsewhere.part(
        "xl/_rels/workbook.xml.rels",
        &relationships(&[
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId9", "externalLink", "links/1.xml"),
        ]),
    );
    let mut macro_sheet = xlsx();
    macro_sheet.part(
        "xl/_rels/workbook.xml.rels",
        &relationships(&[("rId1", "xlMacrosheet", "macrosheets/sheet1.xml")]),
    );
    for (bytes, word) in [
        (
            compound(&["Root Entry", "EncryptionInfo", "EncryptedPackage"]),
            "パスワード",
        ),
        (compound(&["Root Entry", "Workbook"]), ".xls"),
        (compound(&["Root Entry", "Book"]), ".xls"),
        (compound(&["Root Entry", "WordDocument"]), "文書"),
        (
            xlsx().bytes("xl/vbaProject.bin", b"\xd0\xcf").zip(),
            "マクロ",
        ),
        (macro_sheet.zip(), "マクロ"),
        (linked.zip(), "リンク"),
        (linked_elsewhere.zip(), "リンク"),
        (xlsx().part("xl/workbook.bin", "").zip(), ".xlsb"),
        (
            zip([
                (
                    "mimetype",
                    b"application/vnd.oasis.opendocument.spreadsheet".as_slice(),
                ),
                ("content.xml", b"<x/>"),
            ]),
            ".ods",
        ),
        (
            zip([
                ("[Content_Types].xml", b"<x/>".as_slice()),
                ("word/document.xml", b"<x/>"),
            ]),
            "Word",
        ),
        (
            zip([
                ("[Content_Types].xml", b"<x/>".as_slice()),
                ("ppt/presentation.xml", b"<x/>"),
            ]),
            "PowerPoint",
        ),
        (zip([("a.csv", b"a,b".as_slice())]), "zip"),
        (
            b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
            "空",
        ),
        (b"%PDF-1.7\n".to_vec(), "PDF"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "PNG"),
        (b"\xff\xd8\xff\xe0".to_vec(), "JPEG"),
        (b"\x1f\x8b\x08".to_vec(), "gzip"),
        (b"<!DOCTYPE html>\n<html>".to_vec(), "HTML"),
        ("\u{feff}\r\n<TABLE><tr>".as_bytes().to_vec(), "HTML"),
        (b"<?xml version=\"1.0\"?><Workbook/>".to_vec(), "XML"),
        (b"".to_vec(), "空"),
    ] {
        let refused = refused(&bytes);
        assert!(
            refused.message.ja.contains(word),
            "{word}: {}",
            refused.message.ja
        );
        assert!(!refused.too_large, "{word}");
    }
}

#[test]
fn locked_zips_ask_for_no_password() {
    let mut bytes = Book::of("").zip();
    // The flag of encryption, in every header.
    for (magic, offset) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let places: Vec<usize> = (0..bytes.len() - 4)
            .filter(|place| bytes[*place..].starts_with(magic))
            .collect();
        for place in places {
            bytes[place + offset] |= 1;
        }
    }
    assert!(refused(&bytes).message.ja.contains("パスワード"));
}
