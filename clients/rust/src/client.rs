//! The client: one method an operation.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::IpAddr;
use std::ops::Deref;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    LOCATION,
};
use reqwest::{Method, Response, StatusCode, Url, redirect};
use serde::de::DeserializeOwned;

use crate::download::Download;
use crate::error::{Error, chain};
use crate::facts::FactStream;
use crate::model::{
    AlertList, EvaluatedScorecard, FactPage, ImportResult, Me, Overview, Problem, ReportResult,
    ScorecardList, ScorecardSummary,
};
use crate::operation::{self, Operation};
use crate::query::{
    ActualsQuery, AlertsQuery, Encoding, FactsQuery, ImportOptions, OverviewQuery, Pairs,
    ScorecardQuery, ScorecardsQuery,
};
use crate::report::Report;
use crate::retry;

/// Where a server listens that is started without settings.
pub const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";
/// How long a connection may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may stand still, its head and each part of it.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of an answer that is kept in memory.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Characters of an unexpected answer that are shown.
const EXCERPT_CHARS: usize = 200;
const BYTE_ORDER_MARK: char = '\u{feff}';
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The language of a problem's words. Answers hold both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// 日本語
    #[default]
    Japanese,
    /// English
    English,
}

impl Language {
    const fn code(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
        }
    }
}

/// An answer, and the text that it was read from.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    value: T,
    text: String,
}

impl<T> Answer<T> {
    /// The body as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The answer alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A server and a key for it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    key: HeaderValue,
    language: Language,
}

/// One request, ready to be sent as often as it takes.
struct Call {
    operation: &'static Operation,
    url: Url,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Client {
    /// A client of the server at `base`, such as `https://shirube.example`,
    /// with an API key.
    pub fn new(base: &str, key: &str) -> Result<Self, Error> {
        let base = address(base)?;
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(ANSWER_TIMEOUT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("shirube-client/", env!("CARGO_PKG_VERSION")));
        let http = if is_this_machine(&base) {
            http.no_proxy()
        } else {
            http
        };
        let http = http
            .build()
            .map_err(|error| Error::Argument(chain(&error)))?;
        // Editors of Windows begin a file, and so a key read from one, with a mark.
        let key = key.trim_start_matches(BYTE_ORDER_MARK).trim();
        let mut key = HeaderValue::try_from(format!("Bearer {key}"))
            .map_err(|_invalid| Error::Argument("the key has characters that no key has".into()))?;
        key.set_sensitive(true);
        Ok(Self {
            http,
            base,
            key,
            language: Language::default(),
        })
    }

    /// Whether the key and the figures go over a network that can read them.
    #[must_use]
    pub fn is_unencrypted(&self) -> bool {
        self.base.scheme() == "http" && !is_this_machine(&self.base)
    }

    /// A client of the server that `SHIRUBE_SERVER` names, with the key in
    /// `SHIRUBE_API_KEY` or in the file that `SHIRUBE_API_KEY_FILE` names.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn from_environment() -> Result<Self, Error> {
        let read = |name: &str| {
            let text = std::env::var(name).ok();
            text.filter(|text| !text.trim().is_empty())
        };
        let key = match (read("SHIRUBE_API_KEY"), read("SHIRUBE_API_KEY_FILE")) {
            (Some(key), None) => key,
            (None, Some(file)) => std::fs::read_to_string(&file)
                .map_err(|error| Error::Argument(format!("{file}: {error}")))?,
            _ => {
                return Err(Error::Argument(
                    "set one of SHIRUBE_API_KEY and SHIRUBE_API_KEY_FILE".into(),
                ));
            }
        };
        let server = read("SHIRUBE_SERVER");
        Self::new(server.as_deref().unwrap_or(DEFAULT_SERVER), &key)
    }

