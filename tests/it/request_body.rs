//! The body and the headers of a chat request: which parameters the client removes, which it adds, and that it sends
//! all others byte for byte.

use std::time::Duration;

use crate::support::client::config;
use openrouter_native::client::chat_request::ChatRequest;
use openrouter_native::config::Config;
use openrouter_native::error::{Error, ErrorKind};
use proptest::prelude::*;
use serde_json::{Value, json};

const MESSAGES: &str = r#""messages":[{"role":"user","content":"q"}]"#;

/// Builds the request of `params`, which are JSON fields without braces, and of `MESSAGES`.
fn build(options: Value, params: &str) -> Result<ChatRequest, Error> {
    ChatRequest::build(&config(&options), &format!("{{{params},{MESSAGES}}}"))
}

/// The body of that request, without the messages.
fn body(options: Value, params: &str) -> String {
    let built = build(options, params).unwrap_or_else(|error| panic!("{params}: {error}"));
    let text = String::from_utf8(built.body.to_vec()).unwrap();
    text.replace(&format!(",{MESSAGES}"), "")
        .replace(&format!("{MESSAGES},"), "")
}

fn refused(params: &str) -> String {
    let error = ChatRequest::build(&config(&json!({})), params).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{params}");
    assert_eq!(error.details().status, None);
    error.to_string()
}

