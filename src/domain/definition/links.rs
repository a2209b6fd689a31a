//! Reading links, and the rules that keep them a directed acyclic graph of
//! sound conversions (`semantics.md` §5).

use std::collections::{BTreeMap, BTreeSet};

use super::super::issue::{Issue, IssueCode, Issues};
use super::super::scorecard::{Definition, Item, Link, LinkKind, Measure};
use super::super::strict_json::{Object, Value};
use super::super::text::Text;
use super::{ITEMS_MAX, LINKS_MAX, elements, unknown_item};

/// The longest delay between the two sides of a link.
pub(in crate::domain) const LAG_MONTHS_MAX: u32 = 24;

pub(super) fn read_links(object: &mut Object<'_>, issues: &mut Issues) -> Option<Vec<Link>> {
    elements(
        object,
        "links",
        LINKS_MAX,
        false,
        issues,
        |value, issues| read_link(value, issues),
    )
}

pub(in crate::domain) fn read_link(value: &Value<'_>, issues: &mut Issues) -> Option<Link> {
    let mut object = value.object(issues)?;
    let kind = object
        .required("kind", issues)
        .and_then(|v| v.one_of(issues, LinkKind::CODES));
    let from = object
        .required("from", issues)
        .and_then(|v| read_side(&v, issues));
    let to = object
        .required("to", issues)
        .and_then(|v| read_side(&v, issues));
    let lag_months = match object.optional("lag_months") {
        Some(value) => value.integer(issues, 0, LAG_MONTHS_MAX),
        None => Some(0),
    };
    object.finish(issues);
    Some(Link {
        kind: kind?,
        from: from?,
        to: to?,
        lag_months: lag_months?,
    })
}

fn read_side(value: &Value<'_>, issues: &mut Issues) -> Option<Vec<String>> {
    let values = value.array(issues, ITEMS_MAX)?;
    if values.is_empty() {
        issues.error(
            IssueCode::Missing,
            value.path(),
            Text::new("リンクの片側が空です。", "One side of the link is empty."),
        );
        return None;
    }
    let read: Vec<Option<String>> = values.iter().map(|key| key.line(issues)).collect();
    read.into_iter().collect()
}

/// Checks all links of a definition; `root` is the pointer to the definition.
pub(super) fn check_links(definition: &Definition, root: &str, issues: &mut Issues) {
    let mut sound = true;
    for (index, link) in definition.links.iter().enumerate() {
        let path = format!("{root}/links/{index}");
        sound &= check_ends(definition, link, &path, issues);
        if link.kind == LinkKind::Conversion {
            check_conversion(definition, link, &path, issues);
        }
    }
    if sound && let Some(cycle) = find_cycle(definition) {
        let shown = cycle.join(" → ");
        issues.error(
            IssueCode::Cycle,
            format!("{root}/links"),
            Text::new(
                format!("リンクが循環しています: {shown}。"),
                format!("The links form a cycle: {shown}."),
            ),
        );
    }
}

fn check_ends(definition: &Definition, link: &Link, path: &str, issues: &mut Issues) -> bool {
    let mut sound = true;
    for (side, keys) in [("from", &link.from), ("to", &link.to)] {
        let mut seen = BTreeSet::new();
        for (position, key) in keys.iter().enumerate() {
            let place = format!("{path}/{side}/{position}");
            if let Some((scorecard, item)) = key.split_once('/') {
                issues.push(crosses_scorecards(&place, scorecard, item));
                sound = false;
            } else if definition.item(key).is_none() {
                issues.push(unknown_item(&place, key));
                sound = false;
            } else if !seen.insert(key) {
                issues.push(
                    Issue::error(
                        IssueCode::DuplicateKey,
                        place,
                        Text::new(
                            format!("「{key}」が同じ側に二度あります。"),
                            format!("\"{key}\" appears twice on this side."),
                        ),
                    )
                    .about_item(key),
                );
            }
        }
    }
    sound
}

fn crosses_scorecards(path: &str, scorecard: &str, item: &str) -> Issue {
    Issue::error(
        IssueCode::CrossesScorecards,
        path,
        Text::new(
            format!("リンクは同じスコアカードの中だけで張れます（「{scorecard}」の「{item}」）。"),
            format!("Links stay inside one scorecard (\"{item}\" of \"{scorecard}\")."),
        ),
    )
}

fn check_conversion(definition: &Definition, link: &Link, path: &str, issues: &mut Issues) {
    for (side, keys) in [("from", &link.from), ("to", &link.to)] {
        let items: Vec<&Item> = keys.iter().filter_map(|key| definition.item(key)).collect();
        for item in items.iter().filter(|item| item.measure != Measure::Flow) {
            issues.push(
                Issue::error(
                    IssueCode::ConversionNeedsFlows,
                    format!("{path}/{side}"),
                    Text::new(
                        format!(
                            "転換のリンクには「flow」の項目だけを使えます（「{}」）。",
                            item.key
                        ),
                        format!("A conversion links flows only (\"{}\" is none).", item.key),
                    ),
                )
                .about_item(&item.key),
            );
        }
        let units: BTreeSet<&str> = items.iter().map(|item| item.unit.0.as_str()).collect();
        if units.len() > 1 {
            let units: Vec<&str> = units.into_iter().collect();
            let units = units.join(", ");
            issues.error(
                IssueCode::MixedUnits,
                format!("{path}/{side}"),
                Text::new(
                    format!("リンクの片側に違う単位が混ざっています（{units}）。"),
                    format!("One side of the link mixes units ({units})."),
                ),
            );
        }
    }
}

/// A cycle as the items along it, the first one repeated at the end.
fn find_cycle(definition: &Definition) -> Option<Vec<String>> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for link in &definition.links {
        for from in &link.from {
            next.entry(from)
                .or_default()
                .extend(link.to.iter().map(String::as_str));
        }
    }
    let mut done = BTreeSet::new();
    definition
        .items
        .iter()
        .find_map(|item| walk(&item.key, &next, &mut Vec::new(), &mut done))
}

fn walk<'a>(
    key: &'a str,
    next: &BTreeMap<&'a str, Vec<&'a str>>,
    path: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<String>> {
    if let Some(start) = path.iter().position(|on_path| *on_path == key) {
        let mut cycle: Vec<String> = path[start..].iter().map(|k| (*k).to_owned()).collect();
        cycle.push(key.to_owned());
        return Some(cycle);
    }
    if done.contains(key) {
        return None;
    }
    path.push(key);
    for following in next.get(key).into_iter().flatten() {
        if let Some(cycle) = walk(following, next, path, done) {
            return Some(cycle);
        }
    }
    path.pop();
    done.insert(key);
    None
}
