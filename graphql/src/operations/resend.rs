//! Sending notices again whose delivery is uncertain. Staff decide, since the recipient may get them twice.

use std::collections::BTreeSet;

use domain::{Violation, ViolationKind, Violations, violation::EntityKind};
use jiff::Timestamp;
use uuid::Uuid;

use super::{OperationResult, UnitOfWork, record_staff};
use crate::{access::Viewer, database::undelivered};

/// How many are sent again at once: a page of the list.
pub const MAX_RESENT: usize = 100;

/// Notices that are to be sent again.
#[derive(Clone, Debug)]
pub struct ResendNotices {
    /// Which ones.
    pub notices: Vec<Uuid>,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// Sends notices again: all of them, or none.
///
/// # Errors
/// Database errors. Validation errors are [`ViolationKind::TooFewItems`], [`ViolationKind::TooManyItems`], [`ViolationKind::Duplicate`] and
/// [`ViolationKind::NotFound`] for what is known to have arrived or not, or is forgotten.
pub async fn resend(unit: &mut UnitOfWork<'_>, request: &ResendNotices) -> OperationResult<()> {
    match request.notices.len() {
        0 => return Ok(Err(Violations::from(Violation::at(["ids"], ViolationKind::TooFewItems)))),
        1..=MAX_RESENT => {}
        _ => {
            return Ok(Err(Violations::from(Violation::at(
                ["ids"],
                ViolationKind::TooManyItems { most: MAX_RESENT },
            ))));
        }
    }
    let (mut violations, mut seen) = (Violations::default(), BTreeSet::new());
    let mut checked = Vec::with_capacity(request.notices.len());
    for id in &request.notices {
        checked.push(if !seen.insert(id) {
            Err(ViolationKind::Duplicate)
        } else if undelivered::is_kept(unit.conn(), *id).await? {
            Ok(())
        } else {
            Err(ViolationKind::NotFound { noun: EntityKind::Notice })
        });
    }
    violations.check_each("ids", checked);
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    for id in &request.notices {
        undelivered::resend(unit.conn_mut(), *id, request.now).await?;
        record_staff(unit, *id, request.viewer, "noticeResend", request.now).await?;
    }
    Ok(Ok(()))
}
