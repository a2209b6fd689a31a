//! Who is calling, looked up anew for every request.

use chrono::{DateTime, TimeDelta, Utc};

use super::secrets::hash_of_secret;
use super::{AppError, Office};
use crate::domain::access::{Caller, Permission, Scope, includes};
use crate::domain::ids::UserId;
use crate::domain::organisation::{ApiKey, User};
use crate::storage::{Conn, api_keys, fact_links, hubs, prefectures, users};

/// How far the clocks of replicas may differ. A last change that is further ahead
/// was made by a clock that went wrong, and nobody follows it.
const CLOCK_SKEW_MAX: TimeDelta = TimeDelta::minutes(5);

/// A credential whose form and signature are sound; whether it still counts,
/// the database says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An access token of an account's session.
    Session { user: UserId, epoch: i64 },
    /// An address that the configured other issuer vouches for.
    Email(String),
    /// The hash of an API key.
    ApiKey { hash: String },
    /// The hash of a read-only link's secret.
    FactLink { hash: String },
}

impl Credential {
    #[must_use]
    pub fn api_key(secret: &str) -> Self {
        Self::ApiKey {
            hash: hash_of_secret(secret),
        }
    }

    #[must_use]
    pub fn fact_link(token: &str) -> Self {
        Self::FactLink {
            hash: hash_of_secret(token),
        }
    }

    /// The identity that rate limits belong to.
    #[must_use]
    pub fn identity(&self) -> &str {
        match self {
            Self::Session { user, .. } => user.as_str(),
            Self::Email(email) => email,
            Self::ApiKey { hash } | Self::FactLink { hash } => hash,
        }
    }
}

/// An open transaction with a caller who has a permission.
pub struct Session<'a> {
    pub conn: &'a mut Conn,
    pub caller: Caller,
    pub office: &'a Office,
    /// The instant of the request. A write's is taken anew once it holds its
    /// scorecard; that of a look back is the instant looked back to.
    pub now: DateTime<Utc>,
    /// What tells the time; `None`: `now` is given once and for all.
    pub clock: Option<&'a dyn Fn() -> DateTime<Utc>>,
    /// Reads answer what was known at this instant; `None`: what is known now.
    pub known_at: Option<DateTime<Utc>>,
}

impl<'a> Session<'a> {
    /// Looks the caller up and demands a permission.
    ///
    /// # Errors
    /// `Unauthenticated`, then `Forbidden`.
    pub fn begin(
        conn: &'a mut Conn,
        office: &'a Office,
        credential: &Credential,
        permission: Permission,
        clock: &'a dyn Fn() -> DateTime<Utc>,
    ) -> Result<Self, AppError> {
        let now = clock();
        let caller = authenticate(conn, credential, now)?;
        if caller.may(permission) {
            Ok(Self {
                conn,
                caller,
                office,
                now,
                clock: Some(clock),
                known_at: None,
            })
        } else {
            Err(AppError::Forbidden)
        }
    }

    /// Takes the instant of a write anew: what it waited for has been stored by
    /// now, and `last` is when the latest of it was.
    pub(super) fn renew(&mut self, last: Option<DateTime<Utc>>) {
        let now = self.clock.map_or(self.now, |clock| clock());
        self.now = not_before(self.now.max(now), last);
    }
}

/// An instant, or the one of the last change where a clock shows that one as yet
/// to come.
pub(super) fn not_before(now: DateTime<Utc>, last: Option<DateTime<Utc>>) -> DateTime<Utc> {
    last.filter(|last| *last - now <= CLOCK_SKEW_MAX)
        .map_or(now, |last| last.max(now))
}

/// Who sends a credential.
///
/// # Errors
/// `Unauthenticated` for every fault alike.
pub fn authenticate(
    conn: &mut Conn,
    credential: &Credential,
    now: DateTime<Utc>,
) -> Result<Caller, AppError> {
    match credential {
        Credential::Session { user, epoch } => {
            let user = users::find(conn, user)?
                .filter(|user| user.active && user.sessions_epoch == *epoch)
                .ok_or(AppError::Unauthenticated)?;
            Ok(caller_of(user))
        }
        Credential::Email(email) => {
            let known = users::find_by_email(conn, email)?.map(|known| known.user);
            let user = known
                .filter(|user| user.active)
                .ok_or(AppError::Unauthenticated)?;
            Ok(caller_of(user))
        }
        Credential::ApiKey { hash } => {
            let found = api_keys::find_by_hash(conn, hash)?;
            caller_with_key(conn, found, now)
        }
        Credential::FactLink { hash } => {
            let found = fact_links::find_by_hash(conn, hash)?;
            caller_with_key(conn, found, now)
        }
    }
}

fn caller_with_key(
    conn: &mut Conn,
    found: Option<(ApiKey, User)>,
    now: DateTime<Utc>,
) -> Result<Caller, AppError> {
    let (key, owner) = found.ok_or(AppError::Unauthenticated)?;
    let expired = key.expires_at.is_some_and(|end| end <= now);
    if expired || !owner.active || !within_rights(conn, &key, &owner)? {
        return Err(AppError::Unauthenticated);
    }
    Ok(Caller {
        user: owner.id,
        name: format!("{} ({})", owner.name, key.name),
        key: Some(key.id),
        role: key.role,
        scope: key.scope,
    })
}

fn caller_of(user: User) -> Caller {
    Caller {
        user: user.id,
        name: user.name,
        key: None,
        role: user.role,
        scope: user.scope,
    }
}

/// A key loses its force when its owner's rights shrink below it.
fn within_rights(conn: &mut Conn, key: &ApiKey, owner: &User) -> Result<bool, AppError> {
    Ok(includes(owner.role, key.role) && scope_within(conn, &key.scope, &owner.scope)?)
}

/// Whether what a scope names is registered.
///
/// # Errors
/// Those of the storage.
pub fn scope_exists(conn: &mut Conn, scope: &Scope) -> Result<bool, AppError> {
    Ok(match scope {
        Scope::Nation => true,
        Scope::Prefecture(code) => prefectures::find(conn, code)?.is_some(),
        Scope::Hub(code) => hubs::find(conn, code)?.is_some(),
    })
}

/// Whether `inner` lies within `outer`.
///
/// # Errors
/// Those of the storage.
pub fn scope_within(conn: &mut Conn, inner: &Scope, outer: &Scope) -> Result<bool, AppError> {
    Ok(match (inner, outer) {
        (_, Scope::Nation) => true,
        (Scope::Nation, _) | (Scope::Prefecture(_), Scope::Hub(_)) => false,
        (Scope::Prefecture(inner), Scope::Prefecture(outer)) => inner == outer,
        (Scope::Hub(inner), Scope::Hub(outer)) => inner == outer,
        (Scope::Hub(inner), Scope::Prefecture(_)) => {
            hubs::find(conn, inner)?.is_some_and(|hub| outer.covers_hub(&hub))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_follows_the_last_change_unless_that_was_a_wrong_clock() {
        let at = |minute: u32| {
            let text = format!("2026-11-22T03:{minute:02}:00Z");
            text.parse::<DateTime<Utc>>().unwrap()
        };
        for (last, expected) in [
            (None, at(10)),
            (Some(at(9)), at(10)),
            (Some(at(10)), at(10)),
            (Some(at(15)), at(15)),
            (Some(at(16)), at(10)),
        ] {
            assert_eq!(not_before(at(10), last), expected, "{last:?}");
        }
    }
}
