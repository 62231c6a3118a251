//! The scripted reply to one request: a sequence of steps, in which the server may wait for the test.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

/// One step of a reply.
#[derive(Debug)]
pub enum Step {
    /// Writes bytes.
    Send(Bytes),
    /// Waits until the test opens the gate; for ever if the test drops it unopened.
    Wait(oneshot::Receiver<()>),
    /// Writes the bytes again and again, with a pause in between, until the client closes the connection.
    Repeat(Bytes, Duration),
    /// Does nothing until the client closes the connection.
    Hold,
    /// Closes the connection normally.
    Close,
    /// Resets the connection.
    Reset,
}

/// A reply as its steps. The connection stays open for the next request unless a step closes it.
#[derive(Debug, Default)]
pub struct Reply(pub Vec<Step>);

/// Lets a waiting reply continue.
pub struct Gate(oneshot::Sender<()>);

impl Gate {
    pub fn open(self) {
        self.0.send(()).unwrap();
    }
}

impl Reply {
    /// A reply of exactly these bytes.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self::default().send(bytes)
    }

    /// A complete response with a `content-length`.
    pub fn whole(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        Self::raw([head.as_bytes(), body].concat())
    }

    /// A complete JSON response.
    pub fn json(status: u16, body: impl AsRef<[u8]>) -> Self {
        Self::whole(status, "content-type: application/json\r\n", body)
    }

    /// The head of a response in chunked transfer coding.
    pub fn chunked(headers: &str) -> Self {
        Self::raw(format!(
            "HTTP/1.1 200 OK\r\n{headers}transfer-encoding: chunked\r\n\r\n"
        ))
    }

    /// The head of an event stream in chunked transfer coding.
    pub fn stream() -> Self {
        Self::chunked("content-type: text/event-stream\r\nx-generation-id: gen-head\r\n")
    }

    /// A complete event stream: these events and `[DONE]`.
    pub fn events<S: AsRef<str>>(events: &[S]) -> Self {
        events
            .iter()
            .fold(Self::stream(), |reply, event| reply.event(event.as_ref()))
            .event("[DONE]")
            .end()
    }

    pub fn send(mut self, bytes: impl Into<Bytes>) -> Self {
        self.0.push(Step::Send(bytes.into()));
        self
    }

    /// Sends one chunk of the transfer coding, which the client reads separately from the next one.
    pub fn chunk(self, bytes: impl AsRef<[u8]>) -> Self {
        self.send(chunk(bytes.as_ref()))
    }

    /// Sends one event in a chunk of its own.
    pub fn event(self, data: &str) -> Self {
        self.chunk(format!("data: {data}\n\n"))
    }

    /// Sends the last chunk of the transfer coding.
    pub fn end(self) -> Self {
        self.send("0\r\n\r\n")
    }

    /// Waits until the test opens the returned gate.
    pub fn wait(mut self) -> (Self, Gate) {
        let (open, opened) = oneshot::channel();
        self.0.push(Step::Wait(opened));
        (self, Gate(open))
    }

    /// Sends a chunk again and again, with a pause in between.
    pub fn repeat(self, bytes: &str, pause: Duration) -> Self {
        self.step(Step::Repeat(chunk(bytes.as_bytes()).into(), pause))
    }

    pub fn hold(self) -> Self {
        self.step(Step::Hold)
    }

    pub fn close(self) -> Self {
        self.step(Step::Close)
    }

    pub fn reset(self) -> Self {
        self.step(Step::Reset)
    }

    fn step(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}
