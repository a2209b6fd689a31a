//! A scorecard with an item of every kind, and figures for it.

use serde_json::{Value, json};

/// The first month of [`own_scorecard`].
pub const START: &str = "2026-04";
/// The last month that has ended by the tests' clock.
pub const LAST: &str = "2026-10";
/// An identifier that nothing has.
pub const MISSING: &str = "00000000-0000-7000-8000-000000000000";

fn name(ja: &str, en: &str) -> Value {
    json!({ "ja": ja, "en": en })
}

fn yearly(value: impl Into<Value>) -> Value {
    json!([{ "year": 1, "value": value.into() }])
}

/// An own definition: every measure, money, hours, a share where lower is
/// better, links of both kinds, one parameter with a default.
pub fn definition() -> Value {
    let stages = [
        "study", "setup", "attract", "consult", "refer", "contract", "revenue",
    ]
    .map(|stage| json!({ "stage": stage }));
    json!({
        "key": "own-plan",
        "name": name("独自の計画", "Own plan"),
        "market_type": "growth",
        "stages": stages,
        "parameters": [
            { "key": "fee", "name": name("手数料目標", "Fee target"), "unit": "JPY", "default": 1_200_000 }
        ],
        "items": [
            { "key": "hours", "name": name("研修時間", "Hours of training"), "stage": "study",
              "measure": "flow", "unit": "hours", "targets": yearly(24) },
            { "key": "staff", "name": name("担当者数", "Staff"), "stage": "study",
              "measure": "level", "unit": "people", "targets": yearly(4) },
            { "key": "kit", "name": name("説明資料", "Material"), "stage": "setup",
              "measure": "milestone", "unit": "percent", "bar": [1, 5], "targets": [{ "value": 100 }] },
            { "key": "partners", "name": name("連携先", "Partners"), "stage": "setup",
              "measure": "cumulative", "unit": "organisations", "bar": [2, 12], "targets": [{ "value": 11 }] },
            { "key": "visitors", "name": name("来場企業", "Companies met"), "stage": "attract",
              "measure": "flow", "unit": "companies", "targets": yearly(120) },
            { "key": "visits", "name": name("1社あたり訪問", "Visits per company"), "stage": "attract",
              "measure": "ratio", "unit": "visits_per_company", "targets": yearly(2) },
            { "key": "consult", "name": name("相談", "Consultations"), "stage": "consult",
              "measure": "flow", "unit": "cases", "high_hurdle": true, "targets": yearly(48) },
            { "key": "refer", "name": name("とりつなぎ", "Referrals"), "stage": "refer",
              "measure": "flow", "unit": "cases", "targets": yearly(24) },
            { "key": "contract", "name": name("成約", "Contracts"), "stage": "contract",
              "measure": "flow", "unit": "contracts", "phasing": { "kind": "even", "first_month": 4 },
              "targets": yearly(9) },
            { "key": "turnover", "name": name("離職率", "Turnover"), "stage": "contract",
              "measure": "ratio", "unit": "share", "direction": "lower", "strict": true,
              "proportion": true, "targets": yearly(0.1) },
            { "key": "fees", "name": name("手数料", "Fees"), "stage": "revenue",
              "measure": "flow", "unit": "JPY",
              "targets": [{ "year": 1, "formula": { "op": "+", "args": [{ "parameter": "fee" }] } }] }
        ],
        "links": [
            { "kind": "conversion", "from": ["visitors"], "to": ["consult"] },
            { "kind": "conversion", "from": ["consult"], "to": ["refer"] },
            { "kind": "conversion", "from": ["refer"], "to": ["contract"], "lag_months": 1 },
            { "kind": "conversion", "from": ["contract"], "to": ["fees"] },
            { "kind": "preparation", "from": ["kit", "partners"], "to": ["visitors"] },
            { "kind": "preparation", "from": ["staff"], "to": ["consult"] }
        ]
    })
}

/// Keys of the definition's items, in its order.
pub const ITEMS: [&str; 11] = [
    "hours", "staff", "kit", "partners", "visitors", "visits", "consult", "refer", "contract",
    "turnover", "fees",
];

/// A scorecard of a hub with [`definition`], from [`START`].
pub fn own_scorecard(hub: &str) -> Value {
    json!({ "hub": hub, "definition": definition(), "start_month": START })
}

/// A scorecard of a hub from a template.
pub fn from_template(hub: &str, template: &str, start: &str) -> Value {
    json!({ "hub": hub, "template": template, "start_month": start })
}

/// A value of every item in the `t`-th month: about on plan, and different
/// from month to month.
pub fn month_on_plan(t: u32) -> Value {
    let even = u32::from(t.is_multiple_of(2));
    json!([
        { "item": "hours", "value": 2.25 },
        { "item": "staff", "value": 4 },
        { "item": "kit", "value": (t * 20).min(100) },
        { "item": "partners", "value": u32::from(t > 1) },
        { "item": "visitors", "value": 10 + even },
        { "item": "visits", "numerator": 20 + t, "denominator": 10 },
        { "item": "consult", "value": 4 + even },
        { "item": "refer", "value": 2 },
        { "item": "contract", "value": u32::from(t > 3) },
        { "item": "turnover", "numerator": 0, "denominator": 10 + t },
        { "item": "fees", "value": 100_000 + t }
    ])
}

/// The month that is `t`-th from [`START`].
pub fn month(t: u32) -> String {
    month_from(START, t)
}

/// The month that is `t`-th from another.
pub fn month_from(start: &str, t: u32) -> String {
    let (year, month) = start.split_once('-').unwrap();
    let index = year.parse::<u32>().unwrap() * 12 + month.parse::<u32>().unwrap() + t - 2;
    format!("{:04}-{:02}", index / 12, index % 12 + 1)
}

/// An item of an evaluated scorecard.
pub fn item<'a>(scorecard: &'a Value, key: &str) -> &'a Value {
    scorecard["perspectives"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|perspective| perspective["steps"].as_array().unwrap())
        .flat_map(|step| step["items"].as_array().unwrap())
        .find(|item| item["key"] == key)
        .unwrap_or_else(|| panic!("no item {key}"))
}
