//! What holds for any event: its size, its count, and that nothing in a name
//! is taken for markup.

use proptest::prelude::*;
use serde_json::Value;

use super::fixtures::{self, akita, alert, amount, cause, digest_line, facts, month, notice, told};
use crate::app::messages::{EVENT_BYTES_MAX, chat, json, mail};
use crate::domain::alert::{AlertState, Severity};
use crate::domain::causes::CauseKind;
use crate::domain::delivery::Channel;
use crate::domain::event::{
    Acknowledgement, AlertDocument, Digest, DigestOverdue, DisabledEndpoint, EndpointTest, Event,
    EventData, MissingItem, Notice, NoticeAlert, NoticeReason, Overdue, PlanRevised, RevisedPart,
    ScorecardRef,
};
use crate::domain::ids::SubscriptionId;
use crate::domain::revision::{Kind, Op, RevisionState};
use crate::domain::scorecard::Stage;
use crate::domain::text::{Language, Text};

const CHATS: [Channel; 4] = [
    Channel::Slack,
    Channel::Teams,
    Channel::Chatwork,
    Channel::LineWorks,
];

fn at(data: EventData) -> Event {
    Event {
        at: "2028-10-06T01:15:00Z".parse().unwrap(),
        data,
    }
}

fn document(number: u32, name: &str, severity: Severity) -> AlertDocument {
    let mut facts = facts("consult", name, name, Stage::Consult);
    facts.severity = severity;
    alert(number, &akita(), facts)
}

/// As many alerts of each group, each with as many consequences.
fn crowd(counts: [u32; 4], folded: u32, name: &str) -> Event {
    let group = |count: u32, state: AlertState| -> Vec<NoticeAlert> {
        (0..count)
            .map(|number| {
                let severity = if number % 3 == 2 {
                    Severity::Critical
                } else {
                    Severity::High
                };
                let mut root = document(number, name, severity);
                root.state = state;
                let folded = (0..folded).map(|number| document(number, name, severity));
                told(NoticeReason::First, root, folded.collect())
            })
            .collect()
    };
    at(EventData::Notice(Notice {
        opened: group(counts[0], AlertState::Open),
        updated: group(counts[1], AlertState::Open),
        resolved: group(counts[2], AlertState::Resolved),
        withdrawn: group(counts[3], AlertState::Withdrawn),
        ..notice(akita(), "2028-09")
    }))
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn length(value: &Value) -> usize {
    value.as_array().unwrap().len()
}

/// Alerts of a notice's JSON, their consequences, and those left out.
fn counted(event: &Value) -> usize {
    let data = &event["data"];
    let shown: usize = ["opened", "updated", "resolved", "withdrawn"]
        .iter()
        .flat_map(|group| data[group].as_array().unwrap())
        .map(|alert| 1 + length(&alert["folded"]))
        .sum();
    shown + left_out(event)
}

fn left_out(event: &Value) -> usize {
    usize::try_from(event["data"]["truncated"].as_u64().unwrap()).unwrap()
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,20}",
        "[相談成約]{150,200}",
        "[\u{1}\"\\\\]{150,200}"
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn notices_fit_and_nothing_goes_uncounted(
        counts in [0_u32..12, 0_u32..6, 0_u32..6, 0_u32..6],
        folded in 0_u32..8,
        name in names(),
    ) {
        let event = crowd(counts, folded, &name);
        let written = json(&event);
        prop_assert!(written.len() <= EVENT_BYTES_MAX);
        let written = parsed(&written);
        let all = counts.iter().sum::<u32>() * (folded + 1);
        prop_assert_eq!(counted(&written), usize::try_from(all).unwrap());
        prop_assert_eq!(&written["type"], event.event_type().code());
    }

    #[test]
    fn digests_fit_and_nothing_goes_uncounted(
        counts in [0_usize..200, 0_usize..60, 0_usize..60, 0_usize..60],
        name in names(),
    ) {
        let mut about = akita();
        about.hub.name = Text::new(&name, &name);
        let line = digest_line(&about, &facts("a", &name, &name, Stage::Refer));
        let overdue = DigestOverdue {
            about,
            month: month("2028-09"),
            due_on: "2028-10-10".parse().unwrap(),
            missing: 3,
        };
        let event = at(EventData::Digest(Digest {
            scope: Text::new(&name, &name),
            month: month("2028-09"),
            scorecards: 52,
            open: vec![line.clone(); counts[0]],
            amber: vec![line.clone(); counts[1]],
            resolved: vec![line; counts[2]],
            overdue: vec![overdue; counts[3]],
            truncated: 0,
            url: None,
        }));
        let written = json(&event);
        prop_assert!(written.len() <= EVENT_BYTES_MAX);
        let written = parsed(&written);
        let lengths = ["open", "amber", "resolved", "overdue"].map(|list| length(&written["data"][list]));
        prop_assert_eq!(
            lengths.iter().sum::<usize>() + left_out(&written),
            counts.iter().sum::<usize>()
        );
        // Red lines are the last to go.
        prop_assert!(lengths[0] == counts[0] || lengths[1..] == [0, 0, 0]);
    }

    #[test]
    fn chats_keep_to_their_limits(
        counts in [0_u32..60, 0_u32..6, 0_u32..6, 0_u32..6],
        folded in 0_u32..8,
        name in names(),
        english in any::<bool>(),
    ) {
        let language = if english { Language::English } else { Language::Japanese };
        let event = crowd(counts, folded, &name);
        for channel in CHATS {
            within_limits(channel, &chat(channel, &event, language));
        }
    }
}

