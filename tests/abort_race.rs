//! An abort that comes while a whole answer is being left for its reader, by another thread and at no certain moment.
//! In a program of its own: streams are counted by process.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

#[path = "it/support/mod.rs"]
mod support;

use std::hint::spin_loop;
use std::time::{Duration, Instant};

use openrouter_native::runtime;
use openrouter_native::stats::STATS;
use support::call::{hub, opened};
use support::client::client;
use support::reply::Reply;
use support::server::Server;

const ROUNDS: u32 = 2000;

#[test]
fn an_abort_at_any_moment_ends_the_call_and_lets_go_of_its_answer() {
    let chunk = r#"{"id":"g","model":"a/b","choices":[{"delta":{"content":"one"},"finish_reason":"stop"}]}"#;
    let server = Server::replying((0..ROUNDS).map(|_| Reply::events(&[chunk])));
    let client = client(&server);
    let (hub, woken) = hub();
    let mut calls = Vec::new();
    for round in 0..ROUNDS {
        let call = opened(&hub, &woken, client.clone());
        let id = call.mailbox().id();
        let moment = Instant::now() + Duration::from_micros(u64::from(round % 100));
        while Instant::now() < moment {
            spin_loop();
        }
        call.abort();
        let batch = call.mailbox().pull().unwrap();
        assert!(
            batch.starts_with(&format!("[{id},2,")) && batch.contains("\"aborted\""),
            "{batch}"
        );
        // As JavaScript would, which lets go of it only when it collects.
        calls.push(call);
    }
    // What is cancelled goes when the network thread comes to it, a few turns from here.
    let runtime = runtime::handle().unwrap();
    let mut turns = (0..1000).map(|_| runtime.block_on(runtime.spawn(async {})).unwrap());
    let is_over = turns.any(|()| STATS.active_streams.get() == 0);
    assert!(is_over, "{} streams are left", STATS.active_streams.get());
    drop(calls);
}
