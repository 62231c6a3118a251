//! The prices at which models are served. The providers of a model differ in price, and the list of models has the price of
//! one of them, so that a budget reckons with the dearest, from `GET /models/{author}/{slug}/endpoints`.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::future::join_all;

use super::ModelList;
use super::cache::{Cache, Cacheable};
use super::estimate::prices_of;
use super::models::STALE_FOR;
use super::prices::ModelPrices;
use super::reserve::Priced;
use crate::error::Error;
use crate::json::{self, Object};
use crate::request::routing;
use crate::runtime;
use crate::stats::CacheCounters;

/// How long a request waits for the prices of the endpoints. After that it goes by the list of models.
pub const WAIT: Duration = Duration::from_secs(5);

static COUNTERS: CacheCounters = CacheCounters::new();

/// The prices of models by the account and the path of their endpoints.
pub static SERVED: LazyLock<Cache<Served>> = LazyLock::new(|| Cache::new(STALE_FOR, &COUNTERS));

/// The prices of the dearest endpoint of a model; `None` if the service does not tell them.
#[derive(Debug, Clone, Default)]
pub struct Served(Option<Arc<ModelPrices>>);

impl Cacheable for Served {
    type Kept = Self;

    fn keep(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn of_kept(kept: &Self) -> Option<Self> {
        Some(kept.clone())
    }
}

impl Served {
    /// Reads the body of `GET /models/{author}/{slug}/endpoints`.
    pub fn from_body(body: &str) -> Self {
        let endpoints = Object::parse(body)
            .and_then(|body| body.object("data"))
            .and_then(|data| data.present("endpoints").and_then(json::value));
        let all = endpoints.as_ref().and_then(serde_json::Value::as_array);
        let served: Vec<ModelPrices> = all
            .into_iter()
            .flatten()
            .filter(|endpoint| !is_of_tier(endpoint))
            .map(ModelPrices::of)
            .collect();
        Self(ModelPrices::dearest(served.iter().map(Some)).map(Arc::new))
    }

    /// Returns what is known after a failure: nothing, if the service has no such endpoint or no such model.
    ///
    /// # Errors
    /// The failure, if it may be transient.
    pub fn after(error: Error) -> Result<Self, Error> {
        match error.details().status {
            Some(408 | 429 | 500..) | None => Err(error),
            Some(_) => Ok(Self::default()),
        }
    }
}

/// Whether an endpoint is that of a service tier, whose price the estimate knows by the tier.
fn is_of_tier(endpoint: &serde_json::Value) -> bool {
    let tag = endpoint
        .get("tag")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    let tier = tag.rsplit_once('/').map_or("", |(_, tier)| tier);
    matches!(tier, "priority" | "flex" | "fast" | "scale" | "ultrafast")
}

/// Returns the path that lists the endpoints of a model; `None` if the id is none of the form `author/slug`.
pub fn path_of(id: &str) -> Option<String> {
    let (author, slug) = routing::base(id).split_once('/')?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '~');
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(is_plain) && name.chars().any(|c| c != '.');
    (is_name(author) && is_name(slug)).then(|| format!("/models/{author}/{slug}/endpoints"))
}

/// Returns `models` with their prices: those of their endpoints, which `served` reads by their path, else those of the list.
pub async fn priced<S, L>(
    models: Vec<String>,
    served: impl Fn(String) -> S,
    list: impl FnOnce() -> L,
) -> Result<Vec<Priced>, Error>
where
    S: Future<Output = Result<Served, Error>>,
    L: Future<Output = Result<Arc<ModelList>, Error>>,
{
    let found = join_all(models.iter().map(|id| {
        let read = path_of(id).map(&served);
        async {
            let read = tokio::time::timeout(WAIT, read?).await;
            // The list of models has prices, too, which `max_price` then holds the providers to.
            read.ok()?.ok()?.0
        }
    }))
    .await;
    let mut priced: Vec<Priced> = models.into_iter().zip(found).collect();
    if priced.iter().any(|(_, prices)| prices.is_none()) {
        let list = list().await?;
        let unread = list.unread();
        let look = move || {
            for (id, prices) in priced.iter_mut().filter(|(_, prices)| prices.is_none()) {
                *prices = prices_of(&list, id).cloned().map(Arc::new);
            }
            priced
        };
        priced = runtime::off_thread_if_large(unread, look).await?;
    }
    Ok(priced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearest_endpoint_counts_without_those_of_service_tiers() {
        let body = r#"{"data":{"endpoints":[
            {"tag":"a","context_length":100,"max_completion_tokens":10,"pricing":{"prompt":"0.000001","completion":"0.000003"}},
            {"tag":"b/fp8","context_length":200,"max_completion_tokens":null,"pricing":{"prompt":"0.000002","completion":"0.000001"}},
            {"tag":"a/priority","context_length":900,"pricing":{"prompt":"1","completion":"1"}}]}}"#;
        let Served(Some(prices)) = Served::from_body(body) else {
            panic!("no prices")
        };
        assert_eq!(
            (prices.base.prompt, prices.base.completion),
            (Some(2_000_000), Some(3_000_000))
        );
        assert_eq!((prices.context, prices.max_output), (Some(200), Some(200)));
        for nothing in ["{}", r#"{"data":[]}"#, r#"{"data":{"endpoints":[]}}"#, "no JSON"] {
            assert!(Served::from_body(nothing).0.is_none());
        }
    }

    #[test]
    fn the_path_of_a_model_has_no_routing_suffix() {
        assert_eq!(path_of("a/b:nitro").as_deref(), Some("/models/a/b/endpoints"));
        assert_eq!(path_of("a/b:free").as_deref(), Some("/models/a/b:free/endpoints"));
        for id in [
            "b",
            "a/b/c",
            "/b",
            "a/",
            "../x",
            "a/..",
            "a/b c",
            "a/b?x",
            "a/b@preset/c",
        ] {
            assert_eq!(path_of(id), None, "{id}");
        }
    }
}
