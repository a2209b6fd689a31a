//! Facts of many scorecards, read little by little: [`Feed`] holds a few
//! scorecards at a time, each as it was in one transaction, however long its
//! rows take to be sent.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::summaries::RULES;
use super::{AppError, Session, as_of, plans, scorecards};
use crate::domain::fact::{Fact, Place, RowFilter, Subject, Table};
use crate::domain::ids::ScorecardId;
use crate::domain::ledger::Ledger;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::roadmap::PlanHistory;
use crate::storage::scorecards::{self as scorecard_rows, Filter, Position, Scorecard};
use crate::storage::{known, plans as plan_rows};

/// Scorecards that one transaction loads: some thousand rows, so that each is
/// short and a feed holds little.
const SCORECARDS_PER_READ: u32 = 4;

/// Which facts.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub scorecards: Filter,
    pub rows: RowFilter,
    /// What was known at this instant; `None`: what is known now.
    pub known_at: Option<DateTime<Utc>>,
}

/// The row at which a later feed goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub scorecard: Position,
    /// The revision whose rows have been begun: they go on with the same one.
    pub revision: i64,
    pub place: Place,
}

/// What a page of facts depends on beside the question itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The same while every scorecard that is asked for stays as it is.
    pub state: String,
    /// When the latest of them changed; `None` of none.
    pub changed_at: Option<DateTime<Utc>>,
    /// Which they are, with those that have no row.
    pub scorecards: Vec<ScorecardId>,
}

/// How all scorecards stand that a question is about.
///
/// # Errors
/// Those of the storage.
pub fn standing(session: &mut Session<'_>, wanted: &Wanted) -> Result<Standing, AppError> {
    as_of::look_back(session, wanted.known_at);
    let cards = scorecards::list_all(session, &wanted.scorecards)?;
    let ids: Vec<&ScorecardId> = cards.iter().map(|card| &card.id).collect();
    let changed_at = match session.known_at {
        Some(instant) => known::last_change_known_at(session.conn, &ids, instant)?,
        None => known::last_change(session.conn, &ids)?,
    };
    let mut state = blake3::Hasher::new();
    state.update(&RULES.to_le_bytes());
    for card in &cards {
        state.update(card.id.as_str().as_bytes());
        state.update(&card.revision.to_le_bytes());
    }
    Ok(Standing {
        state: state.finalize().to_hex().to_string(),
        changed_at,
        scorecards: cards.into_iter().map(|card| card.id).collect(),
    })
}

/// A scorecard with all that its rows are made of.
struct Loaded {
    card: Scorecard,
    plans: PlanHistory,
    ledger: Ledger,
    last: ProgrammeMonth,
}

/// Facts in their order: by prefecture, hub and key of the scorecard, then by
/// month, then in plan order.
pub struct Feed {
    wanted: Wanted,
    /// The row to begin with, until its scorecard is loaded.
    start: Option<Cursor>,
    /// The last scorecard that was looked at.
    after: Option<Position>,
    loaded: VecDeque<Loaded>,
    /// Within the first of the loaded ones.
    place: Place,
    all_read: bool,
}

impl Feed {
    /// A feed from the first row, or from where an earlier one has stopped.
    #[must_use]
    pub fn new(wanted: Wanted, start: Option<Cursor>) -> Self {
        Self {
            wanted,
            start,
            after: None,
            loaded: VecDeque::new(),
            place: Place::FIRST,
            all_read: false,
        }
    }

