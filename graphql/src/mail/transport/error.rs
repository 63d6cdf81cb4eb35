//! Errors of deliveries, by what is known of the notice.

/// A delivery error. Its text is for the log and for staff: the code of an SMTP reply, never the
/// reply's text, which may contain the recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mail) enum DeliveryError {
    /// Nothing can be sent at the moment.
    Unreachable(String),
    /// The notice was rejected for now (a temporary error).
    Deferred(String),
    /// The notice was rejected for good (a permanent error).
    Rejected(String),
    /// It is unknown whether the notice was accepted.
    Uncertain(String),
}
