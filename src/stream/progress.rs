//! What a stream has received so far. It can be read from any thread at any time, also after a failure.
//!
//! The owner of the pump writes it, one event at a time. A reader copies what it needs under the lock and serialises the copy
//! outside it, so that the writer waits for a copy at most.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::options::StreamOptions;
use crate::account::Account;
use crate::account::budget::Hold;
use crate::completion::{Chunk, Completion, MAX_PARTIAL, Usage};
use crate::error::Error;
use crate::json::{ObjectWriter, number_text};
use crate::request::routing::{Fallback, Route};
use crate::secret::Secrets;

/// A shared handle to what a stream has received.
#[derive(Debug, Clone)]
pub struct Progress(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    secrets: Secrets,
    payer: Account,
    route: Route,
    hold: Option<Hold>,
    generation_id: Option<String>,
    started: Instant,
    headers_after: Duration,
    state: Mutex<State>,
}

/// The part that changes while the stream is read.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) completion: Completion,
    /// The model that answered: the first model id in the stream that is not a router.
    pub(super) model: Option<String>,
    pub(super) fallback: Option<Fallback>,
    pub(super) bytes: u64,
    pub(super) events: u64,
    first_token_after: Option<Duration>,
    ended_after: Option<Duration>,
    /// Whether [`Progress::take_cost`] has returned the cost.
    is_paid: bool,
}

impl State {
    fn without_messages(&self) -> Self {
        Self {
            completion: self.completion.without_messages(),
            model: self.model.clone(),
            fallback: self.fallback.clone(),
            ..*self
        }
    }
}

