//! Budgets: what a set of requests may cost together. The most that a request can cost is reserved before it is sent, so that
//! requests that run at the same time cannot pass the budget together. The true cost takes its place when it is known. Until
//! then, and for a request whose cost never becomes known, the reservation counts.
//!
//! Sums are whole nanodollars.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use super::MAX_COST;
use super::estimate::{Bound, TokenPrice, dollars};
use super::refusals;
use crate::error::{Error, ErrorKind};
use crate::json::{ObjectWriter, number_text};

/// How many tokens more than `max_tokens` an answer may have before it is stopped. Events without tokens, such as the first
/// and the last one, count as one token each.
const SLACK: u64 = 64;

/// The most holds that wait for `GET /generation`.
const MAX_WAITING: usize = 10_000;

static BUDGETS: LazyLock<Mutex<HashMap<u32, Weak<Budget>>>> = LazyLock::new(Mutex::default);
static IDS: AtomicU32 = AtomicU32::new(1);
static WAITING: LazyLock<Mutex<VecDeque<(String, Hold)>>> = LazyLock::new(Mutex::default);

/// A limit on the cost of all requests that share it.
#[derive(Debug)]
pub struct Budget {
    id: u32,
    limit: u64,
    sums: Mutex<Sums>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    spent: u64,
    reserved: u64,
}

impl Budget {
    /// Creates a budget of `limit` USD. Returns `None` if that is no amount.
    pub fn new(limit: f64) -> Option<Arc<Self>> {
        let budget = Arc::new(Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            limit: nanodollars(limit).filter(|_| limit <= 1e9)?,
            sums: Mutex::default(),
        });
        Some(budget)
    }

    /// Lets [`Budget::of_id`] find the budget as long as it lives.
    pub fn register(self: &Arc<Self>) {
        lock(&BUDGETS).insert(self.id, Arc::downgrade(self));
    }

    /// Returns the number by which a registered budget is found.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Returns a registered budget.
    pub fn of_id(id: u32) -> Option<Arc<Self>> {
        lock(&BUDGETS).get(&id)?.upgrade()
    }

    /// Returns `{maxCost, spent, reserved, remaining}` in USD, as JSON text.
    pub fn to_json(&self) -> String {
        let Sums { spent, reserved } = *lock(&self.sums);
        let mut fields = ObjectWriter::new();
        for (name, nano) in [
            ("maxCost", self.limit),
            ("spent", spent),
            ("reserved", reserved),
            ("remaining", self.remaining()),
        ] {
            fields.raw(name, Some(number_text(dollars(nano))));
        }
        fields.finish()
    }

    /// Returns what is neither spent nor reserved, in nanodollars.
    pub fn remaining(&self) -> u64 {
        let Sums { spent, reserved } = *lock(&self.sums);
        self.limit.saturating_sub(spent.saturating_add(reserved))
    }

    /// Reserves an amount. Fails with the sums of the budget if the rest is smaller.
    fn reserve(&self, amount: u64) -> Result<(), Sums> {
        let mut sums = lock(&self.sums);
        let all = sums.spent.saturating_add(sums.reserved).saturating_add(amount);
        // A budget that is used up refuses free models, too, because their plugins and server tools may still cost something.
        if all > self.limit || (amount == 0 && self.limit > 0 && sums.spent >= self.limit) {
            return Err(*sums);
        }
        sums.reserved = sums.reserved.saturating_add(amount);
        Ok(())
    }

    fn settle(&self, reserved: u64, spent: u64) {
        let mut sums = lock(&self.sums);
        sums.reserved = sums.reserved.saturating_sub(reserved);
        sums.spent = sums.spent.saturating_add(spent);
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        lock(&BUDGETS).remove(&self.id);
    }
}

/// The reservation of one request in all its budgets. A hold that is dropped keeps its amount reserved.
#[derive(Debug, Clone)]
pub struct Hold(Arc<HoldState>);

#[derive(Debug)]
struct HoldState {
    budgets: Vec<Arc<Budget>>,
    bound: Bound,
    is_open: Mutex<bool>,
}

