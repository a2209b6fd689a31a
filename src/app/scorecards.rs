//! Scorecards: creating, finding and reading them evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::audit::{self, Action, Subject};
use super::secrets::new_id;
use super::{AppError, Conflict, Session, as_of, notices, plans};
use crate::domain::access::Scope;
use crate::domain::amount::Exact;
use crate::domain::definition::resolve_targets;
use crate::domain::evaluate::{Evaluation, ItemEvaluation, evaluate, evaluate_item};
use crate::domain::ids::ScorecardId;
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::ledger::Ledger;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::organisation::Hub;
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::scorecard::{Definition, Item, ParameterValues};
use crate::domain::status::Flag;
use crate::domain::text::Text;
use crate::storage::actuals::StoredCell;
use crate::storage::known;
use crate::storage::scorecards::{self, Filter, Position, Scorecard};

/// The furthest programme month that can be asked for.
pub const READ_MONTHS_MAX: u32 = 600;

/// A scorecard to be created; its definition has been read and checked.
#[derive(Clone, Debug)]
pub struct NewScorecard {
    pub hub: Hub,
    pub key: String,
    pub name: Text,
    pub template: Option<String>,
    pub start: Month,
    pub definition: Definition,
    pub parameters: ParameterValues,
}

/// Creates a scorecard with version 1 of its plan; returns it with warnings.
///
/// # Errors
/// `Conflict` where the hub has a scorecard with this key.
pub fn create(
    session: &mut Session<'_>,
    new: NewScorecard,
) -> Result<(Scorecard, Vec<Issue>), AppError> {
    scorecards::enter(session.conn)?;
    session.renew(None);
    let (definition, mut warnings) = resolve_targets(&new.definition, &new.parameters);
    warnings.extend(market_type_differs(&definition, &new.hub));
    let scorecard = Scorecard {
        id: ScorecardId(new_id()),
        key: new.key,
        name: new.name,
        hub: new.hub,
        template: new.template,
        market_type: definition.market_type,
        start: new.start,
        revision: 1,
        reported_through: None,
        flag: Flag::None.code().to_owned(),
        score: None,
        created_at: session.now,
    };
    let taken = AppError::conflict(Conflict::AlreadyExists(Text::new(
        format!(
            "この拠点にはキー「{}」のスコアカードがすでにあります。",
            scorecard.key
        ),
        format!(
            "The hub already has a scorecard with the key \"{}\".",
            scorecard.key
        ),
    )));
    let author = session.caller.id().to_owned();
    scorecards::insert(session.conn, &scorecard, &author)
        .map_err(|error| error.on_unique(taken))?;
    let plan = Plan {
        version: 1,
        start: scorecard.start,
        effective: scorecard.start,
        definition: Arc::new(definition),
        parameters: new.parameters,
    };
    plans::add_first(session, &scorecard, &plan)?;
    notices::begin(
        session.conn,
        &scorecard,
        &PlanHistory::new(plan, Vec::new()),
    )?;
    let detail = json!({ "key": scorecard.key, "template": scorecard.template });
    audit::record(
        session,
        Action::ScorecardCreated,
        Subject::scorecard(&scorecard),
        &detail,
    )?;
    Ok((scorecard, warnings))
}

fn market_type_differs(definition: &Definition, hub: &Hub) -> Option<Issue> {
    let (planned, own) = (definition.market_type, hub.prefecture.market_type);
    (planned != own).then(|| {
        Issue::warning(
            IssueCode::MarketTypeDiffers,
            "/template",
            Text::new(
                format!(
                    "このスコアカードは「{}」向けですが、道府県の市場類型は「{}」です。",
                    planned.name().ja,
                    own.name().ja
                ),
                format!(
                    "This scorecard is made for a {planned} market; the prefecture's is {own}."
                ),
            ),
        )
    })
}

/// A scorecard in the caller's scope.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn find(session: &mut Session<'_>, id: &ScorecardId) -> Result<Scorecard, AppError> {
    let scope = session.caller.scope.clone();
    scorecards::find(session.conn, id, &scope)?.ok_or(AppError::NotFound)
}

/// The same, and no other writer touches it until the transaction ends. The
/// instant of the session is from here on not before its last change.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn lock(session: &mut Session<'_>, id: &ScorecardId) -> Result<Scorecard, AppError> {
    let scope = session.caller.scope.clone();
    let locked = scorecards::lock(session.conn, id, &scope)?.ok_or(AppError::NotFound)?;
    let last = known::last_change(session.conn, &[id])?;
    session.renew(last);
    Ok(locked)
}

/// Locks all that a filter finds in the nation, as [`lock`] does; returns which.
///
/// # Errors
/// Those of the storage.
pub fn lock_all(session: &mut Session<'_>, filter: &Filter) -> Result<Vec<ScorecardId>, AppError> {
    let ids: Vec<ScorecardId> = scorecards::list_all(session.conn, filter, &Scope::Nation)?
        .into_iter()
        .map(|card| card.id)
        .collect();
    scorecards::lock_all(session.conn, &ids, &Scope::Nation)?;
    let last = known::last_change(session.conn, &ids.iter().collect::<Vec<_>>())?;
    session.renew(last);
    Ok(ids)
}

