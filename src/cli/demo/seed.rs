//! Plays the stories through the same operations that requests use, each at
//! its time, so that histories, summaries and the audit are real.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveTime, Utc};
use rand::RngExt as _;

use super::cast::{
    HUBS, HubCast, NATIONAL, OPERATOR, PREFECTURES, Person, PrefectureCast, TOUR_HUB,
    TOUR_PREFECTURE, VIEWER,
};
use super::figures::Subject;
use super::stories::{STORIES, Since, Story};
use super::timeline::{Calendar, Deed, Event, events};
use crate::app::actuals::{self, Book};
use crate::app::api_keys::{self, NewApiKey};
use crate::app::scorecards::{self, NewScorecard};
use crate::app::secrets::hash_of_password;
use crate::app::users::{self, NewUser};
use crate::app::{AppError, Office, Session, hubs, months, notices, prefectures};
use crate::cli::admin::machine;
use crate::domain::access::{Caller, Role, Scope};
use crate::domain::amount::Amount;
use crate::domain::definition::resolve_targets;
use crate::domain::ids::{HubCode, PrefectureCode, ScorecardId};
use crate::domain::issue::Issues;
use crate::domain::month::Month;
use crate::domain::organisation::{Hub, Prefecture};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Definition, Settings};
use crate::domain::template::Templates;
use crate::domain::text::Text;
use crate::storage::{Conn, Db};

/// Another number is another demo.
pub const SEED: u64 = 1;
/// Where figures came from, for their history.
const SOURCE: &str = "demo";
/// Organisations and scorecards are set up so many days before they begin.
const DAYS_AHEAD: u64 = 14;
/// Letters and digits that cannot be taken for one another.
const PASSWORD_LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
const PASSWORD_GROUPS: usize = 4;
const PASSWORD_GROUP_LENGTH: usize = 4;

/// A way into the demo.
#[derive(Clone)]
pub struct SignIn {
    pub role: Role,
    pub scope: Scope,
    pub email: String,
    pub password: String,
    pub api_key: String,
}

/// What the demo offers once it is there.
pub struct Seeded {
    /// One of each role.
    pub sign_ins: Vec<SignIn>,
    pub tour: Tour,
}

/// The report that is left for the visitor to post.
#[derive(Clone)]
pub struct Tour {
    pub scorecard: ScorecardId,
    pub month: Month,
    pub values: &'static [(&'static str, i64)],
}

/// Fills a migrated, empty database; `progress` hears of the 1st, 2nd, … story.
pub fn seed(
    db: &Db,
    office: &Office,
    calendar: &Calendar,
    progress: impl Fn(usize),
) -> Result<Seeded, String> {
    let templates = Templates::embedded().map_err(|error| error.to_string())?;
    let doors = Doors::new().map_err(|error| error.to_string())?;
    let people = db
        .write(|conn| People::arrive(conn, office, calendar, &doors))
        .map_err(|error| described(&error))?;
    let mut tour = None;
    for (number, story) in (1..).zip(&STORIES) {
        progress(number);
        let plan = plan(story, &templates, calendar)?;
        let subject = Subject {
            seed: SEED,
            story,
            plan: &plan,
        };
        let events = events(&subject, calendar);
        let scorecard = db
            .write(|conn| tell(conn, office, &people, &subject, &events, calendar.now))
            .map_err(|error| format!("{}: {}", story.name(), described(&error)))?;
        if !story.left_to_post.is_empty() {
            tour = Some(Tour {
                scorecard,
                month: calendar.last,
                values: story.left_to_post,
            });
        }
    }
    Ok(Seeded {
        sign_ins: people.sign_ins,
        tour: tour.ok_or("no story has a guided tour")?,
    })
}

