//! What the conversions from the wire have in common.

/// A message of the wire that does not say what it must. It can never be handled: poison.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{message}: {field} is missing or not valid")]
pub struct Malformed {
    /// The message that was read.
    pub message: &'static str,
    /// The first field that is wrong.
    pub field: &'static str,
}

impl Malformed {
    pub(crate) fn new(message: &'static str, field: &'static str) -> Self {
        Self { message, field }
    }
}

/// Declares an enum with a stable text for each variant.
macro_rules! strict_enum_plain {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text used in subjects, metrics and logs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Malformed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.as_str() == text)
                    .ok_or($crate::Malformed::new(stringify!($name), "text"))
            }
        }
    };
}
pub(crate) use strict_enum_plain;

/// The same beside a generated enum: its variants without `Unspecified`.
macro_rules! strict_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $crate::convert::strict_enum_plain! {
            $(#[$doc])* $name { $($(#[$variant_doc])* $variant = $text),+ }
        }

        impl $name {
            pub(crate) fn from_wire(value: i32) -> Option<Self> {
                match $crate::wire::$name::try_from(value).ok()? {
                    $($crate::wire::$name::$variant => Some(Self::$variant),)+
                    $crate::wire::$name::Unspecified => None,
                }
            }

            pub(crate) fn to_wire(self) -> i32 {
                match self { $(Self::$variant => $crate::wire::$name::$variant as i32),+ }
            }
        }
    };
}
pub(crate) use strict_enum;
