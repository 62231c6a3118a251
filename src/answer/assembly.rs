//! Assembles the whole answer from the events of a stream, for the final answer and for the part that came before a failure.

use std::collections::BTreeMap;

use super::delta::{Delta, index_of};
use super::event::{Event, Family};
use super::part::Part;
use crate::json::Object;

/// The place of an image that is not finished.
const UNFINISHED: u64 = u64::MAX;

/// What each part of an answer counts, beside its text, towards the limit of an answer.
const PART_SIZE: usize = 64;

/// An answer that is being assembled.
#[derive(Debug, Clone, Default)]
pub struct Assembly {
    family: Option<Family>,
    /// The answer as the first event tells it, or as the last one does, which then is complete.
    base: Option<String>,
    is_complete: bool,
    /// The output items of a response, the blocks of a message, the choices of a completion.
    parts: BTreeMap<u64, Part>,
    /// The fields that the end of a message adds.
    ending: Option<String>,
    usage: Option<String>,
    size: usize,
}

impl Assembly {
    /// Returns its size in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether a part of the answer has come.
    pub fn has_output(&self) -> bool {
        self.is_complete || !self.parts.is_empty()
    }

    /// Adds an event.
    pub fn add(&mut self, event: &Event<'_>) {
        let family = *self.family.get_or_insert_with(|| event.family());
        match family {
            Family::Response => self.add_of_response(event),
            Family::Message => self.add_of_message(event),
            Family::Completion => self.add_of_completion(event),
            Family::Image => self.add_of_images(event),
            Family::Other => self.set_base(event.text(), true),
        }
        for (delta, body) in event.deltas() {
            self.append(&delta, body);
        }
    }

    fn set_base(&mut self, text: &str, is_complete: bool) {
        self.size = self.size - self.base.as_ref().map_or(0, String::len) + text.len();
        self.base = Some(text.to_owned());
        self.is_complete = is_complete;
        if is_complete {
            self.parts.clear();
            self.size = text.len();
        }
    }

    fn part(&mut self, index: u64) -> &mut Part {
        if !self.parts.contains_key(&index) {
            self.size += PART_SIZE;
        }
        self.parts.entry(index).or_default()
    }

    fn tell(&mut self, index: u64, text: &str, is_whole: bool) {
        self.size += text.len();
        let part = self.part(index);
        let dropped = match is_whole {
            true => std::mem::take(&mut part.texts).values().map(String::len).sum(),
            false => 0,
        } + part.told.as_ref().map_or(0, String::len);
        part.told = Some(text.to_owned());
        part.is_whole = is_whole;
        self.size -= dropped;
    }

    /// Adds to a text. `body` is the body of a JSON string.
    pub fn append(&mut self, delta: &Delta, body: &str) {
        if self.family == Some(delta.family()) {
            self.size += body.len();
            let texts = &mut self.part(delta.index()).texts;
            texts.entry(delta.name()).or_default().push_str(body);
        }
    }

    fn add_of_response(&mut self, event: &Event<'_>) {
        if let Some(response) = event.carried_text() {
            return self.set_base(response, event.ends_answer());
        }
        let fields = event.fields();
        let index = index_of(fields, "output_index");
        match event.kind() {
            "response.output_item.added" => self.tell_present(index, fields.present("item"), false),
            "response.output_item.done" => self.tell_present(index, fields.present("item"), true),
            _ => {}
        }
    }

    fn tell_present(&mut self, index: u64, text: Option<&str>, is_whole: bool) {
        if let Some(text) = text {
            self.tell(index, text, is_whole);
        }
    }

    fn add_of_message(&mut self, event: &Event<'_>) {
        let fields = event.fields();
        let index = index_of(fields, "index");
        match event.kind() {
            "message_start" => self.set_base(event.carried_text().unwrap_or("{}"), false),
            "content_block_start" => self.tell_present(index, fields.present("content_block"), false),
            "message_delta" => {
                self.ending = fields.present("delta").map(str::to_owned);
                self.usage = fields.present("usage").map(str::to_owned);
            }
            _ => {}
        }
    }

    fn add_of_completion(&mut self, event: &Event<'_>) {
        let fields = event.fields();
        if self.base.is_none() {
            let mut base = Object::default();
            for (name, value) in fields.entries().filter(|(name, _)| *name != "choices") {
                base.set(name.to_owned(), value);
            }
            self.set_base(&base.to_json(), false);
        }
        if let Some(usage) = fields.present("usage") {
            self.usage = Some(usage.to_owned());
        }
        for choice in event.choices().filter_map(Object::parse) {
            if choice.present("finish_reason").is_some() {
                let index = index_of(&choice, "index");
                let mut told = choice;
                told.remove("text");
                self.tell(index, &told.to_json(), false);
            }
        }
    }

    /// Keeps the images that are made, and until then the last one that is not finished.
    fn add_of_images(&mut self, event: &Event<'_>) {
        let mut image = Object::default();
        let mut base = Object::default();
        for (name, value) in event.fields().entries() {
            match name {
                "type" => {}
                "usage" => self.usage = Some(value.to_owned()),
                "created" => base.set(name.to_owned(), value),
                _ => image.set(name.to_owned(), value),
            }
        }
        let is_made = event.kind() == "image_generation.completed";
        if event.fields().present("b64_json").is_none() {
            return;
        }
        if let Some(unfinished) = self.parts.remove(&UNFINISHED) {
            self.size -= PART_SIZE + unfinished.told.map_or(0, |told| told.len());
        }
        let index = if is_made {
            self.parts.len() as u64
        } else {
            UNFINISHED
        };
        self.tell(index, &image.to_json(), is_made);
        if is_made {
            self.set_base(&base.to_json(), false);
        }
    }

