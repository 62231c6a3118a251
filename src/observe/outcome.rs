//! What the end of an answer changes elsewhere: the balance of the account, the log and the diagnostics channels. Chats of
//! the client and chats that pass through `fetch` share this code.

use super::{Level, Observer};
use crate::account::Account;
use crate::delivery::End;
use crate::error::{Error, ErrorKind};
use crate::request::routing::{Fallback, Route};
use crate::secret::Secrets;
use crate::stream::Received;

/// The account and the observer that the end of an answer is reported to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The account that pays for an answer of which nothing has come.
    pub account: Account,
    /// Gets the log lines and events.
    pub observer: Observer,
}

impl Outcome {
    /// Returns this outcome, whose observer removes `secrets` from all that it sends.
    pub fn hiding(mut self, secrets: &Secrets) -> Self {
        self.observer = self.observer.hiding(secrets);
        self
    }

    /// Reports the end of a stream: subtracts its cost, logs the model that answered, and publishes the end.
    pub fn settle(&self, progress: &dyn Received) {
        self.spend(progress);
        self.log_answer(
            progress.route(),
            progress.model().as_deref(),
            progress.provider().as_deref(),
            progress.fallback().as_ref(),
        );
        self.observer.publish_end(progress);
        self.observer.conclude();
    }

    /// Reports how the delivery of a stream of `what` ended, and returns that as the end of its mailbox.
    pub fn finish(&self, what: &str, result: &Result<(), Error>, progress: &dyn Received) -> End {
        match result {
            Ok(()) => self.settle(progress),
            // Not reported here: the observer publishes an abort when it is dropped without `conclude`.
            Err(error) if error.kind() == ErrorKind::Aborted => self.spend(progress),
            Err(error) => {
                self.report(what, error, Some(progress));
                self.settle(progress);
            }
        }
        match result {
            Ok(()) => End::Done,
            Err(error) => End::Failed(error.to_json()),
        }
    }

    /// Reports a failed request for `what`. `progress` is what its stream had received before the failure.
    pub fn report(&self, what: &str, error: &Error, progress: Option<&dyn Received>) {
        if error.kind() == ErrorKind::InsufficientCredits {
            progress
                .map_or(&self.account, |progress| progress.payer())
                .expire_balance();
        }
        if let Some(hold) = progress.and_then(|progress| progress.hold()) {
            hold.fail(error);
        }
        self.observer
            .log(Level::Error, || format!("{what} failed: {}", error.in_short()));
        self.observer.publish_error(error, progress);
    }

    /// Subtracts the cost of a stream from the balance, once it is known.
    pub fn spend(&self, progress: &dyn Received) {
        if let Some(cost) = progress.take_cost() {
            progress.payer().spend(cost);
        }
    }

    /// Logs the model that answered, a fallback, and a provider that `provider.only` does not allow.
    pub fn log_answer(
        &self,
        route: &Route,
        model: Option<&str>,
        provider: Option<&str>,
        fallback: Option<&Fallback>,
    ) {
        if let Some(model) = model {
            self.observer.log(Level::Debug, || format!("Model used: {model}"));
        }
        if let Some(Fallback { from, to, reason, .. }) = fallback {
            self.observer.log(Level::Info, || {
                let reason = reason.as_deref().unwrap_or("no reason told");
                format!("Fallback from {from} to {to}: {reason}")
            });
        }
        if let Some(provider) = provider.filter(|provider| route.is_served_elsewhere(provider)) {
            self.observer.log(Level::Warn, || {
                let only = route.only.join(", ");
                format!("{provider} served a request that provider.only keeps to {only}")
            });
        }
    }
}
