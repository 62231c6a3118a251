//! The list of models, as JSON text.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use super::cache::Cacheable;
use super::prices::{self, ModelPrices};
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
    /// The prices of its models. They are read from `text` by the first estimate or budget that needs them.
    prices: OnceLock<HashMap<String, ModelPrices>>,
}

/// The most bytes of lists that are kept for later callers. OpenRouter's list has about a megabyte, and accounts share it.
const MAX_KEPT: usize = 64 << 20;

static LISTS: LazyLock<Mutex<Lists>> = LazyLock::new(Mutex::default);
static VERSIONS: AtomicU32 = AtomicU32::new(1);

/// The lists of all accounts.
#[derive(Default)]
struct Lists {
    /// All that are still in use, so that an equal list can be shared.
    known: Vec<Weak<ModelList>>,
    /// Those that are kept for later callers, the one that was stored last at the end. The cache refers to them weakly.
    kept: VecDeque<Arc<ModelList>>,
}

impl Lists {
    fn find(&self, matches: impl Fn(&ModelList) -> bool) -> Option<Arc<ModelList>> {
        let known = self.known.iter().filter_map(Weak::upgrade);
        known.into_iter().find(|list| matches(list))
    }

    /// Keeps a list, and forgets those that were not stored again for longest, until all fit.
    fn keep(&mut self, list: &Arc<ModelList>) {
        self.kept.retain(|kept| !Arc::ptr_eq(kept, list));
        self.kept.push_back(list.clone());
        let mut bytes: usize = self.kept.iter().map(|kept| kept.text.len()).sum();
        while bytes > MAX_KEPT {
            bytes -= self.kept.pop_front().map_or(bytes, |kept| kept.text.len());
        }
    }
}

/// Forgets the kept lists for which `is_used` is false.
pub fn forget_unless(is_used: impl Fn(&Arc<ModelList>) -> bool) {
    lists().kept.retain(is_used);
}

impl ModelList {
    /// Reads the body of `GET /models`.
    pub fn from_body(body: &str) -> Result<Arc<Self>, Error> {
        let text = match data(body)? {
            None => "[]",
            Some(text) if text.starts_with('[') => text,
            Some(_) => return Err(unreadable("GET /models", "data that is no list")),
        };
        let mut lists = lists();
        if let Some(list) = lists.find(|list| list.text == text) {
            return Ok(list);
        }
        lists.known.retain(|list| list.strong_count() > 0);
        let list = Arc::new(Self {
            version: VERSIONS.fetch_add(1, Ordering::Relaxed),
            text: text.to_owned(),
            prices: OnceLock::new(),
        });
        lists.known.push(Arc::downgrade(&list));
        Ok(list)
    }

    /// Returns the prices of its models by id. The first call reads the whole list, which takes time.
    pub fn prices(&self) -> &HashMap<String, ModelPrices> {
        self.prices.get_or_init(|| prices::of_list(&self.text))
    }

    /// Returns how many bytes the first call of [`ModelList::prices`] has to read; 0 after it.
    pub fn unread(&self) -> usize {
        match self.prices.get() {
            Some(_) => 0,
            None => self.text.len(),
        }
    }

    /// Returns the list of `version`, if it is still in use.
    pub fn of_version(version: u32) -> Option<Arc<Self>> {
        lists().find(|list| list.version == version)
    }
}

impl Cacheable for Arc<ModelList> {
    type Kept = Weak<ModelList>;

    /// An empty list is returned to the caller but not stored, because it is more likely a temporary fault than the truth,
    /// and must not replace a good list. Nor is one that is too large.
    fn keep(&self) -> Option<Self::Kept> {
        let rest = self.text.strip_prefix('[').map(str::trim_start);
        if rest == Some("]") || self.text.len() > MAX_KEPT {
            return None;
        }
        lists().keep(self);
        Some(Arc::downgrade(self))
    }

    fn of_kept(kept: &Self::Kept) -> Option<Self> {
        kept.upgrade()
    }
}

fn lists() -> MutexGuard<'static, Lists> {
    LISTS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(of: char, bytes: usize) -> Arc<ModelList> {
        let name = String::from(of).repeat(bytes);
        ModelList::from_body(&format!(r#"{{"data":["{name}"]}}"#)).unwrap()
    }

    #[test]
    fn kept_lists_are_bounded_by_their_bytes() {
        let kept: Vec<_> = "abc"
            .chars()
            .map(|of| list(of, 25 << 20).keep().unwrap())
            .collect();
        let left = || {
            kept.iter()
                .map(|kept| kept.upgrade().is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(left(), [false, true, true]);
        assert!(list('d', MAX_KEPT + 1).keep().is_none());
        assert_eq!(left(), [false, true, true]);
        // A list that is stored again is the last to go.
        list('b', 25 << 20).keep();
        let last = list('e', 25 << 20).keep().unwrap();
        assert_eq!(left(), [false, true, false]);
        forget_unless(|kept| kept.text.contains('e'));
        assert_eq!(left(), [false, false, false]);
        assert!(last.upgrade().is_some());
    }
}
