//! What a message says and in which order, in one language, before any format.

use chrono::NaiveDate;

use super::words::{self, Group};
use super::{alert_words, clean, revision_words};
use crate::domain::alert::Severity;
use crate::domain::causes::CauseDocument;
use crate::domain::event::{
    AlertDocument, Digest, DigestLine, DisabledEndpoint, EndpointTest, Event, EventData, Notice,
    NoticeAlert, Overdue, PlanRevised, ScorecardRef,
};
use crate::domain::ids::ScorecardId;
use crate::domain::month::japan_date;
use crate::domain::text::{Language, Text};

/// Lines of a list within an entry: consequences, preparations.
const POINTS_MAX: usize = 5;
/// Items that a digest names of one scorecard.
const DIGEST_POINTS_MAX: usize = 10;
const BULLET: &str = "・";

/// A message in one language. Its texts are lines without control characters;
/// markup in them is what the format's own rules make harmless.
#[derive(Clone, Debug)]
pub(super) struct Message {
    language: Language,
    /// The subject of the mail, the headline of the card.
    pub title: String,
    /// Where and when.
    pub lead: Vec<String>,
    pub sections: Vec<Section>,
    /// How many alerts, items or lines are not shown.
    left_out: u32,
    pub link: Option<Link>,
    pub footer: String,
}

#[derive(Clone, Debug)]
pub(super) struct Section {
    pub heading: Option<String>,
    pub tone: Tone,
    pub entries: Vec<Entry>,
}

/// How the news is; shown as a colour beside the words that say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Bad,
    Good,
    Neutral,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub title: String,
    pub rows: Vec<Row>,
    /// How many alerts, items or lines this stands for.
    stands_for: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub label: Option<String>,
    /// Empty where the points say it all.
    pub text: String,
    pub points: Vec<Point>,
}

/// A line of a list.
#[derive(Clone, Debug)]
pub(super) struct Point {
    /// "1. ", "・".
    pub mark: String,
    pub text: String,
}

#[derive(Clone, Debug)]
pub(super) struct Link {
    pub label: String,
    pub url: String,
}

impl Message {
    pub fn of(event: &Event, language: Language) -> Self {
        let writer = Writer {
            language,
            today: japan_date(event.at),
        };
        match &event.data {
            EventData::Notice(notice) => writer.notice(notice),
            EventData::Overdue(overdue) => writer.overdue(overdue),
            EventData::Revised(revised) => writer.revised(revised),
            EventData::Digest(digest) => writer.digest(digest),
            EventData::Disabled(endpoint) => writer.disabled(endpoint),
            EventData::Test(test) => writer.test(test),
        }
    }

    /// The words for what is not shown.
    pub fn left_out(&self) -> Option<String> {
        (self.left_out > 0).then(|| {
            words::left_out(self.left_out, self.link.is_some())
                .in_language(self.language)
                .to_owned()
        })
    }

    /// "ja", "en".
    pub const fn language_code(&self) -> &'static str {
        match self.language {
            Language::Japanese => "ja",
            Language::English => "en",
        }
    }

    /// What stands between a label and its text.
    pub const fn colon(&self) -> &'static str {
        match self.language {
            Language::Japanese => "：",
            Language::English => ": ",
        }
    }

    /// "ほか 3 件".
    pub fn and_more(&self, count: usize) -> String {
        words::and_more(count).in_language(self.language).to_owned()
    }

    /// The most that fits: `render` of the message with as many whole entries,
    /// from the first on, as `fits` allows. Without any entry it is taken as it is.
    pub fn fitted<T>(&self, render: impl Fn(&Self) -> T, fits: impl Fn(&T) -> bool) -> T {
        let whole = render(self);
        if fits(&whole) {
            return whole;
        }
        let (mut fitting, mut too_many) = (0, self.entry_count());
        let mut best = render(&self.with_entries(0));
        while too_many - fitting > 1 {
            let middle = fitting + (too_many - fitting) / 2;
            let rendered = render(&self.with_entries(middle));
            if fits(&rendered) {
                fitting = middle;
                best = rendered;
            } else {
                too_many = middle;
            }
        }
        best
    }

    /// The first entries, at most so many; the others are counted.
    pub fn with_at_most(self, count: usize) -> Self {
        if self.entry_count() <= count {
            self
        } else {
            self.with_entries(count)
        }
    }

    fn entry_count(&self) -> usize {
        self.sections
            .iter()
            .map(|section| section.entries.len())
            .sum()
    }

    /// The same with the first `count` entries; the others are counted.
    fn with_entries(&self, count: usize) -> Self {
        let mut message = self.clone();
        let mut left = count;
        for section in &mut message.sections {
            let kept = left.min(section.entries.len());
            left -= kept;
            let dropped = section.entries.split_off(kept);
            message.left_out = dropped
                .iter()
                .map(|entry| entry.stands_for)
                .fold(message.left_out, u32::saturating_add);
        }
        message
            .sections
            .retain(|section| !section.entries.is_empty());
        message
    }
}

