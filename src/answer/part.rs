//! A part of an answer that is being assembled: an output item, a content block, a choice or an image.

use std::collections::BTreeMap;

use crate::json::{self, Object, ObjectWriter};

/// A part of an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// As an event tells it: at its start, or whole.
    pub(super) told: Option<String>,
    pub(super) is_whole: bool,
    /// The texts so far by their names, as bodies of JSON strings.
    pub(super) texts: BTreeMap<&'static str, String>,
}

impl Part {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.texts.get(name).map(|body| format!("\"{body}\""))
    }

    /// The output item of a response.
    pub(super) fn item(&self) -> String {
        let told = self.told.as_deref().unwrap_or("{}");
        if self.is_whole || self.texts.is_empty() {
            return told.to_owned();
        }
        let mut content = Vec::new();
        for (name, kind) in [
            ("text", "output_text"),
            ("refusal", "refusal"),
            ("reasoning", "reasoning_text"),
        ] {
            if let Some(text) = self.text(name) {
                let mut part = ObjectWriter::new();
                part.text("type", Some(kind));
                part.raw(if name == "refusal" { "refusal" } else { "text" }, Some(text));
                content.push(part.finish());
            }
        }
        let (content, arguments) = (format!("[{}]", content.join(",")), self.text("arguments"));
        let mut item = Object::parse(told).unwrap_or_default();
        match &arguments {
            Some(arguments) => item.set("arguments", arguments),
            None => item.set("content", &content),
        }
        item.to_json()
    }

    /// The content block of a message.
    pub(super) fn block(&self) -> String {
        let mut block = Object::parse(self.told.as_deref().unwrap_or("{}")).unwrap_or_default();
        let texts: Vec<(&str, String)> = ["text", "thinking", "signature"]
            .into_iter()
            .filter_map(|name| Some((name, self.text(name)?)))
            .collect();
        for (name, text) in &texts {
            block.set(*name, text);
        }
        // The input of a tool arrives as pieces of JSON. A cut one stays text.
        let input = self.text("partial_json");
        let input = input.as_deref().map(|text| match json::string(text) {
            Some(plain) if json::is_valid(&plain) => plain.into_owned(),
            _ => text.to_owned(),
        });
        if let Some(input) = &input {
            block.set("input", input);
        }
        block.to_json()
    }

    /// The choice of a completion.
    pub(super) fn choice(&self, index: u64) -> String {
        let (text, index) = (
            self.text("text").unwrap_or_else(|| "\"\"".into()),
            index.to_string(),
        );
        let mut choice = Object::default();
        choice.set("text", &text);
        choice.set("index", &index);
        choice.set("finish_reason", "null");
        if let Some(told) = self.told.as_deref().and_then(Object::parse) {
            choice.merge(told);
        }
        choice.to_json()
    }
}
