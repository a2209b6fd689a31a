//! From what a sheet says to reports of months: which scorecard, which item, and
//! what is said of it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::amount::{Amount, SCALE};
use super::super::ids::ScorecardId;
use super::super::issue::{Issue, IssueCode, Issues};
use super::super::month::Month;
use super::super::report::{Entry, Report, Statement, VALUES_MAX};
use super::super::scorecard::{Item, Measure};
use super::super::sheet::{Cell, Place};
use super::super::strict_json::fault_of_note;
use super::super::text::Text;
use super::complaints::unit_multiplies;
use super::figure_text::{FigureText, Unreadable};
use super::items::{Candidate, Resolution};
use super::rows::{Part, Target};
use super::vocabulary::{ForeignWords, Meaning};
use super::{error_at, is_enough, pointer};

/// Names by which scorecards are compared with a sheet; none has so many items.
const NAMES_COMPARED_MAX: usize = 500;

/// The reports of a workbook, each with the scorecard that it is of.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    pub reports: Vec<(ScorecardId, Report)>,
    /// Where each entry stands, by its path.
    pub places: BTreeMap<String, Place>,
    pub issues: Issues,
}

/// What a sheet says of one cell of a scorecard.
#[derive(Default)]
struct Said<'a> {
    value: Option<(&'a Part, Amount)>,
    numerator: Option<(&'a Part, Amount)>,
    denominator: Option<(&'a Part, Amount)>,
    not_applicable: Option<(&'a Part, String)>,
    clear: Option<(&'a Part, String)>,
}

type Cells<'a> = BTreeMap<(&'a ScorecardId, Month), Vec<(&'a Item, Said<'a>)>>;

/// What is known of an import beside its cells.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The scorecard that was said beforehand, or fits best.
    pub only: Option<&'a ScorecardId>,
    pub words: &'a ForeignWords,
    /// Kept with every change.
    pub note: Option<&'a str>,
    /// The last month that is over.
    pub last_ended: Month,
}

/// Joins the parts that a survey found with the scorecards that they may be of.
#[must_use]
pub fn gather(
    parts: &[Part],
    candidates: &[Candidate],
    circumstances: &Circumstances<'_>,
) -> Gathered {
    let words = circumstances.words;
    let mut gathered = Gathered::default();
    let only = circumstances.only;
    let mut untimely: Option<&Part> = None;
    let mut targets: BTreeMap<&Target, Option<&Candidate>> = BTreeMap::new();
    let mut items: BTreeMap<(&ScorecardId, &[String]), Option<&Item>> = BTreeMap::new();
    let mut cells: Cells<'_> = BTreeMap::new();
    for part in parts {
        if is_enough(&gathered.issues) {
            break;
        }
        // Sheets of a year have formulas that come to 0 in months ahead.
        if part.month > circumstances.last_ended && is_zero(&part.figure) {
            untimely.get_or_insert(part);
            continue;
        }
        let candidate = *targets.entry(part.target.as_ref()).or_insert_with(|| {
            let found = find_target(&part.target, candidates, only);
            found
                .map_err(|message| gathered.issues.push(unknown_target(part, message)))
                .ok()
        });
        let Some(candidate) = candidate else {
            continue;
        };
        let named = (&candidate.id, part.texts.as_ref());
        // One name that is not known is one fault, however many months it has.
        let item = *items
            .entry(named)
            .or_insert_with(|| find_item(part, candidate, words, &mut gathered.issues));
        let Some(item) = item else {
            continue;
        };
        let entries = cells.entry((&candidate.id, part.month)).or_default();
        let index = entries.iter().position(|(known, _)| known.key == item.key);
        let index = index.unwrap_or_else(|| {
            entries.push((item, Said::default()));
            entries.len() - 1
        });
        if let Some((_, said)) = entries.get_mut(index) {
            take(part, item, said, &mut gathered.issues);
        }
    }
    gathered.issues.extend(untimely.map(zero_ahead));
    for ((scorecard, month), entries) in cells {
        let report = report(month, entries, circumstances.note, &mut gathered);
        gathered.reports.push((scorecard.clone(), report));
    }
    refuse_too_many(&mut gathered);
    gathered
}

fn refuse_too_many(gathered: &mut Gathered) {
    let received: usize = gathered
        .reports
        .iter()
        .map(|(_, report)| report.received)
        .sum();
    if received > VALUES_MAX {
        gathered.issues.push(Issue::error(
            IssueCode::OutOfRange,
            "",
            Text::new(
                format!("一度に取り込めるのは {VALUES_MAX} 件の値までです（{received} 件あります）。月か拠点で分けてください。"),
                format!("At most {VALUES_MAX} figures can be imported at a time; there are {received}. Split the file by month or hub."),
            ),
        ));
    }
}

fn is_zero(figure: &FigureText) -> bool {
    matches!(figure, FigureText::Amount(amount) | FigureText::Percent(amount) if *amount == Amount::ZERO)
}

/// Zeros of months that are not over are told once.
fn zero_ahead(part: &Part) -> Issue {
    let path = pointer(&part.place.sheet, part.place.position);
    let message = Text::new(
        format!(
            "{} はまだ終わっていないため、0 は取り込みません（以降の月も同じです）。",
            part.month
        ),
        format!(
            "{} is not over: zeros of it and of later months are not imported.",
            part.month
        ),
    );
    Issue::warning(IssueCode::MonthNotEnded, path, message)
        .at(part.place.clone())
        .about_month(part.month)
}

/// Where nothing names a scorecard: the one that has all of the items. Where none
/// has, the one that has the most: what is wrong is told of it.
#[must_use]
pub fn best_fitting(
    parts: &[Part],
    candidates: &[Candidate],
    words: &ForeignWords,
) -> Option<ScorecardId> {
    if parts.iter().any(|part| *part.target != Target::default()) {
        return None;
    }
    let named: BTreeSet<&[String]> = parts.iter().map(|part| part.texts.as_ref()).collect();
    let has = |candidate: &&Candidate| {
        let named = named.iter().take(NAMES_COMPARED_MAX);
        let known = named.filter(|texts| candidate.has(texts, words));
        known.count()
    };
    let counts: Vec<(usize, &Candidate)> = candidates
        .iter()
        .map(|candidate| (has(&candidate), candidate))
        .collect();
    let most = counts.iter().map(|(count, _)| *count).max()?;
    let mut best = counts
        .iter()
        .filter(|(count, _)| *count == most && most > 0);
    let (_, first) = best.next()?;
    best.next().is_none().then(|| first.id.clone())
}

/// The scorecard that a row names; the only one in question where it names none.
fn find_target<'a>(
    target: &Target,
    candidates: &'a [Candidate],
    only: Option<&ScorecardId>,
) -> Result<&'a Candidate, Text> {
    let folded = target.folded();
    let found: Vec<&Candidate> = candidates
        .iter()
        .filter(|candidate| candidate.is_meant(&folded))
        .collect();
    let Some(only) = only else {
        return match found.as_slice() {
            [candidate] => Ok(candidate),
            [] if *target != Target::default() => Err(Text::new(
                "シートの示すスコアカードは存在しないか、担当の範囲外です。",
                "The scorecard that the sheet names does not exist, or lies outside your scope.",
            )),
            _ => Err(Text::new(
                "どのスコアカードの値か分かりません。スコアカードを指定するか、「スコアカードキー」の列か欄を入れてください。",
                "It is not clear which scorecard this is of. Name the scorecard with the import, or add a column or field \"scorecard_key\".",
            )),
        };
    };
    found.into_iter().find(|candidate| candidate.id == *only).ok_or_else(|| {
        Text::new(
            "シートの示す拠点やスコアカードが、指定されたスコアカードと違います。ファイルか指定を確かめてください。",
            "The hub or scorecard that the sheet names is not the one given. Check the file, or what you named.",
        )
    })
}

