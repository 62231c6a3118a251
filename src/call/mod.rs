//! A call from JavaScript, from its start on the network thread to its end in the mailbox. Whatever ends the task,
//! a panic included, sets an end: nothing that waits for it can hang.

use std::future::Future;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, Weak};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::client::{Answer, Client};
use crate::delivery::{End, Flow, Hub, Mailbox, Outbox};
use crate::error::Error;
use crate::fetch::{FetchRequest, Fetched, Fetcher};
use crate::request::placeholders;
use crate::runtime;
use crate::stats::ActiveStream;
use crate::stream::{ChatStream, Reading, SharedProgress, SharedReading, lock};

/// The reader's end of a call. Dropping it cancels what is left of it.
#[derive(Debug)]
pub struct Call {
    mailbox: Arc<Mailbox>,
    cancel: CancellationToken,
    asked: Arc<Notify>,
    opened: Arc<OnceLock<Opened>>,
}

/// What the reader's end knows of a stream that is open.
#[derive(Debug)]
struct Opened {
    progress: SharedProgress,
    /// It goes with the stream, and what it holds with it: JavaScript may keep the call for longer.
    reading: Weak<Mutex<Reading>>,
    /// The same, where it has outlived the stream's other half: all was read before somebody asked for it.
    whole: OnceLock<SharedReading>,
}

/// The task's end of it.
struct Task {
    mailbox: EndGuard,
    /// Told when JavaScript has said how it reads.
    asked: Arc<Notify>,
    opened: Arc<OnceLock<Opened>>,
}

/// The mailbox of a task; it sets an end where the task goes without one.
struct EndGuard(Arc<Mailbox>);

impl Deref for EndGuard {
    type Target = Arc<Mailbox>;

    fn deref(&self) -> &Arc<Mailbox> {
        &self.0
    }
}

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.finish(End::Failed(Error::crashed().to_json()));
    }
}

impl Call {
    /// A call with one result: JSON text.
    pub fn single(
        hub: &Arc<Hub>,
        work: impl Future<Output = Result<String, Error>> + Send + 'static,
    ) -> Result<Self, Error> {
        Self::spawn(hub, |task| async move {
            let result = work.await;
            task.deliver(result);
        })
    }

    /// A chat: its one result is a completion, or the event `open`, after which the stream's items follow. `texts` are
    /// those of `params` that are long.
    pub fn chat(hub: &Arc<Hub>, client: Client, params: String, texts: Vec<String>) -> Result<Self, Error> {
        Self::spawn(hub, |task| async move {
            let params = placeholders::restore(params, texts);
            // Its kilobytes go with it: a stream may last for long.
            let answer = Box::pin(client.chat(&params)).await;
            match answer {
                Ok(Answer::Complete(body)) => task.deliver(Ok(body)),
                Ok(Answer::Stream(stream)) => {
                    drop(params);
                    task.stream(*stream, client).await;
                }
                Err(error) => task.deliver(Err(error)),
            }
        })
    }

    /// A `fetch`: its first item is the event `head`, after which the body's bytes follow.
    pub fn fetch(hub: &Arc<Hub>, fetcher: Fetcher, request: FetchRequest) -> Result<Self, Error> {
        Self::spawn(hub, |task| async move {
            let is_read = fetcher.reads(&request.method, &request.url);
            let answer = Box::pin(fetcher.send(request)).await;
            match answer {
                Ok(fetched) => task.body(fetched).await,
                Err(error) => {
                    if is_read {
                        let mut out = Outbox::default();
                        out.event("error", &error.to_json());
                        task.mailbox.post(&mut out);
                    }
                    task.deliver(Err(error));
                }
            }
        })
    }

    fn spawn<F>(hub: &Arc<Hub>, work: impl FnOnce(Task) -> F + Send + 'static) -> Result<Self, Error>
    where
        F: Future<Output = ()> + Send,
    {
        let runtime = runtime::handle()?;
        let mailbox = Mailbox::new(hub);
        let cancel = hub.closed.child_token();
        let (asked, opened) = (Arc::new(Notify::new()), Arc::new(OnceLock::new()));
        let task = Task {
            mailbox: EndGuard(mailbox.clone()),
            asked: asked.clone(),
            opened: opened.clone(),
        };
        let cancelled = cancel.clone();
        runtime.spawn(async move {
            tokio::select! {
                biased;
                () = cancelled.cancelled() => {}
                // Its kilobytes are the network thread's to find room for, not the caller's.
                () = Box::pin(work(task)) => {}
            }
        });
        Ok(Self {
            mailbox,
            cancel,
            asked,
            opened,
        })
    }

    /// Where its results are.
    pub fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }

