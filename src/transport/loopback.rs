//! Which addresses are this machine's own: plain http to them needs no permission, and no proxy of the environment.

use std::net::IpAddr;

use url::{Host, Url};

/// Whether the host of `url` is this machine: a literal loopback address or `localhost`. Other names may lead anywhere,
/// whatever they begin or end with.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_canonical().is_loopback(),
        Some(Host::Domain(name)) => name.strip_suffix('.').unwrap_or(name) == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_literal_loopback_addresses_and_localhost_are_this_machine() {
        for (host, expected) in [
            ("127.0.0.1", true),
            ("127.255.0.9:80", true),
            ("2130706433", true),
            ("[::1]", true),
            ("[::ffff:127.0.0.1]", true),
            ("localhost", true),
            ("LocalHost.:3000", true),
            ("localhost.evil.example", false),
            ("127.0.0.1.nip.io", false),
            ("app.localhost", false),
            ("mylocalhost", false),
            ("0.0.0.0", false),
            ("[::]", false),
            ("[::ffff:10.0.0.1]", false),
            ("10.0.0.1", false),
        ] {
            let url = Url::parse(&format!("http://{host}/")).unwrap();
            assert_eq!(is_loopback(&url), expected, "{host}");
        }
    }
}