/// Refuses a change made against another revision.
///
/// # Errors
/// `Stale`.
pub fn demand_revision(scorecard: &Scorecard, expected: Option<i64>) -> Result<(), AppError> {
    match expected {
        Some(expected) if expected != scorecard.revision => Err(AppError::Stale {
            current: scorecard.revision,
        }),
        _ => Ok(()),
    }
}

/// Scorecards in the caller's scope, by prefecture, hub and key.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    filter: &Filter,
    after: Option<&Position>,
    limit: u32,
) -> Result<Vec<Scorecard>, AppError> {
    let scope = session.caller.scope.clone();
    if session.known_at.is_some() {
        let mut known = list_all(session, filter)?;
        known.retain(|card| after.is_none_or(|after| card.position() > *after));
        known.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        return Ok(known);
    }
    Ok(scorecards::list(
        session.conn,
        filter,
        &scope,
        after,
        i64::from(limit),
    )?)
}

/// All scorecards in the caller's scope, in the order of [`list`].
///
/// # Errors
/// Those of the storage.
pub fn list_all(session: &mut Session<'_>, filter: &Filter) -> Result<Vec<Scorecard>, AppError> {
    let scope = session.caller.scope.clone();
    if session.known_at.is_none() {
        return Ok(scorecards::list_all(session.conn, filter, &scope)?);
    }
    // Of what a filter looks at, only the flag ever changes.
    let lasting = Filter {
        flag: None,
        ..filter.clone()
    };
    let cards = scorecards::list_all(session.conn, &lasting, &scope)?;
    let mut known = as_of::scorecards(session, cards)?;
    known.retain(|card| filter.flag.as_ref().is_none_or(|flag| card.flag == *flag));
    Ok(known)
}

/// A scorecard as it stands in a month.
#[derive(Clone, Debug)]
pub struct Evaluated {
    pub scorecard: Scorecard,
    pub plan: Plan,
    /// Version 1 of the plan.
    pub first_plan: Plan,
    pub month: Month,
    pub at: ProgrammeMonth,
    pub evaluation: Evaluation,
    pub ledger: Ledger,
    /// The month's own cells, by item.
    pub cells: BTreeMap<String, StoredCell>,
}

impl Evaluated {
    /// Attainment of an item against version 1 of the plan (`semantics.md` §7);
    /// `None` where that lacks the item, or asks for nothing yet.
    #[must_use]
    pub fn attainment_first(&self, item: &Item, evaluated: &ItemEvaluation) -> Option<Exact> {
        if self.plan.version == self.first_plan.version {
            return evaluated.attainment.clone();
        }
        let planned = self.first_plan.definition.item(&item.key)?;
        evaluate_item(&self.first_plan, &self.ledger, planned, self.at).attainment
    }
}

/// The scorecard in a month; without one, in the last month reported.
///
/// # Errors
/// `Invalid` for a month outside the programme.
pub fn evaluated(
    session: &mut Session<'_>,
    scorecard: Scorecard,
    month: Option<Month>,
) -> Result<Evaluated, AppError> {
    let month = month
        .or(scorecard.reported_through)
        .unwrap_or(scorecard.start);
    let at = programme_month(month, &scorecard, "/query/month")?;
    let history = plans::history(session, &scorecard)?;
    let plan = history.in_force(month).clone();
    let first_plan = history.first().clone();
    let ledger = as_of::ledger(session, &scorecard, Some(month))?;
    let cells = as_of::cells(session, &scorecard, month, month)?
        .into_iter()
        .map(|cell| (cell.item.clone(), cell))
        .collect();
    let evaluation = evaluate(&plan, &ledger, at);
    Ok(Evaluated {
        scorecard,
        plan,
        first_plan,
        month,
        at,
        evaluation,
        ledger,
        cells,
    })
}

/// Where a month lies in a scorecard's programme.
///
/// # Errors
/// `Invalid` before the start and beyond [`READ_MONTHS_MAX`].
pub fn programme_month(
    month: Month,
    scorecard: &Scorecard,
    path: &str,
) -> Result<ProgrammeMonth, AppError> {
    let (code, message) = match ProgrammeMonth::of(month, scorecard.start) {
        Some(at) if at.t() <= READ_MONTHS_MAX => return Ok(at),
        Some(_) => (
            IssueCode::OutOfRange,
            Text::new(
                format!("{month} は開始から {READ_MONTHS_MAX} か月を超えています。"),
                format!("{month} is more than {READ_MONTHS_MAX} months after the start."),
            ),
        ),
        None => (
            IssueCode::MonthBeforeStart,
            Text::new(
                format!("{month} は開始月 {} より前です。", scorecard.start),
                format!(
                    "{month} is before the scorecard's first month, {}.",
                    scorecard.start
                ),
            ),
        ),
    };
    Err(AppError::Invalid(vec![
        Issue::error(code, path, message).about_month(month),
    ]))
}
