//! The mail server that notices go through, and their sender.

use std::borrow::Cow;
use std::net::IpAddr;

use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use url::Url;

use super::Secret;

/// Submission over TLS from the first byte (RFC 8314).
const PORT_TLS: u16 = 465;
/// Submission, with TLS by STARTTLS (RFC 6409).
const PORT_SUBMISSION: u16 = 587;
/// Relaying in clear text.
const PORT_RELAY: u16 = 25;

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct MailConfig {
    pub server: SmtpServer,
    pub from: Mailbox,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpServer {
    /// A name, or an address without brackets.
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    /// User name and password.
    pub credentials: Option<(String, Secret)>,
}

/// When the connection to the mail server becomes secure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the first byte (`smtps://`).
    Wrapped,
    /// By STARTTLS, else nothing is sent (`?tls=required`; the default of `smtp://`).
    Required,
    /// By STARTTLS where the server offers it (`?tls=opportunistic`). Somebody in between
    /// can suppress the offer, so credentials are not sent without.
    Opportunistic,
    /// Never (`?tls=none`; the default for this machine itself).
    Never,
}

/// Reads `smtp://` and `smtps://`, with `user:password@` and `?tls=…`.
///
/// # Errors
/// What is wrong, without a word of the text: it holds a password.
pub fn smtp_server(text: &str) -> Result<SmtpServer, String> {
    let url =
        Url::parse(text).map_err(|_invalid| "is not like smtps://user:password@host".to_owned())?;
    let host = url
        .host_str()
        .map(|host| {
            host.trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned()
        })
        .filter(|host| !host.is_empty() && host.is_ascii() && !host.contains('%'))
        .ok_or("names no host")?;
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(
            "has a path or fragment; write blanks and signs in the password as %20, %2F, %23, %3F"
                .to_owned(),
        );
    }
    let tls = tls_of(&url, is_this_machine(&host))?;
    let port = url.port().unwrap_or(match tls {
        SmtpTls::Wrapped => PORT_TLS,
        SmtpTls::Required | SmtpTls::Opportunistic => PORT_SUBMISSION,
        SmtpTls::Never => PORT_RELAY,
    });
    Ok(SmtpServer {
        host,
        port,
        tls,
        credentials: credentials_of(&url)?,
    })
}

