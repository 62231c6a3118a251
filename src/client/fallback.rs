//! Fallbacks and retries of a chat. If all models of a request have failed, the next models are tried; if the failure may be
//! transient, the same request is sent again. Both happen only before the caller has received any part of an answer.

use tokio::time::{Instant, sleep};

use super::rate_limit;
use super::request::ChatRequest;
use super::retry::Purpose;
use super::{Answer, Client};
use crate::error::{Attempt, Error, ErrorKind};
use crate::observe::Level;
use crate::request::rules::routed;
use crate::stats::STATS;

impl Client {
    /// Sends requests until one is answered, or until no fallback or retry is left. The error then lists every attempt.
    pub(super) async fn try_until_answered(
        &self,
        request: &ChatRequest,
        started: Instant,
    ) -> Result<Answer, Error> {
        let policy = self.policy(request.max_retries);
        let mut route = request.route.clone();
        let mut body = request.body.clone();
        let (mut retries, mut dedicated_connection) = (0, false);
        loop {
            if let Some(per_minute) = self.config.requests_per_minute {
                rate_limit::turn(self.config.key.digest(), per_minute).await;
            }
            let result = self
                .try_once(request, &route, body.clone(), started, dedicated_connection)
                .await;
            let mut error = match result {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // Never reset: a dedicated connection is new, so it cannot be stale.
            dedicated_connection |= error.details().is_stale_connection;
            route.failed.push(Attempt::failed(&route.effective, &error));
            // Trying another model now is better than retrying the same model later.
            let next = match another_model_may_answer(&error) {
                true => route.next(self.config.models_per_request),
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
                body = routed(&String::from_utf8_lossy(&body), &next).into();
                route = next;
            } else if let Some(wait) = policy.wait(Purpose::Chat, &error, retries) {
                retries += 1;
                self.log_retry(&error, wait, retries, policy.max_retries);
                sleep(wait).await;
            } else {
                if route.failed.len() > 1 {
                    error.details_mut().attempts = route.failed;
                }
                return Err(error);
            }
            STATS.retries.add();
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
