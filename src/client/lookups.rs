//! Reads credits and models from the cache or the API, and generations from the API.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Client;
use crate::account::budget;
use crate::account::cache::{Cache, Cacheable, Found};
use crate::account::{AccountFigures, CREDITS, CreditSource, Credits, MODELS, ModelList, generation};
use crate::error::{Error, ErrorKind, Phase};
use crate::observe::Level;

/// How long `getGeneration` waits for the cost. `GET /generation` answers 404 for some seconds after the end of an answer.
const GENERATION_WAITS: Duration = Duration::from_secs(60);

/// For a lookup whose failure has little consequence.
pub(super) const NO_RETRIES: u32 = 0;

impl Client {
    /// Returns the cached credits, unless they are too old.
    pub fn cached_credits(&self) -> Option<Arc<Credits>> {
        let ttl = self.config.cache.credits_ttl;
        self.cached(&CREDITS, "Credits", ttl, || self.clone().fetch_credits())
    }

    /// Returns the cached list of models, unless it is too old.
    pub fn cached_models(&self) -> Option<Arc<ModelList>> {
        let ttl = self.config.cache.models_ttl;
        self.cached(&MODELS, "Models", ttl, || self.clone().fetch_models())
    }

    /// Returns the credits, from the cache or the API. `force` skips the cache. Simultaneous callers share one request.
    pub fn credits(&self, force: bool) -> impl Future<Output = Result<Arc<Credits>, Error>> + Send + use<> {
        let max_age = (!force).then_some(self.config.cache.credits_ttl);
        self.look_up(&CREDITS, "Credits", max_age, self.clone().fetch_credits())
    }

    /// Returns the list of models, from the cache or the API. `force` skips the cache. Simultaneous callers share one
    /// request.
    pub fn models(&self, force: bool) -> impl Future<Output = Result<Arc<ModelList>, Error>> + Send + use<> {
        let max_age = (!force).then_some(self.config.cache.models_ttl);
        self.look_up(&MODELS, "Models", max_age, self.clone().fetch_models())
    }

    /// Returns the cached value, and refreshes it in the background near the end of its lifetime. `name` is for the log.
    fn cached<V, F>(
        &self,
        cache: &'static Cache<V>,
        name: &str,
        ttl: Duration,
        fetch: impl FnOnce() -> F,
    ) -> Option<V>
    where
        V: Cacheable,
        F: Future<Output = Result<V, Error>> + Send + 'static,
    {
        let (value, due) = cache.unexpired(&self.account, ttl)?;
        self.observer
            .log(Level::Debug, || format!("{name} retrieved from cache"));
        let due = due.filter(|_| self.config.cache.background_refresh);
        if due.is_some_and(|age| cache.refresh(&self.account, age, fetch())) {
            self.observer.log(Level::Debug, || {
                format!("Refreshing {} in the background", name.to_lowercase())
            });
        }
        Some(value)
    }

    /// Returns the cached value if it is younger than `max_age`, else reads it from the API. `name` is for the log.
    fn look_up<V, F>(
        &self,
        cache: &'static Cache<V>,
        name: &'static str,
        max_age: Option<Duration>,
        fetch: F,
    ) -> impl Future<Output = Result<V, Error>> + Send + use<V, F>
    where
        V: Cacheable,
        F: Future<Output = Result<V, Error>> + Send + 'static,
    {
        let account = self.account.clone();
        let request = cache.get(account.clone(), max_age, fetch);
        let (observer, limits, started) = (self.observer.clone(), self.config.timeouts, Instant::now());
        async move {
            // `timeouts.total` ends the wait of this caller only, because other callers share the request.
            let found = match limits.within_total(started, pin!(request)).await {
                Err(error) if error.details().phase == Some(Phase::Total) => {
                    cache.last_instead_of(&account, max_age, error)
                }
                found => found,
            };
            match found? {
                Found::Good(value) => Ok(value),
                Found::Stale(value, error) => {
                    observer.log(Level::Warn, || {
                        format!(
                            "{name} could not be refreshed, the last ones are used: {}",
                            error.in_short()
                        )
                    });
                    Ok(value)
                }
            }
        }
    }

    async fn fetch_credits(self) -> Result<Arc<Credits>, Error> {
        self.logged("credits", self.read_credits()).await.map(Arc::new)
    }

    async fn fetch_models(self) -> Result<Arc<ModelList>, Error> {
        let read = async { ModelList::from_body(&self.get("/models").await?) };
        self.logged("models", read).await
    }

    async fn logged<T>(&self, name: &str, read: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.observer
            .log(Level::Debug, || format!("Fetching {name} from API"));
        let result = read.await;
        if let Err(error) = &result {
            self.observer.log(Level::Error, || {
                format!("Error fetching {name}: {}", error.in_short())
            });
        }
        result
    }

    /// Reads `GET /credits`, which serves management keys only, or `GET /key`, which serves any key. The last credits of the
    /// key record which of the two was used.
    async fn read_credits(&self) -> Result<Credits, Error> {
        let known = CREDITS.last(&self.account).map(|credits| credits.source());
        if known == Some(CreditSource::Key) {
            return Ok(Credits::from_key(&self.get("/key").await?)?.0);
        }
        let figures = self.get("/credits").await;
        let zeros = match figures.and_then(|body| Credits::from_account(&body)) {
            Ok(AccountFigures::Known(credits)) => return Ok(credits),
            Ok(AccountFigures::Zeros(zeros)) if known == Some(CreditSource::Account) => return Ok(zeros),
            Ok(AccountFigures::Zeros(zeros)) => Some(zeros),
            Err(error) if error.details().status == Some(403) => None,
            Err(error) => return Err(error),
        };
        let key = self.get("/key").await.and_then(|body| Credits::from_key(&body));
        match (key, zeros) {
            (Ok((_, true)), Some(zeros)) => Ok(zeros),
            (Ok((credits, _)), _) => Ok(credits),
            (Err(error), Some(zeros)) if has_no_key_endpoint(&error) => Ok(zeros),
            (Err(error), _) => Err(error),
        }
    }

    /// Returns the data of a generation, such as its cost, as JSON text. Waits up to 60 seconds until the API knows the
    /// cost.
    pub async fn generation(&self, id: &str) -> Result<String, Error> {
        let limits = self.config.timeouts;
        let found = limits
            .within_total(Instant::now(), pin!(self.await_generation(id)))
            .await;
        if let Some(cost) = found.as_ref().ok().and_then(|text| generation::cost(text)) {
            budget::settle_generation(id, cost);
        }
        found
    }

    async fn await_generation(&self, id: &str) -> Result<String, Error> {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("id", id)
            .finish();
        let (deadline, mut wait) = (Instant::now() + GENERATION_WAITS, Duration::from_millis(500));
        loop {
            let read = self.get(&format!("/generation?{query}")).await;
            let read = read.and_then(|body| generation::from_body(&body));
            let is_final = match &read {
                Ok(generation) => generation::is_priced(generation),
                Err(error) => error.details().status != Some(404),
            };
            if is_final || Instant::now() + wait >= deadline {
                return read;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(8));
        }
    }
}

/// Whether the service has no usable `GET /key`, so that only the figures of `GET /credits` are available.
fn has_no_key_endpoint(error: &Error) -> bool {
    error.kind() == ErrorKind::MalformedResponse || error.details().status == Some(404)
}
