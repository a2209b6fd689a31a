//! What the demo promises, for every month that it can be started in.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};

use super::cast::{HUBS, PREFECTURES};
use super::figures::Subject;
use super::seed::{SEED, plan};
use super::stories::{STORIES, Since, Story};
use super::timeline::{Calendar, Deed, Event, events};
use crate::app::months::Decision;
use crate::domain::amount::Amount;
use crate::domain::evaluate::{Evaluation, evaluate};
use crate::domain::issue::Issues;
use crate::domain::ledger::{Cell, Figure, Ledger};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::report::{Report, check, difference};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::Perspective;
use crate::domain::status::{Flag, Status};
use crate::domain::template::Templates;

/// A story told at a moment: its plan, and what was reported.
struct Told {
    story: &'static Story,
    plan: Plan,
    events: Vec<Event>,
    ledger: Ledger,
}

impl Told {
    fn at(story: &'static Story, seed: u64, calendar: &Calendar) -> Self {
        let plan = plan(story, templates(), calendar).unwrap();
        let subject = Subject {
            seed,
            story,
            plan: &plan,
        };
        let events = events(&subject, calendar);
        let mut ledger = Ledger::default();
        for report in reports(&events) {
            let at = ProgrammeMonth::of(report.month.unwrap(), plan.start).unwrap();
            for change in difference(report, at, &ledger).changes {
                ledger.set(&change.item, at, change.after);
            }
        }
        Self {
            story,
            plan,
            events,
            ledger,
        }
    }

    fn reported_through(&self) -> ProgrammeMonth {
        self.ledger.reported_through().unwrap()
    }

    fn evaluation(&self) -> Evaluation {
        evaluate(&self.plan, &self.ledger, self.reported_through())
    }

    fn reds(&self) -> Vec<String> {
        self.keys(&self.evaluation(), |_, item| item.flag == Flag::Red)
    }

    /// Preparation that leads to an item and is not where it should be.
    fn unfinished_preparation(&self, item: &str) -> Vec<String> {
        let upstream = self.upstream(item);
        self.keys(&self.evaluation(), |index, now| {
            let item = &self.plan.definition.items[index];
            upstream.contains(&item.key)
                && matches!(
                    item.stage.perspective(),
                    Perspective::Learning | Perspective::Process
                )
                && matches!(now.status, Status::Behind | Status::AtRisk)
        })
    }

    fn upstream(&self, item: &str) -> BTreeSet<String> {
        let mut upstream = BTreeSet::new();
        let mut next = vec![item.to_owned()];
        while let Some(key) = next.pop() {
            for link in &self.plan.definition.links {
                if link.to.contains(&key) {
                    next.extend(
                        link.from
                            .iter()
                            .filter(|key| !upstream.contains(*key))
                            .cloned(),
                    );
                    upstream.extend(link.from.iter().cloned());
                }
            }
        }
        upstream
    }

    fn keys(
        &self,
        evaluation: &Evaluation,
        wanted: impl Fn(usize, &crate::domain::evaluate::ItemEvaluation) -> bool,
    ) -> Vec<String> {
        let items = self.plan.definition.items.iter().zip(&evaluation.items);
        items
            .enumerate()
            .filter(|(index, (_, now))| wanted(*index, now))
            .map(|(_, (item, _))| item.key.clone())
            .collect()
    }

    fn status(&self, item: &str) -> (Status, Flag) {
        let index = self.plan.definition.item_index(item).unwrap();
        let now = &self.evaluation().items[index];
        (now.status, now.flag)
    }
}

fn reports(events: &[Event]) -> impl Iterator<Item = &Report> {
    events.iter().filter_map(|event| match &event.deed {
        Deed::Report(report) => Some(report),
        Deed::Decide(..) => None,
    })
}

fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| Templates::embedded().unwrap())
}

/// The demo's calendar at noon in Japan.
fn calendar(day: &str) -> Calendar {
    let now: DateTime<Utc> = format!("{day}T03:00:00Z").parse().unwrap();
    Calendar::of(now, 10)
}

