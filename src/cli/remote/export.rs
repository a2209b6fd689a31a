//! `shirube export`: workbooks, monthly reports, cells and facts as files.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use shirube_client::{
    ActualsQuery, Download, Encoding, FactsQuery, Layout, ScorecardSummary, ScorecardsQuery,
};

use super::output::{Field, Format, as_csv, print, print_bytes, progress};
use super::{Connection, Exit, Failure, Outcome, Remote, Which};
use crate::cli::tell;

/// Where files go where nothing is said: the folder one is in.
const HERE: &str = ".";
/// In place of a file: standard output.
const STANDARD_OUTPUT: &str = "-";
/// What a file is called until it is complete.
const PARTIAL: &str = ".part";

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
    if arguments.form == Form::Facts {
        let saved = facts(remote, arguments).await?;
        return tell_of(remote, &saved.into_iter().collect::<Vec<_>>());
    }
    let ids = ids(remote, arguments).await?;
    let bar = progress(u64::try_from(ids.len()).unwrap_or(0));
    let mut saved = Vec::new();
    for id in &ids {
        let download = arguments.download(remote, id).await?;
        if let Some(name) = download.file_name() {
            bar.set_message(name.to_owned());
        }
        saved.extend(save(remote, arguments, download, id).await?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    tell_of(remote, &saved)
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
    let all = all.map_err(|error| remote.failure(&error))?;
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
        download.map_err(|error| remote.failure(&error))
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
async fn facts(remote: &Remote, arguments: &Arguments) -> Result<Option<Saved>, Failure> {
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
    let encoding = arguments.encoding.map(EncodingCode::encoding);
    let download = remote.client.facts_csv(&query, encoding).await;
    let download = download.map_err(|error| remote.failure(&error))?;
    save(remote, arguments, download, "facts").await
}

/// Writes a download to its file, part by part; the file appears when it is
/// complete. `None` where it went to standard output.
async fn save(
    remote: &Remote,
    arguments: &Arguments,
    mut download: Download,
    name: &str,
) -> Result<Option<Saved>, Failure> {
    if arguments.writes_to_standard_output() {
        while let Some(part) = part(remote, &mut download).await? {
            print_bytes(&part)?;
        }
        return Ok(None);
    }
    let path = path(arguments, &download, name);
    let is_there = path
        .try_exists()
        .map_err(|error| unwritten(&path, &error))?;
    if is_there && !arguments.force {
        let words = remote.words(
            "{file} はすでにあります。置き換えるには --force を付けてください。",
            "{file} exists already; --force replaces it.",
        );
        let words = words.replace("{file}", &path.display().to_string());
        return Err(Failure::new(Exit::Failed, words));
    }
    let partial = partial(&path);
    let saved = write(remote, &mut download, &partial).await;
    let kept = saved.and_then(|bytes| {
        std::fs::rename(&partial, &path).map_err(|error| unwritten(&path, &error))?;
        Ok(bytes)
    });
    match kept {
        Ok(bytes) => Ok(Some(Saved { path, bytes })),
        Err(failure) => {
            // What is left of it is of no use to anybody.
            let _ = std::fs::remove_file(&partial);
            Err(failure)
        }
    }
}

async fn write(remote: &Remote, download: &mut Download, path: &Path) -> Result<u64, Failure> {
    let mut options = OpenOptions::new();
    let mut file: File = options
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .map_err(|error| unwritten(path, &error))?;
    let mut bytes = 0;
    while let Some(part) = part(remote, download).await? {
        file.write_all(&part)
            .map_err(|error| unwritten(path, &error))?;
        bytes += u64::try_from(part.len()).unwrap_or(0);
    }
    file.sync_all().map_err(|error| unwritten(path, &error))?;
    Ok(bytes)
}

async fn part(remote: &Remote, download: &mut Download) -> Result<Option<Vec<u8>>, Failure> {
    let part = download.chunk().await;
    part.map_err(|error| remote.failure(&error))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("{}: {error}", path.display()))
}

/// Where a download goes: the file named, or in the folder named a file as the
/// server calls it.
fn path(arguments: &Arguments, download: &Download, name: &str) -> PathBuf {
    let extension = match arguments.form {
        Form::Entry | Form::Report => "xlsx",
        Form::Csv | Form::Facts => "csv",
    };
    let named = download
        .file_name()
        .map_or_else(|| format!("{name}.{extension}"), str::to_owned);
    let output = arguments.output.as_deref().unwrap_or(Path::new(HERE));
    if arguments.all && arguments.form != Form::Facts || output.is_dir() {
        output.join(named)
    } else {
        output.to_owned()
    }
}

fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(PARTIAL);
    PathBuf::from(name)
}

/// The files, in the form asked for.
fn tell_of(remote: &Remote, saved: &[Saved]) -> Outcome {
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
    Ok(Exit::Done)
}

fn size(bytes: u64) -> Field {
    Field::Text(bytes.to_string())
}
