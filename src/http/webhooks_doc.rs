//! What webhooks are sent, for the contract: every event with its schema, its
//! headers, and what to answer. `domain::event` makes what these types describe; a test
//! holds kept events against them.
#![expect(dead_code, reason = "documents what `app::messages::json` writes")]

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, Paths,
    PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use super::alert_view::AlertDoc;
use super::reply::JSON;
use super::views::{Name, Named, Number};
use crate::domain::event::EventType;

/// The scorecard that something is said about.
#[derive(Serialize, ToSchema)]
struct EventScorecard {
    /// Identifier of the scorecard.
    scorecard: String,
    #[schema(example = "mature-hard-to-fill")]
    scorecard_key: String,
    scorecard_name: Name,
    hub: Named,
    prefecture: Named,
}

/// An alert in a notice: why now, and what it drags down.
#[derive(Serialize, ToSchema)]
struct NoticeAlert {
    /// `first`, `unfolded`, `reopened`, `worsened`, `new_consequence`, `corrected`, `escalated`, `repeat`, `resolved` or
    /// `withdrawn`; more may be added.
    #[schema(example = "first")]
    reason: String,
    #[serde(flatten)]
    alert: AlertDoc,
    folded: Vec<AlertDoc>,
}

/// Everything that turned in one scorecard.
#[derive(Serialize, ToSchema)]
struct Notice {
    #[serde(flatten)]
    about: EventScorecard,
    #[schema(example = "2028-09")]
    month: String,
    opened: Vec<NoticeAlert>,
    updated: Vec<NoticeAlert>,
    resolved: Vec<NoticeAlert>,
    withdrawn: Vec<NoticeAlert>,
    /// Alerts left out because the event would exceed 20 KiB.
    truncated: u32,
    /// The scorecard's page for people.
    url: Option<String>,
}

/// The first of opened, updated, resolved and withdrawn that is not empty.
#[derive(Serialize, ToSchema)]
enum AlertEventType {
    #[serde(rename = "alert.opened")]
    Opened,
    #[serde(rename = "alert.updated")]
    Updated,
    #[serde(rename = "alert.resolved")]
    Resolved,
    #[serde(rename = "alert.withdrawn")]
    Withdrawn,
}

/// Alerts of one scorecard.
#[derive(Serialize, ToSchema)]
struct AlertEvent {
    #[serde(rename = "type")]
    #[schema(inline)]
    kind: AlertEventType,
    timestamp: DateTime<Utc>,
    data: Notice,
}

#[derive(Serialize, ToSchema)]
struct MissingItem {
    item: String,
    item_name: Name,
}

/// A month's report that is not complete after its due day.
#[derive(Serialize, ToSchema)]
struct Overdue {
    #[serde(flatten)]
    about: EventScorecard,
    #[schema(example = "2028-09")]
    month: String,
    due_on: NaiveDate,
    missing: Vec<MissingItem>,
    /// Items left out because the event would exceed 20 KiB.
    truncated: u32,
    url: Option<String>,
}

#[derive(Serialize, ToSchema)]
enum OverdueEventType {
    #[serde(rename = "report.overdue")]
    Overdue,
}

/// A report is overdue.
#[derive(Serialize, ToSchema)]
struct OverdueEvent {
    #[serde(rename = "type")]
    #[schema(inline)]
    kind: OverdueEventType,
    timestamp: DateTime<Utc>,
    data: Overdue,
}

/// One change of a revision, in brief.
#[derive(Serialize, ToSchema)]
struct RevisedPart {
    /// `add`, `change` or `retire`.
    #[schema(example = "add")]
    op: String,
    /// `item`, `link`, `setting` or `parameter`.
    #[schema(example = "item")]
    kind: String,
    key: String,
    /// Name of an item or parameter.
    name: Option<Name>,
}

