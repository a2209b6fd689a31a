//! A server that says what it is told to, one answer a connection.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub struct Stub {
    pub address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    pub fn start(answers: Vec<Vec<u8>>) -> Self {
        Self::serving(answers, false)
    }

    /// One that closes no connection, as if more were to come.
    pub fn waiting(answers: Vec<Vec<u8>>) -> Self {
        Self::serving(answers, true)
    }

    fn serving(answers: Vec<Vec<u8>>, holds: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let line = request(&mut stream);
                kept.lock().unwrap().push(line);
                stream.write_all(&answer).unwrap();
                held.extend(holds.then_some(stream));
            }
            while !held.is_empty() {
                std::thread::park();
            }
        });
        Self { address, seen }
    }

    /// The first line of each request so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// Reads one request with its body; its first line.
fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length: usize = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if bytes.len() >= head.len() + 4 + length {
                return text.lines().next().unwrap().to_owned();
            }
        }
        match stream.read(&mut part).unwrap() {
            0 => return text,
            count => bytes.extend_from_slice(&part[..count]),
        }
    }
}

pub fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 {status} X\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}
