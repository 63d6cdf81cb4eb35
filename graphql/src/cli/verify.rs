//! `w4r verify`: checks files of the service offline.

use std::{fs, path::Path};

use super::{CliError, verify_open_data};

/// Checks a file, with the hash that it is expected to have.
///
/// # Errors
/// What is wrong with the file.
pub fn run(file: &Path, hash: Option<&str>) -> Result<(), CliError> {
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|error| CliError(format!("{name}: {error}")))?;
    if !verify_open_data::is_open_data(&text) {
        return Err(CliError(format!("{name} is no open data of this service")));
    }
    verify_open_data::run(&text, hash).map_err(|CliError(problem)| CliError(format!("{name}: {problem}")))
}
