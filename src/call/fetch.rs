//! The task of a `fetch`. Its first item is the head of the response, after which the bytes of the body follow.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Call, Task};
use crate::delivery::coalescing::{Pace, until};
use crate::delivery::{End, Hub, Outbox};
use crate::error::Error;
use crate::fetch::{FetchRequest, Fetched, Fetcher};

impl Call {
    /// Starts a `fetch`.
    pub fn fetch(hub: &Arc<Hub>, fetcher: Fetcher, request: FetchRequest) -> Result<Self, Error> {
        Self::spawn(hub, async move |task: Task| {
            let is_read = fetcher.reads(&request.method, &request.url);
            let answer = Box::pin(task.unless_cancelled(fetcher.send(request))).await;
            match answer {
                Ok(fetched) => task.body(fetched).await,
                Err(error) => {
                    let mut out = Outbox::default();
                    if is_read {
                        out.event("error", &error.to_json());
                    }
                    task.mailbox.conclude(&mut out, End::Failed(error.to_json()));
                }
            }
        })
    }
}

impl Task {
    async fn body(self, mut fetched: Fetched) {
        let mut out = Outbox::default();
        out.chunk(&fetched.head_json());
        self.mailbox.post(&mut out);
        let end = match self.unless_cancelled(self.pass(&mut fetched, &mut out)).await {
            Ok(()) => End::Done,
            Err(error) => End::Failed(error.to_json()),
        };
        fetched.finish(&mut out);
        // Closes the connection after a failure.
        drop(fetched);
        // The receiver of the head is not that of the body, so the end has to wait until JavaScript asks for the body.
        let _ = self.unless_cancelled(self.asked()).await;
        self.mailbox.conclude(&mut out, end);
    }

    /// Waits until JavaScript asks for the body.
    pub(super) async fn asked(&self) -> Result<(), Error> {
        // An error means that JavaScript has dropped the call, which cancels this task.
        let _ = self.flow.clone().wait_for(Option::is_some).await;
        Ok(())
    }

    /// Delivers the bytes of the body, once JavaScript asks for them.
    async fn pass(&self, fetched: &mut Fetched, out: &mut Outbox) -> Result<(), Error> {
        fetched.within_total(self.asked()).await??;
        let mut pace = Pace::new(fetched.coalescing());
        loop {
            let held = pace.held_until(out, Instant::now());
            if held.is_none() {
                self.mailbox.post(out);
            }
            if self.mailbox.is_full() {
                fetched.within_total(self.mailbox.room()).await?;
            }
            tokio::select! {
                biased;
                () = until(held) => {}
                read = fetched.read() => {
                    if fetched.take(read, out).await? {
                        return Ok(());
                    }
                }
            }
        }
    }
}
