//! The load server of the benchmark. It sends responses in OpenRouter's wire format, which are built in advance. The path of
//! a request says what is sent (see `plan`), so that all clients can send the same headers and body.
//!
//! It prints its three ports as JSON (plain HTTP, TLS with HTTP/1.1, TLS with HTTP/2 and HTTP/1.1), and exits when its
//! standard input ends.

mod body;
mod embeddings;
mod events;
mod listener;
mod models;
mod plan;
mod reply;

use std::error::Error;
use std::path::PathBuf;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// The PEM file contains the certificate and its key.
const USAGE: &str = "usage: bench-server <pem file>";

fn main() -> Result<(), Box<dyn Error>> {
    let pem = std::env::args_os().nth(1).map(PathBuf::from).ok_or(USAGE)?;
    // The runtime has one thread for each core that the process may use.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listeners = [
            ("http", None),
            ("tls", Some(listener::acceptor(&pem, &["http/1.1"])?)),
            ("h2", Some(listener::acceptor(&pem, &["h2", "http/1.1"])?)),
        ];
        let mut ports = Vec::new();
        for (name, acceptor) in listeners {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            ports.push(format!("\"{name}\":{}", listener.local_addr()?.port()));
            tokio::spawn(listener::serve(listener, acceptor));
        }
        println!("{{{}}}", ports.join(","));
        tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
        Ok(())
    })
}
