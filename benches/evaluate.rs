//! The domain alone, without database or network: how long an evaluation, a
//! definition, a body and a report take. `cargo bench --bench evaluate`.

#![allow(clippy::unwrap_used, reason = "a bench that cannot begin has to stop")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;
use shirube::domain::alert::replay;
use shirube::domain::amount::Amount;
use shirube::domain::causes::cause;
use shirube::domain::definition::{Horizon, resolve_targets};
use shirube::domain::evaluate::evaluate;
use shirube::domain::issue::Issues;
use shirube::domain::ledger::{Cell, Figure, Ledger};
use shirube::domain::month::{Month, ProgrammeMonth};
use shirube::domain::outlook::{Scenario, outlook};
use shirube::domain::report::{self, Report, read_report};
use shirube::domain::roadmap::{Plan, PlanHistory};
use shirube::domain::scorecard::{Definition, Item, Measure};
use shirube::domain::status::Flag;
use shirube::domain::strict_json::{self, Value};
use shirube::domain::template::{Templates, read_template};
use shirube::domain::what_if::{WhatIf, read_what_if};

const SMALLER: &str = "mature-hard-to-fill";
const LARGEST: &str = "growth-tailored-support";
const LARGEST_FILE: &str = "growth-tailored-support.json";
const LARGEST_TEXT: &str = include_str!("../scorecards/growth-tailored-support.json");
const LAST: ProgrammeMonth = ProgrammeMonth::new(36);
const TEN_YEARS: ProgrammeMonth = ProgrammeMonth::new(120);
const BODY_BYTES: usize = 1_024 * 1_024;

/// The plan of a template, stretched to so many items by repeating them.
fn plan(template: &str, items: usize) -> Plan {
    let templates = Templates::embedded().unwrap();
    let mut definition = templates.find(template).unwrap().clone();
    let again: Vec<Item> = definition
        .items
        .iter()
        .map(|item| Item {
            key: format!("{}-again", item.key),
            ..item.clone()
        })
        .collect();
    definition.items.extend(again);
    definition.items.truncate(items);
    let parameters = definition.default_parameters();
    let (definition, _) = resolve_targets(&definition, &parameters);
    let start = Month::new(2025, 4).unwrap();
    Plan {
        version: 1,
        start,
        effective: start,
        definition: definition.into(),
        parameters,
    }
}

/// Every item reported in every month, some good, some bad.
fn ledger(plan: &Plan) -> Ledger {
    ledger_through(plan, LAST)
}

fn ledger_through(plan: &Plan, last: ProgrammeMonth) -> Ledger {
    let mut ledger = Ledger::default();
    for (index, item) in (0..).zip(&plan.definition.items) {
        for at in ProgrammeMonth::FIRST.through(last) {
            let units = (i64::from(at.t()) * 7 + index) % 11;
            ledger.set(&item.key, at, Cell::Reported(figure(item, units)));
        }
    }
    ledger
}

fn figure(item: &Item, units: i64) -> Figure {
    match item.measure {
        Measure::Milestone => Figure::Amount(Amount::whole(80 + units)),
        Measure::Ratio => Figure::Ratio {
            numerator: Amount::whole(units),
            denominator: Amount::whole(11),
        },
        _ => Figure::Amount(Amount::whole(units)),
    }
}

fn evaluation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("evaluate");
    for (template, items) in [(SMALLER, 17), (LARGEST, 30), (LARGEST, 40)] {
        let plan = plan(template, items);
        let ledger = ledger(&plan);
        group.bench_function(BenchmarkId::new("a month of items", items), |bencher| {
            bencher.iter(|| evaluate(black_box(&plan), black_box(&ledger), LAST));
        });
    }
    let plan = plan(LARGEST, 30);
    let ledger = ledger(&plan);
    group.bench_function("36 months of 30 items", |bencher| {
        bencher.iter(|| {
            for at in ProgrammeMonth::FIRST.through(LAST) {
                black_box(evaluate(black_box(&plan), black_box(&ledger), at));
            }
        });
    });
    group.finish();
}

/// What a report costs at most: every month again, with all alerts and causes.
fn alerts(criterion: &mut Criterion) {
    let mut plan = plan(LARGEST, 40);
    for item in &mut plan.definition_mut().items {
        item.high_hurdle = true;
    }
    let mut group = criterion.benchmark_group("replay of 40 high-hurdle items");
    for last in [LAST, TEN_YEARS] {
        let ledger = ledger_through(&plan, last);
        let plans = PlanHistory::new(plan.clone(), Vec::new());
        group.bench_function(BenchmarkId::new("months", last.t()), |bencher| {
            bencher.iter(|| replay(black_box(&plans), black_box(&ledger)));
        });
    }
    group.finish();
}

