//! When everything happened: a story's figures as reports and decisions, in
//! the order of their times.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

use super::dice::Dice;
use super::figures::{Subject, figures};
use super::stories::{Incident, Since};
use crate::app::months::Decision;
use crate::domain::amount::Amount;
use crate::domain::ledger::{Cell, Figure, Ledger};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::report::{Entry, Report, Statement};

/// The first hubs have this many months behind them, at least.
const MONTHS_MIN: i32 = 30;
const YEAR: i32 = 12;
/// The fiscal year's first month.
const APRIL: i32 = 4;
/// A report comes so many days before it is due …
const DAYS_EARLY: (i64, i64) = (1, 7);
/// … and is approved so many days after it was.
const DAYS_TO_APPROVAL: (i64, i64) = (5, 12);
/// A month sent back is sent back so many days after it was due.
const DAYS_TO_RETURN: u64 = 7;
/// A reopened month stays open for so many days.
const DAYS_REOPENED: i64 = 14;
/// Japan's office hours, in minutes after midnight in Greenwich.
const OFFICE_MINUTES: (i64, i64) = (10, 8 * 60 + 20);

/// The demo's calendar.
#[derive(Clone, Copy)]
pub struct Calendar {
    pub now: DateTime<Utc>,
    /// The last ended month.
    pub last: Month,
    /// Day of the next month on which a report is due.
    pub due_day: u32,
}

impl Calendar {
    pub fn of(now: DateTime<Utc>, due_day: u32) -> Self {
        Self {
            now,
            last: Month::last_ended(now),
            due_day,
        }
    }

    /// The April in which a scorecard began.
    pub fn start(&self, since: Since) -> Month {
        let into_year = (self.last.month_of_year() - APRIL).rem_euclid(YEAR);
        let missing = MONTHS_MIN - (into_year + 1);
        let years = match since {
            Since::First => (missing + YEAR - 1) / YEAR,
            Since::Later => (missing - 1) / YEAR,
        };
        self.last.plus(-into_year - years * YEAR)
    }

    /// A time in the office on a day; where that has not come yet, now.
    fn on(&self, day: NaiveDate, dice: &mut Dice) -> DateTime<Utc> {
        let (opens, closes) = OFFICE_MINUTES;
        let minutes = TimeDelta::minutes(dice.between(opens, closes));
        (day.and_time(NaiveTime::MIN).and_utc() + minutes).min(self.now)
    }
}

/// Something that happened to a scorecard.
pub struct Event {
    pub at: DateTime<Utc>,
    pub deed: Deed,
}

pub enum Deed {
    /// By the member of the hub's staff whose turn it is.
    Report(Report),
    /// By the prefecture's officer.
    Decide(Month, Decision),
}

/// A story told: what was done to the scorecard, oldest first.
pub fn events(subject: &Subject<'_>, calendar: &Calendar) -> Vec<Event> {
    Teller::of(subject, calendar).map_or_else(Vec::new, Teller::told)
}

struct Teller<'a> {
    subject: &'a Subject<'a>,
    calendar: &'a Calendar,
    /// The last month reported.
    last: ProgrammeMonth,
    figures: Ledger,
    events: Vec<Event>,
}

impl<'a> Teller<'a> {
    fn of(subject: &'a Subject<'a>, calendar: &'a Calendar) -> Option<Self> {
        let last = calendar.last.plus(-subject.story.reported_ago);
        let last = ProgrammeMonth::of(last, subject.plan.start)?;
        Some(Self {
            subject,
            calendar,
            last,
            figures: figures(subject, last),
            events: Vec::new(),
        })
    }

    fn told(mut self) -> Vec<Event> {
        for at in ProgrammeMonth::FIRST.through(self.last) {
            self.month(at);
        }
        for incident in self.subject.story.incidents {
            self.correction(incident);
        }
        self.events.sort_by_key(|event| event.at);
        self.events
    }

    /// The report of a month, and what the prefecture said to it.
    fn month(&mut self, at: ProgrammeMonth) {
        let entries = self.entries(at);
        if entries.is_empty() {
            return;
        }
        let (reported_at, note) = self.reported_at(at);
        let report = Report {
            path: String::new(),
            month: Some(self.calendar_month(at)),
            received: entries.len(),
            entries,
            note,
        };
        self.add(reported_at, Deed::Report(report));
        if let Some((decided_at, decision)) = self.decision(at, reported_at) {
            self.add(decided_at, Deed::Decide(self.calendar_month(at), decision));
        }
    }

    /// Older months are approved; the one after them may have been sent back.
    fn decision(
        &self,
        at: ProgrammeMonth,
        reported_at: DateTime<Utc>,
    ) -> Option<(DateTime<Utc>, Decision)> {
        let story = self.subject.story;
        let month = self.calendar_month(at);
        let ago = self.calendar.last.since(month);
        let mut dice = self.dice("decision", at);
        let (day, decision) = if ago >= story.approved_ago {
            let (soon, late) = DAYS_TO_APPROVAL;
            let days = TimeDelta::days(dice.between(soon, late));
            let decision = Decision::Approve { note: None };
            (reported_at.date_naive() + days, decision)
        } else {
            let note = story.returned.filter(|_| ago + 1 == story.approved_ago)?;
            let days = Days::new(DAYS_TO_RETURN);
            let note = note.to_owned();
            let decision = Decision::Return { note };
            (month.due_on(self.calendar.due_day) + days, decision)
        };
        let decided_at = self.calendar.on(next_working_day(day), &mut dice);
        Some((decided_at, decision))
    }

