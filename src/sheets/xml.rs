//! XML parts of a package, one step at a time and within limits: a part is never
//! held as a whole, and neither is a tag or a text beyond [`STEP_BYTES_MAX`].

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

use super::{Refused, TEXT_CHARS_MAX, refused, tally};
use crate::domain::text::Text;

/// Bytes between two places where the parser may stop: a tag, or a piece of text.
const STEP_BYTES_MAX: u64 = 1_024 * 1_024;
/// Elements inside of each other.
const DEPTH_MAX: usize = 64;

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// An element begins; [`XmlPart::name`] and [`XmlPart::attribute`] tell of it.
    Start,
    /// An element ends; [`XmlPart::name`] is its name.
    End,
    /// A piece of text; [`XmlPart::append_text`] collects it.
    Text,
    /// The part is over.
    Over,
}

/// What may still be inflated and looked at of a whole package.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) inflated_left: u64,
    /// Tags, texts and attributes.
    pub(super) steps_left: Cell<u64>,
}

impl Budget {
    fn spend_a_step(&self) -> Result<(), Refused> {
        let left = self.steps_left.get().checked_sub(1);
        self.steps_left.set(left.ok_or_else(too_many_elements)?);
        Ok(())
    }
}

/// A part, being read.
pub(super) struct XmlPart<'a> {
    reader: Reader<Limited<'a>>,
    /// What people call the part.
    place: String,
    buffer: Vec<u8>,
    /// The name of the last element and, after [`Step::Start`], its attributes.
    tag: String,
    name_bytes: usize,
    /// Where the name begins behind its prefix.
    name_start: usize,
    text: String,
    depth: usize,
    has_root: bool,
}

impl<'a> XmlPart<'a> {
    pub(super) fn new(
        source: Box<dyn BufRead + 'a>,
        budget: &'a mut Budget,
        place: impl Into<String>,
    ) -> Self {
        let mut reader = Reader::from_reader(Limited {
            source,
            budget,
            step_left: STEP_BYTES_MAX,
            exceeded: None,
        });
        // An empty element is one that begins and ends.
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            place: place.into(),
            buffer: Vec::new(),
            tag: String::new(),
            name_bytes: 0,
            name_start: 0,
            text: String::new(),
            depth: 0,
            has_root: false,
        }
    }

    /// What people call the part.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Elements that are open; counts the one that begins, not the one that ends.
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    /// The name of the element that begins or ends, without its prefix.
    pub(super) fn name(&self) -> &str {
        self.tag
            .get(self.name_start..self.name_bytes)
            .unwrap_or_default()
    }

    /// An attribute of the element that begins.
    pub(super) fn attribute(&self, wanted: &str) -> Result<Option<Cow<'_, str>>, Refused> {
        let [found] = self.attributes([wanted])?;
        Ok(found)
    }

    /// Attributes of the element that begins, by their names without prefixes.
    pub(super) fn attributes<const N: usize>(
        &self,
        wanted: [&str; N],
    ) -> Result<[Option<Cow<'_, str>>; N], Refused> {
        let mut found = [const { None }; N];
        let mut attributes = Attributes::new(&self.tag, self.name_bytes);
        for attribute in attributes.with_checks(false) {
            self.reader.get_ref().budget.spend_a_step()?;
            let attribute = attribute.map_err(|_error| self.damaged())?;
            let name = attribute.key.local_name();
            let slot = found
                .iter_mut()
                .zip(wanted)
                .find(|(_, wanted)| name.as_ref() == *wanted);
            let Some((slot, _)) = slot else { continue };
            *slot = Some(self.plain(attribute.value)?);
            if found.iter().all(Option::is_some) {
                break;
            }
        }
        Ok(found)
    }

    /// The value of an attribute with its references resolved.
    fn plain<'v>(&self, value: Cow<'v, str>) -> Result<Cow<'v, str>, Refused> {
        match value {
            Cow::Borrowed(raw) => unescape(raw),
            Cow::Owned(raw) => unescape(&raw).map(|plain| Cow::Owned(plain.into_owned())),
        }
        .map_err(|_error| self.damaged())
    }

    /// The next step.
    pub(super) fn next(&mut self) -> Result<Step, Refused> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().begin_step()?;
            let Ok(event) = self.reader.read_event_into(&mut self.buffer) else {
                return Err(self.reader.get_ref().exceeded(&self.place));
            };
            match event {
                Event::Start(start) => {
                    self.tag.clear();
                    self.tag.push_str(&start);
                    self.name_bytes = start.name().0.len();
                    self.name_start = self.name_bytes - start.local_name().as_ref().len();
                    self.depth += 1;
                    self.has_root = true;
                    if self.depth > DEPTH_MAX {
                        return Err(self.damaged());
                    }
                    return Ok(Step::Start);
                }
                Event::End(end) => {
                    self.tag.clear();
                    self.tag.push_str(end.name().0);
                    self.name_bytes = self.tag.len();
                    self.name_start = self.name_bytes - end.local_name().as_ref().len();
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Step::End);
                }
                Event::Text(text) => {
                    self.text.clear();
                    self.text.push_str(&text.xml10_content());
                    return Ok(Step::Text);
                }
                Event::CData(text) => {
                    self.text.clear();
                    self.text.push_str(&text.xml10_content());
                    return Ok(Step::Text);
                }
                Event::GeneralRef(reference) => {
                    let resolved = unescape_reference(&reference);
                    let Some(character) = resolved else {
                        return Err(self.damaged());
                    };
                    self.text.clear();
                    self.text.push(character);
                    return Ok(Step::Text);
                }
                Event::DocType(_) => return Err(document_type()),
                Event::Eof if self.depth == 0 && self.has_root => return Ok(Step::Over),
                Event::Eof => return Err(self.damaged()),
                // An element that is empty was expanded.
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    /// Passes over the element that began.
    pub(super) fn skip(&mut self) -> Result<(), Refused> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if self.next()? == Step::Over {
                return Err(self.damaged());
            }
        }
        Ok(())
    }

    /// Appends the text that stands directly in the element that began, up to its end.
    pub(super) fn append_text(&mut self, text: &mut String) -> Result<(), Refused> {
        let outside = self.depth.saturating_sub(1);
        loop {
            match self.next()? {
                Step::Text => {
                    text.push_str(&self.text);
                    if text.len() > TEXT_CHARS_MAX && text.chars().count() > TEXT_CHARS_MAX {
                        return Err(tally::text_too_long(&self.place));
                    }
                }
                Step::Start => self.skip()?,
                Step::End if self.depth <= outside => return Ok(()),
                Step::End => {}
                Step::Over => return Err(self.damaged()),
            }
        }
    }

    pub(super) fn damaged(&self) -> Refused {
        Refused::damaged(&self.place)
    }
}

