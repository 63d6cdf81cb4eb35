//! The macro of the table of validation rules.

/// Declares the rules. Each has a description, its values, the code for programs and the sentence for people; a
/// sentence names values in braces.
macro_rules! violation_kinds {
    ($(
        $(#[$meta:meta])*
        $kind:ident $({ $($(#[$value_meta:meta])* $value:ident: $type:ty,)+ })?
            => $code:literal, $sentence:literal $(, $argument:ident = $expression:expr)?;
    )+) => {
        /// Every validation rule, with the values that its message needs.
        ///
        /// ```
        /// use domain::ViolationKind;
        /// let rule = ViolationKind::TextTooLong { most: 200, length: 10_000 };
        /// assert_eq!(rule.code(), "TEXT_TOO_LONG");
        /// assert_eq!(rule.to_string(), "At most 200 characters are allowed; this text has 10000.");
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ViolationKind {
            $($(#[$meta])* $kind $({ $($(#[$value_meta])* $value: $type,)+ })?,)+
        }

        impl ViolationKind {
            /// The codes of all rules, in the order of the table.
            pub const CODES: &'static [&'static str] = &[$($code,)+];

            /// Returns the stable code that clients act on.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$kind { .. } => $code,)+ }
            }
        }

        impl std::fmt::Display for ViolationKind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$kind $({ $($value),+ })? => write!(f, $sentence $(, $argument = $expression)?),)+
                }
            }
        }
    };
}

pub(super) use violation_kinds;