    /// The same, with problems worded in a language.
    #[must_use]
    pub const fn in_language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// The address of the server.
    #[must_use]
    pub fn server(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Who this client is.
    pub async fn me(&self) -> Result<Answer<Me>, Error> {
        self.json(&operation::ME, &[], &Pairs::default()).await
    }

    /// A page of the scorecards that may be seen.
    pub async fn scorecards(
        &self,
        query: &ScorecardsQuery,
    ) -> Result<Answer<ScorecardList>, Error> {
        self.json(&operation::SCORECARDS, &[], &query.pairs()).await
    }

    /// All pages of them.
    pub async fn all_scorecards(
        &self,
        query: &ScorecardsQuery,
    ) -> Result<Vec<ScorecardSummary>, Error> {
        let mut query = query.clone();
        let mut all = Vec::new();
        loop {
            let page = self.scorecards(&query).await?.into_value();
            all.extend(page.items);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// The scorecard of a hub that has this key.
    pub async fn find(&self, hub: &str, key: &str) -> Result<ScorecardSummary, Error> {
        let query = ScorecardsQuery {
            hub: Some(hub.to_owned()),
            key: Some(key.to_owned()),
            ..ScorecardsQuery::default()
        };
        let found = self.scorecards(&query).await?.into_value().items.pop();
        found.ok_or_else(|| Error::Argument(format!("{hub} has no scorecard {key}")))
    }

    /// A scorecard as it stands in a month.
    pub async fn evaluated(
        &self,
        id: &str,
        month: &str,
    ) -> Result<Answer<EvaluatedScorecard>, Error> {
        self.scorecard(id, &ScorecardQuery::of(month)).await
    }

    /// A scorecard, of any month and with further parts.
    pub async fn scorecard(
        &self,
        id: &str,
        query: &ScorecardQuery,
    ) -> Result<Answer<EvaluatedScorecard>, Error> {
        self.json(&operation::SCORECARD, &[id], &query.pairs())
            .await
    }

    /// Reports a month. Where the answer is lost on the way, report again: the
    /// same figures change nothing.
    pub async fn report(&self, id: &str, report: &Report) -> Result<Answer<ReportResult>, Error> {
        let body = serde_json::to_vec(report)
            .map_err(|error| Error::Argument(format!("the report: {error}")))?;
        let query = Pairs::default().with("dry_run", report.dry_run.then_some(true).as_ref());
        let mut call = self.call(&operation::REPORT, &[id], &query)?;
        call.content("application/json", body, report.idempotency_key.as_deref())?;
        answer(self.send(&call).await?).await
    }

    /// Reports what a file says: XLSX or CSV, as offices keep them.
    pub async fn import(
        &self,
        file: Vec<u8>,
        options: &ImportOptions,
    ) -> Result<Answer<ImportResult>, Error> {
        let mut call = self.call(&operation::IMPORT, &[], &options.pairs())?;
        let key = options.idempotency_key.as_deref();
        call.content("application/octet-stream", file, key)?;
        answer(self.send(&call).await?).await
    }

    /// Many scorecards at once.
    pub async fn overview(&self, query: &OverviewQuery) -> Result<Answer<Overview>, Error> {
        self.json(&operation::OVERVIEW, &[], &query.pairs()).await
    }

    /// A page of alerts.
    pub async fn alerts(&self, query: &AlertsQuery) -> Result<Answer<AlertList>, Error> {
        self.json(&operation::ALERTS, &[], &query.pairs()).await
    }

    /// A page of facts; of a pull with `since`, the first one names what has
    /// changed.
    pub async fn facts(&self, query: &FactsQuery) -> Result<Answer<FactPage>, Error> {
        let query = query.pairs().with("format", Some(&"json"));
        self.json(&operation::FACTS, &[], &query).await
    }

    /// All facts, row by row; no more than a few of them are in memory. A `limit`
    /// is refused: [`Client::facts`] reads pages.
    pub async fn facts_stream(&self, query: &FactsQuery) -> Result<FactStream, Error> {
        expect_all(query)?;
        let query = query.pairs().with("format", Some(&"ndjson"));
        let call = self.call(&operation::FACTS_NDJSON, &[], &query)?;
        Ok(FactStream::new(self.send(&call).await?))
    }

    /// All facts as CSV. A `limit` is refused.
    pub async fn facts_csv(
        &self,
        query: &FactsQuery,
        encoding: Option<Encoding>,
    ) -> Result<Download, Error> {
        expect_all(query)?;
        let query = query
            .pairs()
            .with("format", Some(&"csv"))
            .with("encoding", encoding.map(Encoding::code).as_ref());
        self.download(&operation::FACTS_CSV, &[], &query).await
    }

    /// The workbook into which a month is entered.
    pub async fn workbook(&self, id: &str, month: Option<&str>) -> Result<Download, Error> {
        let query = Pairs::default().with("month", month.as_ref());
        self.download(&operation::WORKBOOK, &[id], &query).await
    }

    /// A month's report as a workbook.
    pub async fn monthly_report(&self, id: &str, month: Option<&str>) -> Result<Download, Error> {
        let query = Pairs::default().with("month", month.as_ref());
        self.download(&operation::MONTHLY_REPORT, &[id], &query)
            .await
    }

    /// The reported cells as CSV.
    pub async fn actuals_csv(&self, id: &str, query: &ActualsQuery) -> Result<Download, Error> {
        self.download(&operation::ACTUALS_CSV, &[id], &query.pairs())
            .await
    }

    async fn json<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        path: &[&str],
        query: &Pairs,
    ) -> Result<Answer<T>, Error> {
        let call = self.call(operation, path, query)?;
        answer(self.send(&call).await?).await
    }

    async fn download(
        &self,
        operation: &'static Operation,
        path: &[&str],
        query: &Pairs,
    ) -> Result<Download, Error> {
        let call = self.call(operation, path, query)?;
        Ok(Download::new(self.send(&call).await?))
    }

    fn call(
        &self,
        operation: &'static Operation,
        path: &[&str],
        query: &Pairs,
    ) -> Result<Call, Error> {
        let mut url = self.base.clone();
        fill(&mut url, operation.path, path)?;
        for (name, value) in &query.0 {
            debug_assert!(operation.query.contains(name), "{name} is not documented");
            url.query_pairs_mut().append_pair(name, value);
        }
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.key.clone());
        headers.insert(
            ACCEPT_LANGUAGE,
            HeaderValue::from_static(self.language.code()),
        );
        // The service may answer with a problem where a file was asked for.
        let accept = if operation.answer.contains('/') {
            "*/*"
        } else {
            "application/json"
        };
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        Ok(Call {
            operation,
            url,
            headers,
            body: Vec::new(),
        })
    }

    /// Sends a call until it is answered, and turns refusals into errors.
    async fn send(&self, call: &Call) -> Result<Response, Error> {
        let mut retries = 0;
        loop {
            let response = self.attempt(call).await?;
            match retry::wait(response.status(), response.headers(), retries) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return accepted(response).await,
            }
            retries += 1;
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Response, Error> {
        let method = if call.operation.method == "POST" {
            Method::POST
        } else {
            Method::GET
        };
        let request = self
            .http
            .request(method, call.url.clone())
            .headers(call.headers.clone())
            .body(call.body.clone());
        request.send().await.map_err(|error| {
            let error = error.without_url();
            let reason = chain(&error);
            if error.is_connect() {
                let server = self.server().to_owned();
                Error::Unreachable { server, reason }
            } else {
                Error::Interrupted(reason)
            }
        })
    }
}

impl Call {
    /// Gives it a body, and a name by which the server knows it when it comes
    /// again.
    fn content(
        &mut self,
        media_type: &'static str,
        body: Vec<u8>,
        idempotency_key: Option<&str>,
    ) -> Result<(), Error> {
        let key = match idempotency_key {
            Some(key) => key.to_owned(),
            None => self.own_key(&body),
        };
        let key = HeaderValue::try_from(key).map_err(|_invalid| {
            Error::Argument("an idempotency key has 1 to 255 ASCII characters".into())
        })?;
        self.headers.insert(IDEMPOTENCY_KEY, key);
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.body = body;
        Ok(())
    }

    /// A key made from the content, and of this call alone. The same figures
    /// may be reported again after others, and are then news.
    fn own_key(&self, body: &[u8]) -> String {
        let half = || {
            let mut hasher = RandomState::new().build_hasher();
            hasher.write(self.url.as_str().as_bytes());
            hasher.write(body);
            hasher.finish()
        };
        format!("client-{:016x}{:016x}", half(), half())
    }
}

/// The server's address, checked.
fn address(base: &str) -> Result<Url, Error> {
    let refused = |what: &str| Error::Argument(format!("the server's address \"{base}\" {what}"));
    let url = Url::parse(base.trim())
        .map_err(|_invalid| refused("is not one like https://shirube.example"))?;
    if !["http", "https"].contains(&url.scheme()) || url.cannot_be_a_base() {
        return Err(refused("begins with neither https:// nor http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Argument(
            "the server's address holds a name or password; give the key instead".into(),
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("ends in ? or #"));
    }
    Ok(url)
}

/// No proxy leads to a server on this machine, whatever the environment names.
fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || ip.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Appends a path, with values for its `{…}`.
fn fill(url: &mut Url, path: &str, values: &[&str]) -> Result<(), Error> {
    let mut values = values.iter();
    let mut segments = url
        .path_segments_mut()
        .map_err(|()| Error::Argument("the server's address has no path".into()))?;
    segments.pop_if_empty();
    for part in path.split('/').skip(1) {
        let segment = match values.as_slice().first() {
            Some(value) if part.starts_with('{') => {
                values.next();
                *value
            }
            _ => part,
        };
        // These would name another place.
        if ["", ".", ".."].contains(&segment) {
            return Err(Error::Argument(format!("\"{segment}\" identifies nothing")));
        }
        segments.push(segment);
    }
    Ok(())
}

/// Answers that are none become errors.
async fn accepted(response: Response) -> Result<Response, Error> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    if status.is_redirection() {
        let to = response.headers().get(LOCATION);
        let to = to.and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
        return Err(Error::Redirected(to.to_owned()));
    }
    let body = whole(response).await?;
    Err(refusal(status, &body))
}

/// A part is not passed off as all.
fn expect_all(query: &FactsQuery) -> Result<(), Error> {
    match query.limit {
        None => Ok(()),
        Some(_) => Err(Error::Argument(
            "all facts have no limit; facts() reads them in pages".into(),
        )),
    }
}

fn refusal(status: StatusCode, body: &[u8]) -> Error {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => Error::Problem(Box::new(Problem {
            text: String::from_utf8_lossy(body).into_owned(),
            ..problem
        })),
        Err(_) => unexpected(status, body),
    }
}

fn unexpected(status: StatusCode, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body);
    Error::Unexpected {
        status: status.as_u16(),
        excerpt: text.chars().take(EXCERPT_CHARS).collect(),
    }
}

