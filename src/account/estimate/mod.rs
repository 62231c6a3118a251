//! What a request may cost, before it is sent: from the prices of its models, the size of its body and `max_tokens`.
//!
//! The number of tokens is estimated without a tokenizer. At most a token is one byte of UTF-8, because tokenizers work on
//! bytes; usually it is about four.

mod request;
mod shape;
mod usual;

use bytes::Bytes;

use super::ModelList;
use super::prices::{ModelPrices, Rates};
use crate::request::routing;

pub use request::Request;
pub use shape::Shape;

/// Picodollars in a nanodollar.
const PICO_IN_NANO: u128 = 1000;

/// More tokens than any model writes.
const MOST_TOKENS: u64 = 1 << 24;

/// What a request may cost, in nanodollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The most that the request costs.
    pub cost: u64,
    /// The most tokens of the answer, in all its choices.
    pub output_tokens: u64,
    /// The highest price of a token, at which the cost is counted.
    pub token: TokenPrice,
}

/// The prices of a token, in picodollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenPrice {
    /// Of the prompt.
    pub prompt: u64,
    /// Of the answer.
    pub completion: u64,
}

impl Request {
    /// Returns the most that the request can cost with a model; `None` if a price or a number of tokens is unknown.
    pub fn bound(&self, model: Option<&ModelPrices>) -> Option<Bound> {
        let prompt_tokens = self.most_prompt(model.and_then(|model| model.context))?;
        let rates = model
            .map(|model| model.highest(prompt_tokens))
            .unwrap_or_default();
        let output_tokens = self.most_output(model)?;
        let tier = self.tier?;
        let token = TokenPrice {
            prompt: self.most_for_prompt(&rates)?.saturating_mul(tier),
            completion: self.most_for_answer(&rates)?.saturating_mul(tier),
        };
        let fixed = product(
            within(rates.request, self.max_price.request).unwrap_or(0),
            self.requests,
        ) + product(rates.image.unwrap_or(0), self.images);
        let sum = product(token.prompt, prompt_tokens)
            + product(token.completion, output_tokens)
            + fixed.checked_mul(u128::from(tier))?;
        Some(Bound {
            cost: nanodollars(sum)?,
            output_tokens,
            token,
        })
    }

    /// The most that a token of the prompt can cost.
    fn most_for_prompt(&self, rates: &Rates) -> Option<u64> {
        // A model that is paid for each search has no price of tokens.
        let prompt = rates
            .prompt
            .or(rates.request.filter(|_| !self.shape.writes()).and(Some(0)));
        let highest = prompt.and(highest(&[
            prompt,
            rates.input_cache_write,
            rates.input_cache_write_1h,
            rates.image_token.filter(|_| self.images > 0),
            rates.audio.filter(|_| self.media_bytes > 0),
        ]));
        within(highest, self.max_price.prompt)
    }

    /// The most that a token of the answer can cost.
    fn most_for_answer(&self, rates: &Rates) -> Option<u64> {
        match self.shape {
            // How long the sound will be is not known.
            Shape::Speech => {
                (highest(&[rates.completion, rates.audio_output]).unwrap_or(0) == 0).then_some(0)
            }
            shape if !shape.writes() => Some(0),
            _ => {
                let highest = rates.completion.and(highest(&[
                    rates.completion,
                    rates.internal_reasoning,
                    rates.image_output.filter(|_| self.makes_media),
                    rates.audio_output.filter(|_| self.makes_media),
                ]));
                within(highest, self.max_price.completion)
            }
        }
    }

