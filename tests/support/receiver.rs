//! An HTTP server that does what its script says, and remembers what it was sent.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What happens to a request.
#[derive(Clone)]
pub enum Script {
    /// These bytes, and the end.
    Answer(String),
    /// These bytes, and again to each request that follows.
    KeepAlive(&'static str),
    /// No word, and no end.
    Hang,
    /// These bytes, and then no end.
    Stall(String),
    /// These bytes and the end, whatever the request is.
    Blurt(&'static str),
    /// The connection breaks with a reset.
    Reset,
    /// An answer of a gigabyte.
    Gigabyte,
    /// An answer of one byte after the other.
    Drip,
    /// An answer that takes its time.
    Late(Duration, String),
    /// One script after the other, a request each; the last one stays.
    Turns(Arc<Mutex<VecDeque<Script>>>),
}

/// An answer with a status, headers and a body.
pub fn answer(status: &str, headers: &str, body: &str) -> Script {
    let length = body.len();
    Script::Answer(format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    ))
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    sent: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

pub struct Receiver {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

impl Receiver {
    pub async fn start(script: Script) -> Self {
        Self::at("127.0.0.1:0", script, None).await
    }

    pub async fn at(address: &str, script: Script, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (seen, script, tls) = (Arc::clone(&shared), script.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None if matches!(script, Script::Reset) => reset(stream).await,
                        None => serve(stream, &script, &seen).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &script, &seen).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, seen }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The requests so far, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Bytes that it could send before the other side gave up.
    pub fn sent(&self) -> usize {
        self.seen.sent.load(Ordering::SeqCst)
    }
}

/// These scripts in turn.
pub fn turns(scripts: impl IntoIterator<Item = Script>) -> Script {
    Script::Turns(Arc::new(Mutex::new(scripts.into_iter().collect())))
}

fn turn(script: &Script) -> Script {
    let Script::Turns(turns) = script else {
        return script.clone();
    };
    let mut turns = turns.lock().unwrap();
    if turns.len() > 1 {
        turns.pop_front().unwrap()
    } else {
        turns.front().unwrap().clone()
    }
}

/// A socket closed over unread bytes resets its connection.
async fn reset(stream: TcpStream) {
    stream.readable().await.unwrap();
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, script: &Script, seen: &Seen) {
    if let Script::Blurt(bytes) = script {
        let _read = stream.read(&mut [0; 4096]).await;
        let _sent = stream.write_all(bytes.as_bytes()).await;
        return;
    }
    let Some(request) = read_request(&mut stream).await else {
        return;
    };
    seen.requests.lock().unwrap().push(request);
    match &turn(script) {
        Script::Late(wait, bytes) => {
            tokio::time::sleep(*wait).await;
            let _sent = stream.write_all(bytes.as_bytes()).await;
            let _closed = stream.shutdown().await;
        }
        Script::Answer(bytes) => {
            let _sent = stream.write_all(bytes.as_bytes()).await;
            let _closed = stream.shutdown().await;
        }
        Script::KeepAlive(bytes) => {
            let _sent = stream.write_all(bytes.as_bytes()).await;
            while let Some(request) = read_request(&mut stream).await {
                seen.requests.lock().unwrap().push(request);
                let _sent = stream.write_all(bytes.as_bytes()).await;
            }
        }
        Script::Hang => std::future::pending().await,
        Script::Stall(bytes) => {
            let _sent = stream.write_all(bytes.as_bytes()).await;
            std::future::pending::<()>().await;
        }
        Script::Reset | Script::Blurt(_) | Script::Turns(_) => {}
        Script::Gigabyte => {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
            let _sent = stream.write_all(head.as_bytes()).await;
            let block = vec![b'x'; 64 * 1024];
            while stream.write_all(&block).await.is_ok() {
                let sent = seen.sent.fetch_add(block.len(), Ordering::SeqCst);
                assert!(sent < 1 << 30, "somebody read it all");
            }
        }
        Script::Drip => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let _sent = stream.write_all(head.as_bytes()).await;
            while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// Head and body of a request with a length.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_ascii_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        let mut block = [0; 4096];
        match stream.read(&mut block).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&block[..count]),
            _ => return None,
        }
    }
}
