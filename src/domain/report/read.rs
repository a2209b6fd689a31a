//! Reading the body of a report.

use super::super::issue::{IssueCode, Issues};
use super::super::strict_json::{Object, Value};
use super::super::text::Text;
use super::{Entry, Report, Statement, VALUES_MAX};

/// Reads `month`, `values` and `note` of a report's object; the caller reads
/// whatever else the object holds, and finishes it.
pub fn read_report(object: &mut Object<'_>, issues: &mut Issues) -> Report {
    let month = object
        .required("month", issues)
        .and_then(|v| v.month(issues));
    let values = object
        .required("values", issues)
        .and_then(|v| v.array(issues, VALUES_MAX))
        .unwrap_or_default();
    let note = object.optional("note").and_then(|v| v.note(issues));
    let entries = values
        .iter()
        .filter_map(|value| read_entry(value, issues))
        .collect();
    Report {
        path: object.path().to_owned(),
        month,
        entries,
        note,
        received: values.len(),
    }
}

fn read_entry(value: &Value<'_>, issues: &mut Issues) -> Option<Entry> {
    let mut object = value.object(issues)?;
    let item = object.required("item", issues).and_then(|v| v.line(issues));
    let statement = read_statement(&mut object, issues);
    object.finish(issues);
    Some(Entry {
        path: value.path().to_owned(),
        item: item?,
        statement: statement?,
    })
}

pub(in crate::domain) fn read_statement(
    object: &mut Object<'_>,
    issues: &mut Issues,
) -> Option<Statement> {
    let value = object.optional("value");
    let numerator = object.optional("numerator");
    let denominator = object.optional("denominator");
    let not_applicable = object.optional("not_applicable");
    let clear = object.optional("clear");
    match (value, numerator, denominator, not_applicable, clear) {
        (Some(value), None, None, None, None) => value.amount(issues).map(Statement::Value),
        (None, Some(numerator), Some(denominator), None, None) => {
            let numerator = numerator.amount(issues);
            let denominator = denominator.amount(issues);
            Some(Statement::Ratio {
                numerator: numerator?,
                denominator: denominator?,
            })
        }
        (None, None, None, Some(reason), None) => reason
            .note(issues)
            .map(|reason| Statement::NotApplicable { reason }),
        (None, None, None, None, Some(reason)) => reason
            .note(issues)
            .map(|reason| Statement::Clear { reason }),
        _ => {
            issues.error(
                IssueCode::WrongShape,
                object.path(),
                Text::new(
                    "value、numerator と denominator の組、not_applicable（対象外の理由）、clear（取り消しの理由）のどれか一つを入れてください。",
                    "Give exactly one of: value; numerator and denominator; not_applicable (with the reason); clear (with the reason).",
                ),
            );
            None
        }
    }
}
