//! The OpenTelemetry attributes of a chat, as JSON fields that a subscriber can set on its span. They follow the GenAI
//! semantic conventions (opentelemetry.io/docs/specs/semconv/gen-ai). These have no name for the cost, which is
//! `gen_ai.usage.cost` here, the name that observability products read. The attributes contain no text of a prompt or an
//! answer.

use std::time::Duration;

use url::Url;

use crate::error::Error;
use crate::json::{self, Object, ObjectWriter};

/// The request parameters that become attributes, with the names of the attributes.
const PARAMETERS: &[(&str, &str)] = &[
    ("max_tokens", "gen_ai.request.max_tokens"),
    ("max_completion_tokens", "gen_ai.request.max_tokens"),
    ("temperature", "gen_ai.request.temperature"),
    ("top_p", "gen_ai.request.top_p"),
    ("top_k", "gen_ai.request.top_k"),
    ("frequency_penalty", "gen_ai.request.frequency_penalty"),
    ("presence_penalty", "gen_ai.request.presence_penalty"),
    ("seed", "gen_ai.request.seed"),
];

/// The fields of `usage` that become attributes, with the names of the attributes. Some fields are inside a field of
/// `usage`.
const TOKENS: &[(&str, Option<&str>, &str)] = &[
    ("prompt_tokens", None, "gen_ai.usage.input_tokens"),
    ("completion_tokens", None, "gen_ai.usage.output_tokens"),
    // Of the Responses API and of Messages.
    ("input_tokens", None, "gen_ai.usage.input_tokens"),
    ("output_tokens", None, "gen_ai.usage.output_tokens"),
    (
        "prompt_tokens_details",
        Some("cached_tokens"),
        "gen_ai.usage.cache_read.input_tokens",
    ),
    (
        "prompt_tokens_details",
        Some("cache_write_tokens"),
        "gen_ai.usage.cache_creation.input_tokens",
    ),
    (
        "completion_tokens_details",
        Some("reasoning_tokens"),
        "gen_ai.usage.reasoning.output_tokens",
    ),
    ("cost", None, "gen_ai.usage.cost"),
];

/// A request, as it is published.
#[derive(Debug, Clone, Copy)]
pub struct PublishedRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// The absolute URL.
    pub url: &'a str,
    /// The model that a chat requests.
    pub model: Option<&'a str>,
    /// Whether a chat requests a stream, if known.
    pub stream: Option<bool>,
    /// The attributes of a chat.
    pub chat: Option<&'a ChatAttributes>,
}

/// A failed request that is followed by another one, as it is published.
#[derive(Debug, Clone, Copy)]
pub struct PublishedRetry<'a> {
    /// Why the request failed.
    pub error: &'a Error,
    /// How long the client waits before it sends the next one.
    pub delay: Duration,
    /// Which retry the next one is, from 1, and how many there may be; `None` if another model is asked instead.
    pub retry: Option<(u32, u32)>,
    /// The model that is asked instead of the one that failed.
    pub model: Option<&'a str>,
}

/// Returns the attributes of a request, as a JSON object.
pub fn request_attributes(request: PublishedRequest<'_>) -> String {
    let mut fields = ObjectWriter::new();
    if let Ok(url) = Url::parse(request.url) {
        fields.text("server.address", url.host_str());
        fields.raw(
            "server.port",
            url.port_or_known_default().map(|port| port.to_string()),
        );
    }
    fields.text("http.request.method", Some(request.method));
    for (name, value) in request.chat.iter().flat_map(|chat| &chat.0) {
        fields.raw(name, Some(value.clone()));
    }
    fields.finish()
}

