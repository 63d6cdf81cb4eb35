//! Enums of the schema that are vocabularies of the library.

/// Declares a GraphQL enum with the words of a vocabulary of the library, and the conversions in both directions.
///
/// The vocabularies of the library are non-exhaustive, since they grow, so that a conversion needs an arm for other
/// words. That arm is never reached: a word that the schema does not have is an error of the compiler here, by the
/// comparison of the numbers of words.
macro_rules! domain_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident = $domain:ty {
            $($(#[$variant_meta:meta])* $variant:ident,)+
        }
    ) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
        $(#[$meta])*
        $visibility enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        const _: () = assert!(
            <$domain>::ALL.len() == [$(<$domain>::$variant),+].len(),
            concat!("`", stringify!($name), "` has not the words of the library"),
        );

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value {
                    $(<$domain>::$variant => Self::$variant,)+
                    _ => unreachable!("every word of the library is in the schema"),
                }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$variant => Self::$variant,)+
                }
            }
        }
    };
}

pub(crate) use domain_enum;

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType;
    use domain::{ActionKind, case::CaseTopic};

    use crate::api::{case, total};

    fn spelled<D: Copy, T: From<D> + EnumType>(words: &[D]) -> Vec<&'static str> {
        let name = |value: T| T::items().iter().find(|item| item.value == value).expect("an item").name;
        words.iter().map(|value| name(T::from(*value))).collect()
    }

    #[test]
    fn words_are_spelled_in_the_schema_as_in_the_library() {
        let kinds: Vec<_> = ActionKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(spelled::<_, total::ActionKind>(ActionKind::ALL), kinds);
        let topics: Vec<_> = CaseTopic::ALL.iter().map(|topic| topic.as_str()).collect();
        assert_eq!(spelled::<_, case::CaseTopic>(CaseTopic::ALL), topics);
    }
}
