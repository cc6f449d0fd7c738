//! What makes an external name unique.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest as _, Sha256};

use crate::Identity;

/// 80 bits.
const BYTES: usize = 10;

/// Length of a hash, characters.
pub const HASH_LENGTH: usize = 16;

/// Lower-case base32 of a hash over all parts. Lengths keep apart what concatenation does not: (`a`, `bc`) and
/// (`ab`, `c`) have different hashes.
pub fn short_hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    BASE32_NOPAD.encode(&hasher.finalize()[..BYTES]).to_ascii_lowercase()
}

/// How the names of what claims have on AWS begin. S3 reserves prefixes such as `xn--` and `sthree-`; nothing of ours can
/// begin so.
pub const AWS_NAME_PREFIX: &str = "cro-";

impl Identity {
    /// The part of this claim's external names that no other claim has, of any kind, namespace or cluster.
    pub fn hash(&self, cluster_id: &str) -> String {
        let kind = self.kind.as_str();
        short_hash(&[cluster_id, kind, &self.namespace, &self.name, self.uid.as_str()])
    }
}
