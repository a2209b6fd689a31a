//! `shirube demo`, as built beside these tests, on a data folder of its own.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub struct Demo {
    process: Child,
    folder: TempDir,
    hello: Value,
}

impl Demo {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let binary = binary();
        assert!(
            binary.exists(),
            "build the server first (cargo build): there is no {}",
            binary.display()
        );
        let mut process = Command::new(binary)
            .arg("demo")
            .env_clear()
            .env("SHIRUBE_DATA_DIR", folder.path().join("data"))
            .env("SHIRUBE_LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let hello = serde_json::from_str(&line).unwrap();
        Self {
            process,
            folder,
            hello,
        }
    }

    pub fn address(&self) -> &str {
        self.hello["address"].as_str().unwrap()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn key(&self, role: &str) -> &str {
        let mut sign_ins = self.hello["sign_ins"].as_array().unwrap().iter();
        let found = sign_ins.find(|sign_in| sign_in["role"] == role).unwrap();
        found["api_key"].as_str().unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program of the workspace, in the folder that these tests are built in.
fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.parent().unwrap().parent().unwrap();
    target.join("shirube")
}