    /// Returns the longest answer, in tokens of each choice, with which the request costs at most `rest` nanodollars.
    pub fn affordable(&self, model: Option<&ModelPrices>, rest: u64) -> Option<u64> {
        let fits = |tokens: u64| {
            let bound = self.limited_to(tokens).bound(model);
            bound.is_some_and(|bound| bound.cost <= rest)
        };
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

fn highest(rates: &[Option<u64>]) -> Option<u64> {
    rates.iter().flatten().max().copied()
}

fn within(rate: Option<u64>, limit: Option<u64>) -> Option<u64> {
    match (rate, limit) {
        (Some(rate), Some(limit)) => Some(rate.min(limit)),
        (rate, limit) => rate.or(limit),
    }
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
        Request::of(Shape::Chat, body)
            .bound(models.get(model))
            .map(|bound| bound.cost)
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
        let request = Request::of(Shape::Chat, &body);
        assert_eq!((request.images, request.media_bytes), (1, 0));
        assert!(request.text_bytes < 100);
        assert_eq!(request.most_prompt(None), Some(IMAGE_TOKENS + request.text_bytes));
    }

    #[test]
    fn a_file_behind_a_url_may_fill_the_context() {
        let body = r#"{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"https://a.b/c.pdf"}}]}]}"#;
        assert_eq!(Request::of(Shape::Chat, body).most_prompt(Some(77)), Some(77));
        assert_eq!(Request::of(Shape::Chat, body).most_prompt(None), None);
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
    fn the_bound_of_several_models_is_that_of_the_dearest_of_each_price() {
        let models = of_list(LIST);
        let request = Request::of(Shape::Chat, r#"{"messages":[],"max_tokens":100}"#);
        let all = |ids: &[&str]| {
            let dearest = ModelPrices::dearest(ids.iter().map(|id| models.get(*id)));
            request.bound(dearest.as_ref()).map(|bound| bound.cost)
        };
        // The price for a request is that of a/b, and the price of a token that of dear/one.
        assert_eq!(all(&["a/b", "dear/one"]), Some(10_000_000 + 100 * 1_000_000));
        assert_eq!(all(&["a/b", "un/known"]), None);
        assert_eq!(all(&[]), None);
    }

    #[test]
    fn every_shape_counts_what_its_endpoint_is_paid_for() {
        let list = r#"[{"id":"m","context_length":1000000,"pricing":{"prompt":"0.000001","completion":"0.00001"}},
            {"id":"search","pricing":{"prompt":"0","completion":"0","request":"0.002"}},
            {"id":"voice","pricing":{"prompt":"0.00001","completion":"0.1"}}]"#;
        let models = of_list(list);
        let cost = |shape, body: &str, model: &str| {
            Request::of(shape, body)
                .bound(models.get(model))
                .map(|bound| bound.cost)
        };
        let items = r#"[{"type":"message","role":"user","content":[{"type":"input_image","image_url":"https://a.b/c"}]},{"type":"function_call_output","output":[{"type":"input_text","text":"x"}]}]"#;
        let image = r#"{"type":"input_image","image_url":"https://a.b/c"}"#;
        let text = (items.len() - image.len() - 3) as u64;
        for (shape, body, model, expected) in [
            (
                Shape::Response,
                r#"{"input":"hi","instructions":"x","max_output_tokens":10}"#,
                "m",
                Some(1_000 * 7 + 100_000),
            ),
            (
                Shape::Response,
                &format!(r#"{{"input":{items},"max_output_tokens":1}}"#),
                "m",
                Some(1_000 * (text + IMAGE_TOKENS) + 10_000),
            ),
            (
                Shape::Message,
                r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"document","source":{"url":"https://a.b"}}]}]}],"max_tokens":1}"#,
                "m",
                Some(1_000 * 1_000_000 + 10_000),
            ),
            (
                Shape::Message,
                r#"{"messages":[],"max_tokens":1,"speed":"fast"}"#,
                "m",
                None,
            ),
            (
                Shape::Completion,
                r#"{"prompt":"hi","max_tokens":1,"best_of":3}"#,
                "m",
                Some(1_000 * 4 + 30_000),
            ),
            (
                Shape::Embeddings,
                r#"{"input":["hi","yo"]}"#,
                "m",
                Some(8 * 1_000),
            ),
            (Shape::Embeddings, r#"{"input":"hi"}"#, "m", Some(4 * 1_000)),
            // The query is read with each of the documents.
            (
                Shape::Rerank,
                r#"{"query":"hi","documents":["a","b","c"]}"#,
                "m",
                Some(1_000 * (3 * 4 + 3 * 3)),
            ),
            (
                Shape::Rerank,
                r#"{"query":"hi","documents":["a"]}"#,
                "search",
                Some(2_000_000),
            ),
            (Shape::Speech, r#"{"input":"hi"}"#, "m", None),
            (Shape::Speech, r#"{"input":"hi"}"#, "voice", None),
            (Shape::Speech, r#"{"input":"hi"}"#, "search", Some(2_000_000)),
        ] {
            assert_eq!(cost(shape, body, model), expected, "{shape:?} {body}");
        }
        let many = format!(
            r#"{{"query":"hi","documents":[{}]}}"#,
            vec![r#""a""#; 101].join(",")
        );
        assert_eq!(cost(Shape::Rerank, &many, "search"), Some(2 * 2_000_000));
    }
}
