//! What budgets do to a request of the client: the most that it can cost is reserved before it is sent, and its true cost is
//! asked for if the answer does not tell it.

use std::sync::Arc;

use bytes::Bytes;

use super::api_request::ApiRequest;
use super::chat_request::ChatRequest;
use super::{Client, lookups};
use crate::account::ModelList;
use crate::account::budget::Hold;
use crate::account::cache::Found;
use crate::account::estimate::{self, Request, Shape};
use crate::account::prices::ModelPrices;
use crate::account::reserve::{Payment, Priced};
use crate::account::served::{self, SERVED, Served};
use crate::error::Error;
use crate::json::Object;
use crate::observe::Observer;
use crate::request::privacy;
use crate::request::routing::Route;
use crate::runtime;
use crate::stream::Received;
use crate::transport::LastHead;

impl Client {
    /// Reserves the most that a chat can cost, and returns the body to send. There is no hold if there are no budgets.
    pub(super) async fn reserve_for_chat(
        &self,
        payment: &Payment,
        route: &Route,
        body: &Bytes,
    ) -> Result<(Option<Hold>, Bytes), Error> {
        if payment.is_empty() {
            return Ok((None, body.clone()));
        }
        // Boxed, because each chat would reserve space for the state of this future, which few need.
        let reserved = Box::pin(self.reserve(payment, Shape::Chat, route, body)).await?;
        Ok((Some(reserved.0), reserved.1))
    }

    /// Reserves the most that a request to any endpoint can cost, and returns the body to send. There is no hold if there are
    /// no budgets, or if the endpoint costs nothing.
    pub(super) async fn reserve_for_request(
        &self,
        request: &ApiRequest,
    ) -> Result<(Option<Hold>, Bytes), Error> {
        let ApiRequest {
            payment,
            endpoint,
            body,
            ..
        } = request;
        if payment.is_empty() || !endpoint.may_cost() {
            return Ok((None, body.clone()));
        }
        let shape = Shape::of(endpoint).filter(|_| privacy::parameters(body).is_some());
        let (hold, body) = match shape {
            Some(shape) => Box::pin(self.reserve(payment, shape, &request.route, body)).await?,
            None => (payment.reserve_unknown()?, body.clone()),
        };
        Ok((Some(hold), body))
    }

    async fn reserve(
        &self,
        payment: &Payment,
        shape: Shape,
        route: &Route,
        body: &Bytes,
    ) -> Result<(Hold, Bytes), Error> {
        let models = self.priced(route.sent_models()).await?;
        payment.reserve(shape, models, body).await
    }

    /// Returns the prices of models.
    async fn priced(&self, mut models: Vec<String>) -> Result<Vec<Priced>, Error> {
        models.retain(|id| !id.is_empty());
        let read = |path: String| async move {
            let max_age = Some(self.config.cache.models_ttl);
            let fetch = self.in_background().fetch_served(path.clone());
            match SERVED.get(self.account.at(&path), max_age, fetch).await? {
                Found::Good(served) | Found::Stale(served, _) => Ok(served),
            }
        };
        served::priced(models, read, || self.models(false)).await
    }

    async fn fetch_served(self, path: String) -> Result<Served, Error> {
        match self.get_with(&path, lookups::NO_RETRIES).await {
            Ok(body) => Ok(Served::from_body(&body)),
            Err(error) => Served::after(error),
        }
    }

    /// Asks in the background for the cost of an answer of which only the generation id is known.
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
    pub fn settle_stream_later(&self, progress: &dyn Received) {
        if let Some(hold) = progress.hold().filter(|hold| hold.is_open()) {
            let id = progress.generation_id().map(str::to_owned);
            let id = id.or_else(|| {
                let summary = progress.summary_json();
                Object::parse(&summary)?.string("id").map(|id| id.into_owned())
            });
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
        let route = &request.route;
        let all = route.fallbacks.iter().chain(&route.rest);
        let models: Vec<String> = std::iter::once(&route.effective).chain(all).cloned().collect();
        let (list, priced) = tokio::try_join!(self.models(false), self.priced(models))?;
        let list: Arc<ModelList> = list;
        let size = estimate::size(&list, &request.body);
        let work = move || {
            let text = std::str::from_utf8(&request.body).unwrap_or_default();
            let dearest = ModelPrices::dearest(priced.iter().map(|(_, prices)| prices.as_deref()));
            let models: Vec<_> = priced
                .iter()
                .map(|(id, prices)| (id.as_str(), estimate::prices_of(&list, id).or(prices.as_deref())))
                .collect();
            Request::of(Shape::Chat, text).to_json(&models, dearest.as_ref(), answer)
        };
        runtime::off_thread_if_large(size, work).await
    }
}