/// A revision of a plan: proposed, in force or rejected.
#[derive(Serialize, ToSchema)]
struct PlanRevised {
    #[serde(flatten)]
    about: EventScorecard,
    /// The number of the plan version that it is, or would have become.
    version: u32,
    /// `proposed`, `in_force` or `rejected`.
    #[schema(example = "proposed")]
    state: String,
    #[schema(example = "2028-10")]
    effective_month: String,
    author: String,
    reason: String,
    /// The alert that prompted it.
    alert: Option<String>,
    decided_by: Option<String>,
    note: Option<String>,
    changes: Vec<RevisedPart>,
    /// Changes left out because the event would exceed 20 KiB.
    truncated: u32,
    url: Option<String>,
}

#[derive(Serialize, ToSchema)]
enum PlanRevisedEventType {
    #[serde(rename = "plan.revised")]
    PlanRevised,
}

/// A plan is revised.
#[derive(Serialize, ToSchema)]
struct PlanRevisedEvent {
    #[serde(rename = "type")]
    #[schema(inline)]
    kind: PlanRevisedEventType,
    timestamp: DateTime<Utc>,
    data: PlanRevised,
}

/// One item of a scorecard in a digest.
#[derive(Serialize, ToSchema)]
struct DigestLine {
    #[serde(flatten)]
    about: EventScorecard,
    /// Identifier of its alert; null for amber.
    alert: Option<String>,
    item: String,
    item_name: Name,
    #[schema(example = "consult")]
    stage: String,
    #[schema(example = "2028-09")]
    month: String,
    #[schema(example = "behind")]
    status: String,
    severity: Option<String>,
    attainment: Option<Number>,
    opened_month: Option<String>,
    acknowledged: bool,
}

#[derive(Serialize, ToSchema)]
struct DigestOverdue {
    #[serde(flatten)]
    about: EventScorecard,
    #[schema(example = "2028-09")]
    month: String,
    due_on: NaiveDate,
    /// How many items.
    missing: u32,
}

/// Where the scorecards of a destination stand.
#[derive(Serialize, ToSchema)]
struct Digest {
    /// Name of the destination's scope: the nation, a prefecture, a hub.
    scope: Name,
    #[schema(example = "2028-09")]
    month: String,
    /// How many scorecards.
    scorecards: u32,
    open: Vec<DigestLine>,
    amber: Vec<DigestLine>,
    resolved: Vec<DigestLine>,
    overdue: Vec<DigestOverdue>,
    /// Lines left out because the event would exceed 20 KiB.
    truncated: u32,
    url: Option<String>,
}

#[derive(Serialize, ToSchema)]
enum DigestEventType {
    #[serde(rename = "digest.monthly")]
    Monthly,
}

/// A month in brief.
#[derive(Serialize, ToSchema)]
struct DigestEvent {
    #[serde(rename = "type")]
    #[schema(inline)]
    kind: DigestEventType,
    timestamp: DateTime<Utc>,
    data: Digest,
}

/// A destination that gets nothing any more.
#[derive(Serialize, ToSchema)]
struct DisabledEndpoint {
    /// Identifier of the subscription.
    subscription: String,
    name: String,
    reason: Name,
    failing_since: Option<DateTime<Utc>>,
    /// How many deliveries wait for it.
    waiting: u32,
    url: Option<String>,
}

#[derive(Serialize, ToSchema)]
enum DisabledEventType {
    #[serde(rename = "endpoint.disabled")]
    Disabled,
}

/// Another destination of the scope, or of one within it, was taken out of service.
#[derive(Serialize, ToSchema)]
struct DisabledEvent {
    #[serde(rename = "type")]
    #[schema(inline)]
    kind: DisabledEventType,
    timestamp: DateTime<Utc>,
    data: DisabledEndpoint,
}

#[derive(Serialize, ToSchema)]
struct EndpointTest {
    /// Identifier of the subscription.
    subscription: String,
    name: String,
    message: Name,
}

#[derive(Serialize, ToSchema)]
enum TestEventType {
    #[serde(rename = "endpoint.test")]
    Test,
}

/// Somebody asked for a test.
#[derive(Serialize, ToSchema)]
struct TestEvent {
    #[serde(rename = "type")]
    #[schema(inline)]
    kind: TestEventType,
    timestamp: DateTime<Utc>,
    data: EndpointTest,
}

