//! Columns with JSON.

use serde::{Serialize, de::DeserializeOwned};

use crate::database::Error;

pub(super) fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Broken(Box::new(error)))
}

pub(super) fn parse<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}
