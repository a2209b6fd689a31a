//! Mail, from its composition to what the server made of it.

use chrono::{TimeZone, Utc};
use mail_parser::{MessageParser, MimeHeaders};
use shirube::clock::Clock;
use shirube::config::{Config, MailConfig, Secret};
use shirube::domain::delivery::{ErrorClass, Outcome};
use shirube::notify::Exchange;
use shirube::notify::mail::{Mailer, OutgoingMail};

use crate::smtp::{Refusals, Sink, Tls};
use crate::{HASTY, PATIENT, result};

const SUBJECT: &str =
    "【要対応】山形プロフェッショナル人材戦略拠点：相談件数が計画を下回っています（2026年4月）";

pub fn mail() -> OutgoingMail {
    OutgoingMail {
        to: "coordinator@pref.example.jp".to_owned(),
        subject: SUBJECT.to_owned(),
        text: "相談件数：計画 30 件、実績 18 件\n.\n一行が点だけ\n".to_owned(),
        html: "<p>相談件数：計画 30 件、実績 18 件</p>\n".to_owned(),
        message_id: "<notice-01890a5d-ac96-774b-bcce-b302099a8057@shirube.example.jp>".to_owned(),
        references: Vec::new(),
        in_reply_to: None,
    }
}

/// Mail to a server on this machine, as an operator would write it.
pub fn mailer_config(port: u16) -> MailConfig {
    let url = format!("smtp://localhost:{port}");
    let variables = [
        ("SHIRUBE_SMTP_URL", url.as_str()),
        ("SHIRUBE_MAIL_FROM", "KPI 通知 <alerts@example.jp>"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::from_map(&variables.into()).unwrap();
    config.notify.mail.unwrap()
}

pub fn password() -> Secret {
    Secret("hunter2".to_owned())
}

fn clock() -> Clock {
    Clock::fixed(Utc.with_ymd_and_hms(2026, 4, 30, 15, 0, 0).unwrap())
}

async fn send(refusals: Refusals, mail: &OutgoingMail) -> (Exchange, Sink) {
    let sink = Sink::start(refusals, Tls::None).await;
    let mailer = Mailer::new(&mailer_config(sink.port), PATIENT, clock());
    (mailer.send(mail).await, sink)
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let (exchange, sink) = send(&[], &mail()).await;
    assert_eq!(result(&exchange), (Outcome::Delivered, Some(250), None));
    assert_eq!(exchange.excerpt.as_deref(), Some("taken as 1234"));
    let commands: Vec<String> = sink.commands().into_iter().map(|(_, line)| line).collect();
    assert_eq!(
        commands,
        [
            "EHLO example.jp",
            "MAIL FROM:<alerts@example.jp>",
            "RCPT TO:<coordinator@pref.example.jp>",
            "DATA",
            "QUIT"
        ]
    );
    let [raw] = &sink.mails()[..] else {
        panic!("{:?}", sink.mails());
    };
    assert!(raw.is_ascii());
    assert!(raw.lines().all(|line| line.len() <= 998));
    let parsed = MessageParser::default().parse(raw).unwrap();
    assert_eq!(parsed.subject(), Some(SUBJECT));
    let from = parsed.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("KPI 通知"));
    assert_eq!(from.address(), Some("alerts@example.jp"));
    let to = parsed.to().unwrap().first().unwrap();
    assert_eq!(to.address(), Some("coordinator@pref.example.jp"));
    assert_eq!(
        parsed.message_id(),
        Some(mail().message_id.trim_matches(['<', '>']))
    );
    assert_eq!(
        parsed.header_raw("Auto-Submitted").map(str::trim),
        Some("auto-generated")
    );
    assert_eq!(parsed.date().unwrap().to_rfc3339(), "2026-04-30T15:00:00Z");
    assert_eq!(parsed.in_reply_to().as_text(), None);
    let kind = parsed.content_type().unwrap();
    assert_eq!(
        (kind.ctype(), kind.subtype()),
        ("multipart", Some("alternative"))
    );
    let text = parsed.body_text(0).unwrap();
    assert_eq!(
        text.trim_end(),
        mail().text.replace('\n', "\r\n").trim_end()
    );
    let html = parsed.body_html(0).unwrap();
    assert_eq!(html.trim_end(), mail().html.trim_end());
}

#[tokio::test]
async fn a_mail_belongs_to_those_before_it() {
    let id = |n: usize| format!("<alert-01890a5d-ac96-774b-bcce-b30209{n:06}@shirube.example.jp>");
    let references: Vec<String> = (0..12).map(id).collect();
    let follow_up = OutgoingMail {
        in_reply_to: references.last().cloned(),
        references: references.clone(),
        ..mail()
    };
    let (_, sink) = send(&[], &follow_up).await;
    let raw = &sink.mails()[0];
    let parsed = MessageParser::default().parse(raw).unwrap();
    let bare = |id: &String| id.trim_matches(['<', '>']).to_owned();
    let expected: Vec<String> = references.iter().map(bare).collect();
    let found: Vec<String> = parsed
        .references()
        .as_text_list()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found, expected);
    assert_eq!(parsed.in_reply_to().as_text(), Some(expected[11].as_str()));
}

