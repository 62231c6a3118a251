//! What a chat may cost, before it is sent: from the prices of its models, the size of its body and `max_tokens`.
//!
//! The number of tokens is estimated without a tokenizer. At most a token is one byte of UTF-8, because tokenizers work on
//! bytes; usually it is about four.

mod request;

use bytes::Bytes;

use super::ModelList;
use super::prices::ModelPrices;
use crate::json::{ObjectWriter, number_text};
use crate::request::routing;

pub use request::Request;

/// Picodollars in a nanodollar.
const PICO_IN_NANO: u128 = 1000;
/// The tokens of an answer of which nothing is known.
pub const USUAL_ANSWER: u64 = 500;

/// More tokens than any model writes.
const MOST_TOKENS: u64 = 1 << 24;

/// What a chat may cost, in nanodollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The most that the chat costs.
    pub cost: u64,
    /// The most tokens of the answer, in all its choices.
    pub output_tokens: u64,
}

impl Request {
    /// Returns the most that the chat can cost with a model; `None` if a price or a number of tokens is unknown.
    pub fn bound(&self, model: Option<&ModelPrices>) -> Option<Bound> {
        let prompt_tokens = self.most_prompt(model.and_then(|model| model.context))?;
        let rates = model
            .map(|model| model.highest(prompt_tokens))
            .unwrap_or_default();
        let output_tokens = self.most_output(model)?;
        let highest = |rates: &[Option<u64>]| rates.iter().flatten().max().copied();
        let prompt = rates.prompt.and(highest(&[
            rates.prompt,
            rates.input_cache_write,
            rates.input_cache_write_1h,
            rates.image_token.filter(|_| self.images > 0),
            rates.audio.filter(|_| self.media_bytes > 0),
        ]));
        let completion = rates.completion.and(highest(&[
            rates.completion,
            rates.internal_reasoning,
            rates.image_output.filter(|_| self.makes_media),
            rates.audio_output.filter(|_| self.makes_media),
        ]));
        let within = |rate: Option<u64>, limit: Option<u64>| match (rate, limit) {
            (Some(rate), Some(limit)) => Some(rate.min(limit)),
            (rate, limit) => rate.or(limit),
        };
        let (prompt, completion) = (
            within(prompt, self.max_price.prompt)?,
            within(completion, self.max_price.completion)?,
        );
        let sum = product(prompt, prompt_tokens)
            + product(completion, output_tokens)
            + product(within(rates.request, self.max_price.request).unwrap_or(0), 1)
            + product(rates.image.unwrap_or(0), self.images);
        Some(Bound {
            cost: nanodollars(sum.checked_mul(u128::from(self.tier?))?)?,
            output_tokens,
        })
    }

    /// Returns the longest answer, in tokens of each choice, with which the chat costs at most `rest` nanodollars with any of
    /// `models`.
    pub fn affordable(&self, models: &[Option<&ModelPrices>], rest: u64) -> Option<u64> {
        let costs = |tokens: u64| {
            let limited = self.limited_to(tokens);
            Some(limited.bound_of(models.iter().copied())?.cost)
        };
        let fits = |tokens: u64| costs(tokens).is_some_and(|cost| cost <= rest);
        // The cost grows with the tokens: search for the last number that fits.
        let (mut fitting, mut passing) = (0, MOST_TOKENS);
        if !fits(fitting) {
            return None;
        }
        while fitting + 1 < passing {
            let middle = fitting + (passing - fitting) / 2;
            match fits(middle) {
                true => fitting = middle,
                false => passing = middle,
            }
        }
        Some(fitting)
    }

    /// Returns what the chat usually costs with a model, in nanodollars, if its answer has `answer` tokens in all its choices:
    /// at least, with the whole prompt read from a cache, and as expected.
    fn usual(&self, model: &ModelPrices, answer: u64) -> Option<(u64, u64)> {
        let prompt_tokens = self.usual_prompt();
        let rates = model.usual(prompt_tokens);
        let (prompt, completion) = (rates.prompt?, rates.completion?);
        let fixed = product(rates.request.unwrap_or(0), 1) + product(rates.image.unwrap_or(0), self.images);
        let cheapest = rates.input_cache_read.unwrap_or(prompt).min(prompt);
        Some((
            nanodollars(fixed + product(cheapest, prompt_tokens))?,
            nanodollars(fixed + product(prompt, prompt_tokens) + product(completion, answer))?,
        ))
    }

