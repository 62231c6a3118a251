//! The settings of a `fetch`: the connection settings and body rules of a client. There is no key, because each request
//! carries its own.

use std::collections::HashMap;

use super::environment::Env;
use super::options::Options;
use super::{MAX_EVENT_BYTES, Timeouts, connection, denies_collection};
use crate::error::Error;
use crate::request::rules::Rules;
use crate::transport::Settings;

/// The checked settings of a `fetch`.
#[derive(Debug, Clone)]
pub struct FetchConfig {
    /// The connection settings.
    pub transport: Settings,
    /// The timeouts of each request.
    pub timeouts: Timeouts,
    /// The body rules for chat requests.
    pub rules: Rules,
    /// Whether the body rules are applied to chat requests, and their responses are read: if an option asks for a rule, or a
    /// callback for what the responses say.
    pub handles_chats: bool,
    /// The largest event of a stream that is read, in bytes.
    pub max_event_bytes: usize,
}

impl FetchConfig {
    /// Reads and checks the settings. `observe_chats` says whether a callback such as `onUsage` is set, for which responses
    /// must be read.
    pub fn resolve(options: &str, observe_chats: bool, env: &HashMap<String, String>) -> Result<Self, Error> {
        let options = Options::parse(options)?;
        let timeouts = Timeouts::default().merged(options.get("timeouts"))?;
        let rules = Rules {
            auto_router: options.flag("autoRouter")?.unwrap_or(false),
            zdr: options.flag("zdr")?.unwrap_or(false),
            deny_data_collection: denies_collection(&options)?,
            models_per_request: options.count("modelsPerRequest")?,
        };
        let ruled = rules.auto_router || rules.zdr || rules.deny_data_collection;
        Ok(Self {
            transport: connection(&options, &Env(env), &timeouts)?,
            handles_chats: observe_chats || ruled,
            max_event_bytes: options.count("maxEventBytes")?.unwrap_or(MAX_EVENT_BYTES),
            timeouts,
            rules,
        })
    }
}
