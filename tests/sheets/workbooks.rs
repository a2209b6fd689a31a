//! Workbooks as Excel and other programs write them.

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Writer, Worksheet};
use shirube::domain::sheet::{Cell, FileFormat, Merged};

use crate::made::{Book, relationships, workbook, worksheet};
use crate::{at, date, number, only_sheet, opened, percent, position, text};

/// A workbook of Excel's own form with one sheet.
fn written(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Writer::new();
    fill(book.add_worksheet().set_name("実績").unwrap());
    book.save_to_buffer().unwrap()
}

#[test]
fn a_sheet_of_every_kind_of_value() {
    let day = Format::new().set_num_format("yyyy\"年\"m\"月\"");
    let bytes = written(|sheet| {
        sheet.write(0, 0, "項目コード").unwrap();
        sheet.write(2, 0, "consult").unwrap();
        sheet.write(2, 1, 1234).unwrap();
        sheet.write(2, 2, 0.1 + 0.2).unwrap();
        sheet.write(2, 3, true).unwrap();
        let september = ExcelDateTime::from_ymd(2028, 9, 1).unwrap();
        sheet.write_with_format(2, 4, &september, &day).unwrap();
        sheet
            .write(2, 5, Formula::new("=1/0").set_result("#DIV/0!"))
            .unwrap();
        sheet
            .write(2, 6, Formula::new("=B3*2").set_result("2468"))
            .unwrap();
        sheet
            .write(2, 7, Formula::new("=\"\"").set_result(""))
            .unwrap();
        let percentage = Format::new().set_num_format("0.0%");
        sheet.write_with_format(2, 8, 0.125, &percentage).unwrap();
        let triangle = Format::new().set_num_format("#,##0;△#,##0");
        sheet.write_with_format(2, 9, -5, &triangle).unwrap();
    });
    let book = opened(&bytes);
    assert_eq!(
        (book.format, book.encoding, book.delimiter),
        (FileFormat::Xlsx, None, None)
    );
    let sheet = only_sheet(&bytes);
    assert_eq!(sheet.name, "実績");
    let kept: Vec<(u32, usize)> = sheet
        .rows
        .iter()
        .map(|row| (row.index, row.cells.len()))
        .collect();
    assert_eq!(kept, [(0, 1), (2, 10)]);
    for (reference, cell) in [
        ("A1", text("項目コード")),
        ("A3", text("consult")),
        ("B3", number("1234")),
        ("C3", number("0.3")),
        ("D3", Cell::Boolean(true)),
        ("E3", date("2028-09-01")),
        ("F3", Cell::Error("#DIV/0!".to_owned())),
        ("G3", number("2468")),
        ("H3", number("0")),
        ("I3", percent("0.125")),
        ("J3", number("-5")),
    ] {
        assert_eq!(at(&sheet, reference), Some(&cell), "{reference}");
    }
}

