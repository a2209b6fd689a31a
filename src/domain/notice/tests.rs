//! One destination through the turns of a scorecard's alerts.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::alert::ResolvedReason;
use crate::domain::causes::{CauseDocument, CauseKind};
use crate::domain::scorecard::{Direction, Measure, Stage, Unit};
use crate::domain::status::Status;
use crate::domain::text::Text;

fn month(number: i32) -> Month {
    Month::new(2026, 4).unwrap().plus(number)
}

/// An alert of a table: `a` opened in month 0, with figures of month 0.
#[derive(Clone, Debug)]
struct Alert {
    id: AlertId,
    state: AlertState,
    facts: AlertFacts,
    folded_under: Option<AlertId>,
    wanted: bool,
    silenced: bool,
    acknowledged: bool,
}

fn alert(name: &str) -> Alert {
    Alert {
        id: AlertId(name.to_owned()),
        state: AlertState::Open,
        facts: AlertFacts {
            item: name.to_owned(),
            item_name: Text::new(name, name),
            stage: Stage::Consult,
            track: None,
            measure: Measure::Flow,
            unit: Unit("cases".to_owned()),
            direction: Direction::Higher,
            episode: 1,
            reopened: false,
            opened_month: month(0),
            resolved_month: None,
            resolved_reason: None,
            severity: Severity::High,
            year_over: false,
            month: month(0),
            status: Status::Behind,
            actual: Some(Amount::whole(6)),
            plan: Amount::whole(10),
            target: Some(Amount::whole(20)),
            attainment: None,
            shortfall: None,
            cause: CauseDocument {
                kind: CauseKind::Execution,
                volume: None,
                conversion: None,
                timing: None,
                root_causes: Vec::new(),
                remedies: Vec::new(),
                advice: None,
            },
        },
        folded_under: None,
        wanted: true,
        silenced: false,
        acknowledged: false,
    }
}

impl Alert {
    fn under(mut self, root: &str) -> Self {
        self.folded_under = Some(AlertId(root.to_owned()));
        self
    }

    fn alone(mut self) -> Self {
        self.folded_under = None;
        self
    }

    fn at(mut self, number: i32) -> Self {
        self.facts.month = month(number);
        self
    }

    fn resolved(mut self) -> Self {
        self.state = AlertState::Resolved;
        self.facts.resolved_month = Some(self.facts.month);
        self.facts.resolved_reason = Some(ResolvedReason::Recovered);
        self
    }

    fn reopened(mut self) -> Self {
        self.state = AlertState::Open;
        self.facts.reopened = true;
        self.facts.resolved_month = None;
        self
    }