impl Hold {
    /// Reserves `bound` in all `budgets`, or in none.
    ///
    /// # Errors
    /// `budget_exceeded` if one of them does not have so much left.
    pub fn reserve(budgets: &[Arc<Budget>], bound: Bound) -> Result<Self, Error> {
        for (at, budget) in budgets.iter().enumerate() {
            if let Err(sums) = budget.reserve(bound.cost) {
                for earlier in budgets.iter().take(at) {
                    earlier.settle(bound.cost, 0);
                }
                return Err(refusals::exceeded(
                    budget.limit,
                    (sums.spent, sums.reserved),
                    bound,
                ));
            }
        }
        Ok(Self(Arc::new(HoldState {
            budgets: budgets.to_vec(),
            bound,
            is_open: Mutex::new(true),
        })))
    }

    /// Reserves an amount that the caller has chosen, in USD, in all `budgets`, or in none.
    pub fn reserve_usd(budgets: &[Arc<Budget>], usd: f64) -> Result<Self, Error> {
        let bound = Bound {
            cost: nanodollars(usd).unwrap_or(u64::MAX),
            // Nothing is known of the length of the answer.
            output_tokens: u64::MAX,
            token: TokenPrice::default(),
        };
        Self::reserve(budgets, bound)
    }

    /// Replaces the reservation by the true cost, in USD. Only the first call counts. A cost that cannot be true is not
    /// taken.
    pub fn settle(&self, cost: f64) {
        if let Some(cost) = nanodollars(cost).filter(|_| cost <= MAX_COST) {
            self.end(cost);
        }
    }

    /// Gives the reservation back, because the request cost nothing.
    pub fn release(&self) {
        self.end(0);
    }

    fn end(&self, cost: u64) {
        if std::mem::replace(&mut *lock(&self.0.is_open), false) {
            for budget in &self.0.budgets {
                budget.settle(self.0.bound.cost, cost);
            }
        }
    }

    /// Whether the true cost is not known yet.
    pub fn is_open(&self) -> bool {
        *lock(&self.0.is_open)
    }

    /// Ends the hold of a request that failed with `error`. It costs nothing if the API has refused it, or has never seen it; else
    /// its cost is unknown.
    pub fn fail(&self, error: &Error) {
        let details = error.details();
        if let Some(cost) = details.billed {
            return self.settle(cost);
        }
        let is_refused = details.status.is_some_and(is_refusal);
        let is_unseen =
            details.is_stale_connection || details.is_unprocessed || is_before_sending(error.kind());
        if details.partial.is_none() && (is_refused || is_unseen) {
            self.release();
        }
    }

    /// Ends the hold of a request that was answered with `status` and no answer of a model.
    pub fn fail_with_status(&self, status: u16) {
        if is_refusal(status) {
            self.release();
        }
    }

    /// Returns the routing limits of a request, as text, with the one that this reservation has added.
    pub fn limits_with(hold: Option<&Self>, limits: Option<&str>) -> Option<String> {
        let own = hold
            .is_some_and(|hold| hold.0.bound.token != TokenPrice::default())
            .then_some("provider.max_price=the prices that the budget reckons with");
        match (limits, own) {
            (Some(limits), Some(own)) => Some(format!("{limits}, {own}")),
            (limits, own) => limits.or(own).map(str::to_owned),
        }
    }

    /// How many events an answer may have. One that has more goes on past `max_tokens`, and is stopped.
    pub fn max_events(&self) -> u64 {
        self.0.bound.output_tokens.saturating_add(SLACK)
    }

    /// Lets [`settle_generation`] end this hold, whose chat has this generation id.
    pub fn wait_for_generation(&self, id: &str) {
        let mut waiting = lock(&WAITING);
        waiting.retain(|(_, hold)| hold.is_open());
        if waiting.len() == MAX_WAITING {
            waiting.pop_front();
        }
        waiting.push_back((id.to_owned(), self.clone()));
    }
}

/// Ends the hold of a chat of which `GET /generation` has told the cost, in USD.
pub fn settle_generation(id: &str, cost: f64) {
    lock(&WAITING).retain(|(waiting, hold)| {
        if waiting == id {
            hold.settle(cost);
        }
        hold.is_open()
    });
}

/// Whether a status says that nothing is paid. A gateway that gave up does not know.
fn is_refusal(status: u16) -> bool {
    !matches!(status, 408 | 504 | 524) && !(200..300).contains(&status)
}

/// Whether a failure of this kind happens before the request is sent.
fn is_before_sending(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionFailed
            | ErrorKind::TlsError
            | ErrorKind::ProxyError
            | ErrorKind::InvalidRequest
            | ErrorKind::InvalidOption
            | ErrorKind::PrivacyNotPossible
    )
}

