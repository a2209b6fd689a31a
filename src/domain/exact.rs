//! Fractions without rounding: what the rules compute with, so that no
//! comparison depends on a representation (`semantics.md`, introduction).

use std::cmp::Ordering;
use std::ops::{Add, Mul, Sub};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use super::amount::{AMOUNT_LIMIT, Amount, Rounded, SCALE};

/// A fraction of any size, never rounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact(Fraction);

/// In lowest terms with a positive denominator, and large only where small
/// does not hold it: equal values are equal representations.
///
/// Nearly every figure is small, and there a fraction costs nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fraction {
    Small(i64, i64),
    Large(Box<BigRational>),
}

use Fraction::{Large, Small};

impl Exact {
    #[must_use]
    pub const fn zero() -> Self {
        Self::whole(0)
    }

    #[must_use]
    pub const fn whole(units: i64) -> Self {
        Self(Small(units, 1))
    }

    /// `numerator / denominator`; zero where the denominator is zero, so that
    /// the function is total (callers divide by positive constants).
    #[must_use]
    pub fn fraction(numerator: i64, denominator: i64) -> Self {
        Self::quotient(numerator.into(), denominator.into()).unwrap_or_else(Self::zero)
    }

    /// The sum of so many ten-thousandths, as amounts add up to.
    #[must_use]
    pub fn from_scaled(scaled: i128) -> Self {
        Self::quotient(scaled, SCALE.into()).unwrap_or_else(Self::zero)
    }

    /// `numerator / denominator` of two sums, or `None` where the denominator
    /// is zero.
    #[must_use]
    pub fn quotient(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let is_negative = (numerator < 0) != (denominator < 0);
        let (magnitude, denominator) =
            lowest_terms(numerator.unsigned_abs(), denominator.unsigned_abs());
        let signed = i128::try_from(magnitude)
            .map(|magnitude| if is_negative { -magnitude } else { magnitude })
            .and_then(i64::try_from);
        Some(match (signed, i64::try_from(denominator)) {
            (Ok(numerator), Ok(denominator)) => Self(Small(numerator, denominator)),
            _ => {
                let magnitude = BigInt::from(magnitude);
                let numerator = if is_negative { -magnitude } else { magnitude };
                Self::from_large(BigRational::new_raw(numerator, denominator.into()))
            }
        })
    }

    /// A fraction in lowest terms with a positive denominator.
    fn from_large(large: BigRational) -> Self {
        match (large.numer().to_i64(), large.denom().to_i64()) {
            (Some(numerator), Some(denominator)) => Self(Small(numerator, denominator)),
            _ => Self(Large(Box::new(large))),
        }
    }

    fn to_large(&self) -> BigRational {
        match &self.0 {
            Small(numerator, denominator) => {
                BigRational::new_raw((*numerator).into(), (*denominator).into())
            }
            Large(large) => BigRational::clone(large),
        }
    }

    /// `self / divisor`, or `None` where the divisor is zero.
    #[must_use]
    pub fn checked_div(&self, divisor: &Self) -> Option<Self> {
        match (&self.0, &divisor.0) {
            (Small(a, b), Small(c, d)) => Self::quotient(
                i128::from(*a) * i128::from(*d),
                i128::from(*b) * i128::from(*c),
            ),
            _ if divisor.is_zero() => None,
            _ => Some(Self::from_large(self.to_large() / divisor.to_large())),
        }
    }

    #[must_use]
    pub fn is_zero(&self) -> bool {
        match &self.0 {
            Small(numerator, _) => *numerator == 0,
            Large(large) => large.is_zero(),
        }
    }

    #[must_use]
    pub fn is_positive(&self) -> bool {
        match &self.0 {
            Small(numerator, _) => *numerator > 0,
            Large(large) => large.is_positive(),
        }
    }

