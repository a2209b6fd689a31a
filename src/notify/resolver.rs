//! From names to addresses, and no further than the policy permits.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::AddressPolicy;

/// The addresses of a name, to come.
pub type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Knows the addresses of names.
pub trait Resolver: Send + Sync + 'static {
    fn lookup(&self, name: &str) -> Lookup;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn lookup(&self, name: &str) -> Lookup {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A name that leads to an address which may not be called.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that may not be called")]
pub(super) struct Blocked;

/// Resolves names for a client. One forbidden address blocks the whole name: its owner
/// could otherwise put a private address beside a public one and wait for a retry.
pub(super) struct Guard {
    pub resolver: Arc<dyn Resolver>,
    pub policy: Arc<AddressPolicy>,
    /// Without TLS only configured addresses are called.
    pub is_secure: bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = self.resolver.lookup(name.as_str());
        let policy = Arc::clone(&self.policy);
        let is_secure = self.is_secure;
        Box::pin(async move {
            let found = lookup.await?;
            let may_call = |address: IpAddr| {
                if is_secure {
                    policy.permits(address)
                } else {
                    policy.lists(address)
                }
            };
            if found.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            if !found.iter().copied().all(may_call) {
                return Err(Blocked.into());
            }
            // Port 0 stands for the one of the request.
            let addresses = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            let addresses: Addrs = Box::new(addresses);
            Ok(addresses)
        })
    }
}
