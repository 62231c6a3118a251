//! The one door to a JavaScript thread. Calls that JavaScript waits for line up here, and one wake-up hands over all
//! of them; a second is not sent while the first is under way.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use std::{fmt, mem};

use tokio_util::sync::CancellationToken;

use crate::delivery::limiter::WakeLimiter;
use crate::delivery::mailbox::Mailbox;
use crate::transport::runtime;

/// Past this the rest waits for a wake-up of its own: V8 holds strings of at most 512 MiB.
const MAX_BATCH: usize = 16 << 20;

/// Wakes the JavaScript thread, from any thread.
pub type Wake = Box<dyn Fn() + Send + Sync>;

/// The calls of one JavaScript thread.
pub struct Hub {
    wake: Wake,
    signalled: AtomicBool,
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
            signalled: AtomicBool::new(false),
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

    /// Lines up a mailbox that has something for JavaScript.
    pub fn ready(self: &Arc<Self>, mailbox: Arc<Mailbox>) {
        self.lock_ready().push(mailbox);
        self.signal();
    }

    /// Hands over a note that belongs to no call (a log line): JSON text of one item.
    pub fn note(self: &Arc<Self>, note: String) {
        self.notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(note);
        self.signal();
    }

    /// All that is ready, as a JSON array of mailboxes (`[id,flag,item,…]`), notes first as `[0,0,note,…]`.
    pub fn drain(self: &Arc<Self>) -> String {
        // Cleared first: what comes from here on asks for a wake-up of its own.
        self.signalled.store(false, Ordering::Release);
        let notes = mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner));
        let mut ready = mem::take(&mut *self.lock_ready()).into_iter();
        let mut out = String::from("[");
        if !notes.is_empty() {
            out.push_str("[0,0,");
            out.push_str(&notes.join(","));
            out.push(']');
        }
        while let Some(mailbox) = ready.next() {
            if out.len() > 1 {
                out.push(',');
            }
            mailbox.write_to(&mut out);
            if out.len() > MAX_BATCH && ready.len() > 0 {
                self.lock_ready().extend(ready);
                self.signal();
                break;
            }
        }
        out.push(']');
        out
    }

    fn lock_ready(&self) -> MutexGuard<'_, Vec<Arc<Mailbox>>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signal(self: &Arc<Self>) {
        if self.signalled.swap(true, Ordering::AcqRel) {
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
                    (hub.wake)();
                });
            }
            _ => (self.wake)(),
        }
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hub")
    }
}
