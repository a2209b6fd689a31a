//! Exact figures.
//!
//! [`Amount`] is what hubs report and what the databases store: fixed point
//! with four decimals. [`Exact`] is what the rules compute with: a fraction
//! without rounding, so that no comparison depends on a representation.
//! [`Rounded`] is what answers show: four decimals, half away from zero
//! (`semantics.md`, introduction).

use std::fmt;
use std::str::FromStr;

use num_traits::ToPrimitive;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

pub use super::exact::Exact;

/// Decimals kept of every figure.
pub const DECIMALS: u32 = 4;
/// One, in units of the last decimal.
pub const SCALE: i64 = 10_i64.pow(DECIMALS);
/// Reported figures and targets are smaller than this, in whole units: 10^11.
pub const AMOUNT_LIMIT: i64 = 100_000_000_000;

/// A figure with at most four decimals, as reported or planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

/// Why a text is not an [`Amount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountError {
    /// Not a decimal number at all.
    NotANumber,
    /// More than four decimals that are not zero.
    TooManyDecimals,
    /// At or beyond ±10^11.
    OutOfRange,
}

impl Amount {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(SCALE);

    /// The figure of so many ten-thousandths.
    #[must_use]
    pub const fn from_scaled(scaled: i64) -> Self {
        Self(scaled)
    }

    /// The whole figure `units`, saturating far beyond [`AMOUNT_LIMIT`].
    #[must_use]
    pub const fn whole(units: i64) -> Self {
        Self(units.saturating_mul(SCALE))
    }

    /// The figure in ten-thousandths, as stored.
    #[must_use]
    pub const fn scaled(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.0 % SCALE == 0
    }

    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    #[must_use]
    pub fn exact(self) -> Exact {
        Exact::fraction(self.0, SCALE)
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    /// Reads a JSON number, exponent included, without passing through a float.
    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (mantissa, exponent) = split_exponent(text)?;
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all: String = [whole, fraction].concat();
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AmountError::NotANumber);
        }
        let fraction_digits = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        // The value is `all × 10^(exponent - fraction_digits)`; the scale adds four.
        let shift = exponent
            .saturating_sub(fraction_digits)
            .saturating_add(i64::from(DECIMALS));
        let magnitude = shifted(all.trim_start_matches('0'), shift)?;
        Ok(Self(if negative { -magnitude } else { magnitude }))
    }
}

fn split_exponent(text: &str) -> Result<(&str, i64), AmountError> {
    match text.split_once(['e', 'E']) {
        None => Ok((text, 0)),
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix('+').unwrap_or(exponent);
            let value = digits.parse::<i32>().map_err(|_invalid| {
                let unsigned = digits.strip_prefix('-').unwrap_or(digits);
                if !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit()) {
                    AmountError::OutOfRange
                } else {
                    AmountError::NotANumber
                }
            })?;
            Ok((mantissa, i64::from(value)))
        }
    }
}

/// `digits × 10^shift` as scaled units; digits carry no leading zero.
fn shifted(digits: &str, shift: i64) -> Result<i64, AmountError> {
    if digits.is_empty() {
        return Ok(0);
    }
    let limit = AMOUNT_LIMIT.saturating_mul(SCALE);
    let text = if shift >= 0 {
        let zeros = usize::try_from(shift).map_err(|_invalid| AmountError::OutOfRange)?;
        if digits.len().saturating_add(zeros) > 18 {
            return Err(AmountError::OutOfRange);
        }
        format!("{digits}{}", "0".repeat(zeros))
    } else {
        let dropped = usize::try_from(-shift).map_err(|_invalid| AmountError::TooManyDecimals)?;
        let kept = digits.len().saturating_sub(dropped);
        let (head, tail) = digits.split_at(kept);
        if tail.bytes().any(|byte| byte != b'0') {
            return Err(AmountError::TooManyDecimals);
        }
        if head.is_empty() {
            "0".to_owned()
        } else {
            head.to_owned()
        }
    };
    match text.parse::<i64>() {
        Ok(scaled) if scaled < limit => Ok(scaled),
        _ => Err(AmountError::OutOfRange),
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Rounded(i128::from(self.0)).fmt(f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Rounded(i128::from(self.0)).serialize(serializer)
    }
}

/// Reads what this service itself wrote: plan documents and summaries, whose
/// figures a float holds exactly. Bodies of requests go through
/// [`crate::domain::strict_json`] instead.
impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a figure")
    }

    fn visit_i64<E: serde::de::Error>(self, units: i64) -> Result<Amount, E> {
        units
            .checked_mul(SCALE)
            .map(Amount)
            .ok_or_else(|| E::custom("a figure out of range"))
    }

    fn visit_u64<E: serde::de::Error>(self, units: u64) -> Result<Amount, E> {
        let units = i64::try_from(units).map_err(E::custom)?;
        self.visit_i64(units)
    }

    fn visit_f64<E: serde::de::Error>(self, figure: f64) -> Result<Amount, E> {
        (figure * 10_000.0)
            .round()
            .to_i64()
            .map(Amount)
            .ok_or_else(|| E::custom("a figure out of range"))
    }
}

/// A figure as answers show it: four decimals at most, trailing zeros left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rounded(i128);

impl Rounded {
    /// The figure of so many ten-thousandths.
    #[must_use]
    pub const fn from_scaled(scaled: i128) -> Self {
        Self(scaled)
    }

    /// The figure in ten-thousandths.
    #[must_use]
    pub const fn scaled(self) -> i128 {
        self.0
    }

    /// A probability, rounded; `None` for what is not a number.
    #[must_use]
    pub fn probability(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        (value * 10_000.0).round().to_i128().map(Self)
    }
}

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = u128::from(SCALE.unsigned_abs());
        let magnitude = self.0.unsigned_abs();
        let (whole, fraction) = (magnitude / scale, magnitude % scale);
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        if fraction > 0 {
            let digits = format!("{fraction:04}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        Ok(())
    }
}

impl Serialize for Rounded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_json_numbers_exactly() {
        for (text, scaled) in [
            ("0", 0),
            ("-0", 0),
            ("1", 10_000),
            ("-12.5", -125_000),
            ("0.0001", 1),
            ("1e3", 10_000_000),
            ("1.5E-1", 1_500),
            ("0.10000", 1_000),
            ("100e-2", 10_000),
            ("99999999999.9999", 999_999_999_999_999),
        ] {
            assert_eq!(text.parse(), Ok(Amount::from_scaled(scaled)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_an_amount() {
        for (text, error) in [
            ("", AmountError::NotANumber),
            ("NaN", AmountError::NotANumber),
            ("1e", AmountError::NotANumber),
            ("0.00001", AmountError::TooManyDecimals),
            ("1e-5", AmountError::TooManyDecimals),
            ("100000000000", AmountError::OutOfRange),
            ("1e30", AmountError::OutOfRange),
            ("1e400", AmountError::OutOfRange),
            ("1e99999999999", AmountError::OutOfRange),
        ] {
            assert_eq!(text.parse::<Amount>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trip(scaled in -999_999_999_999_999_i64..=999_999_999_999_999) {
            let amount = Amount::from_scaled(scaled);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
        }
    }
}
