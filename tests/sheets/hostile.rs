//! Packages that no honest program writes: refused, never believed.

use proptest::prelude::*;
use shirube::sheets::{COLUMNS_MAX, MERGED_MAX, ReadOptions, SHEETS_MAX, TEXT_CHARS_MAX, read};

use crate::made::{Book, patched, relationships, workbook, worksheet};
use crate::{only_sheet, refused};

fn row(cells: &str) -> Vec<u8> {
    Book::of(&format!("<row>{cells}</row>")).zip()
}

#[test]
fn damaged_parts_are_refused() {
    let sheet = |xml: &str| Book::of("").part("xl/worksheets/sheet1.xml", xml).zip();
    for bytes in [
        sheet(""),
        sheet("<worksheet>"),
        sheet("<worksheet><sheetData></worksheet>"),
        sheet("<worksheet><sheetData><row><c><v>1</v></c></row>"),
        sheet("<worksheet><sheetData><row><c><v>&undefined;</v></c></row></sheetData></worksheet>"),
        sheet("<worksheet><sheetData><row><c><v>&#0;</v></c></row></sheetData></worksheet>"),
        sheet("<worksheet><sheetData><row><c><v>& </v></c></row></sheetData></worksheet>"),
        sheet(&worksheet(&format!(
            "{}{}",
            "<a>".repeat(1_000),
            "</a>".repeat(1_000)
        ))),
        Book::of("")
            .bytes("xl/worksheets/sheet1.xml", b"<worksheet>\xff</worksheet>")
            .zip(),
        row(r#"<c t="?"><v>1</v></c>"#),
        row(r#"<c t="s"><v>0</v></c>"#),
        row(r#"<c t="s"><v>-1</v></c>"#),
        row(r#"<c t="s"><v>99999999999999999999999</v></c>"#),
        row(r#"<c r="A2"><v>1</v></c>"#),
        row(r#"<c r="B1"><v>1</v></c><c r="A1"><v>1</v></c>"#),
        row(r#"<c r="A1"><v>1</v></c><c r="A1"><v>1</v></c>"#),
        row(r#"<c r="ZZZZ1"><v>1</v></c>"#),
        row("<c r=\"A1\u{0}\"><v>1</v></c>"),
        row("<c r=A1><v>1</v></c>"),
        Book::of(r#"<row r="2"/><row r="1"/>"#).zip(),
        Book::of(r#"<row r="0"/>"#).zip(),
        Book::of(r#"<row r="1048577"/>"#).zip(),
        Book::of(r#"<row r="4294967296"/>"#).zip(),
        Book::of_sheet(r#"<sheetData/><mergeCells><mergeCell ref="A2:A1"/></mergeCells>"#).zip(),
        Book::of_sheet(r#"<sheetData/><mergeCells><mergeCell ref="?"/></mergeCells>"#).zip(),
        Book::of_sheet("<sheetData/><mergeCells><mergeCell/></mergeCells>").zip(),
        Book::of_sheet(
            "<sheetData><row r=\"2\"/></sheetData><sheetData><row r=\"1\"/></sheetData>",
        )
        .zip(),
        Book::of("").without("xl/worksheets/sheet1.xml").zip(),
        Book::of("").without("xl/workbook.xml").zip(),
        Book::of("").without("xl/_rels/workbook.xml.rels").zip(),
        Book::of("").without("_rels/.rels").zip(),
        Book::of("").part("_rels/.rels", &relationships(&[])).zip(),
        Book::of("")
            .part("xl/_rels/workbook.xml.rels", &relationships(&[]))
            .zip(),
        Book::of("")
            .part(
                "_rels/.rels",
                &relationships(&[("a", "officeDocument", "../../../etc/passwd")]),
            )
            .zip(),
    ] {
        let refused = refused(&bytes);
        assert!(!refused.too_large, "{refused:?}");
    }
}

#[test]
fn document_types_are_refused_wherever_they_stand() {
    let bomb = r#"<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>"#;
    let mut books = [
        Book::of(""),
        Book::of(""),
        Book::of(""),
        Book::of(""),
        Book::of(""),
        Book::of(""),
    ];
    for (book, part) in books.iter_mut().zip([
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/worksheets/sheet1.xml",
        "xl/styles.xml",
        "xl/sharedStrings.xml",
    ]) {
        let bytes = book
            .part(part, &format!("<?xml version=\"1.0\"?>{bomb}<x>&lol2;</x>"))
            .zip();
        assert!(refused(&bytes).message.ja.contains("DTD"), "{part}");
    }
}

#[test]
fn damaged_zips_are_refused() {
    let whole = Book::of("<row><c><v>1</v></c></row>").zip();
    only_sheet(&whole);
    for length in [4, 30, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..length]);
    }
    // A name that stands twice, and one that does so in another case.
    let mut twice = Book::of("");
    twice.part("xl/worksheets/sheet2.xml", "");
    for name in ["xl/worksheets/sheet1.xml", "xl/worksheets/SHEET1.xml"] {
        refused(&patched(
            twice.zip(),
            b"xl/worksheets/sheet2.xml",
            name.as_bytes(),
        ));
    }
    // A sum that is wrong.
    let mut content = Book::of("<row><c><v>1</v></c></row>");
    content.part("xl/worksheets/sheet1.xml", &worksheet("<sheetData/>"));
    let bytes = content.zip();
    let place = bytes
        .windows(4)
        .rposition(|four| four == b"PK\x01\x02")
        .unwrap();
    let mut wrong = bytes.clone();
    wrong[place + 16] ^= 0xff;
    refused(&wrong);
    // A way of packing that nobody uses.
    let mut packed = bytes;
    packed[place + 10] = 99;
    refused(&packed);
}

#[test]
fn limits_are_named() {
    let last = "A".repeat(TEXT_CHARS_MAX);
    only_sheet(&row(&format!(r#"<c t="str"><v>{last}</v></c>"#)));
    let sheets: String = (0..=SHEETS_MAX)
        .map(|sheet| format!(r#"<sheet name="{sheet}" r:id="rId1"/>"#))
        .collect();
    let merged: String = (1..=MERGED_MAX + 1)
        .map(|row| format!(r#"<mergeCell ref="A{row}:B{row}"/>"#))
        .collect();
    let filled = "<row><c><v>1</v></c></row>".repeat(MERGED_MAX + 1);
    let right = "<c/>".repeat(usize::try_from(COLUMNS_MAX).unwrap()) + "<c><v>1</v></c>";
    let mut parts = Book::of("");
    for part in 0..2_000 {
        parts.part(&format!("docProps/{part}.xml"), "");
    }
    for (bytes, word) in [
        (row(&format!(r#"<c t="str"><v>{last}A</v></c>"#)), "文字"),
        (
            row(&format!(
                r#"<c t="inlineStr"><is><r><t>{last}</t></r><r><t>A</t></r></is></c>"#
            )),
            "文字",
        ),
        (
            row(&format!("<c a=\"{}\"/>", " ".repeat(2_000_000))),
            "文字",
        ),
        (row(&right), "ALL列"),
        (row(r#"<c r="XFD1"><v>1</v></c>"#), "ALL列"),
        (
            Book::of(&"<row><c><v>1</v></c></row>".repeat(20_001)).zip(),
            "行",
        ),
        (
            Book::of(&format!("<row>{}</row>", "<c><v>1</v></c>".repeat(500)).repeat(401)).zip(),
            "セル",
        ),
        (
            Book::of("")
                .part("xl/workbook.xml", &workbook("", &sheets))
                .zip(),
            "シート",
        ),
        (
            Book::of_sheet(&format!(
                "<sheetData>{filled}</sheetData><mergeCells>{merged}</mergeCells>"
            ))
            .zip(),
            "結合",
        ),
        (parts.zip(), "部品"),
        ("a,b\n".repeat(20_001).into_bytes(), "行"),
        (
            format!("{},b\n", "a".repeat(TEXT_CHARS_MAX + 1)).into_bytes(),
            "文字",
        ),
        (format!("{}a\n", ",".repeat(1_000)).into_bytes(), "ALL列"),
        (vec![b' '; 5 * 1_024 * 1_024 + 1], "大きすぎ"),
    ] {
        let refused = refused(&bytes);
        assert!(
            refused.message.ja.contains(word),
            "{word}: {}",
            refused.message.ja
        );
        assert!(refused.too_large, "{word}");
    }
}

/// One text in many cells: small in the file, large in memory.
#[test]
fn one_text_in_many_cells_is_counted_each_time() {
    let long = format!("<si><t>{}</t></si>", "あ".repeat(TEXT_CHARS_MAX));
    let cells = format!("<row>{}</row>", r#"<c t="s"><v>0</v></c>"#.repeat(500));
    let refused = refused(&Book::of(&cells).strings(&long).zip());
    assert!(refused.too_large);
    assert!(
        refused.message.ja.contains("文字の量"),
        "{}",
        refused.message.ja
    );
}

/// Other libraries set memory aside for as many texts as a file claims to hold.
#[test]
fn stated_sizes_are_not_believed() {
    let mut book = Book::of(r#"<row><c t="s"><v>0</v></c></row>"#);
    book.part(
        "xl/sharedStrings.xml",
        r#"<sst count="99999999999999" uniqueCount="99999999999999"><si><t>a</t></si></sst>"#,
    );
    only_sheet(&book.zip());
    only_sheet(
        &Book::of_sheet(
            r#"<dimension ref="A1:XFD1048576"/><sheetData><row><c><v>1</v></c></row></sheetData>"#,
        )
        .zip(),
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is changed, cut or doubled: an answer, and no panic.
    #[test]
    fn damage_is_survived(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = sample();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes, &ReadOptions::default());
    }

    /// The same within the sheet, where no checksum of the zip comes first.
    #[test]
    fn damaged_xml_is_survived(place in any::<prop::sample::Index>(), insert in "[<>/&;\"'a-z0-9!=\\[\\]-]{0,6}", drop in 0_usize..6) {
        let mut xml = worksheet(r#"<sheetData><row r="1"><c r="A1" t="inlineStr"><is><r><t>a&amp;b</t></r></is></c><c r="B1" s="1"><f>1</f><v>46997</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>"#);
        let at = place.index(xml.len());
        xml.replace_range(at..(at + drop).min(xml.len()), &insert);
        let bytes = Book::of("").formats(&["ge.m.d"]).part("xl/worksheets/sheet1.xml", &xml).zip();
        let _ = read(&bytes, &ReadOptions::default());
    }
}

fn sample() -> Vec<u8> {
    Book::of(r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>46997</v></c></row>"#)
        .formats(&["ge.m.d"])
        .strings("<si><t>拠点</t></si>")
        .zip()
}
