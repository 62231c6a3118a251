//! Finds the texts of a chunk that brings nothing but text, so that chunks that differ in their texts only can become one.

use std::ops::Range;

use crate::json::{self, Object};

/// How many fields an object may have. One with more is not worth the comparison of its names.
const MAX_FIELDS: usize = 32;

/// Whose text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Of the answer.
    Content,
    /// Of the reasoning. A chunk may have it under two names at once.
    Reasoning,
}

/// The body of a JSON string in a chunk, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSpan {
    /// Where it is in the text of the chunk.
    pub range: Range<usize>,
    /// Whose text it is.
    pub kind: TextKind,
}

/// The texts of a chunk that brings nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainTexts {
    /// The texts, in the order of the chunk.
    pub spans: Vec<TextSpan>,
    /// Whether they belong to the first choice.
    pub is_first_choice: bool,
}

/// Returns the texts of a chunk that brings content or reasoning and nothing else; `None` for any other event, or if `text` is no
/// JSON object.
///
/// Of two such chunks with the same bytes around their texts, the second one says nothing that the first one did not, except for
/// the text. Therefore every field must be known to mean nothing by its repetition: a finish reason, usage, tool calls, log
/// probabilities, a signature and whatever a field that is not known may hold are refused.
pub fn plain_texts(text: &str) -> Option<PlainTexts> {
    let chunk = distinct(text)?;
    let mut choices = None;
    for (name, value) in chunk.entries() {
        match name {
            "choices" => choices = json::array(value),
            "usage" | "error" if value != "null" => return None,
            "type" | "object" if value == "\"error\"" => return None,
            _ if !is_scalar(value) => return None,
            _ => {}
        }
    }
    let [choice] = choices?[..] else { return None };
    let choice = distinct(choice)?;
    let (mut delta, mut is_first_choice) = (None, true);
    for (name, value) in choice.entries() {
        match name {
            "delta" => delta = distinct(value),
            "index" if is_scalar(value) => is_first_choice = value == "0",
            _ if value != "null" => return None,
            _ => {}
        }
    }
    let mut spans = Vec::new();
    for (name, value) in delta?.entries() {
        match name {
            _ if value == "null" => {}
            "role" => {
                json::string_body(value)?;
            }
            "content" => spans.push(span(text, value, TextKind::Content)?),
            "reasoning" | "reasoning_content" => spans.push(span(text, value, TextKind::Reasoning)?),
            "reasoning_details" => spans.extend(detail_span(text, value)?),
            _ => return None,
        }
    }
    let has = |kind| {
        spans
            .iter()
            .any(|span: &TextSpan| span.kind == kind && !span.range.is_empty())
    };
    let is_mixed = has(TextKind::Content) && has(TextKind::Reasoning);
    (!spans.is_empty() && !is_mixed).then_some(PlainTexts {
        spans,
        is_first_choice,
    })
}

/// Returns the text in `reasoning_details`: an empty list, or one item with a text or a summary.
fn detail_span(text: &str, details: &str) -> Option<Option<TextSpan>> {
    let items = json::array(details)?;
    let [item] = items[..] else {
        return items.is_empty().then_some(None);
    };
    let detail = distinct(item)?;
    let name = match detail.present("type") {
        Some("\"reasoning.summary\"") => "summary",
        Some("\"reasoning.text\"") => "text",
        _ => return None,
    };
    let is_plain = |(key, value): (&str, &str)| is_scalar(value) && (key != "signature" || value == "null");
    if !detail.entries().all(is_plain) {
        return None;
    }
    span(text, detail.present(name)?, TextKind::Reasoning).map(Some)
}

/// Returns where the body of the JSON string `value`, a slice of `text`, is.
fn span(text: &str, value: &str, kind: TextKind) -> Option<TextSpan> {
    let body = json::string_body(value)?;
    let start = (body.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let range = start..start + body.len();
    std::ptr::eq(text.get(range.clone())?, body).then_some(TextSpan { range, kind })
}

/// Parses an object with few fields and no name twice.
fn distinct(text: &str) -> Option<Object<'_>> {
    let object = Object::parse(text)?;
    let names: Vec<&str> = object.entries().map(|(name, _)| name).collect();
    let is_distinct = names.len() <= MAX_FIELDS
        && names
            .iter()
            .enumerate()
            .all(|(at, name)| !names.iter().skip(at + 1).any(|other| other == name));
    is_distinct.then_some(object)
}

