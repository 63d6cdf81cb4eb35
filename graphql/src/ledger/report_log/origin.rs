//! The name of the log.

use std::fmt;

use super::signing_keys::LogOptions;
use crate::database::{self, Connection, report_log};

/// The name of a log at this public address: the address without its scheme, and the path of the log.
#[must_use]
pub fn default_origin(public_url: &str) -> String {
    let address = public_url.split_once("://").map_or(public_url, |(_, address)| address);
    format!("{}/log", address.trim_end_matches('/'))
}

/// The name of the log of a generation. The first one has the name itself.
pub(super) fn of_generation(name: &str, generation: i32) -> String {
    if generation <= 1 { name.to_owned() } else { format!("{name}/{generation}") }
}

/// A name in the settings that is not the name of the log in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginConflict {
    stored: String,
    given: String,
}

impl fmt::Display for OriginConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, given } = self;
        write!(
            f,
            "the log of this database has the name {stored}, and not {given}: receipts name it. \
             `w4r log restart` begins another log, which may have another name"
        )
    }
}

/// Compares the name in the settings, if there is one, with the one in the database.
///
/// # Errors
/// A database error; the inner error is a conflict.
pub async fn check_origin(
    connection: &mut Connection,
    options: &LogOptions,
) -> Result<Result<(), OriginConflict>, database::Error> {
    let head = report_log::head(connection).await?;
    let (Some(stored), Some(given)) = (head.origin, &options.origin) else { return Ok(Ok(())) };
    let given = of_generation(given, head.generation);
    Ok(if stored == given { Ok(()) } else { Err(OriginConflict { stored, given }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_address_without_its_scheme() {
        for (address, name) in [
            ("https://w4r.example/", "w4r.example/log"),
            ("https://w4r.example", "w4r.example/log"),
            ("http://127.0.0.1:8080/", "127.0.0.1:8080/log"),
            ("https://example.org/w4r/", "example.org/w4r/log"),
        ] {
            assert_eq!(default_origin(address), name);
        }
        assert_eq!(of_generation("w4r.example/log", 1), "w4r.example/log");
        assert_eq!(of_generation("w4r.example/log", 2), "w4r.example/log/2");
    }
}