/// Puts words together in one language.
struct Writer {
    language: Language,
    /// The event's day in Japan.
    today: NaiveDate,
}

impl Writer {
    fn say(&self, text: &Text) -> String {
        text.in_language(self.language).to_owned()
    }

    fn message(&self, title: &Text, url: Option<&String>) -> Message {
        Message {
            language: self.language,
            title: self.say(title),
            lead: Vec::new(),
            sections: Vec::new(),
            left_out: 0,
            link: url.map(|url| Link {
                label: self.say(&words::link_label()),
                url: url.clone(),
            }),
            footer: self.say(&words::footer()),
        }
    }

    fn notice(&self, notice: &Notice) -> Message {
        let groups = [
            (Group::Opened, &notice.opened),
            (Group::Updated, &notice.updated),
            (Group::Resolved, &notice.resolved),
            (Group::Withdrawn, &notice.withdrawn),
        ]
        .map(|(group, alerts)| (group, ordered(group, alerts)));
        let first = groups
            .iter()
            .find_map(|(group, alerts)| alerts.first().map(|alert| (*group, *alert)));
        let count: usize = groups.iter().map(|(_, alerts)| alerts.len()).sum();
        let title =
            words::notice_subject(&notice.about, notice.month, first, count.saturating_sub(1));
        let mut message = self.message(&title, notice.url.as_ref());
        message.lead = vec![
            self.say(&words::place(&notice.about)),
            self.say(&words::scorecard_line(&notice.about, notice.month)),
        ];
        message.left_out = notice.truncated;
        message.sections = groups
            .iter()
            .filter(|(_, alerts)| !alerts.is_empty())
            .map(|(group, alerts)| self.group(*group, alerts))
            .collect();
        message
    }

    fn group(&self, group: Group, alerts: &[&NoticeAlert]) -> Section {
        Section {
            heading: Some(self.say(&words::group_heading(group, alerts))),
            tone: match group {
                Group::Opened | Group::Updated => Tone::Bad,
                Group::Resolved => Tone::Good,
                Group::Withdrawn => Tone::Neutral,
            },
            entries: alerts
                .iter()
                .map(|notice| self.alert(group, notice))
                .collect(),
        }
    }

    fn alert(&self, group: Group, notice: &NoticeAlert) -> Entry {
        let facts = &notice.alert.facts;
        let rows = match group {
            Group::Opened | Group::Updated => self.open(notice),
            Group::Resolved => {
                let mut rows = vec![self.plain(&alert_words::ended(facts))];
                rows.extend(self.folded(&notice.folded, false));
                rows
            }
            Group::Withdrawn => vec![self.plain(&alert_words::withdrawn(facts))],
        };
        let is_red = matches!(group, Group::Opened | Group::Updated);
        Entry {
            title: self.say(&alert_words::title(facts, is_red)),
            rows,
            stands_for: saturated(notice.folded.len().saturating_add(1)),
        }
    }

    /// The rows of a red step: the figures, why, what it drags down, what to
    /// prepare, and who has taken it on.
    fn open(&self, notice: &NoticeAlert) -> Vec<Row> {
        let alert = &notice.alert;
        let mut rows: Vec<Row> = alert_words::reason(notice.reason)
            .map(|reason| self.plain(&reason))
            .into_iter()
            .collect();
        rows.push(self.plain(&alert_words::open(&alert.facts)));
        rows.push(self.labelled(
            &alert_words::cause_label(),
            &alert_words::cause(&alert.facts),
        ));
        rows.extend(self.folded(&notice.folded, true));
        rows.extend(self.preparation(alert));
        rows.extend(self.responses(alert));
        rows
    }

    fn folded(&self, folded: &[AlertDocument], is_red: bool) -> Option<Row> {
        let points: Vec<String> = folded
            .iter()
            .map(|alert| self.say(&alert_words::folded(alert)))
            .collect();
        self.list(&alert_words::folded_label(is_red), points, false)
    }

