//! `fetch` on this engine: sends any request, returns the head of the response, then the bytes of the body as they arrive.
//! The body rules may be applied to chat requests, and the responses of models may be read as they pass.

mod budgets;
mod prepare;
mod tap;

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use url::Url;

use crate::account::Account;
use crate::config::FetchConfig;
use crate::config::endpoint::refuse_request;
use crate::delivery::{Coalescing, Outbox};
use crate::error::{Error, ErrorKind};
use crate::observe::{Observer, Outcome, PublishedRequest};
use crate::request::endpoint::Endpoint;
use crate::request::headers::key_of;
use crate::request::headers::{is_of_connection, is_secret};
use crate::runtime::{self, threads};
use crate::secret::Secrets;
use crate::stats::STATS;
use crate::stream::{Coalescer, StreamOptions};
use crate::transport::redirect::Redirects;
use crate::transport::{self, Head, OpenBody, Request};

use prepare::{Asked, Prepared, refused};
use tap::Tap;

/// A `fetch` function with its settings.
#[derive(Debug, Clone)]
pub struct Fetcher {
    config: Arc<FetchConfig>,
    /// The credentials of its proxies.
    secrets: Secrets,
}

/// A request of `fetch`.
#[derive(Debug)]
pub struct FetchRequest {
    /// The method.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// The headers: each name is followed by its value.
    pub headers: Vec<String>,
    /// The body; empty means none.
    pub body: Bytes,
    /// Which redirects are followed.
    pub redirects: Redirects,
    /// Publishes the events of the request.
    pub observer: Observer,
}

/// A response whose head has arrived.
#[derive(Debug)]
pub struct Fetched {
    body: OpenBody,
    tap: Option<Tap>,
    /// Merges the deltas of the stream, if that is asked for.
    coalescer: Option<Coalescer>,
    coalescing: Option<Coalescing>,
    secrets: Secrets,
}

impl Fetcher {
    /// Creates a `fetch` from `options` (JSON text). `observe_chats` says whether a callback such as `onUsage` is set, for
    /// which responses must be read.
    pub fn new(options: &str, observe_chats: bool, env: &HashMap<String, String>) -> Result<Self, Error> {
        let config = FetchConfig::resolve(options, observe_chats, env)?;
        if let Some(count) = config.network_threads {
            threads::allow(count);
        }
        let secrets = Secrets::of(config.transport.proxy.credentials().iter().map(String::as_str));
        Ok(Self {
            config: Arc::new(config),
            secrets,
        })
    }

