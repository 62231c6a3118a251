//! Requests to any endpoint, with the retries, limits and reports that chats have.

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use super::Client;
use super::api_request::{ApiRequest, Form};
use super::attempts::Attempts;
use super::rate_limit;
use super::retry::Purpose;
use crate::account::budget::{self, Hold};
use crate::answer::{Event, Facts, Vectors, vectors};
use crate::error::{Error, ErrorKind};
use crate::json;
use crate::observe::{Level, PublishedRequest};
use crate::request::privacy;
use crate::runtime;
use crate::stream::{AnswerStream, StreamOptions};
use crate::transport::redirect::Redirects;
use crate::transport::{Head, OpenBody, Request, Response};

/// The answer to a request.
#[derive(Debug)]
pub enum Reply {
    /// JSON text.
    Json(String),
    /// A whole body with its head, for a caller that wants the body.
    Text(Arc<Head>, String),
    /// Embeddings.
    Vectors(Vectors),
    /// A body that is passed on as it arrives, up to a limit in bytes.
    Body(Box<OpenBody>, usize),
    /// A stream that has received its first event.
    Events(Box<AnswerStream>),
}

impl Client {
    /// Sends a request, and waits for its answer or the beginning of it.
    pub async fn request(&self, mut request: ApiRequest) -> Result<Reply, Error> {
        request.payment.budgets.extend(self.budgets.iter().cloned());
        self.sending(&request.headers).send_request(request).await
    }

    async fn send_request(&self, request: ApiRequest) -> Result<Reply, Error> {
        let name = request.endpoint.name();
        self.observer.log(Level::Debug, || format!("Requesting {name}"));
        self.observer.begin();
        let started = Instant::now();
        let reply = {
            let work = pin!(self.try_request(&request, started));
            request.timeouts.within_total(started, work).await
        };
        let reply = reply.map_err(|error| error.scrubbed(&self.secrets));
        match &reply {
            Ok(Reply::Events(stream)) => self.observer.begin_stream(stream.progress().clone()),
            Ok(_) => self.observer.conclude(),
            Err(error) => {
                self.outcome().report(&name, error, None);
                self.observer.conclude();
            }
        }
        reply
    }

    /// Sends the request until it is answered, or until no retry is left.
    async fn try_request(&self, request: &ApiRequest, started: Instant) -> Result<Reply, Error> {
        let purpose = request.purpose();
        let mut attempts = Attempts::new(self, purpose, request.max_retries);
        loop {
            if let Some(per_minute) = self.config.requests_per_minute
                && purpose == Purpose::Paid
            {
                rate_limit::turn(self.account.digest(), per_minute).await;
            }
            let (hold, body) = self.reserve_for_request(request).await?;
            let new_connection = attempts.needs_new_connection();
            let error = match self
                .try_request_once(request, body, started, new_connection, hold.as_ref())
                .await
            {
                Err(error) => error,
                reply => return reply,
            };
            if let Some(hold) = &hold {
                hold.fail(&error);
                self.settle_later(hold, error.details().generation_id.as_deref());
            }
            if let Some(cost) = error.details().billed {
                self.account.spend(cost);
                return Err(error);
            }
            if !attempts.wait_for_retry(&error).await {
                return Err(error);
            }
        }
    }

    async fn try_request_once(
        &self,
        request: &ApiRequest,
        body: Bytes,
        started: Instant,
        dedicated_connection: bool,
        hold: Option<&Hold>,
    ) -> Result<Reply, Error> {
        let limits = Hold::limits_with(hold, request.limits().as_deref());
        let mut response = self
            .exchange(request, body, limits.as_deref(), dedicated_connection)
            .await?;
        let is_json = response.is_json();
        match request.form {
            Form::Body | Form::File if !is_json => {
                self.observer.publish_response(&response, None, false);
                // Bytes tell no cost, so that the next balance has to come from the API.
                if request.purpose() == Purpose::Paid {
                    self.account.expire_balance();
                }
                if let Some(hold) = hold {
                    self.settle_later(hold, response.header("x-generation-id"));
                }
                let (idle, total) = (request.timeouts.idle, request.timeouts.total);
                let body = OpenBody::new(response, false, idle, total, started);
                let limit = match request.is_limited {
                    true => self.config.max_response_bytes,
                    false => usize::MAX,
                };
                return Ok(Reply::Body(Box::new(body), limit));
            }
            Form::Events => {
                self.observer.publish_response(&response, None, true);
                let stream =
                    AnswerStream::open(response, &self.stream_options(request, started, hold)).await?;
                return Ok(Reply::Events(Box::new(stream)));
            }
            // Some gateways stream although the request does not ask for a stream.
            _ if response.is_event_stream() => {
                self.observer.publish_response(&response, None, true);
                let stream =
                    AnswerStream::open(response, &self.stream_options(request, started, hold)).await?;
                let (progress, result) = stream.collect().await;
                self.outcome().spend(&progress);
                if result.is_ok() {
                    self.settle_stream_later(&progress);
                }
                result?;
                self.observer.publish_end(&progress);
                return Ok(Reply::Json(progress.final_json()));
            }
            _ => {}
        }
        let text = response.text(self.config.max_response_bytes).await?;
        let size = text.len();
        let form = request.form;
        let read = runtime::off_thread_if_large(size, move || Whole::read(text, form)).await?;
        match self.whole(&response, request, read, hold)? {
            Reply::Json(text) if form == Form::Body => Ok(Reply::Text(response.head().clone(), text)),
            reply => Ok(reply),
        }
    }

