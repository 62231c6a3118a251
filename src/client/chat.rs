//! Chat requests, from the parameters of the caller to a completion or an open stream.

use std::pin::pin;

use bytes::Bytes;
use http::Method;
use tokio::time::Instant;

use super::chat_request::ChatRequest;
use super::{Client, warn_of};
use crate::account::budget::Hold;
use crate::account::unknown_model;
use crate::completion::{Chunk, Completion, MAX_PARTIAL, Usage};
use crate::error::api::error_of;
use crate::error::{Attempt, Error, Phase};
use crate::observe::{Level, PublishedRequest};
use crate::request::routing::Route;
use crate::runtime;
use crate::stream::{ChatStream, Progress, StreamOptions, read_text};
use crate::transport::redirect::Redirects;
use crate::transport::{Request, Response};

/// The answer to a chat request.
#[derive(Debug)]
pub enum Answer {
    /// A completion, as JSON text.
    Complete(String),
    /// A stream that has received its first event.
    Stream(Box<ChatStream>),
}

impl Client {
    /// Requests a completion or a stream. `params` is the JSON text of the caller's parameters.
    pub async fn chat(&self, params: impl Into<String> + Send) -> Result<Answer, Error> {
        let (config, params) = (self.config.clone(), params.into());
        let size = params.len();
        let build = move || ChatRequest::build(&config, &params);
        let mut request = runtime::off_thread_if_large(size, build).await??;
        request.payment.budgets.extend(self.budgets.iter().cloned());
        self.sending(&request.headers).send_chat(request).await
    }

    async fn send_chat(&self, request: ChatRequest) -> Result<Answer, Error> {
        for warning in &request.warnings {
            self.observer.log(Level::Warn, || warning.clone());
        }
        warn_of(&request.misspelt, &self.observer);
        self.observer.log(Level::Debug, || {
            format!(
                "Requesting a {} from {}",
                if request.stream { "stream" } else { "completion" },
                request.route.effective
            )
        });
        self.observer.begin();
        let started = Instant::now();
        let mut route = request.route.clone();
        let answer = {
            let work = pin!(self.try_until_answered(&request, &mut route, started));
            request.timeouts.within_total(started, work).await
        };
        let answer = match answer {
            Err(mut error) => {
                // Boxed, because each chat would reserve space for the state of this future, which few need.
                Box::pin(unknown_model::explain(
                    &mut error,
                    &self.account,
                    &route.effective,
                ))
                .await;
                list_attempts(&mut error, route.failed);
                Err(error.scrubbed(&self.secrets))
            }
            answer => answer,
        };
        match &answer {
            Ok(Answer::Complete(_)) => self.observer.conclude(),
            Ok(Answer::Stream(stream)) => self.observer.begin_stream(stream.progress().clone()),
            Err(error) => {
                self.outcome().report("Chat", error, None);
                self.observer.conclude();
            }
        }
        answer
    }

    /// Sends the request once. `dedicated_connection` is set if the last attempt met a stale connection, so that this one
    /// does not use the pool.
    pub(super) async fn try_once(
        &self,
        request: &ChatRequest,
        route: &Route,
        body: Bytes,
        started: Instant,
        dedicated_connection: bool,
        hold: Option<&Hold>,
    ) -> Result<Answer, Error> {
        let url = self.config.url("/chat/completions");
        let attributes = self.observer.attributes("chat", &body).await;
        self.observer.publish_request(PublishedRequest {
            method: "POST",
            url: &url,
            model: Some(&route.effective),
            stream: Some(request.stream),
            chat: attributes.as_ref(),
        });
        let sent = Request {
            method: Method::POST,
            url,
            headers: request.headers.to_map(),
            body,
            timeouts: request.timeouts,
            redirects: Redirects::SameOrigin,
            has_privacy_floor: request.floors.any(),
            dedicated_connection,
            keep_warm: self.config.keep_warm,
        };
        let limits = Hold::limits_with(hold, request.limits.as_deref());
        let mut response = self.send(sent, limits.as_deref()).await?;
        let options = StreamOptions {
            secrets: self.secrets.clone(),
            payer: self.account.clone(),
            route: route.clone(),
            limits,
            hold: hold.cloned(),
            marks_end: true,
            coalescing: request.coalescing,
            started,
            idle: request.timeouts.idle,
            total: request.timeouts.total,
            max_event_bytes: self.config.max_event_bytes,
            max_response_bytes: self.config.max_response_bytes,
        };
        if !request.stream && !response.is_event_stream() {
            let text = response.text(self.config.max_response_bytes).await?;
            if let Some((progress, result)) = read_text(&response, &options, &text) {
                self.observer.publish_response(&response, None, true);
                return self.collected(&progress, result);
            }
            return self.complete(&response, text.trim(), request, route, hold);
        }
        self.observer.publish_response(&response, None, true);
        let stream = ChatStream::open(response, &options).await?;
        match request.stream {
            true => Ok(Answer::Stream(Box::new(stream))),
            // Some gateways stream although the request does not ask for a stream.
            false => {
                let (progress, result) = stream.collect().await;
                self.collected(&progress, result)
            }
        }
    }

