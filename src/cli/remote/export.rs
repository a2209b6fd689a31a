//! `shirube export`: workbooks, monthly reports, cells and facts as files.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use shirube_client::{
    ActualsQuery, Download, Encoding, FactsQuery, Layout, ScorecardSummary, ScorecardsQuery,
};

use super::output::{Field, Format, as_csv, clean, print, print_bytes, progress};
use super::place::{Partial, Place, is_stream};
use super::{Connection, Exit, Failure, Outcome, Remote, Which};
use crate::cli::stop_signal::StopSignal;
use crate::cli::tell;

/// Where files go where nothing is said: the folder one is in.
const HERE: &str = ".";
/// In place of a file: standard output.
const STANDARD_OUTPUT: &str = "-";

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Every scorecard that may be seen; with --hub, of this hub.
    #[arg(long, conflicts_with_all = ["scorecard", "key"])]
    all: bool,
    /// What is saved.
    #[arg(long, value_enum, default_value_t = Form::Entry)]
    form: Form,
    /// The month of an entry workbook or a report.
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// The first month of cells or facts.
    #[arg(long, value_name = "YYYY-MM")]
    from: Option<String>,
    /// The last month of cells or facts.
    #[arg(long, value_name = "YYYY-MM")]
    to: Option<String>,
    /// How the characters of a CSV are written.
    #[arg(long, value_enum)]
    encoding: Option<EncodingCode>,
    /// How cells lie in a CSV.
    #[arg(long, value_enum)]
    layout: Option<LayoutCode>,
    /// The file, or the folder where there are several; - is standard output.
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    /// Replace files that exist.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The workbook into which a month is entered.
    Entry,
    /// A month's report as a workbook with charts.
    Report,
    /// The reported cells, importable as they are.
    Csv,
    /// Every item and month as a flat row, in one file.
    Facts,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum EncodingCode {
    /// UTF-8 that Excel recognises.
    #[value(name = "utf-8-bom")]
    Utf8Bom,
    #[value(name = "utf-8")]
    Utf8,
    /// For programs that know nothing else.
    #[value(name = "cp932")]
    Cp932,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LayoutCode {
    /// A row for each item and month.
    Long,
    /// A row for each item, a column for each month.
    Wide,
}

/// A file that was saved.
struct Saved {
    path: PathBuf,
    bytes: u64,
}

pub async fn export(remote: &Remote, arguments: &Arguments) -> Outcome {
    arguments.check(remote)?;
    let mut saved = Vec::new();
    let done = if arguments.writes_to_stream() {
        save_all(remote, arguments, &mut saved).await
    } else {
        let stop = StopSignal::listen()
            .map_err(|error| Failure::new(Exit::Failed, format!("signals: {error}")))?;
        // Stopped in the middle, it takes back the file that is not complete.
        tokio::select! {
            done = save_all(remote, arguments, &mut saved) => done,
            _ = stop.heard() => Err(interrupted(remote)),
        }
    };
    // Files that are there are named, also where more were wanted.
    tell_of(remote, &saved)?;
    done.map(|()| Exit::Done)
}

fn interrupted(remote: &Remote) -> Failure {
    let words = remote.words("中断しました。", "Interrupted.");
    Failure::new(Exit::Interrupted, words)
}

async fn save_all(
    remote: &Remote,
    arguments: &Arguments,
    saved: &mut Vec<Saved>,
) -> Result<(), Failure> {
    if arguments.form == Form::Facts {
        let download = facts(remote, arguments).await?;
        return save(remote, arguments, download, "facts", saved).await;
    }
    let ids = ids(remote, arguments).await?;
    let bar = progress(u64::try_from(ids.len()).unwrap_or(0));
    for id in &ids {
        let download = arguments.download(remote, id).await?;
        if let Some(name) = download.file_name() {
            bar.set_message(clean(name));
        }
        save(remote, arguments, download, id, saved).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

/// The scorecards that are meant.
async fn ids(remote: &Remote, arguments: &Arguments) -> Result<Vec<String>, Failure> {
    if !arguments.all {
        return Ok(vec![remote.scorecard(&arguments.which).await?]);
    }
    let query = ScorecardsQuery {
        hub: arguments.which.hub.clone(),
        limit: Some(200),
        ..ScorecardsQuery::default()
    };
    let all = remote.client.all_scorecards(&query).await;
    let all = all.map_err(|error| remote.failure_of_read(&error))?;
    if all.is_empty() {
        return Err(remote.no_scorecard(&query));
    }
    Ok(all
        .into_iter()
        .map(|card: ScorecardSummary| card.id)
        .collect())
}

impl Arguments {
    /// Options that this form does not have are a mistake, not decoration.
    fn check(&self, remote: &Remote) -> Result<(), Failure> {
        let is_csv = matches!(self.form, Form::Csv | Form::Facts);
        let strangers = [
            ("--month", self.month.is_some() && is_csv),
            ("--from", self.from.is_some() && !is_csv),
            ("--to", self.to.is_some() && !is_csv),
            ("--encoding", self.encoding.is_some() && !is_csv),
            ("--layout", self.layout.is_some() && self.form != Form::Csv),
            (
                "--output -",
                self.all && self.form != Form::Facts && self.writes_to_standard_output(),
            ),
        ];
        match strangers.iter().find(|(_, is_there)| *is_there) {
            None => Ok(()),
            Some((option, _)) => Err(Failure::new(
                Exit::Usage,
                remote
                    .words(
                        "{option} はこの形式（--form）では使えません。",
                        "{option} does not go with this --form.",
                    )
                    .replace("{option}", option),
            )),
        }
    }

    fn writes_to_standard_output(&self) -> bool {
        self.output.as_deref() == Some(Path::new(STANDARD_OUTPUT))
    }

    /// Whether there is no file to be completed or taken back.
    fn writes_to_stream(&self) -> bool {
        let found = self.output.as_deref().map(Path::metadata);
        self.writes_to_standard_output() || matches!(found, Some(Ok(found)) if is_stream(&found))
    }

    async fn download(&self, remote: &Remote, id: &str) -> Result<Download, Failure> {
        let month = self.month.as_deref();
        let download = match self.form {
            Form::Entry | Form::Facts => remote.client.workbook(id, month).await,
            Form::Report => remote.client.monthly_report(id, month).await,
            Form::Csv => {
                let query = ActualsQuery {
                    from: self.from.clone(),
                    to: self.to.clone(),
                    layout: self.layout.map(LayoutCode::layout),
                    encoding: self.encoding.map(EncodingCode::encoding),
                };
                remote.client.actuals_csv(id, &query).await
            }
        };
        download.map_err(|error| remote.failure_of_read(&error))
    }
}

impl LayoutCode {
    const fn layout(self) -> Layout {
        match self {
            Self::Long => Layout::Long,
            Self::Wide => Layout::Wide,
        }
    }
}

impl EncodingCode {
    const fn encoding(self) -> Encoding {
        match self {
            Self::Utf8Bom => Encoding::Utf8Bom,
            Self::Utf8 => Encoding::Utf8,
            Self::Cp932 => Encoding::Cp932,
        }
    }
}

/// One file for all scorecards that are meant.
async fn facts(remote: &Remote, arguments: &Arguments) -> Result<Download, Failure> {
    let which = &arguments.which;
    let scorecard = match (&which.scorecard, &which.key) {
        (Some(id), _) => Some(id.clone()),
        (None, Some(_)) => Some(remote.scorecard(which).await?),
        (None, None) => None,
    };
    let query = FactsQuery {
        hub: which.hub.clone().filter(|_| scorecard.is_none()),
        scorecard,
        from: arguments.from.clone(),
        to: arguments.to.clone(),
        ..FactsQuery::default()
    };
    if !remote.has_facts(&query).await? {
        let words = remote.words("書き出す行がありません。", "There is no row to export.");
        return Err(Failure::new(Exit::Failed, words));
    }
    let encoding = arguments.encoding.map(EncodingCode::encoding);
    let download = remote.client.facts_csv(&query, encoding).await;
    download.map_err(|error| remote.failure_of_read(&error))
}

/// Writes a download where it goes, part by part; a file appears when it is
/// complete.
async fn save(
    remote: &Remote,
    arguments: &Arguments,
    mut download: Download,
    id: &str,
    saved: &mut Vec<Saved>,
) -> Result<(), Failure> {
    if arguments.writes_to_standard_output() {
        while let Some(part) = part(remote, &mut download).await? {
            print_bytes(&part)?;
        }
        return Ok(());
    }
    let path = path(arguments, &download, id, saved);
    let unwritten = |error| remote.unwritten(&path, &error);
    let bytes = match remote.place(&path, arguments.force)? {
        Place::Stream(stream) => {
            let stream = OpenOptions::new().write(true).open(stream);
            write(remote, &mut download, &stream.map_err(unwritten)?, &path).await?
        }
        Place::File(real, permissions) => {
            let (partial, file) = Partial::create(&real, permissions).map_err(unwritten)?;
            let bytes = write(remote, &mut download, &file, &path).await?;
            file.sync_all().map_err(unwritten)?;
            partial.put(&real).map_err(unwritten)?;
            bytes
        }
    };
    saved.push(Saved { path, bytes });
    Ok(())
}

async fn write(
    remote: &Remote,
    download: &mut Download,
    mut file: &File,
    path: &Path,
) -> Result<u64, Failure> {
    let mut bytes = 0;
    while let Some(part) = part(remote, download).await? {
        file.write_all(&part)
            .map_err(|error| remote.unwritten(path, &error))?;
        bytes += u64::try_from(part.len()).unwrap_or(0);
    }
    Ok(bytes)
}

async fn part(remote: &Remote, download: &mut Download) -> Result<Option<Vec<u8>>, Failure> {
    let part = download.chunk().await;
    part.map_err(|error| remote.failure_of_read(&error))
}

/// Where a download goes: the file named, or in the folder named a file as the
/// server calls it. No two of one run go to one file.
fn path(arguments: &Arguments, download: &Download, id: &str, saved: &[Saved]) -> PathBuf {
    let output = arguments.output.as_deref().unwrap_or(Path::new(HERE));
    let is_folder = arguments.all && arguments.form != Form::Facts || output.is_dir();
    if !is_folder {
        return output.to_owned();
    }
    let extension = match arguments.form {
        Form::Entry | Form::Report => "xlsx",
        Form::Csv | Form::Facts => "csv",
    };
    let own = || format!("{id}.{extension}");
    let path = output.join(download.file_name().map_or_else(own, str::to_owned));
    // Some file systems take no notice of capitals.
    let folded = |path: &Path| path.to_string_lossy().to_lowercase();
    let is_taken = |saved: &Saved| folded(&saved.path) == folded(&path);
    if saved.iter().any(is_taken) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        return path.with_file_name(format!("{stem}_{}", own()));
    }
    path
}

/// The files, in the form asked for.
fn tell_of(remote: &Remote, saved: &[Saved]) -> Result<(), Failure> {
    let shown = |saved: &Saved| saved.path.display().to_string();
    match remote.format {
        _ if saved.is_empty() => {}
        Format::Table => print(&saved.iter().map(shown).collect::<Vec<_>>().join("\n"))?,
        Format::Json => {
            let files = saved
                .iter()
                .map(|saved| json!({ "file": shown(saved), "bytes": saved.bytes }));
            print(&json!({ "files": files.collect::<Vec<_>>() }).to_string())?;
        }
        Format::Csv => {
            let row = |saved: &Saved| vec![Field::Text(shown(saved)), size(saved.bytes)];
            let rows: Vec<Vec<Field>> = saved.iter().map(row).collect();
            print(&as_csv(&["file", "bytes"], &rows)?)?;
        }
    }
    if saved.len() > 1 {
        let words = remote.words(
            "{count} 個のファイルを保存しました。",
            "Saved {count} files.",
        );
        tell(&words.replace("{count}", &saved.len().to_string()));
    }
    Ok(())
}

fn size(bytes: u64) -> Field {
    Field::Text(bytes.to_string())
}
