//! A response whose body has not been read yet.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use tokio::time::Instant;

use super::decoder::{Decoded, Decoder};
use super::head::Head;
use super::{Lease, Request, failure};
use crate::error::{Error, ErrorKind};
use crate::runtime::read_coalescer;
use crate::transport::read_timeout::ReadTimeout;

/// A response whose body has not been read yet. Dropping it closes the request.
#[derive(Debug)]
pub struct Response {
    response: reqwest::Response,
    head: Arc<Head>,
    /// How many bytes of the body, as it is sent, are missing, if the headers say how long it is.
    left: Option<u64>,
    /// Decompresses the body, if it is compressed.
    decoder: Option<Decoder>,
    idle: Option<Duration>,
    _lease: Lease,
}

impl Response {
    pub(super) fn new(
        mut response: reqwest::Response,
        request: &Request,
        redirected: bool,
        lease: Lease,
    ) -> Result<Self, Error> {
        detach(response.headers_mut());
        let has_body = request.method != Method::HEAD && !matches!(response.status().as_u16(), 204 | 304);
        // The response to a HEAD has a content-length, but no body.
        let left = response.content_length().filter(|_| has_body);
        let decoder = match has_body {
            true => Decoder::for_headers(response.headers_mut()).map_err(failure::undecodable)?,
            false => None,
        };
        Ok(Self {
            left,
            decoder,
            head: Arc::new(head_of(&mut response, redirected)),
            response,
            idle: request.timeouts.idle,
            _lease: lease,
        })
    }

    /// Returns the head, which outlives the response.
    pub fn head(&self) -> &Arc<Head> {
        &self.head
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns the text of a header; `None` if it is absent or contains characters outside visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// Whether the `content-type` says that the body is an event stream.
    pub fn is_event_stream(&self) -> bool {
        self.is_labelled("event-stream")
    }

    /// Whether the `content-type` says that the body is an event stream or JSON.
    pub fn is_text(&self) -> bool {
        self.is_event_stream() || self.is_json()
    }

    /// Whether the `content-type` says that the body is JSON.
    pub fn is_json(&self) -> bool {
        self.is_labelled("json")
    }

    fn is_labelled(&self, kind: &str) -> bool {
        self.header("content-type")
            .is_some_and(|label| label.to_ascii_lowercase().contains(kind))
    }

    /// Reads the next piece of the body, decompressed; `None` at its end. Cancel safe.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        self.read().await.map_err(Unread::into_error)
    }

    /// Reads the next piece of a body whose content marks its end, such as an event stream. A cut connection is the end of
    /// the body, not an error. Cancel safe.
    pub async fn chunk_or_cut(&mut self) -> Result<Option<Bytes>, Error> {
        match self.read().await {
            Err(unread) if unread.is_cut() => Ok(None),
            Ok(chunk) => Ok(chunk.inspect(|bytes| read_coalescer::record_read(bytes.len()))),
            Err(unread) => Err(unread.into_error()),
        }
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Unread> {
        loop {
            let decoded = match &mut self.decoder {
                None => return self.read_network().await,
                Some(decoder) => decoder.next().map_err(Unread::Coding)?,
            };
            match decoded {
                Decoded::Piece(bytes) => return Ok(Some(bytes)),
                Decoded::End => return Ok(None),
                Decoded::Yield => tokio::task::yield_now().await,
                Decoded::NeedsInput => {
                    let input = self.read_network().await?;
                    if let Some(decoder) = &mut self.decoder {
                        decoder.feed(input);
                    }
                }
            }
        }
    }

    async fn read_network(&mut self) -> Result<Option<Bytes>, Unread> {
        let chunk = self.response.chunk().await.map_err(Unread::Network)?;
        match (&chunk, &mut self.left) {
            // HTTP/2 can end an incomplete body without an error.
            (None, Some(1..)) => return Err(Unread::TooShort),
            (Some(bytes), Some(left)) => *left = left.saturating_sub(bytes.len() as u64),
            _ => {}
        }
        Ok(chunk)
    }

    /// Reads the whole body, of at most `limit` bytes. The idle timeout applies to each read.
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

    /// Reads up to `limit` bytes of the body of an error response. If a read fails, it returns what it has, because a part
    /// is better than nothing.
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

    /// Creates the idle timeout, which starts now.
    fn timeout(&self) -> ReadTimeout {
        ReadTimeout::new(self.idle, None, Instant::now())
    }

    async fn chunk_within(&mut self, timeout: &mut ReadTimeout) -> Result<Option<Bytes>, Error> {
        let chunk = timeout.wait_for(self.chunk()).await??;
        // White space, with which some servers keep a connection alive, is not data.
        if chunk.as_ref().is_some_and(|bytes| !bytes.trim_ascii().is_empty()) {
            timeout.renew();
        }
        Ok(chunk)
    }
}

/// Why the next piece of a body could not be read.
enum Unread {
    Network(reqwest::Error),
    /// The body has ended before its content-length.
    TooShort,
    /// The compressed data is invalid or cut off.
    Coding(io::Error),
}

impl Unread {
    /// Whether the body was cut off, without another error.
    fn is_cut(&self) -> bool {
        match self {
            Self::Network(error) => failure::is_cut(error),
            Self::TooShort => true,
            Self::Coding(error) => error.kind() == io::ErrorKind::UnexpectedEof,
        }
    }

    fn into_error(self) -> Error {
        match self {
            Self::Network(error) => failure::of_body(error),
            Self::TooShort => failure::cut("the body is shorter than its content-length"),
            Self::Coding(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                failure::cut(error.to_string())
            }
            Self::Coding(error) => failure::undecodable(error.to_string()),
        }
    }
}

/// Takes the head out of a response.
fn head_of(response: &mut reqwest::Response, redirected: bool) -> Head {
    // hyper keeps the phrase of the server only if it is not the usual one.
    let own = response.extensions().get::<hyper::ext::ReasonPhrase>();
    let reason = match own {
        Some(own) => String::from_utf8_lossy(own.as_bytes()).into_owned(),
        None if response.version() > http::Version::HTTP_11 => String::new(),
        None => response
            .status()
            .canonical_reason()
            .unwrap_or_default()
            .to_owned(),
    };
    Head {
        status: response.status().as_u16(),
        reason,
        url: response.url().as_str().to_owned(),
        redirected,
        headers: std::mem::take(response.headers_mut()),
    }
}

/// Copies the header values out of the buffer that they were read into. They would keep its 8 KiB alive for as long as a
/// stream is open.
fn detach(headers: &mut HeaderMap) {
    for value in headers.values_mut() {
        if let Ok(copy) = HeaderValue::from_bytes(value.as_bytes()) {
            *value = copy;
        }
    }
}

/// Decodes a body as the standard `Response.text()` does: as UTF-8, without a byte order mark.
pub fn decoded(body: Vec<u8>) -> String {
    let text =
        String::from_utf8(body).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned());
    match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// The error for data that is larger than `limit` bytes. `option` is the name of the option that sets the limit.
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
