//! One mail by SMTP, to one recipient.
//!
//! Nothing that a user wrote can add a header or a command: control characters are refused
//! before a mail is composed, addresses are parsed, and other text is encoded (RFC 2047).
//! A mail server forgets what it was given: if the connection breaks after the message, the
//! mail is sent again, under the same `Message-ID`.

use std::time::{Duration, Instant, SystemTime};

use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Severity;
use lettre::transport::smtp::{Error, response::Response};
use tokio::time::timeout;

use super::exchange::excerpt_of;
use super::failure::class_of_smtp;
use super::{Exchange, Timeouts};
use crate::clock::Clock;
use crate::config::{MailConfig, Secret, SmtpServer, SmtpTls};
use crate::domain::delivery::{ErrorClass, Outcome};
use crate::domain::text::Text;

/// Longest address (RFC 5321 section 4.5.3.1.3, less its brackets), in bytes.
pub const ADDRESS_BYTES_MAX: usize = 254;
/// Longest identifier of a message, in bytes: it must not be broken over lines (RFC 5322).
pub const MESSAGE_ID_BYTES_MAX: usize = 250;
/// How long a server may take to say goodbye. The mail is sent by then.
const GOODBYE: Duration = Duration::from_secs(1);

/// The address of a mailbox: ASCII, at a domain name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress(Address);

impl MailAddress {
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }
}

/// Reads an address as a user gives it.
///
/// # Errors
/// What is wrong with it, in words for the user.
pub fn parse_address(text: &str) -> Result<MailAddress, Text> {
    let is_plain = text.len() <= ADDRESS_BYTES_MAX && text.bytes().all(|b| b.is_ascii_graphic());
    let address = text.parse().ok().filter(|_| is_plain);
    address
        .filter(|address: &Address| is_domain_name(address.domain()))
        .map(MailAddress)
        .ok_or_else(|| {
            Text::new(
                "メールアドレスを name@example.jp の形で、半角文字で一つだけ指定してください。",
                "Give one e-mail address like name@example.jp, in ASCII characters.",
            )
        })
}

/// A name with a dot. An address in brackets would make the mail server call a machine
/// of the user's choice.
fn is_domain_name(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    domain.split('.').all(is_label)
        && domain
            .rsplit_once('.')
            .is_some_and(|(_, top)| !top.bytes().all(|b| b.is_ascii_digit()))
}

/// A mail to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingMail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// With its angle brackets; the same whenever the mail is sent again.
    pub message_id: String,
    /// Identifiers of earlier mails on the same matter, the first one first.
    pub references: Vec<String>,
    pub in_reply_to: Option<String>,
}

/// Sends mail through one server. A connection is made for each mail.
#[derive(Clone)]
pub struct Mailer {
    server: SmtpServer,
    from: Mailbox,
    hello: ClientId,
    /// `None` on a machine that knows no certificate authorities, or where TLS is not wanted.
    tls: Option<TlsParameters>,
    timeouts: Timeouts,
    clock: Clock,
}

/// Where in its conversation with the server an attempt failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before the server heard of the mail.
    Connection,
    /// Sender, recipient or message.
    Message,
}

struct Failure {
    stage: Stage,
    error: Error,
}

impl Failure {
    fn connecting(error: Error) -> Self {
        let stage = Stage::Connection;
        Self { stage, error }
    }

    fn sending(error: Error) -> Self {
        let stage = Stage::Message;
        Self { stage, error }
    }

    fn exchange(&self) -> Exchange {
        let code = self.error.status();
        let is_final = code.is_some_and(|code| {
            code.severity == Severity::PermanentNegativeCompletion
                && !wants_authentication(code.into())
        });
        // A server that lets nobody in is mended by its operator. The mail is not to blame.
        let outcome = if is_final && self.stage == Stage::Message {
            Outcome::Refused
        } else {
            Outcome::Retry
        };
        let reply = code.and_then(|_| std::error::Error::source(&self.error));
        Exchange {
            outcome,
            status: code.map(Into::into),
            excerpt: reply.and_then(|reply| excerpt_of(reply.to_string().as_bytes())),
            ..Exchange::retry(class_of_smtp(&self.error))
        }
    }
}

