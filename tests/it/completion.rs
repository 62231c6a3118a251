//! How the chunks of a stream are assembled into a completion. Tool calls are in `tool_calls`, hostile input in
//! `tolerance`.

use crate::support::chunks::{RECORDED, completed, delta, field, finish};
use openrouter_native::completion::{Chunk, Completion};
use openrouter_native::json;
use proptest::prelude::*;

#[test]
fn assembled_chunks_equal_the_response_without_streaming() {
    let completion = completed(&RECORDED);
    assert_eq!(
        completion.to_json(),
        r#"{"id":"gen-1","object":"chat.completion","created":1,"model":"a/b","provider":"P","choices":[{"index":0,"message":{"role":"assistant","content":"Hé\n","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","format":"f","index":0}],"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"},"extra_content":{"google":{"thought_signature":"S"}}}],"images":[{"type":"image_url","image_url":{"url":"data:x"}}],"annotations":[{"type":"file"}],"audio":{"id":"au","data":"QUJD","transcript":"a","expires_at":1},"x_delta":[1,2]},"finish_reason":"tool_calls","native_finish_reason":"tool_use","logprobs":{"content":[{"token":"H"}]},"x_choice":true}],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8,"cost":0.00012300},"x_top":{"a":1.10},"system_fingerprint":null,"service_tier":"default","openrouter_metadata":{"requested":"openrouter/auto"}}"#
    );
    assert_eq!(completion.id().unwrap(), "gen-1");
    assert_eq!(completion.model().unwrap(), "a/b");
    assert_eq!(completion.provider().unwrap(), "P");
    assert_eq!(completion.cost(), Some(0.000123));
    assert_eq!(completion.usage_figures().unwrap().completion_tokens(), Some(5));
    assert!(completion.metadata().unwrap().contains("openrouter/auto"));
    assert!(completion.has_finished());
}

#[test]
fn an_empty_stream_has_no_choices_and_has_not_finished() {
    let completion = Completion::new();
    assert_eq!(
        completion.to_json(),
        r#"{"object":"chat.completion","choices":[]}"#
    );
    assert!(!completion.has_finished());
    assert_eq!(completion.stop_kind(), None);
    let completion = completed(&[delta("{}")]);
    assert_eq!(
        completion.to_json(),
        r#"{"id":"gen-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":null}]}"#
    );
}

