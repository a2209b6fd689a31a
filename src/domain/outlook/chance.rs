//! What the rest of a year may still bring, in counts (`semantics.md` §6): a
//! negative binomial distribution, the Gamma–Poisson model of a pace that is
//! known only from the months reported, with Jeffreys' prior.
//!
//! Every function answers for every input in microseconds; what is out of range
//! has no chance.

use num_traits::ToPrimitive;
use statrs::distribution::{ContinuousCDF, DiscreteCDF, Normal, Poisson};
use statrs::function::beta::beta_reg;

use crate::domain::amount::Exact;

/// What Jeffreys' prior of a Poisson pace adds to the count.
const PRIOR_SIZE: f64 = 0.5;
/// Above this product of size and failure probability the normal distribution
/// stands in: the continued fraction of the beta function no longer settles.
/// They differ by less than 0.001 there.
const SIZE_MAX: f64 = 1e5;
/// Above this mean the normal distribution stands in for Poisson's.
const POISSON_MEAN_MAX: f64 = 1e6;
/// Counts beyond this are not looked for: far above every reported figure.
const COUNT_MAX: u64 = 1 << 50;
/// From a whole number half-way to the next.
const CONTINUITY: f64 = 0.5;

/// How many come in the rest of the year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rest {
    /// At the pace of the months reported: negative binomial with this size;
    /// success and failure probability add up to 1.
    Paced {
        size: f64,
        success: f64,
        failure: f64,
    },
    /// At a pace that is given: Poisson with this mean.
    Given { mean: f64 },
}

impl Rest {
    /// After `actual` in the share `s` of the year; `None` where that is no
    /// count, or `s` not between 0 and 1.
    pub(super) fn at_pace(actual: &Exact, share: &Exact) -> Option<Self> {
        let failure = &Exact::whole(1) - share;
        let is_count = actual.is_whole() && *actual >= Exact::zero();
        (is_count && share.is_positive() && failure.is_positive()).then(|| Self::Paced {
            size: actual.to_f64() + PRIOR_SIZE,
            success: share.to_f64(),
            failure: failure.to_f64(),
        })
    }

    /// So many on average, whatever came before.
    pub(super) fn given(mean: &Exact) -> Self {
        Self::Given {
            mean: mean.to_f64().max(0.0),
        }
    }

    /// The same, where every month brings so many times as much.
    pub(super) fn times(self, factor: &Exact) -> Self {
        let factor = factor.to_f64().max(0.0);
        match self {
            Self::Paced {
                size,
                success,
                failure,
            } => {
                let whole = success + factor * failure;
                Self::Paced {
                    size,
                    success: success / whole,
                    failure: factor * failure / whole,
                }
            }
            Self::Given { mean } => Self::Given {
                mean: mean * factor,
            },
        }
    }

    /// How likely at least so many come.
    pub(super) fn at_least(self, count: &Exact) -> Option<f64> {
        if !count.is_positive() {
            return Some(1.0);
        }
        let above = u64::try_from(count.ceil()?).ok()?.checked_sub(1)?;
        self.above(above)
    }

    /// How likely at most so many come.
    pub(super) fn at_most(self, count: &Exact) -> Option<f64> {
        match u64::try_from(count.floor()?) {
            Ok(most) => Some(1.0 - self.above(most)?),
            Err(_negative) => Some(0.0),
        }
    }

