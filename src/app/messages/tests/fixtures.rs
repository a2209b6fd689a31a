//! Events as they happen at hubs, for the golden files.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::alert::{AlertFacts, AlertState, ResolvedReason, Severity};
use crate::domain::amount::Amount;
use crate::domain::causes::{CauseDocument, CauseKind, RemedyDocument, RootDocument};
use crate::domain::event::{
    Acknowledgement, AlertDocument, Digest, DigestLine, DigestOverdue, DisabledEndpoint,
    EndpointTest, Event, EventData, MissingItem, Named, Notice, NoticeAlert, NoticeReason, Overdue,
    ScorecardRef, Silence,
};
use crate::domain::ids::{AlertId, ScorecardId, SubscriptionId};
use crate::domain::month::Month;
use crate::domain::scorecard::{Direction, Measure, Stage, Unit};
use crate::domain::status::Status;
use crate::domain::text::Text;

pub fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

pub fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Every event of the golden files, by its file name.
pub fn all() -> Vec<(&'static str, Event)> {
    vec![
        ("opened", opened()),
        ("updated", updated()),
        ("year_missed", year_missed()),
        ("preparation", preparation()),
        ("resolved", resolved()),
        ("withdrawn", withdrawn()),
        ("overdue", overdue()),
        ("digest", digest()),
        ("digest_quiet", digest_quiet()),
        ("disabled", disabled()),
        ("test", test()),
        ("hostile", hostile()),
    ]
}

fn event(at: &str, data: EventData) -> Event {
    Event {
        at: instant(at),
        data,
    }
}

fn named(code: &str, ja: &str, en: &str) -> Named {
    Named {
        code: code.to_owned(),
        name: Text::new(ja, en),
    }
}

pub fn akita() -> ScorecardRef {
    ScorecardRef {
        scorecard: ScorecardId("0198f3a0-0000-7000-8000-000000000001".to_owned()),
        scorecard_key: "mature-hard-to-fill".to_owned(),
        scorecard_name: Text::new("人材確保が難しい業種への支援", "Hard-to-fill industries"),
        hub: named("akita", "秋田県プロフェッショナル人材戦略拠点", "Akita hub"),
        prefecture: named("05", "秋田県", "Akita"),
    }
}

fn yamagata() -> ScorecardRef {
    ScorecardRef {
        scorecard: ScorecardId("0198f3a0-0000-7000-8000-000000000002".to_owned()),
        scorecard_key: "challenge-employment".to_owned(),
        scorecard_name: Text::new("雇用政策との接続", "Tied to employment policy"),
        hub: named("shonai", "庄内サテライト", "Shonai branch"),
        prefecture: named("06", "山形県", "Yamagata"),
    }
}

fn url(path: &str) -> String {
    format!("https://shirube.example.jp/{path}")
}

/// A flow of cases at 60 % of its plan, its own work; other cases differ by a few members.
pub fn facts(item: &str, ja: &str, en: &str, stage: Stage) -> AlertFacts {
    AlertFacts {
        item: item.to_owned(),
        item_name: Text::new(ja, en),
        stage,
        track: None,
        measure: Measure::Flow,
        unit: Unit("cases".to_owned()),
        direction: Direction::Higher,
        episode: 1,
        reopened: false,
        opened_month: month("2028-09"),
        resolved_month: None,
        resolved_reason: None,
        severity: Severity::High,
        month: month("2028-09"),
        status: Status::Behind,
        actual: Some(amount("9")),
        plan: amount("15"),
        target: Some(amount("30")),
        attainment: Some(amount("0.6")),
        shortfall: Some(amount("6")),
        cause: cause(CauseKind::Execution),
    }
}

fn figures(facts: &mut AlertFacts, actual: &str, plan: &str, target: &str, attainment: &str) {
    facts.actual = Some(amount(actual));
    facts.plan = amount(plan);
    facts.target = Some(amount(target));
    facts.attainment = Some(amount(attainment));
}

pub fn cause(kind: CauseKind) -> CauseDocument {
    CauseDocument {
        kind,
        volume: None,
        conversion: None,
        timing: None,
        root_causes: Vec::new(),
        remedies: Vec::new(),
        advice: None,
    }
}

fn root(item: &str, ja: &str, en: &str, status: Status) -> RootDocument {
    RootDocument {
        item: item.to_owned(),
        item_name: Text::new(ja, en),
        stage: Stage::Setup,
        status,
        distance: 1,
        path: vec![item.to_owned(), "consult-seminar".to_owned()],
    }
}