    /// Sends the request and waits for the head of the response.
    pub async fn send(&self, request: FetchRequest) -> Result<Fetched, Error> {
        let headers = header_map(&request.headers);
        let secrets = match &headers {
            Ok(headers) => self.secrets.with_headers(
                headers
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_bytes())),
            ),
            Err(_) => self.secrets.clone(),
        };
        let observer = request.observer.clone().hiding(&secrets);
        let fetched = match headers {
            Ok(headers) => self.try_send(request, headers, &observer, secrets.clone()).await,
            Err(error) => Err(error),
        };
        fetched.map_err(|error| {
            let error = error.scrubbed(&secrets);
            observer.publish_error(&error, None);
            observer.conclude();
            error
        })
    }

    async fn try_send(
        &self,
        request: FetchRequest,
        mut headers: HeaderMap,
        observer: &Observer,
        secrets: Secrets,
    ) -> Result<Fetched, Error> {
        let started = Instant::now();
        if request.body.is_empty() && matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let endpoint = self.endpoint(&request.method, &request.url);
        refuse_request(endpoint.method(), &request.url).map_err(refused)?;
        let prepared = self.prepare(&endpoint, &mut headers, request.body, observer);
        let Prepared { body, asked, floors } = prepared.await?;
        let payer = asked
            .as_ref()
            .map(|_| Account::new(endpoint.base_url(), &key_of(&headers)));
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| {
            invalid("The method has characters that HTTP does not allow. Use one such as POST.")
        })?;
        let own = asked.as_ref().map(|asked| asked.cost).unwrap_or_default();
        let payment = self.config.payment.limited_by(own);
        let (hold, body) = match payment.is_empty() || !endpoint.may_cost() {
            true => (None, body),
            // Boxed, because each request would reserve space for the state of this future, which few need.
            false => {
                let models = asked.as_ref().map(|asked| asked.route.sent_models());
                let work = self.reserve(&payment, &endpoint, &headers, models, &body, &secrets);
                let (hold, body) = Box::pin(work).await?;
                (Some(hold), body)
            }
        };
        let attributes = match &asked {
            Some(_) => observer.attributes(endpoint.operation(), &body).await,
            None => None,
        };
        observer.publish_request(PublishedRequest {
            method: &request.method,
            url: &request.url,
            model: asked.as_ref().and_then(Asked::model),
            stream: asked.as_ref().map(|asked| asked.stream),
            chat: attributes.as_ref(),
        });
        if asked.is_some() {
            observer.begin();
        }
        let timeouts = self.config.timeouts;
        let sent = Request {
            method,
            url: request.url,
            headers,
            body,
            timeouts,
            redirects: request.redirects,
            has_privacy_floor: floors.any(),
            dedicated_connection: false,
            keep_warm: self.config.keep_warm,
        };
        STATS.requests.add();
        let pool = transport::shared(&self.config.transport);
        let sent = timeouts.within_total(started, pin!(pool.send(sent))).await;
        let response = sent.inspect_err(|error| {
            if let Some(hold) = &hold {
                hold.fail(error);
            }
        })?;
        if let (Some(hold), None) = (&hold, &asked) {
            // The body has no reader that counts its cost.
            hold.fail_with_status(response.status());
            if let Some(id) = response.header("x-generation-id") {
                hold.wait_for_generation(id);
            }
        }
        let tap = asked.zip(payer).map(|(asked, payer)| {
            let Asked { route, limits, .. } = asked;
            let options = StreamOptions {
                secrets: secrets.clone(),
                payer: payer.clone(),
                route,
                limits,
                hold,
                marks_end: endpoint.marks_end(),
                // What passes on is merged behind the tap.
                coalescing: None,
                started,
                idle: timeouts.idle,
                total: timeouts.total,
                max_event_bytes: self.config.max_event_bytes,
                max_response_bytes: self.config.max_event_bytes,
            };
            let outcome = Outcome {
                account: payer,
                observer: observer.clone(),
            };
            let tap = match endpoint.is_chat() {
                true => Tap::of_chat(&response, &options, outcome),
                false => Tap::of_answer(&response, &options, outcome),
            };
            tap.failing_on_truncation(self.config.fail_on_truncation)
        });
        observer.publish_response(&response, None, tap.is_some());
        match &tap {
            Some(tap) => tap.begin(),
            None => observer.conclude(),
        }
        let is_text = tap.is_some() || response.is_text();
        let coalescing = self.config.coalescing.filter(|_| {
            endpoint.is_chat() && response.is_event_stream() && (200..300).contains(&response.status())
        });
        Ok(Fetched {
            coalescer: coalescing.map(|_| Coalescer::default()),
            coalescing,
            body: OpenBody::new(response, is_text, timeouts.idle, timeouts.total, started),
            tap,
            secrets,
        })
    }

    /// Opens a connection to the host of `url` ahead, unless there is one.
    ///
    /// # Errors
    /// `invalid_option` if `url` is none that `fetch` could ask, and those of a request that gets no connection.
    pub async fn connect(&self, url: &str) -> Result<(), Error> {
        let url = Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| invalid("The URL must be an absolute http or https URL."))?;
        let (config, origin) = (&self.config, url.origin().ascii_serialization());
        let connected =
            transport::connect(&config.transport, &config.timeouts, &origin, config.keep_warm).await;
        connected.map_err(|error| error.scrubbed(&self.secrets))
    }

    /// Begins to open a connection to the host of `url`, see [`transport::prewarm`].
    pub fn prewarm(&self, url: &str) {
        transport::prewarm(&self.config.transport, url, self.config.keep_warm);
    }

    /// Whether the response of a request is read.
    pub fn reads(&self, method: &str, url: &str) -> bool {
        let endpoint = self.endpoint(method, url);
        self.config.handles_chats && (endpoint.is_chat() || endpoint.is_read())
    }

    fn endpoint(&self, method: &str, url: &str) -> Endpoint {
        Endpoint::of(method, url, self.config.base_url.as_deref())
    }
}

