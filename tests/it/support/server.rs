//! A scripted HTTP server on a real socket, which records what it receives. It has a thread of its own, so that a test may
//! pause the clock of the test's runtime.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::reply::{Reply, Step};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
});

/// How long a test waits for an event before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A request as the server received it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The number of its connection, counted from 0.
    pub connection: usize,
    /// The request line and the headers, without the empty line.
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    /// The request line, such as `POST /path HTTP/1.1`.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// What the server has counted so far.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub connections: usize,
    /// Received requests, also those that the script has no reply for.
    pub requests: usize,
    /// Connections that the client has closed.
    pub left: usize,
    /// Completed steps of replies.
    pub steps: usize,
}

/// An address at which every connection is refused, and the socket that keeps the port reserved while it lives.
pub fn refusing() -> (TcpSocket, std::net::SocketAddr) {
    let unused = TcpSocket::new_v4().unwrap();
    unused.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = unused.local_addr().unwrap();
    (unused, address)
}

type Reads = mpsc::UnboundedReceiver<Bytes>;
type Script = Box<dyn FnMut(&Request) -> Reply + Send>;

/// What happens to the connection after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Next,
    Over,
    Reset,
}

pub struct Server {
    pub port: u16,
    state: Arc<State>,
}

struct State {
    counts: watch::Sender<Counts>,
    requests: Mutex<Vec<Request>>,
    script: Mutex<Script>,
}

impl Server {
    /// A server that answers each request with the reply that `script` returns.
    pub fn new(script: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            counts: watch::Sender::new(Counts::default()),
            requests: Mutex::default(),
            script: Mutex::new(Box::new(script)),
        });
        let shared = state.clone();
        RUNTIME.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let mut connection = 0;
                shared.counts.send_modify(|counts| {
                    connection = counts.connections;
                    counts.connections += 1;
                });
                tokio::spawn(shared.clone().serve(socket, connection));
            }
        });
        Self { port, state }
    }

    /// A server that answers the requests with `replies`, in order. A further request is counted, and its connection closes
    /// without a reply.
    pub fn replying(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: VecDeque<Reply> = replies.into_iter().collect();
        Self::new(move |request| {
            replies
                .pop_front()
                .unwrap_or_else(|| panic!("one request too many: {}", request.line()))
        })
    }

    /// The base URL of the API on this server.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/api/v1", self.port)
    }

    pub fn counts(&self) -> Counts {
        *self.state.counts.borrow()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Waits until `seen` accepts the counts. The time limit is in real time, even while the test's clock is paused.
    pub fn until(&self, seen: impl Fn(&Counts) -> bool + Send + 'static) -> impl Future<Output = Counts> {
        let mut counts = self.state.counts.subscribe();
        let wait = RUNTIME.spawn(async move {
            let found = tokio::time::timeout(PATIENCE, counts.wait_for(seen)).await;
            *found
                .expect("the server did not see the expected event in time")
                .unwrap()
        });
        async move { wait.await.unwrap() }
    }

    /// The request with this number, counted from 1, once the server has received it.
    pub async fn request(&self, number: usize) -> Request {
        self.until(move |counts| counts.requests >= number).await;
        self.requests()[number - 1].clone()
    }
}

impl State {
    async fn serve(self: Arc<Self>, socket: TcpStream, connection: usize) {
        socket.set_nodelay(true).unwrap();
        let (reader, mut writer) = socket.into_split();
        let (mut reads, left, reading) = self.read(reader);
        let mut pending = Vec::new();
        let mut after = After::Next;
        while after == After::Next
            && let Some(request) = next_request(&mut reads, &mut pending, connection).await
        {
            after = self.answer(request, &mut writer, &left).await;
        }
        reading.abort();
        let _ = reading.await;
        if after == After::Reset {
            // A normal drop of the writer would shut the connection down in order, before the reset.
            writer.forget();
        }
    }

    /// Performs the steps of the reply to a request. Says what the last of them leaves to do with the connection.
    async fn answer(
        &self,
        request: Request,
        writer: &mut OwnedWriteHalf,
        left: &watch::Receiver<bool>,
    ) -> After {
        self.requests.lock().unwrap().push(request.clone());
        // Counted before the script runs, so that a request for which the script has no reply is counted too.
        self.counts.send_modify(|counts| counts.requests += 1);
        let reply = (self.script.lock().unwrap())(&request);
        for step in reply.0 {
            let after = self.act(step, writer, left.clone()).await;
            if after != After::Next {
                return after;
            }
            self.counts.send_modify(|counts| counts.steps += 1);
        }
        After::Next
    }

    /// Reads in a task of its own, so that the server notices at once when the client closes the connection.
    fn read(self: &Arc<Self>, mut reader: OwnedReadHalf) -> (Reads, watch::Receiver<bool>, JoinHandle<()>) {
        let (reads, out) = mpsc::unbounded_channel();
        let (gone, left) = watch::channel(false);
        let state = self.clone();
        let reading = tokio::spawn(async move {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(size @ 1..) = reader.read(&mut buffer).await {
                let _ = reads.send(Bytes::copy_from_slice(&buffer[..size]));
            }
            gone.send_replace(true);
            state.counts.send_modify(|counts| counts.left += 1);
        });
        (out, left, reading)
    }

    /// Performs one step of a reply.
    async fn act(&self, step: Step, writer: &mut OwnedWriteHalf, mut left: watch::Receiver<bool>) -> After {
        let client_left = async move { left.wait_for(|gone| *gone).await.map(drop).unwrap_or_default() };
        let work = async {
            match step {
                Step::Send(bytes) => match writer.write_all(&bytes).await {
                    Ok(()) => After::Next,
                    // The client has closed the connection; the reading task reports that.
                    Err(_) => std::future::pending().await,
                },
                Step::Wait(opened) => match opened.await {
                    Ok(()) => After::Next,
                    Err(_) => std::future::pending().await,
                },
                Step::Repeat(bytes, pause) => loop {
                    if writer.write_all(&bytes).await.is_err() {
                        std::future::pending::<()>().await;
                    }
                    tokio::time::sleep(pause).await;
                },
                Step::Hold => std::future::pending().await,
                Step::Close => After::Over,
                Step::Reset => {
                    (*writer).as_ref().set_zero_linger().unwrap();
                    After::Reset
                }
            }
        };
        tokio::select! {
            biased;
            after = work => after,
            () = client_left => After::Over,
        }
    }
}

async fn next_request(reads: &mut Reads, pending: &mut Vec<u8>, connection: usize) -> Option<Request> {
    loop {
        if let Some(end) = pending.windows(4).position(|four| four == b"\r\n\r\n") {
            let mut request = Request {
                connection,
                head: String::from_utf8_lossy(&pending[..end]).into_owned(),
                body: Vec::new(),
            };
            let length = request
                .header("content-length")
                .map_or(0, |length| length.parse::<usize>().unwrap());
            if pending.len() >= end + 4 + length {
                request.body = pending[end + 4..end + 4 + length].to_vec();
                pending.drain(..end + 4 + length);
                return Some(request);
            }
        }
        pending.extend_from_slice(&reads.recv().await?);
    }
}
