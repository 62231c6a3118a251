//! A listening socket, with or without TLS.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::reply::reply;

/// How many streams servers, and the proxies in front of them, commonly allow on an HTTP/2 connection.
const STREAMS_PER_CONNECTION: u32 = 100;

/// Creates an acceptor for TLS 1.3 that offers `protocols`. `pem` contains the certificate and its key.
pub fn acceptor(pem: &Path, protocols: &[&str]) -> Result<TlsAcceptor, Box<dyn Error>> {
    let certificates = CertificateDer::pem_file_iter(pem)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(pem)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Accepts and serves connections until the process ends.
pub async fn serve(listener: TcpListener, acceptor: Option<TlsAcceptor>) {
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            continue;
        };
        let _ = socket.set_nodelay(true);
        match acceptor.clone() {
            None => tokio::spawn(connection(socket)),
            Some(acceptor) => tokio::spawn(async move {
                if let Ok(socket) = acceptor.accept(socket).await {
                    connection(socket).await;
                }
            }),
        };
    }
}

/// Serves one connection. Errors are ignored, because a client may close its connection at any time.
async fn connection(socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        // Large enough that the client need not wait for window updates while it sends a prompt of a megabyte.
        .initial_stream_window_size(4 << 20)
        .initial_connection_window_size(64 << 20);
    let _ = builder
        .serve_connection(TokioIo::new(socket), service_fn(reply))
        .await;
}
