//! The opening of a leaf: the salt, and the line of the report revision that the leaf is about.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::ProofError;
use crate::report::{ActionKind, ReportState};

/// The length of a salt. So many random bytes cannot be tried.
pub const SALT_BYTES: usize = 32;
/// The type of a line, with the version of its form.
pub const REVISION_TYPE: &str = "write-for-rights.report-revision.v1";

/// A report revision in a state, as the log has it: nothing but what its reporter reported, and what came of it.
///
/// ```
/// use domain::proof::{LoggedRevision, REVISION_TYPE};
/// let line = LoggedRevision {
///     kind: REVISION_TYPE.into(), edition: 2021, section: "ca".into(), report: "report_1".into(), revision: 1,
///     received_at: "2021-12-10T20:00:00Z".parse().unwrap(), late: false,
///     state: domain::report::ReportState::Accepted, people: None, lines: vec![],
/// };
/// let opening = line.opening([0; 32]).unwrap();
/// assert_eq!(LoggedRevision::of_opening(&opening), Ok(line));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedRevision {
    /// [`REVISION_TYPE`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The year of the edition.
    pub edition: i16,
    /// The code of the section whose campaign it counts for.
    pub section: String,
    /// The id of the report, as the API gives it.
    pub report: String,
    /// The number of the revision, from 1.
    pub revision: u32,
    /// When the revision was received.
    pub received_at: Timestamp,
    /// Whether that was after the collection deadline.
    pub late: bool,
    /// The state that the revision has from this leaf on.
    pub state: ReportState,
    /// The number of people who wrote, if it was reported.
    pub people: Option<u32>,
    /// The quantities.
    pub lines: Vec<LoggedLine>,
}

/// The quantity of one kind for one case.
///
/// ```
/// use domain::{ActionKind, proof::LoggedLine};
/// let line = LoggedLine { case: Some("rung".into()), kind: ActionKind::AppealLetter, quantity: 12 };
/// assert!(line.kind.is_letter());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedLine {
    /// The slug of the case; none for no particular case.
    pub case: Option<String>,
    /// What was written or done.
    pub kind: ActionKind,
    /// How many.
    pub quantity: u64,
}

impl LoggedRevision {
    /// The opening of a leaf: the salt, and behind it the canonical JSON (RFC 8785) of this.
    ///
    /// # Errors
    /// [`ProofError::LineInvalid`] if it has no canonical form.
    pub fn opening(&self, salt: [u8; SALT_BYTES]) -> Result<Vec<u8>, ProofError> {
        let line = serde_jcs::to_vec(self).map_err(|_| ProofError::LineInvalid)?;
        Ok([&salt[..], &line].concat())
    }

    /// Reads an opening. A line that is not canonical is refused, since other readers may read something else in it.
    ///
    /// # Errors
    /// [`ProofError::LineInvalid`].
    pub fn of_opening(opening: &[u8]) -> Result<Self, ProofError> {
        let line = opening.get(SALT_BYTES..).ok_or(ProofError::LineInvalid)?;
        let value: serde_json::Value = serde_json::from_slice(line).map_err(|_| ProofError::LineInvalid)?;
        let canonical = serde_jcs::to_vec(&value).map_err(|_| ProofError::LineInvalid)?;
        let revision: Self = serde_json::from_value(value).map_err(|_| ProofError::LineInvalid)?;
        if canonical == line && revision.kind == REVISION_TYPE {
            Ok(revision)
        } else {
            Err(ProofError::LineInvalid)
        }
    }
}
