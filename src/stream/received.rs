//! What an answer has brought so far, whichever endpoint sends it: for those who report the end of an answer.

use std::fmt::Debug;

use super::answer::AnswerProgress;
use super::progress::Progress;
use crate::account::Account;
use crate::account::budget::Hold;
use crate::error::Error;
use crate::request::routing::{Fallback, Route};
use crate::secret::Secrets;

/// What an answer has brought so far. It can be read from any thread at any time.
pub trait Received: Debug + Send + Sync {
    /// Returns the account that pays for the answer.
    fn payer(&self) -> &Account;
    /// Returns the secrets of the request.
    fn secrets(&self) -> &Secrets;
    /// Returns how many events have come.
    fn events(&self) -> u64;
    /// Returns the cost in USD to the first caller after it became known, and `None` to later ones.
    fn take_cost(&self) -> Option<f64>;
    /// Returns what budgets have reserved for the answer.
    fn hold(&self) -> Option<&Hold>;
    /// Returns the models and providers of the request.
    fn route(&self) -> &Route;
    /// Returns the model that answered.
    fn model(&self) -> Option<String>;
    /// Returns the display name of the provider that answered.
    fn provider(&self) -> Option<String>;
    /// Returns the fallback, if there was one.
    fn fallback(&self) -> Option<Fallback>;
    /// Returns the header `X-Generation-Id` of the response.
    fn generation_id(&self) -> Option<&str>;
    /// Returns the properties of the stream as a JSON object.
    fn properties_json(&self) -> String;
    /// Returns the answer without its texts, as a JSON object.
    fn summary_json(&self) -> String;
    /// Returns what a client keeps of its last stream: `{usage, model}`, as JSON text.
    fn outcome_json(&self) -> String;
    /// Returns the answer so far as JSON text.
    fn partial_json(&self) -> String;
    /// Returns the whole answer as JSON text.
    fn final_json(&self) -> String;
    /// Adds what the stream has received to `error`, and stops the clock.
    fn attach_to(&self, error: Error) -> Error;
}

macro_rules! delegate {
    ($type:ty, $partial:expr, $summary:expr) => {
        impl Received for $type {
            fn payer(&self) -> &Account {
                <$type>::payer(self)
            }
            fn secrets(&self) -> &Secrets {
                <$type>::secrets(self)
            }
            fn events(&self) -> u64 {
                self.lock().events
            }
            fn take_cost(&self) -> Option<f64> {
                <$type>::take_cost(self)
            }
            fn hold(&self) -> Option<&Hold> {
                <$type>::hold(self)
            }
            fn route(&self) -> &Route {
                <$type>::route(self)
            }
            fn model(&self) -> Option<String> {
                <$type>::model(self)
            }
            fn provider(&self) -> Option<String> {
                <$type>::provider(self)
            }
            fn fallback(&self) -> Option<Fallback> {
                <$type>::fallback(self)
            }
            fn generation_id(&self) -> Option<&str> {
                <$type>::generation_id(self)
            }
            fn properties_json(&self) -> String {
                <$type>::properties_json(self)
            }
            fn summary_json(&self) -> String {
                $summary(self)
            }
            fn outcome_json(&self) -> String {
                <$type>::outcome_json(self)
            }
            fn partial_json(&self) -> String {
                $partial(self)
            }
            fn final_json(&self) -> String {
                <$type>::final_json(self)
            }
            fn attach_to(&self, error: Error) -> Error {
                <$type>::attach_to(self, error)
            }
        }
    };
}

delegate!(
    Progress,
    |progress: &Progress| progress.completion().to_json(),
    |progress: &Progress| progress.summary().to_json()
);
delegate!(
    AnswerProgress,
    AnswerProgress::partial_json,
    AnswerProgress::summary_json
);
