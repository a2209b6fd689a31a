//! Change lists as JSON, as they are stored.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{Change, Edit, Kind, Op, Part};
use crate::domain::amount::Amount;
use crate::domain::scorecard::{SettingKind, SettingValue, Settings};

/// One change as JSON: `before` and `after` hold the whole part, or null.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeDocument {
    op: Op,
    kind: Kind,
    key: String,
    before: Option<Box<RawValue>>,
    after: Option<Box<RawValue>>,
}

/// A change list to be stored.
///
/// # Errors
/// Those of the serializer; there are none for changes.
pub fn documents(changes: &[Change]) -> Result<Vec<ChangeDocument>, serde_json::Error> {
    changes.iter().map(ChangeDocument::of).collect()
}

impl ChangeDocument {
    fn of(change: &Change) -> Result<Self, serde_json::Error> {
        fn raw<T: Serialize>(side: Option<&T>) -> Result<Option<Box<RawValue>>, serde_json::Error> {
            side.map(to_raw_value).transpose()
        }
        let (before, after) = match &change.part {
            Part::Item(edit) => (raw(edit.before.as_ref())?, raw(edit.after.as_ref())?),
            Part::Link(edit) => (raw(edit.before.as_ref())?, raw(edit.after.as_ref())?),
            Part::Setting(edit) => (raw(edit.before.as_ref())?, raw(edit.after.as_ref())?),
            Part::Parameter(edit) => (raw(edit.before.as_ref())?, raw(edit.after.as_ref())?),
        };
        Ok(Self {
            op: change.op(),
            kind: change.kind(),
            key: change.key.clone(),
            before,
            after,
        })
    }

    /// The change that was stored.
    ///
    /// # Errors
    /// Where a side does not hold what its kind says.
    pub fn change(&self) -> Result<Change, serde_json::Error> {
        fn side<'a, T: Deserialize<'a>>(
            raw: Option<&'a RawValue>,
        ) -> Result<Option<T>, serde_json::Error> {
            raw.map(|raw| serde_json::from_str(raw.get())).transpose()
        }
        let (before, after) = (self.before.as_deref(), self.after.as_deref());
        let part = match self.kind {
            Kind::Item => Part::Item(Edit {
                before: side(before)?,
                after: side(after)?,
            }),
            Kind::Link => Part::Link(Edit {
                before: side(before)?,
                after: side(after)?,
            }),
            Kind::Setting => Part::Setting(Edit {
                before: self.setting(before)?,
                after: self.setting(after)?,
            }),
            // Null is a parameter that is unset; a parameter is always there.
            Kind::Parameter => Part::Parameter(Edit {
                before: Some(side::<Amount>(before)?),
                after: Some(side::<Amount>(after)?),
            }),
        };
        Ok(Change {
            key: self.key.clone(),
            part,
        })
    }

    fn setting(&self, raw: Option<&RawValue>) -> Result<Option<SettingValue>, serde_json::Error> {
        let kind = Settings::MEMBERS
            .iter()
            .find(|(name, _)| *name == self.key)
            .map(|(_, kind)| kind);
        raw.zip(kind)
            .map(|(raw, kind)| match kind {
                SettingKind::Share => serde_json::from_str(raw.get()).map(SettingValue::Share),
                SettingKind::Count { .. } => {
                    serde_json::from_str(raw.get()).map(SettingValue::Count)
                }
                SettingKind::Choice => serde_json::from_str(raw.get()).map(SettingValue::Choice),
            })
            .transpose()
    }
}