fn all(day: &str) -> Vec<Told> {
    let calendar = calendar(day);
    STORIES
        .iter()
        .map(|story| Told::at(story, SEED, &calendar))
        .collect()
}

/// The data depend on the fiscal year's month only, so these are all there are.
const DAYS: [&str; 12] = [
    "2026-04-15",
    "2026-05-01",
    "2026-06-30",
    "2026-07-15",
    "2026-08-02",
    "2026-09-15",
    "2026-10-15",
    "2026-11-22",
    "2026-12-15",
    "2027-01-01",
    "2027-02-28",
    "2027-03-05",
];

#[test]
fn the_same_seed_and_month_give_the_same_demo() {
    let (early, late) = (calendar("2026-11-12"), calendar("2026-11-30"));
    let next_year = calendar("2027-11-22");
    for story in &STORIES {
        let told = Told::at(story, SEED, &early);
        let again = Told::at(story, SEED, &late);
        let rolled = Told::at(story, SEED, &next_year);
        assert_eq!(told.ledger, again.ledger, "{}", story.name());
        assert_eq!(told.ledger, rolled.ledger, "{}", story.name());
        assert_eq!(told.plan.start.plus(12), rolled.plan.start);
        let times = |told: &Told| told.events.iter().map(|e| e.at).collect::<Vec<_>>();
        assert_eq!(times(&told), times(&again), "{}", story.name());
        let other = Told::at(story, SEED + 1, &early);
        assert_ne!(told.ledger, other.ledger, "{}", story.name());
    }
}

#[test]
fn thirty_months_and_some_red_with_their_preparation_unfinished() {
    for day in DAYS {
        let told = all(day);
        let red = told.iter().filter(|told| !told.reds().is_empty()).count();
        assert!((4..=10).contains(&red), "{day}: {red} scorecards are red");
        for told in &told {
            let name = told.story.name();
            let months = told.reported_through().t() + told.story.reported_ago.unsigned_abs();
            match told.story.since {
                Since::First => assert!((30..=41).contains(&months), "{day} {name}: {months}"),
                Since::Later => assert!((18..=29).contains(&months), "{day} {name}: {months}"),
            }
            for item in told.reds() {
                let unfinished = told.unfinished_preparation(&item);
                assert!(!unfinished.is_empty(), "{day} {name}: {item}");
            }
        }
    }
}

#[test]
fn the_tour_turns_a_scorecard_red() {
    for day in DAYS {
        let calendar = calendar(day);
        let story = STORIES
            .iter()
            .find(|story| !story.left_to_post.is_empty())
            .unwrap();
        let mut told = Told::at(story, SEED, &calendar);
        assert_eq!(
            told.reported_through().calendar(told.plan.start),
            calendar.last
        );
        assert_eq!(told.reds(), Vec::<String>::new(), "{day}");
        let (first, _) = story.left_to_post[0];
        assert_eq!(told.status(first), (Status::NoData, Flag::None), "{day}");
        let at = told.reported_through();
        for (item, value) in story.left_to_post {
            let figure = Figure::Amount(Amount::whole(*value));
            told.ledger.set(item, at, Cell::Reported(figure));
        }
        assert_eq!(told.status(first), (Status::Behind, Flag::Red), "{day}");
        assert_eq!(told.reds(), [first], "{day}");
        assert!(!told.unfinished_preparation(first).is_empty(), "{day}");
    }
}

#[test]
fn everything_happens_in_its_time_and_is_accepted() {
    for (day, due_day) in [("2026-11-01", 10), ("2027-04-30", 1), ("2026-03-01", 31)] {
        let calendar = Calendar {
            due_day,
            ..calendar(day)
        };
        for story in &STORIES {
            let told = Told::at(story, SEED, &calendar);
            let name = story.name();
            assert!(told.events.is_sorted_by_key(|event| event.at), "{name}");
            for event in &told.events {
                assert!(event.at <= calendar.now, "{name}");
                if let Deed::Report(report) = &event.deed {
                    let mut issues = Issues::default();
                    let last = Month::last_ended(event.at);
                    check(report, &told.plan, last, &mut issues);
                    assert!(!issues.has_errors(), "{name}: {:?}", issues.into_vec());
                }
            }
        }
    }
}

