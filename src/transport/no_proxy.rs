//! The hosts that are reached without a proxy: the variable `NO_PROXY`, in the forms of curl and of Node.

use std::net::IpAddr;

use url::{Host, Url};

/// The entries of `NO_PROXY`, which are separated by commas or white space. Each may be followed by `:port`.
///
/// | entry | excludes |
/// |---|---|
/// | `*` | every host |
/// | `host`, `.host` | the host and its subdomains |
/// | `*.host` | the subdomains |
/// | `192.0.2.1`, `::1`, `[::1]` | the address |
/// | `192.0.2.0/24`, `fd00::/8` | the network |
/// | `192.0.2.1-192.0.2.9` | the range |
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct NoProxy(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Entry {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Hosts {
    All,
    /// The addresses from the first to the last.
    Addresses(IpAddr, IpAddr),
    Domain(String),
    Subdomains(String),
}

impl NoProxy {
    /// Reads the value of the variable. Entries that are in none of the forms exclude nothing.
    pub fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace());
        Self(
            entries
                .filter(|entry| !entry.is_empty())
                .filter_map(Entry::parse)
                .collect(),
        )
    }

    /// Whether a request to `url` uses no proxy.
    pub fn excludes(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        url.host().is_some_and(|host| {
            self.0.iter().any(|entry| {
                entry.hosts.contain(&host) && entry.port.is_none_or(|excluded| Some(excluded) == port)
            })
        })
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        // An IPv6 address without brackets contains colons, but no port.
        if let Some(hosts) = Hosts::addresses(text) {
            return Some(Self { hosts, port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (text, None),
        };
        let hosts = Hosts::parse(host)?;
        Some(Self { hosts, port })
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        if let Some(addresses) = Self::addresses(text) {
            return Some(addresses);
        }
        let (name, only_subdomains) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text.strip_prefix('.').unwrap_or(text), false),
        };
        match (Host::parse(name).ok()?, only_subdomains) {
            (Host::Domain(name), true) => Some(Self::Subdomains(without_root(&name).to_owned())),
            (Host::Domain(name), false) => Some(Self::Domain(without_root(&name).to_owned())),
            (Host::Ipv4(ip), _) => Some(Self::Addresses(ip.into(), ip.into())),
            (Host::Ipv6(_), _) => None,
        }
    }

    /// Reads an address, a network or a range.
    fn addresses(text: &str) -> Option<Self> {
        let ip = |text: &str| {
            let bare = text
                .strip_prefix('[')
                .and_then(|text| text.strip_suffix(']'))
                .unwrap_or(text);
            bare.parse::<IpAddr>().ok()
        };
        if let Some((from, to)) = text.split_once('-') {
            return Some(Self::Addresses(ip(from)?, ip(to)?));
        }
        let Some((address, bits)) = text.split_once('/') else {
            let address = ip(text)?.to_canonical();
            return Some(Self::Addresses(address, address));
        };
        let bits: u32 = bits.parse().ok()?;
        Some(match ip(address)? {
            IpAddr::V4(ip) => {
                let host = u32::MAX.checked_shr(bits).unwrap_or(0);
                let first = ip.to_bits() & !host;
                (bits <= 32)
                    .then(|| Self::Addresses(IpAddr::V4(first.into()), IpAddr::V4((first | host).into())))?
            }
            IpAddr::V6(ip) => {
                let host = u128::MAX.checked_shr(bits).unwrap_or(0);
                let first = ip.to_bits() & !host;
                (bits <= 128)
                    .then(|| Self::Addresses(IpAddr::V6(first.into()), IpAddr::V6((first | host).into())))?
            }
        })
    }

    fn contain(&self, host: &Host<&str>) -> bool {
        let address = match host {
            Host::Domain(name) => return self.contain_name(without_root(name)),
            Host::Ipv4(ip) => IpAddr::V4(*ip),
            Host::Ipv6(ip) => IpAddr::V6(*ip).to_canonical(),
        };
        match self {
            Self::All => true,
            // The order of addresses puts all of IPv4 before IPv6.
            Self::Addresses(first, last) => (first..=last).contains(&&address),
            Self::Domain(_) | Self::Subdomains(_) => false,
        }
    }

    fn contain_name(&self, name: &str) -> bool {
        let is_below = |domain: &str| name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        match self {
            Self::All => true,
            Self::Addresses(..) => false,
            Self::Domain(domain) => name == domain || is_below(domain),
            Self::Subdomains(domain) => is_below(domain),
        }
    }
}

/// Returns a name without the dot of the root domain at its end.
fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_accepts_the_forms_of_curl_and_node() {
        for (list, excluded, others) in [
            ("*", &["a.example", "10.0.0.1", "[::1]"][..], &[][..]),
            (
                "a.example",
                &["a.example", "A.EXAMPLE.", "x.a.example", "a.example:8443"],
                &["b.example", "xa.example", "a.example.org"],
            ),
            ("a.example.", &["a.example", "x.a.example"], &["b.example"]),
            (".a.example", &["a.example", "x.a.example"], &["xa.example"]),
            (
                "*.a.example",
                &["x.a.example", "y.x.a.example"],
                &["a.example", "xa.example"],
            ),
            ("bücher.example", &["xn--bcher-kva.example"], &["bucher.example"]),
            (
                "a.example:8443",
                &["a.example:8443", "x.a.example:8443"],
                &["a.example", "a.example:443"],
            ),
            (
                "a.example:443",
                &["a.example", "a.example:443"],
                &["a.example:80"],
            ),
            ("*:8443", &["a.example:8443"], &["a.example"]),
            (
                "10.1.2.3, fd00::1",
                &["10.1.2.3", "[::ffff:10.1.2.3]", "[fd00::1]"],
                &["10.1.2.4", "[fd00::2]", "10.1.2.3.example"],
            ),
            ("10.1.2.3:8080", &["10.1.2.3:8080"], &["10.1.2.3"]),
            ("[::1]", &["[::1]:8080", "[::1]"], &["[::2]"]),
            ("[::1]:8080", &["[::1]:8080"], &["[::1]", "[::2]:8080"]),
            (
                "10.0.0.0/8 fd00::/8",
                &["10.255.255.255", "10.0.0.0", "[fdff::1]"],
                &["11.0.0.0", "9.255.255.255", "[fe00::1]", "a.example"],
            ),
            ("0.0.0.0/0", &["192.0.2.1"], &["a.example", "[::1]"]),
            ("10.1.2.3/32", &["10.1.2.3"], &["10.1.2.4"]),
            (
                "10.0.0.5-10.0.1.3",
                &["10.0.0.5", "10.0.0.255", "10.0.1.3"],
                &["10.0.0.4", "10.0.1.4"],
            ),
            (
                " x.example ,,\t10.0.0.1\nb.example a.example",
                &["x.example", "10.0.0.1", "a.example", "b.example"],
                &["c.example"],
            ),
            (
                "10.0.0.0/33 a.example:x /8 - [::1 *a.example http://a.example",
                &[],
                &["10.0.0.0", "a.example", "[::1]"],
            ),
            ("", &[], &["a.example"]),
        ] {
            let rules = NoProxy::parse(list);
            for (hosts, expected) in [(excluded, true), (others, false)] {
                for host in hosts {
                    let url = Url::parse(&format!("https://{host}/v1")).unwrap();
                    assert_eq!(rules.excludes(&url), expected, "{list:?} {host}");
                }
            }
        }
    }
}
