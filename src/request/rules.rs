//! The body rules of a chat request, which are applied before any I/O. The few fields that this client knows are checked,
//! merged or removed. All other fields are sent byte for byte.

use bytes::Bytes;
use indexmap::IndexSet;

use super::parameters::LOCAL;
use super::refuse;
use crate::error::{Error, invalid_option};
use crate::json::{self, Object};
use crate::request::privacy::{self, Floors, switch};
use crate::request::provider::Provider;
use crate::request::routing::{self, Route};
use crate::request::uncovered;

/// The most fallback models that a request may name. The rest is dropped with a warning.
const MAX_FALLBACKS: usize = 10;

/// Returns `body`, which [`Rules::apply`] has made, with the models of `route`.
pub fn routed(body: &Bytes, route: &Route) -> Bytes {
    let models = ModelFields::of(route);
    let text = std::str::from_utf8(body).unwrap_or_default();
    let mut body = Object::parse(text).unwrap_or_default();
    models.set_in(&mut body);
    body.to_json().into()
}

/// The fields of a request that name its models, as JSON text.
struct ModelFields {
    /// `None` if no model is named.
    model: Option<String>,
    /// `None` if there are no fallbacks: an empty list is not sent.
    models: Option<String>,
}

impl ModelFields {
    fn of(route: &Route) -> Self {
        let has_fallbacks = !route.fallbacks.is_empty();
        Self {
            model: Some(&route.effective)
                .filter(|model| !model.is_empty())
                .map(|model| json::quoted(model)),
            models: has_fallbacks.then(|| serde_json::to_string(&route.fallbacks).unwrap_or_default()),
        }
    }

    fn set_in<'a>(&'a self, body: &mut Object<'a>) {
        if let Some(model) = &self.model {
            body.set("model", model);
        }
        match &self.models {
            Some(models) => body.set("models", models),
            None => drop(body.remove("models")),
        }
    }
}

/// The body rules for every chat request of a client or a `fetch`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// Whether `openrouter/auto` chooses the model, unless a request says otherwise.
    pub auto_router: bool,
    /// The privacy settings that every request must keep. A request can add to them, but not turn them off.
    pub floors: Floors,
    /// Whether a request may name no model, so that the account's default answers.
    pub may_omit_model: bool,
    /// How many fallback models are sent with one request; the others are for later requests. `None` sends the list as the
    /// caller wrote it, for a sender that makes no later requests.
    pub models_per_request: Option<usize>,
}

/// A chat request after the rules were applied.
#[derive(Debug)]
pub struct Ruled {
    /// The JSON body.
    pub body: Bytes,
    /// Whether the caller asked for a stream.
    pub stream: bool,
    /// The models of the request.
    pub route: Route,
    /// The privacy settings in force.
    pub floors: Floors,
    /// The routing limits in force, as text.
    pub limits: Option<String>,
    /// What the caller says of the cost.
    pub cost: CostLimits,
    /// Problems that do not prevent the request, for the log.
    pub warnings: Vec<String>,
}

impl Rules {
    /// Applies the rules to the caller's parameters `given`, which override `defaults`. The fields of `provider` are merged
    /// one by one.
    pub fn apply(&self, defaults: Object<'_>, given: Object<'_>) -> Result<Ruled, Error> {
        let auto = switch(&given, "autoRouter")?.unwrap_or(self.auto_router);
        let floors = self.floors.and(Floors::of(&given)?);
        let cost = CostLimits::of(&given)?;
        let provider = both_providers(&defaults, &given);
        let mut body = defaults;
        body.merge(given);
        if let Some(provider) = &provider {
            body.set("provider", provider);
        }
        for name in LOCAL {
            body.remove(name);
        }
        check_messages(&body)?;
        let stream = switch(&body, "stream")?.unwrap_or(false);
        privacy::check_presets(&body, floors)?;
        let mut warnings = Vec::new();
        let mut route = self.choose_models(&body, auto, &mut warnings)?;
        let models = ModelFields::of(&route);
        models.set_in(&mut body);
        uncovered::warn(&body, floors, &mut warnings);
        let provider = Provider::read(&body, floors, &mut warnings)?;
        if let Some(merged) = &provider.merged {
            body.set("provider", merged);
        }
        route.only = provider.only;
        Ok(Ruled {
            body: body.to_json().into(),
            stream,
            route,
            limits: provider.limits,
            cost,
            floors,
            warnings,
        })
    }

