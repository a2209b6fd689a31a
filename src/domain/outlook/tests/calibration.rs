//! Whether what is said holds: simulated hubs, whose throws are the same on
//! every machine.

use super::*;
use crate::domain::fixture::{flow, months, t};
use crate::domain::outlook::chance::Rest;

/// Yearly targets such as plans have.
const TARGETS: [u32; 5] = [10, 20, 30, 60, 100];

/// Throws by `SplitMix64`.
struct Dice(u64);

impl Dice {
    /// Evenly between 0 and 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let upper = u32::try_from(mixed >> 32).unwrap();
        (f64::from(upper) + 0.5) / f64::from(u32::MAX)
    }

    /// How many come where so many come on average (Knuth's product of throws).
    fn poisson(&mut self, mean: f64) -> i64 {
        let (limit, mut product, mut count) = ((-mean).exp(), self.share(), 0);
        while product > limit {
            product *= self.share();
            count += 1;
        }
        count
    }

    /// The twelve months of a hub that brings so many a year on average.
    fn year(&mut self, yearly: f64) -> Vec<i64> {
        (0..12).map(|_| self.poisson(yearly / 12.0)).collect()
    }
}

/// Hubs exactly on plan: 80 % ranges hold 75 to 85 % of the years' ends.
///
/// Counts are whole, and a range that holds at least 80 % holds some more: the
/// less is still to come, the more. All months of the year count alike here.
#[test]
fn ranges_hold_what_they_say() {
    let mut dice = Dice(1);
    let (mut all_held, mut all_looks) = (0, 0);
    for target in TARGETS {
        let (mut held, mut looks) = (0, 0);
        for _hub in 0..150 {
            let year = dice.year(f64::from(target));
            let end = Exact::whole(year.iter().sum());
            let table: Vec<String> = year.iter().map(i64::to_string).collect();
            let cells = months(&table.join(" "));
            let mut ledger = Ledger::default();
            for (month, cell) in (1..).zip(cells) {
                ledger.set("item", t(month), cell);
            }
            let item = flow(target.into());
            for month in 1..=11 {
                let year = Year::of(&item, ledger.item("item"), t(month)).unwrap();
                let (low, high) = year.outlook(&Pace::Own).range.unwrap();
                held += u32::from(low <= end && end <= high);
                looks += 1;
            }
        }
        let share = f64::from(held) / f64::from(looks);
        assert!((0.75..=0.88).contains(&share), "target {target}: {share}");
        all_held += held;
        all_looks += looks;
    }
    let share = f64::from(all_held) / f64::from(all_looks);
    assert!((0.75..=0.85).contains(&share), "{share}");
}

/// Stated chance and frequency by tenths of the chance: looks, mean chance,
/// frequency.
fn deciles(dice: &mut Dice, hubs: u32, pace: impl Fn(&mut Dice) -> f64) -> Vec<(u32, f64, f64)> {
    let mut tenths = vec![(0_u32, 0.0, 0.0); 10];
    for hub in 0..hubs {
        let target = TARGETS[usize::try_from(hub % 5).unwrap()];
        let month = hub / 5 % 11 + 1;
        let yearly = f64::from(target) * pace(dice);
        let year = dice.year(yearly);
        let actual: i64 = year.iter().take(usize::try_from(month).unwrap()).sum();
        let rest = Rest::at_pace(&Exact::whole(actual), &exact(month.into(), 12)).unwrap();
        let chance = rest
            .at_least(&Exact::whole(i64::from(target) - actual))
            .unwrap();
        let reached = year.iter().sum::<i64>() >= i64::from(target);
        let tenth = (0..9).find(|tenth| chance < f64::from(tenth + 1) / 10.0);
        let (looks, chances, hits) = &mut tenths[usize::try_from(tenth.unwrap_or(9)).unwrap()];
        *looks += 1;
        *chances += chance;
        *hits += f64::from(u8::from(reached));
    }
    tenths
        .into_iter()
        .map(|(looks, chances, hits)| {
            let count = f64::from(looks.max(1));
            (looks, chances / count, hits / count)
        })
        .collect()
}

/// Hubs of every pace from a tenth of the plan to four times it, as the prior
/// takes them to be spread: in each tenth the stated chance is the frequency.
///
/// Each tenth holds some hundred hubs at least, so that chance alone moves
/// its frequency by two percentage points; six are three times that.
#[test]
fn the_stated_chance_is_the_frequency() {
    let (slowest, fastest) = (0.1_f64.sqrt(), 4.0_f64.sqrt());
    let found = deciles(&mut Dice(2), 30_000, |dice| {
        (slowest + dice.share() * (fastest - slowest)).powi(2)
    });
    for (tenth, (looks, chance, frequency)) in found.into_iter().enumerate() {
        assert!(looks >= 300, "tenth {tenth}: {looks}");
        assert!(
            (chance - frequency).abs() < 0.06,
            "tenth {tenth}: {chance} said, {frequency} found"
        );
    }
}

/// Hubs exactly on plan, which nobody knows of them: a good or a bad start is
/// partly luck, and the chance, which takes it for the hub's pace, is somewhat
/// too far from one half. In no tenth by more than 15 percentage points, and a
/// higher chance still stands for a higher frequency.
#[test]
fn on_plan_the_chance_is_a_little_bold() {
    let found = deciles(&mut Dice(3), 30_000, |_| 1.0);
    let mut before = 0.0;
    for (tenth, (looks, chance, frequency)) in found.into_iter().enumerate() {
        assert!(looks >= 1_000, "tenth {tenth}: {looks}");
        assert!(
            (chance - frequency).abs() < 0.15,
            "tenth {tenth}: {chance} said, {frequency} found"
        );
        assert!(frequency > before, "tenth {tenth}: {frequency}");
        before = frequency;
    }
}
