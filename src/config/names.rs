//! What is said about a name that is no option: the option that was most likely meant, by its spelling or because another SDK
//! calls it so. Every place that takes options uses this.

use crate::error::Error;
use crate::error::unknown::unknown_option;
use crate::nearest::{nearest, plain};
use crate::request::parameters::{PARAMETERS, is_known};

use super::options::{ALSO, OPTIONS};

/// A name that other SDKs use.
pub(super) struct Foreign {
    /// The names, in small letters without `_` and `-`.
    names: &'static [&'static str],
    /// The option that is meant; empty if there is none.
    pub(super) option: &'static str,
    /// What to do, after the word "Use", or a whole sentence if there is no option.
    pub(super) advice: &'static str,
    /// Whether it is refused in a request, too. A name that the API may introduce as a parameter is not.
    is_refused_in_requests: bool,
}

#[rustfmt::skip]
const FOREIGN: &[Foreign] = &[
    foreign(&["timeout", "timeoutms", "requesttimeout"], "timeouts", "timeouts: { total: 60_000 }, in milliseconds", true),
    foreign(&["serverurl", "basepath", "apibase", "apiurl", "url", "host"], "baseURL", "baseURL", false),
    foreign(&["defaultheaders", "extraheaders", "customheaders"], "headers", "headers", true),
    foreign(&["httpreferer", "httpreferrer", "referer", "referrer", "appurl"], "siteUrl", "siteUrl", true),
    foreign(&["appname", "apptitle", "xtitle"], "siteName", "siteName", true),
    foreign(&["title"], "siteName", "siteName", false),
    foreign(&["appcategories", "categories"], "siteCategories", "siteCategories", false),
    foreign(&["authorization", "accesstoken", "bearertoken"], "apiKey", "apiKey", true),
    foreign(&["key", "token", "auth"], "apiKey", "apiKey", false),
    foreign(&["retries", "retry", "retryconfig", "retryoptions"], "maxRetries", "maxRetries", false),
    foreign(&["debug", "debuglogger", "loglevel", "verbose"], "logger", "logger, or the environment variable DEBUG=openrouter:*", false),
    foreign(&["zerodataretention", "enforcezdr"], "zdr", "zdr: true", true),
    foreign(&["httpagent", "httpsagent", "agent", "dispatcher", "proxyurl"], "proxy", "proxy, the URL of the proxy", true),
    foreign(&["cafile", "cacert", "cacerts", "certificate"], "ca", "ca, the PEM text of the certificate", false),
    foreign(&["rejectunauthorized", "insecure", "verifyssl"], "ca", "ca, the PEM text of your authority: certificates are always checked", true),
    foreign(&["ttl", "cachettl"], "cache", "cache: { creditsTTL: 300_000, modelsTTL: 3_600_000 }", false),
    foreign(&["rpm", "requestsperminute"], "rateLimit", "rateLimit: { requestsPerMinute: 20 }", false),
    foreign(&["rpm"], "requestsPerMinute", "requestsPerMinute", false),
    foreign(&["signal", "abortsignal", "onprogress"], "modelOptions", "it in a call: client.chatCompletion(params, { signal, onProgress })", false),
    foreign(&["fetch", "fetcher", "httpclient", "fetchoptions"], "", "HTTP is done by this package. For another SDK there is createFetch(), for a proxy the option proxy.", true),
    foreign(&["dangerouslyallowbrowser"], "", "This package runs on servers only. For a browser, openrouterRouter of openrouter-native/express keeps the key on the server.", true),
    foreign(&["organization", "project"], "", "Leave it out: the key decides which account pays.", false),
];

const fn foreign(
    names: &'static [&'static str],
    option: &'static str,
    advice: &'static str,
    is_refused_in_requests: bool,
) -> Foreign {
    Foreign {
        names,
        option,
        advice,
        is_refused_in_requests,
    }
}

/// Returns what to do about a name that other SDKs use. `own` are the options of the place.
fn foreign_name(plain: &str, own: &[&str]) -> Option<&'static Foreign> {
    FOREIGN
        .iter()
        .find(|one| one.names.contains(&plain) && (one.option.is_empty() || own.contains(&one.option)))
}

/// Returns the names of other SDKs that must not be in a request.
pub(super) fn foreign_in_requests() -> impl Iterator<Item = (&'static str, &'static Foreign)> {
    let refused = FOREIGN.iter().filter(|one| one.is_refused_in_requests);
    refused.flat_map(|one| one.names.iter().map(move |name| (*name, one)))
}

/// The names of all options of the client.
pub(super) fn of_client() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().map(|(name, ..)| *name).chain(ALSO.iter().copied())
}

/// Returns the option that is most likely meant by `name`, which is not among the options `own` of a place; `None` if it
/// resembles none of them, and is no name of another SDK.
pub fn likely(name: &str, own: &[&str]) -> Option<String> {
    let foreign = foreign_name(&plain(name), own).map(|foreign| foreign.option);
    foreign
        .or_else(|| nearest(name, own.iter().copied()))
        .map(str::to_owned)
}

/// The error for an option `name` that `place` does not have. `own` are the options that it has.
pub fn unknown(name: &str, place: &str, own: &[&str]) -> Error {
    let advice = match foreign_name(&plain(name), own) {
        Some(foreign) if foreign.option.is_empty() => foreign.advice.to_owned(),
        Some(foreign) => format!("Use {}.", foreign.advice),
        None => match nearest(name, own.iter().copied()) {
            Some(likely) => format!("Did you mean {likely}?"),
            None if own.contains(&"modelOptions") && PARAMETERS.contains(&name) => {
                format!(
                    "It is a parameter of requests. As their default, write modelOptions: {{ {name}: … }}."
                )
            }
            None if own.contains(&"signal") && is_known(name) => {
                "It is a parameter, which belongs into the first argument.".to_owned()
            }
            None if of_client().any(|option| option == name) => {
                format!("It is an option of OpenRouterClient, which {place} does not have.")
            }
            None => format!("{place} has the options {}.", own.join(", ")),
        },
    };
    unknown_option(name, &advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_name_is_written_as_it_is_compared_and_stands_for_an_option_that_exists() {
        let fields = ["requestsPerMinute"];
        for Foreign { names, option, .. } in FOREIGN {
            for name in *names {
                assert_eq!(*name, plain(name));
                assert!(of_client().all(|option| self::plain(option) != *name), "{name}");
            }
            assert!(
                option.is_empty() || of_client().chain(fields).any(|known| known == *option),
                "{option}"
            );
        }
    }
}
