//! A chat that may take several requests: on to the next models when all that were asked have failed, and the same
//! request again when the failure may pass. All of it before a byte was handed on.

use tokio::time::{Instant, sleep};

use super::{Answer, Client, describe};
use crate::client::rate_limit;
use crate::client::request::ChatRequest;
use crate::client::retry::Purpose;
use crate::error::{Attempt, Error, ErrorKind};
use crate::observe::Level;
use crate::request::rules::routed;
use crate::stats::STATS;

impl Client {
    /// Asks until there is an answer, or no way on. The error then tells every try.
    pub(super) async fn attempt(&self, request: &ChatRequest, started: Instant) -> Result<Answer, Error> {
        let policy = self.policy(request.max_retries);
        let mut route = request.route.clone();
        let mut body = request.body.clone();
        let (mut retries, mut is_fresh) = (0, false);
        loop {
            if let Some(per_minute) = self.config.requests_per_minute {
                rate_limit::turn(self.config.key.digest(), per_minute).await;
            }
            let mut error = match self
                .exchange(request, &route, body.clone(), started, is_fresh)
                .await
            {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // Once: on a connection of its own none can have served before.
            is_fresh |= error.facts().is_stale_connection;
            route.failed.push(Attempt::failed(&route.effective, &error));
            // Another model now is better than the same one later.
            let next = match another_model_may(&error) {
                true => route.next(self.config.models_per_request),
                false => None,
            };
            if let Some(next) = next {
                self.observer.log(Level::Info, || {
                    format!(
                        "Fallback from {} to {} after {}",
                        route.effective,
                        next.effective,
                        describe(&error)
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
                    error.facts_mut().attempts = route.failed;
                }
                return Err(error);
            }
            STATS.retries.add();
        }
    }
}

/// Whether the failure is about the model or its providers, so that another may do better (contract, section 4; R3).
fn another_model_may(error: &Error) -> bool {
    let facts = error.facts();
    if facts.partial.is_some() {
        return false;
    }
    match (facts.status, error.kind()) {
        (Some(408 | 429 | 500..), _) => true,
        (Some(_), ErrorKind::NoEndpoints | ErrorKind::Moderation) => true,
        (Some(400), _) => is_about_length(error),
        _ => false,
    }
}

/// Whether the prompt was too long for the model. Providers say it in their own words.
fn is_about_length(error: &Error) -> bool {
    let facts = error.facts();
    let by_type = facts.error_type.as_deref().is_some_and(|kind| {
        matches!(
            kind,
            "context_length_exceeded" | "max_tokens_exceeded" | "token_limit_exceeded"
        )
    });
    let message = facts.message.to_ascii_lowercase();
    by_type
        || [
            "context length",
            "context window",
            "context_length",
            "prompt is too long",
        ]
        .iter()
        .any(|words| message.contains(words))
}
