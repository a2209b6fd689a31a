//! Tokens of another issuer (OpenID Connect), verified with its published keys.
//!
//! The token only says who somebody is: its verified e-mail address names the
//! account; role and scope are the account's own. The token's header chooses
//! among the configured keys, never the algorithm.

use std::collections::HashMap;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use super::tokens::LEEWAY_SECONDS;

/// Longer-lived tokens are refused.
const LIFETIME_SECONDS_MAX: i64 = 3_600;
/// Base64 characters of a 2048-bit RSA modulus.
const RSA_MODULUS_CHARS_MIN: usize = 342;

#[derive(Deserialize)]
struct Claims {
    exp: i64,
    iat: i64,
    email: String,
    email_verified: bool,
}

/// An issuer with its keys by identifier.
pub struct ExternalIssuer {
    keys: HashMap<String, (DecodingKey, Validation)>,
}

impl ExternalIssuer {
    /// From the issuer's JSON Web Key Set. Keys without an identifier, shared
    /// secrets and weak RSA keys are passed over.
    ///
    /// # Errors
    /// Where the text is no key set, or holds no usable key.
    pub fn new(issuer: &str, audience: &str, key_set: &str) -> Result<Self, String> {
        let set: JwkSet = serde_json::from_str(key_set)
            .map_err(|error| format!("is not a JSON Web Key Set: {error}"))?;
        let keys: HashMap<String, (DecodingKey, Validation)> = set
            .keys
            .iter()
            .filter_map(|key| {
                let id = key.common.key_id.clone()?;
                let algorithm = algorithm_of(key)?;
                let decoding = DecodingKey::from_jwk(key).ok()?;
                Some((id, (decoding, validation(algorithm, issuer, audience))))
            })
            .collect();
        if keys.is_empty() {
            return Err("holds no key that can be used".to_owned());
        }
        Ok(Self { keys })
    }

    /// The verified e-mail address in a token; `None` for every fault alike.
    #[must_use]
    pub fn verify(&self, token: &str) -> Option<String> {
        let id = decode_header(token).ok()?.kid?;
        let (key, validation) = self.keys.get(&id)?;
        let claims = decode::<Claims>(token, key, validation).ok()?.claims;
        let is_short = claims.exp - claims.iat <= LIFETIME_SECONDS_MAX;
        (claims.email_verified && is_short).then(|| claims.email.to_ascii_lowercase())
    }
}

fn validation(algorithm: Algorithm, issuer: &str, audience: &str) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_nbf = true;
    validation.leeway = LEEWAY_SECONDS;
    validation
}

/// The one algorithm that a key is good for.
fn algorithm_of(key: &Jwk) -> Option<Algorithm> {
    match &key.algorithm {
        AlgorithmParameters::RSA(rsa) if rsa.n.len() >= RSA_MODULUS_CHARS_MIN => {
            Some(Algorithm::RS256)
        }
        AlgorithmParameters::EllipticCurve(ec) => match ec.curve {
            EllipticCurve::P256 => Some(Algorithm::ES256),
            EllipticCurve::P384 => Some(Algorithm::ES384),
            _ => None,
        },
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            Some(Algorithm::EdDSA)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::{Value, json};

    /// An Ed25519 key made for this test alone.
    const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\n-----END PRIVATE KEY-----\n";

    fn issuer() -> ExternalIssuer {
        let private = EncodingKey::from_ed_pem(PRIVATE_KEY.as_bytes()).unwrap();
        let mut key = Jwk::from_encoding_key(&private, Algorithm::EdDSA).unwrap();
        key.common.key_id = Some("k1".to_owned());
        let set = serde_json::to_string(&JwkSet { keys: vec![key] }).unwrap();
        ExternalIssuer::new("https://id.example.jp", "shirube", &set).unwrap()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "jsonwebtoken compares with the system clock"
    )]
    fn token(id: &str, change: impl FnOnce(&mut Value)) -> String {
        let now = chrono::Utc::now().timestamp();
        let mut claims = json!({
            "iss": "https://id.example.jp", "aud": "shirube", "sub": "123", "exp": now + 600,
            "iat": now, "email": "Sato@Example.jp", "email_verified": true
        });
        change(&mut claims);
        let header = Header {
            kid: Some(id.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let key = EncodingKey::from_ed_pem(PRIVATE_KEY.as_bytes()).unwrap();
        encode(&header, &claims, &key).unwrap()
    }

    #[test]
    fn a_sound_token_names_its_address() {
        assert_eq!(
            issuer().verify(&token("k1", |_| ())).as_deref(),
            Some("sato@example.jp")
        );
    }

    #[test]
    fn every_other_token_is_refused() {
        let issuer = issuer();
        let faults = [
            ("unknown key", token("k2", |_| ())),
            ("issuer", token("k1", |c| c["iss"] = json!("https://other"))),
            ("audience", token("k1", |c| c["aud"] = json!("other"))),
            ("expired", token("k1", |c| c["exp"] = json!(1_000_000_000))),
            (
                "long-lived",
                token("k1", |c| c["iat"] = json!(1_000_000_000)),
            ),
            (
                "unverified",
                token("k1", |c| c["email_verified"] = json!(false)),
            ),
            (
                "no address",
                token("k1", |c| {
                    c.as_object_mut().unwrap().remove("email");
                }),
            ),
        ];
        for (what, token) in faults {
            assert_eq!(issuer.verify(&token), None, "{what}");
        }
    }

    #[test]
    fn a_key_set_needs_a_usable_key() {
        for set in [
            "",
            "{}",
            r#"{"keys": []}"#,
            r#"{"keys": [{"kty": "oct", "kid": "k", "k": "AAAA"}]}"#,
        ] {
            assert!(ExternalIssuer::new("i", "a", set).is_err(), "{set}");
        }
    }
}
