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

/// Starts a TLS server that answers the first request of each connection, and returns its port.
fn serve() -> u16 {
    let certificates = CertificateDer::pem_slice_iter(SERVER.as_bytes())
        .map(Result::unwrap)
        .collect();
    let key = PrivateKeyDer::from_pem_slice(SERVER.as_bytes()).unwrap();
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
    let url = format!("https://{host}:{}/api/v1", serve());
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
        let options = json!({ "baseURL": format!("https://localhost:{}/api/v1", serve()) });
        let config = settings::resolve(&options, &[(name, file)]).unwrap();
        let client = Client::new(config, Observer::default());
        assert_eq!(complete(&client, PLAIN).await.unwrap(), ANSWER, "{name}");
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