    /// Returns the answer so far as JSON text, in the shape of one that is not streamed.
    pub fn to_json(&self) -> String {
        let base = self.base.as_deref().unwrap_or("{}");
        if self.is_complete {
            return base.to_owned();
        }
        let parts: Vec<String> = self
            .parts
            .iter()
            .map(|(index, part)| match self.family {
                Some(Family::Response) => part.item(),
                Some(Family::Completion) => part.choice(*index),
                Some(Family::Image) => part.told.clone().unwrap_or_default(),
                _ => part.block(),
            })
            .collect();
        let parts = format!("[{}]", parts.join(","));
        let mut all = Object::parse(base).unwrap_or_default();
        let usage = self.merged_usage(&all);
        let ending = self.ending.as_deref().and_then(Object::parse);
        all.set(
            match self.family {
                Some(Family::Response) => "output",
                Some(Family::Completion) => "choices",
                Some(Family::Image) => "data",
                _ => "content",
            },
            &parts,
        );
        if let Some(ending) = ending {
            all.merge(ending);
        }
        if let Some(usage) = &usage {
            all.set("usage", usage);
        }
        all.to_json()
    }

    fn merged_usage(&self, base: &Object<'_>) -> Option<String> {
        let later = Object::parse(self.usage.as_deref()?)?;
        let mut all = base.object("usage").unwrap_or_default();
        all.merge(later);
        Some(all.to_json())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assembled(events: &[&str]) -> String {
        let mut assembly = Assembly::default();
        for text in events {
            assembly.add(&Event::parse(text).unwrap());
        }
        assembly.to_json()
    }

    #[test]
    fn images_are_joined_and_an_unfinished_one_is_kept_until_it_is_made() {
        let mut assembly = Assembly::default();
        let mut add = |text: &str| {
            assembly.add(&Event::parse(text).unwrap());
            assembly.to_json()
        };
        assert_eq!(
            add(r#"{"type":"image_generation.partial_image","partial_image_index":0,"b64_json":"AA"}"#),
            r#"{"data":[{"partial_image_index":0,"b64_json":"AA"}]}"#
        );
        add(
            r#"{"type":"image_generation.completed","created":1,"b64_json":"BB","media_type":"image/png","usage":{"cost":0.1}}"#,
        );
        assert_eq!(
            add(r#"{"type":"image_generation.completed","created":1,"b64_json":"CC","usage":{"cost":0.2}}"#),
            r#"{"created":1,"data":[{"b64_json":"BB","media_type":"image/png"},{"b64_json":"CC"}],"usage":{"cost":0.2}}"#
        );
        assert!(assembly.has_output());
    }

    #[test]
    fn the_last_event_of_a_response_is_the_answer_and_before_it_the_items_are_assembled() {
        let events = [
            r#"{"type":"response.created","response":{"id":"r","status":"in_progress","output":[]}}"#,
            r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m","content":[]}}"#,
            r#"{"type":"response.output_text.delta","output_index":0,"delta":"Hel"}"#,
            r#"{"type":"response.output_text.delta","output_index":0,"delta":"lo\n"}"#,
            r#"{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","name":"f","arguments":""}}"#,
            r#"{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{\"a\":"}"#,
            r#"{"type":"response.completed","response":{"id":"r","status":"completed","output":[1]}}"#,
        ];
        assert_eq!(
            assembled(&events[..6]),
            r#"{"id":"r","status":"in_progress","output":[{"type":"message","id":"m","content":[{"type":"output_text","text":"Hello\n"}]},{"type":"function_call","name":"f","arguments":"{\"a\":"}]}"#
        );
        assert_eq!(
            assembled(&events),
            r#"{"id":"r","status":"completed","output":[1]}"#
        );
    }

    #[test]
    fn a_message_is_assembled_from_its_blocks() {
        assert_eq!(
            assembled(&[
                r#"{"type":"message_start","message":{"id":"m","content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}}"#,
                r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}"#,
                r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
                r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}"#,
                r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","name":"f","input":{}}}"#,
                r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\""}}"#,
                r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":":1}"}}"#,
                r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9,"cost":0.5}}"#,
                r#"{"type":"message_stop"}"#,
            ]),
            r#"{"id":"m","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"Hi"},{"type":"tool_use","name":"f","input":{"a":1}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":9,"cost":0.5}}"#
        );
    }

    #[test]
    fn a_completion_is_assembled_from_its_chunks() {
        assert_eq!(
            assembled(&[
                r#"{"id":"c","model":"a/b","choices":[{"index":0,"text":"He"},{"index":1,"text":"x"}]}"#,
                r#"{"id":"c","model":"a/b","choices":[{"index":0,"text":"y","finish_reason":"stop"}]}"#,
                r#"{"id":"c","model":"a/b","choices":[],"usage":{"cost":1}}"#,
            ]),
            r#"{"id":"c","model":"a/b","choices":[{"text":"Hey","index":0,"finish_reason":"stop"},{"text":"x","index":1,"finish_reason":null}],"usage":{"cost":1}}"#
        );
    }

    #[test]
    fn the_size_counts_every_part() {
        let mut assembly = Assembly::default();
        for index in 0..100 {
            let text = format!(r#"{{"type":"content_block_delta","index":{index},"delta":{{}}}}"#);
            assembly.add(&Event::parse(&text).unwrap());
        }
        let delta = r#"{"type":"content_block_delta","index":7,"delta":{"text":"0123456789"}}"#;
        assembly.add(&Event::parse(delta).unwrap());
        assert_eq!(assembly.size(), PART_SIZE + 10);
        assert!(assembly.has_output());
    }
}