pub fn remedy(item: &str, ja: &str, en: &str, actual: Option<&str>, due: &str) -> RemedyDocument {
    RemedyDocument {
        item: item.to_owned(),
        item_name: Text::new(ja, en),
        stage: Stage::Setup,
        measure: Measure::Milestone,
        unit: Unit("percent".to_owned()),
        status: Status::Behind,
        actual: actual.map(amount),
        target: Some(amount("100")),
        due_month: Some(month(due)),
        distance: 1,
    }
}

pub fn alert(number: u32, about: &ScorecardRef, facts: AlertFacts) -> AlertDocument {
    AlertDocument {
        id: AlertId(format!("0198f3b0-0000-7000-8000-{number:012}")),
        about: about.clone(),
        state: if facts.is_open() {
            AlertState::Open
        } else {
            AlertState::Resolved
        },
        folded_under: None,
        facts,
        handled: false,
        acknowledgement: None,
        silence: None,
    }
}

pub fn told(reason: NoticeReason, alert: AlertDocument, folded: Vec<AlertDocument>) -> NoticeAlert {
    let folded = folded
        .into_iter()
        .map(|folded| AlertDocument {
            folded_under: Some(alert.id.clone()),
            ..folded
        })
        .collect();
    NoticeAlert {
        reason,
        alert,
        folded,
    }
}

pub fn notice(about: ScorecardRef, at: &str) -> Notice {
    let url = url(&format!("scorecards/{}?month={at}", about.scorecard));
    Notice {
        about,
        month: month(at),
        opened: Vec::new(),
        updated: Vec::new(),
        resolved: Vec::new(),
        withdrawn: Vec::new(),
        truncated: 0,
        url: Some(url),
    }
}

/// Two roots in the preparation, three consequences of which one is money, and
/// an alert where no preparation is left.
fn opened() -> Event {
    let about = akita();
    let mut consult = facts(
        "consult-seminar",
        "セミナー経由の相談",
        "Consultations from seminars",
        Stage::Consult,
    );
    figures(&mut consult, "6", "15", "30", "0.4");
    consult.severity = Severity::Critical;
    consult.cause = CauseDocument {
        root_causes: vec![
            root(
                "seminar-format",
                "業界特化セミナーの型化",
                "Make the industry seminar a repeatable format",
                Status::Behind,
            ),
            root(
                "pr-material",
                "取組事例PR素材の作成（チラシ・冊子）",
                "Produce case material (flyer, booklet)",
                Status::NoData,
            ),
        ],
        remedies: vec![
            remedy(
                "seminar-format",
                "業界特化セミナーの型化",
                "Make the industry seminar a repeatable format",
                Some("60"),
                "2027-09",
            ),
            remedy(
                "pr-material",
                "取組事例PR素材の作成（チラシ・冊子）",
                "Produce case material (flyer, booklet)",
                None,
                "2027-09",
            ),
            RemedyDocument {
                measure: Measure::Cumulative,
                unit: Unit("organisations".to_owned()),
                target: Some(amount("10")),
                ..remedy(
                    "seminar-partners",
                    "セミナー集客連携先の発掘",
                    "Find partners that bring an audience",
                    Some("7"),
                    "2028-12",
                )
            },
        ],
        ..cause(CauseKind::Preparation)
    };
    let mut refer = facts(
        "refer-side-job",
        "とりつなぎ（副業・兼業）",
        "Referrals, side-job",
        Stage::Refer,
    );
    figures(&mut refer, "5", "8", "20", "0.625");
    let mut income = facts("fee-income", "手数料収入", "Fee income", Stage::Revenue);
    income.unit = Unit("JPY".to_owned());
    figures(&mut income, "1250000", "2500000", "6000000", "0.5");
    let mut bank = facts(
        "consult-bank",
        "地銀経由の相談",
        "Consultations from regional banks",
        Stage::Consult,
    );
    figures(&mut bank, "3", "5", "10", "0.6");
    bank.cause.advice = Some(Text::new(
        "上流の準備はすべて終わっています。学習と成長の項目を追加するか、業務プロセスを見直してください。",
        "All preparation upstream is done. Add a learning-and-growth item, or revise the process.",
    ));
    event(
        "2028-10-06T01:15:00.250Z",
        EventData::Notice(Notice {
            opened: vec![
                told(NoticeReason::First, alert(2, &about, bank), Vec::new()),
                told(
                    NoticeReason::First,
                    alert(1, &about, consult),
                    vec![alert(3, &about, refer), alert(4, &about, income)],
                ),
            ],
            ..notice(about, "2028-09")
        }),
    )
}

