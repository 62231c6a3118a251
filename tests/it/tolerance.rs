//! Whatever a chunk contains, the reader does not fail, loses no field, splits no character, and takes time linear in the
//! bytes.

use crate::support::chunks::{RECORDED, calls, completed, delta, field, finish};
use openrouter_native::completion::{Chunk, Completion};
use openrouter_native::json::{self, Object};
use proptest::prelude::*;

#[test]
fn no_mutation_of_a_chunk_fails_the_reader_or_loses_an_unknown_field() {
    let mut tried = 0;
    for (at, recorded) in RECORDED.iter().enumerate() {
        for mutated in mutations(recorded) {
            let mut chunks = RECORDED.map(str::to_owned).to_vec();
            chunks[at].clone_from(&mutated);
            let completion = completed(&chunks);
            let out = completion.to_json();
            assert!(json::is_valid(&out), "{mutated}\n{out}");
            let mut unknown = vec!["x_top", "x_delta", "x_choice", "thought_signature"];
            // An unknown field may be missing only if the mutation removed it or a parent of it.
            unknown.retain(|name| chunks.iter().any(|chunk| reaches(chunk, name)));
            for name in unknown {
                assert!(out.contains(name), "{name} of {mutated}\n{out}");
            }
            tried += 1;
        }
    }
    assert!(tried > 500, "{tried}");
}

/// Whether the field is still at its path: neither the field nor a parent was removed, retyped or shadowed.
fn reaches(chunk: &str, name: &str) -> bool {
    let path: &[&str] = match name {
        "x_top" => &[],
        "x_choice" => &["choices"],
        "x_delta" => &["choices", "delta"],
        _ => &["choices", "delta", "tool_calls", "extra_content", "google"],
    };
    let mut value = chunk.to_owned();
    for step in path {
        let Some(inner) = Object::parse(&value).and_then(|object| object.get(step)) else {
            return false;
        };
        let items = json::array(inner).unwrap_or_default();
        value = items.first().unwrap_or(&inner).to_string();
    }
    Object::parse(&value).is_some_and(|object| object.get(name).is_some())
}

/// Variants of a JSON text, each with one field, at any depth, removed, set to null, retyped or duplicated.
fn mutations(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(object) = Object::parse(text) {
        let entries: Vec<(&str, &str)> = object.entries().collect();
        let write = |entries: &[(&str, &str)]| {
            let fields: Vec<String> = entries
                .iter()
                .map(|(name, value)| format!("{}:{value}", json::quoted(name)))
                .collect();
            format!("{{{}}}", fields.join(","))
        };
        for (at, (name, value)) in entries.iter().enumerate() {
            let mut fewer = entries.clone();
            fewer.remove(at);
            out.push(write(&fewer));
            let mut more = entries.clone();
            more.push((name, value));
            out.push(write(&more));
            let kinds = [
                "null", "7", "-1.5e300", "true", "\"\"", "\"s\"", "[]", "{}", "[null,3]",
            ];
            let inner = mutations(value);
            for replaced in kinds.into_iter().chain(inner.iter().map(String::as_str)) {
                let mut changed = entries.clone();
                changed[at].1 = replaced;
                out.push(write(&changed));
            }
        }
    } else if let Some(items) = json::array(text) {
        for (at, item) in items.iter().enumerate() {
            for replaced in mutations(item) {
                let mut changed = items.clone();
                changed[at] = &replaced;
                out.push(format!("[{}]", changed.join(",")));
            }
        }
    }
    out
}

