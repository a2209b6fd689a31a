//! Reading a change list against the plan that it changes.

use std::collections::BTreeMap;

use super::{Basis, CHANGES_MAX, Change, Edit, Kind, Op, Part, link_key, link_keys};
use crate::domain::definition::checks::check_parameter_value;
use crate::domain::definition::{
    Horizon, ItemBase, LAG_MONTHS_MAX, read_item, read_link, read_setting, unknown_item,
};
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::scorecard::{Item, Link, LinkKind, SettingValue};
use crate::domain::strict_json::{Object, Value};
use crate::domain::text::Text;

/// Reads a change list `[{op, kind, key, after}]`; `None` where `issues` holds
/// why. Of what is changed, `after` may leave out what stays.
///
/// What the changed plan has to fulfil as a whole is for [`super::revise`] to say.
pub fn read_changes(
    value: &Value<'_>,
    basis: &Basis<'_>,
    horizon: Horizon,
    issues: &mut Issues,
) -> Option<Vec<Change>> {
    let found_before = issues.error_count();
    let values = value.array(issues, CHANGES_MAX)?;
    if values.is_empty() {
        issues.error(
            IssueCode::Missing,
            value.path(),
            Text::new("変更が一つもありません。", "There are no changes."),
        );
        return None;
    }
    let mut reader = Reader {
        basis,
        horizon,
        link_keys: link_keys(&basis.plan.definition),
        seen: BTreeMap::new(),
    };
    let changes: Vec<Change> = values
        .iter()
        .filter_map(|value| reader.change(value, issues))
        .collect();
    (issues.error_count() == found_before).then_some(changes)
}

struct Reader<'a> {
    basis: &'a Basis<'a>,
    horizon: Horizon,
    link_keys: Vec<String>,
    /// Where each part was first changed.
    seen: BTreeMap<(Kind, String), String>,
}

