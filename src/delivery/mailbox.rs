//! Where the results of one call wait for JavaScript. The [wake protocol](crate::delivery) says when JavaScript is woken.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::delivery::outbox::KEPT_CAPACITY;
use crate::delivery::{Hub, Outbox};

/// How many batches of a call wake JavaScript at once: the answer, its first chunk and its first token. Later wake-ups may
/// be delayed, so that they serve several calls.
const AT_ONCE: u8 = 3;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Everything was delivered.
    Done,
    /// The call failed, with this error as JSON text.
    Failed(String),
}

/// A state of the [wake protocol](crate::delivery).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    Idle,
    #[default]
    Waiting,
    LinedUp,
}

/// A queue from the task of a call to JavaScript. The thread of JavaScript writes too, when it chooses the flow or aborts. The
/// queue does not refuse anything: its writers ask whether it is full before they read more from the network.
#[derive(Debug)]
pub struct Mailbox {
    id: u32,
    hub: Weak<Hub>,
    inner: Mutex<Inner>,
    room: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    state: State,
    outbox: Outbox,
    /// The bytes whose number the last batch contained. JavaScript takes them next, and bytes that arrive meanwhile go into
    /// `outbox`.
    announced: Vec<Bytes>,
    end: Option<End>,
    /// The end of an answer that was complete before JavaScript has chosen how it reads. It becomes `end` when JavaScript
    /// does.
    sealed_end: Option<End>,
    has_reported_end: bool,
    /// Whether the first batch was handed over.
    has_begun: bool,
    /// How often JavaScript was woken for this mailbox.
    wakes: u8,
}

impl Inner {
    fn is_empty(&self) -> bool {
        self.outbox.is_empty() && (self.end.is_none() || self.has_reported_end)
    }
}

impl Mailbox {
    /// Creates a mailbox that JavaScript already waits for.
    pub fn new(hub: &Arc<Hub>) -> Arc<Self> {
        hub.register(|id| Self {
            id,
            hub: Arc::downgrade(hub),
            inner: Mutex::default(),
            room: Notify::new(),
        })
    }

    /// Returns the number by which JavaScript knows the mailbox.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Moves the contents of `outbox` into the mailbox, or drops them if the end is already set.
    pub fn post(self: &Arc<Self>, outbox: &mut Outbox) {
        if !outbox.is_empty() {
            self.add(outbox, None);
        }
    }

    /// Sets the end. Only the first end counts.
    pub fn finish(self: &Arc<Self>, end: End) {
        self.add(&mut Outbox::default(), Some(end));
    }

    /// Posts `outbox` and sets the end, with one wake-up for both.
    pub fn conclude(self: &Arc<Self>, outbox: &mut Outbox, end: End) {
        self.add(outbox, Some(end));
    }

    /// Sets an end that stays hidden until [`Mailbox::unseal`]. It replaces an end that was sealed before.
    pub fn seal(&self, end: End) {
        self.lock().sealed_end = Some(end);
    }

    /// Posts `outbox`, and sets the sealed end if there is one.
    pub fn unseal(self: &Arc<Self>, outbox: &mut Outbox) {
        let sealed = self.lock().sealed_end.take();
        match sealed {
            Some(end) => self.conclude(outbox, end),
            None => self.post(outbox),
        }
    }

    /// Whether there is a sealed end.
    pub fn is_sealed(&self) -> bool {
        self.lock().sealed_end.is_some()
    }

    /// Whether the end is set, sealed or not.
    pub fn is_finished(&self) -> bool {
        let inner = self.lock();
        inner.end.is_some() || inner.sealed_end.is_some()
    }

    fn add(self: &Arc<Self>, outbox: &mut Outbox, end: Option<End>) {
        let mut inner = self.lock();
        if inner.end.is_some() {
            *outbox = Outbox::default();
            return;
        }
        inner.outbox.append(outbox);
        inner.end = end;
        self.line_up(inner);
    }

    /// Returns the batch that is ready, see [`Mailbox::write_to`]. If there is none, JavaScript waits for the next one.
    pub fn pull(&self) -> Option<String> {
        let mut inner = self.lock();
        if inner.is_empty() {
            inner.state = State::Waiting;
            return None;
        }
        inner.state = State::Idle;
        let mut out = String::with_capacity(KEPT_CAPACITY);
        self.write(&mut inner, &mut out);
        Some(out)
    }

    /// Records that JavaScript does not wait any more. Results are kept until it pulls.
    pub fn rest(&self) {
        self.lock().state = State::Idle;
    }

    /// Records that JavaScript waits, and wakes it if there is a batch already.
    pub fn await_more(self: &Arc<Self>) {
        let mut inner = self.lock();
        if inner.has_reported_end {
            return;
        }
        inner.state = State::Waiting;
        if !inner.is_empty() {
            self.line_up(inner);
        }
    }

    /// Appends the batch of a mailbox that is lined up: `[id,flag,item,…]`. The flag is 0 if more may follow, 1 at the end,
    /// 2 at a failure, whose error is the last item, and 3 if [`Mailbox::take_bytes`] returns bytes, whose number is the
    /// last item. Returns whether JavaScript waits for the next batch too: not after the first one, see the
    /// [wake protocol](crate::delivery), and not for a mailbox that was not lined up, which writes nothing.
    pub fn write_to(&self, out: &mut String) -> bool {
        let mut inner = self.lock();
        if inner.state != State::LinedUp {
            return false;
        }
        inner.state = State::Idle;
        let is_first = !inner.has_begun;
        if !out.ends_with('[') {
            out.push(',');
        }
        self.write(&mut inner, out);
        !is_first
    }

    /// Takes the bytes that the last batch announced.
    pub fn take_bytes(&self) -> Vec<Bytes> {
        std::mem::take(&mut self.lock().announced)
    }

    /// Whether so much waits for JavaScript that nothing more should be read.
    pub fn is_full(&self) -> bool {
        let inner = self.lock();
        inner.outbox.is_full() && inner.end.is_none()
    }

    /// Waits until the mailbox is not full.
    pub async fn room(&self) {
        while self.is_full() {
            self.room.notified().await;
        }
    }

    fn write(&self, inner: &mut Inner, out: &mut String) {
        inner.outbox.seal();
        let bytes = inner.outbox.byte_count();
        let flag = match &inner.end {
            _ if bytes > 0 => 3,
            None => 0,
            Some(End::Done) => 1,
            Some(End::Failed(_)) => 2,
        };
        let _ = write!(out, "[{},{flag}", self.id);
        if inner.outbox.has_items() {
            out.push(',');
            inner.outbox.write_items(out);
        }
        let announced = inner.outbox.take_bytes();
        inner.announced.extend(announced);
        let _ = match &inner.end {
            _ if bytes > 0 => write!(out, ",{bytes}]"),
            Some(End::Failed(error)) => write!(out, ",{error}]"),
            _ => write!(out, "]"),
        };
        inner.has_begun = true;
        inner.has_reported_end = bytes == 0 && inner.end.is_some();
        self.room.notify_one();
    }

    fn line_up(self: &Arc<Self>, mut inner: MutexGuard<'_, Inner>) {
        if inner.state != State::Waiting {
            return;
        }
        inner.state = State::LinedUp;
        let at_once = inner.wakes < AT_ONCE;
        inner.wakes = inner.wakes.saturating_add(1);
        drop(inner);
        if let Some(hub) = self.hub.upgrade() {
            hub.ready(self.clone(), at_once);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.forget(self.id);
        }
    }
}