/// 4xx and broken connections pass; 5xx about the mail does not, 5xx about this service's
/// access is mended by its operator.
#[tokio::test]
async fn replies_decide() {
    use ErrorClass::{Reset, Status};
    use Outcome::{Refused, Retry};
    let table: [(Refusals, _, _, _); 16] = [
        (&[("", "421 busy")], Retry, Some(421), Status),
        (&[("", "554 not you")], Retry, Some(554), Status),
        (&[("", "")], Retry, None, Reset),
        (&[("", "hello?")], Retry, None, Reset),
        (&[("EHLO", "502 what")], Retry, Some(502), Status),
        (&[("EHLO", "")], Retry, None, Reset),
        (&[("MAIL", "451 later")], Retry, Some(451), Status),
        (&[("MAIL", "530 who are you")], Retry, Some(530), Status),
        (&[("MAIL", "553 not from you")], Refused, Some(553), Status),
        (&[("RCPT", "450 greylisted")], Retry, Some(450), Status),
        (&[("RCPT", "550 no such user")], Refused, Some(550), Status),
        (&[("RCPT", "")], Retry, None, Reset),
        (&[("DATA", "451 later")], Retry, Some(451), Status),
        (&[(".", "452 full")], Retry, Some(452), Status),
        (&[(".", "554 spam")], Refused, Some(554), Status),
        (&[(".", "")], Retry, None, Reset),
    ];
    for (refusals, outcome, status, class) in table {
        let (exchange, _) = send(refusals, &mail()).await;
        assert_eq!(
            result(&exchange),
            (outcome, status, Some(class)),
            "{refusals:?}"
        );
        let said = status.map(|_| refusals[0].1[4..].to_owned());
        assert_eq!(exchange.excerpt, said, "{refusals:?}");
    }
}

