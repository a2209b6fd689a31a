//! Applying a change list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::coherence::coherence_warnings;
use super::diff::diff;
use super::{Change, Edit, Kind, Part, Revised, link_key, link_keys};
use crate::domain::definition::{ITEMS_MAX, LINKS_MAX, check_whole, resolve_targets};
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Definition, Item, Link, ParameterValues, Stage, StageHeading};
use crate::domain::text::Text;

/// The plan with the changes applied, checked as a whole; computed targets are
/// computed anew. Version and effective month stay those of `base`.
///
/// Added items and links come last; a stage that was not in the plan comes with
/// its own heading.
///
/// # Errors
/// Every rule that the changed plan breaks, with pointers into the change list;
/// `missing` where nothing changes.
pub fn revise(base: &Plan, changes: &[Change]) -> Result<Revised, Vec<Issue>> {
    let mut definition = Definition::clone(&base.definition);
    let mut parameters = base.parameters.clone();
    for change in changes {
        apply_one(&mut definition, &mut parameters, change);
    }
    apply_links(&mut definition, &base.definition, changes);
    let mut issues = Issues::default();
    check_size(&definition, &mut issues);
    let mut found = Issues::default();
    check_whole(&definition, &mut found);
    let places = Places::of(&definition, changes);
    issues.extend(
        found
            .into_vec()
            .into_iter()
            .map(|issue| places.moved(issue)),
    );
    if issues.has_errors() {
        return Err(issues.into_vec());
    }
    let (resolved, remarks) = resolve_targets(&definition, &parameters);
    let plan = Plan {
        definition: Arc::new(resolved),
        parameters,
        ..base.clone()
    };
    let whole = diff(base, &plan);
    if whole.is_empty() {
        return Err(vec![nothing_changes()]);
    }
    let known = resolve_targets(&base.definition, &base.parameters).1;
    let mut warnings: Vec<Issue> = remarks
        .into_iter()
        .filter(|remark| !known.contains(remark))
        .map(|remark| Issue {
            path: places.of_item(remark.item.as_deref()),
            ..remark
        })
        .collect();
    warnings.extend(coherence_warnings(base, &plan, &|item| {
        places.of_item(Some(item))
    }));
    Ok(Revised {
        plan,
        changes: whole,
        warnings,
    })
}

/// Changes that were made for another plan and no longer fit this one: what they
/// change is not what they found. Figures computed from parameters may differ.
#[must_use]
pub fn conflicts<'a>(base: &Plan, changes: &'a [Change]) -> Vec<&'a Change> {
    let keys = link_keys(&base.definition);
    changes
        .iter()
        .filter(|change| match &change.part {
            Part::Item(edit) => {
                let present = base.definition.item(&change.key).map(without_results);
                let found = edit.before.as_deref().map(without_results);
                present != found
            }
            Part::Link(edit) => {
                let place = keys.iter().position(|key| *key == change.key);
                place.and_then(|index| base.definition.links.get(index)) != edit.before.as_ref()
            }
            Part::Setting(edit) => base.definition.settings.get(&change.key) != edit.before,
            Part::Parameter(edit) => base.parameters.get(&change.key).copied() != edit.before,
        })
        .collect()
}

/// The item as it was planned, without the results of formulas.
fn without_results(item: &Item) -> Item {
    let mut item = item.clone();
    for target in &mut item.targets {
        if target.formula.is_some() {
            target.value = None;
        }
    }
    item
}

fn apply_one(definition: &mut Definition, parameters: &mut ParameterValues, change: &Change) {
    match &change.part {
        Part::Item(Edit { after, .. }) => {
            let place = definition.item_index(&change.key);
            match (place, after) {
                (Some(index), Some(item)) => {
                    if let Some(place) = definition.items.get_mut(index) {
                        place.clone_from(item);
                    }
                }
                (None, Some(item)) => definition.items.push(Item::clone(item)),
                (Some(index), None) => {
                    definition.items.remove(index);
                    definition.checks.retain(|check| check.item != change.key);
                }
                (None, None) => {}
            }
            if let Some(item) = after {
                add_heading(definition, item.stage);
            }
        }
        Part::Setting(edit) => {
            if let Some(value) = edit.after {
                definition.settings.set(&change.key, value);
            }
        }
        Part::Parameter(edit) => {
            if let Some(value) = edit.after {
                parameters.insert(change.key.clone(), value);
            }
        }
        // All at once, by `apply_links`: their keys hang together.
        Part::Link(_) => {}
    }
}

/// A stage that an item is the first of comes in the order of the funnel.
fn add_heading(definition: &mut Definition, stage: Stage) {
    let headings = &mut definition.stages;
    if headings.iter().any(|heading| heading.stage == stage) {
        return;
    }
    let place = headings
        .iter()
        .position(|heading| heading.stage > stage)
        .unwrap_or(headings.len());
    headings.insert(
        place,
        StageHeading {
            stage,
            perspective: stage.perspective(),
            name: stage.name(),
        },
    );
}

