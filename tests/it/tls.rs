//! TLS against a server with a private authority: the client trusts the authority only if the `ca` option or the environment
//! names it, and reports each refusal as `tls_error`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use crate::support::client::{KEY, PLAIN, client_of, complete};
use crate::support::settings;
use openrouter_native::client::Client;
use openrouter_native::error::{Error, ErrorKind};
use openrouter_native::observe::Observer;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

const CA: &str = include_str!("support/ca.pem");
/// A certificate for `localhost` and 127.0.0.1, signed by `CA`, and its private key, which nothing else uses.
const SERVER: &str = include_str!("support/server.pem");

const ANSWER: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#;

/// Certificates for `localhost` as `openssl req -x509` makes them, with their private keys, which nothing else uses.
const SELF_SIGNED: &str = include_str!("support/self-signed.pem");
/// The same with another key.
const OTHER: &str = include_str!("support/self-signed-other.pem");
/// The same, valid in the year 2020 only.
const EXPIRED: &str = include_str!("support/self-signed-expired.pem");
/// The same with the name in CN only.
const NAMELESS: &str = include_str!("support/self-signed-nameless.pem");

/// Starts a TLS server that answers the first request of each connection, and returns its port. `identity` is its
/// certificate and its private key.
fn serve(identity: &str) -> u16 {
    let certificates = CertificateDer::pem_slice_iter(identity.as_bytes())
        .map(Result::unwrap)
        .collect();
    let key = PrivateKeyDer::from_pem_slice(identity.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, socket.unwrap());
            let mut buffer = [0; 4096];
            // A client that does not trust the certificate ends the handshake here.
            let Ok(size) = stream.read(&mut buffer) else {
                continue;
            };
            let request = String::from_utf8_lossy(&buffer[..size]);
            assert!(request.contains(KEY));
            let length = ANSWER.len();
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all((head + ANSWER).as_bytes()).unwrap();
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    port
}

async fn ask(host: &str, options: Value) -> Result<String, Error> {
    ask_server(SERVER, host, options).await
}

async fn ask_server(identity: &str, host: &str, options: Value) -> Result<String, Error> {
    let url = format!("https://{host}:{}/api/v1", serve(identity));
    complete(&client_of(&url, &options), PLAIN).await
}

#[tokio::test]
async fn an_authority_of_the_ca_option_is_trusted() {
    for host in ["localhost", "127.0.0.1"] {
        assert_eq!(ask(host, json!({ "ca": CA })).await.unwrap(), ANSWER, "{host}");
    }
    assert_eq!(ask("localhost", json!({ "ca": [CA, CA] })).await.unwrap(), ANSWER);
}

#[tokio::test]
async fn an_unknown_authority_fails_with_tls_error() {
    let error = ask("localhost", json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TlsError, "{error:?}");
    assert!(error.to_string().contains("NODE_EXTRA_CA_CERTS"), "{error}");
    assert!(error.details().cause.is_some());
    assert!(!error.to_json().contains(KEY));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let error = ask("app.localhost", json!({ "ca": CA })).await;
    // A system that does not resolve `app.localhost` makes no connection at all.
    let kind = error.unwrap_err().kind();
    assert!(
        matches!(kind, ErrorKind::TlsError | ErrorKind::ConnectionFailed),
        "{kind:?}"
    );
}

#[tokio::test]
async fn authorities_of_the_environment_are_trusted() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/ca.pem");
    for name in ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] {
        let options = json!({ "baseURL": format!("https://localhost:{}/api/v1", serve(SERVER)) });
        let config = settings::resolve(&options, &[(name, file)]).unwrap();
        let client = Client::new(config, Observer::default());
        assert_eq!(complete(&client, PLAIN).await.unwrap(), ANSWER, "{name}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_if_it_is_given_itself() {
    // The text may contain the private key, too, as the file of the server does.
    for ca in [json!(SELF_SIGNED), json!([CA, OTHER, SELF_SIGNED])] {
        let answer = ask_server(SELF_SIGNED, "localhost", json!({ "ca": ca })).await;
        assert_eq!(answer.unwrap(), ANSWER);
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/self-signed.pem");
    for name in ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] {
        let url = format!("https://localhost:{}/api/v1", serve(SELF_SIGNED));
        let config = settings::resolve(&json!({ "baseURL": url }), &[(name, file)]).unwrap();
        let client = Client::new(config, Observer::default());
        assert_eq!(complete(&client, PLAIN).await.unwrap(), ANSWER, "{name}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused_with_the_reason_in_every_other_case() {
    for (identity, ca, host, reason) in [
        (SELF_SIGNED, None, "localhost", "self-signed"),
        (SELF_SIGNED, Some(OTHER), "localhost", "self-signed"),
        (SELF_SIGNED, Some(CA), "localhost", "self-signed"),
        (SELF_SIGNED, Some(SELF_SIGNED), "127.0.0.1", "for another host"),
        (EXPIRED, Some(EXPIRED), "localhost", "has expired"),
        (NAMELESS, Some(NAMELESS), "localhost", "subjectAltName=DNS:HOST"),
        (SERVER, Some(OTHER), "localhost", "unknown authority"),
    ] {
        let options = ca.map_or_else(|| json!({}), |ca| json!({ "ca": ca }));
        let error = ask_server(identity, host, options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TlsError, "{error:?}");
        assert!(error.to_string().contains(reason), "{reason}: {error}");
        assert!(!error.to_json().contains(KEY));
    }
}

#[tokio::test]
async fn a_server_without_tls_fails_with_tls_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut socket, b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        tokio::io::AsyncReadExt::read_to_end(&mut socket, &mut Vec::new())
            .await
            .ok();
    });
    let client = client_of(&format!("https://127.0.0.1:{port}/api/v1"), &json!({}));
    let error = complete(&client, PLAIN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TlsError, "{error:?}");
}
