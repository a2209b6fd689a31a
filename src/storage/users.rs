//! Accounts of people.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::conn::{Conn, columns};
use super::error::StorageError;
use super::schema::users;
use super::stored;
use crate::domain::access::Role;
use crate::domain::ids::UserId;
use crate::domain::organisation::User;

/// An account with what its password is checked against.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub user: User,
    pub password_hash: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct UserRow {
    id: String,
    email: String,
    name: String,
    role: String,
    prefecture_code: Option<String>,
    hub_code: Option<String>,
    active: bool,
    sessions_epoch: i64,
    created_at: NaiveDateTime,
}

impl TryFrom<UserRow> for User {
    type Error = StorageError;

    fn try_from(row: UserRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: UserId(row.id),
            email: row.email,
            name: row.name,
            role: stored::coded("users", &row.role, Role::of_code)?,
            scope: stored::scope("users", row.prefecture_code, row.hub_code)?,
            active: row.active,
            sessions_epoch: row.sessions_epoch,
            created_at: row.created_at.and_utc(),
        })
    }
}

/// # Errors
/// [`StorageError::Unique`] where the address is taken,
/// [`StorageError::Reference`] where the scope does not exist.
pub fn insert(conn: &mut Conn, user: &User, password_hash: &str) -> Result<(), StorageError> {
    let (prefecture, hub) = stored::scope_columns(&user.scope);
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id.as_str()),
            users::email.eq(&user.email),
            users::name.eq(&user.name),
            users::role.eq(user.role.code()),
            users::prefecture_code.eq(prefecture),
            users::hub_code.eq(hub),
            users::password_hash.eq(password_hash),
            users::active.eq(user.active),
            users::sessions_epoch.eq(user.sessions_epoch),
            users::created_at.eq(user.created_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes everything but the password and the time of creation; `false` where
/// there is no such account.
///
/// # Errors
/// Those of [`insert`].
pub fn update(conn: &mut Conn, user: &User) -> Result<bool, StorageError> {
    let (prefecture, hub) = stored::scope_columns(&user.scope);
    let updated = diesel::update(users::table.find(user.id.as_str()))
        .set((
            users::email.eq(&user.email),
            users::name.eq(&user.name),
            users::role.eq(user.role.code()),
            users::prefecture_code.eq(prefecture),
            users::hub_code.eq(hub),
            users::active.eq(user.active),
            users::sessions_epoch.eq(user.sessions_epoch),
        ))
        .execute(conn)?;
    Ok(updated > 0)
}

/// Sets another password; `false` where there is no such account.
pub fn set_password(
    conn: &mut Conn,
    id: &UserId,
    password_hash: &str,
) -> Result<bool, StorageError> {
    let updated = diesel::update(users::table.find(id.as_str()))
        .set(users::password_hash.eq(password_hash))
        .execute(conn)?;
    Ok(updated > 0)
}

pub fn find(conn: &mut Conn, id: &UserId) -> Result<Option<User>, StorageError> {
    users::table
        .find(id.as_str())
        .select(columns::<UserRow>())
        .first::<UserRow>(conn)
        .optional()?
        .map(User::try_from)
        .transpose()
}

/// The account of an address in lower case, closed ones included.
pub fn find_by_email(conn: &mut Conn, email: &str) -> Result<Option<Credentials>, StorageError> {
    let found: Option<(UserRow, String)> = users::table
        .filter(users::email.eq(email))
        .select((columns::<UserRow>(), users::password_hash))
        .first(conn)
        .optional()?;
    found
        .map(|(row, password_hash)| {
            Ok(Credentials {
                user: row.try_into()?,
                password_hash,
            })
        })
        .transpose()
}

/// Accounts by identifier, which is the order in which they were made.
pub fn list(
    conn: &mut Conn,
    after: Option<&UserId>,
    limit: i64,
) -> Result<Vec<User>, StorageError> {
    let mut query = users::table.select(columns::<UserRow>()).into_boxed();
    if let Some(id) = after {
        query = query.filter(users::id.gt(id.as_str()));
    }
    query
        .order(users::id)
        .limit(limit)
        .load::<UserRow>(conn)?
        .into_iter()
        .map(User::try_from)
        .collect()
}

/// How many accounts there are, closed ones included.
pub fn count(conn: &mut Conn) -> Result<i64, StorageError> {
    Ok(users::table.count().get_result(conn)?)
}
