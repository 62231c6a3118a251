//! What budgets do to a chat of the client: the most that it can cost is reserved before it is sent, and its true cost is
//! asked for if the answer does not tell it.

use std::sync::Arc;

use bytes::Bytes;

use super::Client;
use super::chat_request::ChatRequest;
use crate::account::ModelList;
use crate::account::budget::{Budget, Hold};
use crate::account::estimate::{self, Request};
use crate::account::reserve::reserve;
use crate::error::Error;
use crate::observe::Observer;
use crate::request::routing::Route;
use crate::runtime;
use crate::stream::Progress;
use crate::transport::LastHead;

impl Client {
    /// Reserves the most that the request can cost in all `budgets`, and returns the body to send. There is no hold if there are
    /// no budgets.
    pub(super) async fn reserve(
        &self,
        budgets: &[Arc<Budget>],
        route: &Route,
        body: &Bytes,
    ) -> Result<(Option<Hold>, Bytes), Error> {
        if budgets.is_empty() {
            return Ok((None, body.clone()));
        }
        let list = self.models(false).await?;
        let (hold, body) = reserve(budgets, list, route.sent_models(), body).await?;
        Ok((Some(hold), body))
    }

    /// Asks in the background for the cost of a chat of which only the generation id is known.
    pub(super) fn settle_later(&self, hold: &Hold, generation_id: Option<&str>) {
        let Some(id) = generation_id.filter(|_| hold.is_open()) else {
            return;
        };
        hold.wait_for_generation(id);
        let (client, id) = (self.in_background(), id.to_owned());
        // The answer ends the hold, see `Client::generation`. Without an answer the amount stays reserved.
        tokio::spawn(async move { client.generation(&id).await.is_ok() });
    }

    /// Returns this client without the observer and the caller's view of responses.
    fn in_background(&self) -> Self {
        self.observed_by(Observer::default())
            .keeping_heads_in(LastHead::default())
    }

    /// Asks in the background for the cost of an ended stream, if a budget pays for it and it did not tell its cost.
    pub fn settle_stream_later(&self, progress: &Progress) {
        if let Some(hold) = progress.hold() {
            let id = progress.generation_id().map(str::to_owned);
            let id = id.or_else(|| progress.summary().id().map(Into::into));
            self.settle_later(hold, id.as_deref());
        }
    }

    /// Returns what a chat with these parameters may cost, as JSON text. `answer` is the number of tokens that the caller
    /// expects.
    pub async fn estimate(&self, params: String, answer: Option<u64>) -> Result<String, Error> {
        let config = self.config.clone();
        let size = params.len();
        let build = move || ChatRequest::build(&config, &params);
        let request = runtime::off_thread_if_large(size, build).await??;
        let list: Arc<ModelList> = self.models(false).await?;
        let size = estimate::size(&list, &request.body);
        let work = move || {
            let route = &request.route;
            let text = std::str::from_utf8(&request.body).unwrap_or_default();
            let all = route.fallbacks.iter().chain(&route.rest);
            let models: Vec<_> = std::iter::once(&route.effective)
                .chain(all)
                .map(|id| (id.as_str(), estimate::prices_of(&list, id)))
                .collect();
            Request::of(text).to_json(&models, answer)
        };
        runtime::off_thread_if_large(size, work).await
    }
}
