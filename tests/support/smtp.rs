//! A mail server that takes mail, or refuses it at a command of choice.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// How a server encrypts.
#[derive(Clone)]
pub enum Tls {
    None,
    /// By STARTTLS.
    Offered(TlsAcceptor),
    /// From the first byte.
    Wrapped(TlsAcceptor),
}

#[derive(Default)]
struct Seen {
    /// Each with whether it came encrypted.
    commands: Mutex<Vec<(bool, String)>>,
    mails: Mutex<Vec<String>>,
}

pub struct Sink {
    pub port: u16,
    seen: Arc<Seen>,
}

/// A command and the reply to it, instead of a good one; `.` stands for the end of a message,
/// the empty text for the greeting. An empty reply hangs up; `hang` says nothing.
pub type Refusals = &'static [(&'static str, &'static str)];

impl Sink {
    pub async fn start(refusals: Refusals, tls: Tls) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (seen, tls) = (Arc::clone(&shared), tls.clone());
                tokio::spawn(async move {
                    let talk = Talk { refusals, seen };
                    match tls {
                        Tls::None => drop(talk.run(stream, Security::None, true).await),
                        Tls::Wrapped(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                talk.run(stream, Security::Done, true).await;
                            }
                        }
                        Tls::Offered(acceptor) => {
                            let rest = talk.run(stream, Security::Offered, true).await;
                            if let Some(stream) = rest
                                && let Ok(stream) = acceptor.accept(stream).await
                            {
                                talk.run(stream, Security::Done, false).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, seen }
    }

    pub fn mails(&self) -> Vec<String> {
        self.seen.mails.lock().unwrap().clone()
    }

    pub fn commands(&self) -> Vec<(bool, String)> {
        self.seen.commands.lock().unwrap().clone()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Security {
    None,
    Offered,
    Done,
}

struct Talk {
    refusals: Refusals,
    seen: Arc<Seen>,
}

impl Talk {
    /// Talks until the other side leaves; gives the stream back for STARTTLS.
    async fn run<S>(&self, stream: S, security: Security, greets: bool) -> Option<S>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut stream = BufReader::new(stream);
        if greets {
            self.reply(&mut stream, "", "220 sink.test ESMTP").await?;
        }
        loop {
            let line = self.read_line(&mut stream).await?;
            let command = (security == Security::Done, line.clone());
            self.seen.commands.lock().unwrap().push(command);
            let word = line
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase();
            let good = match word.as_str() {
                "EHLO" if security == Security::Offered => {
                    "250-sink.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"
                }
                "EHLO" => "250-sink.test\r\n250 AUTH PLAIN LOGIN",
                "AUTH" => "235 hello",
                "DATA" => "354 go on",
                "STARTTLS" => "220 go on",
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            self.reply(&mut stream, &word, good).await?;
            match word.as_str() {
                "STARTTLS" => return Some(stream.into_inner()),
                "DATA" => self.take_mail(&mut stream).await?,
                "QUIT" => return None,
                _ => {}
            }
        }
    }

    async fn take_mail(
        &self,
        stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>,
    ) -> Option<()> {
        let mut mail = String::new();
        loop {
            let line = self.read_line(stream).await?;
            if line == "." {
                break;
            }
            mail.push_str(line.strip_prefix('.').unwrap_or(&line));
            mail.push_str("\r\n");
        }
        self.seen.mails.lock().unwrap().push(mail);
        self.reply(stream, ".", "250 taken as 1234").await
    }

    /// A line, which ends in CR and LF and has neither before.
    async fn read_line(&self, stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
        let mut line = String::new();
        let count = stream.read_line(&mut line).await.ok()?;
        let line = line.strip_suffix("\r\n").filter(|_| count > 0)?;
        assert!(!line.contains('\r'), "{line:?}");
        Some(line.to_owned())
    }

    async fn reply(
        &self,
        stream: &mut (impl AsyncWrite + Unpin),
        to: &str,
        good: &str,
    ) -> Option<()> {
        let refusal = self.refusals.iter().find(|(word, _)| *word == to);
        let reply = refusal.map_or(good, |(_, reply)| reply);
        match reply {
            "" => return None,
            "hang" => std::future::pending().await,
            _ => {}
        }
        stream
            .write_all(format!("{reply}\r\n").as_bytes())
            .await
            .ok()?;
        stream.flush().await.ok()
    }
}