fn unknown_target(part: &Part, message: Text) -> Issue {
    let target = &part.target;
    let named = [&target.scorecard, &target.hub, &target.key];
    let named: Vec<&str> = named.into_iter().flatten().map(String::as_str).collect();
    let place = Place {
        value: Cell::Text(named.join(" ")).excerpt(),
        ..Place::clone(&part.label)
    };
    error_at(IssueCode::UnknownReference, place, message)
}

fn find_item<'a>(
    part: &Part,
    candidate: &'a Candidate,
    words: &ForeignWords,
    issues: &mut Issues,
) -> Option<&'a Item> {
    let texts: Vec<&str> = part.texts.iter().map(String::as_str).collect();
    let shown = texts.first().copied().unwrap_or_default();
    let list = |items: &[&Item]| {
        let names: Vec<String> = items
            .iter()
            .map(|item| format!("{}（{}）", item.name.ja, item.key))
            .collect();
        names.join("、")
    };
    let (code, message, remedy) = match candidate.resolve(&texts, words) {
        Resolution::Found(item) => return Some(item),
        Resolution::Contradictory(one, other) => (
            IssueCode::AmbiguousItem,
            Text::new(
                format!(
                    "同じ行の項目コードと項目名が、違う項目を示しています（{}と{}）。",
                    one.name.ja, other.name.ja
                ),
                format!(
                    "Code and name of this row are of different items ({} and {}).",
                    one.name.en, other.name.en
                ),
            ),
            Text::new(
                format!("どちらかに合わせてください: {}。", list(&[one, other])),
                format!("Correct one of them: {}.", list(&[one, other])),
            ),
        ),
        Resolution::Ambiguous(items) => (
            IssueCode::AmbiguousItem,
            Text::new(
                format!("「{shown}」という項目が複数あります。"),
                format!("Several items are called \"{shown}\"."),
            ),
            Text::new(
                format!("項目コードで書いてください: {}。", list(&items)),
                format!("Write the item's code: {}.", list(&items)),
            ),
        ),
        Resolution::Unknown(alike) => (
            IssueCode::UnknownItem,
            Text::new(
                format!(
                    "「{shown}」という項目は、{} の計画にありません。",
                    candidate.name.ja
                ),
                format!("The plan of {} has no item \"{shown}\".", candidate.name.en),
            ),
            if alike.is_empty() {
                Text::new(
                    "項目コードか、計画にある項目名を入れてください。独自の名前は、拠点の対応表に登録できます。",
                    "Write the item's code, or its name in the plan. A name of your own can be put into the hub's mapping.",
                )
            } else {
                Text::new(
                    format!(
                        "近い項目: {}。独自の名前は、拠点の対応表に登録できます。",
                        list(&alike)
                    ),
                    format!(
                        "Did you mean: {}? A name of your own can be put into the hub's mapping.",
                        list(&alike)
                    ),
                )
            },
        ),
    };
    // One row of many months is one fault.
    let known = pointer(&part.label.sheet, part.label.position);
    let is_told = issues
        .as_slice()
        .iter()
        .any(|issue| issue.code == code && issue.path == known);
    if !is_told {
        issues.push(error_at(code, Place::clone(&part.label), message).mended_by(remedy));
    }
    None
}