fn tls_of(url: &Url, is_this_machine: bool) -> Result<SmtpTls, String> {
    let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = url.query_pairs().collect();
    let asked = match pairs.as_slice() {
        [] => None,
        [(name, mode)] if name == "tls" => Some(mode.as_ref()),
        _ => return Err("takes no parameter but tls=required, opportunistic or none".to_owned()),
    };
    match (url.scheme(), asked) {
        ("smtps", None | Some("required")) => Ok(SmtpTls::Wrapped),
        ("smtps", Some(_)) => Err("smtps:// is always with TLS".to_owned()),
        ("smtp", None) if is_this_machine => Ok(SmtpTls::Never),
        ("smtp", None | Some("required")) => Ok(SmtpTls::Required),
        ("smtp", Some("opportunistic")) => Ok(SmtpTls::Opportunistic),
        ("smtp", Some("none")) => Ok(SmtpTls::Never),
        ("smtp", Some(_)) => Err("tls is required, opportunistic or none".to_owned()),
        _ => Err("begins with smtps:// or smtp://".to_owned()),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn credentials_of(url: &Url) -> Result<Option<(String, Secret)>, String> {
    let decoded = |part: &str| {
        let text = percent_decode_str(part).decode_utf8();
        text.map(Cow::into_owned)
            .map_err(|_invalid| "has a user or password that is not UTF-8".to_owned())
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err("has a password without a user".to_owned()),
        (_, None) => Err("has a user without a password".to_owned()),
        (user, Some(password)) => Ok(Some((decoded(user)?, Secret(decoded(password)?)))),
    }
}

/// Reads `alerts@example.jp` or `KPI通知 <alerts@example.jp>`.
///
/// # Errors
/// What is wrong with it.
pub fn mail_from(text: &str) -> Result<Mailbox, String> {
    let unreadable = || format!("{text:?} is not like \"Alerts <alerts@example.jp>\"");
    if text.chars().any(char::is_control) {
        return Err(unreadable());
    }
    // Apart here, since the grammar of mail wants names that are not ASCII in quotes.
    let (name, address) = match text
        .strip_suffix('>')
        .and_then(|rest| rest.rsplit_once('<'))
    {
        Some((name, address)) => (name.trim().trim_matches('"'), address),
        None => ("", text),
    };
    let address: lettre::Address = address.parse().map_err(|_invalid| unreadable())?;
    let shown: &str = address.as_ref();
    if !shown.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(unreadable());
    }
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_and_the_host_choose_security_and_port() {
        for (text, tls, port) in [
            ("smtps://mail.example.jp", SmtpTls::Wrapped, 465),
            ("smtps://mail.example.jp:2465", SmtpTls::Wrapped, 2465),
            ("smtps://localhost", SmtpTls::Wrapped, 465),
            ("smtp://mail.example.jp", SmtpTls::Required, 587),
            (
                "smtp://mail.example.jp/?tls=required",
                SmtpTls::Required,
                587,
            ),
            (
                "smtp://mail.example.jp?tls=opportunistic",
                SmtpTls::Opportunistic,
                587,
            ),
            ("smtp://mail.example.jp:25?tls=none", SmtpTls::Never, 25),
            ("smtp://localhost", SmtpTls::Never, 25),
            ("smtp://127.0.0.1:1025", SmtpTls::Never, 1025),
            ("smtp://[::1]", SmtpTls::Never, 25),
            ("smtp://localhost?tls=required", SmtpTls::Required, 587),
            // Private, but not this machine.
            ("smtp://10.0.0.5", SmtpTls::Required, 587),
        ] {
            let server = smtp_server(text).unwrap();
            assert_eq!((server.tls, server.port), (tls, port), "{text}");
        }
        assert_eq!(smtp_server("smtp://[::1]").unwrap().host, "::1");
    }

    #[test]
    fn passwords_are_decoded_and_never_shown() {
        let server = smtp_server("smtps://alerts%40example.jp:p%2Fq+r@mail.example.jp").unwrap();
        assert_eq!(
            server.credentials,
            Some(("alerts@example.jp".to_owned(), Secret("p/q+r".to_owned())))
        );
        assert!(!format!("{server:?}").contains("p/q+r"));
    }

    #[test]
    fn refuses_other_servers_without_quoting_them() {
        for text in [
            "mail.example.jp",
            "http://hunter2@mail.example.jp",
            "smtp://",
            "smtp:///x",
            "smtps://mail.example.jp?tls=none",
            "smtp://mail.example.jp?tls=maybe",
            "smtp://mail.example.jp?tls=none&tls=required",
            "smtp://mail.example.jp?ssl=1",
            "smtp://hunter2@mail.example.jp",
            "smtp://:hunter2@mail.example.jp",
            "smtp://user:hunter2#x@mail.example.jp",
            "smtp://user:hunter2/x@mail.example.jp",
            "smtp://user:hunter2%ff@mail.example.jp",
        ] {
            let problem = smtp_server(text).unwrap_err();
            assert!(!problem.contains("hunter2"), "{text}: {problem}");
        }
    }

    #[test]
    fn a_sender_may_have_a_name() {
        for (text, name, address) in [
            ("alerts@example.jp", None, "alerts@example.jp"),
            ("<alerts@example.jp>", None, "alerts@example.jp"),
            (
                "KPI 通知 <alerts@example.jp>",
                Some("KPI 通知"),
                "alerts@example.jp",
            ),
            (
                "\"Alerts, all\" <alerts@example.jp>",
                Some("Alerts, all"),
                "alerts@example.jp",
            ),
        ] {
            let from = mail_from(text).unwrap();
            assert_eq!(
                (from.name.as_deref(), from.email.to_string().as_str()),
                (name, address),
                "{text}"
            );
        }
    }

    #[test]
    fn a_sender_carries_nothing_else() {
        for text in [
            "",
            "alerts",
            "alerts@",
            "a@example.jp, b@example.jp",
            "x\r\nBcc: e@example.jp <a@example.jp>",
            "a@example.jp\nBcc: e@example.jp",
            "x <a@example.jp",
            "通知@example.jp",
            "\"a b\"@example.jp",
        ] {
            assert!(mail_from(text).is_err(), "{text}");
        }
    }
}
