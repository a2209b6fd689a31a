//! As much HTTP as these tests need: one request, one answer, plain sockets.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);

/// An answer with its body as JSON.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

pub fn get(address: &str, path: &str, bearer: &str) -> Answer {
    request(address, "GET", path, bearer, "")
}

pub fn post(address: &str, path: &str, bearer: &str, body: &Value) -> Answer {
    request(address, "POST", path, bearer, &body.to_string())
}

fn request(address: &str, method: &str, path: &str, bearer: &str, body: &str) -> Answer {
    let host = address.strip_prefix("http://").expect("an http address");
    let authorization = if bearer.is_empty() {
        String::new()
    } else {
        format!("Authorization: Bearer {bearer}\r\n")
    };
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{authorization}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).expect("a status line");
    Answer {
        status: status.parse().unwrap(),
        body: serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {text}")),
    }
}
