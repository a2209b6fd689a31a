//! Bodies that describe destinations of notices: their documentation, and how
//! they are read.

use serde::Deserialize;
use utoipa::ToSchema;

use super::alerts::{SeverityDoc, StageDoc};
use super::fields::{self, ScopeDoc};
use crate::app::subscriptions::{
    DIGEST_DAY, ESCALATION_DAYS_MAX, NewSubscription, SubscriptionChange,
};
use crate::domain::access::Scope;
use crate::domain::alert::Severity;
use crate::domain::delivery::{Cadence, Channel, Endpoint, Filter, masked_email};
use crate::domain::event::EventType;
use crate::domain::ids::ScorecardId;
use crate::domain::issue::{IssueCode, Issues};
use crate::domain::scorecard::Stage;
use crate::domain::strict_json::{Object, Value};
use crate::domain::text::{Language, Text};
use crate::notify::address::{AddressPolicy, check_teams_host};
use crate::notify::mail::parse_address;
use crate::notify::preset::check_chatwork;

/// Recipients of one destination.
const RECIPIENTS_MAX: usize = 20;
/// Scorecards that one filter names.
const FILTER_SCORECARDS_MAX: usize = 200;
/// Last day of the month on which a digest can leave: every month has it.
const DIGEST_DAY_MAX: u32 = 28;

/// How a destination is reached.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelDoc {
    Webhook,
    Slack,
    Teams,
    Chatwork,
    LineWorks,
    Email,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CadenceDoc {
    Immediate,
    Monthly,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LanguageDoc {
    Ja,
    En,
}

#[derive(Deserialize, ToSchema)]
pub enum EventTypeDoc {
    #[serde(rename = "alert.opened")]
    AlertOpened,
    #[serde(rename = "alert.updated")]
    AlertUpdated,
    #[serde(rename = "alert.resolved")]
    AlertResolved,
    #[serde(rename = "alert.withdrawn")]
    AlertWithdrawn,
    #[serde(rename = "report.overdue")]
    ReportOverdue,
    #[serde(rename = "plan.revised")]
    PlanRevised,
    #[serde(rename = "digest.monthly")]
    DigestMonthly,
    #[serde(rename = "endpoint.disabled")]
    EndpointDisabled,
    #[serde(rename = "endpoint.test")]
    EndpointTest,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SwitchDoc {
    Active,
    Disabled,
}

/// A room of Chatwork, and the API token of the account that posts there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `chatwork` reads")]
#[schema(as = ChatworkInput)]
struct ChatworkDoc {
    /// The digits after `#!rid` in the room's address.
    #[schema(pattern = "^[0-9]{1,20}$", example = "123456789")]
    room: String,
    /// Never shown again.
    #[schema(pattern = "^[!-~]{1,200}$")]
    token: String,
}

/// What a destination wants to hear of; absent members choose everything.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `filter` reads")]
#[schema(as = SubscriptionFilterInput)]
struct FilterDoc {
    /// Identifiers of scorecards in the subscription's scope.
    #[schema(max_items = 200)]
    scorecards: Option<Vec<String>>,
    #[schema(max_items = 7, inline)]
    stages: Option<Vec<StageDoc>>,
    /// Only alerts at least as severe.
    #[schema(inline)]
    severity: Option<SeverityDoc>,
    #[schema(max_items = 8, inline)]
    events: Option<Vec<EventTypeDoc>>,
}

/// A destination of notices, with exactly the address that its channel needs: `url` for
/// `webhook`, `slack`, `teams` and `line_works`, `chatwork` for `chatwork`, `recipients` for `email`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `new_subscription` reads")]
#[schema(as = SubscriptionBody, example = json!({"name": "産業政策課", "channel": "email", "scope": {"prefecture": "06"}, "recipients": ["sangyo@pref.example.jp"], "filter": {"severity": "critical"}}))]
pub struct SubscriptionBody {
    /// What it is called in lists and in its own test.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(inline)]
    channel: ChannelDoc,
    /// Whose scorecards it is told about; the caller's own scope where absent.
    scope: Option<ScopeDoc>,
    /// An `https://` address. It is a secret, and never shown whole again.
    #[schema(
        min_length = 1,
        max_length = 2048,
        example = "https://receiver.example.jp/shirube"
    )]
    url: Option<String>,
    chatwork: Option<ChatworkDoc>,
    /// E-mail addresses.
    #[schema(min_items = 1, max_items = 20)]
    recipients: Option<Vec<String>>,
    filter: Option<FilterDoc>,
    /// `immediate` where absent; `monthly` is one digest a month.
    #[schema(inline)]
    cadence: Option<CadenceDoc>,
    /// Of messages to people; `ja` where absent.
    #[schema(inline)]
    language: Option<LanguageDoc>,
    /// Tell of an alert only when nobody has acknowledged it for so many business days; 10 for the nation,
    /// else 0, where absent.
    #[schema(minimum = 0, maximum = 60)]
    escalation_days: Option<u32>,
    /// Day of the month on which a digest leaves, at 9:00 in Japan; 11 where absent.
    #[schema(minimum = 1, maximum = 28)]
    digest_day: Option<u32>,
}