/// Replies about credentials (RFC 4954 section 6).
fn wants_authentication(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

/// What comes of an attempt that did not get to an error of the library.
enum Ended {
    Failed(Failure),
    Gave(Exchange),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Mailer {
    #[must_use]
    pub fn new(config: &MailConfig, timeouts: Timeouts, clock: Clock) -> Self {
        let host = config.server.host.clone();
        let tls = match config.server.tls {
            SmtpTls::Never => None,
            _ => TlsParameters::new(host)
                .inspect_err(|error| log::error!("no mail can be sent over TLS: {error}"))
                .ok(),
        };
        Self {
            server: config.server.clone(),
            from: config.from.clone(),
            // A name of the machine would tell receivers about the network it is in.
            hello: ClientId::Domain(config.from.email.domain().to_owned()),
            tls,
            timeouts,
            clock,
        }
    }

    /// Sends a mail once.
    pub async fn send(&self, mail: &OutgoingMail) -> Exchange {
        let start = Instant::now();
        let exchange = match self.compose(mail) {
            Ok((to, message)) => self.deliver(to, &message).await,
            Err(what) => Exchange {
                excerpt: Some(what.to_owned()),
                ..Exchange::refused(ErrorClass::Other)
            },
        };
        Exchange {
            elapsed: start.elapsed(),
            ..exchange
        }
    }

    async fn deliver(&self, to: MailAddress, message: &[u8]) -> Exchange {
        let sending = async {
            let mut connection = self.connect().await?;
            let reply = self.transmit(&mut connection, to, message).await;
            Ok((connection, reply?))
        };
        match timeout(self.timeouts.whole, sending).await {
            Err(_elapsed) => Exchange::failed(ErrorClass::Timeout),
            Ok(Err(Ended::Failed(failure))) => failure.exchange(),
            Ok(Err(Ended::Gave(exchange))) => exchange,
            Ok(Ok((mut connection, reply))) => {
                // The mail is taken, whatever becomes of the connection.
                let _goodbye = timeout(GOODBYE, connection.quit()).await;
                Exchange {
                    excerpt: excerpt_of(reply.message().collect::<Vec<_>>().join(" ").as_bytes()),
                    ..Exchange::delivered(Some(reply.code().into()))
                }
            }
        }
    }

    /// A connection on which mail may be sent: secure and known, if so configured.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Ended> {
        let address = (self.server.host.as_str(), self.server.port);
        let found = timeout(self.timeouts.connect, tokio::net::lookup_host(address)).await;
        let addresses: Vec<_> = match found {
            Err(_elapsed) => return Err(gave(ErrorClass::Timeout)),
            Ok(Err(_unknown)) => return Err(gave(ErrorClass::Dns)),
            Ok(Ok(addresses)) => addresses.collect(),
        };
        let wrapped = match (self.server.tls, &self.tls) {
            (SmtpTls::Wrapped | SmtpTls::Required, None) => return Err(gave(ErrorClass::Tls)),
            (SmtpTls::Wrapped, tls) => tls.clone(),
            _ => None,
        };
        let limit = Some(self.timeouts.connect);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            addresses.as_slice(),
            limit,
            &self.hello,
            wrapped,
            None,
        )
        .await
        .map_err(Failure::connecting)?;
        self.secure(&mut connection).await?;
        self.authenticate(&mut connection).await?;
        Ok(connection)
    }

    async fn secure(&self, connection: &mut AsyncSmtpConnection) -> Result<(), Ended> {
        match (self.server.tls, &self.tls) {
            (SmtpTls::Required, Some(_)) if !connection.can_starttls() => {
                Err(gave(ErrorClass::Tls))
            }
            (SmtpTls::Required | SmtpTls::Opportunistic, Some(tls))
                if connection.can_starttls() =>
            {
                let upgraded = connection.starttls(tls.clone(), &self.hello).await;
                Ok(upgraded.map_err(Failure::connecting)?)
            }
            _ => Ok(()),
        }
    }

    async fn authenticate(&self, connection: &mut AsyncSmtpConnection) -> Result<(), Ended> {
        let Some((user, Secret(password))) = &self.server.credentials else {
            return Ok(());
        };
        if self.server.tls == SmtpTls::Opportunistic && !connection.is_encrypted() {
            return Err(gave(ErrorClass::Tls));
        }
        let credentials = Credentials::new(user.clone(), password.clone());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let answer = connection.auth(&mechanisms, &credentials).await;
        answer.map_err(Failure::connecting)?;
        Ok(())
    }

    async fn transmit(
        &self,
        connection: &mut AsyncSmtpConnection,
        to: MailAddress,
        message: &[u8],
    ) -> Result<Response, Ended> {
        let sender = Mail::new(Some(self.from.email.clone()), Vec::new());
        let recipient = Rcpt::new(to.0, Vec::new());
        connection.command(sender).await.map_err(Failure::sending)?;
        connection
            .command(recipient)
            .await
            .map_err(Failure::sending)?;
        connection.command(Data).await.map_err(Failure::sending)?;
        let reply = connection.message(message).await;
        Ok(reply.map_err(Failure::sending)?)
    }

    /// The recipient, and the message with its headers.
    fn compose(&self, mail: &OutgoingMail) -> Result<(MailAddress, Vec<u8>), &'static str> {
        let to = parse_address(&mail.to).map_err(|_text| "the recipient is not an address")?;
        if mail.subject.chars().any(char::is_control) {
            return Err("the subject has control characters");
        }
        let mut ids = std::iter::once(&mail.message_id)
            .chain(&mail.references)
            .chain(&mail.in_reply_to);
        if !ids.all(|id| is_message_id(id)) {
            return Err("an identifier is not like <id@example.jp>");
        }
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::from(to.0.clone()))
            .subject(mail.subject.clone())
            .message_id(Some(mail.message_id.clone()))
            .date(SystemTime::from(self.clock.now()))
            // No answering machine answers (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        if !mail.references.is_empty() {
            builder = builder.references(mail.references.join(" "));
        }
        if let Some(id) = &mail.in_reply_to {
            builder = builder.in_reply_to(id.clone());
        }
        let parts = MultiPart::alternative_plain_html(lines(&mail.text), lines(&mail.html));
        let message = builder
            .multipart(parts)
            .map_err(|_error| "the mail cannot be composed")?;
        Ok((to, message.formatted()))
    }
}