/// Adds one part to what is said of a cell.
fn take<'a>(part: &'a Part, item: &Item, said: &mut Said<'a>, issues: &mut Issues) {
    match (&part.figure, part.kind) {
        (FigureText::Blank | FigureText::Unreported, _) => {}
        (FigureText::NotApplicable { reason }, _) if fault_of_note(reason).is_some() => {
            let fault = fault_of_note(reason).map(|(code, message)| {
                error_at(code, part.place.clone(), message)
                    .about_item(&item.key)
                    .about_month(part.month)
            });
            issues.extend(fault);
        }
        (FigureText::NotApplicable { reason }, Meaning::Clear) => {
            put(&mut said.clear, part, reason.clone(), item, issues);
        }
        (FigureText::NotApplicable { reason }, _) => {
            put(&mut said.not_applicable, part, reason.clone(), item, issues);
        }
        (FigureText::Amount(_), _) if item.unit.is_money() && part.money_unit.is_some() => {
            let unit = part.money_unit.unwrap_or_default();
            issues.push(unit_multiplies(part.place.clone(), unit).about_item(&item.key));
        }
        (figure, kind) => match amount(figure, item, kind) {
            Ok(amount) => {
                let slot = match kind {
                    Meaning::Numerator => &mut said.numerator,
                    Meaning::Denominator => &mut said.denominator,
                    _ => &mut said.value,
                };
                put(slot, part, amount, item, issues);
            }
            Err(why) => issues.push(unreadable(part, item, why)),
        },
    }
}

fn put<'a, T: PartialEq>(
    slot: &mut Option<(&'a Part, T)>,
    part: &'a Part,
    value: T,
    item: &Item,
    issues: &mut Issues,
) {
    let Some((first, known)) = slot else {
        *slot = Some((part, value));
        return;
    };
    // Both parts of a ratio may be marked as not applicable, in the same words.
    if part.kind != first.kind && *known == value {
        return;
    }
    let (one, other) = (first.place.position, part.place.position);
    let message = Text::new(
        format!(
            "「{}」の {} の値が二つあります（{one} と {other}）。",
            item.name.ja, part.month
        ),
        format!(
            "There are two figures for \"{}\" in {} ({one} and {other}).",
            item.name.en, part.month
        ),
    );
    issues.push(
        error_at(IssueCode::DuplicateCell, part.place.clone(), message)
            .about_item(&item.key)
            .about_month(part.month),
    );
}

