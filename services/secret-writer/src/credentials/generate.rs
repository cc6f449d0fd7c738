//! Passwords: constant, random, with the full entropy of the operating system's generator.

use rand::TryRng as _;
use rand::rngs::SysRng;
use secrecy::zeroize::Zeroize as _;
use secrecy::{ExposeSecretMut as _, SecretBox};

use crate::error::Error;

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Bytes from here on would make some letters likelier than others.
const FAIR: u8 = 248;

/// A password of this many letters and digits; each adds 5.95 bits.
pub(super) fn password(length: usize) -> Result<SecretBox<Vec<u8>>, Error> {
    let mut password = SecretBox::new(Box::new(Vec::with_capacity(length)));
    let characters = password.expose_secret_mut();
    let mut random = [0; 64];
    while characters.len() < length {
        SysRng.try_fill_bytes(&mut random).map_err(Error::Random)?;
        let missing = length - characters.len();
        let fair = random.iter().filter(|byte| **byte < FAIR).take(missing);
        characters.extend(fair.map(|byte| ALPHABET[usize::from(byte % 62)]));
    }
    random.zeroize();
    Ok(password)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn passwords_have_the_length_asked_for_and_only_letters_and_digits() {
        for length in [16, 32, 100, 128] {
            let password = password(length).unwrap();
            let text = password.expose_secret();
            assert_eq!(text.len(), length);
            assert!(text.iter().all(u8::is_ascii_alphanumeric));
        }
    }

    #[test]
    fn passwords_differ_and_use_the_whole_alphabet() {
        let passwords: BTreeSet<Vec<u8>> =
            (0..200).map(|_| password(32).unwrap().expose_secret().clone()).collect();
        assert_eq!(passwords.len(), 200);
        let letters: BTreeSet<u8> = passwords.into_iter().flatten().collect();
        assert_eq!(letters.len(), ALPHABET.len());
    }

    #[test]
    fn every_letter_is_as_likely_as_any_other() {
        assert_eq!(usize::from(FAIR) % ALPHABET.len(), 0);
    }
}
