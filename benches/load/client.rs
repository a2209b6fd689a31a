//! A keep-alive HTTP/1.1 client, and rounds of requests over some connections.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Outcome;

/// One answer is to arrive within this time.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a body in which an expected text is looked for.
const TEXT_WITHIN: usize = 128;

/// What a request must be answered with, or the round fails.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    pub status: u16,
    /// Text near the beginning of the body.
    pub text: &'static str,
}

pub struct Answer<'a> {
    pub status: u16,
    head: &'a [u8],
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// A header's value; names are compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    pub fn json(&self) -> Outcome<serde_json::Value> {
        Ok(serde_json::from_slice(self.body)?)
    }

    pub fn expect(self, expected: Expected) -> Outcome<Self> {
        let beginning = self.body.get(..TEXT_WITHIN).unwrap_or(self.body);
        let holds_text = expected.text.is_empty() || find(beginning, expected.text).is_some();
        if self.status == expected.status && holds_text {
            return Ok(self);
        }
        let start: String = String::from_utf8_lossy(self.body)
            .chars()
            .take(600)
            .collect();
        let (status, wanted) = (self.status, expected);
        Err(format!("answered {status} instead of {wanted:?}: {start}").into())
    }
}

/// A connection that is used again and again.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        Ok(Self {
            stream,
            buffer: vec![0; 64 * 1_024],
        })
    }

    /// Sends a request and reads its answer to the end.
    pub fn send(&mut self, request: &[u8]) -> Outcome<Answer<'_>> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        let head_end = loop {
            filled += self.read_at(filled)?;
            let received = self.buffer.get(..filled).unwrap_or_default();
            if let Some(position) = find(received, "\r\n\r\n") {
                break position + 4;
            }
        };
        let head = self.buffer.get(..head_end).unwrap_or_default();
        let status = std::str::from_utf8(head.get(9..12).unwrap_or_default())?.parse()?;
        let length = match header(head, "content-length") {
            Some(length) => length.parse()?,
            None if status == 304 || status == 204 => 0,
            None if header(head, "transfer-encoding") == Some("chunked") => {
                return self.streamed(status, head_end, filled);
            }
            None => return Err(format!("{status} without Content-Length").into()),
        };
        let end = head_end + if status == 304 { 0 } else { length };
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        while filled < end {
            filled += self.read_at(filled)?;
        }
        let (head, rest) = self.buffer.split_at(head_end);
        Ok(Answer {
            status,
            head,
            body: rest.get(..end - head_end).unwrap_or_default(),
        })
    }

    /// Reads an answer of unknown length to its last chunk. The body is left in
    /// its chunks: what counts is that all of it has come.
    fn streamed(&mut self, status: u16, head_end: usize, mut filled: usize) -> Outcome<Answer<'_>> {
        while !self
            .buffer
            .get(..filled)
            .unwrap_or_default()
            .ends_with(b"\r\n0\r\n\r\n")
        {
            filled += self.read_at(filled)?;
        }
        let (head, rest) = self.buffer.split_at(head_end);
        Ok(Answer {
            status,
            head,
            body: rest.get(..filled - head_end).unwrap_or_default(),
        })
    }

    fn read_at(&mut self, filled: usize) -> Outcome<usize> {
        if self.buffer.len() == filled {
            self.buffer.resize(filled * 2, 0);
        }
        match self
            .stream
            .read(self.buffer.get_mut(filled..).unwrap_or_default())?
        {
            0 => Err("the server closed the connection".into()),
            count => Ok(count),
        }
    }
}

fn find(bytes: &[u8], text: &str) -> Option<usize> {
    bytes
        .windows(text.len())
        .position(|window| window == text.as_bytes())
}

fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    std::str::from_utf8(head)
        .ok()?
        .split("\r\n")
        .find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
}

/// A request as bytes.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    if !body.is_empty() {
        let length = body.len().to_string();
        text.extend([
            "Content-Type: application/json\r\nContent-Length: ",
            &length,
            "\r\n",
        ]);
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

/// How long a round lasts; what is done before is not counted.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub warm_up: Duration,
    pub measured: Duration,
}

/// What came of a round.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// Of every operation that was counted, sorted.
    latencies: Vec<Duration>,
    elapsed: Duration,
    /// Operations, the warm-up's included.
    all: usize,
}

impl Round {
    pub fn count(&self) -> usize {
        self.latencies.len()
    }

    /// Operations, the warm-up's included.
    pub const fn all(&self) -> usize {
        self.all
    }

    pub fn per_second(&self) -> f64 {
        super::number(self.count()) / self.elapsed.as_secs_f64()
    }

    /// Milliseconds that so many percent of the operations took at most.
    pub fn percentile(&self, percent: usize) -> f64 {
        percentile(&self.latencies, percent)
    }
}

/// Milliseconds that so many percent of these, which are sorted, are at most.
pub fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let count = sorted.len();
    let index = (count * percent).div_ceil(100).clamp(1, count.max(1)) - 1;
    sorted
        .get(index)
        .map_or(f64::NAN, |latency| latency.as_secs_f64() * 1_000.0)
}

/// Runs an operation again and again in some threads, each with a context of
/// its own. The operations of all threads together are numbered from `first`.
pub fn round<C>(
    threads: usize,
    span: Span,
    first: u64,
    context: impl Fn() -> Outcome<C> + Sync,
    operation: impl Fn(&mut C, u64) -> Outcome<()> + Sync,
) -> Outcome<Round> {
    let next = AtomicU64::new(first);
    let begin = Instant::now() + span.warm_up;
    let one = || -> Outcome<Round> {
        let mut context = context()?;
        let mut latencies = Vec::new();
        let mut all = 0;
        loop {
            let before = Instant::now();
            operation(&mut context, next.fetch_add(1, Ordering::Relaxed))?;
            let after = Instant::now();
            all += 1;
            if before >= begin {
                latencies.push(after - before);
            }
            // However slow: at least one is counted.
            if after >= begin + span.measured && !latencies.is_empty() {
                return Ok(Round {
                    latencies,
                    elapsed: after.duration_since(begin),
                    all,
                });
            }
        }
    };
    let outcomes: Vec<Outcome<Round>> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        running
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err("a thread panicked".into()))
            })
            .collect()
    });
    let mut all = Round::default();
    for outcome in outcomes {
        let part = outcome?;
        all.latencies.extend(part.latencies);
        all.all += part.all;
        all.elapsed = all.elapsed.max(part.elapsed);
    }
    all.latencies.sort_unstable();
    Ok(all)
}

/// A round of requests; `write` puts the request of a number into the buffer.
pub fn requests(
    address: SocketAddr,
    connections: usize,
    span: Span,
    first: u64,
    expected: Expected,
    write: impl Fn(u64, &mut Vec<u8>) + Sync,
) -> Outcome<Round> {
    round(
        connections,
        span,
        first,
        || Ok((Connection::open(address)?, Vec::new())),
        |(connection, buffer), number| {
            buffer.clear();
            write(number, buffer);
            connection.send(buffer)?.expect(expected)?;
            Ok(())
        },
    )
}
