//! One test in a process of its own, with an environment of its own.

use std::process::Command;

const ARGUMENT: &str = "NOTIFY_TEST_ARGUMENT";

/// What the parent passed, in the child.
pub fn argument() -> Option<String> {
    std::env::var_os(ARGUMENT)?.into_string().ok()
}

/// Runs a test again, where `argument` finds its argument.
pub async fn run(test: &str, argument: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .env(ARGUMENT, argument)
        .envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(said.contains("1 passed"), "{test} did not run: {said}");
}