fn is_scalar(value: &str) -> bool {
    !value.starts_with(['{', '['])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: &str = r#"{"id":"gen-1","model":"m","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":"a\n","reasoning":null},"finish_reason":null,"native_finish_reason":null,"logprobs":null}],"usage":null}"#;
    const REASONING: &str = r#"{"id":"gen-1","choices":[{"index":1,"delta":{"role":"assistant","content":"","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","format":"x","index":0,"signature":null}]},"finish_reason":null}]}"#;

    fn texts(text: &str) -> Option<Vec<(&str, TextKind)>> {
        let plain = plain_texts(text)?;
        Some(
            plain
                .spans
                .into_iter()
                .map(|span| (&text[span.range], span.kind))
                .collect(),
        )
    }

    #[test]
    fn the_texts_are_found_under_each_of_their_names() {
        assert_eq!(texts(CONTENT), Some(vec![(r"a\n", TextKind::Content)]));
        let reasoning = TextKind::Reasoning;
        assert_eq!(
            texts(REASONING),
            Some(vec![
                ("", TextKind::Content),
                ("hm", reasoning),
                ("hm", reasoning)
            ])
        );
        assert!(
            plain_texts(CONTENT).unwrap().is_first_choice && !plain_texts(REASONING).unwrap().is_first_choice
        );
        let summary = REASONING
            .replace("reasoning.text", "reasoning.summary")
            .replace(r#""text""#, r#""summary""#);
        assert_eq!(texts(&summary).unwrap().len(), 3);
        assert_eq!(
            texts(r#"{"choices":[{"delta":{"reasoning_content":"a","reasoning_details":[]}}]}"#),
            Some(vec![("a", reasoning)])
        );
    }

    #[test]
    fn a_chunk_with_anything_else_is_not_plain() {
        for (from, to) in [
            (r#""usage":null"#, r#""usage":{}"#),
            (r#""usage":null"#, r#""error":"x""#),
            (r#""usage":null"#, r#""debug":[]"#),
            (r#""usage":null"#, r#""object":"error""#),
            (r#""usage":null"#, r#""id":"gen-1""#),
            (r#""finish_reason":null"#, r#""finish_reason":"stop""#),
            (r#""logprobs":null"#, r#""logprobs":{}"#),
            (r#""logprobs":null"#, r#""matched_stop":1"#),
            (r#""role":"assistant""#, r#""tool_calls":[]"#),
            (r#""role":"assistant""#, r#""refusal":"r""#),
            (r#""role":"assistant""#, r#""annotations":[]"#),
            (r#""role":"assistant""#, r#""images":[]"#),
            (r#""role":"assistant""#, r#""content":"b""#),
            (r#""reasoning":null"#, r#""reasoning":"r""#),
            (
                r#""reasoning":null"#,
                r#""reasoning_details":[{"type":"reasoning.encrypted","data":"x"}]"#,
            ),
            (
                r#""reasoning":null"#,
                r#""reasoning_details":[{"type":"reasoning.text","text":"","signature":"s"}]"#,
            ),
            (
                r#""reasoning":null"#,
                r#""reasoning_details":[{"type":"reasoning.text","text":""},{"type":"reasoning.text","text":""}]"#,
            ),
            (r#""a\n""#, "null"),
            (r#""a\n""#, r#"[{"type":"text","text":"a"}]"#),
            (r#""delta""#, r#""message""#),
            (r#"null}],"#, r#"null},{"index":1}],"#),
            (r#"{"id""#, r#"["id""#),
        ] {
            let text = CONTENT.replacen(from, to, 1);
            assert_ne!(text, CONTENT, "{from}");
            assert_eq!(plain_texts(&text), None, "{text}");
        }
    }
}
