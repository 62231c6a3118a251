//! The settings of a `fetch`: the connection settings and body rules of a client. There is no key, because each request
//! carries its own.

use std::collections::HashMap;
use std::time::Duration;

use url::Url;

use super::environment::Env;
use super::options::{Options, wrong};
use super::{Timeouts, budgets, coalesce, connection, floors, keep_warm, max_event_bytes, network_threads};
use crate::account::reserve::Payment;
use crate::delivery::Coalescing;
use crate::error::Error;
use crate::request::rules::Rules;
use crate::transport::Settings;

/// The checked settings of a `fetch`.
#[derive(Debug, Clone)]
pub struct FetchConfig {
    /// The connection settings.
    pub transport: Settings,
    /// For how long after a chat a connection is kept ready; zero for not at all.
    pub keep_warm: Duration,
    /// The timeouts of each request.
    pub timeouts: Timeouts,
    /// The body rules for chat requests.
    pub rules: Rules,
    /// The base URL of the API, if it is known: the paths of endpoints count from it.
    pub base_url: Option<String>,
    /// Whether a callback waits for what the responses of chats say.
    pub observes_chats: bool,
    /// Whether the body rules are applied to chat requests, and their responses are read: if an option asks for a rule, or a
    /// callback for what the responses say.
    pub handles_chats: bool,
    /// The budgets that pay for its requests.
    pub payment: Payment,
    /// How many network threads the process may have, if these settings ask for a number.
    pub network_threads: Option<usize>,
    /// The largest event of a stream that is read, in bytes.
    pub max_event_bytes: usize,
    /// Whether the body of an answer that was cut off fails, as that of a lost connection does.
    pub fail_on_truncation: bool,
    /// How the deltas in the streams of chats are merged.
    pub coalescing: Option<Coalescing>,
}

impl FetchConfig {
    /// Reads and checks the settings. `observe_chats` says whether a callback such as `onUsage` is set, for which responses
    /// must be read.
    pub fn resolve(options: &str, observe_chats: bool, env: &HashMap<String, String>) -> Result<Self, Error> {
        let options = Options::parse(options)?;
        let timeouts = Timeouts::default().merged(options.get("timeouts"))?;
        let rules = Rules {
            auto_router: options.flag("autoRouter")?.unwrap_or(false),
            floors: floors(&options)?,
            may_omit_model: true,
            models_per_request: options.count("modelsPerRequest")?,
        };
        let base_url = options.string("baseURL")?;
        if base_url.as_deref().is_some_and(|url| Url::parse(url).is_err()) {
            return Err(wrong("baseURL"));
        }
        let base_url = base_url.or_else(|| Env(env).get("OPENROUTER_BASE_URL"));
        let payment = budgets::resolve(&options)?;
        let has_rules = rules.auto_router || rules.floors.any() || !payment.is_empty();
        let fail_on_truncation = options.flag("failOnTruncation")?;
        let handles_chats = observe_chats || has_rules || fail_on_truncation == Some(true);
        Ok(Self {
            keep_warm: keep_warm(&options)?,
            transport: connection(&options, &Env(env), &timeouts)?,
            coalescing: coalesce(options.get("coalesce"))?.flatten(),
            fail_on_truncation: fail_on_truncation.unwrap_or(handles_chats),
            handles_chats,
            network_threads: network_threads(&options)?,
            max_event_bytes: max_event_bytes(&options)?,
            base_url,
            payment,
            observes_chats: observe_chats,
            timeouts,
            rules,
        })
    }
}