    /// Whether [`Self::read_on`] has to come before further rows.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.loaded.is_empty() && !self.all_read
    }

    /// Whether there is no further row.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.loaded.is_empty() && self.all_read
    }

    /// Loads the next scorecards, if there are any.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn read_on(&mut self, session: &mut Session<'_>) -> Result<(), AppError> {
        as_of::look_back(session, self.wanted.known_at);
        if let Some(start) = self.start.take() {
            return self.read_start(session, start);
        }
        let scope = session.caller.scope.clone();
        let found = scorecard_rows::list(
            session.conn,
            &self.wanted.scorecards,
            &scope,
            self.after.as_ref(),
            i64::from(SCORECARDS_PER_READ),
        )?;
        self.all_read = found.len() < usize::try_from(SCORECARDS_PER_READ).unwrap_or(usize::MAX);
        if let Some(last) = found.last() {
            self.after = Some(last.position());
        }
        let cards = as_of::scorecards(session, found)?;
        self.loaded = load(session, cards)?;
        Ok(())
    }

    /// Loads the scorecard that an earlier feed has begun, as it was then: its
    /// rows are of one state, even if it has changed meanwhile.
    fn read_start(&mut self, session: &mut Session<'_>, start: Cursor) -> Result<(), AppError> {
        let Position { hub, key, .. } = &start.scorecard;
        let scope = session.caller.scope.clone();
        let found = scorecard_rows::find_by_key(session.conn, hub, key, &scope)?;
        self.after = Some(start.scorecard);
        let Some(card) = found else {
            return Ok(());
        };
        let present = (session.known_at, session.now);
        if session.known_at.is_none() && card.revision != start.revision {
            let then = known::held_from(session.conn, &card.id, start.revision)?;
            as_of::look_back(session, then);
        }
        let cards = as_of::scorecards(session, vec![card])?;
        self.loaded = load(session, cards)?;
        (session.known_at, session.now) = present;
        self.place = start.place;
        Ok(())
    }

    /// Gives rows that are loaded to `take`, until it takes no more: a row that
    /// it refuses is the first of the next call, and its cursor is returned.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn each(
        &mut self,
        mut take: impl FnMut(&Fact<'_>) -> Result<bool, AppError>,
    ) -> Result<Option<Cursor>, AppError> {
        while let Some(loaded) = self.loaded.front() {
            for (place, fact) in loaded.table(&self.wanted.rows).rows_from(self.place) {
                if !take(&fact)? {
                    self.place = place;
                    return Ok(Some(Cursor {
                        scorecard: loaded.card.position(),
                        revision: loaded.card.revision,
                        place,
                    }));
                }
            }
            self.loaded.pop_front();
            self.place = Place::FIRST;
        }
        Ok(None)
    }
}

impl Loaded {
    fn table<'a>(&'a self, filter: &'a RowFilter) -> Table<'a> {
        Table {
            subject: Subject {
                id: &self.card.id,
                key: &self.card.key,
                hub: &self.card.hub,
                market_type: self.card.market_type,
                template: self.card.template.as_deref(),
                start: self.card.start,
            },
            plans: &self.plans,
            ledger: &self.ledger,
            last: self.last,
            filter,
        }
    }
}

/// Those of some scorecards that have a reported month, with plans and cells.
fn load(session: &mut Session<'_>, cards: Vec<Scorecard>) -> Result<VecDeque<Loaded>, AppError> {
    let cards: Vec<(Scorecard, ProgrammeMonth)> = cards
        .into_iter()
        .filter_map(|card| {
            let last = ProgrammeMonth::of(card.reported_through?, card.start)?;
            Some((card, last))
        })
        .collect();
    let ids: Vec<ScorecardId> = cards.iter().map(|(card, _)| card.id.clone()).collect();
    let starts: Vec<(&ScorecardId, Month)> = cards
        .iter()
        .map(|(card, _)| (&card.id, card.start))
        .collect();
    let mut histories = plan_rows::histories(session.conn, &ids)?;
    let mut ledgers = as_of::ledgers(session, &starts, None)?;
    let mut loaded = VecDeque::with_capacity(cards.len());
    for (card, last) in cards {
        let rows = histories.remove(&card.id).unwrap_or_default();
        let rows = as_of::plan_versions(session, rows);
        loaded.push_back(Loaded {
            plans: plans::plan_history(&session.office.plans, rows, card.start)?,
            ledger: ledgers.remove(&card.id).unwrap_or_default(),
            card,
            last,
        });
    }
    Ok(loaded)
}
