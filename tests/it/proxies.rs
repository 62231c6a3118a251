//! Requests through proxies, as the proxy receives them: the form of the request and the credentials. A proxy never receives
//! the key of a request over TLS.

use crate::support::client::{KEY, PLAIN, client_of, complete};
use crate::support::reply::Reply;
use crate::support::server::{Server, refusing};
use crate::support::settings;
use openrouter_native::client::Client;
use openrouter_native::error::ErrorKind;
use openrouter_native::observe::Observer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const ANSWER: &str = r#"{"id":"g","model":"a/b","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#;

/// The base URLs of a host that does not resolve, so that a request succeeds only if the proxy does the look-up.
const PLAIN_HOST: &str = "http://api.invalid/api/v1";
const TLS_HOST: &str = "https://api.invalid/api/v1";

fn through(base_url: &str, proxy: &str) -> Client {
    client_of(base_url, &json!({ "proxy": proxy }))
}

#[tokio::test]
async fn plain_http_requests_have_the_absolute_form_and_the_proxy_credentials() {
    for (user, basic) in [
        ("user:pass@", Some("Basic dXNlcjpwYXNz")),
        ("us%40er:p%3Ass@", Some("Basic dXNAZXI6cDpzcw==")),
        ("", None),
    ] {
        let proxy = Server::replying([Reply::json(200, ANSWER)]);
        let client = through(PLAIN_HOST, &format!("http://{user}127.0.0.1:{}", proxy.port));
        assert_eq!(complete(&client, PLAIN).await.unwrap(), ANSWER);
        let request = &proxy.requests()[0];
        assert_eq!(
            request.line(),
            "POST http://api.invalid/api/v1/chat/completions HTTP/1.1"
        );
        assert_eq!(request.header("host"), Some("api.invalid"));
        assert_eq!(request.header("proxy-authorization"), basic);
        assert_eq!(request.text(), PLAIN);
    }
}

#[tokio::test]
async fn https_requests_use_a_tunnel_and_the_proxy_never_receives_the_key() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let proxy = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
        while !seen.ends_with(b"\r\n\r\n") {
            let size = socket.read(&mut buffer).await.unwrap();
            seen.extend(&buffer[..size]);
        }
        let established = b"HTTP/1.1 200 Connection established\r\n\r\n";
        socket.write_all(established).await.unwrap();
        let size = socket.read(&mut buffer).await.unwrap();
        socket.write_all(b"this is no TLS\r\n").await.unwrap();
        (String::from_utf8(seen).unwrap(), buffer[..size].to_vec())
    });
    let client = through(TLS_HOST, &format!("http://user:pass@127.0.0.1:{port}"));
    let error = complete(&client, PLAIN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TlsError, "{error:?}");
    let (connect, hello) = proxy.await.unwrap();
    assert!(
        connect.starts_with("CONNECT api.invalid:443 HTTP/1.1\r\n"),
        "{connect}"
    );
    let connect = connect.to_lowercase();
    assert!(
        connect.contains("\r\nproxy-authorization: basic dxnlcjpwyxnz\r\n"),
        "{connect}"
    );
    assert!(!connect.contains("bearer") && !connect.contains(KEY), "{connect}");
    assert_eq!(hello[0], 22, "what follows is a TLS handshake");
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_down_fails_with_proxy_error_without_the_password() {
    for refusal in [
        "407 Proxy Authentication Required",
        "403 Forbidden",
        "502 Bad Gateway",
    ] {
        let proxy = Server::replying([Reply::raw(format!(
            "HTTP/1.1 {refusal}\r\ncontent-length: 0\r\n\r\n"
        ))]);
        let client = through(
            TLS_HOST,
            &format!("http://canary:hunter2@127.0.0.1:{}", proxy.port),
        );
        let error = complete(&client, PLAIN).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProxyError, "{refusal}: {error:?}");
        assert!(error.to_string().contains("api.invalid"), "{error}");
        for shown in [format!("{error:?} {:?}", client.config()), error.to_json()] {
            assert!(!shown.contains("hunter2") && !shown.contains("canary"), "{shown}");
        }
        assert_eq!(proxy.counts().requests, 1);
    }
    let (_unused, address) = refusing();
    for host in [PLAIN_HOST, TLS_HOST] {
        let error = complete(&through(host, &format!("http://{address}")), PLAIN)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProxyError, "{host}: {error:?}");
        assert!(
            error
                .details()
                .cause
                .as_deref()
                .unwrap()
                .starts_with("ECONNREFUSED"),
            "{error:?}"
        );
    }
}

/// A client whose configuration comes from the environment.
fn of_environment(base_url: &str, env: &[(&str, &str)]) -> Client {
    let options = json!({ "baseURL": base_url, "allowInsecureHttp": true, "maxRetries": 0 });
    Client::new(settings::resolve(&options, env).unwrap(), Observer::default())
}

