//! The eight templates of the report, read from `scorecards/*.json`, which
//! are part of the binary.

use std::fmt;

use super::definition::{Horizon, read_definition};
use super::issue::{Issue, Issues};
use super::scorecard::{Definition, Settings};
use super::strict_json::{Value, parse};

/// File name and text of each template, in the order of `domain.md`.
const FILES: [(&str, &str); 8] = [
    (
        "mature-hard-to-fill.json",
        include_str!("../../scorecards/mature-hard-to-fill.json"),
    ),
    (
        "mature-white-space.json",
        include_str!("../../scorecards/mature-white-space.json"),
    ),
    (
        "mature-external-funding.json",
        include_str!("../../scorecards/mature-external-funding.json"),
    ),
    (
        "growth-tailored-support.json",
        include_str!("../../scorecards/growth-tailored-support.json"),
    ),
    (
        "growth-market-opening.json",
        include_str!("../../scorecards/growth-market-opening.json"),
    ),
    (
        "challenge-employment.json",
        include_str!("../../scorecards/challenge-employment.json"),
    ),
    (
        "challenge-industry.json",
        include_str!("../../scorecards/challenge-industry.json"),
    ),
    (
        "challenge-population.json",
        include_str!("../../scorecards/challenge-population.json"),
    ),
];

/// A template file that cannot be used: every problem, with file and item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    pub file: String,
    pub problems: Vec<String>,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scorecards/{} does not load:", self.file)?;
        for problem in &self.problems {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for TemplateError {}

/// The templates of this binary, in the order of `domain.md`.
#[derive(Clone, Debug)]
pub struct Templates(Vec<Definition>);

impl Templates {
    /// Reads the embedded files.
    ///
    /// # Errors
    /// The first file with a problem, with all its problems.
    pub fn embedded() -> Result<Self, TemplateError> {
        FILES
            .iter()
            .map(|(file, text)| read_template(file, text))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    #[must_use]
    pub fn find(&self, key: &str) -> Option<&Definition> {
        self.0.iter().find(|template| template.key == key)
    }

    #[must_use]
    pub fn as_slice(&self) -> &[Definition] {
        &self.0
    }
}

/// Reads one template file; its key must be the file's name.
///
/// # Errors
/// Every problem of the file.
pub fn read_template(file: &str, text: &str) -> Result<Definition, TemplateError> {
    let failed = |problems| TemplateError {
        file: file.to_owned(),
        problems,
    };
    let json = parse(text.as_bytes()).map_err(|malformed| failed(vec![malformed.message.en]))?;
    let mut issues = Issues::default();
    let definition = read_definition(
        &Value::root(&json),
        Horizon::Template,
        &Settings::default(),
        &mut issues,
    )
    .ok_or_else(|| failed(issues.as_slice().iter().map(described).collect()))?;
    if format!("{}.json", definition.key) == file {
        Ok(definition)
    } else {
        Err(failed(vec![format!(
            "its key is \"{}\"; key and file name must agree",
            definition.key
        )]))
    }
}

fn described(issue: &Issue) -> String {
    let item = issue
        .item
        .as_ref()
        .map(|item| format!("item {item}: "))
        .unwrap_or_default();
    format!("{item}{}: {}", issue.path, issue.message.en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scorecard::LinkKind;

    /// Counts of `domain.md`: items, high-hurdle items, conversions, preparations.
    #[test]
    fn the_eight_templates_load_with_the_reports_contents() {
        let templates = Templates::embedded().unwrap_or_else(|error| panic!("{error}"));
        let found: Vec<_> = templates
            .as_slice()
            .iter()
            .map(|template| {
                let links = |kind| {
                    template
                        .links
                        .iter()
                        .filter(|link| link.kind == kind)
                        .count()
                };
                let hurdles = template
                    .items
                    .iter()
                    .filter(|item| item.high_hurdle)
                    .count();
                (
                    template.key.as_str(),
                    template.items.len(),
                    hurdles,
                    links(LinkKind::Conversion),
                    links(LinkKind::Preparation),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("mature-hard-to-fill", 17, 5, 5, 8),
                ("mature-white-space", 17, 2, 5, 8),
                ("mature-external-funding", 21, 5, 7, 9),
                ("growth-tailored-support", 30, 1, 10, 14),
                ("growth-market-opening", 14, 3, 3, 3),
                ("challenge-employment", 7, 3, 0, 5),
                ("challenge-industry", 10, 3, 3, 4),
                ("challenge-population", 12, 4, 1, 7),
            ]
        );
    }

    #[test]
    fn a_broken_file_names_file_item_and_problem() {
        let (file, text) = FILES[0];
        let broken = text.replacen("\"bar\": [1, 3]", "\"bar\": [1, 40]", 1);
        assert_ne!(broken, text);
        let message = read_template(file, &broken)
            .expect_err("refused")
            .to_string();
        assert!(
            message.contains("scorecards/mature-hard-to-fill.json")
                && message.contains("1 ≤ start ≤ due ≤ 36")
                && message.contains("/items/0/bar"),
            "{message}"
        );
    }
}
