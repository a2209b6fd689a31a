//! Any bytes as the table of a sheet, understood: the encoding and the reading
//! of files have targets of their own, so this one begins at a text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shirube_fuzz::understood;

fuzz_target!(|input: &[u8]| understood(input));