/// The attributes that follow from the body of a chat, with their values as JSON text.
#[derive(Debug, Default)]
pub struct ChatAttributes(Vec<(&'static str, String)>);

impl ChatAttributes {
    /// Reads a JSON body. `operation` is the name of the convention for what the endpoint does.
    pub fn of(operation: &str, body: &[u8]) -> Self {
        let body = std::str::from_utf8(body).ok().and_then(Object::parse);
        body.map(|body| Self::of_parameters(operation, &body))
            .unwrap_or_default()
    }

    fn of_parameters(operation: &str, body: &Object<'_>) -> Self {
        let mut all = Self::default();
        all.text("gen_ai.operation.name", Some(operation));
        all.text("gen_ai.provider.name", Some("openrouter"));
        all.text("gen_ai.request.model", body.string("model").as_deref());
        for (parameter, attribute) in PARAMETERS {
            // Two parameters have the same meaning; the first that is present counts.
            if !all.0.iter().any(|(name, _)| name == attribute) {
                all.raw(attribute, number(body, parameter));
            }
        }
        if let Some(stop) = body.present("stop") {
            let is_list =
                json::array(stop).is_some_and(|all| all.iter().all(|one| json::string(one).is_some()));
            let list = match is_list {
                true => Some(stop.to_owned()),
                false => json::string(stop).map(|one| format!("[{}]", json::quoted(&one))),
            };
            all.raw("gen_ai.request.stop_sequences", list);
        }
        all.text("gen_ai.conversation.id", body.string("session_id").as_deref());
        all
    }

    fn text(&mut self, name: &'static str, value: Option<&str>) {
        self.raw(name, value.map(json::quoted));
    }

    fn raw(&mut self, name: &'static str, value: Option<String>) {
        self.0.extend(value.map(|value| (name, value)));
    }
}

/// Adds the attributes of an answer to `fields`. `completion` is the JSON text of a completion, or of the part that a stream
/// has received.
pub fn response_attributes(fields: &mut ObjectWriter, completion: &str, generation_id: Option<&str>) {
    let Some(completion) = Object::parse(completion) else {
        return;
    };
    fields.text("gen_ai.response.id", completion.string("id").as_deref());
    fields.text("gen_ai.response.model", completion.string("model").as_deref());
    let choices = completion
        .present("choices")
        .and_then(json::array)
        .unwrap_or_default();
    let reasons: Vec<String> = choices
        .iter()
        .filter_map(|choice| {
            Object::parse(choice)?
                .string("finish_reason")
                .map(|reason| json::quoted(&reason))
        })
        .collect();
    if !reasons.is_empty() {
        fields.raw(
            "gen_ai.response.finish_reasons",
            Some(format!("[{}]", reasons.join(","))),
        );
    }
    if let Some(usage) = completion.object("usage") {
        for (name, inner, attribute) in TOKENS {
            let value = match inner {
                None => number(&usage, name),
                Some(inner) => usage.object(name).and_then(|details| number(&details, inner)),
            };
            fields.raw(attribute, value);
        }
    }
    fields.text(
        "openrouter.provider.name",
        completion.string("provider").as_deref(),
    );
    fields.text("openrouter.generation.id", generation_id);
}

/// Returns the text of a number as the JSON contains it, so that it loses no digits.
fn number(object: &Object<'_>, name: &str) -> Option<String> {
    let text = object.present(name)?;
    json::number(text).map(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(body: &str) -> Value {
        let request = PublishedRequest {
            method: "POST",
            url: "https://openrouter.ai/api/v1/chat/completions",
            model: None,
            stream: None,
            chat: Some(&ChatAttributes::of("chat", body.as_bytes())),
        };
        serde_json::from_str(&request_attributes(request)).unwrap()
    }

    #[test]
    fn the_attributes_of_a_request_contain_its_parameters_but_no_prompt() {
        let told = of(
            r#"{"model":"a/b","messages":[{"role":"user","content":"secret"}],"max_tokens":5,"max_completion_tokens":7,"temperature":0.5,"stop":"x","session_id":"s"}"#,
        );
        assert_eq!(
            told,
            json!({
                "server.address": "openrouter.ai", "server.port": 443, "http.request.method": "POST",
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openrouter", "gen_ai.request.model": "a/b",
                "gen_ai.request.max_tokens": 5, "gen_ai.request.temperature": 0.5,
                "gen_ai.request.stop_sequences": ["x"], "gen_ai.conversation.id": "s",
            })
        );
    }

    #[test]
    fn parameters_of_the_wrong_type_are_left_out() {
        let told = of(r#"{"model":1,"temperature":"hot","stop":[1],"seed":null}"#);
        assert_eq!(told.as_object().unwrap().len(), 5);
    }

    #[test]
    fn the_attributes_of_an_answer_contain_model_tokens_and_cost() {
        let mut fields = ObjectWriter::new();
        response_attributes(
            &mut fields,
            r#"{"id":"gen-1","model":"a/b","provider":"P","choices":[{"finish_reason":"stop"},{"finish_reason":null}],"usage":{"prompt_tokens":3,"completion_tokens":2,"cost":0.00001,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":null}}"#,
            Some("gen-1"),
        );
        assert_eq!(
            serde_json::from_str::<Value>(&fields.finish()).unwrap(),
            json!({
                "gen_ai.response.id": "gen-1", "gen_ai.response.model": "a/b", "gen_ai.response.finish_reasons": ["stop"],
                "gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 2,
                "gen_ai.usage.cache_read.input_tokens": 1, "gen_ai.usage.cost": 0.00001,
                "openrouter.provider.name": "P", "openrouter.generation.id": "gen-1",
            })
        );
    }
}
