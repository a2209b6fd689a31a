//! The binary, started with nothing in its environment but what a test says.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Unoptimised and beside other tests, a start takes its time.
const PATIENCE: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_millis(20);

/// A data folder that does not exist yet, in a place of its own.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> std::path::PathBuf {
        self.0.path().join("data")
    }
}

fn command(arguments: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shirube"));
    command
        .args(arguments)
        .env_clear()
        .env("SHIRUBE_DATA_DIR", data)
        .env("SHIRUBE_LISTEN", "127.0.0.1:0");
    command
}

/// Runs a command to its end.
pub fn run(arguments: &[&str], data: &Path, variables: &[(&str, &str)], input: &str) -> Output {
    let mut child = command(arguments, data)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that fails early does not read its input.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// A running server; killed at the latest when it is dropped.
pub struct Server {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl Server {
    pub fn start(arguments: &[&str], data: &Path, variables: &[(&str, &str)]) -> Self {
        let mut child = command(arguments, data)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            stdout: Stream::of(child.stdout.take().unwrap()),
            stderr: Stream::of(child.stderr.take().unwrap()),
            child,
        }
    }

    /// The first line of standard output that comes.
    pub fn answer(&self) -> String {
        self.wait_for(|| self.stdout.lines().first().cloned())
    }

    /// The rest of the first line on standard error that begins so.
    pub fn told(&self, beginning: &str) -> String {
        self.wait_for(|| {
            let lines = self.stderr.lines();
            lines
                .iter()
                .find_map(|line| line.strip_prefix(beginning).map(str::to_owned))
        })
    }

    pub fn stderr(&self) -> Vec<String> {
        self.stderr.lines()
    }

    fn wait_for<T>(&self, wanted: impl Fn() -> Option<T>) -> T {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(found) = wanted() {
                return found;
            }
            std::thread::sleep(PAUSE);
        }
        panic!("nothing came; standard error: {:#?}", self.stderr.lines());
    }

    /// Ends the process as a power cut would (SIGKILL).
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to stop (SIGTERM); returns its exit code and all of
    /// its standard output.
    pub fn stop(mut self) -> (Option<i32>, Vec<String>) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let status = self.child.wait().unwrap();
        self.stdout.end();
        (status.code(), self.stdout.lines())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Where it has stopped already, there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a pipe, read as they come.
struct Stream {
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let read = Arc::clone(&lines);
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines() {
                read.lock().unwrap().push(line.unwrap());
            }
        });
        Self {
            lines,
            reader: Some(reader),
        }
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits until the pipe is closed.
    fn end(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }
}