    #[must_use]
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Small(_, denominator) => *denominator == 1,
            Large(large) => large.is_integer(),
        }
    }

    /// Nearest float; only for probabilities and for words.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Small(numerator, denominator) => numerator
                .to_f64()
                .zip(denominator.to_f64())
                .map_or(f64::NAN, |(numerator, denominator)| numerator / denominator),
            Large(large) => large.to_f64().unwrap_or(f64::NAN),
        }
    }

    /// The greatest whole number at or below; `None` beyond 64 bits.
    #[must_use]
    pub fn floor(&self) -> Option<i64> {
        match &self.0 {
            Small(numerator, denominator) => Some(numerator.div_euclid(*denominator)),
            Large(large) => large.floor().to_integer().to_i64(),
        }
    }

    /// The smallest whole number at or above; `None` beyond 64 bits.
    #[must_use]
    pub fn ceil(&self) -> Option<i64> {
        match &self.0 {
            Small(numerator, denominator) => {
                let below = numerator.div_euclid(*denominator);
                let is_between = numerator.rem_euclid(*denominator) > 0;
                below.checked_add(i64::from(is_between))
            }
            Large(large) => large.ceil().to_integer().to_i64(),
        }
    }

    /// Rounded to four decimals, half away from zero, for an answer.
    #[must_use]
    pub fn rounded(&self) -> Rounded {
        Rounded::from_scaled(match &self.0 {
            Small(numerator, denominator) => {
                let doubled = i128::from(numerator.unsigned_abs()) * i128::from(SCALE) * 2;
                let denominator = i128::from(*denominator);
                let magnitude = (doubled + denominator) / (denominator * 2);
                if *numerator < 0 {
                    -magnitude
                } else {
                    magnitude
                }
            }
            Large(large) => {
                let scaled = (&**large * BigInt::from(SCALE)).round().to_integer();
                let limit = if scaled.is_negative() {
                    i128::MIN
                } else {
                    i128::MAX
                };
                scaled.to_i128().unwrap_or(limit)
            }
        })
    }

    /// Rounded to a whole number, half up (`semantics.md` §2), or `None`
    /// where that is at or beyond [`AMOUNT_LIMIT`].
    #[must_use]
    pub fn rounded_half_up_to_whole(&self) -> Option<Amount> {
        let units = (self + &Self::fraction(1, 2)).floor()?;
        (units.unsigned_abs() < AMOUNT_LIMIT.unsigned_abs()).then(|| Amount::whole(units))
    }

    /// The amount of this value, or `None` where it has more than four
    /// decimals or is out of range.
    #[must_use]
    pub fn to_amount(&self) -> Option<Amount> {
        let scaled = i64::try_from(self.rounded().scaled()).ok()?;
        let amount = Amount::from_scaled(scaled);
        let is_in_range =
            scaled.unsigned_abs() < AMOUNT_LIMIT.unsigned_abs() * SCALE.unsigned_abs();
        (amount.exact() == *self && is_in_range).then_some(amount)
    }

    /// As answers show and summaries store a figure: [`Exact::rounded`],
    /// saturating far outside what reports can reach.
    #[must_use]
    pub fn shown(&self) -> Amount {
        let scaled = self.rounded().scaled();
        let limit = if scaled < 0 { i64::MIN } else { i64::MAX };
        Amount::from_scaled(i64::try_from(scaled).unwrap_or(limit))
    }

    #[must_use]
    pub fn min(self, other: Self) -> Self {
        if self <= other { self } else { other }
    }

    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if self >= other { self } else { other }
    }
}

/// Both divided by the greatest whole number that divides both; in machine
/// words, where division is fast, as soon as they fit.
fn lowest_terms(numerator: u128, denominator: u128) -> (u128, u128) {
    let (mut a, mut b) = (numerator, denominator);
    while b > 0 {
        if let (Ok(a), Ok(b)) = (u64::try_from(a), u64::try_from(b)) {
            let divisor = greatest_common_divisor(a, b);
            return (divided(numerator, divisor), divided(denominator, divisor));
        }
        (a, b) = (b, a % b);
    }
    (numerator / a, denominator / a)
}

fn divided(number: u128, divisor: u64) -> u128 {
    match u64::try_from(number) {
        Ok(number) => (number / divisor).into(),
        Err(_) => number / u128::from(divisor),
    }
}

const fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Small(a, b), Small(c, d)) => {
                (i128::from(*a) * i128::from(*d)).cmp(&(i128::from(*c) * i128::from(*b)))
            }
            _ => self.to_large().cmp(&other.to_large()),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Amount> for Exact {
    fn from(amount: Amount) -> Self {
        amount.exact()
    }
}

/// An operator on `a/b` and `c/d`: the numerator of the result over `b·d`.
/// Products of words, and sums of two of them, fit 128 bits.
macro_rules! exact_operator {
    ($trait:ident, $method:ident, |$a:ident, $b:ident, $c:ident, $d:ident| $numerator:expr) => {
        impl<'a> $trait<&'a Exact> for &'a Exact {
            type Output = Exact;

            fn $method(self, other: &Exact) -> Exact {
                if let (Small(a, b), Small(c, d)) = (&self.0, &other.0) {
                    let [$a, $b, $c, $d] = [*a, *b, *c, *d].map(i128::from);
                    if let Some(exact) = Exact::quotient($numerator, $b * $d) {
                        return exact;
                    }
                }
                Exact::from_large(self.to_large().$method(other.to_large()))
            }
        }

        impl $trait for Exact {
            type Output = Exact;

            fn $method(self, other: Exact) -> Exact {
                (&self).$method(&other)
            }
        }
    };
}
exact_operator!(Add, add, |a, b, c, d| a * d + c * b);
exact_operator!(Sub, sub, |a, b, c, d| a * d - c * b);
exact_operator!(Mul, mul, |a, b, c, d| a * c);