#[test]
fn surrogate_halves_from_two_deltas_join_to_one_character() {
    let completion = completed(&[
        delta(r#"{"content":"a\ud83d","reasoning":"\ud83d"}"#),
        delta(r#"{"content":"\ude00","reasoning":"\ude00"}"#),
        delta(r#"{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"a\":\"\ud83d"}}]}"#),
        delta(r#"{"tool_calls":[{"function":{"arguments":"\ude00\"}"}}]}"#),
        delta(r#"{"content":"\udead"}"#),
        finish("tool_calls"),
    ]);
    assert_eq!(
        field(&completion, "message.content").unwrap(),
        r#""a\ud83d\ude00\udead""#
    );
    assert_eq!(
        field(&completion, "message.reasoning").unwrap(),
        r#""\ud83d\ude00""#
    );
    assert_eq!(calls(&completion, "message.tool_calls"), [r#"c f {"a":"😀"}"#]);
}

#[test]
fn assembling_takes_time_linear_in_the_bytes_received() {
    let started = std::time::Instant::now();
    let mut completion = Completion::new();
    let mut feed = |text: &str| completion.apply(&Chunk::parse(text).unwrap());
    feed(&delta(
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":\""}}]}"#,
    ));
    for at in 0..20_000 {
        feed(&delta(
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"0123456789"}}]}"#,
        ));
        feed(&delta(&format!(
            r#"{{"reasoning_details":[{{"type":"reasoning.text","text":"a","index":{at}}}],"x{at}":[{at}]}}"#
        )));
        feed(&delta(
            r#"{"tool_calls":[{"index":1,"function":{"name":"g","arguments":"  "}}]}"#,
        ));
        feed(&format!(
            r#"{{"k{at}":1,"choices":[{{"index":{at},"delta":{{"content":"a"}}}}]}}"#
        ));
    }
    let wide: Vec<String> = (0..40_000).map(|at| format!(r#""w{at}":{{}}"#)).collect();
    feed(&delta(&format!("{{{}}}", wide.join(","))));
    assert!(json::is_valid(&completion.to_json()));
    // Quadratic work would take minutes.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn a_lone_surrogate_in_a_field_name_loses_no_other_field() {
    let odd = r#""\ud83d":{"\udead":[1]}"#;
    let completion = completed(&[
        format!(r#"{{{odd},"model":"a/b","choices":[{{{odd},"index":0,"delta":{{"content":"a",{odd}}}}}]}}"#),
        delta(&format!(
            r#"{{"tool_calls":[{{"id":"c",{odd},"function":{{"name":"f","arguments":"{{}}"}}}}]}}"#
        )),
        finish("tool_calls"),
    ]);
    assert!(json::is_valid(&completion.to_json()));
    assert_eq!(completion.model().as_deref(), Some("a/b"));
    assert_eq!(field(&completion, "message.content").unwrap(), r#""a""#);
    assert_eq!(calls(&completion, "message.tool_calls"), ["c f {}"]);
}

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1e999".to_owned()),
        (-3i64..4).prop_map(|number| number.to_string()),
        Just(r#""\ud83d""#.to_owned()),
        Just(r#""{\"a\":""#.to_owned()),
        Just(r#""1}""#.to_owned()),
        Just(r#""error""#.to_owned()),
        ".{0,6}".prop_map(|text| json::quoted(&text)),
    ];
    let names = prop::sample::select(vec![
        "id",
        "model",
        "choices",
        "delta",
        "message",
        "index",
        "content",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "reasoning",
        "reasoning_details",
        "type",
        "text",
        "signature",
        "usage",
        "cost",
        "error",
        "finish_reason",
        "audio",
        "images",
        "function_call",
        "logprobs",
        "refusal",
        "role",
        "other",
    ]);
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let entry = (names.clone(), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(entry, 0..6).prop_map(|entries| {
                let fields: Vec<String> = entries
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn chunks_of_any_json_give_a_valid_completion(
        values in prop::collection::vec((any_json(), any_json(), any_json()), 1..6)
    ) {
        let mut completion = Completion::new();
        for (message, calls, top) in &values {
            for text in [
                format!(r#"{{"choices":[{{"delta":{message}}}],"usage":{top}}}"#),
                format!(r#"{{"choices":[{{"delta":{{"tool_calls":[{calls}],"reasoning_details":[{calls}]}}}}]}}"#),
                format!(r#"{{"choices":{calls},"error":{top},"x":{message}}}"#),
                top.clone(),
            ] {
                if let Some(chunk) = Chunk::parse(&text) {
                    chunk.failure();
                    if let Some(span) = chunk.content_span() {
                        prop_assert!(text.get(span).is_some());
                    }
                    completion.apply(&chunk);
                }
            }
            prop_assert!(json::is_valid(&completion.to_json()));
            completion.stop_kind();
        }
    }

    #[test]
    fn no_text_panics_the_reader_and_only_objects_are_chunks(text in ".{0,80}") {
        let object = text.trim_start().starts_with('{');
        prop_assert!(Chunk::parse(&text).is_none() || object);
    }
}
