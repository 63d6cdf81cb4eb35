//! `w4r schema`: prints the GraphQL schema, the content of `schema.graphql`.

use super::CliError;

/// Prints the schema.
///
/// # Errors
/// None; all commands have the same signature.
pub fn run() -> Result<(), CliError> {
    super::print_line(format_args!("{}", crate::api::sdl().trim_end()));
    Ok(())
}
