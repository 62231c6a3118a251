//! Delivery of results from the network thread to JavaScript. Results cross as text, in batches, and one wake-up serves all
//! calls.
//!
//! A call writes into its [`Mailbox`], which holds a bounded amount: while it is full, the socket is not read. The [`Hub`]
//! of a JavaScript thread gathers the mailboxes that JavaScript waits for, and wakes the thread once for all of them.
//!
//! # The wake protocol
//!
//! JavaScript is woken only while it waits. A mailbox is in one of three states, and starts as *waiting*:
//!
//! | state | event | what happens | next state |
//! |---|---|---|---|
//! | waiting | a result is posted | the mailbox joins the hub's line, and the hub wakes JavaScript | lined up |
//! | lined up | a result is posted | it is added to the batch | lined up |
//! | lined up | JavaScript drains the hub | the batch is returned | waiting; idle after the first batch and after the end |
//! | idle | a result is posted | it is kept | idle |
//! | any | JavaScript pulls the mailbox, which is empty | | waiting |
//! | any | JavaScript pulls the mailbox, which has a batch | the batch is returned | idle |
//! | any | JavaScript pulls through the hub | the batch is returned, if there is one | waiting; unchanged after the end |
//! | any | JavaScript stops waiting (`rest`) | | idle |
//!
//! A mailbox that leaves the state *lined up* by a pull or `rest` stays in the hub's line, but the drain skips it.
//!
//! A mailbox that is waiting after a batch saves most streams one call to the addon per batch: without this the main thread
//! had 11 to 25 % more work for 200 paced streams, and 4 to 8 % more for 1,000. After the first batch it is idle, because
//! JavaScript then has to choose how it reads the stream. `lib/bridge/hub.js` is the other side of this protocol.

pub mod coalescing;
pub mod hub;
pub mod limiter;
pub mod mailbox;
pub mod merged;
pub mod outbox;
pub mod template;

pub use coalescing::Coalescing;
pub use hub::Hub;
pub use mailbox::{End, Mailbox};
pub use outbox::{Flow, Mode, Outbox};
pub use template::Template;
