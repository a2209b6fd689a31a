//! Any bytes as a file: the zip around the parts of a workbook.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shirube_fuzz::check;
use shirube_fuzz::sheets::{ReadOptions, read};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(book) = read(bytes, &ReadOptions::default()) {
        check(&book);
    }
});
