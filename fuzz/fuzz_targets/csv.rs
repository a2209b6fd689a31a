//! Any bytes as a text file: the first of them chooses the encoding, or none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shirube_fuzz::check;
use shirube_fuzz::sheets::{ReadOptions, TextEncoding, cp932, neutralised, plain_of, read};

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    let encoding = match choice % 8 {
        1 => Some(TextEncoding::Utf8),
        2 => Some(TextEncoding::Cp932),
        3 => Some(TextEncoding::EucJp),
        4 => Some(TextEncoding::Utf16),
        _ => None,
    };
    if let Ok(book) = read(bytes, &ReadOptions { encoding }) {
        check(&book);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let neutral = neutralised(text);
        assert_eq!(plain_of(&neutral), text);
        let _ = cp932(text);
    }
});
