//! What a chat usually costs, for those who ask before they send it.

use super::{Request, dollars, nanodollars, product};
use crate::account::prices::ModelPrices;
use crate::json::{ObjectWriter, number_text};

/// The tokens of an answer of which nothing is known.
const USUAL_ANSWER: u64 = 500;

impl Request {
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

    /// Returns the estimate for the first of `models` that answers, as JSON text. `dearest` has the highest prices at which they
    /// are served, `answer` is the number of tokens that the caller expects in each choice.
    pub fn to_json(
        &self,
        models: &[(&str, Option<&ModelPrices>)],
        dearest: Option<&ModelPrices>,
        answer: Option<u64>,
    ) -> String {
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
        let most = self.bound(dearest).map(|bound| bound.cost);
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::estimate::Shape;
    use crate::account::prices::of_list;

    const LIST: &str = r#"[{"id":"a/b","context_length":1000,"top_provider":{"max_completion_tokens":100},
        "pricing":{"prompt":"0.000001","completion":"0.00001","input_cache_read":"0.0000001","request":"0.01"}}]"#;

    #[test]
    fn the_estimate_tells_which_models_have_no_price() {
        let models = of_list(LIST);
        let request = Request::of(
            Shape::Chat,
            r#"{"messages":[{"role":"user","content":"hi"}],"max_tokens":10}"#,
        );
        let json = request.to_json(&[("a/b", models.get("a/b")), ("x/y", None)], None, Some(4));
        assert_eq!(
            json,
            r#"{"min":null,"expected":0.010052,"max":null,"currency":"USD","promptTokens":{"expected":12,"max":30},"completionTokens":{"expected":4,"max":10},"unpriced":["x/y"]}"#
        );
    }
}
