//! The task of a request to any endpoint. Its result is JSON, embeddings, a body, or the event `open`, after which the events
//! of a stream follow.

use std::sync::Arc;

use bytes::Bytes;

use super::{Call, Task, aborted};
use crate::client::{ApiRequest, Client, Reply};
use crate::delivery::{End, Hub, Outbox};
use crate::error::Error;
use crate::observe::Outcome;
use crate::runtime;
use crate::secret::Secrets;
use crate::stats::ActiveStream;
use crate::stream::{AnswerPump, AnswerStream, Network};
use crate::transport::{Head, OpenBody, too_large};

impl Call {
    /// Starts a request. `settings` is JSON text, see [`ApiRequest::build`].
    pub fn request(hub: &Arc<Hub>, client: Client, settings: String, body: Bytes) -> Result<Self, Error> {
        Self::spawn(hub, async move |task: Task| {
            let reply = {
                let (config, size) = (client.shared_config(), body.len());
                let work = async {
                    let build = move || ApiRequest::build(&config, &settings, body);
                    let request = runtime::off_thread_if_large(size, build).await??;
                    client.request(request).await
                };
                Box::pin(task.unless_cancelled(work)).await
            };
            match reply {
                Ok(Reply::Json(text)) => task.conclude(Ok(text)),
                Ok(Reply::Vectors(vectors)) => {
                    let mut out = Outbox::default();
                    out.chunk(&vectors.json);
                    out.bytes(vectors.floats.into());
                    task.mailbox.conclude(&mut out, End::Done);
                }
                Ok(Reply::Text(head, text)) => task.pass_text(&head, text, &client.secrets()).await,
                Ok(Reply::Body(body, limit)) => task.pass_body(*body, limit, client.secrets()).await,
                Ok(Reply::Events(stream)) => {
                    let outcome = client.outcome().hiding(stream.progress().secrets());
                    task.events(*stream, outcome, client).await;
                }
                Err(error) => task.conclude(Err(error)),
            }
        })
    }
}

impl Task {
    /// Delivers the head, then a whole body, once JavaScript asks for it.
    async fn pass_text(self, head: &Head, text: String, secrets: &Secrets) {
        let mut out = Outbox::default();
        out.chunk(&secrets.scrub_values(&head.to_json()));
        self.mailbox.post(&mut out);
        let end = match self.unless_cancelled(self.asked()).await {
            Ok(()) => End::Done,
            Err(error) => End::Failed(error.scrubbed(secrets).to_json()),
        };
        out.bytes(text.into());
        self.mailbox.conclude(&mut out, end);
    }

    /// Delivers the head, then the bytes of a body, once JavaScript asks for them.
    async fn pass_body(self, mut body: OpenBody, limit: usize, secrets: Secrets) {
        let mut out = Outbox::default();
        out.chunk(&secrets.scrub_values(&body.response().head().to_json()));
        self.mailbox.post(&mut out);
        let passed = self
            .unless_cancelled(self.pass_bytes(&mut body, limit, &mut out))
            .await;
        let end = match passed {
            Ok(()) => End::Done,
            Err(error) => End::Failed(error.scrubbed(&secrets).to_json()),
        };
        // Closes the connection after a failure.
        drop(body);
        // The receiver of the head is not that of the body, so the end has to wait until JavaScript asks for the body.
        let _ = self.unless_cancelled(self.asked()).await;
        self.mailbox.conclude(&mut out, end);
    }

    async fn pass_bytes(&self, body: &mut OpenBody, limit: usize, out: &mut Outbox) -> Result<(), Error> {
        body.within_total(self.asked()).await??;
        let mut left = limit;
        loop {
            if self.mailbox.is_full() {
                body.within_total(self.mailbox.room()).await?;
            }
            match body.read().await? {
                Some(bytes) if bytes.len() > left => return Err(too_large(limit, "maxResponseBytes")),
                Some(bytes) => {
                    left -= bytes.len();
                    out.bytes(bytes);
                }
                None => return Ok(()),
            }
            self.mailbox.post(out);
        }
    }

    /// Delivers the events of a stream.
    async fn events(mut self, stream: AnswerStream, outcome: Outcome, client: Client) {
        let active = ActiveStream::start();
        let (mut network, mut pump) = stream.split();
        let progress = pump.progress().clone();
        let _ = self.answer.set(progress.clone());
        let mut out = Outbox::default();
        out.event("open", "null");
        self.mailbox.post(&mut out);
        let result = self.deliver_events(&mut network, &mut pump, &mut out).await;
        let end = outcome.finish("The stream", &result, &progress);
        drop(active);
        self.mailbox.conclude(&mut out, end);
        if result.is_ok() {
            let mut tail = pump.take_tail();
            tokio::spawn(async move {
                network.read_tail(|read| tail.take(read)).await;
                outcome.spend(&progress);
                client.settle_stream_later(&progress);
            });
        } else {
            client.settle_stream_later(&progress);
        }
    }

    /// Delivers the events until the end of the stream. On return `out` may contain items that must be delivered before the
    /// end.
    async fn deliver_events(
        &mut self,
        network: &mut Network,
        pump: &mut AnswerPump,
        out: &mut Outbox,
    ) -> Result<(), Error> {
        let mut is_flowing = false;
        loop {
            if let Some(flow) = *self.flow.borrow_and_update() {
                is_flowing = true;
                pump.flow(flow, out);
            }
            if self.cancel.is_cancelled() {
                return Err(aborted(Some(pump.progress())));
            }
            if is_flowing && let Some(result) = pump.end(out) {
                return result;
            }
            self.mailbox.post(out);
            let is_waiting = !is_flowing || self.mailbox.is_full();
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => {}
                Ok(()) = self.flow.changed() => network.renew(),
                () = self.mailbox.room(), if is_flowing && is_waiting => network.renew(),
                error = network.total_timeout(), if is_waiting => {
                    pump.fail(error);
                    is_flowing = true;
                }
                read = network.read(), if !is_waiting => pump.take(&read, out),
            }
        }
    }
}
