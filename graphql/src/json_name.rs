//! Names of input fields: the library spells them as Rust does, GraphQL and JSON files in camel case.

/// The name of a field in GraphQL and in files; list indexes stay as they are.
///
/// Paths of violations are translated here and nowhere else, so that the library knows no other spelling.
pub(crate) fn json_name(field: &str) -> String {
    let mut name = String::with_capacity(field.len());
    let mut starts_word = false;
    for character in field.chars() {
        match character {
            '_' => starts_word = true,
            first if starts_word => {
                name.push(first.to_ascii_uppercase());
                starts_word = false;
            }
            other => name.push(other),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_the_name_of_the_schema_and_an_index_stays() {
        for (field, name) in [
            ("idempotency_key", "idempotencyKey"),
            ("registration_closes_on", "registrationClosesOn"),
            ("lines", "lines"),
            ("12", "12"),
        ] {
            assert_eq!(json_name(field), name);
        }
    }
}
