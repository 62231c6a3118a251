//! What the answers of endpoints beside chats say, whole ones and streams of events: those of the Responses API, of Anthropic's
//! Messages, of legacy completions and of media. Their shapes differ, but each tells its model, usage, failure and end.

mod assembly;
mod delta;
mod embeddings;
mod event;
mod facts;
mod part;

pub use assembly::Assembly;
pub use delta::{Delta, Spans};
pub use embeddings::{Vectors, vectors};
pub use event::{Event, Family};
pub use facts::Facts;