    /// What is to be prepared, else what to do where nothing is left.
    fn preparation(&self, alert: &AlertDocument) -> Option<Row> {
        let CauseDocument {
            remedies, advice, ..
        } = &alert.facts.cause;
        let points: Vec<String> = remedies
            .iter()
            .map(|remedy| self.say(&alert_words::remedy(remedy, alert.facts.month)))
            .collect();
        self.list(&alert_words::remedies_label(), points, true)
            .or_else(|| {
                let advice = clean::notes(advice.as_ref()?);
                Some(self.labelled(&alert_words::advice_label(), &advice))
            })
    }

    fn responses(&self, alert: &AlertDocument) -> Vec<Row> {
        let acknowledged = alert
            .acknowledgement
            .as_ref()
            .map(|given| alert_words::acknowledgement(given, self.today));
        let handled = alert.handled.then(alert_words::handled);
        let mut rows: Vec<Row> = [acknowledged, handled]
            .into_iter()
            .flatten()
            .map(|text| self.labelled(&alert_words::response_label(), &text))
            .collect();
        rows.extend(alert.silence.as_ref().map(|silence| {
            self.labelled(
                &alert_words::silence_label(),
                &alert_words::silence(silence),
            )
        }));
        rows
    }

    fn overdue(&self, overdue: &Overdue) -> Message {
        let mut message = self.message(&words::overdue_subject(overdue), overdue.url.as_ref());
        message.lead = vec![
            self.say(&words::place(&overdue.about)),
            self.say(&words::scorecard_line(&overdue.about, overdue.month)),
            self.say(&words::overdue_sentence(overdue)),
        ];
        message.left_out = overdue.truncated;
        message.sections = section(
            self.say(&words::overdue_heading(overdue)),
            Tone::Bad,
            overdue
                .missing
                .iter()
                .map(|item| Entry::line(self.say(&clean::name(&item.item_name))))
                .collect(),
        )
        .into_iter()
        .collect();
        message
    }

    fn revised(&self, revised: &PlanRevised) -> Message {
        let title = revision_words::title(revised);
        let mut message = self.message(&title, revised.url.as_ref());
        message.lead = vec![
            self.say(&words::place(&revised.about)),
            self.say(&revision_words::scorecard(revised)),
            self.say(&revision_words::sentence(revised)),
        ];
        message.left_out = revised.truncated;
        let mut rows = vec![self.labelled(
            &revision_words::reason_label(),
            &revision_words::written(&revised.reason),
        )];
        rows.extend(revised.note.as_ref().map(|note| {
            self.labelled(
                &revision_words::note_label(),
                &revision_words::written(note),
            )
        }));
        let by = Entry {
            title: self.say(&revision_words::author(revised)),
            rows,
            stands_for: 0,
        };
        let changes = revised
            .changes
            .iter()
            .map(|change| Entry::line(self.say(&revision_words::change(change))))
            .collect();
        let heading = self.say(&revision_words::heading(revised));
        message.sections = [
            Some(Section {
                heading: None,
                tone: Tone::Neutral,
                entries: vec![by],
            }),
            section(heading, Tone::Neutral, changes),
        ]
        .into_iter()
        .flatten()
        .collect();
        message
    }

