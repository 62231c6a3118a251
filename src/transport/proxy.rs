//! Which proxy a request uses. For each scheme of the target URL, the first that is set applies: the option `proxy`, the
//! variable `PROXY` (which LibreChat uses), `HTTPS_PROXY` or `HTTP_PROXY`, `ALL_PROXY`; of a variable, the upper case before
//! the lower case. `NO_PROXY` excludes hosts, also from the option. Plain http to this machine uses the option only.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Uri;
use percent_encoding::percent_decode_str;
use reqwest::{Proxy, Url};

use super::loopback::is_loopback;
use super::no_proxy::NoProxy;
use crate::error::{Error, invalid_option};

/// The proxies by the scheme of the target URL. They are part of the key of a pool. `Debug` does not show them, because the
/// URL of a proxy may contain a password.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct ProxyRules {
    http: Option<Choice>,
    https: Option<Choice>,
    no_proxy: NoProxy,
    /// Whether the option `proxy` names the proxy.
    is_option: bool,
}

/// The proxy that was chosen for a scheme.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Choice {
    /// Its URL.
    Url(String),
    /// The variable of this name, which holds no URL of a proxy. Only a request that would use it fails.
    Invalid(&'static str),
}

impl Choice {
    fn of(name: &'static str, value: &str) -> Self {
        usable(value).map_or(Self::Invalid(name), Self::Url)
    }

    fn url(&self) -> Option<&str> {
        match self {
            Self::Url(url) => Some(url),
            Self::Invalid(_) => None,
        }
    }

    /// # Errors
    /// If the variable holds no URL of a proxy.
    fn checked(&self) -> Result<&str, Error> {
        match self {
            Self::Url(url) => Ok(url),
            Self::Invalid(name) => Err(invalid_option(name, "an http, https or socks5 URL")),
        }
    }
}

impl ProxyRules {
    /// Reads the option and the environment. `env` returns the value of a variable, or `None` if it is blank.
    ///
    /// # Errors
    /// If the option is no URL of a proxy. A variable that is none is an error of the requests that need it.
    pub fn resolve(option: Option<&str>, env: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let no_proxy = env("NO_PROXY").or_else(|| env("no_proxy"));
        let no_proxy = NoProxy::parse(no_proxy.as_deref().unwrap_or_default());
        if let Some(url) = option {
            let choice = Choice::of("proxy", url);
            choice.checked()?;
            return Ok(Self {
                http: Some(choice.clone()),
                https: Some(choice),
                no_proxy,
                is_option: true,
            });
        }
        let named = |upper, lower| Some(Choice::of(upper, &env(upper).or_else(|| env(lower))?));
        let first_of = |upper, lower| {
            named("PROXY", "PROXY")
                .or_else(|| named(upper, lower))
                .or_else(|| named("ALL_PROXY", "all_proxy"))
        };
        Ok(Self {
            http: first_of("HTTP_PROXY", "http_proxy"),
            https: first_of("HTTPS_PROXY", "https_proxy"),
            no_proxy,
            is_option: false,
        })
    }

    /// Returns the URL of the proxy that a request to `url` goes through; `None` if there is none. All that depends on a
    /// proxy asks here: the connections, the errors and the doctor.
    ///
    /// # Errors
    /// If the request needs a variable that holds no URL of a proxy.
    fn choose(&self, url: &Url) -> Result<Option<&str>, Error> {
        let choice = match url.scheme() {
            "http" if is_loopback(url) && !self.is_option => None,
            "http" => self.http.as_ref(),
            "https" => self.https.as_ref(),
            _ => None,
        };
        match choice {
            Some(choice) if !self.no_proxy.excludes(url) => choice.checked().map(Some),
            _ => Ok(None),
        }
    }

    /// Returns the proxy of a connection pool, as reqwest needs it; `None` if no request uses a proxy.
    pub fn build(&self) -> Option<Proxy> {
        let rules = self.clone();
        let choose = move |url: &Url| rules.choose(url).ok().flatten().map(str::to_owned);
        (self.http.is_some() || self.https.is_some()).then(|| Proxy::custom(choose))
    }

    /// # Errors
    /// If a request to `url` needs a variable that holds no URL of a proxy.
    pub fn check(&self, url: &str) -> Result<(), Error> {
        self.chosen(url).map(drop)
    }

    /// Whether a request to `url` goes through a proxy.
    pub fn applies_to(&self, url: &str) -> bool {
        self.chosen(url).is_ok_and(|chosen| chosen.is_some())
    }

    /// Returns the URL of the proxy that a request to `url` goes through, without user and password; `None` if there is
    /// none.
    ///
    /// # Errors
    /// If the request needs a variable that holds no URL of a proxy.
    pub fn address_for(&self, url: &str) -> Result<Option<String>, Error> {
        let Some(proxy) = self.chosen(url)?.and_then(|url| Url::parse(url).ok()) else {
            return Ok(None);
        };
        let (scheme, host) = (proxy.scheme(), proxy.host_str().unwrap_or_default());
        Ok(Some(match proxy.port() {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }))
    }

    fn chosen(&self, url: &str) -> Result<Option<&str>, Error> {
        if self.http.is_none() && self.https.is_none() {
            return Ok(None);
        }
        Url::parse(url).map_or(Ok(None), |url| self.choose(&url))
    }

    /// Returns the passwords in the URLs of the proxies in all forms: as they are written there, decoded, and as the header
    /// `Proxy-Authorization` sends them. A user without a password is returned as well, because it may be a token.
    pub fn credentials(&self) -> Vec<String> {
        let urls = [&self.http, &self.https]
            .into_iter()
            .flatten()
            .filter_map(Choice::url)
            .filter_map(|url| Url::parse(url).ok())
            .filter(|url| !url.username().is_empty() || url.password().is_some());
        let all = urls.map(|url| {
            let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
            let user = decoded(url.username());
            let written = url.password().unwrap_or(url.username()).to_owned();
            let sent = BASE64.encode(format!("{user}:{}", decoded(url.password().unwrap_or_default())));
            [decoded(&written), written, sent]
        });
        all.flatten().collect()
    }
}

