//! The noise guard: how likely so poor a value is for a hub exactly on plan
//! (`pi`, `semantics.md` §4). The only floats that decide anything.
//!
//! Every function answers for every input in microseconds. What is out of
//! range has no probability, and then nothing is excused.

use num_traits::ToPrimitive;
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal, Poisson};

use crate::domain::amount::Exact;

/// Above this mean the normal distribution stands in for Poisson's, whose
/// series grows long. They differ by less than 0.0001 there.
const POISSON_MEAN_MAX: f64 = 1e6;
/// Above this variance it stands in for the binomial one, whose continued
/// fraction no longer settles.
const BINOMIAL_VARIANCE_MAX: f64 = 1e5;
/// From a whole number half-way to the next.
const CONTINUITY: f64 = 0.5;

/// Which values are as poor as the one at hand, or poorer.
#[derive(Clone, Copy)]
pub(in crate::domain) enum Tail {
    /// Higher is better.
    AtMost,
    /// Lower is better.
    AtLeast,
}

/// `Pr[Poisson(mean) <= value]`, or `>=`.
pub(super) fn poisson(mean: &Exact, value: &Exact, tail: Tail) -> Option<f64> {
    let mean = mean.to_f64();
    if mean > POISSON_MEAN_MAX {
        return normal(mean, mean, value, tail);
    }
    probability(&Poisson::new(mean).ok()?, value, tail)
}

/// `Pr[Binomial(trials, share) <= value]`, or `>=`.
pub(in crate::domain) fn binomial(
    trials: &Exact,
    share: &Exact,
    value: &Exact,
    tail: Tail,
) -> Option<f64> {
    let count = u64::try_from(trials.floor()?).ok()?;
    let (mean, share) = ((trials * share).to_f64(), share.to_f64());
    let distribution = Binomial::new(share, count).ok()?;
    if !trials.is_whole() {
        return None;
    }
    let variance = mean * (1.0 - share);
    if variance > BINOMIAL_VARIANCE_MAX {
        return normal(mean, variance, value, tail);
    }
    probability(&distribution, value, tail)
}

/// The tail of a count; between whole numbers the next that is as poor.
fn probability(
    distribution: &impl DiscreteCDF<u64, f64>,
    value: &Exact,
    tail: Tail,
) -> Option<f64> {
    let probability = match tail {
        Tail::AtMost => u64::try_from(value.floor()?).map_or(0.0, |most| distribution.cdf(most)),
        Tail::AtLeast => match u64::try_from(value.ceil()?) {
            Ok(least) if least > 0 => distribution.sf(least - 1),
            _ => 1.0,
        },
    };
    Some(probability.clamp(0.0, 1.0))
}

