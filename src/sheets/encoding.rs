//! Text files in and out of the encodings of Japanese offices. A text that comes
//! out of here is what its author wrote: nothing is decoded with replacements.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, EUC_JP, EncoderResult, Encoding, SHIFT_JIS, UTF_8, UTF_16LE};

use super::Refused;
use crate::domain::code::coded_enum;
use crate::domain::text::Text;

coded_enum! {
    /// The encoding of a text file.
    pub enum TextEncoding {
        Utf8 => "utf-8",
        /// What Japanese editions of Windows call Shift JIS.
        Cp932 => "cp932",
        EucJp => "euc-jp",
        /// What Excel calls Unicode text.
        Utf16 => "utf-16",
    }
}

/// How Japanese text begins in ISO-2022-JP, whose bytes are all sound ASCII.
const JIS_ESCAPES: [&[u8]; 2] = [b"\x1b$B", b"\x1b$@"];
/// Stands for a character that CP932 does not have, as it does in print.
const GETA: char = '〓';
/// The detector prefers what pages under this domain are written in.
const TOP_LEVEL_DOMAIN: &[u8] = b"jp";
/// Of a text that is UTF-8 but for damage, so many characters are sound for each that is not.
const SOUND_FOR_EACH_BROKEN: usize = 10;
/// Bytes of CP932 that a character of UTF-8 takes at most.
const CP932_BYTES_MAX: usize = 2;

/// The text of a file and how it was encoded: by its mark, as UTF-8, else as the
/// bytes look.
pub(super) fn decoded(
    bytes: &[u8],
    wanted: Option<TextEncoding>,
) -> Result<(String, TextEncoding), Refused> {
    let marked = Encoding::for_bom(bytes);
    if let Some((encoding, mark_bytes)) = marked {
        let found = if encoding == UTF_8 {
            TextEncoding::Utf8
        } else {
            TextEncoding::Utf16
        };
        if wanted.is_none_or(|wanted| wanted == found) {
            let rest = bytes.get(mark_bytes..).unwrap_or_default();
            return Ok((strictly(rest, encoding, found, wanted)?, found));
        }
    }
    if let Some(wanted) = wanted {
        let encoding = match wanted {
            TextEncoding::Utf8 => UTF_8,
            TextEncoding::Cp932 => SHIFT_JIS,
            TextEncoding::EucJp => EUC_JP,
            // Without a mark, as Windows writes it.
            TextEncoding::Utf16 => UTF_16LE,
        };
        return Ok((strictly(bytes, encoding, wanted, Some(wanted))?, wanted));
    }
    if bytes.contains(&0) {
        return Err(binary());
    }
    if bytes.windows(3).any(|part| JIS_ESCAPES.contains(&part)) {
        return Err(unknown());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.to_owned(), TextEncoding::Utf8));
    }
    let found = looks_like(bytes).ok_or_else(unknown)?;
    let encoding = match found {
        TextEncoding::EucJp => EUC_JP,
        TextEncoding::Cp932 => SHIFT_JIS,
        TextEncoding::Utf8 | TextEncoding::Utf16 => UTF_8,
    };
    Ok((strictly(bytes, encoding, found, None)?, found))
}

/// What bytes look like that are not sound UTF-8.
fn looks_like(bytes: &[u8]) -> Option<TextEncoding> {
    if is_broken_utf8(bytes) {
        return Some(TextEncoding::Utf8);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(TOP_LEVEL_DOMAIN), Utf8Detection::Deny);
    if guess == SHIFT_JIS {
        Some(TextEncoding::Cp932)
    } else if guess == EUC_JP {
        Some(TextEncoding::EucJp)
    } else {
        None
    }
}

/// Whether most of the characters beyond ASCII are sound UTF-8.
fn is_broken_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|one| !one.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    sound > broken.saturating_mul(SOUND_FOR_EACH_BROKEN)
}

fn strictly(
    bytes: &[u8],
    encoding: &'static Encoding,
    code: TextEncoding,
    wanted: Option<TextEncoding>,
) -> Result<String, Refused> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::new();
    let capacity = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    text.reserve(capacity.unwrap_or_default());
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    if matches!(result, DecoderResult::InputEmpty) && !text.contains(is_never_written) {
        text.shrink_to_fit();
        return Ok(text);
    }
    let sound = text
        .split_once(is_never_written)
        .map_or(text.as_str(), |(sound, _)| sound);
    if sound.len() == text.len() && read == 0 {
        return Err(undecodable(code, 1, wanted));
    }
    Err(undecodable(code, lines(sound), wanted))
}

