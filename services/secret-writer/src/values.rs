//! Keys and values of a Secret.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest as _, Sha256};

/// Keys and values of a Secret. Prints its keys only; the memory of values is cleared when they are dropped.
#[derive(Clone, Default)]
pub struct Values(BTreeMap<String, SecretSlice<u8>>);

impl Values {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        self.0.get(key).map(ExposeSecret::expose_secret)
    }

    /// The value of a key, unless it is empty.
    pub fn filled(&self, key: &str) -> Option<&[u8]> {
        self.get(key).filter(|value| !value.is_empty())
    }

    /// Sets the value of a key.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.0.insert(key.into(), value.into().into());
    }

    /// Sets every key of `other`.
    pub fn overlay(&mut self, other: &Self) {
        self.0.extend(other.0.iter().map(|(key, value)| (key.clone(), value.clone())));
    }

    /// All keys, ordered.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// True when there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// SHA-256 in hex over keys and values. It stands in an annotation of the Secret itself, beside the values, and
    /// covers a generated password or minted key, so it helps nobody to guess one.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (key, value) in &self.0 {
            for part in [key.as_bytes(), value.expose_secret()] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }

    /// The values as a Secret carries them.
    pub fn to_data(&self) -> BTreeMap<String, ByteString> {
        let plain = |value: &SecretSlice<u8>| ByteString(value.expose_secret().to_vec());
        self.0.iter().map(|(key, value)| (key.clone(), plain(value))).collect()
    }
}

impl From<BTreeMap<String, ByteString>> for Values {
    fn from(data: BTreeMap<String, ByteString>) -> Self {
        Self(data.into_iter().map(|(key, value)| (key, value.0.into())).collect())
    }
}

impl<K: Into<String>, V: Into<Vec<u8>>> FromIterator<(K, V)> for Values {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut values = Self::default();
        for (key, value) in entries {
            values.set(key, value);
        }
        values
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().all(|(key, value)| other.get(key) == Some(value.expose_secret()))
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(entries: &[(&str, &str)]) -> Values {
        entries.iter().copied().collect()
    }

    #[test]
    fn values_do_not_print() {
        let printed = format!("{:?}", values(&[("password", "canary")]));
        assert_eq!(printed, r#"{"password"}"#);
    }

    #[test]
    fn two_sets_are_equal_only_with_the_same_keys_and_values() {
        let one = values(&[("a", "1"), ("b", "2")]);
        assert_eq!(one, one.clone());
        for other in [&[("a", "1")][..], &[("a", "1"), ("b", "3")], &[("a", "1"), ("c", "2")]] {
            assert_ne!(one, values(other));
            assert_ne!(one.digest(), values(other).digest());
        }
        assert_eq!(one.digest(), values(&[("b", "2"), ("a", "1")]).digest());
    }

    #[test]
    fn the_boundary_between_key_and_value_counts() {
        assert_ne!(values(&[("ab", "c")]).digest(), values(&[("a", "bc")]).digest());
    }
}
