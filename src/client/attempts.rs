//! When a request is sent again. If all models of a chat have failed, the next models are tried; if the failure may be
//! transient, the same request is sent again. Both happen only before the caller has received any part of an answer.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::chat_request::ChatRequest;
use super::rate_limit;
use super::retry::{Policy, Purpose};
use super::{Answer, Client};
use crate::error::{Attempt, Error, ErrorKind};
use crate::observe::{Level, PublishedRetry};
use crate::request::routing::Route;
use crate::request::rules::routed;
use crate::runtime;
use crate::stats::STATS;

/// The attempts of one request: how often it was retried, and on which connection the next attempt is made.
pub(super) struct Attempts<'a> {
    client: &'a Client,
    purpose: Purpose,
    policy: Policy,
    retries: u32,
    has_met_stale_connection: bool,
}

impl<'a> Attempts<'a> {
    pub(super) fn new(client: &'a Client, purpose: Purpose, max_retries: u32) -> Self {
        Self {
            client,
            purpose,
            policy: Policy {
                max_retries,
                jitter: client.jitter,
            },
            retries: 0,
            has_met_stale_connection: false,
        }
    }

    /// Whether the next attempt must not use the pool, because an earlier one met a stale connection there. A new connection
    /// cannot be stale, so that this failure happens only once.
    pub(super) fn needs_new_connection(&self) -> bool {
        self.has_met_stale_connection
    }

    /// Waits until the request may be retried after `error`. Returns false if it is not retried.
    pub(super) async fn wait_for_retry(&mut self, error: &Error) -> bool {
        let Some(wait) = self.policy.wait_before_retry(self.purpose, error, self.retries) else {
            return false;
        };
        self.retries += 1;
        self.has_met_stale_connection |= error.details().is_stale_connection;
        self.client.observer.log(Level::Warn, || {
            format!(
                "Retrying in {} ms after {} (retry {} of {})",
                wait.as_millis(),
                error.in_short(),
                self.retries,
                self.policy.max_retries
            )
        });
        self.client.observer.publish_retry(PublishedRetry {
            error,
            delay: wait,
            retry: Some((self.retries, self.policy.max_retries)),
            model: None,
        });
        sleep(wait).await;
        STATS.retries.add();
        true
    }
}

impl Client {
    /// Waits until the request may begin under the option `rateLimit`. `timeouts.total` ends this wait here, and not as that
    /// of any other part of the request, because only this error says that nothing was sent.
    async fn wait_for_turn(
        &self,
        request: &ChatRequest,
        per_minute: u32,
        started: Instant,
    ) -> Result<(), Error> {
        let turn = rate_limit::turn(self.account.digest(), per_minute);
        match request.timeouts.total {
            None => turn.await,
            Some(limit) => timeout_at(started + limit, turn)
                .await
                .map_err(|_| Error::queued_too_long(limit, per_minute))?,
        }
        Ok(())
    }

    /// Sends requests until one is answered, or until no fallback or retry is left. `route` is that of the last request; it
    /// lists the failed ones, also if this future is dropped.
    pub(super) async fn try_until_answered(
        &self,
        request: &ChatRequest,
        route: &mut Route,
        started: Instant,
    ) -> Result<Answer, Error> {
        let mut attempts = Attempts::new(self, Purpose::Paid, request.max_retries);
        let mut body = request.body.clone();
        loop {
            if let Some(per_minute) = self.config.requests_per_minute {
                self.wait_for_turn(request, per_minute, started).await?;
            }
            let (hold, sent) = self.reserve_for_chat(&request.payment, route, &body).await?;
            let new_connection = attempts.needs_new_connection();
            let error = match self
                .try_once(request, route, sent, started, new_connection, hold.as_ref())
                .await
            {
                Err(error) => error,
                answer => return answer,
            };
            route.failed.push(Attempt::failed(&route.effective, &error));
            if let Some(hold) = &hold {
                hold.fail(&error);
                self.settle_later(hold, error.details().generation_id.as_deref());
            }
            if let Some(cost) = error.details().billed {
                self.account.spend(cost);
                return Err(error);
            }
            // Trying another model now is better than retrying the same model later.
            let next = match another_model_may_answer(&error) {
                true => route.next(self.config.rules.models_per_request.unwrap_or(usize::MAX)),
                false => None,
            };
            if let Some(next) = next {
                self.observer.log(Level::Info, || {
                    format!(
                        "Fallback from {} to {} after {}",
                        route.effective,
                        next.effective,
                        error.in_short()
                    )
                });
                self.observer.publish_retry(PublishedRetry {
                    error: &error,
                    delay: Duration::ZERO,
                    retry: None,
                    model: Some(&next.effective),
                });
                let (last, models) = (body.clone(), next.clone());
                body = runtime::off_thread_if_large(body.len(), move || routed(&last, &models)).await?;
                *route = next;
                STATS.retries.add();
            } else if !attempts.wait_for_retry(&error).await {
                return Err(error);
            }
        }
    }
}

/// Whether the failure concerns the model or its providers, so that another model may answer.
fn another_model_may_answer(error: &Error) -> bool {
    let details = error.details();
    if details.partial.is_some() {
        return false;
    }
    match (details.status, error.kind()) {
        // A gateway gave up, but the model behind it may go on, and be paid.
        (Some(504 | 524), _) => false,
        (Some(408 | 429 | 500..), _) => true,
        (Some(_), ErrorKind::NoEndpoints | ErrorKind::Moderation) => true,
        (Some(400), _) => is_about_length(error),
        _ => false,
    }
}

/// Whether the prompt was too long for the model. The wording of this error differs between providers.
fn is_about_length(error: &Error) -> bool {
    const TYPES: [&str; 3] = [
        "context_length_exceeded",
        "max_tokens_exceeded",
        "token_limit_exceeded",
    ];
    const WORDS: [&str; 4] = [
        "context length",
        "context window",
        "context_length",
        "prompt is too long",
    ];
    let details = error.details();
    let message = details.message.to_ascii_lowercase();
    details
        .error_type
        .as_deref()
        .is_some_and(|kind| TYPES.contains(&kind))
        || WORDS.iter().any(|words| message.contains(words))
}
