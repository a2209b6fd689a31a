//! The verdicts in words.

use super::{Ground, MONTHS_MIN, Side, Verdict};
use crate::domain::amount::Exact;
use crate::domain::scorecard::{Definition, Item, Link};
use crate::domain::text::Text;
use crate::domain::words::{chance_percent, full_percent};

pub(super) fn effect(item: &Item, verdict: Verdict, ground: Ground) -> Text {
    let Text { ja, en } = &item.name;
    let (said_ja, said_en) = match (verdict, ground) {
        (Verdict::Better, _) => (
            "実施後、転換率が上がりました。",
            "the conversion is better than before.",
        ),
        (Verdict::NoBetter, _) => (
            "実施後も、転換率は上がっていません。別の準備を検討してください。",
            "the conversion is no better than before; consider other preparation.",
        ),
        (Verdict::Undecided, Ground::NotReady) => (
            "まだ完了しておらず、期限も来ていないため、判定していません。",
            "not judged: it is neither achieved nor due.",
        ),
        (Verdict::Undecided, Ground::NoConversion) => (
            "転換率を測れる項目につながっていないため、判定できません。",
            "not judged: it leads to no item with a conversion.",
        ),
        (Verdict::Undecided, Ground::TooFewMonths) => (
            "比べる月がまだ足りないため、判定していません。",
            "not judged: too few months can be compared.",
        ),
        (Verdict::Undecided, Ground::NotCounted) => (
            "件数ではないため、偶然かどうかを判定できません。",
            "not judged: what converts is not counted.",
        ),
        (Verdict::Undecided, _) => (
            "転換率が変わったかどうかは、まだはっきりしません。",
            "whether the conversion has changed is not clear yet.",
        ),
    };
    Text::new(
        format!("「{ja}」：{said_ja}"),
        format!("\"{en}\": {said_en}"),
    )
}

pub(super) fn comparison(
    definition: &Definition,
    link: &Link,
    (before, after): (&Side, &Side),
    (verdict, ground): (Verdict, Ground),
    probability: Option<f64>,
) -> Text {
    let (from, to) = (named(definition, &link.from), named(definition, &link.to));
    let what = Text::new(
        format!("{}から{}への転換", from.ja, to.ja),
        format!("From {} to {}", from.en, to.en),
    );
    if ground == Ground::TooFewMonths {
        let (first, second) = (before.months, after.months);
        return Text::new(
            format!(
                "{}：比べる月が、前は {first} か月、後は {second} か月です。それぞれ {MONTHS_MIN} か月から判定します。",
                what.ja
            ),
            format!(
                "{}: {first} months before and {second} after can be compared; {MONTHS_MIN} of each are needed.",
                what.en
            ),
        );
    }
    let (old, new) = (side(before), side(after));
    let said = match (verdict, probability) {
        (Verdict::Better, Some(chance)) => {
            let (ja, en) = match chance_percent(chance).as_str() {
                "0" => ("1% 未満".to_owned(), "less than 1%".to_owned()),
                percent => (format!("約 {percent}%"), format!("about {percent}%")),
            };
            Text::new(
                format!("上がりました。何も変わっていないのに、偶然これほどになる確率は{ja}です。"),
                format!(
                    "better; if nothing had changed, chance would bring this about in {en} of cases."
                ),
            )
        }
        (Verdict::NoBetter, _) => Text::new(
            "上がったとはいえません。",
            "no better: an improvement by a quarter would show.",
        ),
        _ => Text::new(
            "上がったかどうかは、まだはっきりしません。",
            "whether it is better is not clear yet.",
        ),
    };
    Text::new(
        format!("{}：前は {old}、後は {new}。{}", what.ja, said.ja),
        format!("{}: {old} before, {new} after: {}", what.en, said.en),
    )
}

/// "48% (12/25)"; a rate above one as it is.
fn side(side: &Side) -> String {
    let rate = side.rate().map_or_else(
        || "–".to_owned(),
        |rate| {
            if rate <= Exact::whole(1) {
                format!("{}%", full_percent(&rate))
            } else {
                rate.shown().to_string()
            }
        },
    );
    format!(
        "{rate} ({}/{})",
        side.downstream.shown(),
        side.upstream.shown()
    )
}

fn named(definition: &Definition, keys: &[String]) -> Text {
    let names: Vec<&Text> = keys
        .iter()
        .filter_map(|key| definition.item(key))
        .map(|item| &item.name)
        .collect();
    let ja: Vec<&str> = names.iter().map(|name| name.ja.as_str()).collect();
    let ja = format!("「{}」", ja.join("」「"));
    let en: Vec<String> = names
        .iter()
        .map(|name| format!("\"{}\"", name.en))
        .collect();
    Text::new(ja, en.join(", "))
}
