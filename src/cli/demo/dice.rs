//! Chance that repeats itself: the same names give the same throws, whatever
//! was thrown before.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// The dice of one thing in one month of one scorecard.
pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn of(seed: u64, scorecard: &str, thing: &str, month: u32) -> Self {
        let name = format!("{seed}/{scorecard}/{thing}/{month}");
        Self(ChaCha8Rng::from_seed(
            *blake3::hash(name.as_bytes()).as_bytes(),
        ))
    }

    /// From 0 up to, not including, 1.
    pub fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// One of `low`, …, `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// How many of `trials` succeed, each with this chance.
    pub fn successes(&mut self, trials: i64, chance: f64) -> i64 {
        (0..trials).map(|_| i64::from(self.share() < chance)).sum()
    }

    /// How often something happens that happens `mean` times on average
    /// (Knuth's method; `mean` stays below some hundreds).
    pub fn poisson(&mut self, mean: f64) -> i64 {
        let limit = (-mean).exp();
        let mut count = 0;
        let mut product = self.share();
        while product > limit {
            count += 1;
            product *= self.share();
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_names_give_the_same_throws() {
        let throw = |seed, month| Dice::of(seed, "hub/card", "item", month).between(0, 1_000_000);
        assert_eq!(throw(1, 5), throw(1, 5));
        assert_ne!(throw(1, 5), throw(1, 6));
        assert_ne!(throw(1, 5), throw(2, 5));
    }

    #[test]
    fn chance_keeps_its_means() {
        let months = 1..=2_000;
        let total: i64 = months
            .clone()
            .map(|month| Dice::of(1, "card", "poisson", month).poisson(5.0))
            .sum();
        assert!((9_700..=10_300).contains(&total), "{total}");
        let total: i64 = months
            .map(|month| Dice::of(1, "card", "successes", month).successes(10, 0.3))
            .sum();
        assert!((5_800..=6_200).contains(&total), "{total}");
    }
}