    fn withdrawn(mut self) -> Self {
        self.state = AlertState::Withdrawn;
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// A destination that remembers what it was told.
#[derive(Default)]
struct Destination {
    told: BTreeMap<AlertId, Told>,
}

impl Destination {
    fn decide(&mut self, alerts: &[Alert]) -> Decision {
        let subjects: Vec<Subject<'_>> = alerts
            .iter()
            .map(|alert| Subject {
                id: &alert.id,
                state: alert.state,
                facts: &alert.facts,
                folded_under: alert.folded_under.as_ref(),
                wanted: alert.wanted,
                silenced: alert.silenced,
                acknowledged: alert.acknowledged,
            })
            .collect();
        let decision = decide(&subjects, &self.told, NoticeReason::First);
        self.told.extend(decision.told.clone());
        let again = decide(&subjects, &self.told, NoticeReason::First);
        assert!(again.is_empty() && again.told.is_empty(), "{again:?}");
        decision
    }

    /// What is told, as one line: `opened a first [b]; resolved c resolved`.
    fn hear(&mut self, alerts: &[Alert]) -> String {
        let decision = self.decide(alerts);
        let name = |index: &usize| alerts[*index].id.as_str();
        [
            ("opened", &decision.opened),
            ("updated", &decision.updated),
            ("resolved", &decision.resolved),
            ("withdrawn", &decision.withdrawn),
        ]
        .iter()
        .flat_map(|(list, entries)| entries.iter().map(move |entry| (list, entry)))
        .map(|(list, entry)| {
            let folded: Vec<&str> = entry.folded.iter().map(name).collect();
            let folded = if folded.is_empty() {
                String::new()
            } else {
                format!(" [{}]", folded.join(" "))
            };
            format!("{list} {} {}{folded}", name(&entry.subject), entry.reason)
        })
        .collect::<Vec<_>>()
        .join("; ")
    }
}

#[test]
fn an_alert_is_opened_once_repeated_monthly_and_resolved_once() {
    let mut desk = Destination::default();
    assert_eq!(desk.hear(&[alert("a")]), "opened a first");
    assert_eq!(desk.hear(&[alert("a").at(1)]), "updated a repeat");
    assert_eq!(
        desk.hear(&[alert("a").at(2).resolved()]),
        "resolved a resolved"
    );
    assert_eq!(
        desk.hear(&[alert("a").at(3).reopened()]),
        "updated a reopened"
    );
    assert_eq!(
        desk.hear(&[alert("a").at(4).resolved()]),
        "resolved a resolved"
    );
}

#[test]
fn what_was_over_before_the_notice_left_is_not_told() {
    let mut desk = Destination::default();
    assert_eq!(
        desk.hear(&[alert("a").resolved(), alert("b").withdrawn()]),
        ""
    );
}

#[test]
fn a_withdrawn_alert_that_comes_back_begins_anew() {
    let mut desk = Destination::default();
    desk.hear(&[alert("a")]);
    assert_eq!(
        desk.hear(&[alert("a").withdrawn()]),
        "withdrawn a withdrawn"
    );
    assert_eq!(desk.hear(&[alert("a")]), "opened a first");
}

#[test]
fn consequences_stand_in_the_notice_of_their_root() {
    let mut desk = Destination::default();
    assert_eq!(
        desk.hear(&[alert("a"), alert("b").under("a")]),
        "opened a first [b]"
    );
    // The root is over, the consequence is not: now it is told by itself.
    assert_eq!(
        desk.hear(&[alert("a").at(1).resolved(), alert("b").at(1).alone()]),
        "opened b unfolded; resolved a resolved"
    );
    assert_eq!(
        desk.hear(&[alert("a").at(1).resolved(), alert("b").at(2).resolved()]),
        "resolved b resolved"
    );
}

#[test]
fn a_new_consequence_is_told_once_even_of_a_root_that_is_acknowledged() {
    let mut desk = Destination::default();
    desk.hear(&[alert("a")]);
    let known = |a: &mut Alert| a.acknowledged = true;
    let root = alert("a").with(known);
    assert_eq!(desk.hear(&[root.clone().at(1)]), "");
    assert_eq!(
        desk.hear(&[root.clone().at(1), alert("b").at(1).under("a")]),
        "updated a new_consequence [b]"
    );
    assert_eq!(
        desk.hear(&[root.clone().at(2), alert("b").at(2).under("a")]),
        ""
    );
    // It leaves as it came: in silence, with nothing left to resolve.
    assert_eq!(desk.hear(&[root.at(2), alert("b").at(3).resolved()]), "");
}

#[test]
fn who_was_told_of_a_consequence_by_itself_gets_its_end() {
    let mut desk = Destination::default();
    assert_eq!(desk.hear(&[alert("b")]), "opened b first");
    assert_eq!(
        desk.hear(&[alert("a"), alert("b").under("a")]),
        "opened a first [b]"
    );
    assert_eq!(
        desk.hear(&[alert("a"), alert("b").at(1).resolved().under("a")]),
        "resolved b resolved"
    );
}

#[test]
fn a_chain_of_roots_ends_at_the_first_that_is_heard_of() {
    let mut desk = Destination::default();
    assert_eq!(
        desk.hear(&[alert("a"), alert("b").under("a"), alert("c").under("b")]),
        "opened a first [b c]"
    );
}

#[test]
fn a_root_that_a_destination_does_not_hear_of_hides_nothing() {
    let unwanted = |a: &mut Alert| a.wanted = false;
    let silenced = |a: &mut Alert| a.silenced = true;
    for change in [unwanted, silenced] {
        let mut desk = Destination::default();
        assert_eq!(
            desk.hear(&[alert("a").with(change), alert("b").under("a")]),
            "opened b first"
        );
    }
}

#[test]
fn silence_holds_back_everything_but_the_end() {
    let silenced = |a: &mut Alert| a.silenced = true;
    let mut desk = Destination::default();
    assert_eq!(desk.hear(&[alert("a").with(silenced)]), "");
    assert_eq!(desk.hear(&[alert("a").at(1)]), "opened a first");
    assert_eq!(desk.hear(&[alert("a").at(2).with(silenced)]), "");
    assert_eq!(
        desk.hear(&[alert("a").at(3).with(silenced).resolved()]),
        "resolved a resolved"
    );
}

#[test]
fn an_acknowledged_alert_is_repeated_only_when_it_worsens_or_was_wrong() {
    let known = |a: &mut Alert| a.acknowledged = true;
    let mut desk = Destination::default();
    desk.hear(&[alert("a")]);
    let root = alert("a").with(known);
    assert_eq!(desk.hear(&[root.clone().at(1)]), "");
    let critical = |a: &mut Alert| a.facts.severity = Severity::Critical;
    assert_eq!(
        desk.hear(&[root.clone().at(1).with(critical)]),
        "updated a worsened"
    );
    let moved = |a: &mut Alert| a.facts.opened_month = month(-1);
    assert_eq!(
        desk.hear(&[root.clone().at(1).with(critical).with(moved)]),
        "updated a corrected"
    );
    // The acknowledgement has run out.
    assert_eq!(
        desk.hear(&[alert("a").at(2).with(critical).with(moved)]),
        "updated a repeat"
    );
}

#[test]
fn a_correction_of_what_was_told_is_told_once() {
    let mut desk = Destination::default();
    desk.hear(&[alert("a").at(1)]);
    let corrected = |a: &mut Alert| a.facts.actual = Some(Amount::whole(7));
    assert_eq!(
        desk.hear(&[alert("a").at(1).with(corrected)]),
        "updated a corrected"
    );
    assert_eq!(desk.hear(&[alert("a").at(0)]), "updated a corrected");
}

#[test]
fn who_has_not_asked_for_an_alert_hears_nothing_of_it() {
    let unwanted = |a: &mut Alert| a.wanted = false;
    let mut desk = Destination::default();
    assert_eq!(desk.hear(&[alert("a").with(unwanted)]), "");
    assert_eq!(desk.hear(&[alert("a").with(unwanted).resolved()]), "");
    // Whoever was told before the filter changed still gets the end.
    desk.hear(&[alert("b")]);
    assert_eq!(
        desk.hear(&[alert("b").with(unwanted).at(1).resolved()]),
        "resolved b resolved"
    );
}

/// What can become of three alerts between two notices: each open alone, open
/// under an earlier one, resolved, withdrawn, or not there.
fn turns() -> impl Strategy<Value = Vec<Vec<Option<Alert>>>> {
    let one = (0_u8..5, 0_i32..6, any::<[bool; 4]>());
    proptest::collection::vec([one.clone(), one.clone(), one], 1..12).prop_map(|turns| {
        turns
            .into_iter()
            .map(|turn| {
                turn.into_iter()
                    .zip(["a", "b", "c"])
                    .map(
                        |((kind, number, [silenced, acknowledged, severe, chain]), name)| {
                            let base = alert(name).at(number).with(|a| {
                                a.silenced = silenced && acknowledged;
                                a.acknowledged = acknowledged;
                                if severe {
                                    a.facts.severity = Severity::Critical;
                                }
                            });
                            let root = if name == "c" && chain { "b" } else { "a" };
                            match kind {
                                0 => None,
                                1 if name != "a" => Some(base.under(root)),
                                2 if name != "a" && chain => Some(base.under(root).resolved()),
                                2 => Some(base.resolved()),
                                3 => Some(base.withdrawn()),
                                _ => Some(base),
                            }
                        },
                    )
                    .collect()
            })
            .collect()
    })
}

proptest! {
    /// Whatever happens in between, announcements and ends alternate for every
    /// alert, nothing is told twice, and at rest whoever is open, alone and not
    /// silenced has been announced.
    #[test]
    fn announcements_and_ends_alternate(turns in turns()) {
        let mut desk = Destination::default();
        let mut open: BTreeSet<String> = BTreeSet::new();
        let mut last: BTreeMap<String, Alert> = BTreeMap::new();
        for turn in turns {
            // Once there, an alert stays: the store forgets only what was never told.
            for alert in turn.into_iter().flatten() {
                last.insert(alert.id.to_string(), alert);
            }
            let alerts: Vec<Alert> = last.values().cloned().collect();
            let decision = desk.decide(&alerts);
            let name = |entry: &Entry| alerts[entry.subject].id.to_string();
            for entry in &decision.opened {
                prop_assert!(open.insert(name(entry)), "announced twice: {entry:?}");
            }
            for entry in &decision.updated {
                let began_again = entry.reason == NoticeReason::Reopened;
                let was_new = open.insert(name(entry));
                prop_assert_eq!(was_new, began_again, "{:?}", entry);
            }
            for entry in decision.resolved.iter().chain(&decision.withdrawn) {
                prop_assert!(open.remove(&name(entry)), "an end without a beginning: {entry:?}");
            }
            for alert in &alerts {
                let is_told = open.contains(alert.id.as_str());
                match alert.state {
                    AlertState::Open if alert.folded_under.is_none() && !alert.silenced => {
                        prop_assert!(is_told, "not announced: {alert:?}");
                    }
                    AlertState::Open => {}
                    AlertState::Resolved | AlertState::Withdrawn => {
                        prop_assert!(!is_told, "not ended: {alert:?}");
                    }
                }
            }
        }
    }
}