fn within_limits(channel: Channel, body: &str) {
    let characters = |value: &Value| value.as_str().unwrap().chars().count();
    match channel {
        Channel::Slack => {
            let body = parsed(body);
            assert!(length(&body["blocks"]) <= 50);
            for block in body["blocks"].as_array().unwrap() {
                let most = if block["type"] == "header" {
                    150
                } else {
                    3_000
                };
                if block["type"] != "context" {
                    assert!((1..=most).contains(&characters(&block["text"]["text"])));
                }
            }
        }
        Channel::Teams => assert!(body.len() <= 28_000),
        Channel::Chatwork => assert!(body.chars().count() <= 10_000),
        _ => {
            let body = parsed(body);
            assert!(characters(&body["title"]) <= 100);
            assert!(characters(&body["body"]["text"]) <= 2_000);
        }
    }
}

/// Of more than fits the worst stays.
#[test]
fn the_most_severe_alert_is_the_last_to_go() {
    let EventData::Notice(mut notice) = crowd([60, 0, 60, 0], 3, "相談").data else {
        unreachable!()
    };
    for told in &mut notice.opened {
        told.alert.facts.severity = Severity::High;
    }
    let worst = notice.opened.last_mut().unwrap();
    worst.alert.facts.severity = Severity::Critical;
    let worst = worst.alert.id.to_string();
    let written = parsed(&json(&at(EventData::Notice(notice))));
    let opened = written["data"]["opened"].as_array().unwrap();
    assert_eq!(opened.last().unwrap()["id"], worst);
    assert!(opened.len() > 1 && opened.len() < 60);
    assert_eq!(length(&written["data"]["resolved"]), 0);
    assert_eq!(length(&opened[0]["folded"]), 0);
    assert_eq!(counted(&written), 120 * 4);
}