/// An inherited shortfall that spreads to money, a conversion that stays red
/// though somebody has taken it on, and one that nobody has.
fn updated() -> Event {
    let about = akita();
    let mut income = facts("fee-income", "手数料収入", "Fee income", Stage::Revenue);
    income.unit = Unit("JPY".to_owned());
    figures(&mut income, "1800000", "3000000", "6000000", "0.6");
    income.opened_month = month("2028-10");
    income.month = month("2028-10");
    let mut contract = facts(
        "contract-side-job",
        "成約（副業・兼業）",
        "Contracts, side-job",
        Stage::Contract,
    );
    contract.unit = Unit("contracts".to_owned());
    figures(&mut contract, "3", "5", "10", "0.6");
    contract.opened_month = month("2028-08");
    contract.month = month("2028-10");
    contract.cause = CauseDocument {
        volume: Some(amount("1.6")),
        conversion: Some(amount("0.4")),
        timing: Some(amount("0")),
        root_causes: vec![root(
            "refer-side-job",
            "とりつなぎ（副業・兼業）",
            "Referrals, side-job",
            Status::Behind,
        )],
        remedies: vec![RemedyDocument {
            measure: Measure::Cumulative,
            unit: Unit("companies".to_owned()),
            target: Some(amount("5")),
            status: Status::NotDue,
            ..remedy(
                "talent-pool-specialist",
                "人材プールの拡充（高度専門人材に強い人材会社との提携）",
                "Tie up with agencies strong in specialists",
                None,
                "2029-03",
            )
        }],
        ..cause(CauseKind::Inherited)
    };
    let mut refer = facts(
        "refer-full-time",
        "とりつなぎ（常勤）",
        "Referrals, full-time",
        Stage::Refer,
    );
    figures(&mut refer, "2", "4", "10", "0.5");
    refer.month = month("2028-10");
    refer.opened_month = month("2028-07");
    refer.cause = cause(CauseKind::Conversion);
    let mut acknowledged = alert(6, &about, refer);
    acknowledged.acknowledgement = Some(Acknowledgement {
        cause: "求人票の質が低く、人材会社で止まっている".to_owned(),
        action: "人材会社 3 社と求人票の書き方を見直す".to_owned(),
        owner: "三浦 和也".to_owned(),
        due: day("2028-11-30"),
        at: instant("2028-10-12T02:00:00Z"),
        by: "畠山 俊介".to_owned(),
    });
    let mut attract = facts("joint-visits", "同行訪問", "Joint visits", Stage::Attract);
    attract.unit = Unit("visits".to_owned());
    attract.month = month("2028-10");
    attract.opened_month = month("2028-09");
    attract.cause = cause(CauseKind::Timing);
    event(
        "2028-11-08T00:00:00Z",
        EventData::Notice(Notice {
            updated: vec![
                told(
                    NoticeReason::NewConsequence,
                    alert(5, &about, contract),
                    vec![alert(8, &about, income)],
                ),
                told(NoticeReason::Worsened, acknowledged, Vec::new()),
                told(NoticeReason::Repeat, alert(7, &about, attract), Vec::new()),
            ],
            truncated: 2,
            ..notice(about, "2028-10")
        }),
    )
}

