//! Encryption at rest of what must be read again: addresses and secrets of
//! destinations. AES-256-GCM with a random nonce; the context (whose value it
//! is) is authenticated, so that no sealed value can be moved to another row.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::AppError;

/// Says what the key is for, so that no other use of the same secret yields it.
const KEY_CONTEXT: &str = "shirube 2026 sealing of destinations";

const NAMING_CONTEXT: &str = "shirube 2026 naming of recipients";

/// Seals and opens texts. Cheap to clone.
#[derive(Clone)]
pub struct Sealer {
    key: Arc<RandomizedNonceKey>,
    naming: [u8; 32],
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(***)")
    }
}

impl Sealer {
    /// Seals with a key derived from a secret of at least 32 bytes.
    ///
    /// # Errors
    /// `Internal` where the cryptographic library refuses.
    pub fn new(secret: &str) -> Result<Self, AppError> {
        let key = blake3::derive_key(KEY_CONTEXT, secret.as_bytes());
        RandomizedNonceKey::new(&AES_256_GCM, &key)
            .map(|key| Self {
                key: Arc::new(key),
                naming: blake3::derive_key(NAMING_CONTEXT, secret.as_bytes()),
            })
            .map_err(|error| AppError::Internal(format!("sealing key: {error}")))
    }

    /// Encrypts a text for a context.
    ///
    /// # Errors
    /// `Internal` where the cryptographic library refuses.
    pub fn seal(&self, context: &str, text: &str) -> Result<String, AppError> {
        let mut bytes = text.as_bytes().to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut bytes)
            .map_err(|error| AppError::Internal(format!("sealing: {error}")))?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.extend_from_slice(&bytes);
        Ok(STANDARD.encode(sealed))
    }

    /// Decrypts what [`Self::seal`] made for the same context; `None` where the
    /// key is another one, or the value was tampered with.
    #[must_use]
    pub fn open(&self, context: &str, sealed: &str) -> Option<String> {
        let sealed = STANDARD.decode(sealed).ok()?;
        let (nonce, bytes) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = bytes.to_vec();
        let opened = self
            .key
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut bytes)
            .ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }

    /// Stands for a text where equal ones must be recognised: the same for the same text in
    /// the same context, and nothing to guess the text by without the key.
    #[must_use]
    pub fn pseudonym(&self, context: &str, text: &str) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.naming);
        for part in [context, "\0", text] {
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_follow_text_context_and_key() {
        let sealer = Sealer::new(SECRET).unwrap();
        let name = sealer.pseudonym("a", "k@example.jp");
        assert_eq!(name, sealer.pseudonym("a", "k@example.jp"));
        assert_ne!(name, sealer.pseudonym("b", "k@example.jp"));
        assert_ne!(name, sealer.pseudonym("a", "l@example.jp"));
        let other = Sealer::new("another secret of thirty-two byte").unwrap();
        assert_ne!(name, other.pseudonym("a", "k@example.jp"));
    }

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn what_is_sealed_opens_for_its_context_and_key_only() {
        let own = Sealer::new(SECRET).unwrap();
        let sealed = own.seal("a", "https://example.jp/hook").unwrap();
        assert_ne!(sealed, own.seal("a", "https://example.jp/hook").unwrap());
        assert!(!sealed.contains("example"));
        assert_eq!(
            own.open("a", &sealed).as_deref(),
            Some("https://example.jp/hook")
        );
        assert_eq!(own.open("b", &sealed), None);
        let other = Sealer::new("another secret of thirty-two byte").unwrap();
        assert_eq!(other.open("a", &sealed), None);
        let mut tampered = STANDARD.decode(&sealed).unwrap();
        if let Some(last) = tampered.last_mut() {
            *last ^= 1;
        }
        assert_eq!(own.open("a", &STANDARD.encode(tampered)), None);
        assert_eq!(own.open("a", "c2hvcnQ="), None);
    }
}
