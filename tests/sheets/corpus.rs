//! The corpus of the fuzzers: read by every run of the tests, so that what once
//! was found stays found. `UPDATE_CORPUS=1` writes its seeds anew.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Writer};
use shirube::sheets::{ReadOptions, TextEncoding, cp932, read};

use crate::check::check;
use crate::made::{Book, relationships, workbook};
use crate::package::{PART_END, package};
use crate::understood::understood;

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target)
}

fn files(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder(target)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let files: Vec<_> = paths
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    assert!(!files.is_empty(), "{target}");
    files
}

fn survive(path: &Path, bytes: &[u8], encoding: Option<TextEncoding>) {
    println!("{}", path.display());
    if let Ok(book) = read(bytes, &ReadOptions { encoding }) {
        check(&book);
    }
}

#[test]
fn the_corpus_is_survived() {
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        write_seeds();
    }
    for (path, bytes) in files("xlsx") {
        survive(&path, &bytes, None);
    }
    for (path, bytes) in files("xlsx_parts") {
        survive(&path, &package(&bytes), None);
    }
    for (path, bytes) in files("csv") {
        for encoding in TextEncoding::all().map(Some).chain([None]) {
            survive(&path, bytes.get(1..).unwrap_or_default(), encoding);
        }
    }
}

#[test]
fn the_corpus_of_imports_is_survived() {
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        write_seeds();
    }
    for (path, bytes) in files("import") {
        println!("{}", path.display());
        for choice in (0..=u8::MAX).step_by(5).chain(bytes.first().copied()) {
            understood(&[&[choice], bytes.get(1..).unwrap_or_default()].concat());
        }
    }
}

fn write_seeds() {
    let write = |target: &str, name: &str, bytes: &[u8]| {
        std::fs::create_dir_all(folder(target)).unwrap();
        std::fs::write(folder(target).join(name), bytes).unwrap();
    };
    for (name, bytes) in [
        ("form", form()),
        ("by-hand", by_hand().zip()),
        ("elsewhere", elsewhere()),
    ] {
        write("xlsx", name, &bytes);
        write("xlsx_parts", name, &parts(&bytes));
    }
    for (name, choice, bytes) in texts() {
        write("csv", name, &[&[choice], bytes.as_slice()].concat());
    }
    for (name, choice, table) in tables() {
        write("import", name, &[&[choice], table.as_bytes()].concat());
    }
}

/// A monthly form as an office fills it in.
fn form() -> Vec<u8> {
    let mut book = Writer::new();
    let sheet = book.add_worksheet().set_name("実績報告").unwrap();
    let era = Format::new().set_num_format("[$-411]ggge\"年\"m\"月\"");
    let percentage = Format::new().set_num_format("0.0%");
    let triangle = Format::new().set_num_format("#,##0;△#,##0");
    let bold = Format::new().set_bold();
    sheet
        .merge_range(0, 0, 0, 5, "令和10年度　実績報告書", &bold)
        .unwrap();
    sheet.write(1, 0, "拠点コード").unwrap();
    sheet.write(1, 1, "31").unwrap();
    for (column, heading) in (0..).zip(["項目コード", "項目名", "単位", "実績値", "前月", "備考"])
    {
        sheet.write_with_format(3, column, heading, &bold).unwrap();
    }
    let september = ExcelDateTime::from_ymd(2028, 9, 1).unwrap();
    sheet.write_with_format(2, 3, &september, &era).unwrap();
    sheet.write(4, 0, "consult-bank").unwrap();
    sheet.write(4, 1, "相談件数（銀行経由）").unwrap();
    sheet.write_with_format(4, 3, 1234, &triangle).unwrap();
    sheet.write_with_format(4, 4, -5, &triangle).unwrap();
    sheet.write_with_format(5, 3, 0.125, &percentage).unwrap();
    sheet.write(6, 1, "合計").unwrap();
    sheet
        .write(6, 3, Formula::new("=SUM(D5:D6)").set_result("1234.125"))
        .unwrap();
    sheet.write(7, 3, true).unwrap();
    book.add_worksheet()
        .set_hidden(true)
        .write(0, 0, "控え")
        .unwrap();
    book.save_to_buffer().unwrap()
}

/// Everything that a sheet may hold, in few bytes.
fn by_hand() -> Book {
    let mut book = Book::of_sheet(
        r#"<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>46997.5</v></c><c r="C1" s="2"><v>0.12</v></c><c r="D1" t="inlineStr"><is><r><t xml:space="preserve">a &amp;</t></r><rPh sb="0" eb="1"><t>エー</t></rPh></is></c></row><row r="3" s="1"><c t="str"><f>A1&amp;""</f><v></v></c><c><f t="shared" ref="B3:B4" si="0">A1</f><v>1.5E-7</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c><c t="b"><v>1</v></c><c t="d"><v>2028-09-01</v></c><c s="3"><v>0.5</v></c><c><f>1</f></c></row></sheetData><mergeCells count="1"><mergeCell ref="A1:D2"/></mergeCells>"#,
    );
    book.formats(&["[$-411]ge.m.d;@", "0.0%", "[h]:mm", "#,##0;\"△\"#,##0"])
        .strings("<si><t>拠点_x000D_</t></si><si><r><t>東</t></r><rPh><t>ト</t></rPh></si>")
        .part(
            "xl/workbook.xml",
            &workbook(
                r#"<workbookPr date1904="1"/>"#,
                r#"<sheet name="実績" r:id="rId1"/><sheet name="控え" state="hidden" r:id="rId1"/>"#,
            ),
        );
    book
}

