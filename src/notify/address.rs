//! Which addresses this service calls for its users.
//!
//! A user names an address, and this service, standing inside of a network, calls it. So only
//! public addresses are called, unless the operator's configuration names others. An
//! address is checked twice: as text when it is registered ([`AddressPolicy::check_url`]), and
//! as what its name leads to whenever it is called.

use std::net::{IpAddr, Ipv4Addr};

use url::{Host, Url};

use crate::config::Cidr;
use crate::domain::text::Text;

/// Longest address, in bytes.
pub const URL_BYTES_MAX: usize = 2048;

/// Networks of version 4 that are not public (IANA IPv4 Special-Purpose Address Registry).
const REFUSED_V4: [Cidr; 16] = [
    Cidr::v4([0, 0, 0, 0], 8),
    Cidr::v4([10, 0, 0, 0], 8),
    Cidr::v4([100, 64, 0, 0], 10),
    Cidr::v4([127, 0, 0, 0], 8),
    // A cloud's service of its own machines, at a public address.
    Cidr::v4([168, 63, 129, 16], 32),
    Cidr::v4([169, 254, 0, 0], 16),
    Cidr::v4([172, 16, 0, 0], 12),
    Cidr::v4([192, 0, 0, 0], 24),
    Cidr::v4([192, 0, 2, 0], 24),
    Cidr::v4([192, 88, 99, 0], 24),
    Cidr::v4([192, 168, 0, 0], 16),
    Cidr::v4([198, 18, 0, 0], 15),
    Cidr::v4([198, 51, 100, 0], 24),
    Cidr::v4([203, 0, 113, 0], 24),
    // Multicast.
    Cidr::v4([224, 0, 0, 0], 4),
    // Reserved, and broadcast.
    Cidr::v4([240, 0, 0, 0], 4),
];

/// The only networks of version 6 that are given out to the public; loopback, unique local,
/// link-local, site-local, multicast and addresses of version 4 in deprecated forms lie outside.
const PUBLIC_V6: Cidr = Cidr::v6(0x2000, 0, 3);

/// What of [`PUBLIC_V6`] is not public (IANA IPv6 Special-Purpose Address Registry).
const REFUSED_V6: [Cidr; 4] = [
    // For protocols, Teredo among them, which reaches hosts of version 4.
    Cidr::v6(0x2001, 0, 23),
    Cidr::v6(0x2001, 0x0db8, 32),
    // 6to4, which reaches hosts of version 4.
    Cidr::v6(0x2002, 0, 16),
    Cidr::v6(0x3fff, 0, 20),
];

/// Where other protocols than HTTP listen: the "bad ports" of the Fetch standard, and
/// databases, queues, remote desktops and file shares. A request could be taken for theirs.
const REFUSED_PORTS: [u16; 92] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
    103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 445,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432,
    5672, 5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 11211,
];

/// Hosts of the Office 365 connectors, which Microsoft has shut down.
const TEAMS_CONNECTORS: [&str; 3] = [
    "webhook.office.com",
    "outlook.office.com",
    "outlook.office365.com",
];

/// Which addresses may be called.
#[derive(Clone, Debug, Default)]
pub struct AddressPolicy {
    allow: Vec<Cidr>,
}

impl AddressPolicy {
    /// Public addresses, and those of `allow`; the latter also without TLS.
    #[must_use]
    pub fn new(allow: Vec<Cidr>) -> Self {
        Self { allow }
    }

    /// Whether an address may be called over TLS.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        self.lists(address) || is_public(address)
    }

    /// Whether the configuration names an address; then it may be called without TLS, too.
    #[must_use]
    pub fn lists(&self, address: IpAddr) -> bool {
        let reached = reached_by(address);
        self.allow
            .iter()
            .any(|block| block.contains(address) || block.contains(reached))
    }

    /// Checks an address as a user writes it. A name is not resolved: where it leads is
    /// checked whenever it is called.
    pub fn check_url(&self, text: &str) -> Result<CheckedUrl, UrlFault> {
        if text.len() > URL_BYTES_MAX {
            return Err(UrlFault::TooLong);
        }
        // The grammar would drop them silently.
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(UrlFault::NotAnAddress);
        }
        let url = Url::parse(text).map_err(|_invalid| UrlFault::NotAnAddress)?;
        match url.scheme() {
            "http" if self.allow.is_empty() => return Err(UrlFault::NotSecure),
            "https" | "http" => {}
            _ => return Err(UrlFault::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlFault::Credentials);
        }
        if url.fragment().is_some() {
            return Err(UrlFault::Fragment);
        }
        self.check_host(&url)?;
        if url.as_str().len() > URL_BYTES_MAX {
            return Err(UrlFault::TooLong);
        }
        Ok(CheckedUrl(url))
    }

    fn check_host(&self, url: &Url) -> Result<(), UrlFault> {
        let literal = match url.host() {
            None | Some(Host::Domain("")) => return Err(UrlFault::NotAnAddress),
            Some(Host::Domain(name)) if is_local_name(name) => {
                Some(IpAddr::V4(Ipv4Addr::LOCALHOST))
            }
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
        };
        if literal.is_some_and(|address| !self.permits(address)) {
            return Err(UrlFault::NotPublic);
        }
        let is_listed = literal.is_some_and(|address| self.lists(address));
        if url.scheme() == "http" && literal.is_some() && !is_listed {
            return Err(UrlFault::NotSecure);
        }
        match url.port_or_known_default() {
            Some(port) if REFUSED_PORTS.contains(&port) && !is_listed => Err(UrlFault::Port(port)),
            _ => Ok(()),
        }
    }
}

