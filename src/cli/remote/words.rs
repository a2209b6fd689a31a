//! Figures and codes of the API as people read them.

use num_traits::ToPrimitive as _;
use shirube_client::Language;

use super::in_language;
use crate::domain;
use crate::domain::amount::Exact;
use crate::domain::scorecard::{Measure, Stage, Unit};
use crate::domain::text::Text;
use crate::domain::words;

/// What stands where there is no figure.
const NONE: &str = "-";
/// Figures have four decimals.
const SCALE: f64 = 10_000.0;

/// "1,200 件"; "-" where there is none.
pub fn figure(measure: &str, unit: &str, value: Option<f64>, language: Language) -> String {
    let measure = Measure::of_code(measure).unwrap_or(Measure::Flow);
    let shown = value.and_then(exact);
    shown.map_or_else(
        || NONE.to_owned(),
        |value| {
            spoken(
                &words::figure(measure, &Unit(unit.to_owned()), &value),
                language,
            )
        },
    )
}

/// "55%", never more than is reached; "-" where there is none.
pub fn percent(share: Option<f64>) -> String {
    let shown = share
        .and_then(exact)
        .map(|share| words::full_percent(&share));
    shown.map_or_else(|| NONE.to_owned(), |percent| format!("{percent}%"))
}

fn exact(value: f64) -> Option<Exact> {
    (value * SCALE).round().to_i128().map(Exact::from_scaled)
}

fn spoken(text: &Text, language: Language) -> String {
    let language = match language {
        Language::Japanese => domain::text::Language::Japanese,
        Language::English => domain::text::Language::English,
    };
    text.in_language(language).to_owned()
}

/// A stage's name; its code where this program does not know it.
pub fn stage(code: &str, language: Language) -> String {
    let known = Stage::of_code(code).map(|stage| spoken(&stage.name(), language));
    known.unwrap_or_else(|| code.to_owned())
}

/// Codes with their words; a code that is not here is shown as it is.
const STATUSES: [(&str, &str, &str); 8] = [
    ("behind", "遅れ", "Behind"),
    ("no_data", "未報告", "No data"),
    ("at_risk", "注意", "At risk"),
    ("on_track", "順調", "On track"),
    ("not_due", "開始前", "Not due"),
    ("achieved", "達成", "Achieved"),
    ("untargeted", "目標なし", "No target"),
    ("not_applicable", "対象外", "Not applicable"),
];
const FLAGS: [(&str, &str, &str); 3] = [
    ("red", "赤", "red"),
    ("amber", "黄", "yellow"),
    ("none", "", ""),
];
const CAUSES: [(&str, &str, &str); 5] = [
    ("inherited", "前の段階から", "From the step before"),
    ("preparation", "準備不足", "Preparation"),
    ("timing", "計画の時期", "Timing of the plan"),
    ("conversion", "転換率の低下", "Conversion"),
    ("execution", "この段階自体", "The step itself"),
];

fn word(list: &[(&str, &str, &str)], code: &str, language: Language) -> String {
    let known = list.iter().find(|(known, ..)| *known == code);
    known.map_or_else(
        || code.to_owned(),
        |(_, ja, en)| in_language(language, ja, en).to_owned(),
    )
}

/// A status, with its flag where that is up: "遅れ（赤）".
pub fn status(code: &str, flag: &str, language: Language) -> String {
    let status = word(&STATUSES, code, language);
    let flag = word(&FLAGS, flag, language);
    if flag.is_empty() {
        return status;
    }
    match language {
        Language::Japanese => format!("{status}（{flag}）"),
        Language::English => format!("{status} ({flag})"),
    }
}

/// Why an item is short.
pub fn cause(code: &str, language: Language) -> String {
    word(&CAUSES, code, language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Japanese};

    #[test]
    fn figures_are_those_of_the_service() {
        for (measure, unit, value, ja, en) in [
            ("flow", "cases", Some(1_234.0), "1,234 件", "1,234 cases"),
            ("flow", "cases", Some(16.3636), "16.4 件", "16.4 cases"),
            ("milestone", "percent", Some(70.0), "70％", "70%"),
            (
                "flow",
                "JPY",
                Some(-3_000_000.0),
                "-3,000,000 円",
                "-3,000,000 yen",
            ),
            ("new_measure", "widgets", Some(2.5), "2.5", "2.5"),
            ("flow", "cases", None, "-", "-"),
            ("flow", "cases", Some(f64::NAN), "-", "-"),
        ] {
            assert_eq!(figure(measure, unit, value, Japanese), ja);
            assert_eq!(figure(measure, unit, value, English), en);
        }
        assert_eq!(percent(Some(0.7999)), "79%");
        assert_eq!(percent(None), "-");
    }

    #[test]
    fn codes_of_later_versions_are_shown_as_they_are() {
        assert_eq!(status("behind", "red", Japanese), "遅れ（赤）");
        assert_eq!(status("on_track", "none", English), "On track");
        assert_eq!(status("paused", "none", Japanese), "paused");
        assert_eq!(stage("consult", Japanese), "相談");
        assert_eq!(stage("aftercare", English), "aftercare");
        assert_eq!(cause("timing", English), "Timing of the plan");
    }
}