/// The figure in the item's unit.
fn amount(figure: &FigureText, item: &Item, kind: Meaning) -> Result<Amount, Misfit> {
    let is_part = matches!(kind, Meaning::Numerator | Meaning::Denominator);
    match figure {
        FigureText::Amount(amount) => Ok(*amount),
        FigureText::Percent(percent) => {
            let unit = item.unit.0.as_str();
            if is_part || item.measure == Measure::Ratio {
                Err(Misfit::PercentOfRatio)
            } else if item.measure == Measure::Milestone || unit == "percent" {
                Ok(*percent)
            } else if unit == "share" {
                let scaled = percent.scaled();
                (scaled % 100 == 0)
                    .then(|| Amount::from_scaled(scaled / 100))
                    .ok_or(Misfit::Unreadable(Unreadable::TooManyDecimals))
            } else {
                Err(Misfit::Percent)
            }
        }
        FigureText::Done if item.measure == Measure::Milestone => {
            Ok(Amount::from_scaled(100 * SCALE))
        }
        FigureText::Unreadable(why) => Err(Misfit::Unreadable(*why)),
        _ => Err(Misfit::Unreadable(Unreadable::NotANumber)),
    }
}

/// Why a cell is no figure of its item.
#[derive(Clone, Copy)]
enum Misfit {
    Unreadable(Unreadable),
    Percent,
    PercentOfRatio,
}

fn unreadable(part: &Part, item: &Item, why: Misfit) -> Issue {
    let value = &part.place.value;
    let name = &item.name;
    let code = match why {
        Misfit::Unreadable(Unreadable::TooManyDecimals) => IssueCode::TooManyDecimals,
        Misfit::Unreadable(Unreadable::OutOfRange) => IssueCode::OutOfRange,
        Misfit::Unreadable(Unreadable::NotCalculated) => IssueCode::FormulaWithoutValue,
        Misfit::PercentOfRatio => IssueCode::WrongShape,
        _ => IssueCode::UnreadableFigure,
    };
    let (ja, en) = match why {
        Misfit::Percent => ("％で数える項目ではありません。", "is no percentage."),
        Misfit::PercentOfRatio => (
            "比率は、分子と分母を別々に入れます。",
            "is a ratio: numerator and denominator are given.",
        ),
        Misfit::Unreadable(why) => why_words(why),
    };
    let message = Text::new(
        format!("「{}」の値「{value}」を読めません。{ja}", name.ja),
        format!(
            "The value \"{value}\" of \"{}\" cannot be read: {en}",
            name.en
        ),
    );
    let issue = error_at(code, part.place.clone(), message)
        .about_item(&item.key)
        .about_month(part.month);
    match remedy(why, item) {
        Some(remedy) => issue.mended_by(remedy),
        None => issue,
    }
}

/// What mends a figure, where it is not to write the number alone.
fn remedy(why: Misfit, item: &Item) -> Option<Text> {
    match why {
        Misfit::Unreadable(Unreadable::Error) => Some(Text::new(
            "数式を直すか、値を数字で入れるか、空欄にしてください。",
            "Mend the formula, write the number, or leave the cell blank.",
        )),
        Misfit::Unreadable(Unreadable::NoneOrNotApplicable) => Some(Text::new(
            "0 件なら 0、対象にならない月なら「対象外：理由」と入れてください。",
            "Write 0 for none, and \"対象外：reason\" where the month does not apply.",
        )),
        Misfit::Unreadable(Unreadable::NotANumber) if item.measure == Measure::Milestone => {
            Some(Text::new(
                "進み具合を 0 から 100 の数字か、終わったなら「完了」と入れてください。",
                "Write the progress from 0 to 100, or \"完了\" where it is done.",
            ))
        }
        _ => None,
    }
}

