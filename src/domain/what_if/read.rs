//! Reading what a caller supposes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finished, SupposedCell, WhatIf};
use crate::domain::amount::{Amount, Exact};
use crate::domain::definition::{Horizon, ITEMS_MAX, LINKS_MAX, unknown_item};
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::outlook::{Scenario, Supposed};
use crate::domain::report::{Entry, VALUES_MAX, check_statement, duplicate_cell, read_statement};
use crate::domain::revision::{Basis, Revised, read_changes, revise};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Item, LinkKind, Measure};
use crate::domain::strict_json::{Object, Value};
use crate::domain::text::Text;

/// Reads `changes`, `values`, `finished`, `rates` and `volumes` of a body's
/// object against the plan in force in `last`, the month that is asked about;
/// `None` where `issues` holds why. The caller reads whatever else the object
/// holds, and finishes it.
///
/// What is not the plan is read against the changed plan, so that an item can
/// be added and given figures at once.
pub fn read_what_if(
    object: &mut Object<'_>,
    plan: &Plan,
    horizon: Horizon,
    last: ProgrammeMonth,
    issues: &mut Issues,
) -> Option<WhatIf> {
    let found_before = issues.error_count();
    let changed = match object.optional("changes") {
        Some(changes) => read_plan(&changes, plan, horizon, issues),
        None => None,
    };
    let (plan, warnings) = changed.map_or_else(
        || (plan.clone(), Vec::new()),
        |revised| (revised.plan, revised.warnings),
    );
    let reader = Reader { plan: &plan, last };
    let values = reader.list(object, "values", VALUES_MAX, issues, Reader::value);
    let finished = reader.list(object, "finished", ITEMS_MAX, issues, Reader::finished);
    let rates = reader.list(object, "rates", LINKS_MAX, issues, Reader::rate);
    let volumes = reader.list(object, "volumes", ITEMS_MAX, issues, Reader::volume);
    let values = distinct_cells(values, issues);
    let finished = distinct(finished, issues).into_values().collect();
    let rates = distinct(rates, issues);
    let volumes = distinct(volumes, issues);
    (issues.error_count() == found_before).then_some(WhatIf {
        values,
        finished,
        scenario: Scenario { rates, volumes },
        warnings,
        plan,
    })
}

/// The changed plan; `None` where nothing is to be changed, or `issues` holds why.
fn read_plan(
    changes: &Value<'_>,
    plan: &Plan,
    horizon: Horizon,
    issues: &mut Issues,
) -> Option<Revised> {
    let is_empty = changes
        .array(&mut Issues::default(), 0)
        .is_some_and(|list| list.is_empty());
    if is_empty {
        return None;
    }
    let changes = read_changes(changes, &Basis::only(plan), horizon, issues)?;
    match revise(plan, &changes) {
        Ok(revised) => Some(revised),
        Err(found) => {
            issues.extend(found);
            None
        }
    }
}

/// Something supposed of a part of the plan, with its place in the body.
struct Placed<K, T> {
    path: String,
    of: K,
    what: T,
}

/// By what they are about; a second statement about the same is an issue.
fn distinct<K: Ord, T>(entries: Vec<Placed<K, T>>, issues: &mut Issues) -> BTreeMap<K, T> {
    let mut found = BTreeMap::new();
    for Placed { path, of, what } in entries {
        if found.insert(of, what).is_some() {
            issues.error(
                IssueCode::DuplicateKey,
                path,
                Text::new(
                    "同じものについて二度指定しています。",
                    "The same thing is supposed twice.",
                ),
            );
        }
    }
    found
}

