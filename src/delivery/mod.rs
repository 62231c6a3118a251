//! From the network thread to JavaScript: what crosses is text, in batches, and one wake-up serves all calls.
//!
//! A call writes into its [`Mailbox`], which holds a bounded amount: when it is full, the socket is not read. The [`Hub`] of a
//! JavaScript thread gathers the mailboxes that JavaScript waits for and wakes it once for all of them.
//!
//! # The wake protocol
//!
//! JavaScript is woken only while it waits. A mailbox is in one of three states, and starts as *waiting*:
//!
//! | state | event | what happens | next state |
//! |---|---|---|---|
//! | waiting | something is posted | it joins the hub's line, and the hub wakes JavaScript | lined up |
//! | lined up | something is posted | it is added to what is there | lined up |
//! | lined up | the hub is drained | its batch is handed over | waiting; *idle* after its first batch and after its end |
//! | idle | something is posted | it is kept | idle |
//! | idle | JavaScript pulls, and nothing is there | | waiting |
//! | any | JavaScript pulls, and something is there | its batch is returned | idle |
//! | idle | the hub pulls for JavaScript | its batch is returned, if there is one | waiting |
//! | any | JavaScript says that it rests | | idle |
//!
//! That a mailbox waits on after a batch saves most streams one call a batch: without it the main thread had 11 to 25 % more work
//! for 200 paced streams, and 4 to 8 % more for 1,000. After its first batch it does not, because JavaScript then has to say how
//! it reads. `lib/bridge/hub.js` is the other side of this protocol.

pub mod hub;
pub mod limiter;
pub mod mailbox;
pub mod outbox;
pub mod template;

pub use hub::Hub;
pub use mailbox::{End, Mailbox};
pub use outbox::{Flow, Mode, Outbox};
pub use template::Template;
