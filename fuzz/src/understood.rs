//! A text as a table that is imported: read, surveyed, and joined with scorecards.

use std::sync::LazyLock;

use crate::domain::ids::{HubCode, ScorecardId};
use crate::domain::import::{
    Candidate, Circumstances, ForeignWords, Guidance, ISSUES_MAX, ItemNames, Mapping, Meaning,
    best_fitting, gather, survey, with_remedies,
};
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::scorecard::ParameterValues;
use crate::domain::sheet::{Cell, Workbook};
use crate::domain::template::Templates;
use crate::domain::text::Text;
use crate::sheets::{ReadOptions, TextEncoding, read};

/// What may be known beforehand: one scorecard or three of two hubs, with or
/// without a mapping of their headings. Made once, as it takes longer than a run.
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let candidates = [
        ("growth-tailored-support", "tottori"),
        ("mature-hard-to-fill", "tottori"),
        ("mature-white-space", "osaka"),
    ]
    .map(|(template, hub)| candidate(template, hub));
    [(3, false), (3, true), (1, false), (1, true)]
        .map(|(count, is_mapped)| {
            let candidates = candidates[..count].to_vec();
            let words = ForeignWords::from(&mapping(is_mapped));
            Known {
                items: ItemNames::of(&candidates, &words),
                candidates,
                words,
            }
        })
        .into()
});

struct Known {
    candidates: Vec<Candidate>,
    words: ForeignWords,
    items: ItemNames,
}

fn candidate(template: &str, hub: &str) -> Candidate {
    let templates = Templates::embedded().expect("templates of ours");
    let start = "2028-04".parse().expect("a month");
    let plan = Plan {
        version: 1,
        start,
        effective: start,
        definition: templates.find(template).expect("ours").clone().into(),
        parameters: ParameterValues::new(),
    };
    Candidate::new(
        ScorecardId(format!("id-of-{template}")),
        (HubCode(hub.to_owned()), Text::new("拠点", "Hub")),
        template.to_owned(),
        Text::new("計画", "Plan"),
        &PlanHistory::new(plan, Vec::new()),
    )
}

/// Takes an import as far as the domain does; the first byte says what is known
/// beforehand and whether numbers are numbers.
pub fn understood(input: &[u8]) {
    let Some((choice, text)) = input.split_first() else {
        return;
    };
    let options = ReadOptions {
        encoding: Some(TextEncoding::Utf8),
    };
    let Ok(mut book) = read(text, &options) else {
        return;
    };
    let is = |bit: u8| choice & (1 << bit) != 0;
    if is(0) {
        typed(&mut book);
    }
    let known = &KNOWN[usize::from((choice >> 1) & 3)];
    let candidates = known.candidates.as_slice();
    let guidance = Guidance {
        sheet: is(3).then_some(""),
        month: is(4).then(|| "2028-09".parse().expect("a month")),
        fiscal_year: is(5).then_some(2028),
        words: &known.words,
        items: &known.items,
    };
    let found = survey(&book, &guidance);
    let said = is(6).then(|| candidates[0].id.clone());
    let only = said.or_else(|| best_fitting(&found.parts, candidates, &known.words));
    let circumstances = Circumstances {
        only: only.as_ref(),
        words: &known.words,
        note: None,
        last_ended: "2029-03".parse().expect("a month"),
    };
    let gathered = gather(&found.parts, candidates, &circumstances);
    for issues in [found.issues, gathered.issues] {
        let issues = with_remedies(issues.into_vec());
        assert!(issues.len() <= ISSUES_MAX + 1);
        for issue in issues {
            assert!(!issue.message.ja.is_empty() && !issue.message.en.is_empty());
        }
    }
    for (_, report) in &gathered.reports {
        assert!(
            report
                .entries
                .iter()
                .all(|entry| gathered.places.contains_key(&entry.path))
        );
    }
}

/// As a workbook has them rather than a text file.
fn typed(book: &mut Workbook) {
    let sheets = book.sheets.iter_mut();
    let rows = sheets.flat_map(|sheet| &mut sheet.rows);
    for (_, cell) in rows.flat_map(|row| &mut row.cells) {
        let Cell::Text(text) = &cell else { continue };
        if let Ok(date) = text.parse() {
            *cell = Cell::Date(date);
        } else if let Some(number) = text.strip_suffix('%')
            && is_plain(number)
        {
            *cell = Cell::Number {
                digits: number.to_owned(),
                is_percent: true,
            };
        } else if is_plain(text) {
            *cell = Cell::Number {
                digits: text.clone(),
                is_percent: false,
            };
        } else if text.starts_with('#') {
            *cell = Cell::Error(text.clone());
        } else if text == "=" {
            *cell = Cell::NotCalculated;
        }
    }
}

fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.starts_with(|first: char| first.is_ascii_digit())
        && digits
            .bytes()
            .all(|digit| digit.is_ascii_digit() || digit == b'.')
        && digits.matches('.').count() <= 1
        && !digits.ends_with('.')
}

fn mapping(is_known: bool) -> Mapping {
    let mut mapping = Mapping::default();
    if is_known {
        mapping.headings.insert("件数".to_owned(), Meaning::Value);
        mapping
            .items
            .insert("銀行相談".to_owned(), "consult-bank".to_owned());
    }
    mapping
}
