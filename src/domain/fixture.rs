//! Small plans and ledgers for tests, so that tests read as tables.

use super::amount::Amount;
use super::ledger::{Cell, Figure, Ledger};
use super::month::{Month, ProgrammeMonth};
use super::roadmap::Plan;
use super::scorecard::{
    Bar, Definition, Direction, Item, Link, LinkKind, MarketType, Measure, ParameterValues,
    Phasing, Settings, Stage, StageHeading, Target, Track, Unit,
};
use super::text::Text;

/// A counted flow (cases) with this target from year 1 on, spread evenly.
pub fn flow(target: i64) -> Item {
    item(Measure::Flow, "cases").with_target(Some(1), Amount::whole(target))
}

/// Companies to be found over a bar.
pub fn cumulative(target: i64, start: u32, due: u32) -> Item {
    item(Measure::Cumulative, "companies")
        .with_target(None, Amount::whole(target))
        .over(start, due)
}

/// Work to be done over a bar.
pub fn milestone(start: u32, due: u32) -> Item {
    item(Measure::Milestone, "percent")
        .with_target(None, Amount::whole(100))
        .over(start, due)
}

/// A level (people) with this target from year 1 on.
pub fn level(target: i64) -> Item {
    item(Measure::Level, "people").with_target(Some(1), Amount::whole(target))
}

/// A ratio of counts with a target of so many hundredths from year 1 on.
pub fn ratio(hundredths: i64) -> Item {
    item(Measure::Ratio, "visits_per_company")
        .with_target(Some(1), Amount::from_scaled(hundredths * 100))
}

fn item(measure: Measure, unit: &str) -> Item {
    Item {
        key: "item".to_owned(),
        name: Text::new("項目", "Item"),
        stage: Stage::Contract,
        track: None,
        measure,
        unit: Unit(unit.to_owned()),
        direction: Direction::Higher,
        strict: false,
        proportion: false,
        high_hurdle: false,
        weight: Amount::ONE,
        bar: None,
        phasing: (measure == Measure::Flow).then_some(Phasing::Even { first_month: 1 }),
        targets: Vec::new(),
    }
}

/// Variations of an item.
pub trait ItemFixture {
    fn keyed(self, key: &str) -> Self;
    fn at(self, stage: Stage) -> Self;
    fn on(self, track: &str) -> Self;
    fn in_unit(self, unit: &str) -> Self;
    fn lower(self) -> Self;
    fn strict(self) -> Self;
    fn proportion(self) -> Self;
    fn high_hurdle(self) -> Self;
    fn weighing(self, weight: &str) -> Self;
    fn over(self, start: u32, due: u32) -> Self;
    fn phased(self, phasing: Phasing) -> Self;
    fn with_target(self, year: Option<u32>, value: Amount) -> Self;
    fn without_target(self) -> Self;
}

impl ItemFixture for Item {
    fn keyed(self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self
        }
    }

    fn at(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    fn on(self, track: &str) -> Self {
        Self {
            track: Some(track.to_owned()),
            ..self
        }
    }

    fn in_unit(self, unit: &str) -> Self {
        Self {
            unit: Unit(unit.to_owned()),
            ..self
        }
    }

    fn lower(self) -> Self {
        Self {
            direction: Direction::Lower,
            ..self
        }
    }

    fn strict(self) -> Self {
        Self {
            strict: true,
            ..self
        }
    }

    fn proportion(self) -> Self {
        Self {
            proportion: true,
            unit: Unit("share".to_owned()),
            ..self
        }
    }

    fn high_hurdle(self) -> Self {
        Self {
            high_hurdle: true,
            ..self
        }
    }

    fn weighing(self, weight: &str) -> Self {
        Self {
            weight: weight.parse().unwrap(),
            ..self
        }
    }

    fn over(self, start: u32, due: u32) -> Self {
        Self {
            bar: Some(Bar { start, due }),
            ..self
        }
    }

    fn phased(self, phasing: Phasing) -> Self {
        Self {
            phasing: Some(phasing),
            ..self
        }
    }

    /// Adds a target.
    fn with_target(mut self, year: Option<u32>, value: Amount) -> Self {
        self.targets.push(Target {
            year,
            value: Some(value),
            formula: None,
        });
        self
    }

    fn without_target(self) -> Self {
        Self {
            targets: Vec::new(),
            ..self
        }
    }
}

/// Version 1 of a plan with these items, from April 2025.
pub fn plan(items: Vec<Item>) -> Plan {
    let start = Month::new(2025, 4).unwrap();
    Plan {
        version: 1,
        start,
        effective: start,
        definition: Definition {
            key: "card".to_owned(),
            name: Text::new("表", "Card"),
            market_type: MarketType::Growth,
            basis: None,
            stages: Stage::all()
                .map(|stage| StageHeading {
                    stage,
                    perspective: stage.perspective(),
                    name: stage.name(),
                })
                .collect(),
            tracks: [("bank", "銀行", "Bank"), ("union", "信金", "Credit union")]
                .map(|(key, ja, en)| Track {
                    key: key.to_owned(),
                    name: Text::new(ja, en),
                })
                .to_vec(),
            parameters: Vec::new(),
            items,
            links: Vec::new(),
            checks: Vec::new(),
            settings: Settings::default(),
        }
        .into(),
        parameters: ParameterValues::new(),
    }
}

/// A conversion from items to items, without delay.
pub fn converts(from: &[&str], to: &[&str]) -> Link {
    link(LinkKind::Conversion, from, to)
}

/// A preparation of items by items.
pub fn prepares(from: &[&str], to: &[&str]) -> Link {
    link(LinkKind::Preparation, from, to)
}

fn link(kind: LinkKind, from: &[&str], to: &[&str]) -> Link {
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    Link {
        kind,
        from: keys(from),
        to: keys(to),
        lag_months: 0,
    }
}

/// A plan with these items and links.
pub fn linked(items: Vec<Item>, links: Vec<Link>) -> Plan {
    let mut plan = plan(items);
    plan.definition_mut().links = links;
    plan
}

/// Programme month `t`.
pub const fn t(t: u32) -> ProgrammeMonth {
    ProgrammeMonth::new(t)
}

/// Months 1, 2, … of one item: `5`, `2.5`, a ratio `3/10`, `-` not reported,
/// `x` not applicable; `0*11` stands for eleven zeros.
pub fn months(table: &str) -> Vec<Cell> {
    table
        .split_whitespace()
        .flat_map(|word| {
            let (cell, count) = word.split_once('*').unwrap_or((word, "1"));
            vec![cell_of(cell); count.parse().unwrap()]
        })
        .collect()
}

fn cell_of(word: &str) -> Cell {
    match word {
        "-" => Cell::NotReported,
        "x" => Cell::NotApplicable {
            reason: "設備の故障".to_owned(),
        },
        _ => Cell::Reported(match word.split_once('/') {
            None => Figure::Amount(word.parse().unwrap()),
            Some((numerator, denominator)) => Figure::Ratio {
                numerator: numerator.parse().unwrap(),
                denominator: denominator.parse().unwrap(),
            },
        }),
    }
}

/// The cells of items by key, each as [`months`] reads them.
pub fn ledger(tables: &[(&str, &str)]) -> Ledger {
    let mut ledger = Ledger::default();
    for (key, table) in tables {
        for (month, cell) in (1..).zip(months(table)) {
            ledger.set(key, t(month), cell);
        }
    }
    ledger
}