impl Reader<'_> {
    fn change(&mut self, value: &Value<'_>, issues: &mut Issues) -> Option<Change> {
        let mut object = value.object(issues)?;
        let op = object
            .required("op", issues)
            .and_then(|v| v.one_of(issues, Op::CODES));
        let kind = object
            .required("kind", issues)
            .and_then(|v| v.one_of(issues, Kind::CODES));
        let key = named(&mut object, op, kind, issues);
        let after = after(&mut object, op, kind, issues);
        object.finish(issues);
        let (op, kind, after) = (op?, kind?, after?);
        let change = match kind {
            Kind::Item => self.item(op, &key?, after.as_ref(), issues),
            Kind::Link => self.link(op, key, after.as_ref(), issues),
            Kind::Setting => self.setting(op, &key?, after.as_ref()?, issues),
            Kind::Parameter => self.parameter(op, &key?, after.as_ref()?, issues),
        }?;
        self.once(change, value.path(), issues)
    }

    fn item(
        &self,
        op: Op,
        named: &Named,
        after: Option<&Value<'_>>,
        issues: &mut Issues,
    ) -> Option<Found> {
        let Named { key, path } = named;
        let present = self.basis.plan.definition.item(key);
        let edit = match (op, present) {
            (Op::Add, Some(_)) => {
                issues.push(taken(path, key).about_item(key));
                return None;
            }
            (Op::Add, None) => {
                self.demand_free(named, issues)?;
                let item = read_item(after?, ItemBase::Named(key), self.horizon, issues)?;
                Edit {
                    before: None,
                    after: Some(Box::new(item)),
                }
            }
            (_, None) => {
                issues.push(self.absent(named));
                return None;
            }
            (Op::Retire, Some(item)) => Edit {
                before: Some(Box::new(item.clone())),
                after: None,
            },
            (Op::Change, Some(item)) => {
                let after = after?;
                let changed = read_item(after, ItemBase::Over(item), self.horizon, issues)?;
                demand_same_measure(item, &changed, after, issues)?;
                Edit {
                    before: Some(Box::new(item.clone())),
                    after: Some(Box::new(changed)),
                }
            }
        };
        Some((key.clone(), Part::Item(edit)))
    }

    /// A key that another version has used stays that item's.
    fn demand_free(&self, named: &Named, issues: &mut Issues) -> Option<()> {
        let Named { key, path } = named;
        let Some(is_retired) = self.basis.other_items.get(key.as_str()) else {
            return Some(());
        };
        let issue = if *is_retired {
            Issue::error(
                IssueCode::ItemRetired,
                path,
                Text::new(
                    format!(
                        "「{key}」は廃止した項目のキーです。履歴と混ざらないよう、別のキーを付けてください。"
                    ),
                    format!(
                        "\"{key}\" is the key of a retired item; choose another one, so that histories stay apart."
                    ),
                ),
            )
        } else {
            taken(path, key)
        };
        issues.push(issue.about_item(key));
        None
    }

    fn absent(&self, named: &Named) -> Issue {
        let Named { key, path } = named;
        if self.basis.other_items.get(key.as_str()) != Some(&true) {
            return unknown_item(path, key);
        }
        Issue::error(
            IssueCode::ItemRetired,
            path,
            Text::new(
                format!("「{key}」はすでに廃止した項目です。"),
                format!("\"{key}\" is retired already."),
            ),
        )
        .about_item(key)
    }

    fn link(
        &self,
        op: Op,
        named: Option<Named>,
        after: Option<&Value<'_>>,
        issues: &mut Issues,
    ) -> Option<Found> {
        if op == Op::Add {
            let after = after?;
            let link = read_link(after, issues)?;
            let key = link_key(&link);
            if let Some(said) = named.filter(|said| said.key != key) {
                issues.push(wrong_link_key(&said.path, &key));
                return None;
            }
            if self.link_keys.contains(&key) {
                issues.push(taken(after.path(), &key));
                return None;
            }
            let edit = Edit {
                before: None,
                after: Some(link),
            };
            return Some((key, Part::Link(edit)));
        }
        let Named { key, path } = named?;
        let Some(present) = self.present_link(&key) else {
            issues.push(unknown_link(&path, &key));
            return None;
        };
        let edit = Edit {
            before: Some(present.clone()),
            after: match op {
                Op::Retire => None,
                _ => Some(changed_link(present, after?, issues)?),
            },
        };
        Some((key, Part::Link(edit)))
    }

    fn present_link(&self, key: &str) -> Option<&Link> {
        let index = self.link_keys.iter().position(|known| known == key)?;
        self.basis.plan.definition.links.get(index)
    }

    fn setting(
        &self,
        op: Op,
        named: &Named,
        after: &Value<'_>,
        issues: &mut Issues,
    ) -> Option<Found> {
        let Named { key, path } = named;
        let Some(before) = self.basis.plan.definition.settings.get(key) else {
            issues.error(
                IssueCode::UnknownReference,
                path,
                Text::new(
                    format!("「{key}」という判定の設定はありません。"),
                    format!("There is no setting \"{key}\"."),
                ),
            );
            return None;
        };
        demand_change(op, path, issues)?;
        let after: SettingValue = read_setting(key, after, issues)?;
        let edit = Edit {
            before: Some(before),
            after: Some(after),
        };
        Some((key.clone(), Part::Setting(edit)))
    }

    fn parameter(
        &self,
        op: Op,
        named: &Named,
        after: &Value<'_>,
        issues: &mut Issues,
    ) -> Option<Found> {
        let Named { key, path } = named;
        let plan = self.basis.plan;
        let Some(parameter) = plan.definition.parameters.iter().find(|p| p.key == *key) else {
            issues.error(
                IssueCode::UnknownParameter,
                path,
                Text::new(
                    format!("このスコアカードに「{key}」というパラメータはありません。"),
                    format!("This scorecard has no parameter \"{key}\"."),
                ),
            );
            return None;
        };
        demand_change(op, path, issues)?;
        let value = after.nullable_amount(issues)?;
        if let Some(amount) = value {
            check_parameter_value(parameter, amount, after.path(), issues);
        }
        let edit = Edit {
            before: Some(plan.parameters.get(key).copied().flatten()),
            after: Some(value),
        };
        Some((key.clone(), Part::Parameter(edit)))
    }

    /// A part is changed once in a list.
    fn once(&mut self, (key, part): Found, path: &str, issues: &mut Issues) -> Option<Change> {
        let change = Change { key, part };
        let place = (change.kind(), change.key.clone());
        if let Some(first) = self.seen.get(&place) {
            let key = &change.key;
            issues.error(
                IssueCode::DuplicateKey,
                path,
                Text::new(
                    format!("「{key}」の変更が二度あります（最初は {first}）。"),
                    format!("\"{key}\" is changed twice (first at {first})."),
                ),
            );
            return None;
        }
        self.seen.insert(place, path.to_owned());
        Some(change)
    }
}

/// A key and the part that it names.
type Found = (String, Part);

/// A key with its place in the document.
struct Named {
    key: String,
    path: String,
}

/// The key, with its place. An added link is called by its ends.
fn named(
    object: &mut Object<'_>,
    op: Option<Op>,
    kind: Option<Kind>,
    issues: &mut Issues,
) -> Option<Named> {
    let key = if (op, kind) == (Some(Op::Add), Some(Kind::Link)) {
        object.optional("key")?
    } else {
        object.required("key", issues)?
    };
    let path = key.path().to_owned();
    let text = if kind == Some(Kind::Link) {
        key.note(issues)
    } else {
        key.code(issues)
    };
    text.map(|key| Named { key, path })
}