/// The last month of the year: a flow, a limit in percent, and visits for each company.
fn year_missed() -> Event {
    let about = yamagata();
    let march = month("2029-03");
    let mut turnover = facts(
        "turnover",
        "マッチングした人材の離職率",
        "Turnover of placed people",
        Stage::Contract,
    );
    turnover.measure = Measure::Ratio;
    turnover.unit = Unit("share".to_owned());
    turnover.direction = Direction::Lower;
    turnover.severity = Severity::Critical;
    turnover.month = march;
    turnover.opened_month = month("2028-11");
    figures(&mut turnover, "0.1425", "0.1", "0.1", "0.7018");
    turnover.cause = CauseDocument {
        root_causes: vec![root(
            "company-follow-up",
            "1社あたりの企業フォローアップ（マッチング後）",
            "Follow-ups per company after matching",
            Status::Behind,
        )],
        remedies: vec![remedy(
            "support-format",
            "企業支援の型化（チェックリスト・フォロー・対応マニュアル）",
            "Make company support a format (checklist, follow-up, manual)",
            Some("80"),
            "2028-03",
        )],
        ..cause(CauseKind::Preparation)
    };
    let mut consult = facts("consult", "拠点への相談", "Consultations", Stage::Consult);
    consult.severity = Severity::Critical;
    consult.month = march;
    figures(&mut consult, "108", "150", "150", "0.72");
    consult.opened_month = march;
    let mut follow_up = facts(
        "company-follow-up",
        "1社あたりの企業フォローアップ（マッチング後）",
        "Follow-ups per company after matching",
        Stage::Consult,
    );
    follow_up.measure = Measure::Ratio;
    follow_up.unit = Unit("follow_ups_per_company".to_owned());
    follow_up.month = march;
    follow_up.severity = Severity::Critical;
    figures(&mut follow_up, "0.8333", "2", "2", "0.4167");
    event(
        "2029-04-10T15:00:00Z",
        EventData::Notice(Notice {
            opened: vec![
                told(NoticeReason::First, alert(9, &about, consult), Vec::new()),
                told(
                    NoticeReason::Reopened,
                    alert(11, &about, follow_up),
                    Vec::new(),
                ),
            ],
            updated: vec![told(
                NoticeReason::Escalated,
                alert(10, &about, turnover),
                Vec::new(),
            )],
            ..notice(about, "2029-03")
        }),
    )
}

/// Preparations that are red themselves: one past its due month, one before it,
/// one counted; with a revision, a silence and a response whose time is over.
fn preparation() -> Event {
    let about = akita();
    let mut format = facts(
        "seminar-format",
        "業界特化セミナーの型化",
        "Make the industry seminar a repeatable format",
        Stage::Setup,
    );
    format.measure = Measure::Milestone;
    format.unit = Unit("percent".to_owned());
    format.severity = Severity::Critical;
    figures(&mut format, "55", "100", "100", "0.55");
    format.month = month("2027-09");
    format.opened_month = month("2027-08");
    let mut format = alert(12, &about, format);
    format.handled = true;
    format.silence = Some(Silence {
        until: instant("2027-12-31T14:59:59Z"),
        reason: "改定した計画の開始を待つため".to_owned(),
        at: instant("2027-10-01T00:00:00Z"),
        by: "畠山 俊介".to_owned(),
    });
    let mut pool = facts(
        "talent-pool-specialist",
        "人材プールの拡充（高度専門人材）",
        "Tie up with agencies strong in specialists",
        Stage::Setup,
    );
    pool.measure = Measure::Cumulative;
    pool.unit = Unit("companies".to_owned());
    figures(&mut pool, "0", "2.0833", "5", "0");
    pool.severity = Severity::Critical;
    pool.month = month("2027-09");
    pool.opened_month = month("2027-09");
    let mut analysis = facts(
        "case-analysis",
        "ハローワークとの事例の分析",
        "Analyse cases with Hello Work",
        Stage::Study,
    );
    analysis.measure = Measure::Milestone;
    analysis.unit = Unit("percent".to_owned());
    figures(&mut analysis, "40", "66.6667", "100", "0.6");
    analysis.month = month("2027-09");
    analysis.opened_month = month("2027-09");
    let mut analysis = alert(14, &about, analysis);
    analysis.acknowledgement = Some(Acknowledgement {
        cause: "担当者の異動".to_owned(),
        action: "後任を決め、ヒアリングを再開する".to_owned(),
        owner: "小野寺 彩".to_owned(),
        due: day("2027-09-30"),
        at: instant("2027-09-12T02:00:00Z"),
        by: "畠山 俊介".to_owned(),
    });
    event(
        "2027-10-08T03:00:00Z",
        EventData::Notice(Notice {
            opened: vec![
                told(NoticeReason::Unfolded, alert(13, &about, pool), Vec::new()),
                told(NoticeReason::First, analysis, Vec::new()),
            ],
            updated: vec![told(NoticeReason::Corrected, format, Vec::new())],
            url: None,
            ..notice(about, "2027-09")
        }),
    )
}