impl Fetched {
    /// Returns the head as JSON text, see [`Head::to_json`](transport::Head::to_json).
    pub fn head_json(&self) -> String {
        let head = self.body.response().head();
        if self.coalescer.is_none() {
            return head.to_json();
        }
        // Merged events have fewer bytes.
        let mut head = Head::clone(head);
        head.headers.remove(CONTENT_LENGTH);
        head.to_json()
    }

    /// Returns how the deltas of the stream are merged.
    pub fn coalescing(&self) -> Option<Coalescing> {
        self.coalescing
    }

    /// Reads the network once. Nothing is lost if the future is dropped before it is ready.
    pub async fn read(&mut self) -> Result<Option<Bytes>, Error> {
        self.body.read().await
    }

    /// Writes the bytes and events of a read into `out`. Returns `true` at the end of the body.
    pub async fn take(
        &mut self,
        read: Result<Option<Bytes>, Error>,
        out: &mut Outbox,
    ) -> Result<bool, Error> {
        let read = read.map_err(|error| error.scrubbed(&self.secrets));
        // A large answer that is no stream is read at its end, which takes time in proportion to it.
        let collected = match (&self.tap, &read) {
            (Some(tap), Ok(None)) => tap.collected(),
            _ => 0,
        };
        if collected == 0 {
            if let Some(tap) = &mut self.tap {
                tap.pass(&read, out)?;
            }
        } else if let Some(mut tap) = self.tap.take() {
            let (read, mut found) = (read.clone(), std::mem::take(out));
            let pass = move || {
                let passed = tap.pass(&read, &mut found);
                (tap, found, passed)
            };
            let (tap, found, passed) = runtime::off_thread_if_large(collected, pass).await?;
            (self.tap, *out) = (Some(tap), found);
            passed?;
        }
        let Some(bytes) = read? else { return Ok(true) };
        match &mut self.coalescer {
            Some(coalescer) => coalescer.take(&bytes, out),
            None => out.bytes(bytes),
        }
        Ok(false)
    }

    /// Writes the bytes that wait for more, because nothing follows them.
    pub fn finish(&mut self, out: &mut Outbox) {
        if let Some(coalescer) = &mut self.coalescer {
            coalescer.finish(out);
        }
    }

    /// Waits for the consumer, while the body is not read.
    pub async fn within_total<T>(&mut self, consumer: impl Future<Output = T>) -> Result<T, Error> {
        self.body.within_total(consumer).await
    }
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
}

fn header_map(pairs: &[String]) -> Result<HeaderMap, Error> {
    let mut map = HeaderMap::with_capacity(pairs.len() / 2);
    for pair in pairs.chunks_exact(2) {
        let [name, value] = pair else { continue };
        // A name that is none may be a secret in the wrong place.
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| invalid("The name of a header has characters that HTTP does not allow."))?;
        let wrong = || {
            invalid(&format!(
                "The value of the header {name} has characters that HTTP does not allow. Remove line ends, and what is not \
                 Latin-1."
            ))
        };
        // Node's `fetch` sends `te`, too, which does not change the framing.
        if is_of_connection(&name) && name != http::header::TE {
            continue;
        }
        // A `Headers` object of JavaScript has one character per byte.
        let bytes: Option<Vec<u8>> = value.chars().map(|letter| u8::try_from(letter).ok()).collect();
        let mut value = HeaderValue::from_bytes(&bytes.ok_or_else(wrong)?).map_err(|_| wrong())?;
        value.set_sensitive(is_secret(&name));
        map.append(name, value);
    }
    Ok(map)
}
