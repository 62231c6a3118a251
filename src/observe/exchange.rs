//! The events of one call on the diagnostics channels. Each event has the number of the call and a timestamp. A chat that is
//! dropped before its end is published as an abort.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::Call;
use super::attributes::{PublishedRequest, PublishedRetry, request_attributes, response_attributes};
use crate::error::Error;
use crate::json::{ObjectWriter, number_text};
use crate::secret::Secrets;
use crate::stream::Received;
use crate::transport::Response;

/// Publishes the events of one call.
#[derive(Debug)]
pub struct Exchange {
    call: Arc<Call>,
    secrets: Mutex<Secrets>,
    /// The chat in progress, if there is one, with the progress of its stream once the stream is open.
    open: Mutex<Option<Option<Arc<dyn Received>>>>,
}

impl Exchange {
    pub(super) fn new(call: Arc<Call>) -> Self {
        Self {
            call,
            secrets: Mutex::default(),
            open: Mutex::new(None),
        }
    }

    pub fn ask(&self, request: PublishedRequest<'_>) {
        self.publish("request", |fields| {
            fields.text("method", Some(request.method));
            fields.text("url", Some(request.url));
            fields.text("model", request.model);
            fields.raw("stream", request.stream.map(|stream| stream.to_string()));
            fields.raw("attributes", Some(request_attributes(request)));
        });
    }

    pub fn answer(&self, response: &Response, completion: Option<&str>, stream: bool) {
        self.publish("response", |fields| {
            let status = response.status().to_string();
            let generation_id = response.header("x-generation-id");
            fields.raw("status", Some(status.clone()));
            fields.text("generationId", generation_id);
            fields.raw("stream", Some(stream.to_string()));
            let mut attributes = ObjectWriter::new();
            attributes.raw("http.response.status_code", Some(status));
            match completion {
                Some(completion) => response_attributes(&mut attributes, completion, generation_id),
                None => attributes.text("openrouter.generation.id", generation_id),
            }
            fields.raw("attributes", Some(attributes.finish()));
        });
    }

    pub fn end(&self, progress: &dyn Received) {
        self.publish("stream:end", |fields| {
            fields.raw("stream", Some(progress.properties_json()));
            let mut attributes = ObjectWriter::new();
            write_answer(&mut attributes, progress);
            fields.raw("attributes", Some(attributes.finish()));
        });
    }

    pub fn retry(&self, retry: PublishedRetry<'_>) {
        self.publish("retry", |fields| {
            let details = retry.error.details();
            let code = retry.error.kind().code();
            let status = details.status.map(|status| status.to_string());
            fields.text("code", Some(code));
            fields.text("message", Some(&retry.error.to_string()));
            fields.raw("status", status.clone());
            fields.raw("delayMs", Some(retry.delay.as_millis().to_string()));
            fields.raw("retry", retry.retry.map(|(number, _)| number.to_string()));
            fields.raw("maxRetries", retry.retry.map(|(_, most)| most.to_string()));
            fields.text("model", retry.model);
            let mut attributes = ObjectWriter::new();
            attributes.text("error.type", Some(code));
            attributes.raw("http.response.status_code", status);
            attributes.raw(
                "http.request.resend_count",
                retry.retry.map(|(number, _)| number.to_string()),
            );
            fields.raw("attributes", Some(attributes.finish()));
        });
    }

    fn publish(&self, name: &str, fields: impl FnOnce(&mut ObjectWriter)) {
        let mut data = ObjectWriter::new();
        data.raw("call", Some(self.call.id.to_string()));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        data.raw("time", Some(number_text((now.as_secs_f64() * 1e6).round() / 1e3)));
        fields(&mut data);
        let secrets = lock(&self.secrets).clone();
        let data = data.finish();
        self.call.hub.note(format!(
            "[\"channel\",\"{name}\",{},{}]",
            self.call.id,
            secrets.scrub_values(&data)
        ));
    }

    pub fn fail(&self, error: &Error, progress: Option<&dyn Received>) {
        self.publish("error", |fields| {
            let status = error.details().status.map(|status| status.to_string());
            fields.text("code", Some(error.kind().code()));
            fields.text("message", Some(&error.to_string()));
            fields.raw("status", status.clone());
            fields.text("generationId", error.details().generation_id.as_deref());
            let mut attributes = ObjectWriter::new();
            attributes.text("error.type", Some(error.kind().code()));
            attributes.raw("http.response.status_code", status);
            if let Some(progress) = progress {
                write_answer(&mut attributes, progress);
            }
            fields.raw("attributes", Some(attributes.finish()));
        });
    }

    /// Removes `secrets` from all later events.
    pub fn hide(&self, secrets: &Secrets) {
        *lock(&self.secrets) = secrets.clone();
    }

    pub fn begin(&self, progress: Option<Arc<dyn Received>>) {
        *lock(&self.open) = Some(progress);
    }

    pub fn conclude(&self) {
        *lock(&self.open) = None;
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_answer(attributes: &mut ObjectWriter, progress: &dyn Received) {
    response_attributes(attributes, &progress.summary_json(), progress.generation_id());
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let open = lock(&self.open).take();
        if let Some(progress) = open {
            let mut error = Error::aborted();
            let generation_id = progress.as_deref().and_then(|progress| progress.generation_id());
            error.details_mut().generation_id = generation_id.map(str::to_owned);
            self.fail(&error, progress.as_deref());
        }
    }
}
