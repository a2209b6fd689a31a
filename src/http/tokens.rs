//! Access tokens: JWTs of this service, short-lived, naming only the account.
//! Role and scope come from the database on every request, so that a closed
//! account stops at once (`product.md` §4).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use super::oidc::ExternalIssuer;
use crate::app::AppError;
use crate::domain::ids::UserId;

/// Seconds for which an access token is valid.
pub const ACCESS_SECONDS: i64 = 900;
/// Tolerated difference between clocks.
pub(super) const LEEWAY_SECONDS: u64 = 30;
/// Longer tokens are refused before any cryptography.
const TOKEN_BYTES_MAX: usize = 8_192;
const ISSUER: &str = "shirube";
const AUDIENCE: &str = "shirube-api";
/// RFC 9068: keeps other tokens from passing as access tokens.
const TOKEN_TYPE: &str = "at+jwt";
/// How a private key in PEM begins.
const PEM_PREFIX: &str = "-----BEGIN ";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    exp: i64,
    iat: i64,
    nbf: i64,
    jti: String,
    /// The account's sessions epoch when the token was made.
    epoch: i64,
}

/// What a valid access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    pub user: UserId,
    pub epoch: i64,
}

/// What a bearer token proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A session of ours.
    Account(AccessToken),
    /// An address that the configured other issuer vouches for.
    Email(String),
}

/// The keys that sign and verify access tokens.
#[derive(Clone)]
pub struct TokenKeys {
    algorithm: Algorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    external: Option<Arc<ExternalIssuer>>,
}

