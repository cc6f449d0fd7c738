//! `Debug` of the messages that hold secrets: their names only.

use crate::wire;

macro_rules! redacted {
    ($($message:ident),+) => {
        $(impl std::fmt::Debug for wire::$message {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($message), "(redacted)"))
            }
        })+
    };
}

redacted!(EnsureRequest, StoreRequest, CredentialReply, Sealed);
