//! Passwords, keys and identifiers: the only place below `http` that uses
//! randomness.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::AppError;
use crate::domain::ids::{AlertId, ScorecardId};
use crate::domain::month::Month;

/// What an API key begins with, so that people and scanners recognise it.
const API_KEY_PREFIX: &str = "shk_";
/// What the secret of a read-only link begins with.
const LINK_PREFIX: &str = "shl_";
/// What a refresh token begins with.
const REFRESH_TOKEN_PREFIX: &str = "shr_";
/// What the token of a public page begins with.
const PAGE_TOKEN_PREFIX: &str = "shp_";

/// A new identifier: UUID version 7, so that identifiers sort by time.
#[must_use]
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// 256 random bits after a prefix.
fn random_secret(prefix: &str) -> String {
    let bytes: [u8; 32] = rand::random();
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// A secret that signs tokens.
#[must_use]
pub fn new_signing_secret() -> String {
    random_secret("")
}

#[must_use]
pub fn new_api_key() -> String {
    random_secret(API_KEY_PREFIX)
}

/// The secret of a read-only link; no API key begins like it.
#[must_use]
pub fn new_link_token() -> String {
    random_secret(LINK_PREFIX)
}

#[must_use]
pub fn new_refresh_token() -> String {
    random_secret(REFRESH_TOKEN_PREFIX)
}

/// What opens a public page without sign-in.
#[must_use]
pub fn new_page_token() -> String {
    random_secret(PAGE_TOKEN_PREFIX)
}

/// A secret that signs webhooks, as the Standard Webhooks scheme writes one.
#[must_use]
pub fn new_webhook_secret() -> String {
    let bytes: [u8; 32] = rand::random();
    format!("whsec_{}", STANDARD.encode(bytes))
}

/// An identifier for a delivery that nobody can guess: 192 random bits.
#[must_use]
pub fn new_delivery_id() -> String {
    let bytes: [u8; 24] = rand::random();
    format!("msg_{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The identifier of an alert: it follows from what the alert is about, so that
/// the same reports lead to the same identifiers. `attempt` counts the ones
/// that are taken.
#[must_use]
pub fn alert_id(scorecard: &ScorecardId, item: &str, opened: Month, attempt: u32) -> AlertId {
    let identity = format!("alert/{scorecard}/{item}/{opened}/{attempt}");
    let hash = blake3::hash(identity.as_bytes());
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(hash.as_bytes()) {
        *byte = *hashed;
    }
    AlertId(Uuid::new_v8(bytes).to_string())
}

/// Whether a bearer token is an API key rather than an access token.
#[must_use]
pub fn is_api_key(token: &str) -> bool {
    token.starts_with(API_KEY_PREFIX)
}

/// The hash under which a random secret is stored and looked up. A fast hash
/// is enough for 256 random bits.
#[must_use]
pub fn hash_of_secret(secret: &str) -> String {
    blake3::hash(secret.as_bytes()).to_hex().to_string()
}

/// The Argon2id hash of a password. Slow on purpose.
///
/// # Errors
/// `Internal` where hashing fails.
pub fn hash_of_password(password: &str) -> Result<String, AppError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| AppError::Internal(error.to_string()))
}

/// Whether a password fits a stored hash. Without a hash (no such account) the
/// same work is done, so that the time tells nothing.
#[must_use]
pub fn password_fits(password: &str, hash: Option<&str>) -> bool {
    let Some(parsed) = hash.and_then(|hash| PasswordHash::new(hash).ok()) else {
        let _ = Argon2::default().hash_password(password.as_bytes());
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &parsed)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_fit_only_their_own_hash() {
        let hash = hash_of_password("正しい馬の電池").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(password_fits("正しい馬の電池", Some(&hash)));
        assert!(!password_fits("正しい馬の電地", Some(&hash)));
        assert!(!password_fits("正しい馬の電池", None));
    }
}