/// An alert that is too long by itself is told in brief, not left out.
#[test]
fn one_endless_alert_is_told_in_brief() {
    let mut endless = document(1, "相談", Severity::High);
    let remedy = fixtures::remedy("a", "準備", "Preparation", Some("5"), "2028-12");
    endless.facts.cause = cause(CauseKind::Preparation);
    endless.facts.cause.remedies = vec![remedy; 200];
    let note = "字".repeat(4_000);
    endless.acknowledgement = Some(Acknowledgement {
        cause: note.clone(),
        action: note.clone(),
        owner: note.clone(),
        due: "2028-11-30".parse().unwrap(),
        at: "2028-10-12T02:00:00Z".parse().unwrap(),
        by: note,
    });
    let event = at(EventData::Notice(Notice {
        opened: vec![told(NoticeReason::First, endless, Vec::new())],
        ..notice(akita(), "2028-09")
    }));
    let written = json(&event);
    assert!(written.len() <= EVENT_BYTES_MAX);
    let written = parsed(&written);
    assert_eq!(
        (length(&written["data"]["opened"]), left_out(&written)),
        (1, 0)
    );
    let alert = &written["data"]["opened"][0];
    assert_eq!(length(&alert["cause"]["remedies"]), 3);
    assert!(
        alert["acknowledgement"]["action"]
            .as_str()
            .unwrap()
            .ends_with('…')
    );
}

/// Even an event whose frame alone is too long.
#[test]
fn every_kind_of_event_fits() {
    let long = "\u{1}".repeat(8_000);
    let text = || Text::new(&long, &long);
    let about = || ScorecardRef {
        scorecard_name: text(),
        ..akita()
    };
    let subscription = || SubscriptionId("s".to_owned());
    let item = MissingItem {
        item: "a".to_owned(),
        item_name: Text::new("相談", "Consultations"),
    };
    let change = RevisedPart {
        op: Op::Add,
        kind: Kind::Item,
        key: "a".to_owned(),
        name: Some(text()),
    };
    let mut long_notice = notice(about(), "2028-09");
    long_notice.opened = vec![told(
        NoticeReason::First,
        document(1, &long, Severity::High),
        Vec::new(),
    )];
    for data in [
        EventData::Notice(long_notice),
        EventData::Overdue(Overdue {
            about: about(),
            month: month("2028-09"),
            due_on: "2028-10-10".parse().unwrap(),
            missing: vec![item.clone(); 700],
            truncated: 0,
            url: None,
        }),
        EventData::Revised(PlanRevised {
            about: about(),
            version: 2,
            state: RevisionState::Rejected,
            effective_month: month("2028-09"),
            author: long.clone(),
            reason: long.clone(),
            alert: None,
            decided_by: Some(long.clone()),
            note: Some(long.clone()),
            changes: vec![change.clone(); 700],
            truncated: 0,
            url: None,
        }),
        EventData::Disabled(DisabledEndpoint {
            subscription: subscription(),
            name: long.clone(),
            reason: text(),
            failing_since: None,
            waiting: 0,
            url: None,
        }),
        EventData::Test(EndpointTest {
            subscription: subscription(),
            name: long.clone(),
            message: text(),
        }),
    ] {
        let event = at(data);
        let written = json(&event);
        assert!(written.len() <= EVENT_BYTES_MAX, "{}", event.event_type());
        assert_eq!(parsed(&written)["type"], event.event_type().code());
        for channel in CHATS {
            within_limits(channel, &chat(channel, &event, Language::Japanese));
        }
    }
    let overdue = at(EventData::Overdue(Overdue {
        about: akita(),
        month: month("2028-09"),
        due_on: "2028-10-10".parse().unwrap(),
        missing: vec![item; 700],
        truncated: 0,
        url: None,
    }));
    let written = parsed(&json(&overdue));
    assert!(length(&written["data"]["missing"]) > 100);
    assert_eq!(
        length(&written["data"]["missing"]) + left_out(&written),
        700
    );
}

