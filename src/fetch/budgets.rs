//! What budgets do to a request of `fetch`: the most that it can cost is reserved before it is sent. A request of whose cost
//! nothing is known is refused.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, HeaderMap};

use super::Fetcher;
use super::prepare::is_encoded;
use crate::account::budget::Hold;
use crate::account::cache::Found;
use crate::account::estimate::Shape;
use crate::account::reserve::Payment;
use crate::account::served::{self, SERVED, Served};
use crate::account::{Account, MODELS, ModelList};
use crate::error::Error;
use crate::error::api::Source;
use crate::request::endpoint::Endpoint;
use crate::request::headers::key_of;
use crate::request::models::route_of;
use crate::request::privacy;
use crate::secret::Secrets;
use crate::transport::redirect::Redirects;
use crate::transport::{self, Request};

/// How old the prices may be that are reckoned with.
const MAX_AGE: Duration = Duration::from_secs(3600);
/// The largest list of models, in bytes.
const MAX_LIST: usize = 64 << 20;
/// The status of a refusal, by which SDKs do not retry: that of the API when the credits do not suffice.
const PAYMENT_REQUIRED: u16 = 402;

/// Reads prices with the key of a request, from the API that the request goes to.
#[derive(Clone)]
struct Reader<'a> {
    fetcher: &'a Fetcher,
    headers: HeaderMap,
    account: Account,
    secrets: &'a Secrets,
}

impl Fetcher {
    /// Reserves the most that a request can cost, and returns the body to send. `models` are those that it names, if that is known.
    pub(super) async fn reserve(
        &self,
        payment: &Payment,
        endpoint: &Endpoint,
        headers: &HeaderMap,
        models: Option<Vec<String>>,
        body: &Bytes,
        secrets: &Secrets,
    ) -> Result<(Hold, Bytes), Error> {
        let is_readable = !is_encoded(headers) && privacy::parameters(body).is_some();
        let Some(shape) = Shape::of(endpoint).filter(|_| is_readable) else {
            return Ok((payment.reserve_unknown().map_err(refused)?, body.clone()));
        };
        let mut models = models.unwrap_or_else(|| route_of(body).sent_models());
        models.retain(|id| !id.is_empty());
        let reader = Reader::new(self, endpoint, headers, secrets);
        let priced = served::priced(models, |path| reader.clone().served(path), || reader.models()).await?;
        payment.reserve(shape, priced, body).await.map_err(refused)
    }
}

impl<'a> Reader<'a> {
    fn new(fetcher: &'a Fetcher, endpoint: &Endpoint, headers: &HeaderMap, secrets: &'a Secrets) -> Self {
        let mut sent = HeaderMap::new();
        if let Some(key) = headers.get(AUTHORIZATION) {
            sent.insert(AUTHORIZATION, key.clone());
        }
        Self {
            fetcher,
            headers: sent,
            account: Account::new(endpoint.base_url(), &key_of(headers)),
            secrets,
        }
    }

    async fn served(self, path: String) -> Result<Served, Error> {
        let read = self.read(&path);
        let read = async move {
            match read.await {
                Ok(body) => Ok(Served::from_body(&body)),
                Err(error) => Served::after(error),
            }
        };
        match SERVED.get(self.account.at(&path), Some(MAX_AGE), read).await? {
            Found::Good(served) | Found::Stale(served, _) => Ok(served),
        }
    }

    async fn models(&self) -> Result<Arc<ModelList>, Error> {
        let read = self.read("/models");
        let read = async move { ModelList::from_body(&read.await?) };
        match MODELS.get(self.account.clone(), Some(MAX_AGE), read).await? {
            Found::Good(list) | Found::Stale(list, _) => Ok(list),
        }
    }

    /// Reads what is at `path`. The future belongs to no request, because others may wait for it, too.
    fn read(&self, path: &str) -> impl Future<Output = Result<String, Error>> + Send + use<> {
        let config = &self.fetcher.config;
        let request = Request {
            method: Method::GET,
            url: format!("{}{path}", self.account.base_url()),
            headers: self.headers.clone(),
            body: Bytes::new(),
            timeouts: config.timeouts,
            redirects: Redirects::SameOrigin,
            has_privacy_floor: false,
            dedicated_connection: false,
            keep_warm: self.fetcher.config.keep_warm,
        };
        let pool = transport::shared(&config.transport);
        let (secrets, account) = (self.secrets.clone(), self.account.clone());
        async move {
            let mut response = pool.send(request).await?;
            let body = response.text(MAX_LIST).await?;
            if !(200..300).contains(&response.status()) {
                let source = Source {
                    status: response.status(),
                    headers: response.headers(),
                    secrets: &secrets,
                    base_url: account.base_url(),
                    limits: None,
                };
                return Err(source.read(&body).scrubbed(&secrets));
            }
            Ok(body)
        }
    }
}

/// Gives the error the status that makes it a response of `fetch`.
fn refused(mut error: Error) -> Error {
    error.details_mut().status = Some(PAYMENT_REQUIRED);
    error
}
