//! Destinations of notices, in this process.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::Outcome;

/// The longest that a notice is waited for.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(60);
const READ_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

/// How a receiver treats who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Answers,
    AnswersAfter(Duration),
    NeverAnswers,
}

/// A request as it came in.
pub struct Arrival {
    /// When its first byte was there.
    pub at: Instant,
    /// Length of its body in bytes.
    pub length: usize,
}

/// An HTTP receiver, running until it is dropped.
pub struct Receiver {
    address: SocketAddr,
    arrivals: mpsc::Receiver<Arrival>,
    stopped: Arc<AtomicBool>,
}

impl Receiver {
    pub fn start(manner: Manner) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (sender, arrivals) = mpsc::channel();
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        thread::spawn(move || {
            // Who never answers closes nothing either.
            let mut held = Vec::new();
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                match manner {
                    // A caller that breaks off shows in the figures.
                    Manner::Answers => drop(serve(stream, &sender, Duration::ZERO)),
                    Manner::AnswersAfter(wait) => {
                        let sender = sender.clone();
                        thread::spawn(move || drop(serve(stream, &sender, wait)));
                    }
                    Manner::NeverAnswers => held.push(stream),
                }
            }
        });
        Ok(Self {
            address,
            arrivals,
            stopped,
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The next request; waits for it.
    pub fn next(&self) -> Outcome<Arrival> {
        Ok(self
            .arrivals
            .recv_timeout(ARRIVAL_TIMEOUT)
            .map_err(|error| format!("no notice arrived: {error}"))?)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the thread, if it is still there.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: TcpStream, arrivals: &Sender<Arrival>, wait: Duration) -> Outcome<()> {
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let mut buffer = vec![0; 64 * 1_024];
    let mut filled = stream.read(&mut buffer)?;
    let at = Instant::now();
    loop {
        let received = String::from_utf8_lossy(buffer.get(..filled).unwrap_or_default());
        if let Some((head, _)) = received.split_once("\r\n\r\n") {
            let length: usize = head
                .to_ascii_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or_default();
            if filled >= head.len() + 4 + length {
                // Nobody listens any more at the end of a run.
                let _ = arrivals.send(Arrival { at, length });
                break;
            }
        }
        if filled == buffer.len() {
            buffer.resize(filled * 2, 0);
        }
        match stream.read(buffer.get_mut(filled..).unwrap_or_default())? {
            0 => return Err("the caller broke off".into()),
            count => filled += count,
        }
    }
    thread::sleep(wait);
    stream.write_all(ANSWER)?;
    Ok(())
}
