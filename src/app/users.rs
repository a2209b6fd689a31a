//! Accounts of people.

use serde_json::json;

use super::access::scope_exists;
use super::audit::{self, Action, Subject};
use super::secrets::new_id;
use super::{AppError, Conflict, Session};
use crate::domain::access::{Role, Scope};
use crate::domain::ids::UserId;
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::organisation::User;
use crate::domain::text::Text;
use crate::storage::{refresh_tokens, users};

/// A new account.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Lower case.
    pub email: String,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    pub password_hash: String,
}

/// What may change of an account; absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub name: Option<String>,
    pub role: Option<Role>,
    pub scope: Option<Scope>,
    pub active: Option<bool>,
    pub password_hash: Option<String>,
}

/// Accounts, oldest first.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    after: Option<&UserId>,
    limit: u32,
) -> Result<Vec<User>, AppError> {
    Ok(users::list(session.conn, after, i64::from(limit))?)
}

/// One account.
///
/// # Errors
/// `NotFound`.
pub fn find(session: &mut Session<'_>, id: &UserId) -> Result<User, AppError> {
    users::find(session.conn, id)?.ok_or(AppError::NotFound)
}

/// Opens an account.
///
/// # Errors
/// `Invalid` where role and scope do not fit or the scope does not exist;
/// `Conflict` where the address is taken; `Forbidden` where the caller would
/// give rights that they may not give.
pub fn create(session: &mut Session<'_>, new: NewUser) -> Result<User, AppError> {
    check_rights(session, new.role, &new.scope)?;
    let user = User {
        id: UserId(new_id()),
        email: new.email,
        name: new.name,
        role: new.role,
        scope: new.scope,
        active: true,
        sessions_epoch: 0,
        created_at: session.now,
    };
    let taken = AppError::conflict(Conflict::AlreadyExists(Text::new(
        "このメールアドレスの利用者はすでに登録されています。",
        "An account with this e-mail address exists already.",
    )));
    users::insert(session.conn, &user, &new.password_hash)
        .map_err(|error| error.on_unique(taken))?;
    let detail = json!({ "role": user.role, "scope": described(&user.scope) });
    audit::record(
        session,
        Action::UserCreated,
        Subject::account("user", user.id.as_str()),
        &detail,
    )?;
    Ok(user)
}

/// Changes an account. A closed account, other rights or another password end
/// its sessions at once.
///
/// # Errors
/// Those of [`create`].
pub fn change(session: &mut Session<'_>, before: &User, change: Change) -> Result<User, AppError> {
    let mut after = before.clone();
    after.name = change.name.unwrap_or(after.name);
    after.role = change.role.unwrap_or(after.role);
    after.scope = change.scope.unwrap_or(after.scope);
    after.active = change.active.unwrap_or(after.active);
    let rights_differ = after.role != before.role || after.scope != before.scope;
    if rights_differ || after.active != before.active || change.password_hash.is_some() {
        // Whoever may not give an account's rights may not take it over either.
        check_rights(session, before.role, &before.scope)?;
        check_rights(session, after.role, &after.scope)?;
        after.sessions_epoch += 1;
        let now = session.now;
        refresh_tokens::revoke_all(session.conn, &after.id, now)?;
    }
    users::update(session.conn, &after)?;
    if let Some(hash) = &change.password_hash {
        users::set_password(session.conn, &after.id, hash)?;
    }
    let detail = json!({
        "before": { "role": before.role, "scope": described(&before.scope), "active": before.active },
        "after": { "role": after.role, "scope": described(&after.scope), "active": after.active },
        "password_changed": change.password_hash.is_some(),
    });
    audit::record(
        session,
        Action::UserChanged,
        Subject::account("user", after.id.as_str()),
        &detail,
    )?;
    Ok(after)
}

/// Operators manage accounts but hold no data rights, so they cannot give the
/// nation's: that takes a national account.
fn check_rights(session: &mut Session<'_>, role: Role, scope: &Scope) -> Result<(), AppError> {
    check_scope(session, role, scope)?;
    if role == Role::National && session.caller.role != Role::National {
        return Err(AppError::Forbidden);
    }
    Ok(())
}

/// A role needs a scope that fits it and exists.
///
/// # Errors
/// `Invalid`.
pub fn check_scope(session: &mut Session<'_>, role: Role, scope: &Scope) -> Result<(), AppError> {
    if !scope.fits(role) {
        return Err(AppError::Invalid(vec![Issue::error(
            IssueCode::WrongShape,
            "/scope",
            Text::new(
                "役割と範囲が合いません（道府県の役割には道府県、拠点の役割には拠点を指定し、全国と運用には指定しません）。",
                "Role and scope do not fit: a prefecture's account has a prefecture, a hub's a hub, national and operator none.",
            ),
        )]));
    }
    if scope_exists(session.conn, scope)? {
        Ok(())
    } else {
        Err(unknown_scope(scope))
    }
}

/// The issue of a scope that does not exist, or is not the caller's to give.
#[must_use]
pub fn unknown_scope(scope: &Scope) -> AppError {
    let (path, code) = match scope {
        Scope::Nation => ("/scope", ""),
        Scope::Prefecture(code) => ("/scope/prefecture", code.as_str()),
        Scope::Hub(code) => ("/scope/hub", code.as_str()),
    };
    AppError::Invalid(vec![Issue::error(
        IssueCode::UnknownReference,
        path,
        Text::new(
            format!("「{code}」は登録されていません。"),
            format!("\"{code}\" is not registered."),
        ),
    )])
}

fn described(scope: &Scope) -> String {
    match scope {
        Scope::Nation => "nation".to_owned(),
        Scope::Prefecture(code) => format!("prefecture:{code}"),
        Scope::Hub(code) => format!("hub:{code}"),
    }
}
