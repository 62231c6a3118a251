//! The prices of models, from the list of models. Prices are whole picodollars per unit, because a token of a cheap model
//! costs less than a nanodollar, and sums of fractions would drift.

use std::collections::HashMap;

use serde_json::Value;

/// Picodollars in a dollar.
const PICO: f64 = 1e12;

/// The prices of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelPrices {
    /// The prices that hold without a tier.
    pub base: Rates,
    /// Prices that hold instead for long prompts or at some hours.
    pub tiers: Vec<Tier>,
    /// The most tokens of prompt and answer together.
    pub context: Option<u64>,
    /// The most tokens of an answer.
    pub max_output: Option<u64>,
}

/// Prices in picodollars per unit; `None` if a price is not listed, or varies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names are those of the API
pub struct Rates {
    pub prompt: Option<u64>,
    pub completion: Option<u64>,
    pub request: Option<u64>,
    pub image: Option<u64>,
    pub image_token: Option<u64>,
    pub image_output: Option<u64>,
    pub audio: Option<u64>,
    pub audio_output: Option<u64>,
    pub internal_reasoning: Option<u64>,
    pub input_cache_read: Option<u64>,
    pub input_cache_write: Option<u64>,
    pub input_cache_write_1h: Option<u64>,
}

/// Prices that differ from the base prices under a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// The tier holds from this number of prompt tokens.
    pub min_prompt_tokens: u64,
    /// Whether the tier holds at some hours only.
    pub has_hours: bool,
    /// The prices; `None` means that of the base.
    pub rates: Rates,
}

impl Rates {
    fn of(pricing: &Value) -> Self {
        let rate = |name: &str| pricing.get(name).and_then(picodollars);
        Self {
            prompt: rate("prompt"),
            completion: rate("completion"),
            request: rate("request"),
            image: rate("image"),
            image_token: rate("image_token"),
            image_output: rate("image_output"),
            audio: rate("audio"),
            audio_output: rate("audio_output"),
            internal_reasoning: rate("internal_reasoning"),
            input_cache_read: rate("input_cache_read"),
            input_cache_write: rate("input_cache_write"),
            input_cache_write_1h: rate("input_cache_write_1h"),
        }
    }

    /// Returns these rates with those of `tier` where it has some. `choose` decides between the two.
    pub fn with(self, tier: &Self, choose: fn(u64, u64) -> u64) -> Self {
        let either = |base: Option<u64>, tier: Option<u64>| match (base, tier) {
            (Some(base), Some(tier)) => Some(choose(base, tier)),
            (base, tier) => tier.or(base),
        };
        Self {
            prompt: either(self.prompt, tier.prompt),
            completion: either(self.completion, tier.completion),
            request: either(self.request, tier.request),
            image: either(self.image, tier.image),
            image_token: either(self.image_token, tier.image_token),
            image_output: either(self.image_output, tier.image_output),
            audio: either(self.audio, tier.audio),
            audio_output: either(self.audio_output, tier.audio_output),
            internal_reasoning: either(self.internal_reasoning, tier.internal_reasoning),
            input_cache_read: either(self.input_cache_read, tier.input_cache_read),
            input_cache_write: either(self.input_cache_write, tier.input_cache_write),
            input_cache_write_1h: either(self.input_cache_write_1h, tier.input_cache_write_1h),
        }
    }
}

impl ModelPrices {
    /// Reads the prices of one model of the list, or of one endpoint of a model.
    pub(super) fn of(model: &Value) -> Self {
        let pricing = model.get("pricing").unwrap_or(&Value::Null);
        let top = |name: &str| model.get("top_provider").and_then(|top| top.get(name)?.as_u64());
        let overrides = pricing.get("overrides").and_then(Value::as_array);
        Self {
            base: Rates::of(pricing),
            tiers: overrides.into_iter().flatten().map(Tier::of).collect(),
            context: model
                .get("context_length")
                .and_then(Value::as_u64)
                .or_else(|| top("context_length")),
            max_output: top("max_completion_tokens")
                .or_else(|| model.get("max_completion_tokens").and_then(Value::as_u64)),
        }
    }