#[tokio::test]
async fn http_proxy_and_no_proxy_of_the_environment_are_honoured() {
    let proxy = Server::new(|_| Reply::json(200, ANSWER));
    let address = format!("127.0.0.1:{}", proxy.port);
    for (exceptions, through_proxy) in [
        ("", 1),
        ("h.example", 1),
        ("api.invalid:81", 1),
        ("api.invalid", 0),
        ("*.invalid", 0),
        ("api.invalid:80", 0),
        ("h.example *", 0),
    ] {
        let before = proxy.counts().requests;
        let env = [("HTTP_PROXY", &*address), ("NO_PROXY", exceptions)];
        let answer = complete(&of_environment(PLAIN_HOST, &env), PLAIN).await;
        // Without the proxy, the host is not found.
        assert_eq!(answer.is_ok(), through_proxy == 1, "{exceptions:?}");
        assert_eq!(proxy.counts().requests - before, through_proxy, "{exceptions:?}");
    }
}

#[tokio::test]
async fn plain_http_to_this_machine_does_not_go_through_a_proxy_of_the_environment() {
    let server = Server::new(|_| Reply::json(200, ANSWER));
    let proxy = Server::new(|_| Reply::json(200, ANSWER));
    let address = format!("http://127.0.0.1:{}", proxy.port);
    for name in ["PROXY", "HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        for host in ["127.0.0.1", "localhost"] {
            let url = format!("http://{host}:{}/api/v1", server.port);
            complete(&of_environment(&url, &[(name, &address)]), PLAIN)
                .await
                .unwrap();
        }
    }
    assert_eq!((server.counts().requests, proxy.counts().requests), (8, 0));
    complete(&through(&server.url(), &address), PLAIN).await.unwrap();
    assert_eq!((server.counts().requests, proxy.counts().requests), (8, 1));
}

#[tokio::test]
async fn a_variable_that_is_no_proxy_url_fails_only_the_requests_that_need_it() {
    let server = Server::new(|_| Reply::json(200, ANSWER));
    for (name, url, is_needed) in [
        ("HTTPS_PROXY", TLS_HOST, true),
        ("PROXY", PLAIN_HOST, true),
        ("HTTPS_PROXY", &*server.url(), false),
        ("PROXY", &*server.url(), false),
    ] {
        let client = of_environment(url, &[(name, "ftp://user:hunter2@p")]);
        match complete(&client, PLAIN).await {
            Ok(_) => assert!(!is_needed, "{name} {url}"),
            Err(error) => {
                assert!(is_needed, "{name} {url}");
                assert_eq!(error.kind(), ErrorKind::InvalidOption);
                assert!(error.to_string().contains(name), "{error}");
                assert!(!error.to_json().contains("hunter2"), "{error}");
            }
        }
    }
    assert_eq!(server.counts().requests, 2);
}

/// A SOCKS5 proxy (RFC 1928, RFC 1929) that serves one connection and answers the request itself. Returns the login and the
/// connect request that it received.
async fn socks5(listener: TcpListener, with_password: bool) -> (Vec<u8>, Vec<u8>) {
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut methods = [0; 2];
    socket.read_exact(&mut methods).await.unwrap();
    let mut offered = vec![0; usize::from(methods[1])];
    socket.read_exact(&mut offered).await.unwrap();
    let method = if with_password { 2 } else { 0 };
    assert!(offered.contains(&method), "{offered:?}");
    socket.write_all(&[5, method]).await.unwrap();
    let mut login = Vec::new();
    if with_password {
        let mut buffer = [0; 64];
        let size = socket.read(&mut buffer).await.unwrap();
        login.extend(&buffer[..size]);
        socket.write_all(&[1, 0]).await.unwrap();
    }
    let mut buffer = [0; 64];
    let size = socket.read(&mut buffer).await.unwrap();
    socket.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
    let mut request = vec![0; 4096];
    let got = socket.read(&mut request).await.unwrap();
    assert!(request[..got].starts_with(b"POST /api/v1/chat/completions"));
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{ANSWER}",
        ANSWER.len()
    );
    socket.write_all(answer.as_bytes()).await.unwrap();
    (login, buffer[..size].to_vec())
}

#[tokio::test]
async fn a_socks5_proxy_receives_the_host_name_and_the_password() {
    for (scheme, user, login) in [
        ("socks5h", "", &b""[..]),
        ("socks5h", "user:pass@", b"\x01\x04user\x04pass"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = tokio::spawn(socks5(listener, !user.is_empty()));
        let client = through(PLAIN_HOST, &format!("{scheme}://{user}127.0.0.1:{port}"));
        assert_eq!(complete(&client, PLAIN).await.unwrap(), ANSWER);
        let (credentials, connect) = proxy.await.unwrap();
        assert_eq!(credentials, login);
        assert_eq!(connect, b"\x05\x01\x00\x03\x0bapi.invalid\x00\x50");
    }
}
