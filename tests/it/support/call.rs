//! Calls as JavaScript makes them, with the wake-ups that JavaScript would get.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use openrouter_native::call::Call;
use openrouter_native::client::Client;
use openrouter_native::delivery::Hub;

use super::client::STREAM;
use super::server::PATIENCE;

/// A hub, and a receiver of its wake-ups.
pub fn hub() -> (Arc<Hub>, Receiver<()>) {
    let (wake, wakes) = mpsc::channel();
    let wake = Mutex::new(wake);
    let hub = Hub::new(Box::new(move || {
        let _ = wake.lock().unwrap().send(());
    }));
    (hub, wakes)
}

/// Waits for the next wake-up.
pub fn wait_for_wake(wakes: &Receiver<()>) {
    wakes
        .recv_timeout(PATIENCE)
        .expect("the call did not wake JavaScript in time");
}

/// Waits until the call has received everything up to its end, although nothing was taken from it.
pub fn wait_for_end(call: &Call) {
    let deadline = Instant::now() + PATIENCE;
    while !call.mailbox().is_finished() {
        assert!(Instant::now() < deadline, "the call did not end in time");
        std::thread::yield_now();
    }
}

/// A call whose stream is open, and whose read mode is not set.
pub fn opened(hub: &Arc<Hub>, wakes: &Receiver<()>, client: Client) -> Call {
    let call = Call::chat(hub, client, STREAM.to_owned(), Vec::new()).unwrap();
    wait_for_wake(wakes);
    let id = call.mailbox().id();
    assert_eq!(hub.drain(), format!(r#"[[{id},0,["open",null]]]"#));
    call
}