#[test]
fn dates_in_whatever_calendar() {
    let codes = [
        "[$-411]ge.m.d",
        "[$-411]ggge\"年\"m\"月\"",
        "ggge\"年\"m\"月\"d\"日\";@",
        "[$-ja-JP-x-gannen]ggge\"年\"m\"月\"d\"日\"",
        "[$-411]e\"年度\"",
        "yyyy\"年\"m\"月\"",
        "yyyy/mm",
        "m\"月\"",
        "mmm-yy",
        "yyyy-mm-dd hh:mm",
    ];
    let row = |styles: usize| -> String {
        let cells: String = (1..=styles)
            .map(|style| format!(r#"<c s="{style}"><v>46997.75</v></c>"#))
            .collect();
        format!("<row>{cells}</row>")
    };
    let sheet = only_sheet(&Book::of(&row(codes.len())).formats(&codes).zip());
    for (_, cell) in &sheet.rows[0].cells {
        assert_eq!(cell, &date("2028-09-01"));
    }
    let ids: Vec<u32> = (14..=17)
        .chain([22])
        .chain(27..=31)
        .chain(34..=36)
        .chain(50..=58)
        .collect();
    let sheet = only_sheet(&Book::of(&row(ids.len())).numbered_formats(&ids).zip());
    assert_eq!(sheet.rows[0].cells.len(), ids.len());
    for (_, cell) in &sheet.rows[0].cells {
        assert_eq!(cell, &date("2028-09-01"));
    }
    let mut early = Book::of(&row(1));
    early.formats(&codes).part(
        "xl/workbook.xml",
        &workbook(
            r#"<workbookPr date1904="1"/>"#,
            r#"<sheet name="S" r:id="rId1"/>"#,
        ),
    );
    assert_eq!(
        at(&only_sheet(&early.zip()), "A1"),
        Some(&date("2032-09-02"))
    );
}

#[test]
fn what_looks_like_a_date_and_is_none() {
    let codes = ["h:mm", "[h]:mm", "yyyy/m", "0\"年度\"", "General"];
    let rows = r#"<row><c s="1"><v>0.5</v></c><c s="2"><v>1.5</v></c><c s="3"><v>-1</v></c><c s="4"><v>2028</v></c><c s="5"><v>46997</v></c><c s="99"><v>1</v></c><c t="d"><v>2028-09-01T00:00:00</v></c><c t="d"><v>12:00</v></c></row>"#;
    let sheet = only_sheet(&Book::of(rows).formats(&codes).zip());
    let cells: Vec<Cell> = sheet.rows[0]
        .cells
        .iter()
        .map(|(_, cell)| cell.clone())
        .collect();
    assert_eq!(
        cells,
        [
            text("12:00"),
            text("36:00"),
            number("-1"),
            number("2028"),
            number("46997"),
            number("1"),
            date("2028-09-01"),
            text("12:00"),
        ]
    );
}

#[test]
fn formulas_with_and_without_a_result() {
    let rows = r#"<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c><c r="C1"><f>1+1</f><v></v></c><c r="D1"><f>1+1</f><v/></c><c r="E1" t="str"><f>""</f><v></v></c><c r="F1" t="str"><f>"a"</f><v>a</v></c><c r="G1"><f t="shared" ref="G1:G2" si="0">A1</f><v>2</v></c><c r="H1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="I1" t="b"><f>1=1</f><v>1</v></c></row><row r="2"><c r="G2"><f t="shared" si="0"/></c><c r="H2" t="str"><f>"?"</f></c></row>"#;
    let sheet = only_sheet(&Book::of(rows).zip());
    for (reference, cell) in [
        ("A1", Some(number("2"))),
        ("B1", Some(Cell::NotCalculated)),
        ("C1", Some(Cell::NotCalculated)),
        ("D1", Some(Cell::NotCalculated)),
        ("E1", None),
        ("F1", Some(text("a"))),
        ("G1", Some(number("2"))),
        ("H1", Some(Cell::Error("#DIV/0!".to_owned()))),
        ("I1", Some(Cell::Boolean(true))),
        ("G2", Some(Cell::NotCalculated)),
        ("H2", Some(Cell::NotCalculated)),
    ] {
        assert_eq!(at(&sheet, reference), cell.as_ref(), "{reference}");
    }
}

#[test]
fn texts_are_put_together_and_read_aloud_by_nobody() {
    let rows = r#"<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c><c t="inlineStr"><is><t>行</t><rPh sb="0" eb="1"><t>ギョウ</t></rPh></is></c><c t="inlineStr"><is><r><t>太</t></r><r><rPr><b/></rPr><t>字</t></r></is></c><c t="str"><v> 前後 </v></c><c t="str"><v>&#9;&#x3042;<![CDATA[&]]></v></c><c t="inlineStr"><is><t>'-5</t></is></c><c t="inlineStr"><is><t>　 </t></is></c></row>"#;
    let strings = r#"<si><t>拠点&amp;本部</t></si><si><r><t>東</t></r><r><t xml:space="preserve">京 </t></r><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si><si/><si><t>a_x000D_b</t></si>"#;
    let sheet = only_sheet(&Book::of(rows).strings(strings).zip());
    for (reference, cell) in [
        ("A1", Some(text("拠点&本部"))),
        ("B1", Some(text("東京 "))),
        ("C1", None),
        ("D1", Some(text("a\rb"))),
        ("E1", Some(text("行"))),
        ("F1", Some(text("太字"))),
        ("G1", Some(text(" 前後 "))),
        ("H1", Some(text("\tあ&"))),
        ("I1", Some(text("-5"))),
        ("J1", None),
    ] {
        assert_eq!(at(&sheet, reference), cell.as_ref(), "{reference}");
    }
}

#[test]
fn joined_headings_show_in_every_cell() {
    let bytes = written(|sheet| {
        let bold = Format::new().set_bold();
        sheet.merge_range(0, 1, 0, 12, "令和10年度", &bold).unwrap();
        sheet.merge_range(4, 0, 6, 0, "", &bold).unwrap();
    });
    let sheet = only_sheet(&bytes);
    let region = Merged {
        first: position("B1"),
        last: position("M1"),
    };
    assert_eq!(sheet.merged, [region]);
    assert_eq!(sheet.shown(position("M1")), Some(&text("令和10年度")));
    assert_eq!(sheet.shown(position("N1")), None);
    assert_eq!(sheet.shown(position("A6")), None);
}

#[test]
fn hidden_sheets_are_told_and_charts_left_out() {
    let mut book = Book::of("<row><c><v>1</v></c></row>");
    book.part(
        "xl/workbook.xml",
        &workbook(
            "",
            r#"<sheet name="実績" sheetId="1" r:id="rId1"/><sheet name="グラフ" sheetId="2" r:id="rId4"/><sheet name="控え" sheetId="3" state="hidden" r:id="rId5"/><sheet name="A&amp;B" sheetId="4" state="veryHidden" r:id="rId6"/>"#,
        ),
    )
    .part(
        "xl/_rels/workbook.xml.rels",
        &relationships(&[
            ("rId1", "worksheet", "/xl/worksheets/sheet1.xml"),
            ("rId4", "chartsheet", "chartsheets/sheet1.xml"),
            ("rId5", "worksheet", "./worksheets/../worksheets/Sheet2.xml"),
            ("rId6", "worksheet", "worksheets\\sheet3.xml"),
        ]),
    )
    .part("xl/chartsheets/sheet1.xml", "<chartsheet/>")
    .part("xl/worksheets/sheet2.xml", &worksheet("<sheetData/>"))
    .part("xl/worksheets/sheet3.xml", &worksheet(""));
    let sheets = opened(&book.zip()).sheets;
    let told: Vec<(&str, bool, usize)> = sheets
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.is_hidden, sheet.rows.len()))
        .collect();
    assert_eq!(
        told,
        [("実績", false, 1), ("控え", true, 0), ("A&B", true, 0)]
    );
}

