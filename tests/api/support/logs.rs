//! What the service writes to its log, kept for tests that look for what must
//! not be there.

use std::sync::{Mutex, Once};

use log::{Level, LevelFilter, Log, Metadata, Record};

struct Memory(Mutex<Vec<String>>);

static MEMORY: Memory = Memory(Mutex::new(Vec::new()));

impl Log for Memory {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Whatever the framework says below `debug` is of no operator's log.
        metadata.level() <= Level::Debug
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {}", record.target(), record.args());
            self.0.lock().unwrap().push(line);
        }
    }

    fn flush(&self) {}
}

/// Keeps what is logged from now on, by all tests of this process.
pub fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&MEMORY).unwrap();
        log::set_max_level(LevelFilter::Debug);
    });
}

/// The lines that hold a text.
pub fn lines_with(text: &str) -> Vec<String> {
    let lines = MEMORY.0.lock().unwrap();
    lines
        .iter()
        .filter(|line| line.contains(text))
        .cloned()
        .collect()
}

/// The last lines that the service itself has written.
pub fn last_lines() -> Vec<String> {
    const COUNT: usize = 5;
    let lines = MEMORY.0.lock().unwrap();
    let own = lines.iter().filter(|line| line.starts_with("shirube"));
    let mut last: Vec<String> = own.rev().take(COUNT).cloned().collect();
    last.reverse();
    last
}
