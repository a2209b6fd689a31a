//! One table a rule of `semantics.md` §4.

mod gaps;
mod rules;

use crate::domain::amount::{Amount, Exact};
use crate::domain::evaluate::{ItemEvaluation, evaluate};
use crate::domain::fixture::{
    ItemFixture, cumulative, flow, ledger, level, milestone, plan, ratio, t,
};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::scorecard::{Item, Phasing, Settings};
use crate::domain::status::{Flag, Rule, Status};

const YEN: &str = "JPY";

/// The item alone in a plan, with these months, at month `month`.
fn judged(item: &Item, months: &str, month: u32) -> ItemEvaluation {
    let plan = plan(vec![item.clone()]);
    let mut items = evaluate(&plan, &ledger(&[(&item.key, months)]), t(month)).items;
    items.remove(0)
}

/// Checks rows of months, month and expected status and rule of one item.
#[track_caller]
fn check(item: &Item, rows: &[(&str, u32, Status, Rule)]) {
    for (months, month, status, rule) in rows {
        let judged = judged(item, months, *month);
        assert_eq!(
            (judged.status, judged.rule),
            (*status, *rule),
            "{months:?} at {month}: {}",
            judged.reason.en
        );
        if *rule != Rule::Gap {
            assert_eq!(judged.within_noise, *rule == Rule::Noise, "{months:?}");
        }
    }
}

use Rule as R;
use Status as S;