pub(crate) fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::Unreadable(error.to_string())
}

async fn answer<T: DeserializeOwned>(response: Response) -> Result<Answer<T>, Error> {
    let status = response.status();
    let body = whole(response).await?;
    // A program that answers everything with a page is not the service.
    if !body.starts_with(b"{") {
        return Err(unexpected(status, &body));
    }
    let text = String::from_utf8(body).map_err(unreadable)?;
    let value = serde_json::from_str(&text).map_err(unreadable)?;
    Ok(Answer { value, text })
}

/// A body, up to what may be kept.
pub(crate) async fn whole(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(interrupted)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Error::Unreadable(format!(
                "it has more than {ANSWER_BYTES_MAX} bytes"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(crate) fn interrupted(error: reqwest::Error) -> Error {
    Error::Interrupted(chain(&error.without_url()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(base: &str, path: &[&str]) -> Result<String, String> {
        let client = Client::new(base, "shk_x").map_err(|error| error.to_string())?;
        let call = client.call(&operation::SCORECARD, path, &Pairs::default());
        call.map(|call| call.url.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_filled_in_stays_one_segment() {
        for (base, id, expected) in [
            ("http://h:1", "a", "http://h:1/v1/scorecards/a"),
            ("http://h:1/", "a b", "http://h:1/v1/scorecards/a%20b"),
            (
                "https://h/kpi/",
                "a/../b",
                "https://h/kpi/v1/scorecards/a%2F..%2Fb",
            ),
            (
                "https://h/kpi",
                "a?b#c",
                "https://h/kpi/v1/scorecards/a%3Fb%23c",
            ),
        ] {
            assert_eq!(url_of(base, &[id]).as_deref(), Ok(expected));
        }
        for id in ["", ".", ".."] {
            assert!(url_of("http://h", &[id]).is_err(), "{id}");
        }
    }

    #[test]
    fn addresses_and_keys_that_cannot_be_meant_are_refused() {
        for base in [
            "",
            "shirube",
            "ftp://h",
            "file:///etc",
            "mailto:a@b",
            "https://me:secret@h",
            "https://h?x=1",
            "https://h#x",
        ] {
            let told = Client::new(base, "shk_x").unwrap_err().to_string();
            assert!(!told.contains("secret"), "{told}");
        }
        let told = Client::new("https://h", "shk_\nx").unwrap_err().to_string();
        assert!(!told.contains("shk_"), "{told}");
        let client = Client::new("https://h", "shk_secret").unwrap();
        assert!(!client.is_unencrypted());
        assert!(!format!("{client:?}").contains("shk_secret"));
        let of_notepad = Client::new("https://h", "\u{feff}shk_x\r\n").unwrap();
        assert_eq!(of_notepad.key, "Bearer shk_x");
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for (base, is_here) in [
            ("http://localhost:8080", true),
            ("http://127.8.0.1", true),
            ("http://[::1]:8080", true),
            ("http://192.0.2.1", false),
            ("http://localhost.example", false),
        ] {
            let client = Client::new(base, "shk_x").unwrap();
            assert_eq!(client.is_unencrypted(), !is_here, "{base}");
        }
    }

    #[test]
    fn each_call_has_a_key_of_its_own() {
        let client = Client::new("http://h", "shk_x").unwrap();
        let key = |given: Option<&str>| {
            let mut call = client
                .call(&operation::IMPORT, &[], &Pairs::default())
                .unwrap();
            call.content("text/csv", b"a".to_vec(), given)
                .map(|()| call.headers[IDEMPOTENCY_KEY].clone())
        };
        assert_ne!(key(None).unwrap(), key(None).unwrap());
        assert_eq!(key(Some("mine")).unwrap(), "mine");
        assert!(key(Some("a\nb")).is_err());
    }
}
