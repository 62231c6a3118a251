//! Server-sent events: reads the events in the bytes of a response body.
//!
//! [`Framer`] splits the bytes into events in time linear in the bytes, no matter how the network has split them. An
//! event of the shape that chat APIs send, a single `data:` line, is read in place; any other event is parsed by the
//! crate `eventsource-stream` through the `whatwg` module. This module neither parses the data of an event as JSON nor
//! decides when an answer has ended: `stream::pump` does. [`DataDetector`] tells data from what keeps a connection alive.

mod cursor;
mod data_detector;
mod event;
mod framer;
mod whatwg;

pub use data_detector::DataDetector;
pub use event::Event;
pub use framer::{EventTooLarge, Framer};
