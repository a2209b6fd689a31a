//! Errors as RFC 9457 problem documents: every error of the service and of the
//! framework leaves in this one shape, in the reader's language.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::issue_view::IssueView;
use crate::app::{AppError, Conflict};
use crate::domain::code::coded_enum;
use crate::domain::issue::Issue;
use crate::domain::text::{Language, Text};
use crate::storage::StorageError;

/// Media type of every error body.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// Seconds after which a caller may try again when the service is unavailable.
const RETRY_AFTER_SECONDS: u64 = 2;

coded_enum! {
    /// Stable codes of problems; `api.md` lists them. Codes are only ever added.
    pub enum ProblemCode {
        MalformedJson => "malformed_json",
        MalformedQuery => "malformed_query",
        Unauthenticated => "unauthenticated",
        InvalidCredentials => "invalid_credentials",
        Forbidden => "forbidden",
        NotFound => "not_found",
        MethodNotAllowed => "method_not_allowed",
        NotAcceptable => "not_acceptable",
        BodyTooSlow => "body_too_slow",
        MonthApproved => "month_approved",
        AlreadyExists => "already_exists",
        InProgress => "in_progress",
        RevisionDecided => "revision_decided",
        RevisionOutdated => "revision_outdated",
        PreparationMissing => "preparation_missing",
        AlertClosed => "alert_closed",
        SubscriptionDisabled => "subscription_disabled",
        StaleRevision => "stale_revision",
        TooLarge => "too_large",
        UnsupportedMediaType => "unsupported_media_type",
        Invalid => "invalid",
        IdempotencyKeyReused => "idempotency_key_reused",
        RateLimited => "rate_limited",
        HeadTooLarge => "head_too_large",
        Unavailable => "unavailable",
        Internal => "internal",
    }
}

impl ProblemCode {
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedJson | Self::MalformedQuery => StatusCode::BAD_REQUEST,
            Self::Unauthenticated | Self::InvalidCredentials => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::MonthApproved
            | Self::AlreadyExists
            | Self::InProgress
            | Self::RevisionDecided
            | Self::RevisionOutdated
            | Self::PreparationMissing
            | Self::AlertClosed
            | Self::SubscriptionDisabled => StatusCode::CONFLICT,
            Self::StaleRevision => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid | Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the code means, for a person.
    pub(super) fn title(self) -> Text {
        let (ja, en) = match self {
            Self::MalformedJson => ("本文を読めません", "The body cannot be read"),
            Self::MalformedQuery => ("URL の指定を読めません", "The query cannot be read"),
            Self::Unauthenticated => ("サインインが必要です", "Sign-in is required"),
            Self::InvalidCredentials => ("サインインできません", "Sign-in failed"),
            Self::Forbidden => ("この操作の権限がありません", "You may not do this"),
            Self::NotFound => ("見つかりません", "Not found"),
            Self::MethodNotAllowed => (
                "この URL では使えない操作です",
                "The method is not allowed here",
            ),
            Self::NotAcceptable => (
                "求められた形式では返せません",
                "The requested format is not available",
            ),
            Self::BodyTooSlow => ("本文の到着が遅すぎます", "The body arrived too slowly"),
            Self::MonthApproved => ("承認済みの月です", "The month is approved"),
            Self::AlreadyExists => ("すでに存在します", "It exists already"),
            Self::InProgress => ("同じ要求を処理中です", "The same request is in progress"),
            Self::RevisionDecided => ("決定済みの改定です", "The revision is decided"),
            Self::RevisionOutdated => (
                "提案後に計画が変わっています",
                "The plan has changed since the proposal",
            ),
            Self::PreparationMissing => (
                "新しい準備項目がありません",
                "No new preparation is planned",
            ),
            Self::AlertClosed => ("終了したアラートです", "The alert is closed"),
            Self::SubscriptionDisabled => ("停止中の通知先です", "The subscription is disabled"),
            Self::StaleRevision => (
                "読み込んだ後に更新されています",
                "It has changed since it was read",
            ),
            Self::TooLarge => ("本文が大きすぎます", "The body is too large"),
            Self::UnsupportedMediaType => {
                ("受け取れない形式の本文です", "The body is of another kind")
            }
            Self::Invalid => ("入力内容に誤りがあります", "The content has errors"),
            Self::IdempotencyKeyReused => (
                "Idempotency-Key が別の内容で使われています",
                "The idempotency key was used with another body",
            ),
            Self::RateLimited => ("要求が多すぎます", "Too many requests"),
            Self::HeadTooLarge => ("ヘッダーが大きすぎます", "The header is too large"),
            Self::Unavailable => ("一時的に利用できません", "Temporarily unavailable"),
            Self::Internal => ("内部エラーです", "Internal error"),
        };
        Text::new(ja, en)
    }