impl Progress {
    /// Creates the progress of a stream whose response headers have just arrived.
    pub fn new(options: &StreamOptions, generation_id: Option<String>) -> Self {
        let generation_id = generation_id.map(|id| options.secrets.scrub(&id).into_owned());
        Self(Arc::new(Shared {
            secrets: options.secrets.clone(),
            payer: options.payer.clone(),
            route: options.route.clone(),
            hold: options.hold.clone(),
            generation_id,
            started: options.started,
            headers_after: options.started.elapsed(),
            state: Mutex::default(),
        }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the secrets of the request.
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// Returns a copy of the completion so far, in the shape of a completion that was not streamed.
    pub fn completion(&self) -> Completion {
        self.lock().completion.clone()
    }

    /// Returns a copy of the completion so far, without its messages.
    pub fn summary(&self) -> Completion {
        self.lock().completion.without_messages()
    }

    fn clean_json(&self, text: &str) -> String {
        self.0.secrets.scrub_json(text).into_owned()
    }

    fn clean_values(&self, fields: ObjectWriter) -> String {
        self.0.secrets.scrub_values(&fields.finish()).into_owned()
    }

    /// Returns the completion with `_metadata`, as JSON text. Its message can be sent back to the API as history.
    pub fn final_json(&self) -> String {
        let State {
            completion, model, ..
        } = self.lock().clone();
        self.0.route.annotate(
            &completion.to_json(),
            model.as_deref().or(completion.model().as_deref()),
            completion.metadata(),
            completion.stop_kind(),
            &self.0.secrets,
        )
    }

    /// Returns the properties of the stream (`id`, `model`, `usage` and so on) as a JSON object.
    pub fn properties_json(&self) -> String {
        // Copy the state without the messages, which may be long.
        let state = self.lock().without_messages();
        let completion = &state.completion;
        let usage = completion.usage_figures();
        let mut fields = ObjectWriter::new();
        fields.text("id", completion.id().as_deref());
        fields.text("generationId", self.generation_id());
        fields.text("requestedModel", Some(&self.0.route.requested));
        fields.text("model", state.model.as_deref());
        fields.text("provider", completion.provider().as_deref());
        fields.raw("usage", completion.usage().map(|usage| self.clean_json(usage)));
        let cost = usage.as_ref().and_then(Usage::cost);
        let total_cost = usage.as_ref().and_then(Usage::total_cost);
        fields.raw("cost", cost.map(number_text));
        fields.raw("totalCost", total_cost.map(number_text));
        fields.text("finishReason", completion.finish_reason());
        fields.raw("fallback", state.fallback.as_ref().map(Fallback::to_json));
        let tokens = usage.and_then(|usage| usage.completion_tokens());
        fields.raw("metrics", Some(self.metrics_json(&state, tokens)));
        self.clean_values(fields)
    }

    fn metrics_json(&self, state: &State, tokens: Option<u64>) -> String {
        let ms = |time: Duration| number_text((time.as_secs_f64() * 1e6).round() / 1e3);
        let duration = state.ended_after.unwrap_or_else(|| self.0.started.elapsed());
        let writing = state
            .first_token_after
            .map(|first| duration.saturating_sub(first).as_secs_f64());
        let speed = match (tokens, writing) {
            (Some(tokens), Some(seconds)) if seconds > 0.0 => Some(tokens as f64 / seconds),
            _ => None,
        };
        let or_null = |value: Option<String>| Some(value.unwrap_or_else(|| "null".into()));
        let mut fields = ObjectWriter::new();
        fields.raw("headersMs", Some(ms(self.0.headers_after)));
        fields.raw("firstTokenMs", or_null(state.first_token_after.map(ms)));
        fields.raw("durationMs", Some(ms(duration)));
        fields.raw(
            "tokensPerSecond",
            or_null(speed.map(|speed| number_text((speed * 100.0).round() / 100.0))),
        );
        fields.raw("bytes", Some(state.bytes.to_string()));
        fields.raw("events", Some(state.events.to_string()));
        fields.finish()
    }

    /// Returns what a client keeps of its last stream: `{usage, model}`, as JSON text.
    pub fn outcome_json(&self) -> String {
        let state = self.lock();
        let mut fields = ObjectWriter::new();
        fields.raw(
            "usage",
            state.completion.usage().map(|usage| self.clean_json(usage)),
        );
        fields.text("model", state.model.as_deref());
        self.clean_values(fields)
    }

    /// Returns the header `X-Generation-Id` of the response.
    pub fn generation_id(&self) -> Option<&str> {
        self.0.generation_id.as_deref()
    }

    /// Returns the account that pays for the answer.
    pub fn payer(&self) -> &Account {
        &self.0.payer
    }

    /// Returns what budgets have reserved for the answer.
    pub fn hold(&self) -> Option<&Hold> {
        self.0.hold.as_ref()
    }

    /// Returns the models and providers of the request.
    pub fn route(&self) -> &Route {
        &self.0.route
    }

    /// Returns the model that answered.
    pub fn model(&self) -> Option<String> {
        self.lock().model.clone()
    }

    /// Returns the display name of the provider that answered.
    pub fn provider(&self) -> Option<String> {
        self.lock().completion.provider().map(Into::into)
    }

    /// Returns the fallback, if there was one.
    pub fn fallback(&self) -> Option<Fallback> {
        self.lock().fallback.clone()
    }

    /// Returns the cost in USD to the first caller after it became known, and `None` to later ones, so that it is subtracted
    /// from the balance only once. The budgets are settled with the cost that the caller pays in all.
    pub fn take_cost(&self) -> Option<f64> {
        let mut state = self.lock();
        let cost = state.completion.cost().filter(|_| !state.is_paid)?;
        state.is_paid = true;
        if let Some(hold) = &self.0.hold {
            let total = state
                .completion
                .usage_figures()
                .and_then(|usage| usage.total_cost());
            hold.settle(total.unwrap_or(cost));
        }
        Some(cost)
    }

    /// Takes the usage of an event that arrived after the end. Everything else in the event is ignored.
    pub(super) fn take_trailing(&self, text: &str) {
        if let Some(usage) = Chunk::parse(text).as_ref().and_then(Chunk::usage) {
            self.lock().completion.apply_usage(usage);
        }
    }

    /// Stops the clock, because nothing more will arrive. Only the first call counts.
    pub fn close(&self) {
        let duration = self.0.started.elapsed();
        self.lock().ended_after.get_or_insert(duration);
    }

    /// Adds what the stream has received to `error`, cut to a few megabytes, and stops the clock.
    pub fn attach_to(&self, mut error: Error) -> Error {
        self.close();
        let details = error.details_mut();
        details.attempts.clone_from(&self.0.route.failed);
        if details.generation_id.is_none() {
            details.generation_id = self.generation_id().map(str::to_owned);
        }
        if self.lock().events > 0 {
            let partial = self.lock().completion.excerpt(MAX_PARTIAL);
            details.partial = Some(partial.to_json());
        }
        error.scrubbed(&self.0.secrets)
    }

    pub(super) fn note_first_token(&self, state: &mut State, arrived: Instant) {
        let after = || arrived.saturating_duration_since(self.0.started);
        state.first_token_after.get_or_insert_with(after);
    }
}