    fn choose_models(
        &self,
        body: &Object<'_>,
        auto: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Route, Error> {
        let named = match body.present("model") {
            None => None,
            Some(text) => match json::string(text) {
                Some(model) => Some(model.trim().to_owned()).filter(|model| !model.is_empty()),
                None => return Err(refuse("model must be a string such as \"openai/gpt-4o\".")),
            },
        };
        let mut listed = listed_models(body)?.into_iter();
        if auto {
            let effective = routing::AUTO.to_owned();
            return Ok(Route::to(named.unwrap_or_else(|| effective.clone()), effective));
        }
        let Some(model) = named.or_else(|| listed.next()) else {
            return match self.may_omit_model {
                true => Ok(Route::default()),
                false => Err(refuse(
                    "No model specified for OpenRouter. Please select a model.",
                )),
            };
        };
        if routing::refuses_fallbacks(&model) {
            if listed.next().is_some() {
                warnings.push(format!(
                    "models is not sent with the router {model}, which chooses by itself"
                ));
            }
            return Ok(Route::to(model.clone(), model));
        }
        let chain: IndexSet<String> = listed.filter(|fallback| *fallback != model).collect();
        let mut chain: Vec<String> = chain.into_iter().collect();
        let Some(at_a_time) = self.models_per_request else {
            return Ok(Route::through(&model, chain, usize::MAX));
        };
        if chain.len() > MAX_FALLBACKS {
            warnings.push(format!(
                "models names {} fallbacks; the first {MAX_FALLBACKS} are used",
                chain.len()
            ));
            chain.truncate(MAX_FALLBACKS);
        }
        Ok(Route::through(&model, chain, at_a_time))
    }
}

/// Returns the field `provider` of both objects merged, if both have one.
pub fn both_providers(defaults: &Object<'_>, given: &Object<'_>) -> Option<String> {
    let (mut all, given) = (defaults.object("provider")?, given.get("provider")?);
    if given != "null" {
        all.merge(Object::parse(given)?);
    }
    Some(all.to_json())
}

/// What a caller says of the cost of a request, in USD.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CostLimits {
    /// The most that it may cost.
    pub max_cost: Option<f64>,
    /// What is reserved in budgets if nothing else tells what it may cost.
    pub reserve: Option<f64>,
}

impl CostLimits {
    /// Reads the limits among the parameters or the settings of a request.
    pub fn of(given: &Object<'_>) -> Result<Self, Error> {
        let amount = |name| match given.present(name) {
            None => Ok(None),
            Some(text) => json::number(text)
                .filter(|usd| *usd >= 0.0)
                .map(Some)
                .ok_or_else(|| invalid_option(name, "an amount in USD, zero or more")),
        };
        Ok(Self {
            max_cost: amount("maxCost")?,
            reserve: amount("reserve")?,
        })
    }
}

fn check_messages(body: &Object<'_>) -> Result<(), Error> {
    match body.present("messages").and_then(json::array) {
        Some(messages) if !messages.is_empty() => Ok(()),
        _ => Err(refuse("Messages array is required for OpenRouter API")),
    }
}

fn listed_models(body: &Object<'_>) -> Result<Vec<String>, Error> {
    let Some(text) = body.present("models") else {
        return Ok(Vec::new());
    };
    let wrong = || refuse("models must be an array of model ids.");
    json::array(text)
        .ok_or_else(wrong)?
        .into_iter()
        .map(|item| {
            json::string(item)
                .map(|model| model.trim().to_owned())
                .ok_or_else(wrong)
        })
        .filter(|model| !matches!(model, Ok(model) if model.is_empty()))
        .collect()
}