    fn digest(&self, digest: &Digest) -> Message {
        let (red, overdue) = (digest.open.len(), digest.overdue.len());
        let title = words::digest_subject(digest, red, overdue);
        let mut message = self.message(&title, digest.url.as_ref());
        message.lead = vec![self.say(&words::digest_scope(digest))];
        if red == 0 && overdue == 0 {
            message.lead.push(self.say(&words::digest_quiet(digest)));
        }
        message.left_out = digest.truncated;
        let mut open: Vec<&DigestLine> = digest.open.iter().collect();
        open.sort_by_key(|line| line.severity.unwrap_or(Severity::High));
        let resolved: Vec<&DigestLine> = digest.resolved.iter().collect();
        let amber: Vec<&DigestLine> = digest.amber.iter().collect();
        let overdue: Vec<(&ScorecardRef, Text)> = digest
            .overdue
            .iter()
            .map(|line| (&line.about, words::digest_overdue(line)))
            .collect();
        message.sections = [
            self.lines(
                &words::digest_red_heading(),
                Tone::Bad,
                &open,
                words::digest_red,
            ),
            self.grouped(&words::digest_overdue_heading(), Tone::Bad, &overdue),
            self.lines(
                &words::digest_resolved_heading(),
                Tone::Good,
                &resolved,
                words::digest_resolved,
            ),
            self.lines(
                &words::digest_amber_heading(),
                Tone::Neutral,
                &amber,
                words::digest_amber,
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        message
    }

    fn lines(
        &self,
        heading: &Text,
        tone: Tone,
        lines: &[&DigestLine],
        words: impl Fn(&DigestLine) -> Text,
    ) -> Option<Section> {
        let lines: Vec<(&ScorecardRef, Text)> = lines
            .iter()
            .map(|line| (&line.about, words(line)))
            .collect();
        self.grouped(heading, tone, &lines)
    }

    /// Lines of a digest, those of one scorecard together, in the order in which
    /// the scorecards first come.
    fn grouped(
        &self,
        heading: &Text,
        tone: Tone,
        lines: &[(&ScorecardRef, Text)],
    ) -> Option<Section> {
        let mut scorecards: Vec<(&ScorecardId, &ScorecardRef, Vec<String>)> = Vec::new();
        for (about, text) in lines {
            let text = self.say(text);
            match scorecards
                .iter_mut()
                .find(|(known, ..)| **known == about.scorecard)
            {
                Some((_, _, points)) => points.push(text),
                None => scorecards.push((&about.scorecard, about, vec![text])),
            }
        }
        let entries = scorecards
            .into_iter()
            .map(|(_, about, points)| Entry {
                title: self.say(&words::digest_entry(about)),
                stands_for: saturated(points.len()),
                rows: vec![Row {
                    points: self.points(points, DIGEST_POINTS_MAX, false),
                    ..Row::default()
                }],
            })
            .collect();
        let heading = words::counted(heading, lines.len());
        section(self.say(&heading), tone, entries)
    }

    fn disabled(&self, endpoint: &DisabledEndpoint) -> Message {
        let title = words::disabled_subject(endpoint);
        let mut message = self.message(&title, endpoint.url.as_ref());
        let rows = words::disabled_details(endpoint)
            .iter()
            .map(|(label, text)| self.labelled(label, text))
            .collect();
        message.sections = vec![Section {
            heading: None,
            tone: Tone::Bad,
            entries: vec![Entry {
                title: self.say(&words::disabled_sentence(endpoint)),
                rows,
                stands_for: 1,
            }],
        }];
        message
    }

    fn test(&self, test: &EndpointTest) -> Message {
        let mut message = self.message(&words::test_subject(test), None);
        message.lead = vec![
            self.say(&words::test_sentence()),
            self.say(&clean::notes(&test.message)),
        ];
        message.lead.retain(|line| !line.is_empty());
        message
    }

    fn plain(&self, text: &Text) -> Row {
        Row {
            text: self.say(text),
            ..Row::default()
        }
    }

    fn labelled(&self, label: &Text, text: &Text) -> Row {
        Row {
            label: Some(self.say(label)),
            text: self.say(text),
            points: Vec::new(),
        }
    }

    fn list(&self, label: &Text, points: Vec<String>, numbered: bool) -> Option<Row> {
        (!points.is_empty()).then(|| Row {
            label: Some(self.say(label)),
            text: String::new(),
            points: self.points(points, POINTS_MAX, numbered),
        })
    }

    /// At most so many points, and how many more there are.
    fn points(&self, texts: Vec<String>, max: usize, numbered: bool) -> Vec<Point> {
        let more = texts.len().saturating_sub(max);
        let mut points: Vec<Point> = texts
            .into_iter()
            .take(max)
            .zip(1..)
            .map(|(text, number)| Point {
                mark: if numbered {
                    format!("{number}. ")
                } else {
                    BULLET.to_owned()
                },
                text,
            })
            .collect();
        if more > 0 {
            points.push(Point {
                mark: BULLET.to_owned(),
                text: self.say(&words::and_more(more)),
            });
        }
        points
    }
}

impl Entry {
    /// An entry of one line.
    fn line(title: String) -> Self {
        Self {
            title,
            rows: Vec::new(),
            stands_for: 1,
        }
    }
}

fn section(heading: String, tone: Tone, entries: Vec<Entry>) -> Option<Section> {
    (!entries.is_empty()).then_some(Section {
        heading: Some(heading),
        tone,
        entries,
    })
}

/// Critical alerts before other red ones, recoveries before other ends;
/// otherwise as they come.
fn ordered(group: Group, alerts: &[NoticeAlert]) -> Vec<&NoticeAlert> {
    let mut alerts: Vec<&NoticeAlert> = alerts.iter().collect();
    alerts.sort_by_key(|notice| match group {
        Group::Opened | Group::Updated => (Some(notice.alert.facts.severity), None),
        Group::Resolved | Group::Withdrawn => (None, notice.alert.facts.resolved_reason),
    });
    alerts
}

fn saturated(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