#[test]
fn the_stories_have_what_life_has() {
    let told = all("2026-11-22");
    let any = |wanted: &dyn Fn(&Told) -> bool| told.iter().any(wanted);
    let deed = |wanted: &dyn Fn(&Deed) -> bool| {
        any(&|told| told.events.iter().any(|event| wanted(&event.deed)))
    };
    assert!(deed(&|deed| matches!(
        deed,
        Deed::Decide(_, Decision::Return { .. })
    )));
    assert!(deed(&|deed| matches!(
        deed,
        Deed::Decide(_, Decision::Reopen { .. })
    )));
    let late = |told: &Told| {
        told.events.iter().any(|event| match &event.deed {
            Deed::Report(report) => {
                let due = report.month.unwrap().due_on(10);
                event.at.date_naive() > due && event.at.date_naive() < due + TimeDelta::days(20)
            }
            Deed::Decide(..) => false,
        })
    };
    assert!(any(&late), "a late report");
    assert!(any(&|told| told.story.reported_ago > 0), "a missing report");
    let gap = |told: &Told| reports(&told.events).count() < told.reported_through().index();
    assert!(any(&gap), "a month nobody reported");
    let not_applicable = |told: &Told| {
        told.plan.definition.items.iter().any(|item| {
            ProgrammeMonth::FIRST
                .through(told.reported_through())
                .any(|at| told.ledger.cell(&item.key, at).is_not_applicable())
        })
    };
    assert!(any(&not_applicable), "a month that does not count");
    let unset = |told: &Told| told.plan.parameters.values().any(Option::is_none);
    assert!(any(&unset), "a target that nobody has set");
}

#[test]
fn a_correction_ends_a_false_alarm() {
    let calendar = calendar("2026-11-22");
    let story = STORIES
        .iter()
        .find(|story| story.hub == "hiroshima-bingo")
        .unwrap();
    let told = Told::at(story, SEED, &calendar);
    let at = ProgrammeMonth::new(20);
    let month = Some(at.calendar(told.plan.start));
    let said: Vec<&Report> = reports(&told.events)
        .filter(|report| report.month == month)
        .collect();
    assert_eq!(said.len(), 2, "first as it was, then put right");
    let item = told.plan.definition.item_index("seminar-format").unwrap();
    let flag = |ledger: &Ledger| evaluate(&told.plan, ledger, at).items[item].flag;
    let mut before = told.ledger.clone();
    let typed = Figure::Amount(Amount::whole(10));
    before.set("seminar-format", at, Cell::Reported(typed));
    assert_eq!(flag(&before), Flag::Red);
    assert_eq!(flag(&told.ledger), Flag::None);
}

#[test]
fn cast_and_stories_fit_together() {
    let codes = |story: &Story| story.hub;
    let acting: BTreeSet<&str> = STORIES.iter().map(codes).collect();
    assert_eq!(acting, HUBS.iter().map(|hub| hub.code).collect());
    let used: BTreeSet<&str> = STORIES.iter().map(|story| story.template).collect();
    assert_eq!(
        used,
        templates()
            .as_slice()
            .iter()
            .map(|t| t.key.as_str())
            .collect()
    );
    assert!((12..=16).contains(&STORIES.len()));
    for prefecture in &PREFECTURES {
        let hubs = HUBS.iter().filter(|hub| hub.prefecture == prefecture.code);
        assert!((1..=3).contains(&hubs.clone().count()), "{}", prefecture.en);
        for hub in hubs {
            for story in STORIES.iter().filter(|story| story.hub == hub.code) {
                let template = templates().find(story.template).unwrap();
                assert_eq!(template.market_type, prefecture.market, "{}", story.name());
                for (item, _) in story.courses {
                    assert!(template.item(item).is_some(), "{}: {item}", story.name());
                }
            }
        }
    }
}
