//! The task of a chat. Its result is a completion, or the event `open`, after which the items of the stream follow.
//!
//! The task and the thread of JavaScript share the pump of a stream. Until the event `open` only the task uses it. While the
//! task reads ahead, each locks it for one read, or for one change of the flow. Once JavaScript has chosen the flow, the task
//! keeps the lock to the end of the stream. If the answer ends before that, the task ends, too, and JavaScript takes what the
//! pump holds when it chooses the flow.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::{Call, OpenStream, Task, aborted};
use crate::client::{Answer, Client};
use crate::delivery::coalescing::until;
use crate::delivery::{End, Hub, Outbox};
use crate::error::Error;
use crate::observe::Outcome;
use crate::request::placeholders;
use crate::runtime;
use crate::stats::ActiveStream;
use crate::stream::{ChatStream, EventPump, Network, Progress};

impl Call {
    /// Starts a chat. `params` is the JSON text of the request, `texts` are its long texts, see [`placeholders`].
    pub fn chat(hub: &Arc<Hub>, client: Client, params: String, texts: Vec<String>) -> Result<Self, Error> {
        Self::spawn(hub, async move |task: Task| {
            let answer = {
                let size = params.len() + texts.iter().map(String::len).sum::<usize>();
                let restore = move || placeholders::restore(params, texts);
                let params = match runtime::off_thread_if_large(size, restore).await {
                    Ok(params) => params,
                    Err(error) => return task.conclude(Err(error)),
                };
                // Box the future and drop it before the stream is read, because it is large and a stream may last long.
                Box::pin(task.unless_cancelled(client.chat(params))).await
            };
            match answer {
                Ok(Answer::Complete(body)) => task.conclude(Ok(body)),
                Ok(Answer::Stream(stream)) => {
                    // The headers of the request may have added secrets to those of the client.
                    let outcome = client.outcome().hiding(stream.progress().secrets());
                    task.stream(*stream, outcome, client).await;
                }
                Err(error) => task.conclude(Err(error)),
            }
        })
    }
}

impl Task {
    async fn stream(mut self, stream: ChatStream, outcome: Outcome, client: Client) {
        let active = ActiveStream::start();
        let progress = stream.progress().clone();
        let (mut network, pump) = stream.split();
        let shared_pump = Arc::new(Mutex::new(pump));
        let _ = self.open_stream.set(OpenStream {
            progress: progress.clone(),
            pump: shared_pump.clone(),
        });
        let mut out = Outbox::default();
        out.event("open", "null");
        self.mailbox.post(&mut out);
        self.read_ahead(&mut network, &shared_pump, &mut out).await;
        let mut pump = shared_pump.lock().await;
        let result = self.deliver(&mut network, &mut pump, &mut out).await;
        let end = outcome.finish("Chat", &result, &progress);
        drop(active);
        let (is_flowing, mut tail) = (pump.is_flowing(), pump.take_tail());
        drop(pump);
        match is_flowing {
            true => self.mailbox.conclude(&mut out, end),
            false => self.leave(end, &shared_pump, &progress).await,
        }
        if result.is_ok() {
            // Read the tail in a separate task, because JavaScript may drop the call before the connection can be reused.
            tokio::spawn(async move {
                network.read_tail(|read| tail.take(read)).await;
                outcome.spend(&progress);
                client.settle_stream_later(&progress);
            });
        } else {
            client.settle_stream_later(&progress);
        }
    }

    /// Reads a limited amount, which the pump holds, until JavaScript has chosen the flow, the call is cancelled, or the answer
    /// is over.
    async fn read_ahead(&mut self, network: &mut Network, pump: &Mutex<EventPump>, out: &mut Outbox) {
        loop {
            let may_read = {
                let pump = pump.lock().await;
                if pump.is_over() || pump.is_flowing() {
                    return;
                }
                pump.may_hold_more()
            };
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return,
                // Time in which nothing was read does not count towards the idle timeout.
                Ok(()) = self.flow.changed() => return network.renew(),
                error = network.total_timeout(), if !may_read => {
                    pump.lock().await.fail(error);
                    return;
                }
                read = network.read(), if may_read => {
                    let mut pump = pump.lock().await;
                    // `out` stays empty, unless JavaScript has chosen the flow in this moment.
                    pump.take(&read, out);
                }
            }
        }
    }

    /// Delivers the stream until its end. On return `out` may contain items that must be delivered before the end.
    async fn deliver(
        &mut self,
        network: &mut Network,
        pump: &mut EventPump,
        out: &mut Outbox,
    ) -> Result<(), Error> {
        loop {
            self.take_flow(pump, out);
            if self.cancel.is_cancelled() {
                return Err(aborted(Some(pump.progress())));
            }
            if let Some(result) = pump.end(out) {
                return result;
            }
            let held = pump.held_until(out);
            if held.is_none() {
                self.mailbox.post(out);
            }
            let is_full = self.mailbox.is_full();
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => {}
                Ok(()) = self.flow.changed() => {}
                () = until(held) => {}
                () = self.mailbox.room(), if is_full => network.renew(),
                error = network.total_timeout(), if is_full => pump.fail(error),
                read = network.read(), if !is_full => pump.take(&read, out),
            }
        }
    }

    /// Leaves a complete answer in the pump for JavaScript, which has not chosen the flow yet.
    async fn leave(&mut self, end: End, pump: &Mutex<EventPump>, progress: &Progress) {
        self.mailbox.seal(end);
        // If JavaScript has chosen the flow while this task held the pump, this task has to apply it. If not, this task must
        // not hold the pump again: JavaScript relies on the task to apply a flow that it chooses meanwhile.
        if self.flow.borrow().is_some() {
            let (mut pump, mut out) = (pump.lock().await, Outbox::default());
            self.take_flow(&mut pump, &mut out);
            self.mailbox.unseal(&mut out);
        } else if self.cancel.is_cancelled() {
            let error = aborted(Some(progress));
            self.mailbox.seal(End::Failed(error.to_json()));
        }
    }

    /// Applies the flow that JavaScript has chosen, if it has.
    fn take_flow(&mut self, pump: &mut EventPump, out: &mut Outbox) {
        if let Some(flow) = *self.flow.borrow_and_update() {
            pump.flow(flow, out);
        }
    }
}
