//! How the configuration of a client is resolved: options override the environment, which overrides the defaults. Each
//! value is validated, and no message contains one. Network settings are in `network_settings`.

use std::time::Duration;

use crate::support::client::{KEY, get};
use crate::support::settings::{env, good, refused, resolve};
use openrouter_native::config::{Config, Timeouts};
use openrouter_native::error::ErrorKind;
use serde_json::json;

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

#[test]
fn without_options_every_setting_has_its_default() {
    let config = good(json!({}));
    assert_eq!(config.base_url, "https://openrouter.ai/api/v1");
    assert_eq!(config.url("/models"), "https://openrouter.ai/api/v1/models");
    assert_eq!((config.site_url, config.site_name), (None, None));
    assert_eq!(config.model_options, "{}");
    assert!(!config.rules.auto_router && !config.rules.floors.any());
    assert_eq!(config.rules.models_per_request, Some(3));
    assert!(config.router_metadata);
    let limits = Timeouts {
        connect: seconds(10),
        headers: seconds(600),
        idle: seconds(300),
        total: None,
    };
    assert_eq!(config.timeouts, limits);
    assert_eq!(config.transport.connect_timeout, seconds(10));
    assert_eq!(config.max_retries, 2);
    assert_eq!(Some(config.cache.credits_ttl), seconds(300));
    assert_eq!(Some(config.cache.models_ttl), seconds(3600));
    assert!(config.cache.background_refresh);
    assert_eq!(config.max_event_bytes, 64 * 1024 * 1024);
    assert_eq!(config.max_response_bytes, 256 * 1024 * 1024);
    assert_eq!(config.requests_per_minute, None);
    assert!(config.warnings.is_empty());
}

#[test]
fn null_and_unknown_options_are_ignored() {
    let nothing = good(json!({}));
    let nulls = good(json!({
        "baseURL": null, "siteUrl": null, "siteName": " ", "modelOptions": null,
        "autoRouter": null, "zdr": null, "dataCollection": null, "headers": null, "modelsPerRequest": null,
        "routerMetadata": null, "allowInsecureHttp": null, "proxy": "", "ca": null, "timeouts": null,
        "maxRetries": null, "cache": null, "maxEventBytes": null, "maxResponseBytes": null, "rateLimit": null,
        "req": { "body": "x" }, "res": [], "userId": 7,
    }));
    assert_eq!(nulls.public_json(), nothing.public_json());
    assert_eq!(nulls.transport, nothing.transport);
    assert_eq!(nulls.timeouts, nothing.timeouts);
    assert_eq!(nulls.cache, nothing.cache);
}

#[test]
fn the_first_key_that_is_not_blank_is_used() {
    let choose = |keys: &[&str], pairs: &[(&str, &str)]| {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        Config::resolve("{}", &keys, &env(pairs)).map(|config| config.key.expose().to_owned())
    };
    let environment = [("OPENROUTER_API_KEY", " sk-env\n")];
    assert_eq!(choose(&["sk-a", "sk-b"], &environment).unwrap(), "sk-a");
    assert_eq!(choose(&["", " sk-b "], &environment).unwrap(), "sk-b");
    assert_eq!(choose(&["", " "], &environment).unwrap(), "sk-env");
    assert_eq!(choose(&[], &environment).unwrap(), "sk-env");
    for keys in [&[][..], &["", " "]] {
        let error = choose(keys, &[("OPENROUTER_API_KEY", " ")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingApiKey);
    }
    for bad in [
        "SECRET\nX: y",
        "SECRET\u{0}",
        "SECRETé",
        "SEC RET",
        "SECRET\u{7F}",
    ] {
        let error = choose(&[bad], &environment).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidApiKey);
        assert!(!error.to_json().contains("SEC"), "{error}");
    }
}

