//! `shirube outbox`: whether notices are sent, and stopping or resuming it from
//! the machine itself.

use super::admin::machine;
use super::{CommandResult, OutboxCommand, answer, open_database, serve};
use crate::app::deliveries::{self, OutboxReport};
use crate::app::{AppError, Session};
use crate::clock::Clock;
use crate::config::Config;

pub(super) fn outbox(config: &Config, command: &OutboxCommand) -> CommandResult {
    let db = open_database(config)?;
    let report = match command {
        OutboxCommand::Status => db.read(deliveries::outbox_report),
        OutboxCommand::Pause { reason } => switch(config, true, Some(reason))?,
        OutboxCommand::Resume => switch(config, false, None)?,
    };
    let report = report.map_err(|error| format!("the outbox: {error}"))?;
    answer(&shown(&report))
}

fn switch(
    config: &Config,
    paused: bool,
    reason: Option<&str>,
) -> Result<Result<OutboxReport, AppError>, String> {
    let db = open_database(config)?;
    let office = serve::office(config)?;
    let now = Clock::system().now();
    Ok(db.write(|conn| {
        let mut session = Session {
            conn,
            caller: machine(),
            office: &office,
            now,
            clock: None,
            known_at: None,
        };
        deliveries::switch_outbox(&mut session, paused, reason.map(str::to_owned))
    }))
}

/// One line, for people and programs.
fn shown(report: &OutboxReport) -> String {
    let state = match (&report.outbox.paused, &report.outbox.reason) {
        (false, _) => "sending".to_owned(),
        (true, None) => "paused".to_owned(),
        (true, Some(reason)) => format!("paused ({reason})"),
    };
    let depth: Vec<String> = report
        .depth
        .iter()
        .map(|(state, count)| format!("{state} {count}"))
        .collect();
    if depth.is_empty() {
        format!("{state}; empty")
    } else {
        format!("{state}; {}", depth.join(", "))
    }
}
