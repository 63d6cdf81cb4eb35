//! Sending notices again of which nobody knows whether they arrived. Staff decide: it may be the second time.

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
    /// Who says so.
    pub viewer: Viewer,
    /// When.
    pub now: Timestamp,
}

/// Sends notices again: all of them, or none.
///
/// # Errors
/// That of the database. The rules that say no are [`Rule::TooFew`], [`Rule::TooMany`], [`Rule::Repeated`] and
/// [`Rule::NotFound`] for what is known to have arrived or not, or is forgotten.
pub async fn resend(gathering: &mut UnitOfWork<'_>, asked: &ResendNotices) -> OperationResult<()> {
    match asked.notices.len() {
        0 => return Ok(Err(Violations::from(Violation::at(["ids"], ViolationKind::TooFew)))),
        1..=MAX_RESENT => {}
        _ => {
            return Ok(Err(Violations::from(Violation::at(
                ["ids"],
                ViolationKind::TooMany { most: MAX_RESENT },
            ))));
        }
    }
    let (mut violations, mut seen) = (Violations::default(), BTreeSet::new());
    let mut checked = Vec::with_capacity(asked.notices.len());
    for id in &asked.notices {
        checked.push(if !seen.insert(id) {
            Err(ViolationKind::Repeated)
        } else if undelivered::is_kept(gathering.conn(), *id).await? {
            Ok(())
        } else {
            Err(ViolationKind::NotFound { noun: EntityKind::Notice })
        });
    }
    violations.check_each("ids", checked);
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    for id in &asked.notices {
        undelivered::resend(gathering.conn_mut(), *id, asked.now).await?;
        record_staff(gathering, *id, asked.viewer, "noticeResend", asked.now).await?;
    }
    Ok(Ok(()))
}
