//! Calls of `fetch`, as JavaScript sees them.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;

use crate::support::call::{hub, wait_for_wake};
use crate::support::client::flow;
use crate::support::reply::Reply;
use crate::support::server::Server;
use openrouter_native::call::Call;
use openrouter_native::delivery::Mode;
use openrouter_native::fetch::{FetchRequest, Fetcher};
use openrouter_native::observe::Observer;
use openrouter_native::transport::redirect::Redirects;

#[tokio::test]
async fn the_end_of_a_body_comes_after_the_head_was_taken_and_the_body_was_asked_for() {
    let server = Server::replying([Reply::stream().repeat("data: 1\n\n", Duration::ZERO)]);
    let fetcher = Fetcher::new(r#"{"timeouts":{"total":300}}"#, false, &HashMap::new()).unwrap();
    let (hub, woken) = hub();
    let request = FetchRequest {
        method: "GET".to_owned(),
        url: server.url(),
        headers: Vec::new(),
        body: Bytes::new(),
        redirects: Redirects::Follow,
        observer: Observer::default(),
    };
    let call = Call::fetch(&hub, fetcher, request).unwrap();
    let id = call.mailbox().id();
    // The total timeout ends the body before JavaScript has taken the head.
    server.until(|counts| counts.left == 1).await;
    wait_for_wake(&woken);
    let head = hub.drain();
    assert!(head.starts_with(&format!(r#"[[{id},0,{{"status":200"#)), "{head}");
    assert_eq!(call.mailbox().pull(), None);
    call.flow(flow(Mode::Bytes));
    wait_for_wake(&woken);
    let end = hub.drain();
    assert!(
        end.starts_with(&format!("[[{id},2,")) && end.contains(r#""phase":"total""#),
        "{end}"
    );
}