/// Returns the normalised form of the proxy URL `value`, or `None` if it is unusable. The crates `url` and `http` must read
/// the same host in it: a proxy whose URL one of them cannot read would silently be skipped.
fn usable(value: &str) -> Option<String> {
    // Like curl, treat a bare `host:port` as an http proxy.
    let url = match value.contains("://") {
        true => Url::parse(value),
        false => Url::parse(&format!("http://{value}")),
    };
    let url = url.ok()?;
    // `socks` is a name for socks5 in some systems.
    let text = match url.as_str().strip_prefix("socks://") {
        Some(rest) => format!("socks5://{rest}"),
        None => url.to_string(),
    };
    let text = text.trim_end_matches('/');
    let is_known = matches!(url.scheme(), "http" | "https" | "socks" | "socks5" | "socks5h");
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
        let env = [
            ("PROXY", "b:1"),
            ("HTTPS_PROXY", "c:1"),
            ("https_proxy", "d:1"),
            ("ALL_PROXY", "e:1"),
        ];
        for (option, env, https, http) in [
            (Some("socks5://a:1"), &env[..], "socks5://a:1", "socks5://a:1"),
            (None, &env, "http://b:1", "http://b:1"),
            (None, &env[1..], "http://c:1", "http://e:1"),
            (None, &env[2..], "http://d:1", "http://e:1"),
            (None, &[("all_proxy", "h:8")], "http://h:8", "http://h:8"),
            (
                None,
                &[("all_proxy", "socks://h:8")],
                "socks5://h:8",
                "socks5://h:8",
            ),
        ] {
            let rules = rules(option, env);
            let address = |url| rules.address_for(url).unwrap();
            assert_eq!(address("https://h.example/").as_deref(), Some(https), "{env:?}");
            assert_eq!(address("http://h.example/").as_deref(), Some(http), "{env:?}");
        }
    }

    #[test]
    fn a_proxy_url_is_used_or_refused_but_never_silently_skipped() {
        for (written, address) in [
            ("http://u^ser:p|ä w\"@p:3128", Some("http://p:3128")),
            ("http:///p:3128/", Some("http://p:3128")),
            ("socks5h://u:p^w@p:1", Some("socks5h://p:1")),
            ("SOCKS5://[::1]:1", Some("socks5://[::1]:1")),
            ("socks://p:1", Some("socks5://p:1")),
            ("socks5:///p:1", None),
            ("socks5://pröxy:1", None),
            ("socks5h://\"p\":1", None),
            ("socks5://p{x}y:1", None),
            ("socks4://p:1", None),
            ("ftp://p", None),
        ] {
            let of_option = ProxyRules::resolve(Some(written), |_| None)
                .and_then(|rules| rules.address_for("https://openrouter.ai/"));
            let of_variable = rules(None, &[("HTTPS_PROXY", written)]).address_for("https://openrouter.ai/");
            for (found, name) in [(of_option, "proxy"), (of_variable, "HTTPS_PROXY")] {
                match address {
                    Some(address) => assert_eq!(found.unwrap().as_deref(), Some(address), "{written}"),
                    None => assert!(found.unwrap_err().to_string().contains(name), "{written}"),
                }
            }
        }
    }

    #[test]
    fn a_variable_is_an_error_only_of_requests_that_need_it() {
        let rules = rules(
            None,
            &[
                ("HTTPS_PROXY", "ftp://p"),
                ("HTTP_PROXY", "p:1"),
                ("NO_PROXY", "a.example"),
            ],
        );
        assert!(rules.check("https://b.example/").is_err());
        for url in [
            "https://a.example/",
            "http://b.example/",
            "http://127.0.0.1/",
            "not a url",
        ] {
            assert!(rules.check(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn plain_http_to_this_machine_uses_the_option_only() {
        let env = [("PROXY", "p:1"), ("HTTP_PROXY", "p:1"), ("ALL_PROXY", "p:1")];
        let (of_env, of_option) = (rules(None, &env), rules(Some("p:1"), &[]));
        for (url, by_env) in [
            ("http://127.0.0.1:3000/", false),
            ("http://localhost/", false),
            ("http://[::1]/", false),
            ("http://localhost.evil.example/", true),
            ("http://127.0.0.1.nip.io/", true),
            ("https://localhost/", true),
        ] {
            assert_eq!(of_env.applies_to(url), by_env, "{url}");
            assert!(of_option.applies_to(url), "{url}");
        }
        let excluded = rules(Some("p:1"), &[("NO_PROXY", "localhost")]);
        assert!(!excluded.applies_to("http://localhost/"));
    }

    #[test]
    fn neither_the_address_nor_an_error_nor_debug_output_contains_the_user_or_the_password() {
        let rules_of = |url| rules(None, &[("HTTPS_PROXY", url)]);
        let good = rules_of("http://canary:hunter2@p.example:3128");
        assert_eq!(
            good.address_for("https://openrouter.ai/api/v1")
                .unwrap()
                .as_deref(),
            Some("http://p.example:3128")
        );
        let bad = rules_of("ftp://canary:hunter2@p");
        let error = bad.check("https://openrouter.ai/").unwrap_err();
        let of_option = ProxyRules::resolve(Some("ftp://canary:hunter2@p"), |_| None).unwrap_err();
        let shown = format!("{error:?} {error} {of_option:?} {of_option} {good:?} {bad:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("canary"), "{shown}");
    }
}
