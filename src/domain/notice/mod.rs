//! What a destination is told about the alerts of one scorecard, given what it
//! was told before (`semantics.md` §8, Notices).
//!
//! [`decide`] is the whole rule. At rest each open alert that stands on its own
//! has been announced exactly once, and each announced one that is no longer
//! open has got exactly one resolve or withdrawal: the next decision is empty.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::alert::{AlertFacts, AlertState, Severity};
use super::amount::Amount;
use super::code::coded_enum;
use super::event::NoticeReason;
use super::ids::AlertId;
use super::month::Month;

/// An alert as one destination's decision sees it.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    pub id: &'a AlertId,
    pub state: AlertState,
    pub facts: &'a AlertFacts,
    pub folded_under: Option<&'a AlertId>,
    /// Whether the destination wants to hear of it, and may already.
    pub wanted: bool,
    /// Whether somebody holds its notices back.
    pub silenced: bool,
    /// Whether somebody has taken it on.
    pub acknowledged: bool,
}

coded_enum! {
    /// As what a destination knows an alert.
    pub enum ToldAs {
        /// On its own, and open.
        Open => "open",
        /// Standing in the notices of its root.
        Folded => "folded",
        /// As over.
        Closed => "closed",
    }
}

/// What a destination was last told about an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub told_as: ToldAs,
    /// The root in whose notices it stood.
    pub under: Option<AlertId>,
    pub withdrawn: bool,
    pub opened_month: Month,
    pub month: Month,
    pub severity: Severity,
    pub actual: Option<Amount>,
    pub plan: Amount,
}

/// An alert to be told about: positions among the subjects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub subject: usize,
    pub reason: NoticeReason,
    /// What it drags down.
    pub folded: Vec<usize>,
}

/// What to tell one destination now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    pub opened: Vec<Entry>,
    pub updated: Vec<Entry>,
    pub resolved: Vec<Entry>,
    pub withdrawn: Vec<Entry>,
    /// What the destination knows afterwards, where that changes.
    pub told: BTreeMap<AlertId, Told>,
}

impl Decision {
    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.opened, &self.updated, &self.resolved, &self.withdrawn]
            .iter()
            .all(|list| list.is_empty())
    }
}

/// Decides what to tell. `first` is the reason for what is told for the first
/// time: [`NoticeReason::First`], or [`NoticeReason::Escalated`] to those who
/// hear of an alert only when nobody takes it on.
#[must_use]
pub fn decide(
    subjects: &[Subject<'_>],
    told: &BTreeMap<AlertId, Told>,
    first: NoticeReason,
) -> Decision {
    let desk = Desk {
        subjects,
        told,
        first,
    };
    let hosts: Vec<Option<usize>> = (0..subjects.len()).map(|index| desk.host(index)).collect();
    let mut decision = Decision::default();
    for (index, subject) in subjects.iter().enumerate() {
        match subject.state {
            AlertState::Open => match hosts.get(index).copied().flatten() {
                Some(host) => desk.fold(index, host, &mut decision),
                None => desk.tell_open(index, &hosts, &mut decision),
            },
            AlertState::Resolved | AlertState::Withdrawn => desk.tell_over(index, &mut decision),
        }
    }
    decision
}

struct Desk<'a> {
    subjects: &'a [Subject<'a>],
    told: &'a BTreeMap<AlertId, Told>,
    first: NoticeReason,
}