fn described(error: &AppError) -> String {
    match error {
        AppError::Invalid(issues) => issues
            .iter()
            .map(|issue| issue.message.en.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        other => other.to_string(),
    }
}

/// The plan that a story's scorecard begins with.
pub fn plan(story: &Story, templates: &Templates, calendar: &Calendar) -> Result<Plan, String> {
    let template = templates
        .find(story.template)
        .ok_or_else(|| format!("there is no template {}", story.template))?;
    let mut parameters = template.default_parameters();
    for (key, value) in story.parameters {
        parameters.insert((*key).to_owned(), Some(Amount::whole(*value)));
    }
    let definition = Definition {
        settings: Settings {
            due_day: calendar.due_day,
            ..Settings::default()
        },
        ..template.clone()
    };
    let (definition, _) = resolve_targets(&definition, &parameters);
    let start = calendar.start(story.since);
    Ok(Plan {
        version: 1,
        start,
        effective: start,
        definition: Arc::new(definition),
        parameters,
    })
}

/// Creates the scorecard and lets everything happen to it, up to now.
fn tell(
    conn: &mut Conn,
    office: &Office,
    people: &People,
    subject: &Subject<'_>,
    events: &[Event],
    until: DateTime<Utc>,
) -> Result<ScorecardId, AppError> {
    let Subject { story, plan, .. } = *subject;
    let hub = people.hub(story.hub)?;
    let mut session = Session {
        conn,
        caller: hub.officer.clone(),
        office,
        now: before(plan.start),
        clock: None,
        known_at: None,
    };
    let new = NewScorecard {
        hub: hub.hub.clone(),
        key: plan.definition.key.clone(),
        name: plan.definition.name.clone(),
        template: Some(story.template.to_owned()),
        start: plan.start,
        definition: Definition::clone(&plan.definition),
        parameters: plan.parameters.clone(),
    };
    let (scorecard, _) = scorecards::create(&mut session, new)?;
    let mut book = Book::open(&mut session, &scorecard.id)?;
    let mut turns = hub.staff.iter().cycle();
    for event in events {
        notices::catch_up(session.conn, office, &scorecard.id, event.at)?;
        session.now = event.at;
        match &event.deed {
            Deed::Report(report) => {
                session.caller = turns.next().unwrap_or(&hub.officer).clone();
                let refusal = actuals::refusal(&mut session, &book, report, Issues::default())?;
                if let Some(refusal) = refusal {
                    return Err(refusal.into());
                }
                actuals::record(&mut session, &mut book, report, SOURCE)?;
            }
            Deed::Decide(month, decision) => {
                session.caller = hub.officer.clone();
                let scorecard = book.scorecard.clone();
                months::decide(&mut session, scorecard, *month, decision, None)?;
            }
        }
    }
    notices::catch_up(session.conn, office, &scorecard.id, until)?;
    Ok(scorecard.id)
}

/// A morning some days before a month.
fn before(month: Month) -> DateTime<Utc> {
    (month.first_day() - Days::new(DAYS_AHEAD))
        .and_time(NaiveTime::MIN)
        .and_utc()
}

/// Passwords of this start: known ones of the sign-ins, and one that nobody
/// knows for everybody else.
struct Doors {
    known: BTreeMap<&'static str, (String, String)>,
    locked: String,
}

impl Doors {
    fn new() -> Result<Self, AppError> {
        let mut known = BTreeMap::new();
        for (person, ..) in sign_ins() {
            let password = new_password();
            let hash = hash_of_password(&password)?;
            known.insert(person.email, (password, hash));
        }
        Ok(Self {
            known,
            locked: hash_of_password(&new_password())?,
        })
    }

    fn hash(&self, person: &Person) -> String {
        self.known
            .get(person.email)
            .map_or(&self.locked, |(_, hash)| hash)
            .clone()
    }
}

/// Easy to read out, to type and to put into a shell.
fn new_password() -> String {
    let mut random = rand::rng();
    let mut letter =
        || char::from(PASSWORD_LETTERS[random.random_range(0..PASSWORD_LETTERS.len())]);
    (0..PASSWORD_GROUPS)
        .map(|_| (0..PASSWORD_GROUP_LENGTH).map(|_| letter()).collect())
        .collect::<Vec<String>>()
        .join("-")
}

/// The people whose sign-ins the demo gives away, one of each role.
fn sign_ins() -> Vec<(&'static Person, Role, Scope)> {
    let officer = PREFECTURES.iter().find(|cast| cast.code == TOUR_PREFECTURE);
    let staff = HUBS.iter().find(|cast| cast.code == TOUR_HUB);
    let prefecture = Scope::Prefecture(PrefectureCode(TOUR_PREFECTURE.to_owned()));
    let hub = Scope::Hub(HubCode(TOUR_HUB.to_owned()));
    [
        Some((&NATIONAL, Role::National, Scope::Nation)),
        officer.map(|cast| (&cast.officer, Role::Prefecture, prefecture)),
        staff
            .and_then(|cast| cast.staff.first())
            .map(|person| (person, Role::Hub, hub)),
        Some((&VIEWER, Role::Viewer, Scope::Nation)),
        Some((&OPERATOR, Role::Operator, Scope::Nation)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A hub with those who act for it.
struct HubPeople {
    hub: Hub,
    staff: Vec<Caller>,
    officer: Caller,
}

/// Everybody, registered.
struct People {
    hubs: BTreeMap<&'static str, HubPeople>,
    sign_ins: Vec<SignIn>,
}

impl People {
    fn hub(&self, code: &str) -> Result<&HubPeople, AppError> {
        self.hubs
            .get(code)
            .ok_or_else(|| AppError::Internal(format!("there is no hub {code}")))
    }

    /// Registers organisations and accounts, before the first scorecard begins.
    fn arrive<'a>(
        conn: &'a mut Conn,
        office: &'a Office,
        calendar: &Calendar,
        doors: &'a Doors,
    ) -> Result<Self, AppError> {
        let mut registry = Registry {
            session: Session {
                conn,
                caller: machine(),
                office,
                now: before(calendar.start(Since::First)),
                clock: None,
                known_at: None,
            },
            doors,
            callers: BTreeMap::new(),
        };
        registry.session.caller = registry.account(&NATIONAL, Role::National, Scope::Nation)?;
        registry.account(&VIEWER, Role::Viewer, Scope::Nation)?;
        registry.account(&OPERATOR, Role::Operator, Scope::Nation)?;
        let mut hubs = BTreeMap::new();
        for prefecture in &PREFECTURES {
            let (registered, officer) = registry.prefecture(prefecture)?;
            for hub in HUBS.iter().filter(|hub| hub.prefecture == prefecture.code) {
                let people = registry.hub(hub, &registered, &officer)?;
                hubs.insert(hub.code, people);
            }
        }
        registry.session.now = calendar.now;
        let sign_ins = registry.keys()?;
        Ok(Self { hubs, sign_ins })
    }
}

/// Registers people, and remembers who they are.
struct Registry<'a> {
    session: Session<'a>,
    doors: &'a Doors,
    /// By e-mail address.
    callers: BTreeMap<&'static str, Caller>,
}

impl Registry<'_> {
    fn account(&mut self, person: &Person, role: Role, scope: Scope) -> Result<Caller, AppError> {
        let new = NewUser {
            email: person.email.to_owned(),
            name: person.name.to_owned(),
            role,
            scope,
            password_hash: self.doors.hash(person),
        };
        let user = users::create(&mut self.session, new)?;
        let caller = Caller {
            user: user.id,
            name: user.name,
            key: None,
            role: user.role,
            scope: user.scope,
        };
        self.callers.insert(person.email, caller.clone());
        Ok(caller)
    }

    fn prefecture(&mut self, cast: &PrefectureCast) -> Result<(Prefecture, Caller), AppError> {
        let prefecture = Prefecture {
            code: PrefectureCode(cast.code.to_owned()),
            name: Text::new(cast.ja, cast.en),
            market_type: cast.market,
        };
        let prefecture = prefectures::create(&mut self.session, prefecture)?;
        let scope = Scope::Prefecture(prefecture.code.clone());
        let officer = self.account(&cast.officer, Role::Prefecture, scope)?;
        Ok((prefecture, officer))
    }

    fn hub(
        &mut self,
        cast: &HubCast,
        prefecture: &Prefecture,
        officer: &Caller,
    ) -> Result<HubPeople, AppError> {
        let hub = Hub {
            code: HubCode(cast.code.to_owned()),
            name: Text::new(cast.ja, cast.en),
            prefecture: prefecture.clone(),
        };
        let hub = hubs::create(&mut self.session, hub)?;
        let staff = cast
            .staff
            .iter()
            .map(|person| self.account(person, Role::Hub, Scope::Hub(hub.code.clone())))
            .collect::<Result<_, _>>()?;
        Ok(HubPeople {
            hub,
            staff,
            officer: officer.clone(),
        })
    }

    /// A key for each sign-in, made by the account itself.
    fn keys(&mut self) -> Result<Vec<SignIn>, AppError> {
        let mut keys = Vec::new();
        for (person, role, scope) in sign_ins() {
            let door = self.doors.known.get(person.email);
            let caller = self.callers.get(person.email);
            let (Some((password, _)), Some(caller)) = (door, caller) else {
                return Err(AppError::Internal(format!("nobody is {}", person.email)));
            };
            self.session.caller = caller.clone();
            let new = NewApiKey {
                name: "demo".to_owned(),
                role,
                scope: scope.clone(),
                expires_at: None,
            };
            let (_, api_key) = api_keys::create(&mut self.session, new)?;
            keys.push(SignIn {
                role,
                scope,
                email: person.email.to_owned(),
                password: password.clone(),
                api_key,
            });
        }
        Ok(keys)
    }
}