    /// A figure put right: the prefecture reopens the month for it.
    fn correction(&mut self, incident: &Incident) {
        let Incident::Correction {
            month,
            item,
            months_later,
            why,
            ..
        } = *incident
        else {
            return;
        };
        let at = ProgrammeMonth::new(month);
        let found = ProgrammeMonth::new(month + months_later);
        if found > self.last {
            return;
        }
        let Some(statement) = statement(self.figures.cell(item, at)) else {
            return;
        };
        // On the morning of a later month's report, before it.
        let (reported_at, _) = self.reported_at(found);
        let reopened_at = reported_at - TimeDelta::minutes(45);
        let corrected_at = reported_at - TimeDelta::minutes(15);
        let month = self.calendar_month(at);
        let decision = Decision::Reopen {
            reason: why.to_owned(),
            until: reopened_at + TimeDelta::days(DAYS_REOPENED),
        };
        self.add(reopened_at, Deed::Decide(month, decision));
        let report = Report {
            path: String::new(),
            month: Some(month),
            entries: vec![entry(item, statement)],
            note: Some(why.to_owned()),
            received: 1,
        };
        self.add(corrected_at, Deed::Report(report));
    }

    /// What the hub said at first about a month.
    fn entries(&self, at: ProgrammeMonth) -> Vec<Entry> {
        let story = self.subject.story;
        let is_last = self.calendar_month(at) == self.calendar.last;
        self.subject
            .plan
            .definition
            .items
            .iter()
            .filter(|item| !is_last || story.left_to_post.iter().all(|(left, _)| *left != item.key))
            .filter_map(|item| {
                let otherwise = story
                    .incidents
                    .iter()
                    .find_map(|incident| said_otherwise(incident, at, &item.key));
                let said = otherwise.or_else(|| statement(self.figures.cell(&item.key, at)))?;
                Some(entry(&item.key, said))
            })
            .collect()
    }

    /// When a month was reported: before it was due, unless the story has it late.
    fn reported_at(&self, at: ProgrammeMonth) -> (DateTime<Utc>, Option<String>) {
        let month = self.calendar_month(at);
        let due = month.due_on(self.calendar.due_day);
        let mut dice = self.dice("report", at);
        let late = self
            .subject
            .story
            .incidents
            .iter()
            .find_map(|incident| match incident {
                Incident::Late { month, days, why } if *month == at.t() => Some((*days, *why)),
                _ => None,
            });
        if let Some((days, why)) = late {
            let day = next_working_day(due + Days::new(days.into()));
            return (self.calendar.on(day, &mut dice), Some(why.to_owned()));
        }
        let (soon, early) = DAYS_EARLY;
        let day = last_working_day(due - TimeDelta::days(dice.between(soon, early)));
        let first = month.next().first_day();
        (self.calendar.on(day.max(first), &mut dice), None)
    }

    fn dice(&self, thing: &str, at: ProgrammeMonth) -> Dice {
        Dice::of(self.subject.seed, &self.subject.story.name(), thing, at.t())
    }

    fn calendar_month(&self, at: ProgrammeMonth) -> Month {
        at.calendar(self.subject.plan.start)
    }

    fn add(&mut self, at: DateTime<Utc>, deed: Deed) {
        self.events.push(Event { at, deed });
    }
}

/// What the story has the hub say of an item in a month, instead of its figure.
fn said_otherwise(incident: &Incident, at: ProgrammeMonth, key: &str) -> Option<Statement> {
    match incident {
        Incident::NotApplicable { month, item, why } if *month == at.t() && *item == key => {
            Some(Statement::NotApplicable {
                reason: (*why).to_owned(),
            })
        }
        Incident::Correction {
            month, item, first, ..
        } if *month == at.t() && *item == key => Some(Statement::Value(Amount::whole(*first))),
        _ => None,
    }
}

fn statement(cell: &Cell) -> Option<Statement> {
    match cell {
        Cell::Reported(Figure::Amount(amount)) => Some(Statement::Value(*amount)),
        Cell::Reported(Figure::Ratio {
            numerator,
            denominator,
        }) => Some(Statement::Ratio {
            numerator: *numerator,
            denominator: *denominator,
        }),
        Cell::NotReported | Cell::NotApplicable { .. } => None,
    }
}

fn entry(item: &str, statement: Statement) -> Entry {
    Entry {
        path: String::new(),
        item: item.to_owned(),
        statement,
    }
}

/// The day itself, or on a weekend the Friday before.
fn last_working_day(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day - Days::new(1),
        Weekday::Sun => day - Days::new(2),
        _ => day,
    }
}

/// The day itself, or on a weekend the Monday after.
fn next_working_day(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day + Days::new(2),
        Weekday::Sun => day + Days::new(1),
        _ => day,
    }
}
