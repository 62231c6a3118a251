//! A chat, from the caller's parameters to a completion or an open stream.

use std::pin::pin;

use bytes::Bytes;
use http::Method;
use tokio::time::Instant;

use super::{Client, describe};
use crate::account::cache::{CACHE, Kind};
use crate::client::request::ChatRequest;
use crate::completion::{Chunk, Completion};
use crate::delivery::{Flow, Mode, Outbox};
use crate::error::api::{choice_error, error_of};
use crate::error::{Error, ErrorKind};
use crate::json::Object;
use crate::observe::{Asked, Level};
use crate::request::routing::{Fallback, Route};
use crate::stream::{self, ChatStream, SharedProgress};
use crate::transport::redirect::Redirects;
use crate::transport::{Request, Response};

/// What a chat request was answered with.
#[derive(Debug)]
pub enum Answer {
    /// A completion (JSON).
    Complete(String),
    /// A stream.
    Stream(Box<ChatStream>),
}

impl Client {
    /// Asks for a completion; `params` is the JSON text of the request.
    pub async fn chat(&self, params: &str) -> Result<Answer, Error> {
        let request = ChatRequest::build(&self.config, params)?;
        for warning in &request.warnings {
            self.observer.log(Level::Warn, || warning.clone());
        }
        self.observer.log(Level::Debug, || {
            format!(
                "Requesting a {} from {}",
                if request.stream { "stream" } else { "completion" },
                request.route.effective
            )
        });
        self.observer.begin(None);
        let started = Instant::now();
        let work = pin!(self.attempt(&request, started));
        let answer = request.timeouts.within_total(started, work).await;
        match &answer {
            Ok(Answer::Complete(_)) => self.observer.conclude(),
            Ok(Answer::Stream(stream)) => self.observer.begin(Some(stream.progress())),
            Err(error) => {
                self.report(error, None);
                self.observer.conclude();
            }
        }
        answer
    }

    /// One try.
    pub(super) async fn exchange(
        &self,
        request: &ChatRequest,
        route: &Route,
        body: Bytes,
        started: Instant,
        is_fresh: bool,
    ) -> Result<Answer, Error> {
        let url = self.config.url("/chat/completions");
        self.observer.publish_request(Asked {
            method: "POST",
            url: &url,
            model: Some(&route.effective),
            stream: Some(request.stream),
            chat: Some(&body),
        });
        let sent = Request {
            method: Method::POST,
            url,
            headers: request.headers.to_map(),
            body,
            timeouts: request.timeouts,
            redirects: Redirects::SameOrigin,
            is_fresh,
        };
        let response = self.send(sent, request.limits.as_deref()).await?;
        let streamed = response
            .header("content-type")
            .is_some_and(|kind| kind.contains("event-stream"));
        if !request.stream && !streamed {
            return self
                .complete(response, request, route)
                .await
                .map(Answer::Complete);
        }
        self.observer.publish_response(&response, None, true);
        let stream = ChatStream::open(response, request, &self.config, route.clone(), started).await?;
        match request.stream {
            true => Ok(Answer::Stream(Box::new(stream))),
            // A gateway that streams whatever it was asked.
            false => self.collect(stream).await.map(Answer::Complete),
        }
    }

    async fn complete(
        &self,
        mut response: Response,
        request: &ChatRequest,
        route: &Route,
    ) -> Result<String, Error> {
        let text = response.text(self.config.max_response_bytes).await?;
        let body = text.trim();
        self.observer.publish_response(&response, Some(body), false);
        let source = self.source(&response, request.limits.as_deref());
        if body.is_empty() {
            let mut error = Error::empty_response();
            error.facts_mut().generation_id = response.header("x-generation-id").map(str::to_owned);
            return Err(error);
        }
        let Some(object) = Object::parse(body) else {
            return Err(source.read(body));
        };
        if error_of(&object).is_some() {
            return Err(source.read(body));
        }
        if let Some(cost) = object.object("usage").and_then(|usage| usage.number("cost")) {
            self.spend(cost);
        }
        if choice_error(&object).is_some() {
            let error = source.read(body);
            return Err(match has_output(body) {
                true => error.with_partial(self.config.key.scrub_json(body).into_owned()),
                false => error,
            });
        }
        let model = object.string("model");
        let metadata = object.present("openrouter_metadata");
        self.log_model(
            model.as_deref(),
            route.fallback(model.as_deref(), metadata).as_ref(),
        );
        self.check_provider(route, object.string("provider").as_deref());
        if !route.auto_router_used() && model.as_deref() == Some(&route.requested) {
            return Ok(body.to_owned());
        }
        Ok(route.annotate(body, model.as_deref(), metadata, None))
    }

    async fn collect(&self, mut stream: ChatStream) -> Result<String, Error> {
        let flow = Flow::facts(Mode::Events);
        let mut events = Outbox::default();
        while !stream.advance(flow, &mut events).await? {
            events = Outbox::default();
        }
        self.settle(&stream.progress());
        Ok(stream::lock(&stream.progress()).final_json())
    }

    /// What a stream that has ended leaves behind: its cost moves the balance, and who listens is told.
    pub fn settle(&self, progress: &SharedProgress) {
        self.spend_once(progress);
        let progress = stream::lock(progress);
        self.log_model(progress.model(), progress.fallback());
        self.check_provider(progress.route(), progress.completion().provider().as_deref());
        self.observer.publish_end(&progress);
        self.observer.conclude();
    }

    /// Takes the cost of a stream off the balance, as soon as it is known.
    pub fn spend_once(&self, progress: &SharedProgress) {
        if let Some(cost) = stream::lock(progress).take_cost() {
            self.spend(cost);
        }
    }

    fn log_model(&self, model: Option<&str>, fallback: Option<&Fallback>) {
        if let Some(model) = model {
            self.observer.log(Level::Debug, || format!("Model used: {model}"));
        }
        if let Some(Fallback { from, to, reason, .. }) = fallback {
            self.observer.log(Level::Info, || {
                format!(
                    "Fallback from {from} to {to}: {}",
                    reason.as_deref().unwrap_or("no reason told")
                )
            });
        }
    }

    fn check_provider(&self, route: &Route, provider: Option<&str>) {
        if let Some(provider) = provider.filter(|provider| route.is_served_elsewhere(provider)) {
            self.observer.log(Level::Warn, || {
                let only = route.only.join(", ");
                format!("{provider} served a request that provider.only keeps to {only}")
            });
        }
    }

    /// What a failure leaves behind: a balance that did not suffice is not shown again (D1), and who listens is told.
    /// `progress` is what a stream had brought until then.
    pub fn report(&self, error: &Error, progress: Option<&SharedProgress>) {
        if error.kind() == ErrorKind::InsufficientCredits {
            CACHE.expire(&self.key(Kind::Credits));
        }
        self.observer
            .log(Level::Error, || format!("Chat failed: {}", describe(error)));
        self.observer.publish_error(error, progress);
    }
}

/// Whether a model has said something in a completion.
fn has_output(body: &str) -> bool {
    let mut completion = Completion::new();
    if let Some(chunk) = Chunk::parse(body) {
        completion.apply(&chunk);
    }
    completion.has_output()
}