/// Prefixed names, no references, no dimension, no styles, marks before the text:
/// all of it is allowed, and somebody's program writes it.
#[test]
fn forms_that_other_programs_write() {
    let mut book = Book::of("");
    book.part(
        "xl/worksheets/sheet1.xml",
        "\u{feff}<?xml version='1.0' encoding='utf-8'?>\r\n<!-- made by hand -->\r\n<x:worksheet xmlns:x=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\r\n<x:sheetViews><x:sheetView/></x:sheetViews><x:cols><x:col min='1' max='2'/></x:cols>\r\n<x:sheetData>\r\n<x:row>\r\n<x:c t='n'>\r\n<x:v>12</x:v>\r\n</x:c>\r\n<x:c/><x:c><x:v>1.5E2</x:v><x:extLst><x:ext/></x:extLst></x:c>\r\n</x:row>\r\n<x:row r='5'><x:c><x:v> 7 </x:v></x:c><x:c><x:v>七</x:v></x:c></x:row></x:sheetData><x:mergeCells count='1'><x:mergeCell ref='A1:B1'/></x:mergeCells></x:worksheet>",
    );
    let sheet = only_sheet(&book.zip());
    assert_eq!(at(&sheet, "A1"), Some(&number("12")));
    assert_eq!(at(&sheet, "C1"), Some(&number("150")));
    assert_eq!(at(&sheet, "A5"), Some(&number("7")));
    assert_eq!(at(&sheet, "B5"), Some(&text("七")));
    assert_eq!(sheet.shown(position("B1")), Some(&number("12")));
}