impl std::iter::Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::zero(), |total, value| total + value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_half_away_from_zero() {
        for (numerator, denominator, shown) in [
            (1, 3, "0.3333"),
            (2, 3, "0.6667"),
            (1, 20_000, "0.0001"),
            (-1, 20_000, "-0.0001"),
            (5, 1, "5"),
            (-5, 2, "-2.5"),
        ] {
            assert_eq!(
                Exact::fraction(numerator, denominator)
                    .rounded()
                    .to_string(),
                shown
            );
        }
    }

    #[test]
    fn figures_far_out_are_shown_at_the_limit() {
        let far = Exact::whole(i64::MAX);
        for (exact, scaled) in [
            (Exact::fraction(-2, 3), -6_667),
            (far.clone(), i64::MAX),
            (Exact::zero() - far.clone() * far, i64::MIN),
        ] {
            assert_eq!(exact.shown(), Amount::from_scaled(scaled));
        }
    }

    #[test]
    fn rounds_computed_targets_half_up() {
        for (numerator, denominator, units) in [(5, 2, 3), (49, 20, 2), (-5, 2, -2), (3, 1, 3)] {
            assert_eq!(
                Exact::fraction(numerator, denominator).rounded_half_up_to_whole(),
                Some(Amount::whole(units))
            );
        }
    }

    #[test]
    fn equal_values_are_equal_however_they_came_about() {
        let third = Exact::fraction(1, 3);
        assert_eq!(Exact::fraction(-5, -15), third);
        assert_eq!(Exact::from_scaled(25_000), Exact::fraction(5, 2));
        assert_eq!(Exact::quotient(1, 0), None);
        assert_eq!(third.checked_div(&Exact::zero()), None);
        // Out to many digits and back.
        let mut value = third.clone();
        for _ in 0..9 {
            value = value * Exact::fraction(i64::MAX, 7);
        }
        assert!(matches!(value.0, Large(_)));
        for _ in 0..9 {
            value = value.checked_div(&Exact::fraction(i64::MAX, 7)).unwrap();
        }
        assert_eq!(value, third);
    }

    /// Any word, the extremes and small ones often.
    fn word() -> impl Strategy<Value = i64> {
        prop_oneof![
            any::<i64>(),
            -100_i64..100,
            Just(i64::MIN),
            Just(i64::MAX),
            Just(i64::MIN + 1)
        ]
    }

    /// A fraction, and what it is in the arithmetic of large numbers.
    fn pair() -> impl Strategy<Value = (Exact, BigRational)> {
        (word(), word(), proptest::bool::ANY).prop_filter_map(
            "a denominator of zero",
            |(numerator, denominator, squared)| {
                let exact = Exact::quotient(numerator.into(), denominator.into())?;
                let large = BigRational::new(numerator.into(), denominator.into());
                Some(if squared {
                    (&exact * &exact, &large * &large)
                } else {
                    (exact, large)
                })
            },
        )
    }

    proptest! {
        #[test]
        fn agrees_with_the_arithmetic_of_large_numbers((a, large_a) in pair(), (b, large_b) in pair()) {
            prop_assert_eq!((&a + &b).to_large(), &large_a + &large_b);
            prop_assert_eq!((&a - &b).to_large(), &large_a - &large_b);
            prop_assert_eq!((&a * &b).to_large(), &large_a * &large_b);
            prop_assert_eq!(a.cmp(&b), large_a.cmp(&large_b));
            prop_assert_eq!(a == b, large_a == large_b);
            if let Some(quotient) = a.checked_div(&b) {
                prop_assert_eq!(quotient.to_large(), &large_a / &large_b);
            }
            prop_assert_eq!(a.floor(), large_a.floor().to_integer().to_i64());
            prop_assert_eq!(a.ceil(), large_a.ceil().to_integer().to_i64());
            prop_assert_eq!(a.is_positive(), large_a.is_positive());
            prop_assert_eq!(a.is_whole(), large_a.is_integer());
            let float = large_a.to_f64().unwrap();
            prop_assert!((a.to_f64() - float).abs() <= float.abs() * 1e-15);
            let rounded = (&large_a * BigInt::from(SCALE)).round().to_integer();
            if let Some(rounded) = rounded.to_i128() {
                prop_assert_eq!(a.rounded().scaled(), rounded);
            }
        }

        #[test]
        fn amounts_come_back(scaled in -999_999_999_999_999_i64..=999_999_999_999_999) {
            let amount = Amount::from_scaled(scaled);
            prop_assert_eq!(amount.exact().to_amount(), Some(amount));
            let finer = amount.exact() + Exact::fraction(1, 100_000);
            prop_assert_eq!(finer.to_amount(), None);
        }
    }
}