    /// Returns the highest of all prices and limits of `models`; `None` if there are no models. What is unknown for one of
    /// them is unknown.
    pub fn dearest<'a>(models: impl IntoIterator<Item = Option<&'a Self>>) -> Option<Self> {
        let all = models.into_iter().map(|model| model.cloned().unwrap_or_default());
        all.reduce(|one, other| {
            let mut base = one.base.with(&other.base, u64::max);
            base.prompt = one.base.prompt.and(other.base.prompt).and(base.prompt);
            base.completion = one
                .base
                .completion
                .and(other.base.completion)
                .and(base.completion);
            let most = |one: Option<u64>, other: Option<u64>| Some(one?.max(other?));
            Self {
                base,
                max_output: most(one.most_output(), other.most_output()),
                context: most(one.context, other.context),
                tiers: [one.tiers, other.tiers].concat(),
            }
        })
    }

    /// Returns the most tokens of an answer, as far as it is known.
    pub fn most_output(&self) -> Option<u64> {
        self.max_output.or(self.context)
    }

    /// Returns the prices that hold for a prompt of `tokens`.
    pub fn usual(&self, tokens: u64) -> Rates {
        let holding = |tier: &&Tier| !tier.has_hours && tier.min_prompt_tokens <= tokens;
        let mut tiers: Vec<&Tier> = self.tiers.iter().filter(holding).collect();
        tiers.sort_by_key(|tier| tier.min_prompt_tokens);
        tiers
            .into_iter()
            .fold(self.base, |rates, tier| rates.with(&tier.rates, |_, tier| tier))
    }

    /// Returns the highest prices that can hold for a prompt of up to `tokens`.
    pub fn highest(&self, tokens: u64) -> Rates {
        let holding = self.tiers.iter().filter(|tier| tier.min_prompt_tokens <= tokens);
        holding.fold(self.base, |rates, tier| rates.with(&tier.rates, u64::max))
    }
}

impl Tier {
    fn of(tier: &Value) -> Self {
        let has = |name: &str| tier.get(name).is_some_and(|value| !value.is_null());
        Self {
            min_prompt_tokens: tier.get("min_prompt_tokens").and_then(Value::as_u64).unwrap_or(0),
            has_hours: has("utc_start") || has("utc_end"),
            rates: Rates::of(tier),
        }
    }
}

/// Reads a list of models, the `data` of `GET /models`.
pub(super) fn of_list(text: &str) -> HashMap<String, ModelPrices> {
    let models = crate::json::value(text).unwrap_or_default();
    let models = models.as_array().map(Vec::as_slice).unwrap_or_default();
    models
        .iter()
        .filter_map(|model| Some((model.get("id")?.as_str()?.to_owned(), ModelPrices::of(model))))
        .collect()
}

/// Reads a price in USD, a decimal string or a number. `None` for a negative one, which means that the price varies.
pub(super) fn picodollars(value: &Value) -> Option<u64> {
    let usd = value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse::<f64>().ok())?;
    // The highest prices are some hundred dollars for a million tokens, and some dollars for a request.
    (0.0..=1e6).contains(&usd).then(|| (usd * PICO).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_exactly_and_varying_ones_are_unknown() {
        let list = r#"[{"id":"a/b","context_length":100,"top_provider":{"max_completion_tokens":10},
            "pricing":{"prompt":"0.0000000375","completion":"-1","request":0.01,"image":"","overrides":[
                {"min_prompt_tokens":50,"prompt":"0.000001"},{"utc_start":"0000","prompt":"0.000002"}]}},
            {"no":"id"},null]"#;
        let models = of_list(list);
        assert_eq!(models.len(), 1);
        let prices = &models["a/b"];
        assert_eq!((prices.context, prices.max_output), (Some(100), Some(10)));
        assert_eq!(prices.base.prompt, Some(37_500));
        assert_eq!(prices.base.completion, None);
        assert_eq!(prices.base.request, Some(10_000_000_000));
        assert_eq!(prices.base.image, None);
        assert_eq!(prices.usual(49).prompt, Some(37_500));
        assert_eq!(prices.usual(50).prompt, Some(1_000_000));
        assert_eq!(prices.highest(49).prompt, Some(2_000_000));
    }

    #[test]
    fn a_list_that_is_none_has_no_prices() {
        assert_eq!(of_list("{}"), HashMap::new());
        assert_eq!(of_list("no JSON"), HashMap::new());
    }
}
