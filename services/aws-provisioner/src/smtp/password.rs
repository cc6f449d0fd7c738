//! The SMTP password that SES expects of a user: derived from the secret half of its key, for one region.
//!
//! <https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html#smtp-credentials-convert>

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// Version 4 of the derivation; the Go operator's version 2, without a region, is accepted no more.
const VERSION: u8 = 4;
const DATE: &str = "11111111";

/// Derives it.
pub fn derive(secret_key: &SecretString, region: &str) -> SecretString {
    let key = format!("AWS4{}", secret_key.expose_secret()).into_bytes();
    let chain = [DATE, region, "ses", "aws4_request", "SendRawEmail"];
    let signature = chain.iter().fold(key, |key, message| sign(&key, message));
    let bytes: Vec<u8> = std::iter::once(VERSION).chain(signature).collect();
    BASE64.encode(&bytes).into()
}

fn sign(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known to be accepted by SES: hashicorp/terraform-provider-aws tests with the same.
    #[test]
    fn passwords_are_those_that_ses_accepts() {
        let table = [
            ("some+secret+key", "eu-central-1", "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2"),
            ("another+secret+key", "eu-central-1", "BBbphbrQmrKMx42d1N6+C7VINYEBGI5v9VsZeTxwskfh"),
            ("some+secret+key", "us-west-1", "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj"),
            ("another+secret+key", "us-west-1", "BKVmjjMDFk/qqw8EROW99bjCS65PF8WKvK5bSr4Y6EqF"),
        ];
        for (key, region, expected) in table {
            let derived = derive(&key.to_owned().into(), region);
            assert_eq!(derived.expose_secret(), expected, "{key} {region}");
        }
    }
}