fn distinct_cells(
    entries: Vec<Placed<(String, ProgrammeMonth), Entry>>,
    issues: &mut Issues,
) -> Vec<SupposedCell> {
    let mut first_of: BTreeMap<(String, ProgrammeMonth), String> = BTreeMap::new();
    let mut cells = Vec::new();
    for Placed { path, of, what } in entries {
        if let Some(first) = first_of.get(&of) {
            issues.push(duplicate_cell(&what, first));
            continue;
        }
        cells.push(SupposedCell {
            item: what.item,
            month: of.1,
            cell: what.statement.cell(),
        });
        first_of.insert(of, path);
    }
    cells
}

struct Reader<'a> {
    plan: &'a Plan,
    /// The month that is asked about.
    last: ProgrammeMonth,
}

impl<'p> Reader<'p> {
    /// The entries of a list; absent is empty.
    fn list<T>(
        &self,
        object: &mut Object<'_>,
        name: &'static str,
        max: usize,
        issues: &mut Issues,
        read: fn(&Self, &mut Object<'_>, &mut Issues) -> Option<T>,
    ) -> Vec<T> {
        let values = object
            .optional(name)
            .and_then(|value| value.array(issues, max))
            .unwrap_or_default();
        values
            .iter()
            .filter_map(|value| {
                let mut object = value.object(issues)?;
                let entry = read(self, &mut object, issues);
                object.finish(issues);
                entry
            })
            .collect()
    }

    fn value(
        &self,
        object: &mut Object<'_>,
        issues: &mut Issues,
    ) -> Option<Placed<(String, ProgrammeMonth), Entry>> {
        let path = object.path().to_owned();
        let month = self.month(object, issues);
        let item = self.item(object, issues);
        let statement = read_statement(object, issues);
        let (item, statement) = (item?, statement?);
        let entry = Entry {
            path: path.clone(),
            item: item.key.clone(),
            statement,
        };
        let found_before = issues.error_count();
        check_statement(item, &entry, issues);
        let month = month.filter(|_| issues.error_count() == found_before)?;
        Some(Placed {
            of: (item.key.clone(), month),
            what: entry,
            path,
        })
    }

    fn finished(
        &self,
        object: &mut Object<'_>,
        issues: &mut Issues,
    ) -> Option<Placed<String, Finished>> {
        let path = object.path().to_owned();
        let item = self.item(object, issues);
        let month = self.month(object, issues);
        let item = item?;
        let has_end = item.measure.has_bar() && item.target_in(self.last.year()).is_some();
        if !has_end {
            issues.push(wrong_kind(
                &path,
                item,
                &Text::new(
                    "目標のある累計か進捗の項目",
                    "a cumulative item or milestone with a target",
                ),
            ));
            return None;
        }
        let key = item.key.clone();
        Some(Placed {
            path,
            of: key.clone(),
            what: Finished {
                item: key,
                month: month?,
            },
        })
    }

    fn volume(
        &self,
        object: &mut Object<'_>,
        issues: &mut Issues,
    ) -> Option<Placed<usize, Supposed>> {
        let path = object.path().to_owned();
        let item = self.item(object, issues);
        let per_month = object.optional("per_month");
        let factor = object.optional("factor");
        let supposed = match (per_month, factor) {
            (Some(value), None) => not_negative(&value, issues).map(Supposed::PerMonth),
            (None, Some(value)) => not_negative(&value, issues).map(Supposed::Times),
            _ => {
                issues.error(
                    IssueCode::WrongShape,
                    &path,
                    Text::new(
                        "per_month（1 か月あたりの量）か factor（見込みの何倍か）のどちらか一つを入れてください。",
                        "Give either per_month or factor.",
                    ),
                );
                None
            }
        };
        let item = item?;
        if item.measure != Measure::Flow {
            issues.push(wrong_kind(&path, item, &Text::new("flow の項目", "a flow")));
            return None;
        }
        Some(Placed {
            path,
            of: self.plan.definition.item_index(&item.key)?,
            what: supposed?,
        })
    }

    fn rate(&self, object: &mut Object<'_>, issues: &mut Issues) -> Option<Placed<usize, Exact>> {
        let path = object.path().to_owned();
        let from = self.side(object, "from", issues);
        let to = self.side(object, "to", issues);
        let rate = object
            .required("rate", issues)
            .and_then(|value| not_negative(&value, issues));
        let (from, to) = (from?, to?);
        let set = |keys: &[String]| keys.iter().cloned().collect::<BTreeSet<String>>();
        let link = self.plan.definition.links.iter().position(|link| {
            link.kind == LinkKind::Conversion && set(&link.from) == from && set(&link.to) == to
        });
        if link.is_none() {
            issues.error(
                IssueCode::UnknownReference,
                &path,
                Text::new(
                    "この両側を結ぶ転換のリンクは、計画にありません。",
                    "The plan has no conversion link between these sides.",
                ),
            );
        }
        Some(Placed {
            path,
            of: link?,
            what: rate?,
        })
    }

    /// The items of a link's side.
    fn side(
        &self,
        object: &mut Object<'_>,
        name: &'static str,
        issues: &mut Issues,
    ) -> Option<BTreeSet<String>> {
        let values = object
            .required(name, issues)
            .and_then(|value| value.array(issues, ITEMS_MAX))?;
        let mut is_sound = true;
        let mut keys = BTreeSet::new();
        for value in values {
            match self.named(&value, issues) {
                Some(item) => {
                    keys.insert(item.key.clone());
                }
                None => is_sound = false,
            }
        }
        is_sound.then_some(keys)
    }

    fn item(&self, object: &mut Object<'_>, issues: &mut Issues) -> Option<&'p Item> {
        let value = object.required("item", issues)?;
        self.named(&value, issues)
    }

    fn named(&self, value: &Value<'_>, issues: &mut Issues) -> Option<&'p Item> {
        let key = value.line(issues)?;
        let item = self.plan.definition.item(&key);
        if item.is_none() {
            issues.push(unknown_item(value.path(), &key));
        }
        item
    }

    /// A month from the programme's start to the one that is asked about.
    fn month(&self, object: &mut Object<'_>, issues: &mut Issues) -> Option<ProgrammeMonth> {
        let value = object.required("month", issues)?;
        let month = value.month(issues)?;
        let (start, last) = (self.plan.start, self.last.calendar(self.plan.start));
        match ProgrammeMonth::of(month, start) {
            Some(at) if at <= self.last => return Some(at),
            Some(_) => issues.push(after_last(value.path(), month, last)),
            None => issues.push(
                Issue::error(
                    IssueCode::MonthBeforeStart,
                    value.path(),
                    Text::new(
                        format!("{month} は開始月 {start} より前です。"),
                        format!("{month} is before the scorecard's first month, {start}."),
                    ),
                )
                .about_month(month),
            ),
        }
        None
    }
}

fn after_last(path: &str, month: Month, last: Month) -> Issue {
    Issue::error(
        IssueCode::OutOfRange,
        path,
        Text::new(
            format!("{month} は、試算する月 {last} より後です。先の月の量は volumes で指定してください。"),
            format!("{month} is after {last}, the month asked about; suppose what is to come with volumes."),
        ),
    )
    .about_month(month)
}

fn wrong_kind(path: &str, item: &Item, wanted: &Text) -> Issue {
    Issue::error(
        IssueCode::WrongShape,
        format!("{path}/item"),
        Text::new(
            format!(
                "ここには{}を指定してください（「{}」）。",
                wanted.ja, item.key
            ),
            format!("Name {} here, not \"{}\".", wanted.en, item.key),
        ),
    )
    .about_item(&item.key)
}

fn not_negative(value: &Value<'_>, issues: &mut Issues) -> Option<Exact> {
    let amount: Amount = value.amount(issues)?;
    if amount.is_negative() {
        issues.error(
            IssueCode::Negative,
            value.path(),
            Text::new("負の値は使えません。", "This cannot be negative."),
        );
        return None;
    }
    Some(amount.exact())
}
