//! Where one call's results wait for JavaScript. JavaScript asks ([`Mailbox::pull`]); when there is nothing it is
//! marked as waiting, and the next thing that comes wakes it through the hub. It is taken to wait on after that, since
//! nearly every reader does; one that does not says so ([`Mailbox::rest`]). Only behind a call's first batch nobody
//! waits: JavaScript has to say then how it reads. Nobody waiting means nobody is woken.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::delivery::outbox::KEPT_CAPACITY;
use crate::delivery::{Hub, Outbox};

/// Batches of a call that JavaScript is woken for at once: the answer, its first chunk, its first token. Later ones may
/// be gathered with those of other calls.
const AT_ONCE: u8 = 3;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// All is delivered.
    Done,
    /// It failed, with the error as JSON text.
    Failed(String),
}

/// A bounded queue with one writer on the network thread and one reader in JavaScript.
#[derive(Debug)]
pub struct Mailbox {
    id: u32,
    hub: Weak<Hub>,
    inner: Mutex<Inner>,
    room: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    outbox: Outbox,
    /// Bytes that JavaScript was told of and comes for next; more may have come since.
    told: Vec<Bytes>,
    end: Option<End>,
    /// The end of an answer that came whole before JavaScript said how it reads: it becomes `end` then.
    sealed_end: Option<End>,
    has_told_end: bool,
    /// Whether its first batch was handed over.
    has_begun: bool,
    waiting: bool,
    /// Whether it stands in the hub's line with something to hand over; a pull by hand, or a rest, takes it out.
    lined_up: bool,
    /// Wake-ups so far.
    woken: u8,
}

impl Inner {
    fn is_empty(&self) -> bool {
        self.outbox.is_empty() && self.end.is_none()
    }
}

impl Mailbox {
    /// A mailbox that JavaScript already waits for.
    pub fn new(hub: &Arc<Hub>) -> Arc<Self> {
        let mailbox = Arc::new(Self {
            id: hub.next_id(),
            hub: Arc::downgrade(hub),
            inner: Mutex::new(Inner {
                waiting: true,
                ..Inner::default()
            }),
            room: Notify::new(),
        });
        hub.register(&mailbox);
        mailbox
    }

    /// The number by which JavaScript knows it.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Moves `outbox` in. After the end nothing more goes in.
    pub fn post(self: &Arc<Self>, outbox: &mut Outbox) {
        if outbox.is_empty() {
            return;
        }
        let mut inner = self.lock();
        if inner.end.is_some() {
            *outbox = Outbox::default();
            return;
        }
        inner.outbox.append(outbox);
        self.wake(inner);
    }

    /// Sets the end; only the first one counts.
    pub fn finish(self: &Arc<Self>, end: End) {
        self.conclude(&mut Outbox::default(), end);
    }

    /// Moves `outbox` in and sets the end behind it, for one wake-up.
    pub fn conclude(self: &Arc<Self>, outbox: &mut Outbox, end: End) {
        let mut inner = self.lock();
        if inner.end.is_some() {
            *outbox = Outbox::default();
            return;
        }
        inner.outbox.append(outbox);
        inner.end = Some(end);
        self.wake(inner);
    }

    /// Sets an end that stays hidden until [`Mailbox::unseal`]; an end that is set before that takes its place.
    pub fn seal(&self, end: End) {
        self.lock().sealed_end = Some(end);
    }

    /// Moves `outbox` in, and behind it the sealed end if there is one.
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

    /// All that is there, as `[id,flag,item,…]` (see [`Mailbox::write_to`]); `None` marks JavaScript as waiting. It is
    /// not woken for what comes after this.
    pub fn pull(&self) -> Option<String> {
        let mut inner = self.lock();
        inner.waiting = inner.is_empty();
        inner.lined_up = false;
        if inner.waiting {
            return None;
        }
        let mut out = String::with_capacity(KEPT_CAPACITY);
        self.write(&mut inner, &mut out);
        Some(out)
    }

    /// The same for who waits for what comes after it, too.
    pub fn pull_on(self: &Arc<Self>) -> Option<String> {
        let batch = self.pull();
        if batch.is_some() {
            self.await_more();
        }
        batch
    }

    /// JavaScript does not wait any more; what comes stays here until it asks.
    pub fn rest(&self) {
        let mut inner = self.lock();
        inner.waiting = false;
        inner.lined_up = false;
    }

    /// Marks JavaScript as waiting; what is there already comes with a wake-up.
    pub fn await_more(self: &Arc<Self>) {
        let mut inner = self.lock();
        // An end that was held behind bytes is there already; one that was told is the last.
        inner.waiting = !inner.has_told_end;
        if !inner.is_empty() {
            self.wake(inner);
        }
    }

    /// Appends `[id,flag,item,…]`: flag 0 is more to come, 1 is the end, 2 is a failure with the error as last item,
    /// 3 is bytes to be had with [`Mailbox::take_bytes`], whose number is the last item. Nothing where JavaScript has
    /// pulled by hand since it was lined up, or does not wait any more. Whether it waits on.
    pub fn write_to(&self, out: &mut String) -> bool {
        let mut inner = self.lock();
        if !std::mem::take(&mut inner.lined_up) {
            return false;
        }
        let is_first = !inner.has_begun;
        if !out.ends_with('[') {
            out.push(',');
        }
        self.write(&mut inner, out);
        !is_first
    }

    /// Takes the bytes that the last batch told of.
    pub fn take_bytes(&self) -> Vec<Bytes> {
        std::mem::take(&mut self.lock().told)
    }

    /// Whether so much waits for JavaScript that nothing more should be read.
    pub fn is_full(&self) -> bool {
        let inner = self.lock();
        inner.outbox.is_full() && inner.end.is_none()
    }

    /// Waits until there is room.
    pub async fn room(&self) {
        while self.is_full() {
            self.room.notified().await;
        }
    }

    fn write(&self, inner: &mut Inner, out: &mut String) {
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
        let told = inner.outbox.take_bytes();
        inner.told.extend(told);
        let _ = match &inner.end {
            _ if bytes > 0 => write!(out, ",{bytes}]"),
            Some(End::Failed(error)) => write!(out, ",{error}]"),
            _ => write!(out, "]"),
        };
        inner.has_begun = true;
        inner.has_told_end = bytes == 0 && inner.end.is_some();
        self.room.notify_one();
    }

    fn wake(self: &Arc<Self>, mut inner: MutexGuard<'_, Inner>) {
        if std::mem::take(&mut inner.waiting) {
            let at_once = inner.woken < AT_ONCE;
            inner.woken = inner.woken.saturating_add(1);
            inner.lined_up = true;
            drop(inner);
            if let Some(hub) = self.hub.upgrade() {
                hub.ready(self.clone(), at_once);
            }
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