    /// What the reader can do, where no more specific words exist.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub(super) fn advice(self) -> Text {
        let (ja, en) = match self {
            Self::MalformedJson => ("正しい JSON を送ってください。", "Send well-formed JSON."),
            Self::MalformedQuery => (
                "? 以降の書き方を確かめてください。",
                "Check what follows the question mark.",
            ),
            Self::Unauthenticated => (
                "有効なトークンか API キーを Authorization: Bearer で送ってください（API キーは X-API-Key か、Basic 認証のパスワードでも）。認証情報は一つだけにします。",
                "Send a valid token or API key as Authorization: Bearer (a key also as X-API-Key or Basic password), and only one credential.",
            ),
            Self::InvalidCredentials => (
                "メールアドレスとパスワードを確かめてください。",
                "Check the e-mail address and the password.",
            ),
            Self::Forbidden => (
                "この役割では行えません。担当の道府県か全国事務局に依頼してください。",
                "Your role does not include this; ask the prefecture or the national office.",
            ),
            Self::NotFound => (
                "存在しないか、閲覧の範囲外です。",
                "It does not exist, or lies outside your scope.",
            ),
            Self::MethodNotAllowed => (
                "使える操作は Allow ヘッダーにあります。",
                "The Allow header names the methods.",
            ),
            Self::NotAcceptable => (
                "Accept に application/json を含めてください。",
                "Accept application/json.",
            ),
            Self::BodyTooSlow => (
                "通信を確かめて、もう一度送ってください。",
                "Check the connection and send it again.",
            ),
            Self::MonthApproved => (
                "道府県が差し戻すか再開すると、修正できます。",
                "The prefecture can return or reopen it.",
            ),
            Self::AlreadyExists => (
                "別のコードを使うか、既存のものを更新してください。",
                "Use another code, or change what exists.",
            ),
            Self::RevisionDecided => (
                "承認または却下されています。続きは新しい改定として提案してください。",
                "It was approved or rejected; propose a new revision instead.",
            ),
            Self::RevisionOutdated => (
                "現在の計画をもとに、もう一度提案してください。",
                "Propose it again, against the plan as it is now.",
            ),
            Self::PreparationMissing => (
                "上流に未完了の準備項目が残っていません。この項目につながる学習と成長または業務プロセスの項目を加える改定を提案してから、対応済みにしてください。",
                "No preparation upstream is left unfinished. Propose a revision that adds a learning-and-growth or process item leading to this one, then mark the alert.",
            ),
            Self::AlertClosed => (
                "アラートは解消または取消しになっています。コメントは追加できます。",
                "It is resolved or withdrawn; comments can still be added.",
            ),
            Self::SubscriptionDisabled => (
                "先に通知先を有効（state: active）に戻してください。",
                "Activate the subscription again first (state: active).",
            ),
            Self::InProgress => (
                "数秒後に同じ要求を送ってください。",
                "Send the same request again in a few seconds.",
            ),
            Self::StaleRevision => (
                "読み込み直してから、もう一度送ってください。",
                "Read it again, then repeat the change.",
            ),
            Self::TooLarge => (
                "1 MiB 以内に分けて送ってください。",
                "Split it into parts of at most 1 MiB.",
            ),
            Self::UnsupportedMediaType => (
                "Content-Type: application/json で、圧縮せずに送ってください。",
                "Send Content-Type: application/json, not compressed.",
            ),
            Self::Invalid => (
                "issues の各項目を直して、もう一度送ってください。何も保存されていません。",
                "Mend each of the issues and send it again. Nothing was stored.",
            ),
            Self::IdempotencyKeyReused => (
                "新しい内容には新しいキーを付けてください。",
                "Give a new content a new key.",
            ),
            Self::RateLimited => (
                "Retry-After の秒数だけ待ってください。",
                "Wait for the seconds in Retry-After.",
            ),
            Self::HeadTooLarge => (
                "ヘッダーと URL を合わせて 16 KiB 以内にしてください。",
                "Keep the URL and headers within 16 KiB.",
            ),
            Self::Unavailable => (
                "少し待ってから、もう一度送ってください。",
                "Try again shortly.",
            ),
            Self::Internal => (
                "request_id を添えて運用担当に連絡してください。",
                "Tell the operator the request_id.",
            ),
        };
        Text::new(ja, en)
    }
}

/// An error on its way out.
#[derive(Clone, Debug)]
pub struct Problem {
    pub code: ProblemCode,
    pub detail: Option<Text>,
    pub issues: Vec<Issue>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    #[must_use]
    pub const fn new(code: ProblemCode) -> Self {
        Self {
            code,
            detail: None,
            issues: Vec::new(),
            headers: Vec::new(),
        }
    }

    #[must_use]
    pub fn with_detail(mut self, detail: Text) -> Self {
        self.detail = Some(detail);
        self
    }

