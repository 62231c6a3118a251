//! The facts of an answer: its id, model, provider and usage.

use super::event::Event;
use crate::completion::Usage;
use crate::json::{Object, ObjectWriter};

/// What an answer has told of itself so far.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The id of the answer.
    pub id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// The display name of the provider.
    pub provider: Option<String>,
    /// The text of `usage`.
    pub usage: Option<String>,
    /// The text of `openrouter_metadata`.
    pub metadata: Option<String>,
}

impl Facts {
    /// Returns the facts of a whole answer.
    pub fn of(event: &Event<'_>) -> Self {
        let mut facts = Self::default();
        facts.take(event);
        facts
    }

    /// Takes the facts in an event. Later ones count.
    pub fn take(&mut self, event: &Event<'_>) {
        let answer = event.answer();
        let set = |field: &mut Option<String>, name: &str| {
            if let Some(value) = answer.string(name).filter(|value| !value.is_empty()) {
                *field = Some(value.into_owned());
            }
        };
        set(&mut self.model, "model");
        set(&mut self.provider, "provider");
        // The id of a Responses event is that of an item.
        if event.kind().is_empty() || event.carried_text().is_some() || event.kind() == "message" {
            set(&mut self.id, "id");
        }
        let outer = event.fields();
        let present = |name| answer.present(name).or_else(|| outer.present(name));
        if let Some(usage) = present("usage") {
            self.add_usage(usage);
        }
        if let Some(metadata) = present("openrouter_metadata") {
            self.metadata = Some(metadata.to_owned());
        }
    }

    /// Merges usage: Messages tell the tokens of the prompt at the start, and those of the answer at the end.
    fn add_usage(&mut self, usage: &str) {
        let Some(new) = Object::parse(usage) else { return };
        let merged = match self.usage.as_deref().and_then(Object::parse) {
            None => None,
            Some(mut all) => {
                all.merge(new);
                Some(all.to_json())
            }
        };
        self.usage = Some(merged.unwrap_or_else(|| usage.to_owned()));
    }

    /// Returns the cost that was charged to the account, in USD.
    pub fn cost(&self) -> Option<f64> {
        Usage::parse(self.usage.as_deref()?)?.cost()
    }

    /// Returns the total cost in USD, with the bill of the caller's own provider.
    pub fn total_cost(&self) -> Option<f64> {
        Usage::parse(self.usage.as_deref()?)?.total_cost()
    }

    /// Returns the facts as a JSON object, in the names of the API.
    pub fn to_json(&self) -> String {
        let mut fields = ObjectWriter::new();
        fields.text("id", self.id.as_deref());
        fields.text("model", self.model.as_deref());
        fields.text("provider", self.provider.as_deref());
        fields.raw("usage", self.usage.clone());
        fields.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_of_messages_is_merged_and_the_cost_is_found() {
        let mut facts = Facts::default();
        for text in [
            r#"{"type":"message_start","message":{"id":"msg-1","model":"a/b","provider":"P","usage":{"input_tokens":3,"output_tokens":1}}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9,"cost":0.5}}"#,
        ] {
            facts.take(&Event::parse(text).unwrap());
        }
        assert_eq!(facts.cost(), Some(0.5));
        assert_eq!(
            facts.to_json(),
            r#"{"id":"msg-1","model":"a/b","provider":"P","usage":{"input_tokens":3,"output_tokens":9,"cost":0.5}}"#
        );
    }

    #[test]
    fn a_response_tells_its_facts_in_its_last_event() {
        let mut facts = Facts::default();
        for text in [
            r#"{"type":"response.created","response":{"id":"resp-1","model":"a/b","usage":null}}"#,
            r#"{"type":"response.output_item.added","item":{"id":"msg-9"}}"#,
            r#"{"type":"response.completed","response":{"id":"resp-1","model":"a/c","usage":{"input_tokens":3,"cost":0.25,"is_byok":true,"cost_details":{"upstream_inference_cost":1}}}}"#,
        ] {
            facts.take(&Event::parse(text).unwrap());
        }
        assert_eq!(
            (facts.id.as_deref(), facts.model.as_deref()),
            (Some("resp-1"), Some("a/c"))
        );
        assert_eq!((facts.cost(), facts.total_cost()), (Some(0.25), Some(1.25)));
    }
}