    /// Lets the stream flow, or changes what is wanted of it. What has come already is there at once.
    pub fn flow(&self, flow: Flow) {
        if let Some(reading) = self.opened.get().and_then(|opened| opened.reading.upgrade()) {
            let mut reading = lock(&reading);
            reading.want(flow);
            let mut out = Outbox::default();
            if reading.show_whole(&mut out) {
                return;
            }
            reading.show_little(&mut out);
            // Before the lock goes: what the network brings next comes after it.
            self.mailbox.post(&mut out);
        }
        self.asked.notify_one();
    }

    /// What the stream has brought so far.
    pub fn progress(&self) -> Option<SharedProgress> {
        self.opened.get().map(|opened| opened.progress.clone())
    }

    /// Ends it: what has come is still delivered, then the abort. The connection is closed.
    pub fn abort(&self) {
        let mut error = Error::aborted();
        if let Some(progress) = self.progress() {
            let mut progress = lock(&progress);
            progress.close();
            error = error.with_partial(progress.loggable_json());
            error.facts_mut().generation_id = progress.generation_id().map(str::to_owned);
        }
        self.mailbox.finish(End::Failed(error.to_json()));
        self.cancel.cancel();
        if let Some(whole) = self.opened.get().and_then(|opened| opened.whole.get()) {
            lock(whole).forget_whole();
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Task {
    fn deliver(&self, result: Result<String, Error>) {
        match result {
            Ok(json) => {
                let mut out = Outbox::default();
                out.chunk(&json);
                self.mailbox.conclude(&mut out, End::Done);
            }
            Err(error) => self.mailbox.finish(End::Failed(error.to_json())),
        }
    }

    async fn body(self, mut fetched: Fetched) {
        let mut out = Outbox::default();
        out.event("head", &fetched.head_json());
        self.mailbox.post(&mut out);
        self.asked.notified().await;
        fetched.resume();
        let end = loop {
            if self.mailbox.room().await {
                fetched.resume();
            }
            match fetched.advance(&mut out).await {
                Ok(false) => self.mailbox.post(&mut out),
                Ok(true) => break End::Done,
                Err(error) => break End::Failed(error.to_json()),
            }
        };
        self.mailbox.conclude(&mut out, end);
    }

    async fn stream(self, mut stream: ChatStream, client: Client) {
        let _ = self.opened.set(Opened {
            progress: stream.progress(),
            reading: Arc::downgrade(&stream.reading()),
            whole: OnceLock::new(),
        });
        let ending = Ending {
            mailbox: self.mailbox,
            client,
            progress: stream.progress(),
            active: ActiveStream::start(),
        };
        let mut out = Outbox::default();
        out.event("open", "null");
        ending.mailbox.post(&mut out);
        let result = loop {
            if ending.mailbox.room().await {
                stream.resume();
            }
            if !stream.reads_on() {
                if let (true, Some(opened)) = (stream.is_whole(), self.opened.get()) {
                    let client = ending.client.clone();
                    ending.leave(&stream, opened);
                    tokio::spawn(read_tail(stream, client));
                    return;
                }
                self.asked.notified().await;
                stream.resume();
                continue;
            }
            match stream.read_on(&mut out).await {
                Ok(false) => ending.mailbox.post(&mut out),
                Ok(true) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        let tail = result.is_ok().then(|| read_tail(stream, ending.client.clone()));
        ending.come(&mut out, result);
        if let Some(tail) = tail {
            // On its own: JavaScript may let go of the call before the connection is fit for the next request.
            tokio::spawn(tail);
        }
    }
}

/// Reads what comes behind the end, where a cost may stand.
async fn read_tail(stream: ChatStream, client: Client) {
    let progress = stream.progress();
    stream.read_tail().await;
    client.spend_once(&progress);
}

/// What is to be done at the end of a stream, by whichever thread comes to it.
struct Ending {
    mailbox: EndGuard,
    client: Client,
    progress: SharedProgress,
    active: ActiveStream,
}

impl Ending {
    /// It has come: `out` is the last that the stream brought.
    fn come(self, out: &mut Outbox, result: Result<(), Error>) {
        let end = match result {
            Ok(()) => End::Done,
            Err(error) => {
                self.client.report(&error, Some(&self.progress));
                End::Failed(error.to_json())
            }
        };
        self.client.settle(&self.progress);
        drop(self.active);
        self.mailbox.conclude(out, end);
    }

    /// All was read before somebody asked for it: whoever does so brings it to its end on their own thread, and need not
    /// wait for this one, which is done with it.
    fn leave(self, stream: &ChatStream, opened: &Opened) {
        let (reading, mailbox) = (stream.reading(), self.mailbox.clone());
        let _ = opened.whole.set(reading.clone());
        let mut reading = lock(&reading);
        reading.leave_whole(Box::new(move |out, result| self.come(out, result)));
        // An abort that came before `whole` was set could not see that there was something to forget.
        if mailbox.is_finished() {
            reading.forget_whole();
        }
    }
}
