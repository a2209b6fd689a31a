//! Files for people, without database or network: how long the form of a month,
//! its report and a CSV take to make. `cargo bench --bench workbooks`.

#![allow(clippy::unwrap_used, reason = "a bench that cannot begin has to stop")]

use std::hint::black_box;

use chrono::DateTime;
use criterion::{Criterion, criterion_group, criterion_main};
use shirube::domain::amount::Amount;
use shirube::domain::definition::resolve_targets;
use shirube::domain::export::{About, CellTable, EntryForm, MonthlyReport};
use shirube::domain::ledger::{Cell, Figure, Ledger};
use shirube::domain::month::{Month, ProgrammeMonth};
use shirube::domain::month_state::MonthState;
use shirube::domain::roadmap::{Plan, PlanHistory};
use shirube::domain::scorecard::{Item, Measure};
use shirube::domain::template::Templates;
use shirube::domain::text::Text;
use shirube::sheets::{Layout, actuals_csv, entry_workbook, report_workbook};

const TEMPLATE: &str = "growth-tailored-support";
const ITEMS: usize = 40;
const LAST: ProgrammeMonth = ProgrammeMonth::new(36);

fn about(start: Month) -> About {
    About {
        id: "019aa000-0000-7000-8000-000000000000".to_owned(),
        key: TEMPLATE.to_owned(),
        name: Text::new("計画", "Plan"),
        hub: "yamagata".to_owned(),
        hub_name: Text::new("山形県拠点", "Yamagata hub"),
        prefecture_name: Text::new("山形県", "Yamagata"),
        start,
        created_at: DateTime::UNIX_EPOCH,
    }
}

/// A scorecard of 40 items, all of them reported in all of 36 months.
fn scorecard() -> (PlanHistory, Ledger) {
    let templates = Templates::embedded().unwrap();
    let mut definition = templates.find(TEMPLATE).unwrap().clone();
    let again: Vec<Item> = definition
        .items
        .iter()
        .map(|item| Item {
            key: format!("{}-again", item.key),
            ..item.clone()
        })
        .collect();
    definition.items.extend(again);
    definition.items.truncate(ITEMS);
    let parameters = definition.default_parameters();
    let (definition, _) = resolve_targets(&definition, &parameters);
    let mut ledger = Ledger::default();
    for item in &definition.items {
        for at in ProgrammeMonth::FIRST.through(LAST) {
            let value = Amount::whole(i64::from(at.t() % 3));
            let figure = if item.measure == Measure::Ratio {
                Figure::Ratio {
                    numerator: value,
                    denominator: Amount::whole(3),
                }
            } else {
                Figure::Amount(value)
            };
            ledger.set(&item.key, at, Cell::Reported(figure));
        }
    }
    let start = Month::new(2025, 4).unwrap();
    let plan = Plan {
        version: 1,
        start,
        effective: start,
        definition: definition.into(),
        parameters,
    };
    (PlanHistory::new(plan, Vec::new()), ledger)
}

fn files(c: &mut Criterion) {
    let (plans, ledger) = scorecard();
    let start = plans.start();
    let mut group = c.benchmark_group("files of 40 items, 36 months");
    group.sample_size(30);
    group.bench_function("entry workbook", |b| {
        b.iter(|| {
            let form = EntryForm::of(about(start), plans.first(), &ledger, LAST, false);
            entry_workbook(black_box(&form)).unwrap()
        });
    });
    group.bench_function("report workbook", |b| {
        b.iter(|| {
            let open = MonthState::Open;
            let report = MonthlyReport::of(about(start), &plans, &ledger, LAST, open);
            report_workbook(black_box(&report)).unwrap()
        });
    });
    group.bench_function("long CSV", |b| {
        b.iter(|| {
            let months = (ProgrammeMonth::FIRST, LAST);
            let table = CellTable::of(about(start), &plans, &ledger, months);
            actuals_csv(black_box(&table), Layout::Long).unwrap()
        });
    });
    group.finish();
}

criterion_group!(workbooks, files);
criterion_main!(workbooks);