/// The character behind `&amp;` or `&#38;`; other names would be defined by a DTD.
fn unescape_reference(reference: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    match reference.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}

fn document_type() -> Refused {
    Refused::new(
        Text::new(
            "ファイルに文書型宣言（DTD）が含まれているため読みません。",
            "The file holds a document type declaration (DTD) and is not read.",
        ),
        refused::save_again(),
    )
}

/// A source that stops where a limit is reached.
struct Limited<'a> {
    source: Box<dyn BufRead + 'a>,
    budget: &'a mut Budget,
    step_left: u64,
    exceeded: Option<Exceeded>,
}

#[derive(Clone, Copy)]
enum Exceeded {
    Inflated,
    Step,
}

impl Limited<'_> {
    fn begin_step(&mut self) -> Result<(), Refused> {
        self.step_left = STEP_BYTES_MAX;
        self.budget.spend_a_step()
    }

    /// Why the last step failed.
    fn exceeded(&self, place: &str) -> Refused {
        match self.exceeded {
            Some(Exceeded::Inflated) => Refused::inflates_too_much(),
            Some(Exceeded::Step) => tally::text_too_long(place),
            None => Refused::damaged(place),
        }
    }
}

fn too_many_elements() -> Refused {
    Refused::too_large(
        Text::new(
            "書式だけの空のセルや装飾が多すぎて読めません。",
            "There are too many blank formatted cells or decorations to read.",
        ),
        refused::only_the_figures(),
    )
}

impl BufRead for Limited<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.budget.inflated_left == 0 {
            self.exceeded = Some(Exceeded::Inflated);
        } else if self.step_left == 0 {
            self.exceeded = Some(Exceeded::Step);
        } else {
            return self.source.fill_buf();
        }
        Err(io::ErrorKind::QuotaExceeded.into())
    }

    fn consume(&mut self, amount: usize) {
        let bytes = u64::try_from(amount).unwrap_or(u64::MAX);
        self.budget.inflated_left = self.budget.inflated_left.saturating_sub(bytes);
        self.step_left = self.step_left.saturating_sub(bytes);
        self.source.consume(amount);
    }
}

impl Read for Limited<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let amount = available.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..amount), available.get(..amount)) {
            to.copy_from_slice(from);
        }
        self.consume(amount);
        Ok(amount)
    }
}