    /// Returns the estimate for the first of `models` that answers, as JSON text. `answer` is the number of tokens that the
    /// caller expects in each choice.
    pub fn to_json(&self, models: &[(&str, Option<&ModelPrices>)], answer: Option<u64>) -> String {
        let first = models.first().and_then(|(_, prices)| *prices);
        let most_output = self.most_output(first);
        let answer = answer
            .unwrap_or(USUAL_ANSWER)
            .saturating_mul(self.choices)
            .min(most_output.unwrap_or(u64::MAX));
        let usual: Vec<_> = models
            .iter()
            .map(|(_, prices)| prices.and_then(|prices| self.usual(prices, answer)))
            .collect();
        let most: Option<u64> = self
            .bound_of(models.iter().map(|(_, prices)| *prices))
            .map(|bound| bound.cost);
        let unpriced: Vec<&str> = models
            .iter()
            .zip(&usual)
            .filter(|(_, usual)| usual.is_none())
            .map(|((id, _), _)| *id)
            .collect();
        let least = usual
            .iter()
            .map(|usual| usual.map(|(least, _)| least))
            .collect::<Option<Vec<_>>>();
        let usd = |nano: Option<u64>| Some(nano.map_or("null".into(), |nano| number_text(dollars(nano))));
        let tokens = |expected: u64, most: Option<u64>| {
            let mut fields = ObjectWriter::new();
            fields.raw("expected", Some(expected.to_string()));
            fields.raw("max", Some(most.map_or("null".into(), |most| most.to_string())));
            Some(fields.finish())
        };
        let mut fields = ObjectWriter::new();
        fields.raw("min", usd(least.and_then(|least| least.into_iter().min())));
        fields.raw(
            "expected",
            usd(usual.first().copied().flatten().map(|(_, expected)| expected)),
        );
        fields.raw("max", usd(most));
        fields.text("currency", Some("USD"));
        fields.raw(
            "promptTokens",
            tokens(
                self.usual_prompt(),
                self.most_prompt(first.and_then(|model| model.context)),
            ),
        );
        fields.raw("completionTokens", tokens(answer, most_output));
        fields.raw("unpriced", serde_json::to_string(&unpriced).ok());
        fields.finish()
    }

    /// Returns the most that the chat can cost with any of `models`; `None` if it is unknown for one of them.
    pub fn bound_of<'a>(&self, models: impl IntoIterator<Item = Option<&'a ModelPrices>>) -> Option<Bound> {
        models
            .into_iter()
            .map(|model| self.bound(model))
            .reduce(|one, other| {
                let (one, other) = (one?, other?);
                Some(Bound {
                    cost: one.cost.max(other.cost),
                    output_tokens: one.output_tokens.max(other.output_tokens),
                })
            })?
    }
}

/// Returns the prices of a model, which may be named with routing suffixes.
pub fn prices_of<'a>(list: &'a ModelList, id: &str) -> Option<&'a ModelPrices> {
    let prices = list.prices();
    prices.get(id).or_else(|| prices.get(routing::base(id)))
}

/// Returns how many bytes the work of an estimate reads.
pub fn size(list: &ModelList, body: &Bytes) -> usize {
    body.len() + list.unread()
}

fn product(rate: u64, units: u64) -> u128 {
    u128::from(rate) * u128::from(units)
}

/// Returns picodollars in nanodollars, rounded up; `None` if they are more than fit.
fn nanodollars(pico: u128) -> Option<u64> {
    pico.div_ceil(PICO_IN_NANO).try_into().ok()
}

