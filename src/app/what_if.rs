//! What if: a scorecard as it stands beside the same with other suppositions.
//! Nothing is stored.

use super::scorecards::{self, Evaluated};
use super::{AppError, Session};
use crate::domain::definition::Horizon;
use crate::domain::evaluate::evaluate;
use crate::domain::issue::{Issue, Issues};
use crate::domain::month::Month;
use crate::domain::outlook::{Outlook, Scenario, outlook};
use crate::domain::strict_json::{Json, Value};
use crate::domain::what_if::{WhatIf, read_what_if};
use crate::storage::scorecards::Scorecard;

/// A scorecard in a month with its outlook.
#[derive(Clone, Debug)]
pub struct State {
    pub card: Evaluated,
    pub outlook: Outlook,
}

/// The answer to a what-if.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub today: State,
    pub then: State,
    /// Remarks about the changed plan.
    pub warnings: Vec<Issue>,
}

/// Evaluates a scorecard as it is and as the body supposes; without a month, in
/// the last month reported.
///
/// # Errors
/// `Invalid` with every problem of the body.
pub fn compare(
    session: &mut Session<'_>,
    scorecard: Scorecard,
    body: &Json<'_>,
) -> Result<Comparison, AppError> {
    let mut issues = Issues::default();
    let Some(mut object) = Value::root(body).object(&mut issues) else {
        return Err(AppError::Invalid(issues.into_vec()));
    };
    let month = object
        .optional("month")
        .and_then(|value| value.month(&mut issues));
    // The rest is read even where the month is none to ask about.
    let month = within_programme(month, &scorecard, &mut issues)?;
    let horizon = if scorecard.template.is_some() {
        Horizon::Template
    } else {
        Horizon::Own
    };
    let card = scorecards::evaluated(session, scorecard, month)?;
    let what_if = read_what_if(&mut object, &card.plan, horizon, card.at, &mut issues);
    object.finish(&mut issues);
    let Some(what_if) = what_if.filter(|_| !issues.has_errors()) else {
        return Err(AppError::Invalid(issues.into_vec()));
    };
    let then = supposed(&card, &what_if);
    let today = State::of(card, &Scenario::default());
    Ok(Comparison {
        today,
        then: State::of(then, &what_if.scenario),
        warnings: what_if.warnings,
    })
}

fn within_programme(
    month: Option<Month>,
    scorecard: &Scorecard,
    issues: &mut Issues,
) -> Result<Option<Month>, AppError> {
    let Some(asked) = month else { return Ok(None) };
    match scorecards::programme_month(asked, scorecard, "/month") {
        Ok(_) => Ok(month),
        Err(AppError::Invalid(found)) => {
            issues.extend(found);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// The scorecard with the supposed plan and figures, evaluated anew.
fn supposed(card: &Evaluated, what_if: &WhatIf) -> Evaluated {
    let ledger = what_if.ledger(&card.ledger, card.at);
    Evaluated {
        evaluation: evaluate(&what_if.plan, &ledger, card.at),
        plan: what_if.plan.clone(),
        ledger,
        ..card.clone()
    }
}

impl State {
    fn of(card: Evaluated, scenario: &Scenario) -> Self {
        let outlook = outlook(&card.plan, &card.ledger, &card.evaluation, scenario);
        Self { card, outlook }
    }
}