    fn complete(
        &self,
        response: &Response,
        body: &str,
        request: &ChatRequest,
        route: &Route,
        hold: Option<&Hold>,
    ) -> Result<Answer, Error> {
        self.observer.publish_response(response, Some(body), false);
        let source = self.source(response, request.limits.as_deref());
        if body.is_empty() {
            let mut error = Error::empty_response();
            error.details_mut().generation_id = response.header("x-generation-id").map(str::to_owned);
            return Err(error);
        }
        let Some(answer) = Chunk::parse(body) else {
            return Err(source.read(body));
        };
        let object = answer.fields();
        if error_of(object).is_some() {
            return Err(source.read(body));
        }
        if answer.failure().is_some() {
            let error = source.read(body);
            return Err(match partial_of(body, &answer) {
                Some(partial) => error.with_partial(partial).scrubbed(&self.secrets),
                None => error,
            });
        }
        let usage = answer.usage().and_then(Usage::parse);
        if let Some(cost) = usage.as_ref().and_then(Usage::cost) {
            self.account.spend(cost);
        }
        if let Some(hold) = hold {
            match usage.as_ref().and_then(Usage::total_cost) {
                Some(cost) => hold.settle(cost),
                None => self.settle_later(hold, object.string("id").as_deref()),
            }
        }
        let model = object.string("model");
        let metadata = object.present("openrouter_metadata");
        self.outcome().log_answer(
            route,
            model.as_deref(),
            object.string("provider").as_deref(),
            route.fallback(model.as_deref(), metadata).as_ref(),
        );
        if !route.auto_router_used() && model.as_deref() == Some(&route.requested) {
            return Ok(Answer::Complete(body.to_owned()));
        }
        let annotated = route.annotate(body, model.as_deref(), metadata, None, &self.secrets);
        Ok(Answer::Complete(annotated))
    }

    /// Answers a caller that asked for a completion with what a stream has brought until it ended with `result`.
    fn collected(&self, progress: &Progress, result: Result<(), Error>) -> Result<Answer, Error> {
        if let Err(mut error) = result {
            self.outcome().spend(progress);
            self.settle_stream_later(progress);
            error.details_mut().billed = None;
            return Err(error);
        }
        self.outcome().settle(progress);
        self.settle_stream_later(progress);
        Ok(Answer::Complete(progress.final_json()))
    }
}

/// Adds the failed requests to the error of a chat, unless it is the error of the only one. The error of `timeouts.total` is
/// not that of a request.
fn list_attempts(error: &mut Error, failed: Vec<Attempt>) {
    let details = error.details_mut();
    if failed.len() > 1 || details.phase == Some(Phase::Total) {
        details.attempts = failed;
    }
}

/// Returns the part of a failed completion that fits into an error, if it contains any output of a model.
fn partial_of(body: &str, answer: &Chunk<'_>) -> Option<String> {
    let mut completion = Completion::new();
    completion.apply(answer);
    let has_output = completion.has_output();
    has_output.then(|| match body.len() <= MAX_PARTIAL {
        true => body.to_owned(),
        false => completion.excerpt(MAX_PARTIAL).to_json(),
    })
}