/// Text with one kind of line end. A carriage return alone would be sent as it is, and
/// servers that take it for a line end could see the end of the message there.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn gave(class: ErrorClass) -> Ended {
    Ended::Gave(Exchange::failed(class))
}

/// `<left@right>`, in letters that need no quotes (RFC 5322 section 3.6.4).
fn is_message_id(text: &str) -> bool {
    let inner = text
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    let is_part = |part: &str| {
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        !part.is_empty() && part.bytes().all(is_allowed)
    };
    text.len() <= MESSAGE_ID_BYTES_MAX
        && inner
            .and_then(|inner| inner.split_once('@'))
            .is_some_and(|(left, right)| is_part(left) && is_part(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_mailbox_at_a_domain() {
        for text in [
            "a@example.jp",
            "first.last+kpi@pref.example.lg.jp",
            "x@xn--wgv71a.jp",
        ] {
            assert_eq!(parse_address(text).unwrap().as_str(), text);
        }
        let long = format!("{}@example.jp", "x".repeat(64));
        assert!(parse_address(&long).is_ok());
        for text in [
            "",
            "a",
            "@example.jp",
            "a@",
            "a@b@example.jp",
            "a@localhost",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a@example..jp",
            "a@example.jp.",
            "a@example.jp,b@example.jp",
            "a@example.jp b@example.jp",
            "A <a@example.jp>",
            "<a@example.jp>",
            "\"a b\"@example.jp",
            "a@example.jp\r\nBcc: e@example.jp",
            "a\r\nRCPT TO:<e@example.jp>@example.jp",
            "\"a\r\nb\"@example.jp",
            "a@example.jp\0",
            " a@example.jp",
            "山田@example.jp",
            "a@日本.jp",
            "a@example.jp>",
            &format!("x{long}"),
            &format!("a@{}.jp", "x.".repeat(150)),
        ] {
            assert!(parse_address(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn identifiers_of_messages_have_a_form() {
        assert!(is_message_id("<notice.01890a5d@shirube.example.jp>"));
        for text in [
            "",
            "a@b",
            "<a>",
            "<@b>",
            "<a@>",
            "<a@b@c>",
            "<a b@c>",
            "<a@b>\r\nBcc: e@example.jp",
            "<a@b\r\n>",
            "<あ@b>",
            "<a@b> <c@d>",
            &format!("<{}@b>", "x".repeat(MESSAGE_ID_BYTES_MAX)),
        ] {
            assert!(!is_message_id(text), "{text:?}");
        }
    }
}
