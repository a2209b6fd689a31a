//! Text files as programs and people write them.

use csv::{ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use encoding_rs::{EUC_JP, SHIFT_JIS};
use proptest::prelude::*;
use shirube::domain::sheet::{Cell, FileFormat, Sheet};
use shirube::sheets::{ReadOptions, TextEncoding, cp932, neutralised, read};

use crate::{at, only_sheet, opened, refused, text};

const TABLE: &str = "項目コード,対象月,実績値,備考\r\nconsult,令和10年9月,△5,①Ⅲ㈱髙﨑 ﾊﾝｶｸ\r\n";

fn rows(sheet: &Sheet) -> Vec<(u32, Vec<(u32, String)>)> {
    let cells = |row: &shirube::domain::sheet::Row| {
        row.cells
            .iter()
            .map(|(column, cell)| (*column, cell.to_string()))
            .collect()
    };
    sheet
        .rows
        .iter()
        .map(|row| (row.index, cells(row)))
        .collect()
}

#[test]
fn the_same_table_in_every_encoding() {
    let wide = |big: bool| -> Vec<u8> {
        std::iter::once(0xfeff)
            .chain(TABLE.encode_utf16())
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    let plain = only_sheet(TABLE.as_bytes());
    for (bytes, encoding) in [
        (TABLE.as_bytes().to_owned(), "utf-8"),
        (format!("\u{feff}{TABLE}").into_bytes(), "utf-8"),
        (cp932(TABLE).0, "cp932"),
        (wide(false), "utf-16"),
        (wide(true), "utf-16"),
    ] {
        let book = opened(&bytes);
        assert_eq!(book.format, FileFormat::Csv);
        assert_eq!((book.encoding, book.delimiter), (Some(encoding), Some(',')));
        assert_eq!(book.sheets.first(), Some(&plain), "{encoding}");
    }
    let japanese = TABLE.replace(['①', 'Ⅲ', '㈱', '髙', '﨑'], "字");
    let (bytes, _, is_lossy) = EUC_JP.encode(&japanese);
    assert!(!is_lossy);
    let book = opened(&bytes);
    assert_eq!(book.encoding, Some("euc-jp"));
    assert_eq!(book.sheets, [only_sheet(japanese.as_bytes())]);
}

#[test]
fn a_wrong_choice_names_the_row() {
    let bytes = cp932(TABLE).0;
    for (encoding, is_read) in [
        (TextEncoding::Cp932, true),
        (TextEncoding::Utf8, false),
        (TextEncoding::EucJp, false),
        (TextEncoding::Utf16, false),
    ] {
        let options = ReadOptions {
            encoding: Some(encoding),
        };
        match read(&bytes, &options) {
            Ok(book) => assert!(is_read, "{encoding}: {book:?}"),
            Err(refused) => {
                assert!(!is_read, "{encoding}: {refused:?}");
                assert!(
                    refused.message.ja.contains("行目"),
                    "{}",
                    refused.message.ja
                );
                assert!(
                    refused.message.en.contains("row "),
                    "{}",
                    refused.message.en
                );
            }
        }
    }
    let late = [TABLE.as_bytes(), b"a,b\r\nc,\xff\r\n"].concat();
    let options = ReadOptions {
        encoding: Some(TextEncoding::Utf8),
    };
    let refused = read(&late, &options).unwrap_err();
    assert!(
        refused.message.ja.contains("4行目"),
        "{}",
        refused.message.ja
    );
}

#[test]
fn fields_are_separated_by_what_separates_them() {
    for (table, delimiter, columns) in [
        ("a,b\n1,2\n", ',', 2),
        ("a\tb\n1,000\t2\n", '\t', 2),
        ("名前\t件数\n\"1,234\"\t2\n\"1,235\"\t2\n", '\t', 2),
        ("a;b\n1;2\n", ';', 2),
        ("a;b,c\n1;2\n3;4\n", ';', 2),
        ("備考：a;b,値\nx;y,1\n", ',', 2),
        ("a\n1\n", ',', 1),
        ("", ',', 0),
    ] {
        if table.is_empty() {
            continue;
        }
        let book = opened(table.as_bytes());
        assert_eq!(book.delimiter, Some(delimiter), "{table}");
        assert_eq!(book.sheets[0].rows[1].cells.len(), columns, "{table}");
    }
}

#[test]
fn rows_are_those_that_people_count() {
    for end in ["\r\n", "\n", "\r"] {
        let table = ["月,値", "", "", "a,\"1\n2\"", ",,", "b,\"x\"\"y\"", ""].join(end);
        let sheet = only_sheet(table.as_bytes());
        let kept: Vec<u32> = sheet.rows.iter().map(|row| row.index).collect();
        assert_eq!(kept, [0, 3, 5], "{end:?}");
        assert_eq!(at(&sheet, "B4"), Some(&text("1\n2")));
        assert_eq!(at(&sheet, "B6"), Some(&text("x\"y")));
    }
    let sheet = only_sheet("\r\n\r\na\r\n".as_bytes());
    assert_eq!(at(&sheet, "A3"), Some(&text("a")));
}

#[test]
fn a_quote_that_never_closes_names_its_row() {
    for (table, row) in [
        ("a,b\n1,\"2\n3,4\n", 2),
        ("a,b\n\n\"1,2\n\"\"\n", 3),
        ("\"", 1),
        ("a,b\r\n\"x\ny\",1\r\nb,\"", 3),
    ] {
        let refused = refused(table.as_bytes());
        assert!(
            refused.message.ja.contains(&format!("{row}行目")),
            "{table}: {}",
            refused.message.ja
        );
    }
    for table in [
        "a\"b,c\n",
        "\"a\"x,\"b\n\",c\n",
        "\"a\"\"\"",
        "\"\"",
        "\"a\"b\"c,d",
    ] {
        opened(table.as_bytes());
    }
}

#[test]
fn texts_stay_as_they_are_but_for_the_apostrophe() {
    let sheet = only_sheet("'=1+1, 前後 ,　,'tis,''=x\n".as_bytes());
    for (reference, cell) in [
        ("A1", Some(text("=1+1"))),
        ("B1", Some(text(" 前後 "))),
        ("C1", None),
        ("D1", Some(text("'tis"))),
        ("E1", Some(text("'=x"))),
    ] {
        assert_eq!(at(&sheet, reference), cell.as_ref(), "{reference}");
    }
}

#[test]
fn what_is_no_table_is_refused() {
    for bytes in [
        b"".as_slice(),
        b"a,b\0,c\n",
        b"\x00\x01\x02\x03",
        b"\xff\xfea\0,\0\0\xd8\n\0",
        b"caf\xe9,1\r\nd\xe9j\xe0 vu,2\r\nna\xefve,3\r\n",
    ] {
        assert!(!refused(bytes).too_large);
    }
}

proptest! {
    #[test]
    fn any_table_comes_back(
        table in prop::collection::vec(prop::collection::vec("[a-c=+\"',;\t\n あ髙ｱ△'-]{0,6}", 2..6), 1..8),
        delimiter in prop::sample::select(vec![b',', b'\t', b';']),
    ) {
        let mut writer = WriterBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .terminator(Terminator::CRLF)
            .from_writer(Vec::new());
        for row in &table {
            let fields: Vec<_> = row.iter().map(|field| neutralised(field)).collect();
            writer.write_record(fields.iter().map(|field| field.as_bytes())).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let book = opened(&bytes);
        // Another delimiter may do as well where the texts are full of it.
        prop_assume!(book.delimiter == Some(char::from(delimiter)));
        let wanted: Vec<(u32, Vec<(u32, String)>)> = (0..)
            .zip(&table)
            .map(|(index, row)| {
                let cells = (0..).zip(row.iter().cloned()).filter(|(_, text)| !text.trim().is_empty());
                (index, cells.collect::<Vec<_>>())
            })
            .filter(|(_, cells)| !cells.is_empty())
            .collect();
        prop_assert_eq!(rows(&book.sheets[0]), wanted);
    }

    /// A single field in its row is where blank rows begin, so that they count.
    #[test]
    fn any_text_is_read_as_the_library_reads_it(table in "[ab\",\r\n]{0,24}") {
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table.as_bytes());
        let wanted: Vec<StringRecord> = reader.records().map(Result::unwrap).collect();
        let Ok(book) = read(table.as_bytes(), &ReadOptions::default()) else {
            return Ok(());
        };
        let kept: Vec<Vec<(u32, String)>> = rows(&book.sheets[0]).into_iter().map(|(_, cells)| cells).collect();
        let wanted: Vec<Vec<(u32, String)>> = wanted
            .iter()
            .map(|record| {
                let cells = (0..).zip(record.iter().map(str::to_owned));
                cells.filter(|(_, text)| !text.trim().is_empty()).collect()
            })
            .filter(|cells: &Vec<_>| !cells.is_empty())
            .collect();
        prop_assert_eq!(kept, wanted);
    }

    #[test]
    fn no_bytes_are_read_as_what_they_are_not(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(book) = read(&bytes, &ReadOptions::default()) {
            for cell in book.sheets.iter().flat_map(|sheet| &sheet.rows).flat_map(|row| &row.cells) {
                let (_, Cell::Text(text)) = cell else { panic!("{cell:?}") };
                let is_replaced = text.contains('\u{fffd}');
                let was_there = bytes.windows(3).any(|three| three == "\u{fffd}".as_bytes());
                prop_assert!(was_there || !is_replaced);
            }
        }
    }

    #[test]
    fn japanese_is_told_apart(words in prop::collection::vec(japanese(), 4..12)) {
        let table = format!("項目コード,対象月,実績値\r\n{},12\r\n", words.join(",3\r\n"));
        for (encoding, code) in [(SHIFT_JIS, "cp932"), (EUC_JP, "euc-jp")] {
            let (bytes, _, is_lossy) = encoding.encode(&table);
            prop_assert!(!is_lossy);
            prop_assert_eq!(opened(&bytes).encoding, Some(code));
        }
    }
}

/// A word of characters that either encoding has.
fn japanese() -> impl Strategy<Value = String> {
    let is_shared = |character: &char| {
        let text = character.to_string();
        [SHIFT_JIS, EUC_JP]
            .iter()
            .all(|encoding| !encoding.encode(&text).2)
    };
    let shared: Vec<char> = ('ぁ'..='ん')
        .chain('ァ'..='ヶ')
        .chain('一'..='龠')
        .filter(is_shared)
        .collect();
    prop::collection::vec(prop::sample::select(shared), 2..8)
        .prop_map(|word| word.into_iter().collect())
}
