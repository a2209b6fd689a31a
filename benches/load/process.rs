//! Programs that are started, watched and stopped: the service and the floor.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Outcome;
use super::client::{Connection, request};

const START_TIMEOUT: Duration = Duration::from_secs(20);
/// The kernel counts processor time in hundredths of a second.
const TICKS_PER_SECOND: u64 = 100;

/// A server, running until it is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process to its first answer.
    pub started_within: Duration,
}

impl Server {
    /// Starts a server that listens on `{address}` in its arguments and
    /// variables, and waits until `path` is answered with 200.
    pub fn start(
        program: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
        log: &Path,
        path: &str,
    ) -> Outcome<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let text = address.to_string();
        let filled = |part: &&str| part.replace("{address}", &text);
        let began = Instant::now();
        let child = Command::new(program)
            .args(arguments.iter().map(filled))
            .envs(variables.iter().map(|(name, value)| (*name, filled(value))))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(log)?)
            .spawn()?;
        let mut server = Self {
            child,
            address,
            started_within: Duration::ZERO,
        };
        let ask = request("GET", path, &[], "");
        loop {
            let status = Connection::open(address)
                .and_then(|mut connection| Ok(connection.send(&ask)?.status));
            if status.is_ok_and(|status| status == 200) {
                server.started_within = began.elapsed();
                return Ok(server);
            }
            if began.elapsed() > START_TIMEOUT || server.child.try_wait()?.is_some() {
                return Err(
                    format!("the server does not answer: {}", fs::read_to_string(log)?).into(),
                );
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn usage(&self) -> Usage {
        Usage(self.child.id().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process uses, as far as the system says so (Linux).
pub struct Usage(String);

impl Usage {
    pub fn own() -> Self {
        Self("self".to_owned())
    }

    /// Processor time so far.
    pub fn processor(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?;
        // The name before the parenthesis may hold spaces.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let user: u64 = fields.next()?.parse().ok()?;
        let system: u64 = fields.next()?.parse().ok()?;
        Some(Duration::from_millis(
            (user + system) * 1_000 / TICKS_PER_SECOND,
        ))
    }

    /// Memory in MiB: the share of this process, and the most it ever had.
    pub fn memory(&self) -> Option<(f64, f64)> {
        let now = self.kibibytes("smaps_rollup", "Pss:")?;
        let peak = self.kibibytes("status", "VmHWM:")?;
        Some((now / 1_024.0, peak / 1_024.0))
    }

    fn kibibytes(&self, file: &str, name: &str) -> Option<f64> {
        let text = fs::read_to_string(format!("/proc/{}/{file}", self.0)).ok()?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}
