//! A bare client: one blocking connection that is kept, a request written by hand, and a search for the first word. Its
//! figures are the limit for short chats on this machine.
//!
//! `bench-bare <base url> <chats>` prints its figures as JSON. The variable `NODE_EXTRA_CA_CERTS` names the authority's
//! certificate.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

type Failure = Box<dyn Error>;

const USAGE: &str = "usage: bench-bare <base url> <chats>";
const BODY: &str = r#"{"model":"openai/gpt-5-mini","messages":[{"role":"user","content":"Why is the sky blue?"}],"stream":true}"#;
/// The first word of the server's texts, as its JSON has it.
const FIRST: &[u8] = br#""content":" the""#;
/// The end of a chunked body.
const END: &[u8] = b"\r\n0\r\n\r\n";

trait Connection: Read + Write {}

impl<T: Read + Write> Connection for T {}

fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    let base_url = arguments.next().ok_or(USAGE)?;
    let count: usize = arguments.next().ok_or(USAGE)?.parse()?;
    let (scheme, rest) = base_url.split_once("://").ok_or(USAGE)?;
    let (host, path) = rest.split_once('/').ok_or(USAGE)?;
    let request = format!(
        "POST /{path}/chat/completions HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer sk-or-v1-bench\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let mut connection = connect(host, scheme == "https")?;
    for _ in 0..count / 4 {
        chat(&mut *connection, &request)?;
    }
    let cpu = cpu_ms();
    let mut times = (0..count)
        .map(|_| chat(&mut *connection, &request))
        .collect::<Result<Vec<f64>, Failure>>()?;
    let cpu = (cpu_ms() - cpu) / count as f64;
    times.sort_by(f64::total_cmp);
    let quantile = |part: f64| times.get((part * count as f64) as usize).copied();
    let (first, p99) = quantile(0.5).zip(quantile(0.99)).ok_or("no chats")?;
    println!(r#"{{"firstMs":{first},"firstP99Ms":{p99},"cpuMs":{cpu}}}"#);
    Ok(())
}

fn connect(host: &str, is_tls: bool) -> Result<Box<dyn Connection>, Failure> {
    let socket = TcpStream::connect(host)?;
    socket.set_nodelay(true)?;
    if !is_tls {
        return Ok(Box::new(socket));
    }
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(env::var("NODE_EXTRA_CA_CERTS")?)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (name, _) = host.split_once(':').ok_or(USAGE)?;
    let session = ClientConnection::new(Arc::new(config), ServerName::try_from(name.to_owned())?)?;
    Ok(Box::new(StreamOwned::new(session, socket)))
}

/// Sends a request, and reads the answer to its end. Returns the ms until the first word.
fn chat(connection: &mut dyn Connection, request: &str) -> Result<f64, Failure> {
    let asked = Instant::now();
    connection.write_all(request.as_bytes())?;
    connection.flush()?;
    let mut first = None;
    let mut answer = Vec::new();
    let mut bytes = [0; 16 << 10];
    while !answer.ends_with(END) {
        let count = connection.read(&mut bytes)?;
        if count == 0 {
            return Err("the answer was cut off".into());
        }
        answer.extend_from_slice(bytes.get(..count).unwrap_or_default());
        if first.is_none() && answer.windows(FIRST.len()).any(|part| part == FIRST) {
            first = Some(asked.elapsed().as_secs_f64() * 1e3);
        }
    }
    first.ok_or_else(|| "no word arrived".into())
}

/// Returns the CPU time of this thread, the only one, in ms; 0 if the system does not report it.
fn cpu_ms() -> f64 {
    let text = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let time = text.split(' ').next().and_then(|time| time.parse::<f64>().ok());
    time.unwrap_or_default() / 1e6
}
