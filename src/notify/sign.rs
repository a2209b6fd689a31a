//! Signatures by the Standard Webhooks scheme, version 1.0.0.
//!
//! A receiver checks that a request is from here, for it, unchanged and new. That it has not
//! come before is the receiver's check, by `webhook-id`.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const PREFIX: &str = "whsec_";
/// Fewest bytes of a secret.
pub const SECRET_BYTES_MIN: usize = 24;
/// Most bytes of a secret.
pub const SECRET_BYTES_MAX: usize = 64;

/// A secret that one receiver shares.
#[derive(Clone)]
pub struct SigningSecret {
    bytes: Vec<u8>,
}

/// A text or bytes that are no secret of the scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is \"whsec_\" and the base64 of 24 to 64 bytes")]
pub struct NotASecret;

impl SigningSecret {
    /// The secret of random bytes.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, NotASecret> {
        match bytes.len() {
            SECRET_BYTES_MIN..=SECRET_BYTES_MAX => Ok(Self {
                bytes: bytes.to_owned(),
            }),
            _ => Err(NotASecret),
        }
    }

    /// Reads `whsec_…`.
    pub fn parse(text: &str) -> Result<Self, NotASecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(NotASecret)?;
        let bytes = STANDARD.decode(encoded).map_err(|_invalid| NotASecret)?;
        Self::of_bytes(&bytes)
    }

    /// The secret as its receiver gets it, `whsec_…`.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.bytes))
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(***)")
    }
}

/// The value of `webhook-signature`: one signature a secret, so that a receiver may
/// know any of them while they rotate. `timestamp` is in seconds since 1970; `id` has no dot.
#[must_use]
pub fn signature_header(
    secrets: &[SigningSecret],
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> String {
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret.bytes);
            let mut context = hmac::Context::with_key(&key);
            context.update(format!("{id}.{timestamp}.").as_bytes());
            context.update(body);
            format!("v1,{}", STANDARD.encode(context.sign()))
        })
        .collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample of the specification.
    #[test]
    fn signs_the_sample_of_the_specification() {
        let secret = SigningSecret::parse("whsec_plJ3nmyCDGBKInavdOK15jsl").unwrap_err();
        assert_eq!(secret, NotASecret, "18 bytes are too few for new secrets");
        let secret = SigningSecret {
            bytes: STANDARD.decode("plJ3nmyCDGBKInavdOK15jsl").unwrap(),
        };
        let header = signature_header(
            &[secret],
            "msg_loFOjxBNrRLzqYUf",
            1_731_705_121,
            br#"{"event_type":"ping","data":{"success":true}}"#,
        );
        assert_eq!(header, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
    }

    #[test]
    fn secrets_have_a_form_and_a_length() {
        for (length, good) in [(23, false), (24, true), (32, true), (64, true), (65, false)] {
            let bytes = vec![7; length];
            assert_eq!(SigningSecret::of_bytes(&bytes).is_ok(), good, "{length}");
        }
        let secret = SigningSecret::of_bytes(&[7; 32]).unwrap();
        let text = secret.reveal();
        assert_eq!(SigningSecret::parse(&text).unwrap().bytes, [7; 32]);
        assert!(!format!("{secret:?}").contains(&text[6..12]));
        for text in ["", "whsec_", "whsec_%%%", &text[6..]] {
            assert!(SigningSecret::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn several_secrets_give_several_signatures() {
        let secrets = [1_u8, 2].map(|n| SigningSecret::of_bytes(&[n; 32]).unwrap());
        let both = signature_header(&secrets, "msg_1", 0, b"{}");
        let each: Vec<String> = secrets
            .iter()
            .map(|secret| signature_header(std::slice::from_ref(secret), "msg_1", 0, b"{}"))
            .collect();
        assert_eq!(both, each.join(" "));
        assert_ne!(each[0], each[1]);
    }
}
