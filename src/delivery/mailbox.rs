//! Where one call's results wait for JavaScript. JavaScript asks ([`Mailbox::pull`]); when there is nothing it is
//! marked as waiting, and the next thing that comes wakes it through the hub. Nobody waiting means nobody is woken.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::delivery::{Hub, Outbox};

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
    waiting: bool,
}

impl Mailbox {
    /// A mailbox that JavaScript already waits for.
    pub fn new(hub: &Arc<Hub>) -> Arc<Self> {
        Arc::new(Self {
            id: hub.next_id(),
            hub: Arc::downgrade(hub),
            inner: Mutex::new(Inner {
                waiting: true,
                ..Inner::default()
            }),
            room: Notify::new(),
        })
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
        let mut inner = self.lock();
        if inner.end.is_none() {
            inner.end = Some(end);
            self.wake(inner);
        }
    }

    /// Whether the end is set.
    pub fn is_finished(&self) -> bool {
        self.lock().end.is_some()
    }

    /// All that is there, as `[id,flag,item,…]` (see [`Mailbox::write_to`]); `None` marks JavaScript as waiting.
    pub fn pull(&self) -> Option<String> {
        let mut inner = self.lock();
        if inner.outbox.is_empty() && inner.end.is_none() {
            inner.waiting = true;
            return None;
        }
        inner.waiting = false;
        let mut out = String::new();
        self.write(inner, &mut out);
        Some(out)
    }

    /// Appends `[id,flag,item,…]`: flag 0 is more to come, 1 is the end, 2 is a failure with the error as last item,
    /// 3 is bytes to be had with [`Mailbox::take_bytes`], whose number is the last item.
    pub fn write_to(&self, out: &mut String) {
        self.write(self.lock(), out);
    }

    /// Takes the bytes that the last batch told of.
    pub fn take_bytes(&self) -> Vec<Bytes> {
        std::mem::take(&mut self.lock().told)
    }

    /// Waits until there is room; whether it had to.
    pub async fn room(&self) -> bool {
        let mut waited = false;
        loop {
            {
                let inner = self.lock();
                if !inner.outbox.is_full() || inner.end.is_some() {
                    return waited;
                }
            }
            waited = true;
            self.room.notified().await;
        }
    }

    fn write(&self, mut inner: MutexGuard<'_, Inner>, out: &mut String) {
        let bytes = inner.outbox.byte_count();
        let flag = match &inner.end {
            _ if bytes > 0 => 3,
            None => 0,
            Some(End::Done) => 1,
            Some(End::Failed(_)) => 2,
        };
        let _ = write!(out, "[{},{flag}", self.id);
        let mut item = |text: &str| {
            if !text.is_empty() {
                out.push(',');
                out.push_str(text);
            }
        };
        item(&inner.outbox.take_items());
        let told = inner.outbox.take_bytes();
        inner.told.extend(told);
        match &inner.end {
            _ if bytes > 0 => item(&bytes.to_string()),
            Some(End::Failed(error)) => item(error),
            _ => {}
        }
        out.push(']');
        drop(inner);
        self.room.notify_one();
    }

    fn wake(self: &Arc<Self>, mut inner: MutexGuard<'_, Inner>) {
        if std::mem::take(&mut inner.waiting) {
            drop(inner);
            if let Some(hub) = self.hub.upgrade() {
                hub.ready(self.clone());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