/// The same tail of the normal distribution with a continuity correction.
fn normal(mean: f64, variance: f64, value: &Exact, tail: Tail) -> Option<f64> {
    let distribution = Normal::new(mean, variance.sqrt()).ok()?;
    Some(match tail {
        Tail::AtMost => distribution.cdf(value.floor()?.to_f64()? + CONTINUITY),
        Tail::AtLeast => distribution.sf(value.ceil()?.to_f64()? - CONTINUITY),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Instant;

    /// `Pr[Poisson(mean) <= most]`, term by term.
    fn summed_poisson(mean: f64, most: u32) -> f64 {
        let mut term = (-mean).exp();
        let mut sum = term;
        for count in 1..=most {
            term *= mean / f64::from(count);
            sum += term;
        }
        sum
    }

    /// `Pr[Binomial(trials, share) <= most]`, term by term.
    fn summed_binomial(trials: u32, share: f64, most: u32) -> f64 {
        let mut sum = 0.0;
        for count in 0..=most.min(trials) {
            let mut term = 1.0;
            for step in 0..count {
                term *= f64::from(trials - step) / f64::from(step + 1) * share;
            }
            sum += term * (1.0 - share).powi(i32::try_from(trials - count).unwrap());
        }
        sum
    }

    fn whole(units: u32) -> Exact {
        Exact::whole(units.into())
    }

    #[track_caller]
    fn close(shown: Option<f64>, expected: f64) {
        let shown = shown.unwrap();
        assert!((shown - expected).abs() < 1e-9, "{shown} is not {expected}");
    }

    #[test]
    fn poisson_agrees_with_its_sum() {
        for (numerator, denominator) in [(1, 12), (5, 12), (5, 2), (15, 1), (45, 2), (100, 1)] {
            let exact = Exact::fraction(numerator, denominator);
            let mean = exact.to_f64();
            for value in 0..130 {
                let sum = summed_poisson(mean, value);
                close(poisson(&exact, &whole(value), Tail::AtMost), sum);
                close(poisson(&exact, &whole(value + 1), Tail::AtLeast), 1.0 - sum);
            }
            close(poisson(&exact, &whole(0), Tail::AtLeast), 1.0);
        }
    }

    #[test]
    fn binomial_agrees_with_its_sum() {
        for trials in [1, 2, 5, 10, 40] {
            for (numerator, denominator) in [(1, 20), (1, 10), (1, 3), (1, 2), (19, 20), (1, 1)] {
                let share = Exact::fraction(numerator, denominator);
                for value in 0..=trials {
                    let sum = summed_binomial(trials, share.to_f64(), value);
                    let at_most = binomial(&whole(trials), &share, &whole(value), Tail::AtMost);
                    close(at_most, sum);
                    let above = whole(value + 1);
                    let at_least = binomial(&whole(trials), &share, &above, Tail::AtLeast);
                    close(at_least, 1.0 - sum);
                }
            }
        }
    }

    #[test]
    fn between_whole_numbers_the_next_as_poor_counts() {
        let (mean, half) = (whole(15), Exact::fraction(21, 2));
        assert_eq!(
            poisson(&mean, &half, Tail::AtMost),
            poisson(&mean, &whole(10), Tail::AtMost)
        );
        assert_eq!(
            poisson(&mean, &half, Tail::AtLeast),
            poisson(&mean, &whole(11), Tail::AtLeast)
        );
        let below_zero = Exact::fraction(-1, 2);
        assert_eq!(poisson(&mean, &below_zero, Tail::AtMost), Some(0.0));
        assert_eq!(poisson(&mean, &below_zero, Tail::AtLeast), Some(1.0));
    }

    #[test]
    fn what_is_out_of_range_has_no_probability() {
        let one = whole(1);
        for mean in [Exact::zero(), Exact::whole(-1)] {
            assert_eq!(poisson(&mean, &one, Tail::AtMost), None);
        }
        let half = Exact::fraction(1, 2);
        for (trials, share) in [
            (Exact::whole(-1), half.clone()),
            (half.clone(), half.clone()),
            (whole(10), Exact::fraction(11, 10)),
            (whole(10), Exact::fraction(-1, 10)),
        ] {
            assert_eq!(binomial(&trials, &share, &one, Tail::AtMost), None);
        }
        let beyond = whole(u32::MAX) * whole(u32::MAX);
        assert_eq!(binomial(&beyond, &half, &one, Tail::AtMost), None);
        assert_eq!(poisson(&one, &beyond, Tail::AtMost), None);
    }

    #[test]
    fn the_normal_distribution_takes_over_without_a_step() {
        let deviations_below = |mean: f64, variance: f64, deviations: f64| {
            Exact::whole(
                (mean - deviations * variance.sqrt())
                    .round()
                    .to_i64()
                    .unwrap(),
            )
        };
        for deviations in [3.0, 1.645, 0.84, 0.0] {
            let value = deviations_below(1e6, 1e6, deviations);
            let exact = poisson(&Exact::whole(1_000_000), &value, Tail::AtMost).unwrap();
            let approximated = normal(1e6, 1e6, &value, Tail::AtMost).unwrap();
            assert!(
                (exact - approximated).abs() < 1e-4,
                "{exact} {approximated}"
            );

            let (trials, share) = (Exact::whole(400_000), Exact::fraction(499, 1_000));
            let (mean, variance) = (199_600.0, 199_600.0 * 0.501);
            let value = deviations_below(mean, variance, deviations);
            let exact = binomial(&trials, &share, &value, Tail::AtMost).unwrap();
            let approximated = normal(mean, variance, &value, Tail::AtMost).unwrap();
            assert!(
                (exact - approximated).abs() < 1e-4,
                "{exact} {approximated}"
            );
        }
    }

    /// Figures of every size.
    fn figure() -> impl Strategy<Value = Exact> {
        (any::<i64>(), 0_u32..60, 1_i64..10_000).prop_map(|(numerator, shift, denominator)| {
            Exact::fraction(numerator >> shift, denominator)
        })
    }

    fn is_probability(answer: Option<f64>) -> bool {
        answer.is_none_or(|answer| (0.0..=1.0).contains(&answer))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn every_input_gets_an_answer_at_once(
            mean in figure(),
            share in 0_i64..=1_000_000,
            deviation in -6_000_i64..6_000,
            value in figure(),
        ) {
            let share = Exact::fraction(share, 1_000_000);
            let near = mean.to_f64() + mean.to_f64().abs().sqrt() * deviation.to_f64().unwrap() / 1e3;
            let near = near.floor().to_i64().map_or_else(Exact::zero, Exact::whole);
            let trials = mean.floor().map_or_else(Exact::zero, Exact::whole);
            let start = Instant::now();
            for tail in [Tail::AtMost, Tail::AtLeast] {
                for value in [&near, &value] {
                    prop_assert!(is_probability(poisson(&mean, value, tail)));
                    prop_assert!(is_probability(binomial(&trials, &share, value, tail)));
                }
            }
            // Microseconds each; the margin is for a busy machine.
            prop_assert!(start.elapsed().as_millis() < 500);
        }

        #[test]
        fn poorer_values_are_less_likely(mean in figure(), value in figure()) {
            let poorer = &value - &Exact::whole(1);
            if let (Some(poor), Some(poorer)) = (
                poisson(&mean, &value, Tail::AtMost),
                poisson(&mean, &poorer, Tail::AtMost),
            ) {
                prop_assert!(poorer <= poor + 1e-9);
            }
        }
    }
}