/// What is to be changed; what is absent stays. An address or filter is replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `subscription_change` reads")]
#[schema(as = SubscriptionChangeBody, example = json!({"state": "active", "filter": {}}))]
pub struct SubscriptionChangeBody {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(min_length = 1, max_length = 2048)]
    url: Option<String>,
    chatwork: Option<ChatworkDoc>,
    #[schema(min_items = 1, max_items = 20)]
    recipients: Option<Vec<String>>,
    filter: Option<FilterDoc>,
    #[schema(inline)]
    cadence: Option<CadenceDoc>,
    #[schema(inline)]
    language: Option<LanguageDoc>,
    #[schema(minimum = 0, maximum = 60)]
    escalation_days: Option<u32>,
    #[schema(minimum = 1, maximum = 28)]
    digest_day: Option<u32>,
    /// `disabled` parks what waits; `active` sends what happens from then on.
    #[schema(inline)]
    state: Option<SwitchDoc>,
}

/// A destination to be made, in the caller's scope where it names none.
pub fn new_subscription(
    object: &mut Object<'_>,
    issues: &mut Issues,
    own: &Scope,
    policy: &AddressPolicy,
) -> Option<NewSubscription> {
    let name = object.required("name", issues).and_then(|v| v.line(issues));
    let channel = object
        .required("channel", issues)
        .and_then(|v| v.one_of(issues, Channel::CODES));
    let scope = match object.optional("scope") {
        Some(_) => fields::scope(object, issues),
        None => Some(own.clone()),
    };
    let address = address(object, issues, channel, policy);
    if let Some(channel) = channel
        && address.is_absent
    {
        object.required(member_of(channel), issues);
    }
    let filter = match object.optional("filter") {
        Some(value) => filter(&value, issues),
        None => Some(Filter::default()),
    };
    let choices = Choices::read(object, issues);
    let (endpoint, address) = address.read?;
    Some(NewSubscription {
        scope: scope?,
        name: name?,
        channel: channel?,
        endpoint,
        address,
        filter: filter?,
        cadence: choices.cadence.unwrap_or(Cadence::Immediate),
        language: choices.language.unwrap_or_default(),
        escalation_days: choices.escalation_days,
        digest_day: choices.digest_day.unwrap_or(DIGEST_DAY),
    })
}

/// What is to be changed of a destination.
pub fn subscription_change(
    object: &mut Object<'_>,
    issues: &mut Issues,
    channel: Channel,
    policy: &AddressPolicy,
) -> SubscriptionChange {
    let name = object.optional("name").and_then(|v| v.line(issues));
    let address = address(object, issues, Some(channel), policy);
    let filter = object
        .optional("filter")
        .and_then(|value| filter(&value, issues));
    let choices = Choices::read(object, issues);
    let active = object
        .optional("state")
        .and_then(|v| v.one_of(issues, &[("active", true), ("disabled", false)]));
    SubscriptionChange {
        name,
        endpoint: address.read,
        filter,
        cadence: choices.cadence,
        language: choices.language,
        escalation_days: choices.escalation_days,
        digest_day: choices.digest_day,
        active,
    }
}

/// Members that every destination may have.
struct Choices {
    cadence: Option<Cadence>,
    language: Option<Language>,
    escalation_days: Option<u32>,
    digest_day: Option<u32>,
}

impl Choices {
    fn read(object: &mut Object<'_>, issues: &mut Issues) -> Self {
        Self {
            cadence: object
                .optional("cadence")
                .and_then(|v| v.one_of(issues, Cadence::CODES)),
            language: object
                .optional("language")
                .and_then(|v| v.one_of(issues, Language::CODES)),
            escalation_days: object
                .optional("escalation_days")
                .and_then(|v| v.integer(issues, 0, ESCALATION_DAYS_MAX)),
            digest_day: object
                .optional("digest_day")
                .and_then(|v| v.integer(issues, 1, DIGEST_DAY_MAX)),
        }
    }
}

const URL: &str = "url";
const CHATWORK: &str = "chatwork";
const RECIPIENTS: &str = "recipients";

/// The member that holds a channel's address.
const fn member_of(channel: Channel) -> &'static str {
    match channel {
        Channel::Webhook | Channel::Slack | Channel::Teams | Channel::LineWorks => URL,
        Channel::Chatwork => CHATWORK,
        Channel::Email => RECIPIENTS,
    }
}

/// The address of a body.
struct Address {
    /// With the address as it may be shown; `None` where it is absent or faulty.
    read: Option<(Endpoint, String)>,
    is_absent: bool,
}

