//! From the network thread to JavaScript: what crosses is text, in batches, and one wake-up serves all streams.
//!
//! A stream writes into its [`Mailbox`], which holds a bounded amount: when it is full the socket is not read. The
//! [`Hub`] of a JavaScript thread gathers the mailboxes that JavaScript waits for and wakes it once for all.

pub mod hub;
pub mod limiter;
pub mod mailbox;
pub mod outbox;
pub mod template;

pub use hub::Hub;
pub use mailbox::{End, Mailbox};
pub use outbox::{Flow, Mode, Outbox};
pub use template::Template;