const fn why_words(why: Unreadable) -> (&'static str, &'static str) {
    match why {
        Unreadable::NotANumber => ("数字ではありません。", "it is no number."),
        Unreadable::NoneOrNotApplicable => (
            "0 件なのか、対象外なのか分かりません。",
            "it may mean none, or not applicable.",
        ),
        Unreadable::TooManyDecimals => ("小数は 4 桁までです。", "at most four decimals are kept."),
        Unreadable::OutOfRange => ("大きすぎます。", "it is too large."),
        Unreadable::Approximate => ("概数です。", "it is approximate."),
        Unreadable::Grouping => (
            "桁区切りの位置がおかしいようです。",
            "its commas part no thousands.",
        ),
        Unreadable::Date => ("日付になっています。", "it is a date."),
        Unreadable::Error => ("数式のエラーです。", "its formula failed."),
        Unreadable::NotCalculated => (
            "数式の計算結果がファイルに保存されていません。",
            "the file lacks the result of its formula.",
        ),
        Unreadable::Boolean => ("TRUE／FALSE です。", "it is TRUE or FALSE."),
    }
}

/// The report of one month of one scorecard.
fn report(
    month: Month,
    entries: Vec<(&Item, Said<'_>)>,
    note: Option<&str>,
    gathered: &mut Gathered,
) -> Report {
    let mut report = Report {
        path: String::new(),
        month: Some(month),
        entries: Vec::with_capacity(entries.len()),
        note: note.map(str::to_owned),
        received: 0,
    };
    for (item, said) in entries {
        let Some((part, statement)) = statement(item, &said, &mut gathered.issues) else {
            continue;
        };
        let path = pointer(&part.place.sheet, part.place.position);
        if report.path.is_empty() {
            report.path.clone_from(&path);
        }
        for (part, _) in [said.numerator, said.denominator].into_iter().flatten() {
            let place = &part.place;
            gathered
                .places
                .insert(pointer(&place.sheet, place.position), place.clone());
        }
        gathered.places.insert(path.clone(), part.place.clone());
        report.received += 1;
        report.entries.push(Entry {
            path,
            item: item.key.clone(),
            statement,
        });
    }
    report
}

/// The one thing that is said of a cell, and where.
fn statement<'a>(
    item: &Item,
    said: &Said<'a>,
    issues: &mut Issues,
) -> Option<(&'a Part, Statement)> {
    let figures = [&said.value, &said.numerator, &said.denominator];
    let first_figure = figures.into_iter().flatten().map(|(part, _)| *part).next();
    let reasons = [&said.not_applicable, &said.clear];
    let mut reasons = reasons.into_iter().flatten().map(|(part, _)| *part);
    let reason = reasons.next();
    if let Some(second) = reasons.next().or(reason.filter(|_| first_figure.is_some())) {
        issues.push(
            error_at(
                IssueCode::WrongShape,
                second.place.clone(),
                Text::new(
                    format!(
                        "「{}」に、値と対象外（または取消）の理由の両方が入っています。",
                        item.name.ja
                    ),
                    format!(
                        "\"{}\" has a figure and a reason why there is none.",
                        item.name.en
                    ),
                ),
            )
            .about_item(&item.key)
            .about_month(second.month),
        );
        return None;
    }
    if let Some((part, reason)) = &said.not_applicable {
        return Some((
            part,
            Statement::NotApplicable {
                reason: reason.clone(),
            },
        ));
    }
    if let Some((part, reason)) = &said.clear {
        return Some((
            part,
            Statement::Clear {
                reason: reason.clone(),
            },
        ));
    }
    match (&said.value, &said.numerator, &said.denominator) {
        // Of a ratio the quotient may stand beside its parts, as in our own tables.
        (_, Some((part, numerator)), Some((_, denominator))) => Some((
            part,
            Statement::Ratio {
                numerator: *numerator,
                denominator: *denominator,
            },
        )),
        (Some((part, value)), None, None) => Some((part, Statement::Value(*value))),
        (_, Some((part, _)), None) | (_, None, Some((part, _))) => {
            let is_numerator = said.numerator.is_some();
            let lacks = if is_numerator {
                ("分母", "denominator")
            } else {
                ("分子", "numerator")
            };
            issues.push(
                error_at(
                    IssueCode::WrongShape,
                    part.place.clone(),
                    Text::new(
                        format!("「{}」の{}がありません。", item.name.ja, lacks.0),
                        format!("\"{}\" lacks its {}.", item.name.en, lacks.1),
                    ),
                )
                .about_item(&item.key)
                .about_month(part.month),
            );
            None
        }
        (None, None, None) => None,
    }
}
