//! The engine of the addon without JavaScript. It sends the same requests, and reads the streams to their end. Its figures
//! are the limit of what the addon can reach, because the addon also has to deliver the results to JavaScript.
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
use openrouter_native::runtime;
use sha2::{Digest, Sha256};

type Failure = Box<dyn Error + Send + Sync>;

const REQUEST: &str = r#"{"model":"openai/gpt-5-mini","stream":true,"messages":[{"role":"user","content":"Why is the sky blue?"}]}"#;
const USAGE: &str = "usage: bench-engine <base url> <streams> <base url to warm up with>";

/// The number of events of a stream, and its text.
type Seen = (u64, String);

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let base_url = arguments.next().ok_or(USAGE)?;
    let streams: usize = arguments.next().ok_or(USAGE)?.parse()?;
    let warm_up = arguments.next().ok_or(USAGE)?;
    let runtime = runtime::handle()?;
    // Run on the network thread, like all work of the engine.
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
        Observer::new(Hub::new(Box::new(|| {})), 0, 0, false),
    ))
}

async fn read(client: Client) -> Result<Seen, Failure> {
    let Answer::Stream(stream) = client.chat(REQUEST).await? else {
        return Err("not a stream".into());
    };
    let (mut stream, mut out) = (*stream, Outbox::default());
    stream.flow(Flow::without_deltas(Mode::Chunks), &mut out);
    while !stream.advance(&mut out).await? {
        out = Outbox::default();
    }
    let progress = stream.progress().clone();
    let (network, mut pump) = stream.split();
    let mut tail = pump.take_tail();
    tokio::spawn(network.read_tail(move |read| tail.take(read)));
    let properties = progress.properties_json();
    let events = Object::parse(&properties)
        .and_then(|properties| properties.object("metrics"))
        .and_then(|metrics| metrics.number("events"))
        .unwrap_or_default();
    Ok((events as u64, text(&progress.final_json()).unwrap_or_default()))
}

/// Returns the content of the first choice.
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

/// Returns the CPU time of all threads, in ms; 0 if the system does not report it.
fn cpu_ms() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks
        .filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<f64>().ok())
        .sum::<f64>()
        / 1e6
}

/// Returns the peak memory use, in MiB; 0 if the system does not report it.
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
