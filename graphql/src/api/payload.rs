//! The payloads of mutations.

/// Declares payloads with the same fields: the state that they show, the path from the state to its result, the fields,
/// and the names with their descriptions. `userErrors` is added to the fields.
macro_rules! payloads {
    (@object $State:ty, [$($result:ident).*], { $($fields:tt)* }, [$($meta:tt)*], $name:ident) => {
        $($meta)*
        pub(crate) struct $name(pub(super) $State);

        $($meta)*
        #[async_graphql::Object(serial)]
        impl $name {
            $($fields)*

            /// Validation errors; empty on success.
            async fn user_errors(&self) -> $crate::api::error::UserErrors {
                $crate::api::error::user_errors(&self.0 $(.$result)*)
            }
        }
    };
    ($State:ty, $result:tt, $fields:tt $($(#[$meta:meta])* $name:ident;)+) => {$(
        $crate::api::payload::payloads! { @object $State, $result, $fields, [$(#[$meta])*], $name }
    )+};
}
pub(super) use payloads;
