//! Calls as JavaScript makes them, with the wake-ups that JavaScript would get.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};

use openrouter_native::call::Call;
use openrouter_native::client::Client;
use openrouter_native::delivery::Hub;

use super::client::STREAM;

/// A hub, and a receiver of its wake-ups.
pub fn hub() -> (Arc<Hub>, Receiver<()>) {
    let (wake, wakes) = mpsc::channel();
    let wake = Mutex::new(wake);
    let hub = Hub::new(Box::new(move || {
        let _ = wake.lock().unwrap().send(());
    }));
    (hub, wakes)
}

/// A call whose stream is open, and whose read mode is not set.
pub fn opened(hub: &Arc<Hub>, wakes: &Receiver<()>, client: Client) -> Call {
    let call = Call::chat(hub, client, STREAM.to_owned(), Vec::new()).unwrap();
    wakes.recv().unwrap();
    let id = call.mailbox().id();
    assert_eq!(hub.drain(), format!(r#"[[{id},0,["open",null]]]"#));
    call
}
