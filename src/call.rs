//! A call from JavaScript, from its start on the network thread to its end in the mailbox. Whatever ends the task,
//! a panic included, sets an end: nothing that waits for it can hang.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::client::{Answer, Client};
use crate::delivery::{End, Flow, Hub, Mailbox, Outbox};
use crate::error::Error;
use crate::fetch::{FetchRequest, Fetched, Fetcher};
use crate::request::texts;
use crate::stats::ActiveStream;
use crate::stream::{ChatStream, SharedProgress};
use crate::transport::runtime;

/// The reader's end of a call. Dropping it cancels what is left of it.
#[derive(Debug)]
pub struct Call {
    mailbox: Arc<Mailbox>,
    cancel: CancellationToken,
    flow: watch::Sender<Option<Flow>>,
    progress: Arc<Mutex<Option<SharedProgress>>>,
}

/// The task's end of it.
struct Task {
    mailbox: Arc<Mailbox>,
    flow: watch::Receiver<Option<Flow>>,
    progress: Arc<Mutex<Option<SharedProgress>>>,
}

/// Sets an end for a task that went without one.
struct EndGuard(Arc<Mailbox>);

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
            let params = texts::restore(params, texts);
            match client.chat(&params).await {
                Ok(Answer::Complete(body)) => task.deliver(Ok(body)),
                Ok(Answer::Stream(stream)) => {
                    drop(params);
                    task.stream(*stream, &client).await;
                }
                Err(error) => task.deliver(Err(error)),
            }
        })
    }

    /// A `fetch`: its first item is the event `head`, after which the body's bytes follow.
    pub fn fetch(hub: &Arc<Hub>, fetcher: Fetcher, request: FetchRequest) -> Result<Self, Error> {
        Self::spawn(hub, |task| async move {
            let is_read = fetcher.reads(&request.method, &request.url);
            match fetcher.send(request).await {
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
        let (flow, flow_wanted) = watch::channel(None);
        let progress = Arc::new(Mutex::new(None));
        let task = Task {
            mailbox: mailbox.clone(),
            flow: flow_wanted,
            progress: progress.clone(),
        };
        let (guard, cancelled) = (EndGuard(mailbox.clone()), cancel.clone());
        runtime.spawn(async move {
            let _guard = guard;
            tokio::select! {
                biased;
                () = cancelled.cancelled() => {}
                () = work(task) => {}
            }
        });
        Ok(Self {
            mailbox,
            cancel,
            flow,
            progress,
        })
    }

    /// Where its results are.
    pub fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }

    /// Lets the stream flow, or changes what is wanted of it.
    pub fn flow(&self, flow: Flow) {
        self.flow.send_replace(Some(flow));
    }

    /// What the stream has brought so far.
    pub fn progress(&self) -> Option<SharedProgress> {
        self.progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends it: what has come is still delivered, then the abort. The connection is closed.
    pub fn abort(&self) {
        let mut error = Error::aborted();
        if let Some(progress) = self.progress() {
            let mut progress = crate::stream::lock(&progress);
            progress.close();
            error = error.with_partial(progress.completion().to_json());
            error.facts_mut().generation_id = progress.generation_id().map(str::to_owned);
        }
        self.mailbox.finish(End::Failed(error.to_json()));
        self.cancel.cancel();
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

    async fn body(mut self, mut fetched: Fetched) {
        let mut out = Outbox::default();
        out.event("head", &fetched.head_json());
        self.mailbox.post(&mut out);
        if self.flow.wait_for(Option::is_some).await.is_err() {
            return;
        }
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

    async fn stream(mut self, mut stream: ChatStream, client: &Client) {
        let active = ActiveStream::start();
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream.progress());
        let mut out = Outbox::default();
        out.event("open", "null");
        self.mailbox.post(&mut out);
        if self.flow.wait_for(Option::is_some).await.is_err() {
            return;
        }
        stream.resume();
        let end = loop {
            if self.mailbox.room().await {
                stream.resume();
            }
            let Some(flow) = *self.flow.borrow_and_update() else {
                return;
            };
            match stream.advance(flow, &mut out).await {
                Ok(false) => self.mailbox.post(&mut out),
                Ok(true) => break End::Done,
                Err(error) => {
                    client.report(&error, Some(&stream.progress()));
                    break End::Failed(error.to_json());
                }
            }
        };
        client.settle(&stream);
        drop(active);
        let whole = end == End::Done;
        self.mailbox.conclude(&mut out, end);
        if whole {
            // On its own: JavaScript may let go of the call before the connection is fit for the next request.
            tokio::spawn(stream.read_tail());
        }
    }
}
