//! What a stream has brought so far: the completion under assembly and the facts around it, readable from any thread
//! at any time, also after a failure.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::completion::Completion;
use crate::json::{Fields, number_text};
use crate::observe::answered;
use crate::request::routing::{Fallback, Route};
use crate::secret::ApiKey;

/// What a stream has brought so far; readable from any thread at any time.
#[derive(Debug)]
pub struct Progress {
    pub(crate) completion: Completion,
    pub(crate) key: ApiKey,
    pub(crate) route: Route,
    pub(crate) model: Option<String>,
    pub(crate) generation_id: Option<String>,
    pub(crate) fallback: Option<Fallback>,
    pub(crate) started: Instant,
    pub(crate) headers_after: Duration,
    pub(crate) first_token_after: Option<Duration>,
    pub(crate) ended_after: Option<Duration>,
    pub(crate) bytes: u64,
    pub(crate) events: u64,
    /// Whether its cost was taken off the balance.
    is_paid: bool,
}

/// [`Progress`] as the stream and its readers share it.
pub type SharedProgress = Arc<Mutex<Progress>>;

/// Locks what the halves of a stream share; one that panicked has left nothing half done.
pub fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Progress {
    /// Nothing yet, right after the headers came.
    pub(crate) fn new(key: ApiKey, route: Route, generation_id: Option<String>, started: Instant) -> Self {
        Self {
            completion: Completion::new(),
            key,
            route,
            model: None,
            generation_id,
            fallback: None,
            started,
            headers_after: started.elapsed(),
            first_token_after: None,
            ended_after: None,
            bytes: 0,
            events: 0,
            is_paid: false,
        }
    }

    /// The completion so far, in the shape of one that was not streamed.
    pub fn completion(&self) -> &Completion {
        &self.completion
    }

    /// The completion so far as JSON, for an error, which may be logged: without the key, also where it was echoed.
    pub fn loggable_json(&self) -> String {
        self.key.scrub_json(&self.completion.to_json()).into_owned()
    }

    /// The completion with `_metadata`, fit to be sent back as history.
    pub fn final_json(&self) -> String {
        let completion = &self.completion;
        self.route.annotate(
            &completion.to_json(),
            // A router's own id may stand in some chunks.
            self.model.as_deref().or(completion.model().as_deref()),
            completion.metadata(),
            completion.stop_kind(),
        )
    }

    /// What the stream's properties show.
    pub fn facts_json(&self) -> String {
        let completion = &self.completion;
        let mut fields = Fields::new();
        fields.text("id", completion.id().as_deref());
        fields.text("generationId", self.generation_id.as_deref());
        fields.text("requestedModel", Some(&self.route.requested));
        fields.text("model", self.model.as_deref());
        fields.text("provider", completion.provider().as_deref());
        fields.raw("usage", completion.usage().map(str::to_owned));
        fields.raw("cost", completion.cost().map(number_text));
        fields.raw("totalCost", completion.total_cost().map(number_text));
        fields.text("finishReason", completion.finish_reason());
        fields.raw("fallback", self.fallback.as_ref().map(Fallback::to_json));
        fields.raw("metrics", Some(self.metrics_json()));
        fields.finish()
    }

    /// What a client keeps of the last stream that has ended: `{usage, model}`.
    pub fn outcome_json(&self) -> String {
        let mut fields = Fields::new();
        fields.raw("usage", self.completion.usage().map(str::to_owned));
        fields.text("model", self.model.as_deref());
        fields.finish()
    }

    /// Adds OpenTelemetry's attributes of it to `fields`.
    pub fn write_attributes(&self, fields: &mut Fields) {
        answered(fields, &self.completion.to_json(), self.generation_id());
    }

    fn metrics_json(&self) -> String {
        let ms = |time: Duration| number_text((time.as_secs_f64() * 1e6).round() / 1e3);
        let duration = self.ended_after.unwrap_or_else(|| self.started.elapsed());
        let writing = self
            .first_token_after
            .map(|first| duration.saturating_sub(first).as_secs_f64());
        let speed = match (self.completion.completion_tokens(), writing) {
            (Some(tokens), Some(seconds)) if seconds > 0.0 => Some(tokens as f64 / seconds),
            _ => None,
        };
        let or_null = |value: Option<String>| Some(value.unwrap_or_else(|| "null".into()));
        let mut fields = Fields::new();
        fields.raw("headersMs", Some(ms(self.headers_after)));
        fields.raw("firstTokenMs", or_null(self.first_token_after.map(ms)));
        fields.raw("durationMs", Some(ms(duration)));
        fields.raw(
            "tokensPerSecond",
            or_null(speed.map(|speed| number_text((speed * 100.0).round() / 100.0))),
        );
        fields.raw("bytes", Some(self.bytes.to_string()));
        fields.raw("events", Some(self.events.to_string()));
        fields.finish()
    }

    /// What the request cost, when it is first asked for after it is known.
    pub fn take_cost(&mut self) -> Option<f64> {
        let cost = self.completion.cost().filter(|_| !self.is_paid)?;
        self.is_paid = true;
        Some(cost)
    }

    /// The fallback that took place.
    pub fn fallback(&self) -> Option<&Fallback> {
        self.fallback.as_ref()
    }

    /// Which models and providers are meant.
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// The model that answered.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// `X-Generation-Id`.
    pub fn generation_id(&self) -> Option<&str> {
        self.generation_id.as_deref()
    }

    /// Nothing more will come; only the first time counts.
    pub fn close(&mut self) {
        self.ended_after.get_or_insert_with(|| self.started.elapsed());
    }

    pub(crate) fn note_first_token(&mut self, arrived: Instant) {
        if self.first_token_after.is_none() {
            self.first_token_after = Some(arrived - self.started);
        }
    }
}