    /// The smallest count that at most so many come with this probability.
    pub(super) fn quantile(self, probability: f64) -> Option<u64> {
        let reached = |count| self.above(count).map(|above| 1.0 - above >= probability);
        let mut high = 1;
        while !reached(high)? {
            high *= 2;
            if high > COUNT_MAX {
                return None;
            }
        }
        let mut low = 0;
        while low < high {
            let middle = low + (high - low) / 2;
            if reached(middle)? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(low)
    }

    /// How likely more than `count` come.
    fn above(self, count: u64) -> Option<f64> {
        let next = count.checked_add(1)?.to_f64()?;
        let probability = match self {
            Self::Paced { failure, .. } if failure <= 0.0 => 0.0,
            Self::Paced {
                size,
                success,
                failure,
            } if size * failure > SIZE_MAX => {
                let mean = size * failure / success;
                normal_above(mean, mean / success, next)?
            }
            Self::Paced { size, failure, .. } => beta_reg(next, size, failure),
            Self::Given { mean } if mean <= 0.0 => 0.0,
            Self::Given { mean } if mean > POISSON_MEAN_MAX => normal_above(mean, mean, next)?,
            Self::Given { mean } => Poisson::new(mean).ok()?.sf(count),
        };
        probability.is_finite().then(|| probability.clamp(0.0, 1.0))
    }
}

/// How likely a normal variable reaches `count`, with a continuity correction.
fn normal_above(mean: f64, variance: f64, count: f64) -> Option<f64> {
    let distribution = Normal::new(mean, variance.sqrt()).ok()?;
    Some(distribution.sf(count - CONTINUITY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Instant;

    /// `Pr[NB >= least]`, term by term.
    fn summed(size: f64, success: f64, least: u32) -> f64 {
        let mut term = success.powf(size);
        let mut below = 0.0;
        for count in 0..least {
            below += term;
            term *= (size + f64::from(count)) / f64::from(count + 1) * (1.0 - success);
        }
        1.0 - below
    }

    fn rest(actual: i64, numerator: i64, denominator: i64) -> Rest {
        Rest::at_pace(
            &Exact::whole(actual),
            &Exact::fraction(numerator, denominator),
        )
        .unwrap()
    }

    #[track_caller]
    fn close(shown: Option<f64>, expected: f64, within: f64) {
        let shown = shown.unwrap();
        assert!(
            (shown - expected).abs() < within,
            "{shown} is not {expected}"
        );
    }

    #[test]
    fn the_chance_agrees_with_its_sum() {
        for actual in [0, 1, 7, 40, 300] {
            for (numerator, denominator) in [(1, 12), (5, 12), (1, 2), (11, 12), (1, 36)] {
                let rest = rest(actual, numerator, denominator);
                let size = actual.to_f64().unwrap() + 0.5;
                let success = Exact::fraction(numerator, denominator).to_f64();
                for least in [0, 1, 2, 5, 10, 50, 400] {
                    let expected = summed(size, success, least);
                    close(rest.at_least(&Exact::whole(least.into())), expected, 1e-9);
                    let below = Exact::whole(i64::from(least) - 1);
                    close(rest.at_most(&below), 1.0 - expected, 1e-9);
                }
            }
        }
    }

    /// By hand: nothing in half a year is size 1/2 and success 1/2, so that
    /// none come with probability √½, and one with half of half of that.
    #[test]
    fn small_cases_by_hand() {
        let none = 0.5_f64.sqrt();
        let rest = rest(0, 1, 2);
        close(rest.at_least(&Exact::whole(1)), 1.0 - none, 1e-12);
        close(rest.at_most(&Exact::whole(1)), none * 1.25, 1e-12);
        assert_eq!(rest.quantile(0.7), Some(0));
        assert_eq!(rest.quantile(0.71), Some(1));
        // Between whole numbers the next one is needed.
        assert_eq!(
            rest.at_least(&Exact::fraction(1, 2)),
            rest.at_least(&Exact::whole(1))
        );
        assert_eq!(rest.at_least(&Exact::zero()), Some(1.0));
        assert_eq!(rest.at_most(&Exact::whole(-1)), Some(0.0));
    }

    #[test]
    fn a_faster_pace_moves_the_mean() {
        let size = 12.5;
        // Success 1/2: failure over success is 1; three times that is 3.
        let faster = rest(12, 1, 2).times(&Exact::whole(3));
        close(
            faster.at_least(&Exact::whole(30)),
            summed(size, 0.25, 30),
            1e-9,
        );
        assert_eq!(rest(12, 1, 2).times(&Exact::whole(1)), rest(12, 1, 2));
        let stopped = rest(12, 1, 2).times(&Exact::zero());
        assert_eq!(stopped.at_least(&Exact::whole(1)), Some(0.0));
        assert_eq!(stopped.quantile(0.9), Some(0));
        let given = Rest::given(&Exact::whole(1));
        let none = (-1.0_f64).exp();
        close(given.at_least(&Exact::whole(1)), 1.0 - none, 1e-12);
        let doubled = given.times(&Exact::whole(2));
        close(doubled.at_most(&Exact::zero()), (-2.0_f64).exp(), 1e-12);
        let nothing = Rest::given(&Exact::zero());
        assert_eq!(nothing.at_least(&Exact::whole(1)), Some(0.0));
    }

    #[test]
    fn what_is_no_count_has_no_chance() {
        let half = Exact::fraction(1, 2);
        assert_eq!(Rest::at_pace(&half, &half), None);
        assert_eq!(Rest::at_pace(&Exact::whole(-1), &half), None);
        for share in [0, 1, 2, -1] {
            assert_eq!(Rest::at_pace(&Exact::whole(3), &Exact::whole(share)), None);
        }
    }

    #[test]
    fn the_normal_distribution_takes_over_without_a_step() {
        let (size, success, failure) = (2.0 * SIZE_MAX, 0.5, 0.5);
        let (mean, variance) = (2.0 * SIZE_MAX, 4.0 * SIZE_MAX);
        for deviations in [-2.0, -1.0, 0.0, 1.0, 2.0] {
            let least = (mean + deviations * f64::sqrt(variance)).round();
            let exact = beta_reg(least, size, failure);
            let rest = Rest::Paced {
                size: size * 1.000_01,
                success,
                failure,
            };
            let shown = rest.at_least(&Exact::whole(least.to_i64().unwrap()));
            close(shown, exact, 2e-3);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn every_input_gets_an_answer_at_once(
            actual in any::<i64>(), shift in 0_u32..60,
            numerator in 1_i64..10_000, more in 1_i64..10_000,
            count in any::<i64>(), count_shift in 0_u32..60, factor in 0_i64..1_000,
        ) {
            let actual = Exact::whole((actual >> shift).saturating_abs());
            let share = Exact::fraction(numerator, numerator + more);
            let count = Exact::whole(count >> count_shift);
            let start = Instant::now();
            let rest = Rest::at_pace(&actual, &share).unwrap();
            for rest in [rest, rest.times(&Exact::fraction(factor, 100)), Rest::given(&actual)] {
                for chance in [rest.at_least(&count), rest.at_most(&count)] {
                    prop_assert!(chance.is_none_or(|chance| (0.0..=1.0).contains(&chance)));
                }
                let (low, high) = (rest.quantile(0.1), rest.quantile(0.9));
                prop_assert!(low <= high);
            }
            // Microseconds each; the margin is for a busy machine.
            prop_assert!(start.elapsed().as_millis() < 500);
        }

        /// Whoever has reached more, or needs less, has the better chance.
        #[test]
        fn the_chance_rises_with_what_is_reached(
            actual in 0_i64..500, k in 1_i64..12, target in 0_i64..1_000,
        ) {
            let share = Exact::fraction(k, 12);
            let chance = |actual: i64, target: i64| {
                let rest = Rest::at_pace(&Exact::whole(actual), &share).unwrap();
                rest.at_least(&Exact::whole(target - actual)).unwrap()
            };
            prop_assert!(chance(actual + 1, target) + 1e-9 >= chance(actual, target));
            prop_assert!(chance(actual, target) + 1e-9 >= chance(actual, target + 1));
        }

        /// The range is where it says: at most a tenth lies below and above.
        #[test]
        fn the_range_leaves_a_tenth_on_either_side(actual in 0_i64..2_000, k in 1_i64..12) {
            let rest = rest(actual, k, 12);
            let bound = |probability| {
                Exact::whole(i64::try_from(rest.quantile(probability).unwrap()).unwrap())
            };
            let (low, high) = (bound(0.1), bound(0.9));
            prop_assert!(rest.at_most(&(&low - &Exact::whole(1))).unwrap() < 0.1);
            prop_assert!(rest.at_least(&(&high + &Exact::whole(1))).unwrap() <= 0.1 + 1e-9);
            let mean = (actual.to_f64().unwrap() + 0.5) * (12.0 - k.to_f64().unwrap()) / k.to_f64().unwrap();
            prop_assert!(low.to_f64() <= mean.ceil() && high.to_f64() >= mean.floor());
        }
    }
}
