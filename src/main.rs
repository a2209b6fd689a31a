//! The binary: logging, then the command line.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    env_logger::Builder::from_env(
        env_logger::Env::default().default_filter_or("warn,shirube=info"),
    )
    .init();
    shirube::cli::run(shirube::cli::Cli::parse())
}