/// The member `after`: absent (or null) for what is retired, else there. The
/// outer `None` says that it was wrong.
#[expect(
    clippy::option_option,
    reason = "wrong and absent are different things"
)]
fn after<'a>(
    object: &mut Object<'a>,
    op: Option<Op>,
    kind: Option<Kind>,
    issues: &mut Issues,
) -> Option<Option<Value<'a>>> {
    match (op?, kind?) {
        (Op::Retire, Kind::Item | Kind::Link) => match object.optional("after") {
            None => Some(None),
            Some(value) => {
                issues.error(
                    IssueCode::WrongShape,
                    value.path(),
                    Text::new(
                        "廃止する場合は after を付けません。",
                        "What is retired has no \"after\".",
                    ),
                );
                None
            }
        },
        // Null unsets a parameter.
        (_, Kind::Parameter) => match object.member("after") {
            Some(value) => Some(Some(value)),
            None => object.required("after", issues).map(Some),
        },
        _ => object.required("after", issues).map(Some),
    }
}

/// Cells keep the shape in which they were reported.
fn demand_same_measure(
    before: &Item,
    after: &Item,
    value: &Value<'_>,
    issues: &mut Issues,
) -> Option<()> {
    let mut same = Some(());
    for (member, is_same) in [
        ("measure", before.measure == after.measure),
        ("unit", before.unit == after.unit),
    ] {
        if !is_same {
            same = None;
            issues.push(
                Issue::error(
                    IssueCode::WrongShape,
                    format!("{}/{member}", value.path()),
                    Text::new(
                        format!("項目の {member} は変えられません。この項目を廃止し、新しいキーの項目を追加してください。"),
                        format!("An item's {member} stays; retire the item and add one with a new key."),
                    ),
                )
                .about_item(&before.key),
            );
        }
    }
    same
}

/// A link keeps its kind and ends; they are its key.
fn changed_link(present: &Link, after: &Value<'_>, issues: &mut Issues) -> Option<Link> {
    let mut object = after.object(issues)?;
    let kind = object.optional("kind");
    let ends = [object.optional("from"), object.optional("to")];
    let lag = object.required("lag_months", issues);
    object.finish(issues);
    let mut is_same = true;
    if let Some(kind) = kind {
        let said = kind.one_of(issues, LinkKind::CODES)?;
        is_same &= said == present.kind || refuse_ends(&kind, issues);
    }
    for (end, keys) in ends.into_iter().zip([&present.from, &present.to]) {
        if let Some(end) = end {
            let said: Option<Vec<String>> = end
                .array(issues, keys.len().max(1))?
                .iter()
                .map(|key| key.line(issues))
                .collect();
            is_same &= said? == *keys || refuse_ends(&end, issues);
        }
    }
    let lag_months = lag?.integer(issues, 0, LAG_MONTHS_MAX)?;
    is_same.then(|| Link {
        lag_months,
        ..present.clone()
    })
}

fn refuse_ends(value: &Value<'_>, issues: &mut Issues) -> bool {
    issues.error(
        IssueCode::WrongShape,
        value.path(),
        Text::new(
            "リンクの種類と両端は変えられません。このリンクを廃止し、新しいリンクを追加してください。",
            "A link's kind and ends stay; retire it and add another one.",
        ),
    );
    false
}

/// Settings and parameters are neither added nor retired.
fn demand_change(op: Op, path: &str, issues: &mut Issues) -> Option<()> {
    if op == Op::Change {
        return Some(());
    }
    let place = path
        .strip_suffix("/key")
        .map_or_else(|| path.to_owned(), |change| format!("{change}/op"));
    issues.error(
        IssueCode::OutOfRange,
        place,
        Text::new(
            "設定とパラメータは「change」だけです。追加や廃止はできません。",
            "Settings and parameters are changed, never added or retired.",
        ),
    );
    None
}

fn taken(path: &str, key: &str) -> Issue {
    Issue::error(
        IssueCode::DuplicateKey,
        path,
        Text::new(
            format!("「{key}」は計画にすでにあります。"),
            format!("\"{key}\" is in the plan already."),
        ),
    )
}

fn unknown_link(path: &str, key: &str) -> Issue {
    Issue::error(
        IssueCode::UnknownReference,
        path,
        Text::new(
            format!(
                "この計画に「{key}」というリンクはありません。キーは計画の link_keys にあります。"
            ),
            format!("The plan has no link \"{key}\"; its link_keys name them."),
        ),
    )
}

fn wrong_link_key(path: &str, key: &str) -> Issue {
    Issue::error(
        IssueCode::WrongShape,
        path,
        Text::new(
            format!("リンクのキーは両端から決まります。「{key}」にするか、省いてください。"),
            format!("A link is called by its ends: say \"{key}\", or leave the key out."),
        ),
    )
}