/// Returns nanodollars in dollars.
pub fn dollars(nano: u64) -> f64 {
    nano as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::request::IMAGE_TOKENS;
    use super::*;
    use crate::account::prices::of_list;

    const LIST: &str = r#"[{"id":"a/b","context_length":1000,"top_provider":{"max_completion_tokens":100},
        "pricing":{"prompt":"0.000001","completion":"0.00001","input_cache_read":"0.0000001","image":"0.001","request":"0.01",
        "overrides":[{"min_prompt_tokens":500,"prompt":"0.000002","completion":"0.00002"}]}},
        {"id":"dear/one","context_length":1000,"pricing":{"prompt":"0.001","completion":"0.001"}},
        {"id":"openrouter/auto","context_length":1000,"pricing":{"prompt":"-1","completion":"-1"}}]"#;

    fn bound(body: &str, model: &str) -> Option<u64> {
        let models = of_list(LIST);
        Request::of(body).bound(models.get(model)).map(|bound| bound.cost)
    }

    #[test]
    fn the_bound_counts_a_token_for_each_byte_and_the_largest_answer() {
        let message = r#"{"role":"user","content":"hi"}"#;
        let body = format!(r#"{{"messages":[{message}],"max_tokens":10}}"#);
        let expected = 1_000 * message.len() as u64 + 10 * 10_000 + 10_000_000;
        assert_eq!(bound(&body, "a/b"), Some(expected));
        // Without `max_tokens` it is the most that the model writes.
        let open = format!(r#"{{"messages":[{message}]}}"#);
        assert_eq!(bound(&open, "a/b"), Some(expected + 90 * 10_000));
        let more = format!(r#"{{"messages":[{message}],"max_tokens":10,"n":3,"service_tier":"priority"}}"#);
        assert_eq!(bound(&more, "a/b"), Some(2 * (expected + 20 * 10_000)));
    }

    #[test]
    fn a_long_prompt_takes_the_prices_of_its_tier_up_to_the_context_of_the_model() {
        let long = "x".repeat(5_000);
        let body = format!(r#"{{"messages":[{{"role":"user","content":"{long}"}}],"max_tokens":1}}"#);
        assert_eq!(bound(&body, "a/b"), Some(1_000 * 2_000 + 20_000 + 10_000_000));
    }

    #[test]
    fn images_are_counted_by_their_number_and_not_by_their_bytes() {
        let data = "A".repeat(100_000);
        let body = format!(
            r#"{{"messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{data}"}}}}]}}]}}"#
        );
        let request = Request::of(&body);
        assert_eq!((request.images, request.media_bytes), (1, 0));
        assert!(request.text_bytes < 100);
        assert_eq!(request.most_prompt(None), Some(IMAGE_TOKENS + request.text_bytes));
    }

    #[test]
    fn a_file_behind_a_url_may_fill_the_context() {
        let body = r#"{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"https://a.b/c.pdf"}}]}]}"#;
        assert_eq!(Request::of(body).most_prompt(Some(77)), Some(77));
        assert_eq!(Request::of(body).most_prompt(None), None);
    }

    #[test]
    fn an_unknown_price_has_no_bound_unless_the_request_limits_it() {
        let body = r#"{"messages":[{"role":"user","content":"hi"}],"max_tokens":10}"#;
        assert_eq!(bound(body, "openrouter/auto"), None);
        assert_eq!(bound(body, "un/known"), None);
        let limited =
            r#"{"messages":[],"max_tokens":10,"provider":{"max_price":{"prompt":"1","completion":2}}}"#;
        assert_eq!(bound(limited, "openrouter/auto"), Some(10 * 2_000));
        assert_eq!(bound(limited, "dear/one"), Some(10 * 2_000));
        assert_eq!(bound(limited, "un/known"), Some(10 * 2_000));
        assert_eq!(
            bound(
                r#"{"messages":[],"max_tokens":1,"service_tier":"ultrafast"}"#,
                "a/b"
            ),
            None
        );
    }

    #[test]
    fn the_bound_of_several_models_is_that_of_the_dearest() {
        let models = of_list(LIST);
        let request = Request::of(r#"{"messages":[],"max_tokens":100}"#);
        let all = |ids: &[&str]| {
            request
                .bound_of(ids.iter().map(|id| models.get(*id)))
                .map(|bound| bound.cost)
        };
        assert_eq!(all(&["a/b", "dear/one"]), all(&["dear/one"]));
        assert_eq!(all(&["a/b", "un/known"]), None);
        assert_eq!(all(&[]), None);
    }

    #[test]
    fn the_estimate_tells_which_models_have_no_price() {
        let models = of_list(LIST);
        let request = Request::of(r#"{"messages":[{"role":"user","content":"hi"}],"max_tokens":10}"#);
        let json = request.to_json(&[("a/b", models.get("a/b")), ("x/y", None)], Some(4));
        assert_eq!(
            json,
            r#"{"min":null,"expected":0.010052,"max":null,"currency":"USD","promptTokens":{"expected":12,"max":30},"completionTokens":{"expected":4,"max":10},"unpriced":["x/y"]}"#
        );
    }
}
