//! Which proxy a request uses: the option `proxy`, else the variable `PROXY` (which LibreChat uses), else the usual
//! variables in upper or lower case. `NO_PROXY` overrides them all. hyper-util's matcher, which reqwest uses too, interprets
//! `NO_PROXY`.

use std::fmt;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use reqwest::{NoProxy, Proxy, Url};

use crate::error::{Error, invalid_option};

/// The proxies by the scheme of the target URL. They are part of the key of a pool. `Debug` does not show them, because the
/// URL of a proxy may contain a password.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct ProxyRules {
    http: Option<String>,
    https: Option<String>,
    no_proxy: Option<String>,
}

impl ProxyRules {
    /// Reads the option and the environment. `env` returns the value of a variable, or `None` if it is blank.
    pub fn resolve(option: Option<&str>, env: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let either =
            |upper: &'static str, lower: &'static str| Some((upper, env(upper).or_else(|| env(lower))?));
        let check = |(name, value): (&'static str, String)| {
            // Like curl, treat a bare `host:port` as an http proxy.
            let url = match value.contains("://") {
                true => value,
                false => format!("http://{value}"),
            };
            usable(&url).ok_or_else(|| invalid_option(name, "an http, https or socks5 URL"))
        };
        let all = match option
            .map(|url| ("proxy", url.to_owned()))
            .or_else(|| Some(("PROXY", env("PROXY")?)))
        {
            Some(found) => Some(check(found)?),
            None => None,
        };
        let fallback = || either("ALL_PROXY", "all_proxy");
        let pick = |upper, lower| match &all {
            Some(url) => Ok(Some(url.clone())),
            None => either(upper, lower).or_else(fallback).map(check).transpose(),
        };
        let rules = Self {
            http: pick("HTTP_PROXY", "http_proxy")?,
            https: pick("HTTPS_PROXY", "https_proxy")?,
            no_proxy: either("NO_PROXY", "no_proxy").map(|(_, hosts)| hosts),
        };
        // `*` excludes every host. The matcher would apply it to host names only, not to IP addresses.
        let hosts = rules.no_proxy.as_deref().unwrap_or_default();
        match hosts.split(',').any(|host| host.trim() == "*") {
            true => Ok(Self::default()),
            false => Ok(rules),
        }
    }

    /// Returns the proxies of a connection pool, as reqwest needs them.
    pub fn build(&self) -> Result<Vec<Proxy>, reqwest::Error> {
        let exceptions = || self.no_proxy.as_deref().and_then(NoProxy::from_string);
        let mut proxies = Vec::new();
        if let Some(url) = &self.http {
            proxies.push(Proxy::http(url)?.no_proxy(exceptions()));
        }
        if let Some(url) = &self.https {
            proxies.push(Proxy::https(url)?.no_proxy(exceptions()));
        }
        Ok(proxies)
    }

    /// Returns the passwords in the URLs of the proxies, as they are written there and decoded. A user without a password is
    /// returned as well, because it may be a token.
    pub fn credentials(&self) -> Vec<String> {
        let urls = [&self.http, &self.https].into_iter().flatten();
        let written = urls
            .filter_map(|url| Url::parse(url).ok())
            .map(|url| match url.password() {
                Some(password) => password.to_owned(),
                None => url.username().to_owned(),
            });
        let both = written.map(|text| {
            let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
            [text, decoded]
        });
        both.flatten().collect()
    }

    /// Whether a request to `url` goes through a proxy.
    pub fn applies_to(&self, url: &str) -> bool {
        self.address_for(url).is_some()
    }

    /// Returns the URL of the proxy that a request to `url` goes through, without user and password; `None` if there is
    /// none.
    pub fn address_for(&self, url: &str) -> Option<String> {
        let matcher = Matcher::builder()
            .http(self.http.clone().unwrap_or_default())
            .https(self.https.clone().unwrap_or_default())
            .no(self.no_proxy.clone().unwrap_or_default())
            .build();
        let proxy = matcher.intercept(&url.parse().ok()?)?;
        let (scheme, host) = (proxy.uri().scheme_str()?, proxy.uri().host()?);
        Some(match proxy.uri().port_u16() {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        })
    }
}

