//! The list of models, as JSON text.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::cache::Cacheable;
use super::{data, unreadable};
use crate::error::Error;

/// How long the last known list may be served while the API fails.
pub(super) const STALE_FOR: Duration = Duration::from_secs(24 * 3600);

/// A list of models. Accounts for which the API returns the same list share one copy of it.
#[derive(Debug)]
pub struct ModelList {
    /// Identifies the list. JavaScript keeps the parsed list under this number.
    pub version: u32,
    /// The `data` array.
    pub text: String,
}

/// All lists that are still in use, so that an equal list can be shared.
static LISTS: LazyLock<Mutex<Vec<Weak<ModelList>>>> = LazyLock::new(Mutex::default);
static VERSIONS: AtomicU32 = AtomicU32::new(1);

impl ModelList {
    /// Reads the body of `GET /models`.
    pub fn from_body(body: &str) -> Result<Arc<Self>, Error> {
        let text = match data(body)? {
            None => "[]",
            Some(text) if text.starts_with('[') => text,
            Some(_) => return Err(unreadable("GET /models", "data that is no list")),
        };
        let mut lists = lists();
        if let Some(list) = find(&lists, |list| list.text == text) {
            return Ok(list);
        }
        lists.retain(|list| list.strong_count() > 0);
        let list = Arc::new(Self {
            version: VERSIONS.fetch_add(1, Ordering::Relaxed),
            text: text.to_owned(),
        });
        lists.push(Arc::downgrade(&list));
        Ok(list)
    }

    /// Returns the list of `version`, if it is still in use.
    pub fn of_version(version: u32) -> Option<Arc<Self>> {
        find(&lists(), |list| list.version == version)
    }
}

impl Cacheable for Arc<ModelList> {
    /// An empty list is returned to the caller but not stored, because it is more likely a temporary fault than the truth,
    /// and must not replace a good list.
    fn is_worth_keeping(&self) -> bool {
        let rest = self.text.strip_prefix('[').map(str::trim_start);
        rest != Some("]")
    }
}

fn lists() -> MutexGuard<'static, Vec<Weak<ModelList>>> {
    LISTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(lists: &[Weak<ModelList>], matches: impl Fn(&ModelList) -> bool) -> Option<Arc<ModelList>> {
    lists.iter().filter_map(Weak::upgrade).find(|list| matches(list))
}
