//! The streams of the endpoints beside chats.

mod progress;
mod reader;

pub use progress::AnswerProgress;
pub use reader::AnswerReader;