#[test]
fn a_whole_completion_in_a_stream_is_read() {
    let whole = r#"{"id":"g","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"total_tokens":2}}"#;
    let chunk = Chunk::parse(whole).unwrap();
    assert_eq!(chunk.choices()[0].content().as_deref(), Some("hi"));
    assert_eq!(chunk.content_span(), None);
    assert_eq!(completed(&[whole]).to_json(), whole);
    // A whole completion that repeats the deltas before it adds nothing.
    let twice = completed(&[delta(r#"{"content":"hi"}"#).as_str(), whole]);
    assert_eq!(field(&twice, "message.content").unwrap(), r#""hi""#);
    let parts = r#"{"choices":[{"message":{"content":[{"type":"text","text":"a"}]}}]}"#;
    let parts = completed(&[delta(r#"{"content":[]}"#).as_str(), parts]);
    assert_eq!(
        field(&parts, "message.content").unwrap(),
        r#"[{"type":"text","text":"a"}]"#
    );
}

#[test]
fn an_error_is_found_in_a_chunk_and_in_its_choices() {
    for (text, error) in [
        (r#"{"error":{"code":502}}"#, Some(r#"{"code":502}"#)),
        (r#"{"error":"boom","choices":[]}"#, Some(r#""boom""#)),
        (
            r#"{"choices":[{"index":0,"error":{"code":"server_error"},"delta":{"content":""}}]}"#,
            Some(r#"{"code":"server_error"}"#),
        ),
        (
            r#"{"choices":[{"delta":{},"finish_reason":"error"}]}"#,
            Some("{}"),
        ),
        (
            r#"{"choices":[{"finish_reason":"error"},{"finish_reason":"error","error":"boom"}]}"#,
            Some(r#""boom""#),
        ),
    ] {
        let chunk = Chunk::parse(text).unwrap();
        assert_eq!(chunk.failure(), error, "{text}");
    }
    for text in RECORDED.iter().copied().chain([
        r#"{"error":null}"#,
        r#"{"error":false}"#,
        r#"{"choices":null}"#,
        "{}",
    ]) {
        assert_eq!(Chunk::parse(text).unwrap().failure(), None, "{text}");
    }
    let partial = completed(&[delta(r#"{"content":"so far"}"#), finish("error")]);
    assert_eq!(field(&partial, "message.content").unwrap(), r#""so far""#);
    assert_eq!(partial.stop_kind(), Some("error"));
}

#[test]
fn usage_is_found_in_any_chunk_and_the_first_finish_reason_counts() {
    let usage = r#""usage":{"completion_tokens":7,"cost":0.5}"#;
    let zero = r#""usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#;
    let text = delta(r#"{"content":"a"}"#);
    let stop = finish("stop");
    for choices in ["", r#","choices":[]"#, r#","choices":null"#, r#","choices":"x""#] {
        let counted = format!("{{{usage}{choices}}}");
        let nothing = format!("{{{zero}{choices}}}");
        let null = format!(r#"{{"usage":null{choices}}}"#);
        for order in [
            [&counted, &text, &stop, &null],
            [&text, &counted, &stop, &nothing],
            [&text, &stop, &nothing, &counted],
            [&nothing, &text, &stop, &counted],
        ] {
            let completion = completed(&order);
            assert_eq!(
                completion.usage_figures().unwrap().completion_tokens(),
                Some(7),
                "{order:?}"
            );
            assert_eq!(completion.cost(), Some(0.5));
            assert_eq!(completion.finish_reason(), Some("stop"));
        }
    }
    let only_zero = completed(&[format!("{{{zero}}}")]);
    assert_eq!(only_zero.usage_figures().unwrap().completion_tokens(), Some(0));
    // A stream without usage is complete, too, and chunks after the finish reason do not change it.
    let later = r#"{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}"#;
    let completion = completed(&[text.as_str(), &finish("length"), later, &delta("{}")]);
    assert_eq!(completion.finish_reason(), Some("length"));
    assert_eq!(completion.usage(), None);
    assert!(completion.has_finished());
}

#[test]
fn the_native_finish_reason_belongs_to_the_finish_reason_that_counts() {
    let chunk = |reasons: &str| format!(r#"{{"choices":[{{"index":0,"delta":{{}},{reasons}}}]}}"#);
    let stop = chunk(r#""finish_reason":"stop","native_finish_reason":"end_turn""#);
    let bare_stop = chunk(r#""finish_reason":"stop""#);
    let only_native = chunk(r#""finish_reason":null,"native_finish_reason":"end_turn""#);
    let length = chunk(r#""finish_reason":"length","native_finish_reason":"max_tokens""#);
    let error = chunk(r#""finish_reason":"error""#);
    let native_error = chunk(r#""finish_reason":"error","native_finish_reason":"overloaded""#);
    for (chunks, reason, native) in [
        (vec![&stop, &length], "stop", Some("\"end_turn\"")),
        (vec![&only_native, &bare_stop], "stop", Some("\"end_turn\"")),
        (vec![&bare_stop, &only_native], "stop", Some("\"end_turn\"")),
        (vec![&stop, &error], "error", None),
        (vec![&stop, &native_error, &stop], "error", Some("\"overloaded\"")),
    ] {
        let completion = completed(&chunks);
        assert_eq!(completion.finish_reason(), Some(reason), "{chunks:?}");
        assert_eq!(
            field(&completion, "native_finish_reason").as_deref(),
            native,
            "{chunks:?}"
        );
    }
}

#[test]
fn a_usage_whose_figures_are_strings_replaces_a_usage_of_zeros_and_not_the_reverse() {
    let counted = r#"{"usage":{"completion_tokens":"7","cost":"0.5"}}"#;
    let zero = r#"{"usage":{"completion_tokens":"0","cost":"0.0"}}"#;
    for order in [[counted, zero], [zero, counted]] {
        let usage = completed(&order).usage().map(str::to_owned);
        assert_eq!(
            usage.as_deref(),
            Some(r#"{"completion_tokens":"7","cost":"0.5"}"#)
        );
    }
}

#[test]
fn a_streamed_message_equals_that_of_a_response_without_streaming() {
    let message = r#"{"role":"assistant","content":null,"reasoning":"ab","reasoning_details":[{"type":"reasoning.text","text":"ab","signature":"s+/=","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"AA==","id":"c","format":"google-gemini-v1","index":1},{"type":"reasoning.new","z":1.0}],"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"T"}},"x":null}],"x":{"y":[1]}}"#;
    let streamed = completed(&[
        delta(
            r#"{"role":"assistant","content":null,"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","signature":null,"format":"anthropic-claude-v1","index":0}]}"#,
        ),
        delta(
            r#"{"reasoning":"b","reasoning_details":[{"type":"reasoning.text","text":"b","format":"anthropic-claude-v1","index":0}]}"#,
        ),
        delta(
            r#"{"reasoning":null,"reasoning_details":[{"type":"reasoning.text","signature":"s+/=","format":"anthropic-claude-v1","index":0}]}"#,
        ),
        delta(
            r#"{"reasoning_details":[{"type":"reasoning.encrypted","data":"AA==","id":"c","format":"google-gemini-v1","index":1},{"type":"reasoning.new","z":1.0}]}"#,
        ),
        delta(
            r#"{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""},"extra_content":{"google":{"thought_signature":"T"}},"x":null}],"x":{"y":[1]}}"#,
        ),
        finish("tool_calls"),
    ]);
    assert_eq!(field(&streamed, "message").unwrap(), message);
    let answer = format!(r#"{{"choices":[{{"index":0,"message":{message},"finish_reason":"tool_calls"}}]}}"#);
    assert_eq!(field(&completed(&[answer]), "message").unwrap(), message);
}

#[test]
fn reasoning_is_read_once_under_each_of_its_names() {
    let details = r#""reasoning_details":[{"type":"reasoning.text","text":"r\n"}]"#;
    let summary = r#""reasoning_details":[{"type":"reasoning.summary","summary":"r\n"},{"type":"reasoning.encrypted","data":"x"}]"#;
    let (open, deepseek) = (r#""reasoning":"r\n""#, r#""reasoning_content":"r\n""#);
    for fields in [
        open.to_owned(),
        deepseek.to_owned(),
        details.to_owned(),
        summary.to_owned(),
        format!("{open},{deepseek},{details}"),
        format!(r#""reasoning":null,{deepseek},{details}"#),
        format!(r#""reasoning":"","reasoning_content":7,{summary}"#),
    ] {
        let text = delta(&format!("{{{fields}}}"));
        let chunk = Chunk::parse(&text).unwrap();
        assert_eq!(chunk.choices()[0].reasoning().unwrap(), r"r\n", "{fields}");
        let completion = completed(&[text]);
        assert_eq!(field(&completion, "message.reasoning").unwrap(), r#""r\n""#);
    }
    let text = delta(r#"{"content":"c","reasoning":"","reasoning_details":[]}"#);
    assert!(Chunk::parse(&text).unwrap().choices()[0].reasoning().is_none());
}

#[test]
fn each_image_and_annotation_is_kept_once() {
    let big = format!(
        r#"{{"type":"image_url","image_url":{{"url":"data:{}"}}}}"#,
        "A".repeat(3 << 20)
    );
    let link = r#"{"type":"image_url","image_url":{"url":"http://x/y.png"},"index":0}"#;
    let other = r#"{"type":"image_url","image_url":{"url":"http://x/z.png"},"index":0}"#;
    let completion = completed(&[
        delta(&format!(r#"{{"images":[{big}]}}"#)),
        delta(&format!(
            r#"{{"images":[{link},{big}],"annotations":[{{"a":1}}]}}"#
        )),
        delta(&format!(
            r#"{{"images":{other},"annotations":[{{"a":1}},{{"a":2}}]}}"#
        )),
    ]);
    assert!(field(&completion, "message.images").unwrap() == format!("[{big},{link},{other}]"));
    assert_eq!(
        field(&completion, "message.annotations").unwrap(),
        r#"[{"a":1},{"a":2}]"#
    );
}

#[test]
fn audio_refusal_function_call_and_logprobs_are_joined() {
    let completion = completed(&[
        delta(
            r#"{"audio":{"id":"a","data":"QU","transcript":"x"},"refusal":"no","function_call":{"name":"f","arguments":"{"}}"#,
        ),
        delta(
            r#"{"audio":{"id":"b","data":"JD","expires_at":5},"refusal":"pe","function_call":{"name":"","arguments":"}"}}"#,
        ),
        r#"{"choices":[{"delta":{},"logprobs":{"content":[1],"refusal":null}}]}"#.to_owned(),
        r#"{"choices":[{"delta":{},"logprobs":{"content":[2]}}]}"#.to_owned(),
    ]);
    for (path, value) in [
        (
            "message.audio",
            r#"{"id":"b","data":"QUJD","transcript":"x","expires_at":5}"#,
        ),
        ("message.refusal", r#""nope""#),
        ("message.function_call", r#"{"name":"f","arguments":"{}"}"#),
        ("logprobs", r#"{"content":[1,2],"refusal":null}"#),
    ] {
        assert_eq!(field(&completion, path).unwrap(), value);
    }
}

#[test]
fn content_parts_and_content_text_are_joined() {
    let mut chunks = vec![delta(r#"{"content":"a"}"#), delta(r#"{"content":[]}"#)];
    let content = |chunks: &[String]| field(&completed(chunks), "message.content").unwrap();
    assert_eq!(content(&chunks), r#""a""#);
    chunks.push(delta(r#"{"content":[{"type":"x"}]}"#));
    chunks.push(delta(r#"{"content":"b"}"#));
    assert_eq!(
        content(&chunks),
        r#"[{"type":"text","text":"a"},{"type":"x"},{"type":"text","text":"b"}]"#
    );
}

#[test]
fn choices_are_matched_by_index_or_position() {
    let completion = completed(&[
        r#"{"choices":[{"index":1,"delta":{"content":"b"}},{"index":0,"delta":{"content":"a"}}]}"#,
        r#"{"choices":[{"delta":{"content":"A"}},{"delta":{"content":"B"}}]}"#,
        r#"{"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}"#,
    ]);
    let out = completion.to_json();
    assert!(
        out.contains(r#""content":"aA"}"#) && out.contains(r#""content":"bB"}"#),
        "{out}"
    );
    assert_eq!(completion.finish_reason(), None);
    assert!(!completion.has_finished());
}

#[test]
fn total_cost_includes_the_providers_bill_only_for_byok() {
    for (usage, cost, total) in [
        (
            r#"{"cost":0.01,"is_byok":true,"cost_details":{"upstream_inference_cost":0.5}}"#,
            0.01,
            0.51,
        ),
        (
            r#"{"cost":0.01,"is_byok":false,"cost_details":{"upstream_inference_cost":0.5}}"#,
            0.01,
            0.01,
        ),
        (r#"{"cost":0.01,"is_byok":true,"cost_details":null}"#, 0.01, 0.01),
        (
            r#"{"cost":0.01,"cost_details":{"upstream_inference_cost":null}}"#,
            0.01,
            0.01,
        ),
    ] {
        let completion = completed(&[format!(r#"{{"usage":{usage}}}"#)]);
        assert_eq!(completion.cost(), Some(cost), "{usage}");
        assert_eq!(
            completion.usage_figures().unwrap().total_cost(),
            Some(total),
            "{usage}"
        );
        assert_eq!(completion.usage(), Some(usage));
    }
    assert_eq!(
        completed(&[r#"{"usage":{"cost":null}}"#])
            .usage_figures()
            .unwrap()
            .total_cost(),
        None
    );
}

#[test]
fn after_each_chunk_the_partial_content_is_a_prefix_of_the_whole() {
    let whole = field(&completed(&RECORDED), "message.content").unwrap();
    let mut completion = Completion::new();
    for text in RECORDED {
        completion.apply(&Chunk::parse(text).unwrap());
        let partial = field(&completion, "message.content").unwrap();
        assert!(whole.starts_with(partial.trim_end_matches('"')), "{partial}");
    }
}

proptest! {
    #[test]
    fn appending_content_gives_the_same_completion_as_applying_whole_chunks(
        contents in prop::collection::vec(".{0,12}", 1..12),
        extra in prop::sample::select(vec!["", r#","x":"y""#, r#","reasoning":"","refusal":null"#]),
    ) {
        let (mut applied, mut appended) = (Completion::new(), Completion::new());
        let mut template: Option<(String, String)> = None;
        for content in &contents {
            let text = format!(
                r#"{{"id":"g","model":"m","choices":[{{"index":0,"delta":{{"content":{}{extra}}},"finish_reason":null}}]}}"#,
                json::quoted(content)
            );
            let chunk = Chunk::parse(&text).unwrap();
            applied.apply(&chunk);
            let span = chunk.content_span().unwrap();
            let (before, after) = (&text[..span.start], &text[span.end..]);
            match &template {
                Some((known, rest)) if known == before && rest == after => {
                    appended.append_content(&text[span.clone()]);
                }
                _ => {
                    appended.apply(&chunk);
                    template = Some((before.to_owned(), after.to_owned()));
                }
            }
        }
        prop_assert_eq!(applied.to_json(), appended.to_json());
    }
}