#[test]
fn the_printed_configuration_does_not_contain_the_key() {
    let config = good(json!({ "proxy": "http://user:hunter2@proxy:1" }));
    let shown = format!("{config:?} {config:#?} {}", config.public_json());
    assert!(!shown.contains(KEY) && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn options_override_the_environment() {
    let variables = [
        ("OPENROUTER_BASE_URL", "https://env.example/v1/"),
        ("OPENROUTER_SITE_URL", "https://env.example"),
        ("OPENROUTER_SITE_NAME", " Env "),
        ("OPENROUTER_CACHE_TTL_CREDITS", "1000"),
        ("OPENROUTER_CACHE_TTL_MODELS", "0"),
        ("OPENROUTER_BACKGROUND_REFRESH", "false"),
    ];
    let config = resolve(&json!({}), &variables).unwrap();
    assert_eq!(config.base_url, "https://env.example/v1");
    assert_eq!(config.site_url.as_deref(), Some("https://env.example"));
    assert_eq!(config.site_name.as_deref(), Some("Env"));
    assert_eq!(Some(config.cache.credits_ttl), seconds(1));
    assert_eq!(config.cache.models_ttl, Duration::ZERO);
    assert!(!config.cache.background_refresh);
    let options = json!({
        "baseURL": "https://o.example", "siteUrl": "https://o", "siteName": "O",
        "cache": { "creditsTTL": 2000, "modelsTTL": 3000 },
    });
    let config = resolve(&options, &variables).unwrap();
    assert_eq!(config.base_url, "https://o.example");
    assert_eq!(config.site_url.as_deref(), Some("https://o"));
    assert_eq!(config.site_name.as_deref(), Some("O"));
    assert_eq!(Some(config.cache.credits_ttl), seconds(2));
    assert_eq!(Some(config.cache.models_ttl), seconds(3));
    let blank = [("OPENROUTER_BASE_URL", "  "), ("OPENROUTER_CACHE_TTL_MODELS", "")];
    let config = resolve(&json!({}), &blank).unwrap();
    assert_eq!(config.base_url, "https://openrouter.ai/api/v1");
    assert!(config.warnings.is_empty());
}

#[test]
fn model_options_are_kept_byte_for_byte() {
    let options = r#"{"modelOptions":{"temperature":1.10,"x":"\ud83d","model":"a/b"},"zdr":false}"#;
    let config = Config::resolve(options, &[KEY.to_owned()], &env(&[])).unwrap();
    let kept = r#"{"temperature":1.10,"x":"\ud83d","model":"a/b"}"#;
    assert_eq!(config.model_options, kept);
    assert!(config.public_json().contains(kept));
}

#[test]
fn auto_router_may_be_a_model_option_and_the_client_option_overrides_it() {
    for on in [
        json!({ "autoRouter": true }),
        json!({ "modelOptions": { "autoRouter": true } }),
        json!({ "autoRouter": true, "modelOptions": { "autoRouter": false } }),
        json!({ "autoRouter": null, "modelOptions": { "autoRouter": true } }),
    ] {
        assert!(good(on.clone()).rules.auto_router, "{on}");
    }
    let off = json!({ "autoRouter": false, "modelOptions": { "autoRouter": true } });
    assert!(!good(off).rules.auto_router);
    refused(json!({ "autoRouter": "SECRET" }), "autoRouter");
}

#[test]
fn zdr_is_on_if_any_option_turns_it_on_and_invalid_privacy_options_are_refused() {
    for on in [
        json!({ "zdr": true }),
        json!({ "zdr": true, "modelOptions": { "zdr": false } }),
        json!({ "zdr": false, "modelOptions": { "zdr": true } }),
    ] {
        assert!(good(on.clone()).rules.floors.zdr, "{on}");
    }
    refused(json!({ "zdr": "yes" }), "zdr");
    refused(json!({ "modelOptions": { "zdr": 1 } }), "modelOptions.zdr");
    assert!(
        good(json!({ "dataCollection": "deny" }))
            .rules
            .floors
            .deny_data_collection
    );
    assert!(
        !good(json!({ "dataCollection": "allow" }))
            .rules
            .floors
            .deny_data_collection
    );
    refused(json!({ "dataCollection": "SECRET" }), "dataCollection");
}

#[test]
fn timeouts_override_the_defaults_and_zero_or_null_means_no_timeout() {
    let config = good(json!({ "timeouts": { "connect": 1500, "headers": 0, "idle": null, "total": 0.5 } }));
    assert_eq!(config.timeouts.connect, Some(Duration::from_millis(1500)));
    assert_eq!(config.timeouts.headers, None);
    assert_eq!(config.timeouts.idle, None);
    assert_eq!(config.timeouts.total, Some(Duration::from_micros(500)));
    assert_eq!(config.transport.connect_timeout, config.timeouts.connect);
    assert!(
        good(json!({ "timeouts": { "idle": 1e300 } }))
            .timeouts
            .idle
            .is_some()
    );
    refused(json!({ "timeouts": { "idle": -1 } }), "timeouts.idle");
    refused(json!({ "timeouts": { "headers": "SECRET" } }), "timeouts.headers");
    refused(json!({ "timeouts": { "read": 1 } }), "timeouts.read");
    refused(json!({ "timeouts": 5 }), "timeouts");
}

#[test]
fn an_invalid_cache_ttl_of_the_environment_gives_the_default_and_a_warning() {
    let variables = |value| {
        [
            ("OPENROUTER_CACHE_TTL_CREDITS", value),
            ("OPENROUTER_CACHE_TTL_MODELS", value),
        ]
    };
    for bad in ["five", "-1", "NaN", "Infinity", "1 000", "5m"] {
        let config = resolve(&json!({}), &variables(bad)).unwrap();
        assert_eq!(Some(config.cache.credits_ttl), seconds(300), "{bad}");
        assert_eq!(Some(config.cache.models_ttl), seconds(3600), "{bad}");
        assert_eq!(config.warnings.len(), 2, "{bad}");
        assert!(config.warnings[0].contains("OPENROUTER_CACHE_TTL_CREDITS"));
    }
    let config = good(json!({ "cache": { "modelsTTL": 0 } }));
    assert_eq!(config.cache.models_ttl, Duration::ZERO);
    assert_eq!(
        get(&config.public_json(), "/cacheSettings"),
        r#"{"creditsTTL":300000,"modelsTTL":0}"#
    );
    refused(json!({ "cache": "SECRET" }), "cache");
    for bad in [
        json!(true),
        json!("300000"),
        json!(-1),
        json!(1.5),
        json!([[]]),
        json!(1e300),
    ] {
        refused(json!({ "cache": { "creditsTTL": bad } }), "cache.creditsTTL");
        refused(json!({ "cache": { "modelsTTL": bad } }), "cache.modelsTTL");
    }
}

#[test]
fn a_cache_ttl_of_more_than_a_day_is_a_day_with_a_warning() {
    let config = good(json!({ "cache": { "creditsTTL": 86_400_000, "modelsTTL": 90_000_000 } }));
    let day = seconds(24 * 3600);
    assert_eq!(
        (Some(config.cache.credits_ttl), Some(config.cache.models_ttl)),
        (day, day)
    );
    assert_eq!(config.warnings.len(), 1);
    assert!(
        config.warnings[0].contains("cache.modelsTTL"),
        "{:?}",
        config.warnings
    );
}

#[test]
fn mistyped_fields_of_options_are_refused_by_name() {
    refused(
        json!({ "rateLimit": { "requestPerMinute": 5 } }),
        "rateLimit.requestPerMinute",
    );
    refused(json!({ "cache": { "modelTTL": 5 } }), "cache.modelTTL");
    refused(json!({ "cache": [5] }), "cache");
    for name in ["headers", "maxRetries", "timeouts", "signal", "onProgress"] {
        refused(
            json!({ "modelOptions": { name: {} } }),
            &format!("modelOptions.{name}"),
        );
    }
}

#[test]
fn counts_must_be_whole_numbers() {
    let names = [
        "maxRetries",
        "modelsPerRequest",
        "networkThreads",
        "maxEventBytes",
        "maxResponseBytes",
    ];
    for name in names {
        for bad in [json!(-1), json!(1.5), json!("SECRET"), json!([]), json!(true)] {
            refused(json!({ name: bad }), name);
        }
    }
    let config =
        good(json!({ "maxRetries": 0, "modelsPerRequest": 1, "maxEventBytes": 5, "maxResponseBytes": 6 }));
    assert_eq!(
        (config.max_retries, config.rules.models_per_request),
        (0, Some(1))
    );
    assert_eq!((config.max_event_bytes, config.max_response_bytes), (5, 6));
    let limited = good(json!({ "rateLimit": { "requestsPerMinute": 20 } }));
    assert_eq!(limited.requests_per_minute, Some(20));
    refused(
        json!({ "rateLimit": { "requestsPerMinute": "SECRET" } }),
        "requestsPerMinute",
    );
}

#[test]
fn invalid_headers_are_refused_by_name() {
    for (name, value) in [
        ("X-A", "SECRET\r\nX-B: c"),
        ("X-A", "SECRET\u{0}"),
        ("X A", "SECRET"),
        ("", "SECRET"),
        ("Content-Length", "SECRET"),
        ("transfer-encoding", "SECRET"),
        ("Host", "SECRET"),
    ] {
        refused(json!({ "headers": { name: value } }), "headers");
    }
    refused(json!({ "headers": { "X-A": ["SECRET"] } }), "headers.X-A");
    refused(json!({ "headers": "SECRET" }), "headers");
    let shown = good(json!({ "headers": { "X-A": 1, "X-B": true, "X-C": null, "X-D": "é" } }))
        .headers
        .to_json();
    assert_eq!(shown, r#"{"X-A":"1","X-B":"true","X-D":"é"}"#);
}

#[test]
fn options_of_the_wrong_type_are_refused_by_name() {
    for (name, bad) in [
        ("baseURL", json!(5)),
        ("siteUrl", json!({ "a": "SECRET" })),
        ("siteName", json!(["SECRET"])),
        ("modelOptions", json!("SECRET")),
        ("modelOptions", json!(["SECRET"])),
        ("routerMetadata", json!("SECRET")),
        ("allowInsecureHttp", json!("SECRET")),
        ("proxy", json!(5)),
        ("ca", json!(5)),
        ("ca", json!(["", 5])),
    ] {
        refused(json!({ name: bad }), name);
    }
    for bad in ["", "SECRET", "7", "\"SECRET\""] {
        let error = Config::resolve(bad, &[KEY.to_owned()], &env(&[])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOption, "{bad}");
        assert!(!error.to_json().contains("SECRET"));
    }
}
