//! Whether the targets of a revised plan feed one another.

use std::collections::BTreeSet;

use super::link_keys;
use crate::domain::amount::{Amount, Exact};
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Definition, Item, Link, LinkKind};
use crate::domain::text::Text;
use crate::domain::words;

/// A target above what its upstream target feeds at the rate planned before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starved<'a> {
    pub from: Vec<&'a Item>,
    pub to: Vec<&'a Item>,
    /// Programme year.
    pub year: u32,
    /// Yearly target upstream, after the revision.
    pub upstream: Exact,
    /// `R` of the version that is changed.
    pub rate: Exact,
    /// Yearly target downstream, after the revision.
    pub target: Exact,
}

impl Starved<'_> {
    /// What the upstream target gives at that rate.
    #[must_use]
    pub fn fed(&self) -> Exact {
        &self.upstream * &self.rate
    }
}

/// The conversions whose downstream target a revision leaves above what the
/// upstream target feeds at the rate that was planned before, by link and year.
/// A rate is the quotient of two targets (`semantics.md` §5), so that raising one of
/// them alone plans a better conversion, and nothing that would bring it about.
#[must_use]
pub fn starved<'a>(base: &Plan, revised: &'a Plan) -> Vec<Starved<'a>> {
    let (old, new) = (&base.definition, &revised.definition);
    let old_keys = link_keys(old);
    new.links
        .iter()
        .zip(link_keys(new))
        .filter(|(link, _)| link.kind == LinkKind::Conversion)
        .filter_map(|(link, key)| {
            let index = old_keys.iter().position(|known| *known == key)?;
            Some((link, old.links.get(index)?))
        })
        .flat_map(|(link, before)| {
            years(old, before)
                .union(&years(new, link))
                .filter_map(|year| starved_in(old, before, new, link, *year))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn starved_in<'a>(
    old: &Definition,
    before: &Link,
    new: &'a Definition,
    link: &Link,
    year: u32,
) -> Option<Starved<'a>> {
    let rate = target(old, &before.to, year)?.checked_div(&target(old, &before.from, year)?)?;
    let (upstream, target) = (target(new, &link.from, year)?, target(new, &link.to, year)?);
    let side = |keys: &[String]| keys.iter().filter_map(|key| new.item(key)).collect();
    (target > &upstream * &rate).then(|| Starved {
        from: side(&link.from),
        to: side(&link.to),
        year,
        upstream,
        rate,
        target,
    })
}

/// The years in which a target of either side begins.
fn years(definition: &Definition, link: &Link) -> BTreeSet<u32> {
    link.from
        .iter()
        .chain(&link.to)
        .filter_map(|key| definition.item(key))
        .flat_map(|item| item.targets.iter().filter_map(|target| target.year))
        .collect()
}

/// The yearly targets of a side together; `None` where one is missing.
fn target(definition: &Definition, keys: &[String], year: u32) -> Option<Exact> {
    keys.iter()
        .map(|key| {
            let target = definition.item(key)?.target_in(year)?;
            Some(Amount::exact(target))
        })
        .sum()
}

pub(super) fn coherence_warnings(
    base: &Plan,
    revised: &Plan,
    place: &dyn Fn(&str) -> String,
) -> Vec<Issue> {
    starved(base, revised)
        .iter()
        .map(|starved| warning(starved, place))
        .collect()
}

/// At the change of the target, or of the upstream target where that was lowered.
fn warning(starved: &Starved<'_>, place: &dyn Fn(&str) -> String) -> Issue {
    let named = |items: &[&Item]| {
        let names = |name: fn(&Item) -> &str| -> Vec<String> {
            items.iter().map(|item| name(item).to_owned()).collect()
        };
        Text::new(
            names(|item| &item.name.ja).join("・"),
            names(|item| &item.name.en).join(", "),
        )
    };
    let (from, to) = (named(&starved.from), named(&starved.to));
    let shown = |items: &[&Item], value: &Exact| {
        items.first().map_or_else(
            || Text::new("", ""),
            |item| words::figure(item.measure, &item.unit, value),
        )
    };
    let upstream = shown(&starved.from, &starved.upstream);
    let fed = shown(&starved.to, &starved.fed());
    let target = shown(&starved.to, &starved.target);
    let year = starved.year;
    let message = Text::new(
        format!(
            "{year} 年目の「{}」の目標{}は、「{}」の目標{}とこれまでの計画転換率では{}までしか届きません。上流の目標も見直すか、転換率を上げる準備項目を加えてください。",
            to.ja, target.ja, from.ja, upstream.ja, fed.ja
        ),
        format!(
            "In year {year} the target of \"{}\" is {}, but the target of \"{}\", {}, feeds only {} at the rate planned so far. Raise the upstream target too, or add preparation that lifts the rate.",
            to.en, target.en, from.en, upstream.en, fed.en
        ),
    );
    let sides = starved.to.iter().chain(&starved.from);
    let path = sides
        .clone()
        .map(|item| place(&item.key))
        .max_by_key(String::len)
        .unwrap_or_default();
    let issue = Issue::warning(IssueCode::AboveUpstream, path, message);
    match starved.to.first() {
        Some(item) => issue.about_item(&item.key),
        None => issue,
    }
}
