//! The settings that decide where and how a client connects: base URL, proxies and certificate authorities.

use crate::support::settings::{good, refused, resolve};
use openrouter_native::transport::tls;
use serde_json::{Value, json};

#[test]
fn base_urls_must_be_https_or_loopback() {
    for (given, taken) in [
        ("https://openrouter.ai/api/v1///", "https://openrouter.ai/api/v1"),
        (" https://h.example:8443 ", "https://h.example:8443"),
        ("http://127.0.0.1:3000/api/v1/", "http://127.0.0.1:3000/api/v1"),
        ("http://127.9.9.9/x", "http://127.9.9.9/x"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://localhost.:1/", "http://localhost.:1"),
        ("http://[::1]:1/v1", "http://[::1]:1/v1"),
    ] {
        assert_eq!(good(json!({ "baseURL": given })).base_url, taken);
    }
    for bad in [
        "http://SECRET.example/",
        "http://localhost.SECRET.example/",
        "http://127.0.0.1.SECRET.example/",
        "http://SECRET.localhost/",
        "http://10.0.0.1/SECRET",
        "http://0.0.0.0/SECRET",
        "ftp://SECRET.example/",
        "SECRET",
        "https://",
        "https://user:SECRET@h.example/",
        "https://SECRET@h.example/",
        "https://h.example/?SECRET",
        "https://h.example/#SECRET",
    ] {
        refused(json!({ "baseURL": bad }), "baseURL");
    }
    let insecure = json!({ "baseURL": "http://h.example/", "allowInsecureHttp": true });
    assert_eq!(good(insecure).base_url, "http://h.example");
    let error = resolve(&json!({}), &[("OPENROUTER_BASE_URL", "http://SECRET.example")]).unwrap_err();
    assert!(!error.to_json().contains("SECRET"));
}

#[test]
fn the_proxy_comes_from_the_option_or_from_the_environment_in_order() {
    let proxy = |options: Value, pairs: &[(&str, &str)]| resolve(&options, pairs).unwrap().transport.proxy;
    let (https, http) = ("https://openrouter.ai/", "http://h.example/");
    let applies = |pairs: &[(&str, &str)]| {
        let rules = proxy(json!({}), pairs);
        (rules.applies_to(https), rules.applies_to(http))
    };
    assert_eq!(applies(&[]), (false, false));
    for name in ["HTTPS_PROXY", "https_proxy"] {
        assert_eq!(applies(&[(name, "http://p:1")]), (true, false), "{name}");
    }
    for name in ["HTTP_PROXY", "http_proxy"] {
        assert_eq!(applies(&[(name, "http://p:1")]), (false, true), "{name}");
    }
    for name in ["PROXY", "ALL_PROXY", "all_proxy"] {
        assert_eq!(applies(&[(name, "http://u:p@p:1")]), (true, true), "{name}");
        for no in ["NO_PROXY", "no_proxy"] {
            assert_eq!(
                applies(&[(name, "p:1"), (no, "openrouter.ai")]),
                (false, true),
                "{no}"
            );
        }
    }
    let option = json!({ "proxy": "socks5://u:p@p:1" });
    let all = [
        ("PROXY", "http://b:1"),
        ("HTTPS_PROXY", "http://c:1"),
        ("HTTP_PROXY", "http://d:1"),
    ];
    assert_eq!(proxy(option.clone(), &all), proxy(option, &[]));
    let of_variables = proxy(json!({}), &all).address_for(https).unwrap();
    assert_eq!(of_variables.as_deref(), Some("http://b:1"));
    assert_ne!(proxy(json!({}), &all), proxy(json!({}), &all[1..]));
    for bad in ["ftp://u:SECRET@p", "socks9://SECRET", "http://", "http://[SECRET"] {
        refused(json!({ "proxy": bad }), "proxy");
        // A variable does not concern a client whose requests do not need it.
        let error = proxy(json!({}), &[("HTTPS_PROXY", bad)])
            .check(https)
            .unwrap_err();
        assert!(error.to_string().contains("HTTPS_PROXY"), "{error}");
        assert!(!error.to_json().contains("SECRET"), "{error}");
    }
}

#[test]
fn only_equal_transport_settings_share_connections() {
    let settings = |options: Value| good(options).transport;
    let plain = settings(json!({ "siteName": "A", "headers": { "x": "y" } }));
    assert_eq!(plain, settings(json!({ "zdr": true, "timeouts": { "idle": 5 } })));
    assert_ne!(plain, settings(json!({ "proxy": "http://p:1" })));
    assert_ne!(plain, settings(json!({ "ca": include_str!("support/ca.pem") })));
    assert_ne!(plain, settings(json!({ "timeouts": { "connect": 5 } })));
}

#[test]
fn authorities_are_read_and_an_invalid_ca_option_is_refused_by_name() {
    let pem = include_str!("support/ca.pem");
    let roots = |options: Value, pairs: &[(&str, &str)]| resolve(&options, pairs).unwrap().transport.roots;
    let list = roots(json!({ "ca": [pem, " ", pem] }), &[]);
    assert_eq!(list.extra.len(), 2);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/ca.pem");
    let both = [
        ("NODE_EXTRA_CA_CERTS", file),
        ("SSL_CERT_FILE", file),
        ("SSL_CERT_DIR", "/nowhere"),
    ];
    let found = roots(json!({}), &both);
    assert_eq!(found.node_extra_ca_certs.as_deref(), Some(file));
    assert_eq!(found.ssl_cert_file.as_deref(), Some(file));
    for good in [list, found, roots(json!({ "ca": pem }), &[])] {
        tls::client_config(&good).unwrap();
    }
    // As in Node, a missing file is not an error.
    tls::client_config(&roots(json!({}), &[("NODE_EXTRA_CA_CERTS", "/nowhere")])).unwrap();
    for bad in [
        "SECRET",
        "-----BEGIN CERTIFICATE-----\nSECRET\n-----END CERTIFICATE-----\n",
    ] {
        refused(json!({ "ca": bad }), "ca");
        refused(json!({ "ca": [pem, bad] }), "ca");
    }
}