/// Returns the normalised form of the proxy URL `url`, or `None` if it is unusable. The crates `url` and `http` must read
/// the same host in it: a proxy whose URL one of them cannot read would silently be skipped.
fn usable(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let is_known = matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
    let text = url.as_str().trim_end_matches('/');
    let has_host = text.parse::<Uri>().is_ok_and(|uri| uri.host() == url.host_str());
    (is_known && has_host && url.host_str().is_some_and(|host| !host.is_empty())).then(|| text.to_owned())
}

impl fmt::Debug for ProxyRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyRules")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(option: Option<&str>, env: &[(&str, &str)]) -> ProxyRules {
        ProxyRules::resolve(option, |name| {
            env.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
        .unwrap()
    }

    #[test]
    fn the_option_wins_over_proxy_and_proxy_over_the_usual_variables() {
        let env = [("PROXY", "http://b:1"), ("HTTPS_PROXY", "http://c:1")];
        assert_eq!(
            rules(Some("socks5://a:1"), &env).https.as_deref(),
            Some("socks5://a:1")
        );
        assert_eq!(rules(None, &env).http.as_deref(), Some("http://b:1"));
        assert_eq!(rules(None, &env[1..]).https.as_deref(), Some("http://c:1"));
        assert_eq!(rules(None, &env[1..]).http, None);
        assert_eq!(
            rules(None, &[("all_proxy", "h:8")]).http.as_deref(),
            Some("http://h:8")
        );
    }

    #[test]
    fn a_proxy_url_is_used_or_refused_but_never_silently_skipped() {
        for (written, address) in [
            ("http://u^ser:p|ä w\"@p:3128", Some("http://p:3128")),
            ("http:///p:3128/", Some("http://p:3128")),
            ("socks5h://u:p^w@p:1", Some("socks5h://p:1")),
            ("socks5://[::1]:1", Some("socks5://[::1]:1")),
            ("socks5:///p:1", None),
            ("socks5://pröxy:1", None),
            ("socks5h://\"p\":1", None),
            ("socks5://p{x}y:1", None),
        ] {
            let found = ProxyRules::resolve(Some(written), |_| None)
                .ok()
                .and_then(|rules| rules.address_for("https://openrouter.ai/"));
            assert_eq!(found.as_deref(), address, "{written}");
        }
    }

    #[test]
    fn no_proxy_accepts_hosts_suffixes_and_networks() {
        let rules = rules(
            Some("http://p:1"),
            &[("NO_PROXY", "openrouter.ai,.internal,10.0.0.0/8")],
        );
        assert!(rules.applies_to("https://example.com/"));
        for url in [
            "https://openrouter.ai/x",
            "http://a.internal/",
            "http://10.1.2.3/",
        ] {
            assert!(!rules.applies_to(url), "{url}");
        }
    }

    #[test]
    fn the_address_of_a_proxy_contains_no_user_and_password() {
        let env = [
            ("HTTPS_PROXY", "http://user:hunter2@p.example:3128"),
            ("NO_PROXY", "localhost"),
        ];
        let rules = rules(None, &env);
        assert_eq!(
            rules.address_for("https://openrouter.ai/api/v1").as_deref(),
            Some("http://p.example:3128")
        );
        assert_eq!(rules.address_for("https://localhost/"), None);
        assert_eq!(rules.address_for("http://openrouter.ai/"), None);
    }

    #[test]
    fn a_proxy_of_another_scheme_is_refused_without_showing_its_url() {
        let error = ProxyRules::resolve(Some("ftp://user:hunter2@p"), |_| None).unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
        assert!(!format!("{:?}", rules(Some("http://user:hunter2@p"), &[])).contains("hunter2"));
    }
}
