//! The settings of a `fetch`: those of a client that are about connections and body rules. It has no key: requests
//! bring theirs.

use std::collections::HashMap;

use super::environment::Env;
use super::options::Options;
use super::{MAX_EVENT_BYTES, MODELS_PER_REQUEST, Timeouts, connection, denies_collection};
use crate::error::Error;
use crate::request::rules::Rules;
use crate::transport::Settings;

/// The settings of a `fetch`, all checked.
#[derive(Debug, Clone)]
pub struct FetchConfig {
    /// What connections are made with.
    pub transport: Settings,
    /// Limits of time.
    pub timeouts: Timeouts,
    /// The body rules for chats.
    pub rules: Rules,
    /// Whether chats have the rules applied and their answers read.
    pub reads_chats: bool,
    /// The largest event that is read.
    pub max_event_bytes: usize,
}

impl FetchConfig {
    /// Settles the settings; `observe_chats` says whether somebody wants to know what chats tell.
    pub fn resolve(options: &str, observe_chats: bool, env: &HashMap<String, String>) -> Result<Self, Error> {
        let options = Options::parse(options)?;
        let timeouts = Timeouts::default().merged(options.get("timeouts"))?;
        let rules = Rules {
            auto_router: options.flag("autoRouter")?.unwrap_or(false),
            zdr: options.flag("zdr")?.unwrap_or(false),
            deny_data_collection: denies_collection(&options)?,
            models_per_request: options.count("modelsPerRequest")?.unwrap_or(MODELS_PER_REQUEST),
        };
        let ruled = rules.auto_router || rules.zdr || rules.deny_data_collection;
        Ok(Self {
            transport: connection(&options, &Env(env), &timeouts)?,
            reads_chats: observe_chats || ruled,
            max_event_bytes: options.count("maxEventBytes")?.unwrap_or(MAX_EVENT_BYTES),
            timeouts,
            rules,
        })
    }
}
