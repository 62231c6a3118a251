//! The one door to a JavaScript thread. Mailboxes that JavaScript waits for line up here, and one wake-up hands over all of
//! them. No second wake-up is sent while one is on its way. See the [wake protocol](crate::delivery).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;
use std::{fmt, mem};

use tokio_util::sync::CancellationToken;

use crate::delivery::limiter::WakeLimiter;
use crate::delivery::mailbox::Mailbox;
use crate::delivery::outbox::KEPT_CAPACITY;
use crate::runtime;

/// A batch of this size ends the hand-over, and the rest gets a wake-up of its own: V8 holds strings of at most 512 MiB.
const MAX_BATCH: usize = 16 << 20;

/// The next wake-up: none is asked for, one waits for its time, one is on its way.
const NONE: u8 = 0;
const PLANNED: u8 = 1;
const SENT: u8 = 2;

/// Wakes the JavaScript thread. Callable from any thread.
pub type Wake = Box<dyn Fn() + Send + Sync>;

/// The calls of one JavaScript thread.
pub struct Hub {
    wake: Wake,
    wake_up: AtomicU8,
    mailboxes: Mutex<HashMap<u32, Weak<Mailbox>>>,
    ready: Mutex<Vec<Arc<Mailbox>>>,
    notes: Mutex<Vec<String>>,
    limiter: Mutex<WakeLimiter>,
    ids: AtomicU32,
    /// Cancelled when the JavaScript thread ends.
    pub closed: CancellationToken,
}

impl Hub {
    /// A hub that wakes its thread with `wake`.
    pub fn new(wake: Wake) -> Arc<Self> {
        Arc::new(Self {
            wake,
            wake_up: AtomicU8::new(NONE),
            mailboxes: Mutex::default(),
            ready: Mutex::default(),
            notes: Mutex::default(),
            limiter: Mutex::default(),
            ids: AtomicU32::new(1),
            closed: CancellationToken::new(),
        })
    }

    /// A number that no living call has.
    pub fn next_id(&self) -> u32 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes a mailbox known by its number.
    pub fn register(&self, mailbox: &Arc<Mailbox>) {
        self.lock_mailboxes()
            .insert(mailbox.id(), Arc::downgrade(mailbox));
    }

    /// Forgets a mailbox.
    pub fn forget(&self, id: u32) {
        self.lock_mailboxes().remove(&id);
    }

    /// Lines up a mailbox that has something for JavaScript. `at_once`: its wake-up is not delayed for the sake of others.
    pub fn ready(self: &Arc<Self>, mailbox: Arc<Mailbox>, at_once: bool) {
        self.lock_ready().push(mailbox);
        self.signal(at_once);
    }

    /// The batches that the calls `ids` have, in the form of [`Hub::drain`], or `None`. JavaScript waits for all of them
    /// afterwards.
    pub fn pull(self: &Arc<Self>, ids: &[u32]) -> Option<String> {
        let mut out = String::new();
        for mailbox in self.known(ids) {
            if out.len() <= MAX_BATCH
                && let Some(batch) = mailbox.pull()
            {
                out.push(if out.is_empty() { '[' } else { ',' });
                out.push_str(&batch);
            }
            mailbox.await_more();
        }
        if out.is_empty() {
            return None;
        }
        out.push(']');
        Some(out)
    }

    /// JavaScript does not wait for the calls `ids` any more.
    pub fn rest(&self, ids: &[u32]) {
        for mailbox in self.known(ids) {
            mailbox.rest();
        }
    }

    /// Hands over a note that belongs to no call, such as a log line: the JSON text of one item.
    pub fn note(self: &Arc<Self>, note: String) {
        self.notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(note);
        self.signal(false);
    }

    /// All batches that are lined up, as a JSON array (`[id,flag,item,…]` each), notes first as `[0,0,note,…]`.
    pub fn drain(self: &Arc<Self>) -> String {
        // Cleared first, so that whatever lines up from here on asks for a wake-up of its own.
        self.wake_up.store(NONE, Ordering::SeqCst);
        let notes = mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner));
        let mut ready = mem::take(&mut *self.lock_ready()).into_iter();
        let mut out = String::with_capacity(KEPT_CAPACITY);
        out.push('[');
        if !notes.is_empty() {
            out.push_str("[0,0,");
            out.push_str(&notes.join(","));
            out.push(']');
        }
        let mut waiting_on = Vec::new();
        while let Some(mailbox) = ready.next() {
            if mailbox.write_to(&mut out) {
                waiting_on.push(mailbox);
            }
            if out.len() > MAX_BATCH && ready.len() > 0 {
                self.lock_ready().extend(ready);
                self.signal(true);
                break;
            }
        }
        // Not earlier: a mailbox that is in the line twice would be handed over twice, and out of its order.
        for mailbox in waiting_on {
            mailbox.await_more();
        }
        out.push(']');
        out
    }

    fn known(&self, ids: &[u32]) -> Vec<Arc<Mailbox>> {
        let mailboxes = self.lock_mailboxes();
        let known = ids.iter().filter_map(|id| mailboxes.get(id)?.upgrade());
        known.collect()
    }

    fn lock_ready(&self) -> MutexGuard<'_, Vec<Arc<Mailbox>>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_mailboxes(&self) -> MutexGuard<'_, HashMap<u32, Weak<Mailbox>>> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a wake-up now, or, under load, when the limiter allows it.
    fn signal(self: &Arc<Self>, at_once: bool) {
        if at_once {
            self.send();
            return;
        }
        let planned = self
            .wake_up
            .compare_exchange(NONE, PLANNED, Ordering::SeqCst, Ordering::SeqCst);
        if planned.is_err() {
            return;
        }
        let wait = self
            .limiter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(Instant::now());
        match runtime::handle() {
            Ok(runtime) if !wait.is_zero() => {
                let hub = self.clone();
                runtime.spawn(async move {
                    tokio::time::sleep(wait).await;
                    // JavaScript may have been woken meanwhile and have taken what this wake-up was for.
                    if hub.wake_up.load(Ordering::SeqCst) == PLANNED {
                        hub.send();
                    }
                });
            }
            _ => self.send(),
        }
    }

    fn send(&self) {
        if self.wake_up.swap(SENT, Ordering::SeqCst) != SENT {
            (self.wake)();
        }
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hub")
    }
}
