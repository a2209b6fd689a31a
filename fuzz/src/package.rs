//! XML parts in a sound package, so that a fuzzer need not make its checksums.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

/// Between the parts of a workbook in one input.
pub const PART_END: &[u8] = b"\n%%%%\n";

/// The parts of a workbook, in the order of an input.
pub const PARTS: [&str; 6] = [
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "_rels/.rels",
];

/// A package of the parts of an input; those that are missing are as usual.
pub fn package(input: &[u8]) -> Vec<u8> {
    const USUAL: [&str; 6] = [
        "<worksheet><sheetData/></worksheet>",
        "<sst/>",
        "<styleSheet/>",
        r#"<workbook><sheets><sheet name="S" id="a"/></sheets></workbook>"#,
        r#"<R><Relationship Id="a" Type="/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="c" Type="/styles" Target="styles.xml"/></R>"#,
        r#"<R><Relationship Id="a" Type="/officeDocument" Target="xl/workbook.xml"/></R>"#,
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut rest = Some(input);
    let types = std::iter::once(("[Content_Types].xml", b"<Types/>".as_slice()));
    let parts = PARTS.into_iter().zip(USUAL).map(|(name, usual)| {
        let (part, left) = rest.map_or((usual.as_bytes(), None), first_part);
        rest = left;
        (name, part)
    });
    for (name, part) in types.chain(parts) {
        zip.start_file(name, options).expect("a name of ours");
        zip.write_all(part).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

fn first_part(input: &[u8]) -> (&[u8], Option<&[u8]>) {
    let end = input
        .windows(PART_END.len())
        .position(|bytes| bytes == PART_END);
    match end {
        Some(end) => (&input[..end], Some(&input[end + PART_END.len()..])),
        None => (input, None),
    }
}
