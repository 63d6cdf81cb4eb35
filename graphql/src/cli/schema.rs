//! `w4r schema`: the public contract, as it stands in `schema.graphql`.

use super::CliError;

/// Prints the schema.
///
/// # Errors
/// None; all commands have one type.
pub fn run() -> Result<(), CliError> {
    super::print_line(format_args!("{}", crate::api::sdl().trim_end()));
    Ok(())
}