/// What a short message leaves out is said, and it adds up.
#[test]
fn a_cut_message_says_how_much_is_missing() {
    let event = crowd([60, 0, 0, 0], 1, "相談");
    let body = parsed(&chat(Channel::LineWorks, &event, Language::Japanese));
    let text = body["body"]["text"].as_str().unwrap();
    let shown = text.matches('●').count();
    assert!(shown > 5, "{text}");
    let missing = format!("ほか {} 件は、リンク先でご覧ください。", (60 - shown) * 2);
    assert!(text.ends_with(&missing), "{text}");
}

fn hostile() -> Event {
    fixtures::all()
        .into_iter()
        .find_map(|(name, event)| (name == "hostile").then_some(event))
        .unwrap()
}

#[test]
fn names_are_never_markup() {
    for language in [Language::Japanese, Language::English] {
        let event = hostile();
        let mail = mail(&event, language);
        assert!(!mail.subject.contains(char::is_control));
        for forbidden in ["\r", "\u{1b}", "\u{202e}"] {
            assert!(!mail.text.contains(forbidden) && !mail.html.contains(forbidden));
        }
        assert!(!mail.text.contains("\nBcc"));
        for markup in ["<script", "<b>", "<!here"] {
            assert!(!mail.html.contains(markup), "{markup}");
        }
        assert!(mail.html.contains("a=&#34;&#62;"));

        let slack = chat(Channel::Slack, &event, language);
        let slack = parsed(&slack);
        for block in slack["blocks"].as_array().unwrap() {
            if block["text"]["type"] == "mrkdwn" {
                let text = block["text"]["text"].as_str().unwrap();
                assert!(!text.contains("<!") && !text.contains("<@") && !text.contains('@'));
            }
        }
        assert!(!slack["text"].as_str().unwrap().contains('<'));

        let teams = chat(Channel::Teams, &event, language);
        // Text blocks and facts know Markdown, runs do not.
        assert!(!teams.contains("\"TextBlock\"") && !teams.contains("\"FactSet\""));

        let chatwork = chat(Channel::Chatwork, &event, language);
        let tags: Vec<&str> = chatwork
            .match_indices('[')
            .map(|(start, _)| {
                let end = chatwork[start..].find(']').unwrap();
                &chatwork[start..=start + end]
            })
            .collect();
        assert_eq!(tags, ["[info]", "[title]", "[/title]", "[/info]"]);
    }
}

/// The shape that programs rely on.
#[test]
fn an_event_is_compact_and_flat() {
    let (_, event) = fixtures::all().into_iter().next().unwrap();
    let written = json(&event);
    assert!(written.starts_with(
        r#"{"type":"alert.opened","timestamp":"2028-10-06T01:15:00.250Z","data":{"scorecard":""#
    ));
    assert!(!written.contains('\n'));
    let alert = &parsed(&written)["data"]["opened"][1];
    assert_eq!(alert["reason"], "first");
    assert_eq!(alert["item"], "consult-seminar");
    assert_eq!(alert["folded"][0]["folded_under"], alert["id"]);
    assert_eq!(written.matches(r#""attainment":0.625"#).count(), 1);
}

/// The short form of every measure, where the figures differ in kind.
#[test]
fn a_subject_says_how_far_behind() {
    let subject = |change: &dyn Fn(&mut crate::domain::alert::AlertFacts)| {
        let mut document = document(1, "項目", Severity::High);
        change(&mut document.facts);
        let event = at(EventData::Notice(Notice {
            opened: vec![told(NoticeReason::First, document, Vec::new())],
            ..notice(akita(), "2028-09")
        }));
        mail(&event, Language::Japanese).subject
    };
    assert_eq!(
        subject(&|_| {}),
        "【標】赤：秋田県プロ拠点「項目」計画の60％（2028年9月）"
    );
    // 79.99 % never reads as the 80 of the threshold.
    assert!(subject(&|facts| facts.attainment = Some(amount("0.7999"))).contains("計画の79％"));
    assert!(
        subject(&|facts| {
            facts.actual = None;
            facts.attainment = None;
        })
        .contains("「項目」実績なし（2028年9月）")
    );
}
