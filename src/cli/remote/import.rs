//! `shirube import`: a preview of what a file changes, and after a yes the same
//! for good.

use std::path::PathBuf;

use clap::Args;
use shirube_client::{Answer, Error, ImportOptions, ImportResult};

use super::confirm::{Confirmation, confirm};
use super::output::{Format, clean, print};
use super::{Connection, Exit, Failure, Outcome, Remote, Which, unreadable};
use crate::cli::tell;

/// Bytes of a file at most, as the server takes them.
const FILE_BYTES_MAX: u64 = 5 * 1024 * 1024;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The Excel or CSV file.
    file: PathBuf,
    #[command(flatten)]
    which: Which,
    /// The month, for sheets that do not say it.
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// The fiscal year, for months such as 4月.
    #[arg(long, value_name = "YYYY")]
    fiscal_year: Option<i32>,
    /// The sheet to read.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// utf-8, cp932, euc-jp or utf-16; found where absent.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// A remark for the history.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Show what would change, and store nothing.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    pub connection: Connection,
}

pub async fn import(remote: &Remote, arguments: &Arguments) -> Outcome {
    let file = read(remote, arguments)?;
    let mut options = arguments.options();
    let preview = remote.client.import(file.clone(), &options).await;
    let preview = match preview {
        Ok(preview) => preview,
        Err(error) => return refused(remote, &error),
    };
    if arguments.dry_run {
        show(remote, &preview)?;
        tell(remote.words(
            "試行です。何も保存していません。",
            "A dry run: nothing was stored.",
        ));
        return Ok(Exit::Done);
    }
    if preview.outcome == "unchanged" {
        show(remote, &preview)?;
        tell(remote.words(
            "変わるものはありません。",
            "Nothing changes: all of it is reported already.",
        ));
        return Ok(Exit::Done);
    }
    if !arguments.yes {
        tell(&clean(&remote.preview(&preview)));
        match confirm(remote.words("取り込みますか？", "Import this?")) {
            Confirmation::Yes => {}
            Confirmation::No => {
                tell(remote.words("取り込みませんでした。", "Nothing was stored."));
                return Ok(Exit::Done);
            }
            Confirmation::Nobody => return unconfirmed(remote, &preview),
        }
    }
    options.dry_run = false;
    let result = remote.client.import(file, &options).await;
    let result = match result {
        Ok(result) => result,
        Err(error) => return refused(remote, &error),
    };
    show(remote, &result)?;
    tell(remote.words("取り込みました。", "Imported."));
    Ok(Exit::Done)
}

fn read(remote: &Remote, arguments: &Arguments) -> Result<Vec<u8>, Failure> {
    let shown = arguments.file.display();
    let failed = |error| unreadable(remote.language, &arguments.file, &error);
    let size = std::fs::metadata(&arguments.file).map_err(failed)?.len();
    if size > FILE_BYTES_MAX {
        let words = remote.words(
            "{file} は {size} バイトあり、上限の {most} バイトを超えています。",
            "{file} has {size} bytes, and {most} are the most.",
        );
        let words = words
            .replace("{file}", &shown.to_string())
            .replace("{size}", &size.to_string())
            .replace("{most}", &FILE_BYTES_MAX.to_string());
        return Err(Failure::new(Exit::Refused, words));
    }
    std::fs::read(&arguments.file).map_err(failed)
}

impl Arguments {
    /// Everything is tried first.
    fn options(&self) -> ImportOptions {
        ImportOptions {
            scorecard: self.which.scorecard.clone(),
            hub: self.which.hub.clone(),
            key: self.which.key.clone(),
            month: self.month.clone(),
            fiscal_year: self.fiscal_year,
            sheet: self.sheet.clone(),
            encoding: self.encoding.clone(),
            note: self.note.clone(),
            dry_run: true,
            idempotency_key: None,
        }
    }
}

fn show(remote: &Remote, result: &Answer<ImportResult>) -> Result<(), Failure> {
    match remote.format {
        Format::Json => print(result.text()),
        Format::Csv => print(&remote.changes_as_csv(&result.cells)?),
        Format::Table => print(&clean(&remote.preview(result))),
    }
}

/// The preview is the result, in the form asked for; as a table it has been
/// told already.
fn unconfirmed(remote: &Remote, preview: &Answer<ImportResult>) -> Outcome {
    if remote.format != Format::Table {
        show(remote, preview)?;
    }
    tell(remote.words(
        "確認できる端末がないため、何も保存していません。保存するには --yes を付けてください。",
        "Nothing was stored, because there is no terminal at which to confirm. Give --yes to store it.",
    ));
    Ok(Exit::Unconfirmed)
}

/// What is wrong with the file is a result, too.
fn refused(remote: &Remote, error: &Error) -> Outcome {
    let failure = remote.failure(error);
    let problem = error.problem().filter(|_| failure.exit == Exit::Refused);
    let Some(problem) = problem.filter(|problem| !problem.issues.is_empty()) else {
        return Err(failure);
    };
    match remote.format {
        Format::Json => print(&problem.text)?,
        Format::Csv => print(&remote.issues_as_csv(&problem.issues)?)?,
        Format::Table => print(&remote.issues(&problem.issues))?,
    }
    let words = remote.words(
        "何も保存していません。表の箇所を直して、もう一度実行してください。",
        "Nothing was stored. Mend what the table shows, and run this again.",
    );
    Err(Failure::new(Exit::Refused, words))
}
