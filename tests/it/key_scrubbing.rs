//! No error contains the API key, however a server encodes the key that it sends back.

use crate::support::client::{KEY, PLAIN, STREAM, client, complete, flow, open, read_all};
use crate::support::failure::{read, read_as};
use crate::support::reply::Reply;
use crate::support::server::Server;
use openrouter_native::delivery::Mode;
use openrouter_native::error::Error;
use openrouter_native::json;
use proptest::prelude::*;
use serde_json::Value;

/// Keys in the formats of OpenRouter and of gateways, with the characters that JSON writers escape.
const KEYS: &[&str] = &[KEY, "ab+cd/ef==", r#"quo"te\slash"#, "a&b<c>d'e", "plainkey123"];

#[test]
fn an_echoed_key_is_removed_from_all_parts_of_an_error() {
    for key in KEYS {
        let quoted = serde_json::to_string(key).unwrap();
        let plain = quoted.trim_matches('"');
        // The ways in which JSON writers escape: only what they must, also `/`, all but letters and digits, and
        // everything.
        let hex = |all: bool| -> String {
            let escape = |c: char| match all || !c.is_ascii_alphanumeric() {
                true => format!("\\u{:04X}", c as u32),
                false => c.to_string(),
            };
            key.chars().map(escape).collect()
        };
        for written in [plain.to_owned(), plain.replace('/', "\\/"), hex(false), hex(true)] {
            let nested =
                serde_json::to_string(&format!(r#"{{"error":{{"message":"bad {written}"}}}}"#)).unwrap();
            for body in [
                format!(r#"{{"error":{{"code":400,"message":"Bad key {written}."}}}}"#),
                format!(r#"{{"error":"{written}"}}"#),
                format!(
                    r#"{{"error":{{"message":"m","metadata":{{"raw":"{written}","provider_name":"{written}","error_type":"{written}"}}}}}}"#
                ),
                format!(r#"{{"error":{{"message":"m","metadata":{{"raw":{nested}}}}}}}"#),
                format!(
                    r#"{{"error":{{"message":"m","{written}":1,"metadata":{{"{written}":["{written}"]}}}}}}"#
                ),
                format!("<p>key {key}</p>"),
                format!(r#"{{"error":{{"message":"{written}"#),
            ] {
                for status in [400, 500, 200] {
                    let error = read_as(
                        key,
                        status,
                        &[("x-request-id", key), ("x-generation-id", key)],
                        None,
                        &body,
                    );
                    never_shows(&error, key, &body);
                }
            }
        }
    }
    let other_key = read(400, r#"{"error":{"message":"key sk-or-v1-other1234 is bad"}}"#);
    assert!(!other_key.to_json().contains("other1234"));
}

#[tokio::test]
async fn a_partial_completion_does_not_show_an_echoed_key() {
    const DELTA: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"delta":{"content":"hi"}}]}"#;
    let error = format!(r#"{{"code":401,"message":"key {KEY} is disabled"}}"#);
    let failure = format!(r#"{{"id":"g","choices":[],"error":{error}}}"#);
    let server = Server::new(move |_| Reply::events(&[DELTA, &failure]));
    let mut stream = open(&client(&server), STREAM).await.unwrap();
    let (_, result) = read_all(&mut stream, flow(Mode::Chunks)).await;
    let failed = result.unwrap_err();
    assert!(failed.details().partial.as_ref().unwrap().contains("hi"));
    never_shows(&failed, KEY, "stream");
    let so_far = stream.progress().completion().to_json();
    assert!(
        so_far.contains("is disabled") && !so_far.contains(KEY),
        "{so_far}"
    );

    let whole = format!(
        r#"{{"id":"g","choices":[{{"index":0,"message":{{"content":"hi"}},"finish_reason":"error","error":{error}}}]}}"#
    );
    let server = Server::new(move |_| Reply::json(200, &whole));
    let failed = complete(&client(&server), PLAIN).await.unwrap_err();
    assert!(failed.details().partial.as_ref().unwrap().contains("hi"));
    never_shows(&failed, KEY, "completion");
}

/// Asserts that no text of the error contains the key, not even JSON text that is nested in strings.
fn never_shows(error: &Error, key: &str, body: &str) {
    let json = error.to_json();
    assert!(json::is_valid(&json), "{json}");
    let details = error.details();
    let shown = format!("{error} {error:?} {:?}", details.cause);
    assert!(!shown.contains(key), "{body}\n{shown}");
    assert!(!json.contains(key), "{body}\n{json}");
    // serde_json refuses numbers beyond the range of a double, so a JSON text with such a number is not searched further.
    let tree: Value = serde_json::from_str(&json).unwrap_or_default();
    assert!(
        !texts(&tree).iter().any(|text| text.contains(key)),
        "{body}\n{json}"
    );
}

/// All strings in `value`, including those in JSON text that is nested in strings.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            let nested = serde_json::from_str(text)
                .map(|value| texts(&value))
                .unwrap_or_default();
            [vec![text.clone()], nested].concat()
        }
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(entries) => entries
            .iter()
            .flat_map(|(name, value)| [vec![name.clone()], texts(value)].concat())
            .collect(),
        _ => Vec::new(),
    }
}

fn any_body() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("1e999".to_owned()),
        Just(r#""\ud83d""#.to_owned()),
        Just(format!("\"x {KEY}\"")),
        Just(format!("\"{KEY}\"")),
        (-5i64..600).prop_map(|number| number.to_string()),
        ".{0,12}".prop_map(|text| json::quoted(&text)),
    ];
    let names = prop::sample::select(vec![
        "error",
        "code",
        "message",
        "metadata",
        "raw",
        "provider_name",
        "error_type",
        "type",
        "choices",
        "headers",
        "finish_reason",
        "retry_after_seconds",
        "availability",
        "retry_after",
        "previous_errors",
        "reasons",
        KEY,
    ]);
    let tree = leaf.prop_recursive(5, 40, 5, move |inner| {
        let entry = (names.clone(), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(entry, 0..6).prop_map(|entries| {
                let fields: Vec<String> = entries
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    });
    prop_oneof![
        4 => tree.clone().prop_map(|error| format!(r#"{{"error":{error}}}"#)),
        2 => tree,
        1 => ".{0,60}",
        1 => Just("[".repeat(5_000)),
    ]
}

proptest! {
    #[test]
    fn any_status_and_body_give_an_error_that_does_not_show_the_key(
        body in any_body(),
        status in prop_oneof![Just(200u16), 100u16..600, any::<u16>()],
        wait in "[ -~]{0,12}",
    ) {
        let headers = [("retry-after", wait.as_str()), ("x-ratelimit-reset", wait.as_str()), ("retry-after-ms", wait.as_str())];
        for at in 0..3 {
            let error = read_as(KEY, status, &headers[at..], None, &body);
            prop_assert!(!error.to_string().trim().is_empty());
            never_shows(&error, KEY, &body);
            if (300..600).contains(&status) {
                prop_assert_eq!(error.details().status, Some(status));
            }
        }
    }
}
