//! What budgets do to a request of `fetch`: the most that a chat can cost is reserved before it is sent. Other requests that
//! may cost something are refused, because nothing is known of their cost.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, HeaderMap};

use super::Fetcher;
use super::prepare::Asked;
use crate::account::budget::{self, Budget, Hold};
use crate::account::cache::Found;
use crate::account::reserve::reserve;
use crate::account::{Account, MODELS, ModelList};
use crate::error::Error;
use crate::error::api::Source;
use crate::request::endpoint::Endpoint;
use crate::secret::Secrets;
use crate::transport::redirect::Redirects;
use crate::transport::{self, Request};

/// How old the list of models may be from which prices are read.
const MAX_AGE: Duration = Duration::from_secs(3600);
/// The largest list of models, in bytes.
const MAX_LIST: usize = 64 << 20;
/// The status of a refusal, by which SDKs do not retry: that of the API when the credits do not suffice.
const PAYMENT_REQUIRED: u16 = 402;

impl Fetcher {
    /// Reserves the most that a request with a body can cost in the budgets, and returns the body to send. There is no hold if
    /// there are no budgets.
    pub(super) async fn reserve(
        &self,
        endpoint: &Endpoint,
        headers: &HeaderMap,
        chat: Option<&Asked>,
        payer: Option<&Account>,
        body: &Bytes,
        secrets: &Secrets,
    ) -> Result<(Option<Hold>, Bytes), Error> {
        let own = chat.and_then(|chat| chat.max_cost).and_then(Budget::new);
        let budgets: Vec<_> = self.config.budgets.iter().cloned().chain(own).collect();
        if budgets.is_empty() {
            return Ok((None, body.clone()));
        }
        let (Some(chat), Some(payer)) = (chat, payer) else {
            return Err(refused(budget::uncovered()));
        };
        let list = self.models(endpoint, headers, payer, secrets).await?;
        let (hold, body) = reserve(&budgets, list, chat.route.sent_models(), body)
            .await
            .map_err(refused)?;
        Ok((Some(hold), body))
    }

    /// Returns the list of models, from the cache or from the API that the request goes to.
    async fn models(
        &self,
        endpoint: &Endpoint,
        headers: &HeaderMap,
        payer: &Account,
        secrets: &Secrets,
    ) -> Result<Arc<ModelList>, Error> {
        let mut sent = HeaderMap::new();
        if let Some(key) = headers.get(AUTHORIZATION) {
            sent.insert(AUTHORIZATION, key.clone());
        }
        let request = Request {
            method: Method::GET,
            url: format!("{}/models", endpoint.base_url()),
            headers: sent,
            body: Bytes::new(),
            timeouts: self.config.timeouts,
            redirects: Redirects::SameOrigin,
            has_privacy_floor: false,
            dedicated_connection: false,
        };
        let pool = transport::shared(&self.config.transport);
        let (secrets, account) = (secrets.clone(), payer.clone());
        let read = async move {
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
            ModelList::from_body(&body)
        };
        match MODELS.get(payer.clone(), Some(MAX_AGE), read).await? {
            Found::Good(list) | Found::Stale(list, _) => Ok(list),
        }
    }
}

/// Gives the error the status that makes it a response of `fetch`.
fn refused(mut error: Error) -> Error {
    error.details_mut().status = Some(PAYMENT_REQUIRED);
    error
}