fn resolved() -> Event {
    let about = akita();
    let april = month("2029-04");
    let end = |number: u32, mut facts: AlertFacts, reason: ResolvedReason| {
        facts.resolved_month = Some(april);
        facts.resolved_reason = Some(reason);
        facts.opened_month = month("2028-09");
        facts.month = month("2029-03");
        alert(number, &about, facts)
    };
    let mut pool = facts(
        "talent-pool-specialist",
        "人材プールの拡充（高度専門人材）",
        "Tie up with agencies strong in specialists",
        Stage::Setup,
    );
    pool.measure = Measure::Cumulative;
    pool.unit = Unit("companies".to_owned());
    figures(&mut pool, "5", "5", "5", "1");
    pool.month = april;
    let contract = facts(
        "contract-side-job",
        "成約（副業・兼業）",
        "Contracts, side-job",
        Stage::Contract,
    );
    let mut refer = facts(
        "refer-side-job",
        "とりつなぎ（副業・兼業）",
        "Referrals, side-job",
        Stage::Refer,
    );
    figures(&mut refer, "14", "20", "20", "0.7");
    refer.severity = Severity::Critical;
    let visits = facts("joint-visits", "同行訪問", "Joint visits", Stage::Attract);
    let told = |alert, folded| told(NoticeReason::Resolved, alert, folded);
    event(
        "2029-05-08T00:00:00Z",
        EventData::Notice(Notice {
            resolved: vec![
                told(end(1, refer, ResolvedReason::YearEnded), Vec::new()),
                told(end(2, visits, ResolvedReason::PlanChanged), Vec::new()),
                told(
                    end(3, pool, ResolvedReason::Recovered),
                    vec![end(4, contract, ResolvedReason::Recovered)],
                ),
            ],
            ..notice(about.clone(), "2029-04")
        }),
    )
}

fn withdrawn() -> Event {
    let about = akita();
    let facts = facts(
        "consult-bank",
        "地銀経由の相談",
        "Consultations from regional banks",
        Stage::Consult,
    );
    let mut withdrawn = alert(2, &about, facts);
    withdrawn.state = AlertState::Withdrawn;
    event(
        "2028-10-09T05:30:00Z",
        EventData::Notice(Notice {
            withdrawn: vec![told(NoticeReason::Withdrawn, withdrawn, Vec::new())],
            ..notice(about, "2028-09")
        }),
    )
}

fn overdue() -> Event {
    let missing = [
        (
            "consult-seminar",
            "セミナー経由の相談",
            "Consultations from seminars",
        ),
        (
            "consult-bank",
            "地銀経由の相談",
            "Consultations from regional banks",
        ),
        ("fee-income", "手数料収入", "Fee income"),
    ];
    event(
        "2028-10-10T15:00:00Z",
        EventData::Overdue(Overdue {
            about: akita(),
            month: month("2028-09"),
            due_on: day("2028-10-10"),
            missing: missing
                .map(|(item, ja, en)| MissingItem {
                    item: item.to_owned(),
                    item_name: Text::new(ja, en),
                })
                .to_vec(),
            truncated: 0,
            url: Some(url(
                "scorecards/0198f3a0-0000-7000-8000-000000000001/entry?month=2028-09",
            )),
        }),
    )
}

pub fn digest_line(about: &ScorecardRef, facts: &AlertFacts) -> DigestLine {
    DigestLine {
        about: about.clone(),
        alert: Some(AlertId("0198f3b0-0000-7000-8000-000000000001".to_owned())),
        item: facts.item.clone(),
        item_name: facts.item_name.clone(),
        stage: facts.stage,
        month: facts.month,
        status: facts.status,
        severity: Some(facts.severity),
        attainment: facts.attainment,
        opened_month: Some(facts.opened_month),
        acknowledged: false,
    }
}

