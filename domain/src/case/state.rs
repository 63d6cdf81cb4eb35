//! The state of a case, and which transition each state allows.

use super::CloseReason;
use crate::violation::ViolationKind;

/// The state of a case.
///
/// ```
/// use domain::case::CaseState;
/// assert!(CaseState::Published.serves_addresses());
/// assert_eq!(CaseState::Suspended.to_string(), "SUSPENDED");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseState {
    /// Being prepared; known to staff only.
    Draft,
    /// People write.
    Published,
    /// Paused: no letters should be written at the moment.
    Suspended,
    /// Writing has ended for this reason.
    Closed(CloseReason),
    /// Kept with its edition.
    Archived,
}

impl CaseState {
    /// The spelling of the state; the reason of a closed case is stored beside it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Published => "PUBLISHED",
            Self::Suspended => "SUSPENDED",
            Self::Closed(_) => "CLOSED",
            Self::Archived => "ARCHIVED",
        }
    }

    /// Why it was closed, if it was.
    #[must_use]
    pub const fn close_reason(self) -> Option<CloseReason> {
        match self {
            Self::Closed(reason) => Some(reason),
            Self::Draft | Self::Published | Self::Suspended | Self::Archived => None,
        }
    }

    /// Whether the case is public. A draft is known to staff only.
    #[must_use]
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Draft)
    }

    /// Whether the state allows an address to be served. The time window has to allow it too.
    #[must_use]
    pub const fn serves_addresses(self) -> bool {
        matches!(self, Self::Published)
    }

    /// The state after publishing.
    ///
    /// # Errors
    /// [`ViolationKind::CaseStateInvalid`] unless it is a draft.
    pub const fn published(self) -> Result<Self, ViolationKind> {
        match self {
            Self::Draft => Ok(Self::Published),
            _ => Err(ViolationKind::CaseStateInvalid { state: self.as_str() }),
        }
    }

    /// The state after suspending.
    ///
    /// # Errors
    /// [`ViolationKind::CaseStateInvalid`] unless it is published.
    pub const fn suspended(self) -> Result<Self, ViolationKind> {
        match self {
            Self::Published => Ok(Self::Suspended),
            _ => Err(ViolationKind::CaseStateInvalid { state: self.as_str() }),
        }
    }

    /// The state after resuming.
    ///
    /// # Errors
    /// [`ViolationKind::CaseStateInvalid`] unless it is suspended.
    pub const fn resumed(self) -> Result<Self, ViolationKind> {
        match self {
            Self::Suspended => Ok(Self::Published),
            _ => Err(ViolationKind::CaseStateInvalid { state: self.as_str() }),
        }
    }

    /// The state after closing.
    ///
    /// # Errors
    /// [`ViolationKind::CaseStateInvalid`] unless it is published or suspended.
    pub const fn closed(self, reason: CloseReason) -> Result<Self, ViolationKind> {
        match self {
            Self::Published | Self::Suspended => Ok(Self::Closed(reason)),
            _ => Err(ViolationKind::CaseStateInvalid { state: self.as_str() }),
        }
    }
}

impl std::fmt::Display for CaseState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
