//! String enumerations: enums whose variants have the same spelling in every layer.

/// Declares an enum with its one spelling for storage, files and the public contract. It is non-exhaustive: vocabularies
/// grow, and `ALL` is how a user goes over the words of a version.
macro_rules! string_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $spelling:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* #[cfg_attr(feature = "serde", serde(rename = $spelling))] $variant,)+
        }

        impl $name {
            /// Every word of this vocabulary, in the order in which it reads well.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The one spelling of the word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $spelling,)+ }
            }

            /// The word with this spelling; `None` for any other text.
            #[must_use]
            pub fn parse(spelling: &str) -> Option<Self> {
                match spelling { $($spelling => Some(Self::$variant),)+ _ => None }
            }
        }

        impl crate::fingerprint::Canonical for $name {
            fn write(&self, text: &mut String) {
                self.as_str().write(text);
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use string_enum;
