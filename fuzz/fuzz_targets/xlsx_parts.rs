//! Any bytes as the XML of a workbook, in a sound zip: what a checksum would
//! keep from the other target.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shirube_fuzz::sheets::{ReadOptions, read};
use shirube_fuzz::{check, package};

fuzz_target!(|input: &[u8]| {
    if let Ok(book) = read(&package(input), &ReadOptions::default()) {
        check(&book);
    }
});