fn elsewhere() -> Vec<u8> {
    let mut book = by_hand();
    book.without("xl/workbook.xml")
        .without("xl/_rels/workbook.xml.rels")
        .part(
            "_rels/.rels",
            &relationships(&[("a", "officeDocument", "/b/c.xml")]),
        )
        .part("b/c.xml", &workbook("", r#"<sheet name="S" r:id="b"/>"#))
        .part(
            "b/_rels/c.xml.rels",
            &relationships(&[
                ("b", "worksheet", "../xl/worksheets/sheet1.xml"),
                ("c", "chartsheet", "x"),
            ]),
        );
    book.zip()
}

/// The parts of a package as the fuzzer takes them; of another form, those that it has.
fn parts(zip: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let texts: Vec<Vec<u8>> = crate::package::PARTS
        .iter()
        .map(|name| {
            let mut text = Vec::new();
            if let Ok(mut part) = archive.by_name(name) {
                std::io::Read::read_to_end(&mut part, &mut text).unwrap();
            }
            text
        })
        .collect();
    texts.join(PART_END)
}

fn texts() -> Vec<(&'static str, u8, Vec<u8>)> {
    let table = "項目コード,対象月,実績値,備考\r\nconsult,令和10年9月,△5,①Ⅲ㈱髙﨑 ﾊﾝｶｸ\r\n\r\n\"a\"\"b\",2028/9,\"1,234\",\"二\n行\"\r\n'=x,R10.9,12%,〜\r\n";
    let wide = |big: bool| -> Vec<u8> {
        std::iter::once(0xfeff)
            .chain(table.encode_utf16())
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    let (japanese, _, _) = encoding_rs::EUC_JP.encode("項目,値\n相談件数（銀行経由）,１２\n");
    vec![
        ("utf-8", 0, table.as_bytes().to_owned()),
        ("utf-8-chosen", 1, table.as_bytes().to_owned()),
        ("utf-8-mark", 0, format!("\u{feff}{table}").into_bytes()),
        ("cp932", 0, cp932(table).0),
        ("cp932-chosen", 2, cp932(table).0),
        ("euc-jp", 0, japanese.to_vec()),
        ("euc-jp-chosen", 3, japanese.to_vec()),
        ("utf-16-little", 0, wide(false)),
        ("utf-16-big", 4, wide(true)),
        ("tabs", 0, table.replace(',', "\t").into_bytes()),
        (
            "semicolons",
            0,
            table.replace(',', ";").replace("\r\n", "\r").into_bytes(),
        ),
        ("open-quote", 0, b"a,b\n\"1,2\n3".to_vec()),
    ]
}

/// Tables as offices lay them out.
fn tables() -> Vec<(&'static str, u8, &'static str)> {
    vec![
        (
            "long",
            0b100,
            "項目コード,対象月,実績値,備考\nconsult-bank,令和10年9月,△5,x\nconsult-seminar,R10.9,\"1,234\",\n,,,\n合計,,1229,\n",
        ),
        (
            "long-typed",
            0b101,
            "item,month,value\nconsult-bank,2028-09-01,12\nconsult-seminar,2028/9,12%\nconsult-bank,=,#DIV/0!\n",
        ),
        (
            "one-month",
            0b101_0100,
            "実績報告書\n対象月,2028年9月\n拠点コード,tottori\nスコアカードキー,growth-tailored-support\n\n項目名,実績値,対象外の理由\n相談件数,１２,\n",
        ),
        (
            "wide",
            0b10_0100,
            "項目コード,区分,4月,5月,6月,１０月,合計\nconsult-bank,,1,2,対象外：休止,,3\nconsult-seminar,分子,1,2,3,,6\nconsult-seminar,分母,4,5,6,,15\n",
        ),
        (
            "months-by-items",
            0b100_0110,
            "月,consult-bank,銀行相談,件数\n2028-04,1,2,3\n2028-05,4,5,\n",
        ),
        (
            "many-hubs",
            0,
            "拠点コード,スコアカードキー,項目コード,対象月,分子,分母,取消の理由\ntottori,growth-tailored-support,consult-bank,2028-09,1,2,\nosaka,mature-white-space,visit,2028-09,,,誤り\n",
        ),
    ]
}
