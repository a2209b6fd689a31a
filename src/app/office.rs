//! What operations know of the service that they run in.

use std::time::Duration;

use super::plans::PlanCache;
use super::sealing::Sealer;

/// Settings and keys that all operations share.
#[derive(Clone, Debug)]
pub struct Office {
    /// Encrypts what destinations are reached and signed with.
    pub sealer: Sealer,
    /// Address under which people reach the service, for links.
    pub public_url: Option<String>,
    /// How long after its last report the notice of an incomplete month waits.
    pub quiet: Duration,
    pub plans: PlanCache,
}

impl Office {
    /// The address of a page for people; `None` where the service does not know
    /// how it is reached.
    #[must_use]
    pub fn link(&self, path: &str) -> Option<String> {
        self.public_url.as_ref().map(|url| format!("{url}{path}"))
    }
}
