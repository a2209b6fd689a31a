//! Blocks of addresses, as in `10.0.0.0/8` or `fd00::/8`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// All addresses that begin with the same bits (RFC 4632, RFC 4291 section 2.3).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    network: IpAddr,
    bits: u8,
}

impl Cidr {
    /// The block of `a.b.c.d/bits`; no bit may be set after the first `bits` ones.
    #[must_use]
    pub const fn v4(octets: [u8; 4], bits: u8) -> Self {
        let [a, b, c, d] = octets;
        Self {
            network: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
            bits,
        }
    }

    /// The block whose first two groups are given and whose others are zero.
    #[must_use]
    pub const fn v6(first: u16, second: u16, bits: u8) -> Self {
        Self {
            network: IpAddr::V6(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0)),
            bits,
        }
    }

    /// Whether an address of the same family lies in the block; never across families.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX
                    .checked_shl(32_u32.saturating_sub(self.bits.into()))
                    .unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX
                    .checked_shl(128_u32.saturating_sub(self.bits.into()))
                    .unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }

    /// Whether nothing is set after the block's own bits.
    fn is_exact(&self) -> bool {
        match self.network {
            IpAddr::V4(network) => {
                network.to_bits().trailing_zeros() >= 32_u32.saturating_sub(self.bits.into())
            }
            IpAddr::V6(network) => {
                network.to_bits().trailing_zeros() >= 128_u32.saturating_sub(self.bits.into())
            }
        }
    }
}

/// A single address is the block of itself.
impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unreadable = || format!("\"{text}\" is not a block like 10.0.0.0/8 or fd00::/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let network: IpAddr = address.parse().map_err(|_invalid| unreadable())?;
        let most: u8 = if network.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits
                .parse()
                .ok()
                .filter(|bits| *bits <= most)
                .ok_or_else(unreadable)?,
            Some(_) => return Err(unreadable()),
        };
        let block = Self { network, bits };
        if block.is_exact() {
            Ok(block)
        } else {
            Err(format!("\"{text}\" has bits after its first {bits}"))
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.bits)
    }
}

impl fmt::Debug for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn contains(block: &str, address: &str) -> bool {
        let block: Cidr = block.parse().unwrap();
        block.contains(address.parse().unwrap())
    }

    #[test]
    fn a_block_ends_where_its_bits_say() {
        for (block, address, inside) in [
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("172.16.0.0/12", "172.31.255.255", true),
            ("172.16.0.0/12", "172.32.0.0", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "ffff::", true),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe00::", false),
            ("::1", "::1", true),
        ] {
            assert_eq!(contains(block, address), inside, "{block} {address}");
        }
    }

    #[test]
    fn refuses_what_is_no_block() {
        for text in [
            "",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/-1",
            "10.0.0.1/8",
            "::/129",
            "fd00::1/8",
            "localhost",
            "10.0/8",
            "010.0.0.0/8",
        ] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_block_says_itself(bits in 0_u8..=32, address: u32) {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            let text = format!("{}/{bits}", Ipv4Addr::from_bits(address & mask));
            let block: Cidr = text.parse().unwrap();
            prop_assert_eq!(block.to_string(), text);
            prop_assert!(block.contains(Ipv4Addr::from_bits(address).into()));
        }
    }
}