#[tokio::test]
async fn wrong_passwords_are_the_operators() {
    let refusals: Refusals = &[("AUTH", "535 no")];
    let sink = Sink::start(refusals, Tls::None).await;
    let mut config = mailer_config(sink.port);
    config.server.credentials = Some(("user".to_owned(), password()));
    let mailer = Mailer::new(&config, PATIENT, clock());
    // As a worker does it: in a task of its own.
    let sending = tokio::spawn(async move { mailer.send(&mail()).await });
    let exchange = sending.await.unwrap();
    let expected = (Outcome::Retry, Some(535), Some(ErrorClass::Status));
    assert_eq!(result(&exchange), expected);
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn servers_that_are_not_there() {
    for refusals in [&[("", "hang")][..], &[("RCPT", "hang")], &[(".", "hang")]] {
        let sink = Sink::start(refusals, Tls::None).await;
        let mailer = Mailer::new(&mailer_config(sink.port), HASTY, clock());
        let exchange = mailer.send(&mail()).await;
        let expected = (Outcome::Retry, None, Some(ErrorClass::Timeout));
        assert_eq!(result(&exchange), expected, "{refusals:?}");
    }
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let mailer = Mailer::new(&mailer_config(nobody), PATIENT, clock());
    let exchange = mailer.send(&mail()).await;
    let expected = (Outcome::Retry, None, Some(ErrorClass::Connect));
    assert_eq!(result(&exchange), expected);
}

/// The reply to the message counts, not the manners after it.
#[tokio::test]
async fn a_server_need_not_say_goodbye() {
    for refusals in [
        &[("QUIT", "")][..],
        &[("QUIT", "hang")],
        &[("QUIT", "500 what")],
    ] {
        let (exchange, sink) = send(refusals, &mail()).await;
        assert_eq!(exchange.outcome, Outcome::Delivered, "{refusals:?}");
        assert_eq!(sink.mails().len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_smuggled_into_a_mail() {
    let bad = "x\r\nBcc: e@example.jp";
    let tampered = [
        OutgoingMail {
            to: format!("{bad}@example.jp"),
            ..mail()
        },
        OutgoingMail {
            to: format!("a@example.jp{bad}"),
            ..mail()
        },
        OutgoingMail {
            to: "a@example.jp>\r\nRCPT TO:<e@example.jp".to_owned(),
            ..mail()
        },
        OutgoingMail {
            to: "\"x\r\nBcc: e@example.jp\" <a@example.jp>".to_owned(),
            ..mail()
        },
        OutgoingMail {
            subject: bad.to_owned(),
            ..mail()
        },
        OutgoingMail {
            subject: "x\rBcc: e@example.jp".to_owned(),
            ..mail()
        },
        OutgoingMail {
            subject: "x\nBcc: e@example.jp".to_owned(),
            ..mail()
        },
        OutgoingMail {
            subject: "x\0".to_owned(),
            ..mail()
        },
        OutgoingMail {
            subject: "x\u{85}y".to_owned(),
            ..mail()
        },
        OutgoingMail {
            message_id: format!("<a@b>{bad}"),
            ..mail()
        },
        OutgoingMail {
            references: vec![format!("<a@b\r\n{bad}>")],
            ..mail()
        },
        OutgoingMail {
            in_reply_to: Some(format!("<a@b>{bad}")),
            ..mail()
        },
    ];
    for mail in tampered {
        let (exchange, sink) = send(&[], &mail).await;
        let expected = (Outcome::Refused, None, Some(ErrorClass::Other));
        assert_eq!(result(&exchange), expected, "{mail:?}");
        assert!(sink.commands().is_empty(), "{mail:?}");
    }
}

/// Text is anything; it cannot end the message and begin another.
#[tokio::test]
async fn text_stays_text() {
    for end in [
        "\r\n.\r\n",
        "\n.\n",
        "\r.\r",
        "\n.\r\n",
        "\r\n.\n",
        "\r\n.\r",
        "\u{2028}.\n",
    ] {
        let text = format!("x{end}MAIL FROM:<e@example.jp>\r\nQUIT\r\n");
        let tampered = OutgoingMail {
            html: text.clone(),
            text: text.clone(),
            ..mail()
        };
        let (exchange, sink) = send(&[], &tampered).await;
        assert_eq!(exchange.outcome, Outcome::Delivered, "{end:?}");
        assert_eq!(sink.mails().len(), 1, "{end:?}");
        assert_eq!(sink.commands().len(), 5, "{end:?}");
        let parsed = MessageParser::default()
            .parse(&sink.mails()[0])
            .unwrap()
            .into_owned();
        assert!(
            parsed.body_text(0).unwrap().contains("MAIL FROM"),
            "{end:?}"
        );
    }
}

/// A name of a hub in a subject is encoded, whatever it is.
#[tokio::test]
async fn subjects_survive() {
    let long = "県".repeat(300);
    for subject in ["plain", "a: b; <c@d> \"e\"", "😀 𠮷野家 ①", &long] {
        let titled = OutgoingMail {
            subject: subject.to_owned(),
            ..mail()
        };
        let (_, sink) = send(&[], &titled).await;
        let mails = sink.mails();
        let parsed = MessageParser::default().parse(&mails[0]).unwrap();
        assert_eq!(parsed.subject(), Some(subject));
    }
}
