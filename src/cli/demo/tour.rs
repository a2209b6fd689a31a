//! What the demo says when it is ready: a line for programs, and for people
//! the sign-ins with a guided tour in three requests.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::seed::{Seeded, SignIn};
use crate::domain::access::{Role, Scope};

#[derive(Serialize)]
struct ReadyLine<'a> {
    address: &'a str,
    sign_ins: Vec<SignInLine<'a>>,
}

#[derive(Serialize)]
struct SignInLine<'a> {
    role: Role,
    scope: Value,
    email: &'a str,
    password: &'a str,
    api_key: &'a str,
}

/// The line for programs.
pub fn for_programs(address: &str, seeded: &Seeded) -> Result<String, String> {
    let line = ReadyLine {
        address,
        sign_ins: seeded.sign_ins.iter().map(sign_in_line).collect(),
    };
    serde_json::to_string(&line).map_err(|error| error.to_string())
}

fn sign_in_line(sign_in: &SignIn) -> SignInLine<'_> {
    SignInLine {
        role: sign_in.role,
        scope: match &sign_in.scope {
            Scope::Nation => json!({}),
            Scope::Prefecture(code) => json!({ "prefecture": code }),
            Scope::Hub(code) => json!({ "hub": code }),
        },
        email: &sign_in.email,
        password: &sign_in.password,
        api_key: &sign_in.api_key,
    }
}

/// The page for people.
pub fn for_people(address: &str, seeded: &Seeded) -> String {
    let mut page = format!(
        "\nshirube demo: {address} (documentation: {address}/docs)\n\n\
         All hubs, people and figures are invented. Passwords and keys are of this start only.\n\n"
    );
    for line in table(&seeded.sign_ins) {
        let _ = writeln!(page, "  {line}");
    }
    let _ = write!(page, "\n{}", steps(address, seeded));
    page
}

/// The sign-ins in columns.
fn table(sign_ins: &[SignIn]) -> Vec<String> {
    let heads = ["role", "scope", "e-mail", "password", "API key"].map(str::to_owned);
    let rows = sign_ins.iter().map(|sign_in| {
        let scope = match &sign_in.scope {
            Scope::Nation => "nation".to_owned(),
            Scope::Prefecture(code) => format!("prefecture {code}"),
            Scope::Hub(code) => format!("hub {code}"),
        };
        [
            sign_in.role.code().to_owned(),
            scope,
            sign_in.email.clone(),
            sign_in.password.clone(),
            sign_in.api_key.clone(),
        ]
    });
    std::iter::once(heads)
        .chain(rows)
        .map(|[role, scope, email, password, key]| {
            format!("{role:<10}  {scope:<13}  {email:<23}  {password:<19}  {key}")
        })
        .collect()
}

/// Three requests that show what the service is for.
fn steps(address: &str, seeded: &Seeded) -> String {
    let tour = &seeded.tour;
    let Some(hub) = seeded
        .sign_ins
        .iter()
        .find(|sign_in| sign_in.role == Role::Hub)
    else {
        return String::new();
    };
    let Scope::Hub(code) = &hub.scope else {
        return String::new();
    };
    let (month, id) = (tour.month, &tour.scorecard);
    let bearer = format!("-H 'Authorization: Bearer {}'", hub.api_key);
    let values: Vec<Value> = tour
        .values
        .iter()
        .map(|(item, value)| json!({ "item": item, "value": value }))
        .collect();
    let body = json!({ "month": month, "values": values });
    let item = tour.values.first().map_or("", |(item, _)| item);
    format!(
        "A tour in three requests, to be pasted into a shell:\n\n\
         1. The hub {code} posts the figures of {month} that were still missing. In the answer, \"changes\"\n   \
            shows {item} turning from \"no_data\" to \"behind\", flag \"red\".\n\n\
         curl -sS {bearer} -H 'Content-Type: application/json' -d '{body}' '{address}/v1/scorecards/{id}/actuals'\n\n\
         2. What is red at this hub now: nothing before, now this scorecard, with {item} first among \"worst\".\n\n\
         curl -sS {bearer} '{address}/v1/overview?hub={code}&flag=red'\n\n\
         3. The scorecard, item by item: the \"reason\" of {item} in words, and upstream of it, in the\n   \
            perspective \"process\", the preparation that is not finished.\n\n\
         curl -sS {bearer} '{address}/v1/scorecards/{id}?month={month}'\n\n\
         Ctrl-C ends the demo; the next start makes a new one.\n"
    )
}