/// The links after the changes: those that stay in their order, without the ends
/// that were retired, and then those that are added.
fn apply_links(definition: &mut Definition, base: &Definition, changes: &[Change]) {
    let edits: BTreeMap<&str, Vec<&Edit<Link>>> =
        changes.iter().fold(BTreeMap::new(), |mut edits, change| {
            if let Part::Link(edit) = &change.part {
                edits.entry(change.key.as_str()).or_default().push(edit);
            }
            edits
        });
    let mut links = Vec::with_capacity(base.links.len());
    let mut shortened = Vec::new();
    for (link, key) in base.links.iter().zip(link_keys(base)) {
        let edit = edits
            .get(key.as_str())
            .and_then(|edits| edits.iter().find(|edit| edit.before.is_some()));
        let link = match edit {
            Some(Edit { after: None, .. }) => continue,
            Some(Edit {
                after: Some(after), ..
            }) => after,
            None => link,
        };
        match without_retired(link, definition, base) {
            Some(whole) if whole == *link => links.push(whole),
            Some(rest) => shortened.push(rest),
            None => {}
        }
    }
    let added = changes.iter().filter_map(|change| match &change.part {
        Part::Link(Edit {
            before: None,
            after: Some(link),
        }) => Some(link.clone()),
        _ => None,
    });
    links.extend(added);
    let mut taken: BTreeSet<String> = links.iter().map(link_key).collect();
    links.extend(
        shortened
            .into_iter()
            .filter(|link| taken.insert(link_key(link))),
    );
    definition.links = links;
}

/// The link without items that the base has and the definition has no more;
/// `None` where a side is left empty.
fn without_retired(link: &Link, definition: &Definition, base: &Definition) -> Option<Link> {
    let is_retired = |key: &str| base.item(key).is_some() && definition.item(key).is_none();
    let mut rest = link.clone();
    for side in [&mut rest.from, &mut rest.to] {
        side.retain(|key| !is_retired(key));
    }
    (!rest.from.is_empty() && !rest.to.is_empty()).then_some(rest)
}

fn check_size(definition: &Definition, issues: &mut Issues) {
    for (count, max, ja, en) in [
        (definition.items.len(), ITEMS_MAX, "KPI 項目", "items"),
        (definition.links.len(), LINKS_MAX, "リンク", "links"),
    ] {
        if count > max {
            issues.error(
                IssueCode::OutOfRange,
                "/changes",
                Text::new(
                    format!("{ja}は {max} 件までです（変更後は {count} 件になります）。"),
                    format!("At most {max} {en}; there would be {count}."),
                ),
            );
        }
    }
}

fn nothing_changes() -> Issue {
    Issue::error(
        IssueCode::Missing,
        "/changes",
        Text::new(
            "この変更では計画のどこも変わりません。",
            "These changes leave the plan as it is.",
        ),
    )
}

/// Where in the change list the parts of the changed definition were said.
struct Places<'a> {
    by_part: BTreeMap<(Kind, &'a str), usize>,
    items: Vec<String>,
    links: Vec<String>,
}

impl<'a> Places<'a> {
    fn of(definition: &Definition, changes: &'a [Change]) -> Self {
        Self {
            by_part: changes
                .iter()
                .enumerate()
                .map(|(index, change)| ((change.kind(), change.key.as_str()), index))
                .collect(),
            items: definition
                .items
                .iter()
                .map(|item| item.key.clone())
                .collect(),
            links: link_keys(definition),
        }
    }

    /// An issue of the definition as one of the change list.
    fn moved(&self, issue: Issue) -> Issue {
        let mut path = self.place(&issue.path);
        // An end that the definition lacks is named by the change that links it.
        if path == CHANGES
            && let Some(item) = &issue.item
        {
            path = self.of_item(Some(item));
        }
        Issue { path, ..issue }
    }

    fn place(&self, path: &str) -> String {
        let mut tokens = path.splitn(4, '/').skip(1);
        let (list, name) = (tokens.next().unwrap_or(""), tokens.next().unwrap_or(""));
        let rest = tokens
            .next()
            .map_or_else(String::new, |rest| format!("/{rest}"));
        let index = match list {
            "items" => self.index_of(Kind::Item, position(&self.items, name)),
            "links" => self.index_of(Kind::Link, position(&self.links, name)),
            "settings" => self.index_of(Kind::Setting, Some(name)),
            _ => None,
        };
        match index {
            Some(index) => format!("{CHANGES}/{index}/after{rest}"),
            None => CHANGES.to_owned(),
        }
    }

    fn index_of(&self, kind: Kind, key: Option<&str>) -> Option<usize> {
        self.by_part.get(&(kind, key?)).copied()
    }

    fn of_item(&self, item: Option<&str>) -> String {
        match self.index_of(Kind::Item, item) {
            Some(index) => format!("{CHANGES}/{index}/after"),
            None => CHANGES.to_owned(),
        }
    }
}

const CHANGES: &str = "/changes";

/// The key at an index that stands in a pointer.
fn position<'a>(keys: &'a [String], index: &str) -> Option<&'a str> {
    let index: usize = index.parse().ok()?;
    keys.get(index).map(String::as_str)
}
