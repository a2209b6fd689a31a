//! An event as the compact JSON that programs get (`api.md`, Event).

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::clean::cut;
use crate::domain::alert::Severity;
use crate::domain::event::{
    AlertDocument, Digest, DisabledEndpoint, EndpointTest, Event, EventData, EventType, Notice,
    Overdue, PlanRevised, ScorecardRef,
};
use crate::domain::text::Text;

/// Bytes of an event at most, whatever it tells.
pub const EVENT_BYTES_MAX: usize = 20 * 1024;
/// Roots and preparations of an alert that is too long by itself.
const BRIEF_LIST_MAX: usize = 3;
/// Characters of a note in such an alert.
const BRIEF_NOTE_CHARS: usize = 200;
/// Characters of a name where even the frame of an event is too long.
const BRIEF_NAME_CHARS: usize = 40;

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: EventType,
    timestamp: DateTime<Utc>,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Notice(&'a Notice),
    Overdue(&'a Overdue),
    Revised(&'a PlanRevised),
    Digest(&'a Digest),
    Disabled(&'a DisabledEndpoint),
    Test(&'a EndpointTest),
}

/// `{type, timestamp, data}`. Of what exceeds [`EVENT_BYTES_MAX`] the least
/// important is left out and counted in `truncated`: consequences of other
/// alerts before alerts, ended alerts before red ones, amber lines before red.
#[must_use]
pub fn json(event: &Event) -> String {
    let whole = written(event, &event.data);
    if whole.len() <= EVENT_BYTES_MAX {
        return whole;
    }
    let steps = Steps::of(&event.data);
    let shortened = |count: usize| written(event, &steps.taken(&event.data, count));
    // Each step makes the event shorter, so that the first that fits is found
    // by halving.
    let (mut too_long, mut fitting) = (0, steps.count());
    while fitting - too_long > 1 {
        let middle = too_long + (fitting - too_long) / 2;
        if shortened(middle).len() <= EVENT_BYTES_MAX {
            fitting = middle;
        } else {
            too_long = middle;
        }
    }
    shortened(fitting)
}

/// The type is that of the event as it happened, whatever is left of it here.
/// Nothing in an event has a key that is no text, so writing does not fail.
fn written(event: &Event, data: &EventData) -> String {
    let envelope = Envelope {
        kind: event.event_type(),
        timestamp: event.at,
        data: match data {
            EventData::Notice(notice) => Data::Notice(notice),
            EventData::Overdue(overdue) => Data::Overdue(overdue),
            EventData::Revised(revised) => Data::Revised(revised),
            EventData::Digest(digest) => Data::Digest(digest),
            EventData::Disabled(endpoint) => Data::Disabled(endpoint),
            EventData::Test(test) => Data::Test(test),
        },
    };
    serde_json::to_string(&envelope).unwrap_or_default()
}

/// One thing of an event that can be left out: its list, its place there, and
/// of a consequence its place within its alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    list: usize,
    index: usize,
    folded: Option<usize>,
}

impl Part {
    const fn of(list: usize, index: usize) -> Self {
        Self {
            list,
            index,
            folded: None,
        }
    }
}

/// How to shorten an event, step by step.
struct Steps {
    /// All that can be left out, the least important first.
    parts: Vec<Part>,
}

impl Steps {
    fn of(data: &EventData) -> Self {
        let parts = match data {
            EventData::Notice(notice) => notice_parts(notice),
            EventData::Digest(digest) => digest_parts(digest),
            EventData::Overdue(overdue) => (0..overdue.missing.len())
                .rev()
                .map(|index| Part::of(0, index))
                .collect(),
            EventData::Revised(revised) => (0..revised.changes.len())
                .rev()
                .map(|index| Part::of(0, index))
                .collect(),
            EventData::Disabled(_) | EventData::Test(_) => Vec::new(),
        };
        Self { parts }
    }

    /// One for each part; before the last part, one that makes it brief; and
    /// one that makes the frame brief.
    fn count(&self) -> usize {
        self.parts.len().saturating_add(2)
    }

    /// The data after the first `count` steps.
    fn taken(&self, data: &EventData, count: usize) -> EventData {
        let last = self.parts.len().saturating_sub(1);
        // The step that makes brief stands before that of the last part.
        let left_out = if count > last { count - 1 } else { count };
        let mut data = without(data, self.parts.get(..left_out).unwrap_or(&self.parts));
        if count > last {
            make_brief(&mut data);
        }
        if count >= self.count() {
            make_frame_brief(&mut data);
        }
        data
    }
}

/// The least important first: consequences before alerts, ended alerts before
/// red ones, the less severe before the more severe, the later before the earlier.
fn notice_parts(notice: &Notice) -> Vec<Part> {
    /// Lists from this on are of alerts that have ended.
    const ENDED: usize = 2;
    let lists = [
        &notice.opened,
        &notice.updated,
        &notice.resolved,
        &notice.withdrawn,
    ];
    let mut parts = Vec::new();
    for (list, alerts) in lists.into_iter().enumerate() {
        for (index, alert) in alerts.iter().enumerate() {
            let severity = alert.alert.facts.severity;
            for folded in (0..alert.folded.len()).map(Some).chain([None]) {
                let part = Part {
                    list,
                    index,
                    folded,
                };
                parts.push((folded.is_none(), list < ENDED, Reverse((severity, part))));
            }
        }
    }
    parts.sort();
    parts
        .into_iter()
        .map(|(.., Reverse((_, part)))| part)
        .collect()
}

/// The least important first: amber lines, those no longer red, overdue
/// reports, red lines.
fn digest_parts(digest: &Digest) -> Vec<Part> {
    let open = digest
        .open
        .iter()
        .zip(0..)
        .map(|(line, index)| (line.severity.unwrap_or(Severity::High), Part::of(0, index)));
    let others = [
        digest.overdue.len(),
        digest.resolved.len(),
        digest.amber.len(),
    ];
    let others = others.into_iter().zip(1..).flat_map(|(length, list)| {
        (0..length).map(move |index| (Severity::High, Part::of(list, index)))
    });
    let mut parts: Vec<(Severity, Part)> = open.chain(others).collect();
    parts.sort_by_key(|(severity, part)| Reverse((part.list, *severity, part.index)));
    parts.into_iter().map(|(_, part)| part).collect()
}

/// The data without these parts, which are counted.
fn without(data: &EventData, parts: &[Part]) -> EventData {
    let left_out: BTreeSet<Part> = parts.iter().copied().collect();
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let mut data = data.clone();
    match &mut data {
        EventData::Notice(notice) => {
            let lists = [
                &mut notice.opened,
                &mut notice.updated,
                &mut notice.resolved,
                &mut notice.withdrawn,
            ];
            for (alerts, list) in lists.into_iter().zip(0..) {
                for (alert, index) in alerts.iter_mut().zip(0..) {
                    retain(&mut alert.folded, |folded| {
                        !left_out.contains(&Part {
                            folded: Some(folded),
                            ..Part::of(list, index)
                        })
                    });
                }
                retain(alerts, |index| !left_out.contains(&Part::of(list, index)));
            }
            notice.truncated = notice.truncated.saturating_add(count);
        }
        EventData::Digest(digest) => {
            let kept = |list: usize| {
                let left_out = &left_out;
                move |index: usize| !left_out.contains(&Part::of(list, index))
            };
            retain(&mut digest.open, kept(0));
            retain(&mut digest.overdue, kept(1));
            retain(&mut digest.resolved, kept(2));
            retain(&mut digest.amber, kept(3));
            digest.truncated = digest.truncated.saturating_add(count);
        }
        EventData::Overdue(overdue) => {
            retain(&mut overdue.missing, |index| {
                !left_out.contains(&Part::of(0, index))
            });
            overdue.truncated = overdue.truncated.saturating_add(count);
        }
        EventData::Revised(revised) => {
            retain(&mut revised.changes, |index| {
                !left_out.contains(&Part::of(0, index))
            });
            revised.truncated = revised.truncated.saturating_add(count);
        }
        EventData::Disabled(_) | EventData::Test(_) => {}
    }
    data
}

/// Keeps the elements whose place is wanted.
fn retain<T>(list: &mut Vec<T>, mut wanted: impl FnMut(usize) -> bool) {
    let mut index = 0;
    list.retain(|_| {
        index += 1;
        wanted(index - 1)
    });
}

/// Shortens what is long inside the alerts that are left.
fn make_brief(data: &mut EventData) {
    if let EventData::Revised(revised) = data {
        revised.reason = cut(&revised.reason, BRIEF_NOTE_CHARS);
        if let Some(note) = &mut revised.note {
            *note = cut(note, BRIEF_NOTE_CHARS);
        }
    }
    if let EventData::Notice(notice) = data {
        let lists = [
            &mut notice.opened,
            &mut notice.updated,
            &mut notice.resolved,
            &mut notice.withdrawn,
        ];
        for alert in lists.into_iter().flatten() {
            brief_alert(&mut alert.alert);
        }
    }
}

fn brief_alert(alert: &mut AlertDocument) {
    let note = |text: &mut String| *text = cut(text, BRIEF_NOTE_CHARS);
    let cause = &mut alert.facts.cause;
    cause.root_causes.truncate(BRIEF_LIST_MAX);
    cause.remedies.truncate(BRIEF_LIST_MAX);
    if let Some(advice) = &mut cause.advice {
        note(&mut advice.ja);
        note(&mut advice.en);
    }
    if let Some(given) = &mut alert.acknowledgement {
        for text in [
            &mut given.cause,
            &mut given.action,
            &mut given.owner,
            &mut given.by,
        ] {
            note(text);
        }
    }
    if let Some(silence) = &mut alert.silence {
        note(&mut silence.reason);
        note(&mut silence.by);
    }
}

/// Shortens the names that an event has around its lists.
fn make_frame_brief(data: &mut EventData) {
    let name = |text: &mut String| *text = cut(text, BRIEF_NAME_CHARS);
    let names = |text: &mut Text| {
        name(&mut text.ja);
        name(&mut text.en);
    };
    let about = |about: &mut ScorecardRef| {
        names(&mut about.scorecard_name);
        names(&mut about.hub.name);
        names(&mut about.prefecture.name);
    };
    match data {
        EventData::Notice(notice) => about(&mut notice.about),
        EventData::Overdue(overdue) => about(&mut overdue.about),
        EventData::Revised(revised) => {
            about(&mut revised.about);
            name(&mut revised.author);
            revised.decided_by.iter_mut().for_each(&name);
            for change in &mut revised.changes {
                name(&mut change.key);
            }
        }
        EventData::Digest(digest) => names(&mut digest.scope),
        EventData::Disabled(endpoint) => {
            name(&mut endpoint.name);
            names(&mut endpoint.reason);
        }
        EventData::Test(test) => {
            name(&mut test.name);
            names(&mut test.message);
        }
    }
}