impl Desk<'_> {
    fn told(&self, subject: &Subject<'_>) -> Option<&Told> {
        self.told.get(subject.id)
    }

    fn is_told_open(&self, subject: &Subject<'_>) -> bool {
        self.told(subject)
            .is_some_and(|told| told.told_as == ToldAs::Open)
    }

    /// The alert in whose notices an open one stands for this destination: the
    /// last of the chain of roots that it hears of. A root that it does not
    /// hear of hides nothing.
    fn host(&self, index: usize) -> Option<usize> {
        self.subjects
            .get(index)
            .filter(|subject| subject.state == AlertState::Open)?;
        let mut host = None;
        let mut at = index;
        // A chain of roots has no cycle; the count is a bound all the same.
        for _ in 0..self.subjects.len() {
            let Some(root) = self
                .subjects
                .get(at)
                .and_then(|subject| subject.folded_under)
            else {
                break;
            };
            let Some(found) = self.subjects.iter().position(|other| other.id == root) else {
                break;
            };
            at = found;
            let is_heard = self.subjects.get(at).is_some_and(|root| {
                root.state == AlertState::Open
                    && !root.silenced
                    && (root.wanted || self.is_told_open(root))
            });
            if is_heard {
                host = Some(at);
            }
        }
        host.filter(|host| *host != index)
    }

    /// Notes that a consequence stands in its root's notices. What was told on
    /// its own before stays so: it will need an end of its own.
    fn fold(&self, index: usize, host: usize, decision: &mut Decision) {
        let (Some(subject), Some(root)) = (self.subjects.get(index), self.subjects.get(host))
        else {
            return;
        };
        if self.is_new_under(subject, root.id) {
            let under = Some(root.id.clone());
            decision
                .told
                .insert(subject.id.clone(), knows(subject, ToldAs::Folded, under));
        }
    }

    /// Whether a consequence has not yet been shown under this root.
    fn is_new_under(&self, subject: &Subject<'_>, root: &AlertId) -> bool {
        if !subject.wanted || subject.silenced {
            return false;
        }
        self.told(subject).is_none_or(|told| match told.told_as {
            ToldAs::Open => false,
            ToldAs::Folded => told.under.as_ref() != Some(root),
            ToldAs::Closed => true,
        })
    }

    fn tell_open(&self, index: usize, hosts: &[Option<usize>], decision: &mut Decision) {
        let Some(subject) = self.subjects.get(index) else {
            return;
        };
        let known = self.told(subject);
        let is_told = known.is_some_and(|told| told.told_as == ToldAs::Open);
        if subject.silenced || !(subject.wanted || is_told) {
            return;
        }
        let consequences: Vec<usize> = (0..self.subjects.len())
            .filter(|other| hosts.get(*other).copied().flatten() == Some(index))
            .filter(|other| {
                self.subjects
                    .get(*other)
                    .is_some_and(|other| other.wanted && !other.silenced)
            })
            .collect();
        let Some((is_first, reason)) = self.reason(subject, known, &consequences) else {
            return;
        };
        let entry = Entry {
            subject: index,
            reason,
            folded: consequences,
        };
        if is_first {
            decision.opened.push(entry);
        } else {
            decision.updated.push(entry);
        }
        decision
            .told
            .insert(subject.id.clone(), knows(subject, ToldAs::Open, None));
    }

    /// Whether an open alert is announced rather than updated, and why; `None`
    /// where there is nothing new.
    fn reason(
        &self,
        subject: &Subject<'_>,
        known: Option<&Told>,
        consequences: &[usize],
    ) -> Option<(bool, NoticeReason)> {
        let Some(known) = known else {
            return Some((true, self.first));
        };
        match known.told_as {
            ToldAs::Folded => return Some((true, NoticeReason::Unfolded)),
            // What was withdrawn never was, for its reader.
            ToldAs::Closed if known.withdrawn => return Some((true, self.first)),
            ToldAs::Closed => return Some((false, NoticeReason::Reopened)),
            ToldAs::Open => {}
        }
        let facts = subject.facts;
        let has_new_consequence = consequences.iter().any(|index| {
            self.subjects
                .get(*index)
                .is_some_and(|other| self.is_new_under(other, subject.id))
        });
        let same_month_differs =
            facts.month == known.month && (facts.actual, facts.plan) != (known.actual, known.plan);
        let reason = if facts.severity < known.severity {
            NoticeReason::Worsened
        } else if has_new_consequence {
            NoticeReason::NewConsequence
        } else if facts.opened_month != known.opened_month
            || facts.month < known.month
            || same_month_differs
        {
            NoticeReason::Corrected
        } else if facts.month > known.month && !subject.acknowledged {
            NoticeReason::Repeat
        } else {
            return None;
        };
        Some((false, reason))
    }

    fn tell_over(&self, index: usize, decision: &mut Decision) {
        let Some(subject) = self.subjects.get(index) else {
            return;
        };
        let Some(known) = self.told(subject) else {
            return;
        };
        let withdrawn = subject.state == AlertState::Withdrawn;
        match known.told_as {
            ToldAs::Closed => return,
            // It stood in its root's notices, and leaves with no word of its own.
            ToldAs::Folded => {}
            ToldAs::Open => {
                let (list, reason) = if withdrawn {
                    (&mut decision.withdrawn, NoticeReason::Withdrawn)
                } else {
                    (&mut decision.resolved, NoticeReason::Resolved)
                };
                list.push(Entry {
                    subject: index,
                    reason,
                    folded: Vec::new(),
                });
            }
        }
        let mut after = knows(subject, ToldAs::Closed, None);
        // Who never heard of it on its own hears of a new beginning.
        after.withdrawn = withdrawn || known.told_as == ToldAs::Folded;
        decision.told.insert(subject.id.clone(), after);
    }
}

fn knows(subject: &Subject<'_>, told_as: ToldAs, under: Option<AlertId>) -> Told {
    Told {
        told_as,
        under,
        withdrawn: false,
        opened_month: subject.facts.opened_month,
        month: subject.facts.month,
        severity: subject.facts.severity,
        actual: subject.facts.actual,
        plan: subject.facts.plan,
    }
}

#[cfg(test)]
mod tests;