#[test]
fn a_book_elsewhere_in_its_package() {
    let mut book = Book::of("");
    book.without("xl/workbook.xml")
        .without("xl/_rels/workbook.xml.rels")
        .part(
            "_rels/.rels",
            &relationships(&[("a", "officeDocument", "/Book.xml")]),
        )
        .part("book.xml", &workbook("", r#"<sheet name="S" r:id="b"/>"#))
        .part(
            "_rels/book.xml.rels",
            &relationships(&[("b", "worksheet", "s.xml")]),
        )
        .part(
            "s.xml",
            &worksheet("<sheetData><row><c><v>1</v></c></row></sheetData>"),
        );
    assert_eq!(at(&only_sheet(&book.zip()), "A1"), Some(&number("1")));
}

#[test]
fn unused_formatted_rows_cost_nothing() {
    let rows: String = (1..=50_000)
        .map(|row| format!(r#"<row r="{row}" s="1" customFormat="1"><c r="A{row}" s="1"/></row>"#))
        .collect();
    let sheet = only_sheet(&Book::of(&rows).zip());
    assert!(sheet.rows.is_empty());
}

/// A value that a workbook can hold, and the cell that it is read as.
fn value() -> impl Strategy<Value = Option<Cell>> {
    prop_oneof![
        Just(None),
        (-999_999_999_999_i64..=999_999_999_999).prop_map(|whole| Some(number(&whole.to_string()))),
        (1_u32..=999, -9_999_i64..=9_999).prop_map(|(thousandths, whole)| {
            let digits = format!("{whole}.{thousandths:03}");
            let digits = digits.trim_end_matches('0');
            let is_sound = !digits.starts_with("-0.");
            is_sound.then(|| number(digits))
        }),
        any::<bool>().prop_map(|truth| Some(Cell::Boolean(truth))),
        "[あ-んア-ン一-龠a-z0-9<>&\"' ()（）△①㈱髙﨑𠮷]{1,12}"
            .prop_map(|text| (!text.trim().is_empty()).then_some(Cell::Text(text))),
        (1_i64..60_000).prop_map(|days| {
            let start: chrono::NaiveDate = "1901-01-01".parse().unwrap();
            Some(Cell::Date(start + chrono::Days::new(days.unsigned_abs())))
        }),
    ]
}

fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) {
    let day = Format::new().set_num_format("[$-411]ggge\"年\"m\"月\"d\"日\"");
    match cell {
        Cell::Text(text) => sheet.write(row, column, text),
        Cell::Number { digits, .. } => sheet.write(row, column, digits.parse::<f64>().unwrap()),
        Cell::Date(date) => {
            let date = ExcelDateTime::parse_from_str(&date.to_string()).unwrap();
            sheet.write_with_format(row, column, &date, &day)
        }
        Cell::Boolean(truth) => sheet.write(row, column, *truth),
        Cell::Error(_) | Cell::NotCalculated => panic!("not written here"),
    }
    .unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_grid_comes_back(grid in prop::collection::vec(prop::collection::vec(value(), 0..6), 0..8)) {
        let bytes = written(|sheet| {
            for (row, cells) in (0..).zip(&grid) {
                for (column, cell) in (0..).zip(cells) {
                    if let Some(cell) = cell {
                        write(sheet, row, column, cell);
                    }
                }
            }
        });
        let sheet = only_sheet(&bytes);
        for (row, cells) in (0..).zip(&grid) {
            let kept = sheet.rows.iter().find(|kept| kept.index == row);
            let kept = kept.map(|kept| kept.cells.clone()).unwrap_or_default();
            let wanted: Vec<(u32, Cell)> = (0..)
                .zip(cells)
                .filter_map(|(column, cell)| Some((column, cell.clone()?)))
                .collect();
            prop_assert_eq!(kept, wanted);
        }
    }
}