    #[must_use]
    pub fn with_issues(mut self, issues: Vec<Issue>) -> Self {
        self.issues = issues;
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The response, in a language, under a request id.
    #[must_use]
    pub fn render(&self, language: Language, request_id: &str) -> HttpResponse {
        let detail = self.detail.clone().unwrap_or_else(|| self.code.advice());
        let body = ProblemBody {
            kind: format!("urn:shirube:problem:{}", self.code),
            title: self.code.title().in_language(language).to_owned(),
            status: self.code.status().as_u16(),
            code: self.code.code().to_owned(),
            detail: detail.in_language(language).to_owned(),
            issues: self.issues.iter().cloned().map(IssueView::from).collect(),
            request_id: request_id.to_owned(),
        };
        let mut response = HttpResponse::build(self.code.status());
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        if self.code.status() == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"shirube\""));
        }
        let tag = match language {
            Language::Japanese => "ja",
            Language::English => "en",
        };
        response
            .insert_header((header::CONTENT_LANGUAGE, tag))
            .insert_header((header::VARY, "Accept-Language"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .content_type(PROBLEM_JSON)
            .body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.code())
    }
}

/// The middleware in [`super::edge`] renders the body; this only carries it there.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.render(Language::default(), "")
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Unauthenticated => Self::new(ProblemCode::Unauthenticated),
            AppError::InvalidCredentials => Self::new(ProblemCode::InvalidCredentials),
            AppError::Forbidden => Self::new(ProblemCode::Forbidden),
            AppError::NotFound | AppError::Storage(StorageError::NotFound) => {
                Self::new(ProblemCode::NotFound)
            }
            AppError::MalformedBody(detail) => {
                Self::new(ProblemCode::MalformedJson).with_detail(detail)
            }
            AppError::MalformedQuery(detail) => {
                Self::new(ProblemCode::MalformedQuery).with_detail(detail)
            }
            AppError::TooLarge(detail) => Self::new(ProblemCode::TooLarge).with_detail(detail),
            AppError::Invalid(issues) => Self::new(ProblemCode::Invalid).with_issues(issues),
            AppError::IdempotencyKeyReused => Self::new(ProblemCode::IdempotencyKeyReused),
            AppError::Conflict(conflict, issues) => {
                let problem = match conflict {
                    Conflict::MonthApproved(month) => Self::new(ProblemCode::MonthApproved)
                        .with_detail(Text::new(
                            format!("{month} は承認済みのため変更できません。道府県が差し戻すか再開すると修正できます。"),
                            format!("{month} is approved and cannot be changed; the prefecture can return or reopen it."),
                        )),
                    Conflict::AlreadyExists(detail) => {
                        Self::new(ProblemCode::AlreadyExists).with_detail(detail)
                    }
                    Conflict::RevisionDecided => Self::new(ProblemCode::RevisionDecided),
                    Conflict::RevisionOutdated(detail) => {
                        Self::new(ProblemCode::RevisionOutdated).with_detail(detail)
                    }
                    Conflict::PreparationMissing => Self::new(ProblemCode::PreparationMissing),
                    Conflict::AlertClosed => Self::new(ProblemCode::AlertClosed),
                    Conflict::SubscriptionDisabled => {
                        Self::new(ProblemCode::SubscriptionDisabled)
                    }
                    Conflict::InProgress => {
                        Self::new(ProblemCode::InProgress).retry_after(RETRY_AFTER_SECONDS)
                    }
                };
                problem.with_issues(issues)
            }
            AppError::Stale { current } => {
                Self::new(ProblemCode::StaleRevision).with_detail(Text::new(
                    format!(
                        "現在の版は {current} です。読み込み直してから、もう一度送ってください。"
                    ),
                    format!(
                        "The current revision is {current}. Read it again, then repeat the change."
                    ),
                ))
            }
            AppError::Storage(StorageError::Unavailable(cause)) => {
                log::warn!("the database is unavailable: {cause}");
                Self::new(ProblemCode::Unavailable).retry_after(RETRY_AFTER_SECONDS)
            }
            AppError::Storage(error) => {
                log::error!("storage: {}", chain(&error));
                Self::new(ProblemCode::Internal)
            }
            AppError::Internal(what) => {
                log::error!("internal: {what}");
                Self::new(ProblemCode::Internal)
            }
        }
    }
}

/// The whole chain of an error, for the log only.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// The codes in words, not as an enumeration: clients must bear further ones.
fn code_schema() -> Object {
    let codes = ProblemCode::all().map(|code| format!("`{code}`"));
    let list = codes.collect::<Vec<_>>().join(", ");
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(format!(
            "Stable code of the kind of problem; more may be added: {list}."
        )))
        .examples(["invalid"])
        .build()
}

/// An error (RFC 9457), in the language of `Accept-Language` (Japanese where it says nothing).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// URN of the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:shirube:problem:invalid")]
    kind: String,
    /// The kind of problem in words.
    title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    #[schema(schema_with = code_schema)]
    code: String,
    /// What happened here and what to do.
    detail: String,
    /// Every single fault of the content, with its place.
    issues: Vec<IssueView>,
    /// Identifies this answer in the service's log.
    request_id: String,
}
