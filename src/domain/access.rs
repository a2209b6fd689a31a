//! Who may do what (`product.md` §4, `api.md` *Who may*).

use super::code::coded_enum;
use super::ids::{ApiKeyId, HubCode, PrefectureCode, UserId};
use super::organisation::Hub;

coded_enum! {
    /// What an account or key is there for.
    pub enum Role {
        National => "national",
        Prefecture => "prefecture",
        Hub => "hub",
        Viewer => "viewer",
        Operator => "operator",
    }
}

/// One right of the role table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Scorecards, series, facts, overview, alerts within the scope.
    ReadData,
    /// Prefectures and hubs within the scope.
    ReadOrganisations,
    ReadTemplates,
    /// Report and import actuals.
    Report,
    /// Create scorecards; approve, return and reopen months; approve revisions;
    /// acknowledge, review and silence alerts; subscribe.
    Steer,
    /// Show a prefecture's figures to everybody; change and end that.
    Release,
    /// Comment on alerts, scorecards, items and months.
    Comment,
    /// Propose a revision of a plan.
    Propose,
    /// Create and change prefectures and hubs.
    WriteOrganisations,
    /// Create, read and change accounts.
    ManageUsers,
    ReadAudit,
    /// Own keys, own deliveries, who am I.
    Own,
    /// See how full the outbox is; stop and resume all sending.
    RunOutbox,
}

/// The role table, exhaustive on purpose.
#[must_use]
pub const fn allows(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match role {
        Role::National => true,
        Role::Prefecture => matches!(
            permission,
            P::ReadData
                | P::ReadOrganisations
                | P::ReadTemplates
                | P::Steer
                | P::Release
                | P::Comment
                | P::Propose
                | P::ReadAudit
                | P::Own
        ),
        Role::Hub => matches!(
            permission,
            P::ReadData
                | P::ReadOrganisations
                | P::ReadTemplates
                | P::Report
                | P::Comment
                | P::Propose
                | P::Own
        ),
        Role::Viewer => {
            matches!(
                permission,
                P::ReadData | P::ReadOrganisations | P::ReadTemplates | P::Own
            )
        }
        Role::Operator => matches!(
            permission,
            P::ReadOrganisations
                | P::ReadTemplates
                | P::ManageUsers
                | P::ReadAudit
                | P::Own
                | P::RunOutbox
        ),
    }
}

/// The part of the nation that an account sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Nation,
    Prefecture(PrefectureCode),
    Hub(HubCode),
}

impl Scope {
    #[must_use]
    pub fn covers_hub(&self, hub: &Hub) -> bool {
        match self {
            Self::Nation => true,
            Self::Prefecture(code) => *code == hub.prefecture.code,
            Self::Hub(code) => *code == hub.code,
        }
    }

    /// Whether a role may have this scope: a prefecture's or hub's account
    /// needs one, the nation's and the operator's have none.
    #[must_use]
    pub const fn fits(&self, role: Role) -> bool {
        match role {
            Role::National | Role::Operator => matches!(self, Self::Nation),
            Role::Prefecture => matches!(self, Self::Prefecture(_)),
            Role::Hub => matches!(self, Self::Hub(_)),
            Role::Viewer => true,
        }
    }
}

/// Whether rights of `role` include all rights of `other` (scopes aside).
#[must_use]
pub const fn includes(role: Role, other: Role) -> bool {
    match role {
        Role::National => true,
        Role::Prefecture => matches!(other, Role::Prefecture | Role::Viewer),
        Role::Hub => matches!(other, Role::Hub | Role::Viewer),
        Role::Viewer => matches!(other, Role::Viewer),
        Role::Operator => matches!(other, Role::Operator),
    }
}

/// Who is calling: an account, in person or through one of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    /// Name for histories, as it was when the change was made.
    pub name: String,
    pub key: Option<ApiKeyId>,
    pub role: Role,
    pub scope: Scope,
}

impl Caller {
    /// The identity that idempotency keys and rate limits belong to.
    #[must_use]
    pub fn id(&self) -> &str {
        self.key
            .as_ref()
            .map_or(self.user.as_str(), ApiKeyId::as_str)
    }

    #[must_use]
    pub const fn may(&self, permission: Permission) -> bool {
        allows(self.role, permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Permission; 13] = [
        Permission::ReadData,
        Permission::ReadOrganisations,
        Permission::ReadTemplates,
        Permission::Report,
        Permission::Steer,
        Permission::Release,
        Permission::Comment,
        Permission::Propose,
        Permission::WriteOrganisations,
        Permission::ManageUsers,
        Permission::ReadAudit,
        Permission::Own,
        Permission::RunOutbox,
    ];

    #[test]
    fn inclusion_of_roles_follows_their_permissions() {
        for role in Role::all() {
            for other in Role::all() {
                let superset = ALL.iter().all(|p| !allows(other, *p) || allows(role, *p));
                assert_eq!(includes(role, other), superset, "{role} ⊇ {other}");
            }
        }
    }
}
