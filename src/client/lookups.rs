//! Credits, models and generations: the cache first, then the API.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Client, describe};
use crate::account::cache::{CACHE, Found, Kind};
use crate::account::{self, AccountReading, CreditSource, Credits, ModelList, Value};
use crate::error::{Error, ErrorKind, Phase};
use crate::observe::Level;

/// `GET /generation` is 404 for some seconds after an answer (D8).
const GENERATION_WAITS: Duration = Duration::from_secs(60);

impl Client {
    /// The credits, if the cache has them.
    pub fn cached_credits(&self) -> Option<Arc<Credits>> {
        match self.cached(Kind::Credits, self.config.cache.credits_ttl)? {
            Value::Credits(credits) => Some(credits),
            Value::Models(_) => None,
        }
    }

    /// The models, if the cache has them.
    pub fn cached_models(&self) -> Option<Arc<ModelList>> {
        match self.cached(Kind::Models, self.config.cache.models_ttl)? {
            Value::Models(models) => Some(models),
            Value::Credits(_) => None,
        }
    }

    fn cached(&self, kind: Kind, ttl: Duration) -> Option<Value> {
        let key = self.key(kind);
        let (value, due) = CACHE.fresh(&key, ttl)?;
        self.observer
            .log(Level::Debug, || format!("{} retrieved from cache", name_of(kind)));
        let due = due.filter(|_| self.config.cache.background_refresh);
        if due.is_some_and(|age| CACHE.refresh(&key, age, self.clone().fetch(kind))) {
            self.observer.log(Level::Debug, || {
                format!("Refreshing {} in the background", name_of(kind).to_lowercase())
            });
        }
        Some(value)
    }

    /// The credits from the API, by one request for all who ask at once.
    pub fn credits(&self, force: bool) -> impl Future<Output = Result<Arc<Credits>, Error>> + Send + use<> {
        let asked = self.ask(Kind::Credits, force, self.config.cache.credits_ttl);
        async move {
            match asked.await? {
                Value::Credits(credits) => Ok(credits),
                Value::Models(_) => Err(Error::empty_response()),
            }
        }
    }

    /// The models from the API, by one request for all who ask at once.
    pub fn models(&self, force: bool) -> impl Future<Output = Result<Arc<ModelList>, Error>> + Send + use<> {
        let asked = self.ask(Kind::Models, force, self.config.cache.models_ttl);
        async move {
            match asked.await? {
                Value::Models(models) => Ok(models),
                Value::Credits(_) => Err(Error::empty_response()),
            }
        }
    }

    fn ask(
        &self,
        kind: Kind,
        force: bool,
        ttl: Duration,
    ) -> impl Future<Output = Result<Value, Error>> + Send + use<> {
        let max_age = (!force).then_some(ttl);
        let key = self.key(kind);
        let asked = CACHE.ask(key.clone(), max_age, self.clone().fetch(kind));
        let (observer, limits, started) = (self.observer.clone(), self.config.timeouts, Instant::now());
        async move {
            // Each caller's own limit: the request is all of theirs.
            let found = match limits.within_total(started, pin!(asked)).await {
                Err(error) if error.facts().phase == Some(Phase::Total) => {
                    CACHE.stand_in(&key, max_age, error)
                }
                found => found,
            };
            match found? {
                Found::Good(value) => Ok(value),
                Found::Stale(value, error) => {
                    observer.log(Level::Warn, || {
                        let name = name_of(kind);
                        format!(
                            "{name} could not be refreshed, the last ones are used: {}",
                            describe(&error)
                        )
                    });
                    Ok(value)
                }
            }
        }
    }

    async fn fetch(self, kind: Kind) -> Result<Value, Error> {
        self.observer.log(Level::Debug, || {
            format!("Fetching {} from API", name_of(kind).to_lowercase())
        });
        let fetched = match kind {
            Kind::Credits => self
                .fetch_credits()
                .await
                .map(|credits| Value::Credits(Arc::new(credits))),
            Kind::Models => match self.get("/models").await {
                Ok(body) => ModelList::from_body(&body).map(Value::Models),
                Err(error) => Err(error),
            },
        };
        if let Err(error) = &fetched {
            self.observer.log(Level::Error, || {
                format!(
                    "Error fetching {}: {}",
                    name_of(kind).to_lowercase(),
                    describe(error)
                )
            });
        }
        fetched
    }

    /// `GET /credits` serves management keys only; what it is for the others is told by `GET /key` (D1).
    async fn fetch_credits(&self) -> Result<Credits, Error> {
        let known = match CACHE.last(&self.key(Kind::Credits)) {
            Some(Value::Credits(credits)) => Some(credits.source()),
            _ => None,
        };
        if known == Some(CreditSource::Key) {
            return Ok(Credits::from_key(&self.get("/key").await?)?.0);
        }
        let zeros = match self
            .get("/credits")
            .await
            .map(|body| Credits::from_account(&body))
        {
            Ok(Ok(AccountReading::Known(credits))) => return Ok(credits),
            Ok(Ok(AccountReading::Zeros(zeros))) if known == Some(CreditSource::Account) => return Ok(zeros),
            Ok(Ok(AccountReading::Zeros(zeros))) => Some(zeros),
            Err(error) if error.facts().status == Some(403) => None,
            Ok(Err(error)) | Err(error) => return Err(error),
        };
        let key = self.get("/key").await.and_then(|body| Credits::from_key(&body));
        match (key, zeros) {
            (Ok((_, true)), Some(zeros)) => Ok(zeros),
            (Ok((credits, _)), _) => Ok(credits),
            (Err(error), Some(zeros)) if tells_nothing(&error) => Ok(zeros),
            (Err(error), _) => Err(error),
        }
    }

    /// What a generation was and cost, as soon as the API knows it (JSON).
    pub async fn generation(&self, id: &str) -> Result<String, Error> {
        let limits = self.config.timeouts;
        limits
            .within_total(Instant::now(), pin!(self.await_generation(id)))
            .await
    }

    async fn await_generation(&self, id: &str) -> Result<String, Error> {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("id", id)
            .finish();
        let (deadline, mut wait) = (Instant::now() + GENERATION_WAITS, Duration::from_millis(500));
        loop {
            let read = self.get(&format!("/generation?{query}")).await;
            let read = read.and_then(|body| account::generation(&body));
            let is_known = match &read {
                Ok(generation) => account::is_priced(generation),
                Err(error) => error.facts().status != Some(404),
            };
            if is_known || Instant::now() + wait >= deadline {
                return read;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(8));
        }
    }

    /// Takes the cost of a finished request off the cached balance.
    pub(super) fn spend(&self, cost: f64) {
        CACHE.spend(&self.key(Kind::Credits), cost);
    }
}

/// Whether a service has no `GET /key` to speak of: then what `GET /credits` said is all there is to know.
fn tells_nothing(error: &Error) -> bool {
    error.kind() == ErrorKind::MalformedResponse || error.facts().status == Some(404)
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Credits => "Credits",
        Kind::Models => "Models",
    }
}
