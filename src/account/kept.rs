//! The stored values of one cache.
//!
//! They are stored without their type, so that the code of `moka` is compiled once instead of once for each kind of value,
//! which was a tenth of a megabyte each.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use super::Account;

/// The most accounts whose value is kept.
const CAPACITY: u64 = 10_000;
/// How long a value is kept. A value that is too old to be served is still of use, because it records which endpoint serves
/// the credits of a key.
pub const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);

/// The values by their account.
pub struct Kept {
    values: moka::sync::Cache<Account, Arc<dyn Any + Send + Sync>>,
}

impl Default for Kept {
    /// Creates a store without values.
    fn default() -> Self {
        let values = moka::sync::Cache::builder()
            .max_capacity(CAPACITY)
            .time_to_live(KEPT_FOR)
            .build();
        Self { values }
    }
}

impl Kept {
    /// Returns the value of `account`, which is of the type `T` if one was stored.
    pub fn get<T: Send + Sync + 'static>(&self, account: &Account) -> Option<Arc<T>> {
        self.values.get(account)?.downcast().ok()
    }

    /// Stores a value, in place of an older one.
    pub fn insert(&self, account: Account, value: Arc<dyn Any + Send + Sync>) {
        self.values.insert(account, value);
    }

    /// Removes the values of the accounts for which `concerned` returns true.
    pub fn remove(&self, concerned: &dyn Fn(&Account) -> bool) {
        for (account, _) in self.values.iter().filter(|(account, _)| concerned(account)) {
            self.values.invalidate(account.as_ref());
        }
        self.values.run_pending_tasks();
    }

    /// Returns all values that are of the type `T`.
    pub fn all<T: Send + Sync + 'static>(&self) -> Vec<Arc<T>> {
        let values = self.values.iter();
        values.filter_map(|(_, value)| value.downcast().ok()).collect()
    }
}
