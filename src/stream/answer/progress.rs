//! What a stream of an endpoint beside chats has received so far. It can be read from any thread at any time, also after a
//! failure.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::account::Account;
use crate::account::budget::Hold;
use crate::answer::{Assembly, Delta, Event, Facts};
use crate::error::Error;
use crate::json::{ObjectWriter, number_text};
use crate::request::routing::{Fallback, Route};
use crate::secret::Secrets;
use crate::stream::StreamOptions;

/// A shared handle to what a stream has received.
#[derive(Debug, Clone)]
pub struct AnswerProgress(Arc<Shared>);

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

#[derive(Debug, Default)]
pub(in crate::stream) struct State {
    pub(super) facts: Facts,
    pub(super) assembly: Assembly,
    /// Whether the answer is assembled: not further once it is larger than the limit of a body that passes through.
    pub(super) is_frozen: bool,
    pub(super) bytes: u64,
    pub(in crate::stream) events: u64,
    first_text_after: Option<Duration>,
    ended_after: Option<Duration>,
    is_paid: bool,
}

impl AnswerProgress {
    pub(super) fn new(options: &StreamOptions, generation_id: Option<&str>) -> Self {
        Self(Arc::new(Shared {
            generation_id: generation_id.map(|id| options.secrets.scrub(id).into_owned()),
            secrets: options.secrets.clone(),
            payer: options.payer.clone(),
            route: options.route.clone(),
            hold: options.hold.clone(),
            started: options.started,
            headers_after: options.started.elapsed(),
            state: Mutex::default(),
        }))
    }

    pub(in crate::stream) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event. Returns the size of the answer so far.
    pub(super) fn add(&self, event: &Event<'_>, arrived: Instant) -> usize {
        let mut state = self.lock();
        state.events += 1;
        state.facts.take(event);
        if !state.is_frozen {
            state.assembly.add(event);
        }
        if event.text_delta().is_some_and(|text| !text.is_empty()) {
            self.note_first_text(&mut state, arrived);
        }
        state.assembly.size()
    }

    /// Adds an event that tells nothing new beside its text. Returns the size of the answer so far.
    pub(super) fn add_text(&self, delta: &Delta, body: &str, arrived: Instant) -> usize {
        let mut state = self.lock();
        state.events += 1;
        if !state.is_frozen {
            state.assembly.append(delta, body);
        }
        if delta.is_text() && !body.is_empty() {
            self.note_first_text(&mut state, arrived);
        }
        state.assembly.size()
    }

    fn note_first_text(&self, state: &mut State, arrived: Instant) {
        let after = || arrived.saturating_duration_since(self.0.started);
        state.first_text_after.get_or_insert_with(after);
    }

    /// Takes the facts of an event that arrived after the end.
    pub(super) fn add_trailing(&self, event: &Event<'_>) {
        self.lock().facts.take(event);
    }

    /// Returns the secrets of the request.
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// See [`Received`](crate::stream::Received).
    pub fn payer(&self) -> &Account {
        &self.0.payer
    }

    /// See [`Received`](crate::stream::Received).
    pub fn hold(&self) -> Option<&Hold> {
        self.0.hold.as_ref()
    }

    /// See [`Received`](crate::stream::Received).
    pub fn take_cost(&self) -> Option<f64> {
        let mut state = self.lock();
        let cost = state.facts.cost().filter(|_| !state.is_paid)?;
        state.is_paid = true;
        if let Some(hold) = self.hold() {
            hold.settle(state.facts.total_cost().unwrap_or(cost));
        }
        Some(cost)
    }

    /// See [`Received`](crate::stream::Received).
    pub fn route(&self) -> &Route {
        &self.0.route
    }

    /// See [`Received`](crate::stream::Received).
    pub fn model(&self) -> Option<String> {
        self.lock().facts.model.clone()
    }

    /// See [`Received`](crate::stream::Received).
    pub fn provider(&self) -> Option<String> {
        self.lock().facts.provider.clone()
    }

    /// See [`Received`](crate::stream::Received).
    pub fn fallback(&self) -> Option<Fallback> {
        let state = self.lock();
        let Facts { model, metadata, .. } = &state.facts;
        self.0.route.fallback(model.as_deref(), metadata.as_deref())
    }

    /// See [`Received`](crate::stream::Received).
    pub fn generation_id(&self) -> Option<&str> {
        self.0.generation_id.as_deref()
    }

    /// See [`Received`](crate::stream::Received).
    pub fn properties_json(&self) -> String {
        let fallback = self.fallback();
        let state = self.lock();
        let Facts {
            id,
            model,
            provider,
            usage,
            ..
        } = &state.facts;
        let mut fields = ObjectWriter::new();
        fields.text("id", id.as_deref());
        fields.text("generationId", self.generation_id());
        let requested = Some(self.0.route.requested.as_str()).filter(|model| !model.is_empty());
        fields.text("requestedModel", requested);
        fields.text("model", model.as_deref());
        fields.text("provider", provider.as_deref());
        fields.raw("usage", usage.clone());
        fields.raw("cost", state.facts.cost().map(number_text));
        fields.raw("totalCost", state.facts.total_cost().map(number_text));
        fields.raw("fallback", fallback.as_ref().map(Fallback::to_json));
        fields.raw("metrics", Some(self.metrics_json(&state)));
        drop(state);
        self.clean(fields)
    }

    fn metrics_json(&self, state: &State) -> String {
        let ms = |time: Duration| number_text((time.as_secs_f64() * 1e6).round() / 1e3);
        let duration = state.ended_after.unwrap_or_else(|| self.0.started.elapsed());
        let mut fields = ObjectWriter::new();
        fields.raw("headersMs", Some(ms(self.0.headers_after)));
        let first = state.first_text_after.map_or_else(|| "null".into(), ms);
        fields.raw("firstTokenMs", Some(first));
        fields.raw("durationMs", Some(ms(duration)));
        fields.raw("bytes", Some(state.bytes.to_string()));
        fields.raw("events", Some(state.events.to_string()));
        fields.finish()
    }

    /// See [`Received`](crate::stream::Received).
    pub fn summary_json(&self) -> String {
        self.lock().facts.to_json()
    }

    /// See [`Received`](crate::stream::Received).
    pub fn outcome_json(&self) -> String {
        let state = self.lock();
        let mut fields = ObjectWriter::new();
        fields.raw("usage", state.facts.usage.clone());
        fields.text("model", state.facts.model.as_deref());
        drop(state);
        self.clean(fields)
    }

    /// See [`Received`](crate::stream::Received).
    pub fn partial_json(&self) -> String {
        let assembly = self.lock().assembly.clone();
        assembly.to_json()
    }

    /// See [`Received`](crate::stream::Received).
    pub fn final_json(&self) -> String {
        self.partial_json()
    }

    /// See [`Received`](crate::stream::Received).
    pub fn attach_to(&self, mut error: Error) -> Error {
        self.close();
        let details = error.details_mut();
        if details.generation_id.is_none() {
            details.generation_id = self.generation_id().map(str::to_owned);
        }
        let state = self.lock();
        if state.assembly.has_output() {
            details.partial = Some(state.assembly.to_json());
        }
        drop(state);
        error.scrubbed(&self.0.secrets)
    }

    /// Stops the clock, because nothing more will arrive. Only the first call counts.
    pub fn close(&self) {
        let duration = self.0.started.elapsed();
        self.lock().ended_after.get_or_insert(duration);
    }

    fn clean(&self, fields: ObjectWriter) -> String {
        self.0.secrets.scrub_values(&fields.finish()).into_owned()
    }
}
