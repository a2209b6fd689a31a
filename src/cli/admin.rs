//! `shirube admin create`: accounts from the machine itself, for the first one
//! cannot be opened by another.

use std::io::Read as _;

use super::{CommandResult, CreateAccount, answer, open_database, serve};
use crate::app::secrets::hash_of_password;
use crate::app::users::{self, NewUser};
use crate::app::{AppError, Session};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::access::{Caller, Role, Scope};
use crate::domain::ids::{HubCode, PrefectureCode, UserId};

/// Characters of a password, as the API demands.
const PASSWORD_CHARS_MIN: usize = 8;

pub(super) fn create(config: &Config, account: &CreateAccount) -> CommandResult {
    let role = Role::of_code(&account.role).ok_or_else(|| {
        let codes: Vec<&str> = Role::CODES.iter().map(|(code, _)| *code).collect();
        format!("--role is one of {}", codes.join(", "))
    })?;
    let scope = scope(account.scope.as_deref())?;
    let password = password()?;
    let db = open_database(config)?;
    db.migrate()
        .map_err(|error| format!("migrating: {error}"))?;
    let password_hash = hash_of_password(&password).map_err(|error| error.to_string())?;
    let new = NewUser {
        email: account.email.to_ascii_lowercase(),
        name: account
            .name
            .clone()
            .unwrap_or_else(|| account.email.clone()),
        role,
        scope,
        password_hash,
    };
    let now = Clock::system().now();
    let office = serve::office(config)?;
    let user = db
        .write(|conn| {
            let mut session = Session {
                conn,
                caller: machine(),
                office: &office,
                now,
                clock: None,
                known_at: None,
            };
            users::create(&mut session, new.clone())
        })
        .map_err(|error| described(&error))?;
    answer(user.id.as_str())
}

/// Whoever can run commands on the machine may open any account.
pub(crate) fn machine() -> Caller {
    Caller {
        user: UserId("machine".to_owned()),
        name: "shirube admin".to_owned(),
        key: None,
        role: Role::National,
        scope: Scope::Nation,
    }
}

fn scope(text: Option<&str>) -> Result<Scope, String> {
    match text.map(|text| text.split_once(':')) {
        None => Ok(Scope::Nation),
        Some(Some(("prefecture", code))) => Ok(Scope::Prefecture(PrefectureCode(code.to_owned()))),
        Some(Some(("hub", code))) => Ok(Scope::Hub(HubCode(code.to_owned()))),
        Some(_) => Err("--scope is prefecture:CODE or hub:CODE".to_owned()),
    }
}

fn password() -> Result<String, String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| format!("standard input: {error}"))?;
    let password = text.trim_end_matches(['\r', '\n']).to_owned();
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(format!(
            "the password has fewer than {PASSWORD_CHARS_MIN} characters"
        ));
    }
    Ok(password)
}

fn described(error: &AppError) -> String {
    match error {
        AppError::Invalid(issues) => issues
            .iter()
            .map(|issue| issue.message.en.clone())
            .collect::<Vec<_>>()
            .join(" "),
        AppError::Conflict(..) => "an account with this e-mail address exists already".to_owned(),
        other => other.to_string(),
    }
}