/// Returns an amount of USD in nanodollars; `None` if it is no amount.
fn nanodollars(usd: f64) -> Option<u64> {
    (usd >= 0.0 && usd.is_finite()).then(|| (usd * 1e9).round() as u64)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(usd: f64) -> Bound {
        Bound {
            cost: nanodollars(usd).unwrap(),
            output_tokens: 1,
            token: TokenPrice::default(),
        }
    }

    #[test]
    fn reservations_never_pass_the_limit_and_true_costs_make_room() {
        let budget = Budget::new(1.0).unwrap();
        let budgets = [budget.clone()];
        let holds: Vec<_> = (0..100)
            .filter_map(|_| Hold::reserve(&budgets, bound(0.03)).ok())
            .collect();
        assert_eq!(holds.len(), 33);
        assert_eq!(
            budget.to_json(),
            r#"{"maxCost":1.0,"spent":0.0,"reserved":0.99,"remaining":0.01}"#
        );
        for hold in &holds {
            hold.settle(0.01);
            hold.settle(0.01);
            hold.release();
        }
        assert_eq!(
            budget.to_json(),
            r#"{"maxCost":1.0,"spent":0.33,"reserved":0.0,"remaining":0.67}"#
        );
    }

    #[test]
    fn a_hold_is_in_all_budgets_or_in_none() {
        let (rich, poor) = (Budget::new(1.0).unwrap(), Budget::new(0.1).unwrap());
        let error = Hold::reserve(&[rich.clone(), poor], bound(0.5)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
        assert!(rich.to_json().contains(r#""reserved":0.0"#));
    }

    #[test]
    fn a_dropped_hold_stays_reserved_until_its_generation_is_known() {
        let budget = Budget::new(1.0).unwrap();
        let hold = Hold::reserve(std::slice::from_ref(&budget), bound(0.5)).unwrap();
        hold.wait_for_generation("gen-budget-test");
        drop(hold);
        assert!(budget.to_json().contains(r#""reserved":0.5"#));
        settle_generation("gen-other", 0.1);
        settle_generation("gen-budget-test", -1.0);
        settle_generation("gen-budget-test", f64::NAN);
        assert!(budget.to_json().contains(r#""reserved":0.5"#));
        settle_generation("gen-budget-test", 0.2);
        assert!(budget.to_json().contains(r#""spent":0.2,"reserved":0.0"#));
    }

    #[test]
    fn a_failure_gives_back_what_cannot_have_been_paid() {
        let failed = |change: fn(&mut Error)| {
            let budget = Budget::new(1.0).unwrap();
            let hold = Hold::reserve(&[budget], bound(0.5)).unwrap();
            let mut error = Error::new(ErrorKind::ConnectionReset, "");
            change(&mut error);
            hold.fail(&error);
            !hold.is_open()
        };
        assert!(!failed(|_| {}));
        assert!(failed(|error| error.details_mut().status = Some(502)));
        assert!(!failed(|error| error.details_mut().status = Some(504)));
        assert!(failed(|error| error.details_mut().is_stale_connection = true));
        assert!(failed(|error| error.details_mut().billed = Some(0.1)));
        assert!(failed(
            |error| *error = Error::new(ErrorKind::ConnectionFailed, "")
        ));
        assert!(!failed(|error| {
            error.details_mut().status = Some(502);
            error.details_mut().partial = Some("{}".into());
        }));
    }

    #[test]
    fn registered_budgets_are_found_as_long_as_they_live() {
        let budget = Budget::new(1.0).unwrap();
        budget.register();
        let id = budget.id();
        assert!(Budget::of_id(id).is_some());
        drop(budget);
        assert!(Budget::of_id(id).is_none());
        assert!(Budget::new(-1.0).is_none() && Budget::new(f64::INFINITY).is_none());
    }

    #[test]
    fn a_budget_that_is_used_up_refuses_free_models() {
        let budget = Budget::new(0.1).unwrap();
        let budgets = [budget];
        Hold::reserve(&budgets, bound(0.1)).unwrap().settle(0.1);
        assert!(Hold::reserve(&budgets, bound(0.0)).is_err());
        // A budget of nothing is one for free models only.
        assert!(Hold::reserve(&[Budget::new(0.0).unwrap()], bound(0.0)).is_ok());
    }
}
