//! Server-sent events: from the bytes of a response body to the events in them.
//!
//! [`Framer`] cuts the bytes into events, wherever the network has cut them, in time linear in the bytes. An event of
//! the one shape that chat APIs send is read where it lies; each other shape is read whole by `eventsource-stream`,
//! behind the `whatwg` module. What an event's data means as JSON, and when a stream has ended, is for the caller.

mod cursor;
mod data_detector;
mod event;
mod framer;
mod whatwg;

pub use data_detector::DataDetector;
pub use event::Event;
pub use framer::{EventTooLarge, Framer};
