//! What the scripted server answers to one request, piece by piece, with waits for the test's word in between.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

/// One thing that the server does.
#[derive(Debug)]
pub enum Step {
    /// Writes bytes.
    Send(Bytes),
    /// Waits for the test, or for ever when its end is dropped without a word.
    Wait(oneshot::Receiver<()>),
    /// Writes the bytes again and again, until the client leaves.
    Repeat(Bytes, Duration),
    /// Does nothing until the client leaves.
    Hold,
    /// Ends the connection in good order.
    Close,
    /// Ends it with a reset.
    Reset,
}

/// An answer: its steps. The connection is kept for the next request unless a step ends it.
#[derive(Debug, Default)]
pub struct Reply(pub Vec<Step>);

/// What lets a waiting reply go on.
pub struct Gate(oneshot::Sender<()>);

impl Gate {
    pub fn open(self) {
        self.0.send(()).unwrap();
    }
}

impl Reply {
    /// Bytes as they are.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self::default().send(bytes)
    }

    /// A whole answer with its length.
    pub fn whole(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        Self::raw([head.as_bytes(), body].concat())
    }

    /// A whole JSON answer.
    pub fn json(status: u16, body: impl AsRef<[u8]>) -> Self {
        Self::whole(status, "content-type: application/json\r\n", body)
    }

    /// The head of an answer in chunks.
    pub fn chunked(headers: &str) -> Self {
        Self::raw(format!(
            "HTTP/1.1 200 OK\r\n{headers}transfer-encoding: chunked\r\n\r\n"
        ))
    }

    /// The head of an event stream.
    pub fn stream() -> Self {
        Self::chunked("content-type: text/event-stream\r\nx-generation-id: gen-head\r\n")
    }

    /// A whole event stream of these events and `[DONE]`.
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

    /// One chunk of the transfer coding: the client reads it by itself.
    pub fn chunk(self, bytes: impl AsRef<[u8]>) -> Self {
        self.send(chunk(bytes.as_ref()))
    }

    /// One event by itself.
    pub fn event(self, data: &str) -> Self {
        self.chunk(format!("data: {data}\n\n"))
    }

    /// The last chunk.
    pub fn end(self) -> Self {
        self.send("0\r\n\r\n")
    }

    /// Waits for the gate's opening.
    pub fn wait(mut self) -> (Self, Gate) {
        let (open, opened) = oneshot::channel();
        self.0.push(Step::Wait(opened));
        (self, Gate(open))
    }

    /// Sends a chunk again and again.
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