/// Characters that a table does not hold, but bytes read as the wrong encoding do.
const fn is_never_written(character: char) -> bool {
    matches!(
        character,
        '\0' | '\u{80}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// The number of the line that a text ends in.
fn lines(text: &str) -> usize {
    let ends = text.matches('\n').count();
    let returns = text.matches('\r').count();
    1 + ends + returns - text.matches("\r\n").count()
}

fn undecodable(code: TextEncoding, row: usize, wanted: Option<TextEncoding>) -> Refused {
    let message = if wanted.is_some() {
        Text::new(
            format!(
                "ファイルは指定された文字コード（{code}）ではありません。{row}行目に読めない文字があります。"
            ),
            format!(
                "The file is not encoded as {code}: row {row} holds bytes that are no characters."
            ),
        )
    } else {
        Text::new(
            format!("{row}行目に読めない文字があります（文字コードは{code}と推定しました）。"),
            format!(
                "Row {row} holds bytes that are no characters (the encoding looks like {code})."
            ),
        )
    };
    Refused::new(message, save_as_utf8())
}

fn unknown() -> Refused {
    Refused::new(
        Text::new(
            "文字コードが分かりません。",
            "The encoding of the file cannot be told.",
        ),
        save_as_utf8(),
    )
}

fn save_as_utf8() -> Text {
    Text::new(
        "Excelで「CSV UTF-8（コンマ区切り）」として保存し直すか、文字コード（encoding: utf-8、cp932、euc-jp、utf-16）を指定してください。",
        "Save it again as “CSV UTF-8 (Comma delimited)”, or say its encoding (encoding: utf-8, cp932, euc-jp, utf-16).",
    )
}

fn binary() -> Refused {
    Refused::new(
        Text::new(
            "このファイルは表ではありません（文字以外のデータを含みます）。",
            "This file is no table: it holds data that are no text.",
        ),
        Text::new(
            "Excelブック（.xlsx）またはCSV（UTF-8かShift JIS）を送ってください。",
            "Send an Excel workbook (.xlsx) or a CSV (UTF-8 or Shift JIS).",
        ),
    )
}

/// A text in CP932, and how many of its characters that does not have: the
/// wave dash and its like become the forms that Windows has in their place,
/// what is left over a [`GETA`].
#[must_use]
pub fn cp932(text: &str) -> (Vec<u8>, u64) {
    let mut encoder = SHIFT_JIS.new_encoder();
    let mut bytes = Vec::with_capacity(text.len());
    let mut unmappable = 0;
    let mut rest = text;
    loop {
        let needed = encoder.max_buffer_length_from_utf8_without_replacement(rest.len());
        bytes.reserve(needed.unwrap_or(rest.len()));
        let (result, read) =
            encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return (bytes, unmappable),
            EncoderResult::OutputFull => bytes.reserve(rest.len() * CP932_BYTES_MAX),
            EncoderResult::Unmappable(character) => {
                let windows = as_on_windows(character);
                unmappable += u64::from(windows == GETA);
                let mut utf8 = [0; 4];
                let (instead, _, _) = SHIFT_JIS.encode(windows.encode_utf8(&mut utf8));
                bytes.extend_from_slice(&instead);
            }
        }
    }
}

/// What is left of a text that goes through a file in CP932.
#[must_use]
pub fn folded_to_cp932(text: &str) -> String {
    let (bytes, _) = cp932(text);
    let (folded, _) = SHIFT_JIS.decode_without_bom_handling(&bytes);
    folded.into_owned()
}

/// What Windows has in the place of a character that CP932 lacks.
const fn as_on_windows(character: char) -> char {
    match character {
        '\u{301c}' => '\u{ff5e}',
        '\u{2212}' => '\u{ff0d}',
        '\u{2016}' => '\u{2225}',
        '\u{2014}' => '\u{2015}',
        '\u{a2}' => '\u{ffe0}',
        '\u{a3}' => '\u{ffe1}',
        '\u{ac}' => '\u{ffe2}',
        _ => GETA,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: [&str; 6] = [
        "項目コード,実績値\r\nconsult,12\r\n",
        "①Ⅲ㈱髙﨑,１２\r\n",
        "ｶﾅ,ﾊﾝｶｸ\r\nﾃｽﾄ,1\r\n",
        "相談件数（銀行経由）,令和10年9月,△5\r\n",
        "拠点,鳥取県プロフェッショナル人材戦略拠点\r\n対象月,2028年9月\r\n",
        "備考\n研修の開催は〜３回を予定している。\n",
    ];

    fn wide(text: &str, is_big: bool) -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units
            .flat_map(|unit| {
                if is_big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    fn plain(text: &str) -> (String, TextEncoding) {
        decoded(text.as_bytes(), None).unwrap()
    }

    #[test]
    fn encodings_are_found() {
        for sample in SAMPLES {
            assert_eq!(plain(sample), (sample.to_owned(), TextEncoding::Utf8));
            let marked = format!("\u{feff}{sample}");
            assert_eq!(plain(&marked), (sample.to_owned(), TextEncoding::Utf8));
            let folded = sample.replace('〜', "～");
            let (bytes, _) = cp932(sample);
            assert_eq!(
                decoded(&bytes, None),
                Ok((folded.clone(), TextEncoding::Cp932)),
                "{sample}"
            );
            for is_big in [false, true] {
                let wide = wide(sample, is_big);
                assert_eq!(
                    decoded(&wide, None),
                    Ok((sample.to_owned(), TextEncoding::Utf16))
                );
            }
            let (bytes, _, is_lossy) = EUC_JP.encode(&folded);
            if !is_lossy && !sample.contains(['①', 'ｶ']) {
                assert_eq!(
                    decoded(&bytes, None),
                    Ok((folded, TextEncoding::EucJp)),
                    "{sample}"
                );
            }
        }
    }

    #[test]
    fn a_choice_is_obeyed_or_refused() {
        for sample in SAMPLES {
            let folded = sample.replace('〜', "～");
            let (bytes, _) = cp932(sample);
            let chosen = decoded(&bytes, Some(TextEncoding::Cp932));
            assert_eq!(chosen, Ok((folded, TextEncoding::Cp932)));
            let refused = decoded(&bytes, Some(TextEncoding::Utf8)).unwrap_err();
            assert!(!refused.too_large);
            assert!(
                refused.message.ja.contains("utf-8"),
                "{}",
                refused.message.ja
            );
        }
        let text = b"a,b\r\n1,2\r\n\x82\xa0,\xff\r\n";
        for wanted in [None, Some(TextEncoding::Cp932)] {
            let refused = decoded(text, wanted).unwrap_err();
            if wanted.is_some() {
                assert!(
                    refused.message.ja.contains("3行目"),
                    "{}",
                    refused.message.ja
                );
            }
        }
        let marked = decoded("\u{feff}月".as_bytes(), Some(TextEncoding::Cp932));
        assert!(marked.is_err() || !marked.unwrap().0.contains('月'));
    }

    #[test]
    fn damaged_utf8_is_not_taken_for_something_else() {
        let mut bytes = "相談件数,銀行経由,令和10年9月の実績値\r\n備考\r\n"
            .repeat(3)
            .into_bytes();
        bytes.extend_from_slice(b"\xe6\x9c\r\n");
        let refused = decoded(&bytes, None).unwrap_err();
        assert!(
            refused.message.ja.contains("7行目"),
            "{}",
            refused.message.ja
        );
    }

    #[test]
    fn other_languages_and_binaries_are_refused() {
        let latin = b"caf\xe9 cr\xe8me,1\r\nd\xe9j\xe0 vu,2\r\n";
        assert!(decoded(latin, None).is_err());
        assert!(decoded(b"a,b\0c", None).is_err());
    }

    #[test]
    fn what_windows_writes_otherwise_is_folded_and_what_it_lacks_is_counted() {
        let (bytes, unmappable) = cp932("10〜20−髙﨑①");
        assert_eq!(unmappable, 0);
        let (text, _, _) = SHIFT_JIS.decode(&bytes);
        assert_eq!(text, "10～20－髙﨑①");
        let (bytes, unmappable) = cp932("é𠮷a");
        assert_eq!(unmappable, 2);
        assert_eq!(SHIFT_JIS.decode(&bytes).0, "〓〓a");
        let folded = folded_to_cp932("〜−—‖¢£¬é");
        assert_eq!(folded, "～－―∥￠￡￢〓");
        assert_eq!(folded_to_cp932(&folded), folded);
        assert_eq!(cp932(""), (Vec::new(), 0));
    }

    #[test]
    fn every_character_is_encoded_as_one_by_one() {
        for character in '\0'..='\u{ffff}' {
            let text = format!("a{character}b");
            let (bytes, unmappable) = cp932(&text);
            let (text, _, is_lossy) = SHIFT_JIS.decode(&bytes);
            assert!(!is_lossy, "{character:?}");
            assert_eq!(
                unmappable > 0,
                text == "a〓b" && character != '〓',
                "{character:?}"
            );
        }
    }
}
