//! The hub of a JavaScript thread. Mailboxes that JavaScript waits for line up here, and one wake-up delivers the batches of
//! all of them. No second wake-up is sent while one is pending. See the [wake protocol](crate::delivery).

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

/// The size in bytes after which the remaining batches get a wake-up of their own, because a string of V8 has at most 512
/// MiB.
const MAX_BATCH: usize = 16 << 20;

/// No wake-up is pending.
const NONE: u8 = 0;
/// The limiter has delayed the next wake-up.
const PLANNED: u8 = 1;
/// A wake-up was sent, and JavaScript has not drained the hub since.
const SENT: u8 = 2;

/// Wakes the JavaScript thread. Callable from any thread.
pub type Wake = Box<dyn Fn() + Send + Sync>;

/// The hub of the calls of one JavaScript thread.
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
    /// Creates a hub that wakes its thread with `wake`.
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

    /// Makes a mailbox under a number that no living call has: the numbers begin again after four thousand million calls.
    pub fn register(&self, make: impl FnOnce(u32) -> Mailbox) -> Arc<Mailbox> {
        let mut mailboxes = self.lock_mailboxes();
        let mut id = 0;
        while id == 0 || mailboxes.contains_key(&id) {
            id = self.ids.fetch_add(1, Ordering::Relaxed);
        }
        let mailbox = Arc::new(make(id));
        mailboxes.insert(id, Arc::downgrade(&mailbox));
        mailbox
    }

    /// Removes a mailbox.
    pub fn forget(&self, id: u32) {
        self.lock_mailboxes().remove(&id);
    }

    /// Lines up a mailbox that has a batch. With `at_once` the limiter does not delay its wake-up.
    pub fn ready(self: &Arc<Self>, mailbox: Arc<Mailbox>, at_once: bool) {
        self.lock_ready().push(mailbox);
        self.signal(at_once);
    }

    /// Returns the batches of the calls `ids`, in the form of [`Hub::drain`]; `None` if there are none. Afterwards JavaScript
    /// waits for all of these calls that have not ended. Batches that did not fit get a wake-up.
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

    /// Records that JavaScript does not wait for the calls `ids` any more.
    pub fn rest(&self, ids: &[u32]) {
        for mailbox in self.known(ids) {
            mailbox.rest();
        }
    }

    /// Delivers a note, such as a log line, which belongs to no call. `note` is the JSON text of one item.
    pub fn note(self: &Arc<Self>, note: String) {
        self.notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(note);
        self.signal(false);
    }

    /// Returns the batches of all mailboxes that are lined up, as a JSON array of `[id,flag,item,…]`. Notes come first, as
    /// `[0,0,note,…]`.
    pub fn drain(self: &Arc<Self>) -> String {
        // Clear the state first, so that a mailbox that lines up from here on causes another wake-up.
        self.wake_up.store(NONE, Ordering::SeqCst);
        let notes = self.take_notes();
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
        // Not inside the loop: a mailbox may be in the line twice, and would then be delivered twice in one drain, out of
        // order.
        for mailbox in waiting_on {
            mailbox.await_more();
        }
        out.push(']');
        out
    }

    /// Takes the notes that fit into one batch.
    fn take_notes(self: &Arc<Self>) -> Vec<String> {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut size = 0;
        let fitting = notes.iter().take_while(|note| {
            let fits = size <= MAX_BATCH;
            size += note.len();
            fits
        });
        let count = fitting.count();
        let rest = notes.split_off(count);
        let taken = mem::replace(&mut *notes, rest);
        let is_all = notes.is_empty();
        drop(notes);
        if !is_all {
            self.signal(true);
        }
        taken
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

    /// Sends a wake-up now, if `at_once`, or when the limiter allows it: now too, unless many were sent lately.
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
        match runtime::current() {
            Ok(runtime) if !wait.is_zero() => {
                let hub = self.clone();
                runtime.spawn(async move {
                    tokio::time::sleep(wait).await;
                    // Another wake-up may have delivered everything meanwhile.
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
