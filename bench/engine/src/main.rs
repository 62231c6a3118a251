//! The addon's engine by itself: the same requests and streams, read to their end, with nobody to hand them to. What
//! the benchmark measures here is the limit of what delivery to JavaScript can reach.
//!
//! `bench-engine <base url> <streams> <base url to warm up with>` prints its figures as JSON.

use std::error::Error;
use std::fs;
use std::time::Instant;

use futures_util::future::try_join_all;
use openrouter_native::client::{Answer, Client};
use openrouter_native::config::Config;
use openrouter_native::delivery::{Flow, Hub, Mode, Outbox};
use openrouter_native::json::Object;
use openrouter_native::observe::Observer;
use openrouter_native::stream::lock;
use openrouter_native::runtime;
use sha2::{Digest, Sha256};

type Failure = Box<dyn Error + Send + Sync>;

const REQUEST: &str = r#"{"model":"openai/gpt-5-mini","stream":true,"messages":[{"role":"user","content":"Why is the sky blue?"}]}"#;
const USAGE: &str = "usage: bench-engine <base url> <streams> <base url to warm up with>";

/// A stream's events and text.
type Seen = (u64, String);

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let base_url = arguments.next().ok_or(USAGE)?;
    let streams: usize = arguments.next().ok_or(USAGE)?.parse()?;
    let warm_up = arguments.next().ok_or(USAGE)?;
    let runtime = runtime::handle()?;
    // On the network thread, as all of the engine's work is.
    let figures = runtime.block_on(runtime.spawn(async move {
        read(client(&warm_up)?).await?;
        let client = client(&base_url)?;
        let (started, cpu) = (Instant::now(), cpu_ms());
        let seen = try_join_all((0..streams).map(|_| read(client.clone()))).await?;
        let (wall, cpu) = (started.elapsed().as_secs_f64() * 1e3, cpu_ms() - cpu);
        figures(&seen, wall, cpu)
    }))??;
    println!("{figures}");
    Ok(())
}

fn client(base_url: &str) -> Result<Client, Failure> {
    let options = format!(r#"{{"baseURL":"{base_url}","maxRetries":0}}"#);
    let environment = std::env::vars().collect();
    let config = Config::resolve(&options, &["sk-or-v1-bench".to_owned()], &environment)?;
    Ok(Client::new(
        config,
        Observer::new(Hub::new(Box::new(|| {})), 0, 0),
    ))
}

async fn read(client: Client) -> Result<Seen, Failure> {
    let Answer::Stream(mut stream) = client.chat(REQUEST).await? else {
        return Err("not a stream".into());
    };
    let mut out = Outbox::default();
    while !stream.advance(Flow::facts(Mode::Chunks), &mut out).await? {
        out = Outbox::default();
    }
    let progress = stream.progress();
    tokio::spawn(stream.read_tail());
    let progress = lock(&progress);
    let facts = progress.facts_json();
    let events = Object::parse(&facts)
        .and_then(|facts| facts.object("metrics"))
        .and_then(|metrics| metrics.number("events"))
        .unwrap_or_default();
    Ok((
        events as u64,
        text(&progress.completion().to_json()).unwrap_or_default(),
    ))
}

/// The content of the first choice.
fn text(completion: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(completion).ok()?;
    Some(value.pointer("/choices/0/message/content")?.as_str()?.to_owned())
}

fn figures(seen: &[Seen], wall: f64, cpu: f64) -> Result<String, Failure> {
    let (_, text) = seen.first().ok_or("no stream")?;
    if seen.iter().any(|(_, other)| other != text) {
        return Err("the streams brought different texts".into());
    }
    let events: u64 = seen.iter().map(|(events, _)| events).sum();
    let digest: String = Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(format!(
        r#"{{"wallMs":{wall},"cpuMs":{cpu},"events":{events},"text":"{digest}","rssMiB":{}}}"#,
        peak_mib()
    ))
}

/// CPU time of all threads, in ms; 0 where the system does not tell.
fn cpu_ms() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks
        .filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<f64>().ok())
        .sum::<f64>()
        / 1e6
}

/// The most memory that was in use.
fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .trim()
                .strip_suffix(" kB")?
                .parse::<f64>()
                .ok()
        })
        .unwrap_or_default()
        / 1024.0
}
