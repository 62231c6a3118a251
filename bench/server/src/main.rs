//! The server that the benchmark's clients are measured against: OpenRouter's wire format, ready-made. What it sends is
//! said by the address it is asked at (see `plan`), so that every client's request is the same.
//!
//! It prints the ports of its three doors (plain HTTP, TLS with HTTP/1.1, TLS with HTTP/2 too) as JSON, and ends when its
//! standard input does.

mod body;
mod door;
mod events;
mod models;
mod plan;
mod reply;

use std::error::Error;
use std::path::PathBuf;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// The certificate and key, in one PEM file.
const USAGE: &str = "usage: bench-server <pem file>";

fn main() -> Result<(), Box<dyn Error>> {
    let pem = std::env::args_os().nth(1).map(PathBuf::from).ok_or(USAGE)?;
    // One thread for each core that it was given.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let doors = [
            ("http", None),
            ("tls", Some(door::acceptor(&pem, &["http/1.1"])?)),
            ("h2", Some(door::acceptor(&pem, &["h2", "http/1.1"])?)),
        ];
        let mut ports = Vec::new();
        for (name, acceptor) in doors {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            ports.push(format!("\"{name}\":{}", listener.local_addr()?.port()));
            tokio::spawn(door::serve(listener, acceptor));
        }
        println!("{{{}}}", ports.join(","));
        tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
        Ok(())
    })
}
