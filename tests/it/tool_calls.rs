//! Tool calls in all the forms in which providers send them: each call appears once, and only when it is complete.

use crate::support::chunks::{calls, completed, delta, field, finish};
use openrouter_native::completion::Chunk;

/// A form in which providers send calls: its description, the `tool_calls` of each delta, and the calls that they mean.
type Quirk = (&'static str, &'static [&'static str], &'static [&'static str]);

/// At least one row for each form that was observed in practice.
#[rustfmt::skip]
const QUIRKS: &[Quirk] = &[
    ("as documented", &[
        r#"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}"#,
        r#"{"index":0,"function":{"arguments":"{\"x\""}}"#,
        r#"{"index":0,"function":{"arguments":":1}"}}"#,
    ], &[r#"a f {"x":1}"#]),
    ("two parallel calls, interleaved", &[
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":1,"id":"b","function":{"name":"f","arguments":""}}"#,
        r#"{"index":1,"function":{"arguments":"{\"y\":"}},{"index":0,"function":{"arguments":"{\"x\":"}}"#,
        r#"{"index":0,"function":{"arguments":"1}"}}"#,
        r#"{"index":1,"function":{"arguments":"2}"}}"#,
    ], &[r#"a f {"x":1}"#, r#"b f {"y":2}"#]),
    ("interleaved by id, without index", &[
        r#"{"id":"a","function":{"name":"f","arguments":"{\"x\":"}}"#,
        r#"{"id":"b","function":{"name":"f","arguments":"{\"y\":"}}"#,
        r#"{"id":"a","function":{"arguments":"1}"}}"#,
        r#"{"id":"b","function":{"arguments":"2}"}}"#,
    ], &[r#"a f {"x":1}"#, r#"b f {"y":2}"#]),
    ("no index, id only first", &[
        r#"{"id":"a","function":{"name":"f","arguments":"{\"x\":"}}"#,
        r#"{"function":{"arguments":"1}"}}"#,
        r#"{"id":"b","function":{"name":"g","arguments":"{\"y\":"}}"#,
        r#"{"function":{"arguments":"2}"}}"#,
    ], &[r#"a f {"x":1}"#, r#"b g {"y":2}"#]),
    ("one index for all, ids differ", &[
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}"#,
        r#"{"index":0,"id":"b","function":{"name":"f","arguments":"{\"y\":"}}"#,
        r#"{"index":0,"function":{"arguments":"2}"}}"#,
    ], &[r#"a f {"x":1}"#, r#"b f {"y":2}"#]),
    ("one index for all, no ids, whole calls", &[
        r#"{"index":0,"id":"","function":{"name":"f","arguments":"{\"x\":1}"}}"#,
        r#"{"index":0,"id":"","function":{"name":"f","arguments":"{\"x\":2}"}}"#,
        r#"{"index":0,"id":"","function":{"name":"g","arguments":"{\"x\":2}"}}"#,
    ], &[r#"call_0 f {"x":1}"#, r#"call_1 f {"x":2}"#, r#"call_2 g {"x":2}"#]),
    ("first index is 1", &[r#"{"index":1,"id":"a","function":{"name":"f","arguments":"{}"}}"#], &["a f {}"]),
    ("index as string and float", &[
        r#"{"index":"0","id":"a","function":{"name":"f","arguments":"{"}}"#,
        r#"{"index":1.0,"id":"b","function":{"name":"g","arguments":"{"}}"#,
        r#"{"index":0.0,"function":{"arguments":"}"}}"#,
        r#"{"index":"1","function":{"arguments":"}"}}"#,
    ], &["a f {}", "b g {}"]),
    ("id and name again in each delta", &[
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}"#,
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":":1"}}"#,
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}"#,
    ], &[r#"a f {"x":1}"#]),
    ("empty id and name after the first delta", &[
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}"#,
        r#"{"index":0,"id":"","function":{"name":"","arguments":"}"}}"#,
        r#"{"index":0,"id":null,"function":{"name":null,"arguments":null}}"#,
    ], &["a f {}"]),
    ("arguments before name and id", &[
        r#"{"index":0,"function":{"arguments":"{\"x\":"}}"#,
        r#"{"index":0,"function":{"arguments":"1}"}}"#,
        r#"{"index":0,"id":"a","function":{"name":"f"}}"#,
    ], &[r#"a f {"x":1}"#]),
    ("arguments as an object", &[r#"{"index":0,"id":"a","function":{"name":"f","arguments":{"x": "\"y\""}}}"#], &[r#"a f {"x": "\"y\""}"#]),
    ("no arguments, three ways", &[
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":""}}"#,
        r#"{"index":1,"id":"b","function":{"name":"g"}}"#,
        r#"{"index":2,"id":"c","function":{"name":"h","arguments":null}}"#,
    ], &["a f {}", "b g {}", "c h {}"]),
    ("two calls without arguments, index or id", &[r#"{"function":{"name":"f","arguments":""}},{"function":{"name":"f_2","arguments":""}}"#], &["call_0 f {}", "call_1 f_2 {}"]),
    ("white space and brackets after complete arguments", &[
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}"#,
        r#"{"index":0,"function":{"arguments":" \n"}}"#,
        r#"{"index":0,"function":{"arguments":"}"}}"#,
        r#"{"index":1,"function":{"arguments":"}"}}"#,
        r#"{"function":{"arguments":""}}"#,
    ], &[r#"a f {"x":1}"#]),
    ("in pieces, then repeated as a whole", &[
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}"#,
        r#"{"index":0,"function":{"arguments":"1}"}}"#,
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{ \"x\": 1 }"}}"#,
        r#"{"index":1,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}"#,
    ], &[r#"a f {"x":1}"#]),
    ("in pieces, then repeated in pieces", &[
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}"#,
        r#"{"index":0,"function":{"arguments":"1}"}}"#,
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}"#,
        r#"{"index":0,"function":{"arguments":"1}"}}"#,
    ], &[r#"a f {"x":1}"#]),
    ("a placeholder before the arguments", &[
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#,
        r#"{"index":0,"function":{"arguments":"{\"x\":"}}"#,
        r#"{"index":0,"function":{"arguments":"1}"}}"#,
    ], &[r#"a f {"x":1}"#]),
    ("neither index nor id, one function twice", &[
        r#"{"function":{"name":"f","arguments":""}}"#,
        r#"{"function":{"arguments":"{\"x\":1}"}}"#,
        r#"{"function":{"name":"f","arguments":""}}"#,
        r#"{"function":{"arguments":"{\"x\":2}"}}"#,
    ], &[r#"call_0 f {"x":1}"#, r#"call_1 f {"x":2}"#]),
    ("index counts the deltas", &[
        r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}"#,
        r#"{"index":1,"id":"a","function":{"arguments":"1"}}"#,
        r#"{"index":2,"function":{"arguments":"}"}}"#,
    ], &[r#"a f {"x":1}"#]),
    ("index only after the first delta", &[
        r#"{"id":"a","function":{"name":"f","arguments":""}}"#,
        r#"{"index":0,"function":{"arguments":"{\"x\":1}"}}"#,
    ], &[r#"a f {"x":1}"#]),
    ("one id for two indexes", &[
        r#"{"index":0,"id":"f","function":{"name":"f","arguments":"{\"x\":1}"}}"#,
        r#"{"index":1,"id":"f","function":{"name":"f","arguments":"{\"x\":2}"}}"#,
    ], &[r#"f f {"x":1}"#, r#"f f {"x":2}"#]),
    ("one id for two indexes, interleaved", &[
        r#"{"index":0,"id":"f","function":{"name":"f","arguments":"{\"x\":"}}"#,
        r#"{"index":1,"id":"f","function":{"name":"f","arguments":"{\"y\":"}}"#,
        r#"{"index":0,"id":"f","function":{"arguments":"1}"}}"#,
        r#"{"index":1,"id":"f","function":{"arguments":"2}"}}"#,
    ], &[r#"f f {"x":1}"#, r#"f f {"y":2}"#]),
    ("name in pieces", &[
        r#"{"index":0,"id":"a","function":{"name":"get_"}}"#,
        r#"{"index":0,"function":{"name":"weather"}}"#,
        r#"{"index":0,"function":{"name":"get_weather","arguments":"{}"}}"#,
    ], &["a get_weather {}"]),
    ("no function object", &[r#"{"index":0,"id":"a","name":"f","arguments":"{\"x\":1}"}"#], &[r#"a f {"x":1}"#]),
    ("id as a number, and one that a generated id must not duplicate", &[
        r#"{"index":0,"function":{"name":"f","arguments":"{}"}}"#,
        r#"{"index":1,"id":"call_0","function":{"name":"g","arguments":"{}"}}"#,
        r#"{"index":2,"id":7,"function":{"name":"h","arguments":"{}"}}"#,
    ], &["call_0_ f {}", "call_0 g {}", "7 h {}"]),
    ("entries that are no calls", &["7,null,{}", r#"{"index":3}"#, r#"{"index":0,"type":"function"}"#], &[]),
];

#[test]
fn every_form_of_tool_calls_gives_the_calls_that_it_means() {
    for (quirk, deltas, meant) in QUIRKS {
        let chunks: Vec<String> = deltas
            .iter()
            .map(|pieces| delta(&format!(r#"{{"tool_calls":[{pieces}]}}"#)))
            .chain([finish("tool_calls")])
            .collect();
        let completion = completed(&chunks);
        assert_eq!(calls(&completion, "message.tool_calls"), *meant, "{quirk}");
        assert_eq!(field(&completion, "unfinished_tool_calls"), None, "{quirk}");
    }
}

#[test]
fn an_unfinished_call_is_never_returned_as_complete() {
    let whole = r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]}"#;
    let half = r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{\"x\":"}}]}"#;
    let empty = r#"{"tool_calls":[{"index":2,"id":"c","function":{"name":"h","arguments":""}}]}"#;
    let chunks = [whole, half, empty].map(delta);
    let mut completion = completed(&chunks);
    let unfinished = [r#"b g {"x":"#, "c h "];
    assert_eq!(calls(&completion, "message.tool_calls"), [r#"a f {"x":1}"#]);
    assert_eq!(calls(&completion, "unfinished_tool_calls"), unfinished);
    for (reason, finished) in [
        ("length", 1),
        ("error", 1),
        ("content_filter", 1),
        ("tool_calls", 3),
        ("stop", 3),
    ] {
        let mut ended = completion.clone();
        ended.apply(&Chunk::parse(&finish(reason)).unwrap());
        assert_eq!(calls(&ended, "message.tool_calls").len(), finished, "{reason}");
        assert_eq!(calls(&ended, "unfinished_tool_calls").len(), 3 - finished);
    }
    completion = completed(&[delta(half)]);
    assert_eq!(field(&completion, "message.tool_calls"), None);
}

#[test]
fn the_stop_kind_follows_from_the_message_and_the_finish_reason() {
    let call = delta(r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]}"#);
    let text = delta(r#"{"content":"x"}"#);
    let legacy = delta(r#"{"function_call":{"name":"f","arguments":"{}"}}"#);
    for (chunk, reason, kind) in [
        (&call, "stop", "tool_calls"),
        (&call, "tool_calls", "tool_calls"),
        (&call, "end_turn", "tool_calls"),
        (&call, "length", "length"),
        (&call, "error", "error"),
        (&text, "stop", "stop"),
        (&text, "tool_calls", "stop"),
        (&text, "end_turn", "stop"),
        (&text, "content_filter", "content_filter"),
        (&text, "something_new", "something_new"),
        (&legacy, "function_call", "function_call"),
        (&text, "function_call", "stop"),
    ] {
        let completion = completed(&[chunk, &finish(reason)]);
        assert_eq!(completion.stop_kind(), Some(kind), "{chunk} {reason}");
        assert_eq!(completion.finish_reason(), Some(reason));
        assert_eq!(completed(&[chunk]).stop_kind(), None);
    }
}

#[test]
fn a_signature_on_the_repetition_of_a_call_is_kept() {
    let completion = completed(&[
        delta(r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]}"#),
        delta(
            r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"},"extra_content":{"s":"T"}}]}"#,
        ),
        finish("tool_calls"),
    ]);
    assert_eq!(
        field(&completion, "message.tool_calls").unwrap(),
        r#"[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"},"extra_content":{"s":"T"}}]"#
    );
}