fn digest() -> Event {
    let (akita, yamagata) = (akita(), yamagata());
    let consult = facts(
        "consult-seminar",
        "セミナー経由の相談",
        "Consultations from seminars",
        Stage::Consult,
    );
    let bank = facts(
        "consult-bank",
        "地銀経由の相談",
        "Consultations from regional banks",
        Stage::Consult,
    );
    let turnover = facts(
        "turnover",
        "マッチングした人材の離職率",
        "Turnover of placed people",
        Stage::Contract,
    );
    let critical = DigestLine {
        severity: Some(Severity::Critical),
        attainment: Some(amount("0.4")),
        acknowledged: true,
        opened_month: Some(month("2028-07")),
        ..digest_line(&yamagata, &turnover)
    };
    let amber = DigestLine {
        status: Status::AtRisk,
        severity: None,
        alert: None,
        opened_month: None,
        attainment: Some(amount("0.9")),
        ..digest_line(
            &akita,
            &facts(
                "seminar-companies",
                "セミナー参加企業",
                "Companies at seminars",
                Stage::Attract,
            ),
        )
    };
    event(
        "2028-10-11T00:00:00Z",
        EventData::Digest(Digest {
            scope: Text::new("全国", "All of Japan"),
            month: month("2028-09"),
            scorecards: 52,
            open: vec![
                digest_line(&akita, &consult),
                critical,
                digest_line(&akita, &bank),
            ],
            amber: vec![amber],
            resolved: vec![digest_line(
                &yamagata,
                &facts(
                    "case-analysis",
                    "ハローワークとの事例の分析",
                    "Analyse cases with Hello Work",
                    Stage::Study,
                ),
            )],
            overdue: vec![DigestOverdue {
                about: yamagata,
                month: month("2028-09"),
                due_on: day("2028-10-10"),
                missing: 3,
            }],
            truncated: 0,
            url: Some(url("?month=2028-09")),
        }),
    )
}

fn digest_quiet() -> Event {
    event(
        "2028-10-11T00:00:00Z",
        EventData::Digest(Digest {
            scope: Text::new("山形県", "Yamagata"),
            month: month("2028-09"),
            scorecards: 1,
            open: Vec::new(),
            amber: Vec::new(),
            resolved: Vec::new(),
            overdue: Vec::new(),
            truncated: 0,
            url: Some(url("?month=2028-09")),
        }),
    )
}

fn disabled() -> Event {
    event(
        "2028-10-11T00:00:00Z",
        EventData::Disabled(DisabledEndpoint {
            subscription: SubscriptionId("0198f3c0-0000-7000-8000-000000000001".to_owned()),
            name: "秋田県 産業政策課（Slack）".to_owned(),
            reason: Text::new(
                "5 日間、一度も届きませんでした（HTTP 500）。",
                "Nothing was delivered for five days (HTTP 500).",
            ),
            failing_since: Some(instant("2028-10-05T20:00:00Z")),
            waiting: 4,
            url: Some(url("subscriptions/0198f3c0-0000-7000-8000-000000000001")),
        }),
    )
}

fn test() -> Event {
    event(
        "2028-10-11T00:00:00Z",
        EventData::Test(EndpointTest {
            subscription: SubscriptionId("0198f3c0-0000-7000-8000-000000000001".to_owned()),
            name: "秋田県 産業政策課（Slack）".to_owned(),
            message: Text::new("設定画面から送信しました。", "Sent from the settings."),
        }),
    )
}

/// Names and notes as somebody would write them who means harm.
fn hostile() -> Event {
    let evil = "<script>alert(1)</script>\r\nBcc: x@example.com <!here> @channel <@U1> *a* _b_ ~c~ `d` [toall] [/info] **x** [l](http://e.example) {{DATE}} \u{1b}[31m\u{202e}&amp;";
    let text = || Text::new(evil, evil);
    let mut about = akita();
    about.hub.name = text();
    about.prefecture.name = Text::new("<b>県</b>\n", "<b>Ken</b>\n");
    about.scorecard_name = text();
    let mut facts = facts("consult", evil, evil, Stage::Consult);
    facts.cause = CauseDocument {
        root_causes: vec![root("a", evil, evil, Status::Behind)],
        remedies: vec![remedy("a", evil, evil, Some("1"), "2028-12")],
        advice: Some(text()),
        ..cause(CauseKind::Inherited)
    };
    let mut document = alert(1, &about, facts);
    document.acknowledgement = Some(Acknowledgement {
        cause: evil.to_owned(),
        action: evil.to_owned(),
        owner: evil.to_owned(),
        due: day("2028-11-30"),
        at: instant("2028-10-12T02:00:00Z"),
        by: evil.to_owned(),
    });
    event(
        "2028-10-06T01:15:00Z",
        EventData::Notice(Notice {
            opened: vec![told(NoticeReason::First, document.clone(), vec![document])],
            url: Some("https://shirube.example.jp/?a=\"><b>|[x]".to_owned()),
            ..notice(about, "2028-09")
        }),
    )
}
