//! Texts of a workbook: those that its cells share, and how a text is put
//! together of pieces.

use std::borrow::Cow;

use super::super::package::Package;
use super::super::xml::{Step, XmlPart};
use super::super::{Refused, TEXT_CHARS_MAX, tally};

/// The texts that cells refer to by number, in one piece of memory: a file may
/// state millions of them.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn read(package: &mut Package<'_>, path: &str) -> Result<Self, Refused> {
        let mut strings = Self::default();
        let Some(mut part) = package.part(path, "shared strings")? else {
            return Ok(strings);
        };
        let mut item = String::new();
        loop {
            match part.next()? {
                Step::Start if part.name() == "si" => {
                    item.clear();
                    append_item(&mut part, &mut item)?;
                    // A blank text is nothing, however often cells refer to it.
                    if !item.trim().is_empty() {
                        strings.text.push_str(&unescaped(&item));
                    }
                    let end = u32::try_from(strings.text.len()).map_err(|_error| part.damaged())?;
                    strings.ends.push(end);
                }
                Step::Over => return Ok(strings),
                _ => {}
            }
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text
            .get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}

/// Appends the text of the item that began: plain, or in runs of their own
/// format. How it is pronounced (`rPh`) is not part of it.
pub(super) fn append_item(part: &mut XmlPart<'_>, text: &mut String) -> Result<(), Refused> {
    let outside = part.depth().saturating_sub(1);
    loop {
        match part.next()? {
            Step::Start if part.name() == "t" => part.append_text(text)?,
            Step::Start if part.name() == "r" => {}
            Step::Start => part.skip()?,
            Step::End if part.depth() <= outside => return Ok(()),
            Step::Over => return Err(part.damaged()),
            Step::End | Step::Text => {}
        }
        if text.len() > TEXT_CHARS_MAX && text.chars().count() > TEXT_CHARS_MAX {
            return Err(tally::text_too_long(part.place()));
        }
    }
}

/// A text without Excel's way to write what XML cannot: `_x000D_`.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("_x") {
        plain.push_str(before);
        rest = match character(after) {
            Some((character, left)) => {
                plain.push(character);
                left
            }
            None => {
                plain.push_str("_x");
                after
            }
        };
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The character of four hexadecimal digits and an underscore, and what follows.
/// Control characters have no place in a table, but for those between lines.
fn character(after: &str) -> Option<(char, &str)> {
    let (digits, rest) = after.split_once('_')?;
    if digits.len() != 4 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    (!character.is_control() || matches!(character, '\t' | '\n' | '\r'))
        .then_some((character, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_excel_are_taken_back() {
        for (escaped, plain) in [
            ("a_x000D_\nb", "a\r\nb"),
            ("_x005F_x0041_", "_x0041_"),
            ("item_x", "item_x"),
            ("tax_x12", "tax_x12"),
            ("_x0000_", "_x0000_"),
            ("_xD800_", "_xD800_"),
            ("_x3042_い", "あい"),
        ] {
            assert_eq!(unescaped(escaped), plain);
        }
    }
}
