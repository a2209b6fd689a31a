//! Files in: 10,000 cells as CSV and as XLSX through `sheets::read`, beside the
//! bare parsers on the same bytes. `cargo bench --bench import`.

#![allow(clippy::unwrap_used, reason = "a bench that cannot begin has to stop")]

use std::hint::black_box;
use std::io::Cursor;

use calamine::{Reader, Xlsx};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use shirube::domain::sheet;
use shirube::sheets::{ReadOptions, cp932, neutralised, read};

const COLUMNS: usize = 4;
const ROWS: u32 = 2_500;
const ITEMS: u32 = 30;

/// A row of a long table: code, name, month, value.
fn row(index: u32) -> [String; COLUMNS] {
    let item = index % ITEMS;
    let months = index / ITEMS;
    [
        format!("item-{item}"),
        format!("相談件数（銀行経由その{item}）"),
        format!("{}-{:02}", 2_025 + months / 12, months % 12 + 1),
        format!("{}.{}", index * 7, index % 10),
    ]
}

fn text() -> String {
    let mut table = WriterBuilder::new().from_writer(Vec::new());
    for index in 0..ROWS {
        let fields = row(index);
        let fields = fields.iter().map(|field| neutralised(field));
        let fields: Vec<_> = fields.collect();
        table
            .write_record(fields.iter().map(|field| field.as_bytes()))
            .unwrap();
    }
    String::from_utf8(table.into_inner().unwrap()).unwrap()
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let era = Format::new().set_num_format("[$-411]ggge\"年\"m\"月\"");
    for index in 0..ROWS {
        let [item, name, month, value] = row(index);
        sheet.write(index, 0, item).unwrap();
        sheet.write(index, 1, name).unwrap();
        let first = ExcelDateTime::parse_from_str(&format!("{month}-01")).unwrap();
        sheet.write_with_format(index, 2, &first, &era).unwrap();
        sheet
            .write(index, 3, value.parse::<f64>().unwrap())
            .unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn cells(book: &sheet::Workbook) -> usize {
    let rows = book.sheets.iter().flat_map(|sheet| &sheet.rows);
    rows.map(|row| row.cells.len()).sum()
}

fn through(bytes: &[u8]) {
    let book = read(black_box(bytes), &ReadOptions::default()).unwrap();
    assert_eq!(cells(&book), COLUMNS * usize::try_from(ROWS).unwrap());
}

/// Every field as text, without a place or an encoding.
fn bare_csv(bytes: &[u8]) {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut record = StringRecord::new();
    let mut rows = 0;
    while reader.read_record(&mut record).unwrap() {
        rows += 1;
    }
    assert_eq!(rows, ROWS);
}

/// A dense range of values, without formulas or limits.
fn bare_xlsx(bytes: &[u8]) {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(range.get_size(), (usize::try_from(ROWS).unwrap(), COLUMNS));
}

fn files(criterion: &mut Criterion) {
    let text = text();
    let workbook = workbook();
    let (windows, _) = cp932(&text);
    let mut group = criterion.benchmark_group("10,000 cells");
    // In rows.
    group.throughput(Throughput::Elements(u64::from(ROWS)));
    group.bench_function("CSV", |bencher| bencher.iter(|| through(text.as_bytes())));
    group.bench_function("CSV in CP932", |bencher| {
        bencher.iter(|| through(&windows));
    });
    group.bench_function("CSV, the parser alone", |bencher| {
        bencher.iter(|| bare_csv(black_box(text.as_bytes())));
    });
    group.bench_function("XLSX", |bencher| bencher.iter(|| through(&workbook)));
    group.bench_function("XLSX, another parser", |bencher| {
        bencher.iter(|| bare_xlsx(black_box(&workbook)));
    });
    group.finish();
}

fn encoding(criterion: &mut Criterion) {
    let plain = text();
    // A character that is folded, and one that is replaced, in every row.
    let folded = plain.replace('（', "〜").replace('の', "é");
    let mut group = criterion.benchmark_group("CP932 out");
    for (name, text) in [("plain", &plain), ("folded and replaced", &folded)] {
        group.throughput(Throughput::Bytes(u64::try_from(text.len()).unwrap()));
        group.bench_function(name, |bencher| bencher.iter(|| cp932(black_box(text))));
    }
    group.finish();
}

criterion_group!(import, files, encoding);
criterion_main!(import);