const DESCRIPTION: &str = "Sent to destinations of the channel `webhook`, at least once, in any order: \
keep the `webhook-id` of what was handled, and pass over what comes again. Check the signature over the bytes as they \
came, and that the timestamp is at most five minutes off. Members are only ever added.";

/// Every event, under its type.
pub fn webhooks() -> Paths {
    let mut paths = PathsBuilder::new();
    for event in EventType::all() {
        let (summary, schema) = described(event);
        let operation = OperationBuilder::new()
            .operation_id(Some(format!("on_{}", event.code().replace('.', "_"))))
            .tag("subscriptions")
            .summary(Some(summary))
            .description(Some(DESCRIPTION))
            .security(SecurityRequirement::default())
            .parameters(Some(headers()))
            .request_body(Some(
                RequestBodyBuilder::new()
                    .description(Some("Compact JSON, the same bytes at every attempt."))
                    .required(Some(Required::True))
                    .content(JSON, Content::new(Some(Ref::from_schema_name(schema))))
                    .build(),
            ))
            .response(
                "2XX",
                ResponseBuilder::new()
                    .description("It has arrived. Answer within 15 seconds; work on it afterwards.")
                    .build(),
            )
            .response(
                "410",
                ResponseBuilder::new()
                    .description("Nothing more is wanted: the destination is disabled at once.")
                    .build(),
            )
            .response(
                "default",
                ResponseBuilder::new()
                    .description(
                        "It is sent again later, redirects included. `Retry-After` of 429 and 503 is obeyed, up to \
                         a day. A destination at which nothing arrives for five days is disabled.",
                    )
                    .build(),
            );
        paths = paths.path(event.code(), PathItem::new(HttpMethod::Post, operation));
    }
    paths.build()
}

/// What an event tells, and the schema of its body.
fn described(event: EventType) -> (&'static str, String) {
    let (summary, schema) = match event {
        EventType::AlertOpened => ("Alerts have opened", AlertEvent::name()),
        EventType::AlertUpdated => ("Alerts have changed", AlertEvent::name()),
        EventType::AlertResolved => ("Alerts are resolved", AlertEvent::name()),
        EventType::AlertWithdrawn => ("Alerts are withdrawn", AlertEvent::name()),
        EventType::ReportOverdue => ("A report is overdue", OverdueEvent::name()),
        EventType::PlanRevised => (
            "A plan is revised, or a revision waits for approval",
            PlanRevisedEvent::name(),
        ),
        EventType::DigestMonthly => ("A month in brief", DigestEvent::name()),
        EventType::EndpointDisabled => ("A destination is disabled", DisabledEvent::name()),
        EventType::EndpointTest => ("A test", TestEvent::name()),
    };
    (summary, schema.into_owned())
}

/// The headers of the Standard Webhooks scheme.
fn headers() -> [Parameter; 3] {
    [
        (
            "webhook-id",
            Type::String,
            "Identifies the event for this destination, the same at every attempt.",
        ),
        (
            "webhook-timestamp",
            Type::Integer,
            "When this attempt was made, in seconds since 1970.",
        ),
        (
            "webhook-signature",
            Type::String,
            "One or more signatures, parted by blanks: `v1,` and the Base64 of the HMAC-SHA256 of \
             `{id}.{timestamp}.{body}`. The key is what the secret says in Base64 after `whsec_`. While a secret is \
             being rotated there is one for each.",
        ),
    ]
    .map(|(name, kind, description)| {
        let schema = ObjectBuilder::new().schema_type(SchemaType::Type(kind));
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schema))
            .build()
    })
}

/// The schemas of all bodies, by name.
pub fn schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut found = Vec::new();
    add::<AlertEvent>(&mut found);
    add::<OverdueEvent>(&mut found);
    add::<PlanRevisedEvent>(&mut found);
    add::<DigestEvent>(&mut found);
    add::<DisabledEvent>(&mut found);
    add::<TestEvent>(&mut found);
    found
}

fn add<T: ToSchema + PartialSchema>(found: &mut Vec<(String, RefOr<Schema>)>) {
    found.push((T::name().into_owned(), T::schema()));
    T::schemas(found);
}
