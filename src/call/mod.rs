//! A call from JavaScript: a task on the network thread, and its handle in JavaScript.
//!
//! Every task sets the end of its mailbox, even if it panics or is cancelled, so that no promise stays pending. The exception is
//! a call whose handle JavaScript has garbage-collected: no promise depends on it.

mod chat;
mod fetch;
mod request;

use std::future::Future;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use crate::delivery::{End, Flow, Hub, Mailbox, Outbox};
use crate::error::Error;
use crate::runtime;
use crate::stream::{AnswerProgress, EventPump, Progress, Received};

/// JavaScript's handle of a call. Dropping it cancels the call.
#[derive(Debug)]
pub struct Call {
    mailbox: Arc<Mailbox>,
    cancel: CancellationToken,
    flow: watch::Sender<Option<Flow>>,
    open_stream: Arc<OnceLock<OpenStream>>,
    /// What the stream of another endpoint than chats has received.
    answer: Arc<OnceLock<AnswerProgress>>,
}

type SharedPump = Arc<Mutex<EventPump>>;

/// The parts of an open stream that the handle uses.
#[derive(Debug)]
struct OpenStream {
    progress: Progress,
    /// The task waits for the lock without blocking its thread. The JavaScript thread never waits for it.
    pump: SharedPump,
}

/// The task's side of a call.
struct Task {
    mailbox: EndGuard,
    cancel: CancellationToken,
    /// How JavaScript reads the results; `None` until it has chosen.
    flow: watch::Receiver<Option<Flow>>,
    open_stream: Arc<OnceLock<OpenStream>>,
    answer: Arc<OnceLock<AnswerProgress>>,
}

/// The mailbox of a task. When it is dropped without a final result, it posts an error.
struct EndGuard(Arc<Mailbox>);

impl Deref for EndGuard {
    type Target = Arc<Mailbox>;

    fn deref(&self) -> &Arc<Mailbox> {
        &self.0
    }
}

impl Drop for EndGuard {
    fn drop(&mut self) {
        if !self.0.is_finished() {
            self.0.finish(End::Failed(Error::internal().to_json()));
        }
    }
}

impl Call {
    /// Starts a call with a single result, a JSON text.
    pub fn single(
        hub: &Arc<Hub>,
        work: impl Future<Output = Result<String, Error>> + Send + 'static,
    ) -> Result<Self, Error> {
        Self::spawn(hub, async move |task: Task| {
            let result = task.unless_cancelled(work).await;
            task.conclude(result);
        })
    }

    fn spawn<F>(hub: &Arc<Hub>, work: impl FnOnce(Task) -> F + Send + 'static) -> Result<Self, Error>
    where
        F: Future<Output = ()> + Send,
    {
        let place = runtime::threads::place()?;
        let (flow, flow_receiver) = watch::channel(None);
        let call = Self {
            mailbox: Mailbox::new(hub),
            cancel: hub.closed.child_token(),
            flow,
            open_stream: Arc::default(),
            answer: Arc::default(),
        };
        let task = Task {
            mailbox: EndGuard(call.mailbox.clone()),
            cancel: call.cancel.clone(),
            flow: flow_receiver,
            open_stream: call.open_stream.clone(),
            answer: call.answer.clone(),
        };
        // Boxed inside the task: the network thread then allocates the large state of the future, not the caller's thread.
        place.handle.spawn(async move {
            let _place = place;
            Box::pin(work(task)).await;
        });
        Ok(call)
    }

    /// Returns the mailbox of the results.
    pub fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }

    /// Sets or changes how the stream is read. What the pump holds is written to the mailbox, here or by the task.
    pub fn flow(&self, flow: Flow) {
        // This thread writes the first events itself, unless the task has the pump in this moment. When it left that to the
        // task, the first token of a short chat came 11 to 24 % later.
        //
        // Store the flow before trying the lock: a task that holds the lock checks the flow after releasing it.
        self.flow.send_if_modified(|known| {
            *known = Some(flow);
            false
        });
        let pump = self.open_stream.get().map(|stream| stream.pump.try_lock());
        let must_wake = match pump {
            Some(Ok(mut pump)) => {
                // The task has released the pump, so it waits: for the network if the pump may hold more, else for the flow.
                let is_reading = pump.may_hold_more();
                let mut out = Outbox::default();
                pump.flow(flow, &mut out);
                // The first text is never held.
                pump.held_until(&out);
                self.mailbox.unseal(&mut out);
                // A task that is reading the network sees the flow at its next read, and a task that has ended need not see
                // it.
                !is_reading && !pump.is_over()
            }
            _ => true,
        };
        if must_wake {
            self.flow.send_modify(|_| {});
        }
    }

    /// Returns what the stream has received so far; `None` before the stream is open.
    pub fn progress(&self) -> Option<&dyn Received> {
        let chat = self.open_stream.get();
        match chat.map(|stream| &stream.progress as &dyn Received) {
            None => self.answer.get().map(|progress| progress as &dyn Received),
            chat => chat,
        }
    }

    /// Aborts the call. What has arrived is still delivered, then the error. The connection is closed.
    pub fn abort(&self) {
        self.cancel.cancel();
        // The task has ended, but JavaScript has not read the answer yet. The task cannot replace the end of the mailbox any
        // more, so this thread does.
        if self.mailbox.is_sealed() {
            self.mailbox.seal(End::Failed(self.abort_error().to_json()));
        }
    }

    /// Returns the error of an aborted call, with what its stream had received.
    pub fn abort_error(&self) -> Error {
        aborted(self.progress())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Task {
    /// Returns the result of `work`, or an error if the call is cancelled first.
    async fn unless_cancelled<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::aborted()),
            result = work => result,
        }
    }

    /// Delivers the only result of the call.
    fn conclude(&self, result: Result<String, Error>) {
        let mut out = Outbox::default();
        let end = match result {
            Ok(json) => {
                out.chunk(&json);
                End::Done
            }
            Err(error) => End::Failed(error.to_json()),
        };
        self.mailbox.conclude(&mut out, end);
    }
}

fn aborted(progress: Option<&dyn Received>) -> Error {
    match progress {
        Some(progress) => progress.attach_to(Error::aborted()),
        None => Error::aborted(),
    }
}