/// Reads the member that the channel needs, and refuses those of other channels.
fn address(
    object: &mut Object<'_>,
    issues: &mut Issues,
    channel: Option<Channel>,
    policy: &AddressPolicy,
) -> Address {
    let mut found = Address {
        read: None,
        is_absent: true,
    };
    for member in [URL, CHATWORK, RECIPIENTS] {
        let (Some(value), Some(channel)) = (object.optional(member), channel) else {
            continue;
        };
        if member != member_of(channel) {
            let needed = member_of(channel);
            issues.error(
                IssueCode::WrongShape,
                value.path(),
                Text::new(
                    format!("{channel} の宛先は「{needed}」だけで指定してください。"),
                    format!("The address of {channel} is \"{needed}\" alone."),
                ),
            );
            continue;
        }
        found.is_absent = false;
        found.read = match channel {
            Channel::Webhook | Channel::Slack | Channel::Teams | Channel::LineWorks => {
                url(&value, issues, channel, policy)
            }
            Channel::Chatwork => chatwork(&value, issues),
            Channel::Email => recipients(&value, issues),
        };
    }
    found
}

fn url(
    value: &Value<'_>,
    issues: &mut Issues,
    channel: Channel,
    policy: &AddressPolicy,
) -> Option<(Endpoint, String)> {
    let text = value.note(issues)?;
    let checked = policy.check_url(&text).and_then(|url| {
        if channel == Channel::Teams {
            check_teams_host(&url)?;
        }
        Ok(url)
    });
    match checked {
        Ok(url) => {
            let shown = url.masked();
            let url = url.as_str().to_owned();
            Some((Endpoint::Http { url }, shown))
        }
        Err(fault) => {
            issues.error(IssueCode::OutOfRange, value.path(), fault.text());
            None
        }
    }
}

fn chatwork(value: &Value<'_>, issues: &mut Issues) -> Option<(Endpoint, String)> {
    let mut members = value.object(issues)?;
    let room = members
        .required("room", issues)
        .and_then(|v| v.line(issues));
    let token = members
        .required("token", issues)
        .and_then(|v| v.line(issues));
    members.finish(issues);
    let (room, token) = (room?, token?);
    if let Err(fault) = check_chatwork(&room, &token) {
        issues.error(IssueCode::OutOfRange, value.path(), fault);
        return None;
    }
    let shown = room.clone();
    Some((Endpoint::Chatwork { room, token }, shown))
}

fn recipients(value: &Value<'_>, issues: &mut Issues) -> Option<(Endpoint, String)> {
    let entries = value.array(issues, RECIPIENTS_MAX)?;
    if entries.is_empty() {
        issues.error(
            IssueCode::OutOfRange,
            value.path(),
            Text::new(
                "宛先を一つ以上入れてください。",
                "Give at least one recipient.",
            ),
        );
    }
    let recipients = distinct(&entries, issues, |entry, issues| {
        let text = entry.line(issues)?;
        match parse_address(&text) {
            Ok(address) => Some(address.as_str().to_owned()),
            Err(fault) => {
                issues.error(IssueCode::OutOfRange, entry.path(), fault);
                None
            }
        }
    });
    let shown: Vec<String> = recipients.iter().map(|text| masked_email(text)).collect();
    Some((Endpoint::Email { recipients }, shown.join(", ")))
}

fn filter(value: &Value<'_>, issues: &mut Issues) -> Option<Filter> {
    let mut members = value.object(issues)?;
    let scorecards = members
        .optional("scorecards")
        .and_then(|v| v.array(issues, FILTER_SCORECARDS_MAX))
        .map(|entries| distinct(&entries, issues, Value::line));
    let stages = members
        .optional("stages")
        .and_then(|v| v.array(issues, Stage::CODES.len()))
        .map(|entries| distinct(&entries, issues, |v, issues| v.one_of(issues, Stage::CODES)));
    let severity = members
        .optional("severity")
        .and_then(|v| v.one_of(issues, Severity::CODES));
    let events = members
        .optional("events")
        .and_then(|v| v.array(issues, EventType::CODES.len()))
        .map(|entries| {
            distinct(&entries, issues, |v, issues| {
                v.one_of(issues, EventType::CODES)
            })
        });
    members.finish(issues);
    let scorecards = scorecards.unwrap_or_default();
    Some(Filter {
        scorecards: scorecards.into_iter().map(ScorecardId).collect(),
        stages: stages.unwrap_or_default(),
        severity,
        events: events.unwrap_or_default(),
    })
}

/// The entries of a list in which each stands once, whatever its case.
fn distinct<'a, T: ToString>(
    entries: &[Value<'a>],
    issues: &mut Issues,
    mut read: impl FnMut(&Value<'a>, &mut Issues) -> Option<T>,
) -> Vec<T> {
    let mut known: Vec<String> = Vec::with_capacity(entries.len());
    let mut found = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(value) = read(entry, issues) else {
            continue;
        };
        let name = value.to_string().to_lowercase();
        if known.contains(&name) {
            issues.error(
                IssueCode::DuplicateKey,
                entry.path(),
                Text::new("同じものが二度あります。", "It is given twice."),
            );
            continue;
        }
        known.push(name);
        found.push(value);
    }
    found
}