/// `localhost` and the names below it are this machine, whatever a resolver says (RFC 6761).
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

/// The address that is reached in the end: mapped addresses (RFC 4291) and those that a
/// translator serves (RFC 6052, `64:ff9b::/96`) stand for one of version 4.
fn reached_by(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).into()
        }
        _ => v6.into(),
    }
}

fn is_public(address: IpAddr) -> bool {
    let reached = reached_by(address);
    let refused = |blocks: &[Cidr]| blocks.iter().any(|block| block.contains(reached));
    match reached {
        IpAddr::V4(_) => !refused(&REFUSED_V4),
        IpAddr::V6(_) => PUBLIC_V6.contains(reached) && !refused(&REFUSED_V6),
    }
}

/// An address that may be registered, normalised by the WHATWG URL standard.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedUrl(Url);

impl CheckedUrl {
    /// The whole address. For many services it is a password.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host, which is no secret.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// What may be shown of it: paths and queries of chat services are passwords.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}/…", self.0.origin().ascii_serialization())
    }

    pub(super) fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(super) fn into_url(self) -> Url {
        self.0
    }
}

impl std::fmt::Debug for CheckedUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CheckedUrl({}, ***)", self.host())
    }
}

/// Refuses the addresses of Microsoft Teams that no longer work.
pub fn check_teams_host(url: &CheckedUrl) -> Result<(), UrlFault> {
    let host = url.host().trim_end_matches('.');
    let is_at = |known: &str| {
        host.strip_suffix(known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if TEAMS_CONNECTORS.into_iter().any(is_at) {
        return Err(UrlFault::TeamsConnector);
    }
    Ok(())
}

/// Why an address may not be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFault {
    TooLong,
    NotAnAddress,
    /// Another scheme than HTTP.
    NotHttps,
    /// Without TLS, and not among the configured addresses.
    NotSecure,
    Credentials,
    Fragment,
    NotPublic,
    Port(u16),
    TeamsConnector,
}

impl UrlFault {
    /// What is wrong, and what to do.
    #[must_use]
    pub fn text(self) -> Text {
        let (ja, en) = match self {
            Self::TooLong => {
                return Text::new(
                    format!("アドレスは {URL_BYTES_MAX} バイト以内にしてください。"),
                    format!("The address has at most {URL_BYTES_MAX} bytes."),
                );
            }
            Self::Port(port) => {
                return Text::new(
                    format!("ポート {port} には送れません。ほかの用途に使われるポートです。"),
                    format!("Port {port} is not called: it belongs to another protocol."),
                );
            }
            Self::NotAnAddress => (
                "https:// で始まるアドレスを、空白を入れずに指定してください。",
                "Give an address that begins with https://, without blanks.",
            ),
            Self::NotHttps => (
                "アドレスは https:// で始めてください。",
                "The address begins with https://.",
            ),
            Self::NotSecure => (
                "https:// のアドレスを指定してください。暗号化しない送信は、管理者が許可した宛先に限ります。",
                "Give an https:// address; only addresses that the operator allows are called without encryption.",
            ),
            Self::Credentials => (
                "アドレスにユーザー名やパスワードは書けません。",
                "The address holds no user name and no password.",
            ),
            Self::Fragment => (
                "アドレスの # 以降を取り除いてください。",
                "Leave out the # of the address and what follows.",
            ),
            Self::NotPublic => (
                "このアドレスは公開されたものではないため、送れません。組織内の宛先に送るときは、管理者に許可を依頼してください。",
                "This address is not public and is not called. Ask the operator to allow addresses inside of your organisation.",
            ),
            Self::TeamsConnector => (
                "Office 365 コネクタは廃止されました。Teams の「ワークフロー」で Webhook を作り、そのアドレスを指定してください。",
                "Office 365 connectors were retired. Create a webhook with Workflows in Teams, and give its address.",
            ),
        };
        Text::new(ja, en)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;
    use proptest::prelude::*;

    fn policy(allow: &[&str]) -> AddressPolicy {
        AddressPolicy::new(allow.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn permits(allow: &[&str], address: &str) -> bool {
        policy(allow).permits(address.parse().unwrap())
    }

    /// First and last address of every block, and their neighbours outside.
    #[test]
    fn only_public_addresses_are_called() {
        let refused = [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.0.0",
            "169.254.169.254",
            "169.254.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.0",
            "192.0.0.255",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "64:ff9b:1::808:808",
            "100::1",
            "2001::1",
            "2001:0:53aa:64c:0:fbff:f5ff:fffe",
            "2001:10::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002::1",
            "2002:7f00:1::",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff00::1",
            "ff02::1",
            "1fff::1",
        ];
        for address in refused {
            assert!(!permits(&[], address), "{address} is permitted");
        }
        let public = [
            "1.0.0.0",
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2000::1",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2003::1",
            "2606:4700:4700::1111",
            "3ffe::1",
            "3fff:1000::1",
        ];
        for address in public {
            assert!(permits(&[], address), "{address} is refused");
        }
    }

    #[test]
    fn configuration_lifts_the_ban() {
        assert!(permits(&["127.0.0.0/8"], "127.0.0.1"));
        assert!(permits(&["127.0.0.0/8"], "::ffff:127.0.0.1"));
        assert!(permits(&["127.0.0.0/8"], "64:ff9b::7f00:1"));
        assert!(!permits(&["127.0.0.0/8"], "::1"));
        assert!(!permits(&["127.0.0.0/8"], "10.0.0.1"));
        assert!(permits(&["10.0.0.0/8", "fd00::/8"], "fd12::1"));
        assert!(permits(&["2002::/16"], "2002:7f00:1::"));
    }

    #[test]
    fn addresses_are_checked_as_they_are_read() {
        use UrlFault::{Credentials, Fragment, NotAnAddress, NotHttps, NotPublic, NotSecure, Port};
        for (text, fault) in [
            ("https://127.0.0.1/x", NotPublic),
            ("https://0/", NotPublic),
            ("https://2130706433/", NotPublic),
            ("https://0x7f.1/", NotPublic),
            ("https://0177.0.0.1/", NotPublic),
            ("https://127.1/", NotPublic),
            ("https://１２７.０.０.１/", NotPublic),
            ("https://127。0。0。1/", NotPublic),
            ("https://%31%32%37.0.0.1/", NotPublic),
            ("https:127.0.0.1", NotPublic),
            ("https:\\\\127.0.0.1\\x", NotPublic),
            ("https://[::1]/", NotPublic),
            ("https://[::]/", NotPublic),
            ("https://[::ffff:127.0.0.1]/", NotPublic),
            ("https://[64:ff9b::7f00:1]/", NotPublic),
            ("https://[2002:7f00:1::]/", NotPublic),
            ("https://[fe80::1]/", NotPublic),
            ("https://[fc00::1]/", NotPublic),
            ("https://169.254.169.254/latest/meta-data/", NotPublic),
            ("https://100.64.0.1/", NotPublic),
            ("https://198.18.0.1/", NotPublic),
            ("https://localhost/", NotPublic),
            ("https://LOCALHOST./", NotPublic),
            ("https://a.localhost/", NotPublic),
            ("https://user@127.0.0.1/", Credentials),
            ("https://user:secret@example.jp/", Credentials),
            ("https://:secret@example.jp/", Credentials),
            ("https://example.jp/#x", Fragment),
            ("https://example.jp/#", Fragment),
            ("http://example.jp/", NotSecure),
            ("http://127.0.0.1/", NotSecure),
            ("ftp://example.jp/", NotHttps),
            ("file:///etc/passwd", NotHttps),
            ("gopher://example.jp/", NotHttps),
            ("javascript:alert(1)", NotHttps),
            ("unix:/run/x", NotHttps),
            ("https://", NotAnAddress),
            ("https:///", NotAnAddress),
            ("", NotAnAddress),
            ("example.jp/x", NotAnAddress),
            ("/x", NotAnAddress),
            (" https://example.jp/", NotAnAddress),
            ("https://exa\nmple.jp/", NotAnAddress),
            ("https://example.jp/\u{3000}x", NotAnAddress),
            ("https://[fe80::1%25eth0]/", NotAnAddress),
            ("https://1.2.3.4.5/", NotAnAddress),
            ("https://example.jp:99999/", NotAnAddress),
            ("https://example.jp:22/", Port(22)),
            ("https://example.jp:25/", Port(25)),
            ("https://example.jp:465/", Port(465)),
            ("https://example.jp:587/", Port(587)),
            ("https://example.jp:3306/", Port(3306)),
            ("https://example.jp:5432/", Port(5432)),
            ("https://8.8.8.8:6379/", Port(6379)),
        ] {
            assert_eq!(policy(&[]).check_url(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn good_addresses_are_normalised() {
        for (text, normal) in [
            ("https://example.jp", "https://example.jp/"),
            ("HTTPS://Example.JP:443/a?b=c", "https://example.jp/a?b=c"),
            ("https://example.jp:8443/x", "https://example.jp:8443/x"),
            (
                "https://日本.jp/通知",
                "https://xn--wgv71a.jp/%E9%80%9A%E7%9F%A5",
            ),
            ("https://8.8.8.8/", "https://8.8.8.8/"),
            ("https://[2606:4700::1]/", "https://[2606:4700::1]/"),
        ] {
            let url = policy(&[]).check_url(text).unwrap();
            assert_eq!(url.as_str(), normal);
        }
    }

    #[test]
    fn long_addresses_are_refused_before_and_after_normalising() {
        let of_length = |length: usize| {
            let start = "https://example.jp/";
            format!("{start}{}", "x".repeat(length - start.len()))
        };
        assert!(policy(&[]).check_url(&of_length(URL_BYTES_MAX)).is_ok());
        let long = policy(&[]).check_url(&of_length(URL_BYTES_MAX + 1));
        assert_eq!(long, Err(UrlFault::TooLong));
        let expands = format!("https://example.jp/{}", "県".repeat(600));
        assert_eq!(policy(&[]).check_url(&expands), Err(UrlFault::TooLong));
    }

    #[test]
    fn plain_http_is_for_configured_addresses() {
        let inside = policy(&["10.0.0.0/8"]);
        assert!(inside.check_url("http://10.1.2.3:6379/x").is_ok());
        assert!(inside.check_url("http://hooks.intranet/x").is_ok());
        for text in ["http://8.8.8.8/", "http://[2606:4700::1]/"] {
            assert_eq!(inside.check_url(text), Err(UrlFault::NotSecure), "{text}");
        }
        assert_eq!(
            inside.check_url("http://192.168.0.1/"),
            Err(UrlFault::NotPublic)
        );
        assert_eq!(
            inside.check_url("http://hooks.intranet:5432/"),
            Err(UrlFault::Port(5432))
        );
    }

    #[test]
    fn connectors_of_teams_are_refused_with_advice() {
        let check = |text: &str| check_teams_host(&policy(&[]).check_url(text).unwrap());
        for text in [
            "https://webhook.office.com/webhookb2/x",
            "https://pref.webhook.office.com/webhookb2/x",
            "https://pref.WEBHOOK.office.com./webhookb2/x",
            "https://outlook.office.com/webhook/x",
        ] {
            assert_eq!(check(text), Err(UrlFault::TeamsConnector), "{text}");
        }
        for text in [
            "https://prod-01.japaneast.logic.azure.com:443/workflows/x",
            "https://x.environment.api.powerplatform.com/powerautomate/x",
            "https://notwebhook.office.com/x",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        assert!(UrlFault::TeamsConnector.text().en.contains("Workflows"));
    }

    #[test]
    fn an_address_is_not_shown_whole() {
        for (text, masked) in [
            (
                "https://hooks.example.jp/T0/B0/canary",
                "https://hooks.example.jp/…",
            ),
            (
                "https://example.jp:8443/?canary=1",
                "https://example.jp:8443/…",
            ),
            (
                "https://[2606:4700::1]:443/canary",
                "https://[2606:4700::1]/…",
            ),
        ] {
            let url = policy(&[]).check_url(text).unwrap();
            assert!(!format!("{url:?}").contains("canary"));
            assert_eq!(url.masked(), masked);
        }
    }

    proptest! {
        /// However an address of version 4 is wrapped, the one that is reached decides.
        #[test]
        fn wrapping_changes_nothing(bits: u32) {
            let plain = Ipv4Addr::from_bits(bits);
            let none = policy(&[]);
            let translated = Ipv6Addr::from_bits(0x0064_ff9b_u128 << 96 | u128::from(bits));
            prop_assert_eq!(none.permits(plain.into()), none.permits(plain.to_ipv6_mapped().into()));
            prop_assert_eq!(none.permits(plain.into()), none.permits(translated.into()));
        }

        /// The grammar never lets through a literal that the policy refuses.
        #[test]
        fn literals_are_always_checked(bits: u32) {
            let plain = Ipv4Addr::from_bits(bits);
            let none = policy(&[]);
            for text in [format!("https://{plain}/"), format!("https://{bits}/"), format!("https://{bits:#x}/")] {
                prop_assert_eq!(none.check_url(&text).is_ok(), none.permits(plain.into()), "{}", text);
            }
        }
    }
}
