//! `w4r schema`: the public contract, as it stands in `schema.graphql`.

use super::Trouble;

/// Prints the schema.
///
/// # Errors
/// None; all commands have one type.
pub fn run() -> Result<(), Trouble> {
    super::say(format_args!("{}", crate::api::sdl().trim_end()));
    Ok(())
}