#[test]
fn unknown_parameters_are_sent_byte_for_byte() {
    for nested in [
        "1.10",
        "1e400",
        "-0",
        "1E+2",
        "12345678901234567890123",
        r#""\ud83d""#,
        r#""\u00e9\/é😀""#,
        r#"{"b":1,"a":2,"b":3}"#,
        r#"[ 1 , {"x" : [ ] } ]"#,
        r#"{"":null,"\ud83d":0,"__proto__":{}}"#,
        "null",
        "\"\"",
    ] {
        for name in ["zzz", "temperature", "a", "__proto__", "tools", "user"] {
            let params = format!(r#""model":"m","{name}":{nested}"#);
            assert_eq!(body(json!({}), &params), format!("{{{params}}}"));
            // Also as a default in `modelOptions`.
            let options = format!(r#"{{"modelOptions":{{"{name}":{nested}}}}}"#);
            let config = Config::resolve(&options, &["k".to_owned()], &Default::default());
            if let Ok(config) = config {
                let built = ChatRequest::build(&config, &format!(r#"{{"model":"m",{MESSAGES}}}"#)).unwrap();
                let expected = format!(r#"{{"{name}":{nested},"model":"m",{MESSAGES}}}"#);
                assert_eq!(built.body, expected);
            } else {
                // JSON.stringify never writes 1e400, so options that contain it may be refused.
                assert_eq!(nested, "1e400");
            }
        }
    }
    let messages =
        r#"{"messages":[ {"role":"user","content":"\ud83d 1.10","x":{"b":1,"a":1e400}}],"model":"m"}"#;
    assert_eq!(
        ChatRequest::build(&config(&json!({})), messages).unwrap().body,
        messages
    );
}

#[test]
fn the_fields_of_provider_that_the_api_knows_lead_to_no_warning() {
    let warnings = |provider: &str| {
        build(json!({}), &format!(r#""model":"m","provider":{provider}"#))
            .unwrap()
            .warnings
    };
    assert!(warnings(r#"{"options":{"a":1},"sort":"price","zdr":true}"#).is_empty());
    assert_eq!(warnings(r#"{"optoins":{}}"#).len(), 1);
}

#[test]
fn a_request_of_many_fields_is_merged_with_its_defaults_in_linear_time() {
    let many = |from: u32| {
        (from..from + 160_000)
            .map(|n| format!(r#""k{n}":{n}"#))
            .collect::<Vec<_>>()
            .join(",")
    };
    let options = format!(r#"{{"modelOptions":{{{}}}}}"#, many(80_000));
    let config = Config::resolve(&options, &["k".to_owned()], &Default::default()).unwrap();
    let built = ChatRequest::build(&config, &format!(r#"{{"model":"m",{MESSAGES},{}}}"#, many(0))).unwrap();
    let sent: serde_json::Map<String, Value> = serde_json::from_slice(&built.body).unwrap();
    assert_eq!(sent.len(), 240_002);
    assert_eq!(sent.keys().next().unwrap(), "k80000");
}

#[test]
fn a_duplicate_parameter_is_sent_once_with_its_last_value() {
    assert_eq!(
        body(json!({}), r#""model":"m","x":1,"y":2,"x":3"#),
        r#"{"model":"m","x":3,"y":2}"#
    );
}

#[test]
fn parameters_of_a_call_override_the_defaults_in_their_place() {
    let options = json!({ "modelOptions": { "model": "d", "temperature": 0.5, "top_p": 1 } });
    assert_eq!(
        body(options.clone(), r#""seed":1,"temperature":null"#),
        r#"{"model":"d","temperature":null,"top_p":1,"seed":1}"#
    );
    assert_eq!(
        body(options, r#""model":"c""#),
        r#"{"model":"c","temperature":0.5,"top_p":1}"#
    );
}

#[test]
fn client_options_in_a_request_take_effect_and_are_not_sent() {
    let local = r#""autoRouter":false,"zdr":false,"signal":{},"onProgress":null,"timeouts":{"idle":5},"maxRetries":7,"headers":{"X-A":"b"}"#;
    let built = build(json!({}), &format!(r#""model":"m",{local},"x":1"#)).unwrap();
    assert_eq!(built.body, format!(r#"{{"model":"m","x":1,{MESSAGES}}}"#));
    assert_eq!(built.timeouts.idle, Some(Duration::from_millis(5)));
    assert_eq!(built.timeouts.headers, Some(Duration::from_secs(600)));
    assert_eq!(built.max_retries, 7);
    assert_eq!(built.headers.to_map()["x-a"], "b");
    let options =
        json!({ "modelOptions": { "model": "m", "autoRouter": false, "zdr": false, "timeouts": null } });
    assert_eq!(body(options, r#""x":1"#), r#"{"model":"m","x":1}"#);
    for bad in [
        r#""timeouts":{"idle":-1}"#,
        r#""maxRetries":"x""#,
        r#""headers":{"X-A":"a\nb"}"#,
        r#""headers":{"Host":"h"}"#,
        r#""zdr":"true""#,
        r#""zdr":1"#,
        r#""autoRouter":"true""#,
    ] {
        assert!(
            build(json!({}), &format!(r#""model":"m",{bad}"#)).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn missing_messages_or_a_missing_model_are_refused_with_a_fixed_message() {
    for params in [
        "{}",
        r#"{"model":"m"}"#,
        r#"{"model":"m","messages":[]}"#,
        r#"{"model":"m","messages":null}"#,
        r#"{"model":"m","messages":{}}"#,
        r#"{"model":"m","messages":"q"}"#,
    ] {
        assert_eq!(refused(params), "Messages array is required for OpenRouter API");
    }
    for model in [
        "",
        r#""model":null,"#,
        r#""model":"","#,
        r#""model":" ","#,
        r#""models":[],"#,
        r#""models":[" "],"#,
    ] {
        let message = refused(&format!("{{{model}{MESSAGES}}}"));
        assert_eq!(
            message,
            "No model specified for OpenRouter. Please select a model."
        );
    }
    for wrong in [
        r#""model":7"#,
        r#""model":["m"]"#,
        r#""model":"m","models":"n""#,
        r#""model":"m","models":[7]"#,
    ] {
        refused(&format!("{{{wrong},{MESSAGES}}}"));
    }
    for text in ["", "[]", "null", "\"x\"", "{"] {
        refused(text);
    }
}

#[test]
fn auto_router_replaces_the_model_and_its_fallbacks() {
    let sent = r#"{"model":"openrouter/auto"}"#;
    let on = json!({ "autoRouter": true });
    for params in [
        r#""model":"m""#,
        r#""model":"m","models":["a","b"]"#,
        r#""models":["a"],"model":null"#,
    ] {
        assert_eq!(body(on.clone(), params), sent, "{params}");
        assert_eq!(body(json!({}), &format!(r#"{params},"autoRouter":true"#)), sent);
    }
    assert_eq!(body(on.clone(), r#""models":["a"]"#), sent);
    assert_eq!(
        body(on.clone(), r#""model":"m","autoRouter":false"#),
        r#"{"model":"m"}"#
    );
    assert_eq!(body(on.clone(), r#""model":"m","autoRouter":null"#), sent);
    let route = build(on.clone(), r#""model":"m""#).unwrap().route;
    assert_eq!(
        (route.requested.as_str(), route.effective.as_str()),
        ("m", "openrouter/auto")
    );
    assert!(route.auto_router_used());
    let named = json!({ "modelOptions": { "autoRouter": true } });
    assert_eq!(body(named, r#""model":"m""#), sent);
}

#[test]
fn only_exact_router_ids_are_sent_without_fallbacks() {
    for router in ["openrouter/auto", "openrouter/free", "openrouter/auto:online"] {
        let params = format!(r#""model":"{router}","models":["a","b"]"#);
        assert_eq!(body(json!({}), &params), format!(r#"{{"model":"{router}"}}"#));
        assert_eq!(build(json!({}), &params).unwrap().warnings.len(), 1, "{router}");
        let alone = build(json!({}), &format!(r#""model":"{router}","models":[]"#)).unwrap();
        assert!(alone.warnings.is_empty());
    }
    for model in [
        "codex-auto-review",
        "x/auto",
        "openrouter/auto-x",
        "openrouter/automatic",
    ] {
        let params = format!(r#""model":"{model}","models":["a","b"]"#);
        assert_eq!(body(json!({}), &params), format!("{{{params}}}"));
    }
}

#[test]
fn the_first_request_names_at_most_three_fallback_models() {
    for (given, sent) in [
        (
            r#""model":"m","models":["a","b","c","d"]"#,
            r#"{"model":"m","models":["a","b","c"]}"#,
        ),
        (
            r#""model":"m","models":["m","a","m","a"]"#,
            r#"{"model":"m","models":["a"]}"#,
        ),
        (r#""model":"m","models":["m"]"#, r#"{"model":"m"}"#),
        (r#""model":"m","models":[]"#, r#"{"model":"m"}"#),
        (r#""model":"m","models":null"#, r#"{"model":"m"}"#),
        (r#""models":["a","b"]"#, r#"{"models":["b"],"model":"a"}"#),
        (
            r#""model":" m ","models":[" a ",""]"#,
            r#"{"model":"m","models":["a"]}"#,
        ),
        (
            r#""model":"m\/x","models":["\u0061"]"#,
            r#"{"model":"m/x","models":["a"]}"#,
        ),
    ] {
        let built = body(json!({}), given);
        match given.starts_with("\"models\"") {
            // The place of a `model` that the client adds is not promised.
            true => assert_eq!(sorted(&built), sorted(sent)),
            false => assert_eq!(built, sent),
        }
    }
    assert_eq!(
        body(
            json!({ "modelsPerRequest": 1 }),
            r#""model":"m","models":["a","b"]"#
        ),
        r#"{"model":"m","models":["a"]}"#
    );
    let many: Vec<String> = (0..12).map(|at| format!("\"x/{at}\"")).collect();
    let ten = format!(r#""model":"m","models":[{}]"#, many[..10].join(","));
    assert!(build(json!({}), &ten).unwrap().warnings.is_empty());
    let twelve = format!(r#""model":"m","models":[{}]"#, many.join(","));
    assert_eq!(build(json!({}), &twelve).unwrap().warnings.len(), 1);
}

fn sorted(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

#[test]
fn privacy_is_merged_into_provider_and_a_call_cannot_loosen_it() {
    let (zdr, deny) = (json!({ "zdr": true }), json!({ "dataCollection": "deny" }));
    for (options, given, sent) in [
        (json!({}), r#""provider":{"zdr":false}"#, r#"{"zdr":false}"#),
        (json!({}), r#""zdr":true"#, r#"{"zdr":true}"#),
        (
            json!({}),
            r#""zdr":true,"provider":{"only":["a"]}"#,
            r#"{"only":["a"],"zdr":true}"#,
        ),
        (zdr.clone(), r#""x":0"#, r#"{"zdr":true}"#),
        (zdr.clone(), r#""zdr":false"#, r#"{"zdr":true}"#),
        (zdr.clone(), r#""provider":null"#, r#"{"zdr":true}"#),
        (
            zdr.clone(),
            r#""provider":{"zdr":false,"sort":1.10}"#,
            r#"{"zdr":true,"sort":1.10}"#,
        ),
        (
            zdr.clone(),
            r#""provider":{"zdr":true,"\u007adr":false}"#,
            r#"{"zdr":true}"#,
        ),
        (
            deny.clone(),
            r#""provider":{"data_collection":"allow"}"#,
            r#"{"data_collection":"deny"}"#,
        ),
        (deny, r#""zdr":true"#, r#"{"zdr":true,"data_collection":"deny"}"#),
        (
            json!({ "modelOptions": { "zdr": true } }),
            r#""zdr":false"#,
            r#"{"zdr":true}"#,
        ),
        (
            json!({ "modelOptions": { "provider": { "only": ["a"] } }, "zdr": true }),
            r#""x":0"#,
            r#"{"only":["a"],"zdr":true}"#,
        ),
    ] {
        let built = build(options, &format!(r#""model":"m",{given}"#)).unwrap();
        let text = String::from_utf8(built.body.to_vec()).unwrap();
        assert!(text.contains(&format!(r#""provider":{sent}"#)), "{given}: {text}");
    }
    for wrong in ["7", "\"groq\"", "[\"groq\"]"] {
        let params = format!(r#""model":"m","provider":{wrong}"#);
        assert!(build(zdr.clone(), &params).is_err(), "{wrong}");
    }
}

#[test]
fn zdr_is_also_sent_as_a_header_that_a_call_cannot_loosen() {
    let header = |options: Value, params: &str| {
        let built = build(options, &format!(r#""model":"m",{params}"#)).unwrap();
        let map = built.headers.to_map();
        map.get("x-openrouter-zdr")
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let on = || json!({ "zdr": true });
    assert_eq!(header(json!({}), r#""x":0"#), None);
    assert_eq!(header(json!({}), r#""zdr":true"#).as_deref(), Some("true"));
    assert_eq!(header(on(), r#""zdr":false"#).as_deref(), Some("true"));
    for loose in [r#"{"X-OpenRouter-ZDR":"false"}"#, r#"{"x-openrouter-zdr":null}"#] {
        let params = format!(r#""headers":{loose}"#);
        assert_eq!(header(on(), &params).as_deref(), Some("true"), "{loose}");
    }
}

#[test]
fn headers_of_the_call_override_those_of_the_options_and_of_the_client() {
    let options =
        json!({ "siteUrl": "https://s", "siteName": "Näme", "headers": { "x-title": "mine", "X-A": "1" } });
    let built = build(options, r#""model":"m","headers":{"x-a":"2","X-B":null}"#).unwrap();
    let map = built.headers.to_map();
    assert_eq!(
        map["authorization"],
        format!("Bearer {}", crate::support::client::KEY)
    );
    assert!(map["authorization"].is_sensitive());
    assert_eq!(map["content-type"], "application/json");
    assert_eq!(map["http-referer"], "https://s");
    assert_eq!(
        (map["x-title"].as_bytes(), map["x-a"].as_bytes()),
        (&b"mine"[..], &b"2"[..])
    );
    assert_eq!(map["x-openrouter-metadata"], "enabled");
    assert_eq!(map.get_all("x-a").iter().count(), 1);
    let built = build(
        json!({ "routerMetadata": false, "siteName": "Näme" }),
        r#""model":"m""#,
    )
    .unwrap();
    let map = built.headers.to_map();
    assert!(!map.contains_key("x-openrouter-metadata"));
    for name in ["x-title", "x-openrouter-title"] {
        assert_eq!(map[name].as_bytes(), "Näme".as_bytes());
    }
}

#[test]
fn the_header_for_router_metadata_can_be_changed_and_removed() {
    for (value, sent) in [(json!(null), None), (json!("disabled"), Some("disabled"))] {
        let headers = json!({ "x-openrouter-METADATA": value });
        let option = build(json!({ "headers": headers }), r#""model":"m""#).unwrap();
        let call = build(json!({}), &format!(r#""model":"m","headers":{headers}"#)).unwrap();
        for built in [option, call] {
            let map = built.headers.to_map();
            let header = map
                .get("x-openrouter-metadata")
                .map(|value| value.to_str().unwrap());
            assert_eq!(header, sent);
        }
    }
}

#[test]
fn the_routing_limits_of_a_request_are_listed_for_error_messages() {
    let limits = |options: Value, params: &str| {
        build(options, &format!(r#""model":"m",{params}"#))
            .unwrap()
            .limits
    };
    assert_eq!(limits(json!({}), r#""x":0"#), None);
    assert_eq!(limits(json!({}), r#""provider":{"sort":"price"}"#), None);
    assert_eq!(
        limits(
            json!({ "zdr": true }),
            r#""provider":{"only":["groq"],"max_price":{"prompt":1}}"#
        )
        .unwrap(),
        r#"provider.only=["groq"], provider.zdr=true, provider.max_price={"prompt":1}"#
    );
}

#[test]
fn routing_limits_outside_of_provider_and_an_empty_only_are_refused() {
    for name in [
        "only",
        "order",
        "ignore",
        "data_collection",
        "require_parameters",
        "max_price",
    ] {
        let message = refused(&format!(r#"{{"model":"m",{MESSAGES},"{name}":"x"}}"#));
        assert!(
            message.starts_with(&format!("{name} belongs into provider")),
            "{message}"
        );
    }
    for none in ["[]", r#"[""," "]"#, r#""groq""#, "{}"] {
        let message = refused(&format!(
            r#"{{"model":"m",{MESSAGES},"provider":{{"only":{none}}}}}"#
        ));
        assert!(
            message.contains("provider.only names no provider"),
            "{none}: {message}"
        );
    }
    let absent = body(json!({}), r#""model":"m","only":null,"provider":{"only":null}"#);
    assert!(absent.contains(r#""provider":{"only":null}"#));
}

#[test]
fn provider_is_sent_unchanged_with_a_warning_about_unknown_names() {
    let provider = r#"{"order":["a"],"sort":{"by":"price","partition":"none"},"preferred_max_latency":{"p90":2},"allow_fallback":false}"#;
    let built = build(json!({}), &format!(r#""model":"m","provider":{provider}"#)).unwrap();
    let sent = String::from_utf8(built.body.to_vec()).unwrap();
    assert!(sent.contains(&format!(r#""provider":{provider}"#)), "{sent}");
    assert_eq!(built.warnings.len(), 1);
    assert!(
        built.warnings[0].ends_with(": allow_fallback"),
        "{:?}",
        built.warnings
    );
}

#[test]
fn prompt_cache_fields_are_sent_byte_for_byte() {
    let given =
        r#""session_id":"s-1","prompt_cache_key":"k","cache_control":{"ttl":"1h","type":"ephemeral"}"#;
    let part =
        r#"{"role":"system","content":[{"type":"text","text":"long","cache_control":{"type":"ephemeral"}}]}"#;
    let params = format!(r#"{{"model":"m","messages":[{part}],{given}}}"#);
    let built = ChatRequest::build(&config(&json!({})), &params).unwrap();
    assert_eq!(String::from_utf8(built.body.to_vec()).unwrap(), params);
}

#[test]
fn a_request_streams_only_if_stream_is_true() {
    for (given, stream) in [("true", true), ("false", false), ("null", false)] {
        let built = build(json!({}), &format!(r#""model":"m","stream":{given}"#)).unwrap();
        assert_eq!(built.stream, stream, "{given}");
    }
    assert!(!build(json!({}), r#""model":"m""#).unwrap().stream);
}

proptest! {
    #[test]
    fn all_other_parameters_are_in_the_body_unchanged(
        // No parameter and no option begins so.
        names in prop::collection::btree_set("qq[a-y_é\"\\\\ ]{0,6}", 0..8),
        deep in 0usize..300,
    ) {
        let nested = format!("{}1.0{}", "[".repeat(deep), "]".repeat(deep));
        let fields: Vec<String> = names
            .iter()
            .map(|name| format!("{}:{nested}", serde_json::to_string(name).unwrap()))
            .collect();
        let params: String = fields.iter().map(|field| format!("{field},")).collect();
        let params = format!(r#"{{{params}"model":"m",{MESSAGES}}}"#);
        let built = ChatRequest::build(&config(&json!({})), &params).unwrap();
        prop_assert_eq!(String::from_utf8(built.body.to_vec()).unwrap(), params);
    }
}

#[test]
fn parameters_of_extra_body_are_sent_beside_the_others_which_take_precedence() {
    for (params, sent) in [
        (
            r#""extraBody":{"x":1.10,"y":{"b":1,"a":2}}"#,
            r#"{"x":1.10,"y":{"b":1,"a":2},"model":"m"}"#,
        ),
        (
            r#""extraBody":{"x":1,"seed":1},"seed":2"#,
            r#"{"x":1,"seed":2,"model":"m"}"#,
        ),
        (
            r#""extraBody":{"seed":1},"seed":null"#,
            r#"{"seed":null,"model":"m"}"#,
        ),
        (r#""extraBody":{},"seed":2"#, r#"{"model":"m","seed":2}"#),
        (r#""extraBody":null,"seed":2"#, r#"{"model":"m","seed":2}"#),
        (r#""extraBody":{"model":"z"}"#, r#"{"model":"m"}"#),
    ] {
        assert_eq!(
            body(json!({}), &format!(r#""model":"m",{params}"#)),
            sent,
            "{params}"
        );
    }
    // A call's are preferred to the defaults, and both to the `extraBody` beside them.
    let options =
        json!({ "modelOptions": { "model": "m", "a": 1, "extraBody": { "a": 0, "b": 1, "c": 1, "d": 1 } } });
    assert_eq!(
        body(options, r#""c":2,"extraBody":{"c":0,"d":2}"#),
        r#"{"a":1,"b":1,"c":2,"d":2,"model":"m"}"#
    );
}

#[test]
fn a_model_or_a_stream_of_extra_body_is_that_of_the_request() {
    let built = build(
        json!({}),
        r#""extraBody":{"model":"m","models":["f"],"stream":true}"#,
    )
    .unwrap();
    assert_eq!((built.route.effective.as_str(), built.stream), ("m", true));
    assert_eq!(built.route.fallbacks, ["f"]);
}

#[test]
fn privacy_settings_hold_for_extra_body_and_those_in_it_count() {
    let zdr = r#"{"provider":{"order":["a"],"zdr":true},"model":"m"}"#;
    for (options, params) in [
        (
            json!({ "zdr": true }),
            r#""extraBody":{"provider":{"order":["a"],"zdr":false}}"#,
        ),
        (
            json!({}),
            r#""extraBody":{"provider":{"order":["a"],"zdr":true}},"provider":{"zdr":false}"#,
        ),
        (
            json!({}),
            r#""extraBody":{"provider":{"order":["a"],"zdr":false}},"provider":{"zdr":true}"#,
        ),
        (
            json!({ "modelOptions": { "extraBody": { "provider": { "zdr": true } } } }),
            r#""extraBody":{"provider":{"order":["a"],"zdr":false}}"#,
        ),
    ] {
        let built = build(options, &format!(r#""model":"m",{params}"#)).unwrap();
        assert!(built.floors.zdr, "{params}");
        let sent: Value = serde_json::from_slice(&built.body).unwrap();
        assert_eq!(
            sent["provider"],
            serde_json::from_str::<Value>(zdr).unwrap()["provider"],
            "{params}"
        );
    }
    let denied = build(
        json!({}),
        r#""model":"m","extraBody":{"provider":{"data_collection":"deny"}},"provider":{"order":["a"]}"#,
    );
    assert!(denied.unwrap().floors.deny_data_collection);
    assert!(
        build(
            json!({ "zdr": true }),
            r#""model":"m","extraBody":{"provider":1}"#
        )
        .is_err()
    );
    assert!(
        build(
            json!({}),
            r#""model":"m","extraBody":{"provider":{"zdr":true}},"provider":"x""#
        )
        .is_err()
    );
}

#[test]
fn options_of_this_client_in_extra_body_are_refused() {
    for name in [
        "autoRouter",
        "dataCollection",
        "extraBody",
        "headers",
        "maxRetries",
        "onProgress",
        "signal",
        "timeouts",
        "zdr",
    ] {
        let params = format!(r#""model":"m","extraBody":{{"{name}":true}},{MESSAGES}"#);
        let message = refused(&format!("{{{params}}}"));
        assert!(
            message.starts_with(&format!("extraBody.{name} is no parameter of the API")),
            "{message}"
        );
        assert!(
            message.ends_with(&format!("Write {name} beside extraBody.")),
            "{message}"
        );
        let options = format!(r#"{{"modelOptions":{{"extraBody":{{"{name}":true}}}}}}"#);
        let error = Config::resolve(&options, &["k".to_owned()], &Default::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert!(
            error
                .to_string()
                .starts_with(&format!("Invalid option modelOptions.extraBody.{name}")),
            "{error}"
        );
    }
    for wrong in ["1", "\"{}\"", "[]", "true"] {
        let message = refused(&format!(r#"{{"model":"m","extraBody":{wrong},{MESSAGES}}}"#));
        assert!(message.starts_with("extraBody must be an object"), "{message}");
    }
}