    /// Handles a whole answer.
    fn whole(
        &self,
        response: &Response,
        request: &ApiRequest,
        read: Whole,
        hold: Option<&Hold>,
    ) -> Result<Reply, Error> {
        let Whole { text, facts, reply } = read;
        self.observer
            .publish_response(response, Some(&facts.to_json()), false);
        let is_read = request.purpose() == Purpose::Read;
        if reply.is_some() {
            self.settle_whole(response, request, &facts, hold);
        }
        match (facts.cost(), reply) {
            (_, None) if text.trim().is_empty() && matches!(response.status(), 202 | 204 | 205) => {
                Ok(Reply::Json("null".into()))
            }
            (_, None) if text.trim().is_empty() => {
                let mut error = Error::empty_response();
                error.details_mut().generation_id = response.header("x-generation-id").map(str::to_owned);
                Err(error)
            }
            (_, None) => Err(self.source(response, request.limits().as_deref()).read(&text)),
            (Some(cost), Some(reply)) => {
                match is_read {
                    // A job is asked for its state many times, and charged once.
                    true => self.account.expire_balance(),
                    false => self.account.spend(cost),
                }
                reply
            }
            (None, Some(reply)) => {
                if !is_read && privacy::takes_prompt(&request.endpoint) {
                    self.account.expire_balance();
                }
                reply
            }
        }
    }

    /// Settles what is reserved for a whole answer.
    fn settle_whole(&self, response: &Response, request: &ApiRequest, facts: &Facts, hold: Option<&Hold>) {
        let id = facts.id.as_deref();
        match (facts.total_cost(), hold) {
            (Some(cost), Some(hold)) => hold.settle(cost),
            // A job tells its cost when it is over.
            (Some(cost), None) => id.into_iter().for_each(|id| budget::settle_generation(id, cost)),
            (None, Some(hold)) => {
                if let Some(id) = id {
                    hold.wait_for_generation(id);
                }
                if !request.endpoint.starts_job() {
                    self.settle_later(hold, response.header("x-generation-id").or(id));
                }
            }
            (None, None) => {}
        }
    }

    /// Sends the request once with `body`, and returns the successful response.
    pub(super) async fn exchange(
        &self,
        request: &ApiRequest,
        body: Bytes,
        limits: Option<&str>,
        dedicated_connection: bool,
    ) -> Result<Response, Error> {
        let attributes = match request.purpose() {
            Purpose::Read => None,
            Purpose::Paid => {
                let operation = request.endpoint.operation();
                self.observer.attributes(operation, &body).await
            }
        };
        self.observer.publish_request(PublishedRequest {
            method: request.method.as_str(),
            url: &request.url,
            model: request.model(),
            stream: (request.purpose() == Purpose::Paid).then_some(request.form == Form::Events),
            chat: attributes.as_ref(),
        });
        let sent = Request {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.to_map(),
            body,
            timeouts: request.timeouts,
            redirects: Redirects::SameOrigin,
            has_privacy_floor: request.floors.any(),
            dedicated_connection,
            keep_warm: self.config.keep_warm,
        };
        self.send(sent, limits).await
    }

    fn stream_options(&self, request: &ApiRequest, started: Instant, hold: Option<&Hold>) -> StreamOptions {
        StreamOptions {
            secrets: self.secrets.clone(),
            payer: self.account.clone(),
            route: request.route.clone(),
            limits: Hold::limits_with(hold, request.limits().as_deref()),
            hold: hold.cloned(),
            marks_end: request.endpoint.marks_end(),
            coalescing: None,
            started,
            idle: request.timeouts.idle,
            total: request.timeouts.total,
            max_event_bytes: self.config.max_event_bytes,
            max_response_bytes: self.config.max_response_bytes,
        }
    }
}

/// A whole answer that was read.
struct Whole {
    text: String,
    facts: Facts,
    /// `None` if the text is an error, or no JSON.
    reply: Option<Result<Reply, Error>>,
}

impl Whole {
    fn read(mut text: String, form: Form) -> Self {
        let json = text.trim();
        let event = Event::parse(json);
        let facts = event.as_ref().map(Facts::of).unwrap_or_default();
        let is_answer = match &event {
            Some(event) => event.failure().is_none(),
            None => json::is_valid(json),
        };
        drop(event);
        let reply = is_answer.then(|| match form {
            Form::Vectors => vectors(json).map(Reply::Vectors),
            Form::File => Err(Error::new(
                ErrorKind::MalformedResponse,
                "OpenRouter answered with JSON where a file was expected. Check the request.",
            )),
            Form::Json | Form::Events | Form::Body => Ok(Reply::Json(String::new())),
        });
        let reply = match reply {
            Some(Ok(Reply::Json(_))) => Some(Ok(Reply::Json(match json.len() == text.len() {
                true => std::mem::take(&mut text),
                false => json.to_owned(),
            }))),
            other => other,
        };
        Self { text, facts, reply }
    }
}