impl TokenKeys {
    /// Keys from the configured secret: an Ed25519 private key (PEM) signs with
    /// `EdDSA`; anything else is a secret for HMAC-SHA-256, whose length the
    /// configuration has checked.
    ///
    /// # Errors
    /// Where a PEM text holds no Ed25519 private key.
    pub fn from_secret(secret: &str) -> Result<Self, String> {
        if secret.starts_with(PEM_PREFIX) {
            let encoding = EncodingKey::from_ed_pem(secret.as_bytes())
                .map_err(|error| format!("no Ed25519 private key: {error}"))?;
            let decoding = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA)
                .and_then(|public| DecodingKey::from_jwk(&public))
                .map_err(|error| format!("no Ed25519 private key: {error}"))?;
            return Ok(Self::new(Algorithm::EdDSA, encoding, decoding));
        }
        let encoding = EncodingKey::from_secret(secret.as_bytes());
        let decoding = DecodingKey::from_secret(secret.as_bytes());
        Ok(Self::new(Algorithm::HS256, encoding, decoding))
    }

    fn new(algorithm: Algorithm, encoding: EncodingKey, decoding: DecodingKey) -> Self {
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub", "nbf"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECONDS;
        Self {
            algorithm,
            encoding,
            decoding,
            validation,
            external: None,
        }
    }

    /// Also accepts tokens of another issuer.
    #[must_use]
    pub fn with_external(mut self, issuer: ExternalIssuer) -> Self {
        self.external = Some(Arc::new(issuer));
        self
    }

    /// A token for an account.
    ///
    /// # Errors
    /// `Internal` where signing fails.
    pub fn issue(&self, token: &AccessToken, now: DateTime<Utc>) -> Result<String, AppError> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: token.user.to_string(),
            exp: now.timestamp() + ACCESS_SECONDS,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            jti: uuid::Uuid::new_v4().to_string(),
            epoch: token.epoch,
        };
        let header = Header {
            typ: Some(TOKEN_TYPE.to_owned()),
            ..Header::new(self.algorithm)
        };
        encode(&header, &claims, &self.encoding)
            .map_err(|error| AppError::Internal(error.to_string()))
    }

    /// Verifies a token; `None` for every fault alike.
    #[must_use]
    pub fn verify(&self, token: &str) -> Option<Identity> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        self.own(token)
            .map(Identity::Account)
            .or_else(|| self.external.as_ref()?.verify(token).map(Identity::Email))
    }

    fn own(&self, token: &str) -> Option<AccessToken> {
        let data = decode::<Claims>(token, &self.decoding, &self.validation).ok()?;
        let claims = data.claims;
        let is_access = data.header.typ.as_deref() == Some(TOKEN_TYPE);
        let is_short = claims.exp - claims.iat <= ACCESS_SECONDS;
        (is_access && is_short).then_some(AccessToken {
            user: UserId(claims.sub),
            epoch: claims.epoch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use serde_json::json;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[expect(
        clippy::disallowed_methods,
        reason = "jsonwebtoken compares with the system clock"
    )]
    fn now() -> DateTime<Utc> {
        Utc::now()
    }

    fn signed(
        algorithm: Algorithm,
        typ: &str,
        change: impl FnOnce(&mut serde_json::Value),
    ) -> String {
        let now = now().timestamp();
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "u", "exp": now + 900, "iat": now,
            "nbf": now, "jti": "j", "epoch": 0
        });
        change(&mut claims);
        let header = Header {
            typ: Some(typ.to_owned()),
            ..Header::new(algorithm)
        };
        encode(
            &header,
            &claims,
            &EncodingKey::from_secret(SECRET.as_bytes()),
        )
        .unwrap()
    }

    #[test]
    fn accepts_its_own_token() {
        let keys = TokenKeys::from_secret(SECRET).unwrap();
        let token = AccessToken {
            user: UserId("u".to_owned()),
            epoch: 3,
        };
        assert_eq!(
            keys.verify(&keys.issue(&token, now()).unwrap()),
            Some(Identity::Account(token))
        );
        assert!(
            keys.verify(&signed(Algorithm::HS256, TOKEN_TYPE, |_| ()))
                .is_some()
        );
    }

    #[test]
    fn signs_with_a_private_key_too() {
        let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\n-----END PRIVATE KEY-----\n";
        let keys = TokenKeys::from_secret(key).unwrap();
        let token = AccessToken {
            user: UserId("u".to_owned()),
            epoch: 0,
        };
        let text = keys.issue(&token, now()).unwrap();
        assert_eq!(keys.verify(&text), Some(Identity::Account(token)));
        assert_eq!(TokenKeys::from_secret(SECRET).unwrap().verify(&text), None);
        assert!(TokenKeys::from_secret("-----BEGIN NOTHING-----").is_err());
    }

    #[test]
    fn refuses_every_other_token() {
        let keys = TokenKeys::from_secret(SECRET).unwrap();
        let now = now().timestamp();
        let valid = signed(Algorithm::HS256, TOKEN_TYPE, |_| ());
        let payload = valid.split('.').nth(1).unwrap();
        let none = format!(
            "{}.{payload}.",
            BASE64.encode(r#"{"alg":"none","typ":"at+jwt"}"#)
        );
        let mut flipped = valid.clone().into_bytes();
        let last = flipped.len() - 2;
        flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
        let faults = [
            ("alg none", none),
            (
                "other algorithm",
                signed(Algorithm::HS384, TOKEN_TYPE, |_| ()),
            ),
            ("flipped", String::from_utf8(flipped).unwrap()),
            ("truncated", valid[..valid.len() - 4].to_owned()),
            (
                "expired",
                signed(Algorithm::HS256, TOKEN_TYPE, |c| c["exp"] = json!(now - 61)),
            ),
            (
                "not yet",
                signed(Algorithm::HS256, TOKEN_TYPE, |c| {
                    c["nbf"] = json!(now + 300);
                }),
            ),
            (
                "text exp",
                signed(Algorithm::HS256, TOKEN_TYPE, |c| {
                    c["exp"] = json!("9999999999");
                }),
            ),
            (
                "no exp",
                signed(Algorithm::HS256, TOKEN_TYPE, |c| {
                    c.as_object_mut().unwrap().remove("exp");
                }),
            ),
            (
                "issuer",
                signed(Algorithm::HS256, TOKEN_TYPE, |c| c["iss"] = json!("other")),
            ),
            (
                "audience",
                signed(Algorithm::HS256, TOKEN_TYPE, |c| c["aud"] = json!("other")),
            ),
            (
                "too long a life",
                signed(Algorithm::HS256, TOKEN_TYPE, |c| {
                    c["exp"] = json!(now + 86_400);
                }),
            ),
            ("type", signed(Algorithm::HS256, "JWT", |_| ())),
            ("huge", "a".repeat(100_000)),
            ("empty", String::new()),
        ];
        for (what, token) in faults {
            assert_eq!(keys.verify(&token), None, "{what}");
        }
    }
}
