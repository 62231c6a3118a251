//! A response whose body is still to be read.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use tokio::time::Instant;

use super::{Lease, Request, failure};
use crate::error::{Error, ErrorKind};
use crate::runtime::read_coalescer;
use crate::transport::read_timeout::ReadTimeout;

/// A response whose body is still to be read. Dropping it closes the request.
#[derive(Debug)]
pub struct Response {
    response: reqwest::Response,
    pub(super) redirected: bool,
    /// What is still to come, where the head says how much.
    left: Option<u64>,
    idle: Option<Duration>,
    _lease: Lease,
}

impl Response {
    pub(super) fn new(mut response: reqwest::Response, request: &Request, lease: Lease) -> Self {
        detach(response.headers_mut());
        Self {
            // Of a body that is not to come, too.
            left: response
                .content_length()
                .filter(|_| request.method != Method::HEAD),
            response,
            redirected: false,
            idle: request.timeouts.idle,
            _lease: lease,
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The status line's words: the server's own, where they are not the usual ones. HTTP/2 has none.
    pub fn reason(&self) -> String {
        let own = self.response.extensions().get::<hyper::ext::ReasonPhrase>();
        match own {
            Some(own) => String::from_utf8_lossy(own.as_bytes()).into_owned(),
            None if self.response.version() > http::Version::HTTP_11 => String::new(),
            None => self
                .response
                .status()
                .canonical_reason()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// The URL that answered.
    pub fn url(&self) -> &str {
        self.response.url().as_str()
    }

    /// Whether a redirect led there.
    pub fn redirected(&self) -> bool {
        self.redirected
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The next piece of the body, decompressed; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let chunk = self.response.chunk().await.map_err(failure::of_body)?;
        match (&chunk, &mut self.left) {
            // HTTP/2 can end a body that is not whole as if nothing was wrong.
            (None, Some(1..)) => return Err(failure::cut("the body is shorter than its content-length")),
            (Some(bytes), Some(left)) => *left = left.saturating_sub(bytes.len() as u64),
            _ => {}
        }
        Ok(chunk)
    }

    /// The next piece of a body that says by itself where it ends: one that is cut is at its end too.
    pub async fn chunk_or_cut(&mut self) -> Result<Option<Bytes>, Error> {
        match self.response.chunk().await {
            Err(error) if failure::is_cut(&error) => Ok(None),
            Ok(chunk) => Ok(chunk.inspect(|bytes| read_coalescer::note(bytes.len()))),
            Err(error) => Err(failure::of_body(error)),
        }
    }

    /// The whole body, of at most `limit` bytes; each read has the idle limit.
    pub async fn text(&mut self, limit: usize) -> Result<String, Error> {
        let (mut body, mut timeout) = (Vec::new(), self.timeout());
        while let Some(chunk) = self.chunk_within(&mut timeout).await? {
            if body.len() + chunk.len() > limit {
                return Err(too_large(limit, "maxResponseBytes"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(decoded(body))
    }

    /// What comes of the body, up to `limit` bytes: for an error's, where less is better than nothing.
    pub async fn text_prefix(&mut self, limit: usize) -> String {
        let (mut body, mut timeout) = (Vec::new(), self.timeout());
        while body.len() < limit {
            match self.chunk_within(&mut timeout).await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                _ => break,
            }
        }
        body.truncate(limit);
        decoded(body)
    }

    /// The idle limit, from here on.
    fn timeout(&self) -> ReadTimeout {
        ReadTimeout::new(self.idle, None, Instant::now())
    }

    async fn chunk_within(&mut self, timeout: &mut ReadTimeout) -> Result<Option<Bytes>, Error> {
        let chunk = timeout.wait_for(self.chunk()).await?;
        timeout.renew();
        chunk
    }
}

/// Copies the values out of the buffer they were read into: they would keep it, 8 KiB, for as long as a stream is open.
fn detach(headers: &mut HeaderMap) {
    for value in headers.values_mut() {
        if let Ok(copy) = HeaderValue::from_bytes(value.as_bytes()) {
            *value = copy;
        }
    }
}

/// A body as text, as `Response.text()` has it: without a byte order mark.
pub fn decoded(body: Vec<u8>) -> String {
    let text =
        String::from_utf8(body).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned());
    match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// What is larger than it may be.
pub fn too_large(limit: usize, option: &str) -> Error {
    Error::new(
        ErrorKind::ResponseTooLarge,
        format!("The response is larger than {limit} bytes. Raise {option} if that is expected."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_do_not_keep_the_buffer_they_were_read_into() {
        let buffer = Bytes::from(b"a=1;b=2".to_vec());
        let mut headers = HeaderMap::new();
        for part in [0..3, 4..7] {
            headers.append(
                "set-cookie",
                HeaderValue::from_maybe_shared(buffer.slice(part)).unwrap(),
            );
        }
        assert!(!buffer.is_unique());
        detach(&mut headers);
        assert!(buffer.is_unique());
        assert!(headers.get_all("set-cookie").iter().eq(["a=1", "b=2"]));
    }
}