/// An evaluated read as it is, with causes and outlook, and beside what is
/// supposed: a month before the year's end, so that there is an outlook.
fn reads(criterion: &mut Criterion) {
    let plan = plan(LARGEST, 30);
    let ledger = ledger(&plan);
    let at = ProgrammeMonth::new(33);
    let explained = |plan: &Plan, ledger: &Ledger, scenario: &Scenario| {
        let evaluation = evaluate(plan, ledger, at);
        for (position, item) in evaluation.items.iter().enumerate() {
            if item.flag != Flag::None {
                black_box(cause(plan, ledger, &evaluation, position));
            }
        }
        black_box(outlook(plan, ledger, &evaluation, scenario));
    };
    let mut group = criterion.benchmark_group("a read of 30 items");
    group.bench_function("plain", |bencher| {
        bencher.iter(|| evaluate(black_box(&plan), black_box(&ledger), at));
    });
    group.bench_function("with causes and outlook", |bencher| {
        bencher.iter(|| explained(black_box(&plan), black_box(&ledger), &Scenario::default()));
    });
    let body = json!({
        "changes": [{
            "op": "change", "kind": "item", "key": "consult-seminar",
            "after": { "targets": [{ "year": 3, "value": 40 }] }
        }],
        "finished": [{ "item": "seminar-format", "month": "2026-06" }],
        "volumes": [{ "item": "seminar-companies", "factor": 1.5 }]
    })
    .to_string();
    group.bench_function("what if", |bencher| {
        bencher.iter(|| {
            let what_if = supposed(black_box(&body), &plan, at);
            explained(&plan, &ledger, &Scenario::default());
            explained(
                &what_if.plan,
                &what_if.ledger(&ledger, at),
                &what_if.scenario,
            );
        });
    });
    group.finish();
}

fn supposed(body: &str, plan: &Plan, at: ProgrammeMonth) -> WhatIf {
    let json = strict_json::parse(body.as_bytes()).unwrap();
    let mut issues = Issues::default();
    let mut object = Value::root(&json).object(&mut issues).unwrap();
    let what_if = read_what_if(&mut object, plan, Horizon::Template, at, &mut issues);
    object.finish(&mut issues);
    assert!(!issues.has_errors(), "{:?}", issues.as_slice());
    what_if.unwrap()
}

fn definition(criterion: &mut Criterion) {
    criterion.bench_function("definition/read the largest template", |bencher| {
        bencher.iter(|| read_template(LARGEST_FILE, black_box(LARGEST_TEXT)).unwrap());
    });
    // As the service keeps plans.
    let stored = serde_json::to_string(&plan(LARGEST, 30).definition).unwrap();
    criterion.bench_function("definition/read a stored plan of 30 items", |bencher| {
        bencher.iter(|| serde_json::from_str::<Definition>(black_box(&stored)).unwrap());
    });
}

fn body(plan: &Plan) -> String {
    let values: Vec<_> = (0..)
        .zip(&plan.definition.items)
        .map(|(index, item)| match figure(item, index % 11) {
            Figure::Amount(value) => json!({"item": item.key, "value": value}),
            Figure::Ratio {
                numerator,
                denominator,
            } => json!({"item": item.key, "numerator": numerator, "denominator": denominator}),
        })
        .collect();
    json!({"month": LAST.calendar(plan.start), "values": values}).to_string()
}

fn json(criterion: &mut Criterion) {
    let one = body(&plan(LARGEST, 30));
    let count = (BODY_BYTES - "{\"reports\":[]}".len()) / (one.len() + 1);
    let bulk = format!("{{\"reports\":[{}]}}", vec![one; count].join(","));
    let mut group = criterion.benchmark_group("strict_json");
    group.throughput(Throughput::Bytes(u64::try_from(bulk.len()).unwrap()));
    group.bench_function("a body of 1 MiB", |bencher| {
        bencher.iter(|| {
            strict_json::parse(black_box(bulk.as_bytes())).unwrap();
        });
    });
    group.finish();
}

fn read(body: &str) -> Report {
    let json = strict_json::parse(body.as_bytes()).unwrap();
    let mut issues = Issues::default();
    let mut object = Value::root(&json).object(&mut issues).unwrap();
    let report = read_report(&mut object, &mut issues);
    object.finish(&mut issues);
    assert!(!issues.has_errors(), "{:?}", issues.as_slice());
    report
}

fn reports(criterion: &mut Criterion) {
    let plan = plan(LARGEST, 30);
    let ledger = ledger(&plan);
    let body = body(&plan);
    let parsed = read(&body);
    let month = LAST.calendar(plan.start);
    let mut group = criterion.benchmark_group("report of 30 values");
    group.bench_function("read", |bencher| bencher.iter(|| read(black_box(&body))));
    group.bench_function("check", |bencher| {
        bencher.iter(|| {
            let mut issues = Issues::default();
            report::check(black_box(&parsed), &plan, month, &mut issues);
            issues
        });
    });
    group.bench_function("difference and plausibility", |bencher| {
        bencher.iter(|| {
            let difference = report::difference(black_box(&parsed), LAST, &ledger);
            let warnings = report::warnings(black_box(&parsed), LAST, &plan, &ledger);
            (difference, warnings)
        });
    });
    group.finish();
}

criterion_group!(domain, evaluation, alerts, reads, definition, json, reports);
criterion_main!(domain);
