//! Looks names up, and remembers their addresses for the whole process. The lookup is that of the system (`getaddrinfo`), so that
//! `/etc/hosts`, search domains and `nsswitch.conf` hold. It does not tell how long an answer is valid, so that each is used for
//! [`FRESH`]: long enough for the connections of a chat and its repetitions, and short enough for a service that moves. After a
//! failed connection all names are looked up again.
//!
//! Addresses of both families are tried as RFC 8305 says, which hyper-util does: the other family is tried 300 ms after the
//! first one. An address that did not answer by then is tried after the others for [`AVOIDED`], so that a dead address costs
//! that delay once.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::dns::{Name, Resolve, Resolving};
use tokio::time::Instant;

/// How long the addresses of a name are used.
const FRESH: Duration = Duration::from_secs(60);
/// How long an address that did not answer in time is tried after the others.
const AVOIDED: Duration = Duration::from_secs(300);
/// How many names are remembered. Beyond that, all are forgotten.
const NAMES_KEPT: usize = 64;

/// The names of the process.
pub static NAMES: LazyLock<Arc<Names>> = LazyLock::new(|| Arc::new(Names::new(look_up)));

/// What looks a name up, in a thread that may block.
type LookUp = fn(&str) -> io::Result<Vec<IpAddr>>;

/// Names and their addresses.
#[derive(Debug)]
pub struct Names {
    look_up: LookUp,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    known: HashMap<String, Known>,
    /// Until when an address is avoided.
    avoided: HashMap<IpAddr, Instant>,
}

#[derive(Debug)]
struct Known {
    addresses: Vec<IpAddr>,
    until: Instant,
}

fn look_up(name: &str) -> io::Result<Vec<IpAddr>> {
    let found = (name, 0).to_socket_addrs()?;
    let mut addresses = Vec::new();
    for address in found {
        if !addresses.contains(&address.ip()) {
            addresses.push(address.ip());
        }
    }
    Ok(addresses)
}

impl Names {
    fn new(look_up: LookUp) -> Self {
        Self {
            look_up,
            memory: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the addresses of all names.
    pub fn forget(&self) {
        self.lock().known.clear();
    }

    /// Records that a connection to `address` was made. The addresses that were tried before it are avoided for a while.
    pub fn record_success(&self, address: IpAddr) {
        let mut memory = self.lock();
        let Memory { known, avoided } = &mut *memory;
        let until = Instant::now() + AVOIDED;
        for Known { addresses, .. } in known.values_mut() {
            let place = addresses.iter().position(|known| *known == address);
            if let Some(place) = place.filter(|place| *place > 0) {
                avoided.extend(addresses.iter().take(place).map(|slow| (*slow, until)));
                avoided.remove(&address);
                addresses.sort_by_key(|address| avoided.contains_key(address));
            }
        }
    }

    async fn addresses(self: Arc<Self>, name: String) -> io::Result<Vec<IpAddr>> {
        let now = Instant::now();
        if let Some(known) = self.lock().known.get(&name).filter(|known| now < known.until) {
            return Ok(known.addresses.clone());
        }
        let (look_up, asked) = (self.look_up, name.clone());
        let mut addresses = tokio::task::spawn_blocking(move || look_up(&asked))
            .await
            .map_err(io::Error::other)??;
        let mut memory = self.lock();
        memory.avoided.retain(|_, until| now < *until);
        addresses.sort_by_key(|address| memory.avoided.contains_key(address));
        if memory.known.len() >= NAMES_KEPT {
            memory.known.clear();
        }
        let until = now + FRESH;
        let known = Known {
            addresses: addresses.clone(),
            until,
        };
        memory.known.insert(name, known);
        Ok(addresses)
    }
}

/// The resolver of an HTTP client.
#[derive(Debug, Clone)]
pub struct Resolver(pub Arc<Names>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, name) = (self.0.clone(), name.as_str().to_owned());
        Box::pin(async move {
            let addresses = names.addresses(name).await?;
            let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as reqwest::dns::Addrs)
        })
    }
}
