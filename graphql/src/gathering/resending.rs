//! Sending notices again of which nobody knows whether they arrived. Staff decide: it may be the second time.

use std::collections::BTreeSet;

use domain::{Rule, Violation, Violations, violation::Noun};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Decided, Gathering, record_staff};
use crate::{database::uncertain, secret::Credential};

/// How many are sent again at once: a page of the list.
pub const RESENT_MOST: usize = 100;

/// Notices that are to be sent again.
#[derive(Clone, Debug)]
pub struct Resending {
    /// Which ones.
    pub notices: Vec<Uuid>,
    /// Who says so.
    pub credential: Credential,
    /// When.
    pub now: Timestamp,
}

/// Sends notices again: all of them, or none.
///
/// # Errors
/// That of the database. The rules that say no are [`Rule::TooFew`], [`Rule::TooMany`], [`Rule::Repeated`] and
/// [`Rule::NotFound`] for what is known to have arrived or not, or is forgotten.
pub async fn resend(gathering: &mut Gathering<'_>, asked: &Resending) -> Decided<()> {
    match asked.notices.len() {
        0 => return Ok(Err(vec![Violation::at(["ids"], Rule::TooFew)])),
        1..=RESENT_MOST => {}
        _ => return Ok(Err(vec![Violation::at(["ids"], Rule::TooMany { most: RESENT_MOST })])),
    }
    let (mut violations, mut seen) = (Violations::default(), BTreeSet::new());
    let mut checked = Vec::with_capacity(asked.notices.len());
    for id in &asked.notices {
        checked.push(if !seen.insert(id) {
            Err(Rule::Repeated)
        } else if uncertain::is_kept(gathering.reading(), *id).await? {
            Ok(())
        } else {
            Err(Rule::NotFound { noun: Noun::Notice })
        });
    }
    violations.keep_all("ids", checked);
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    for id in &asked.notices {
        uncertain::resend(gathering.writing(), *id, asked.now).await?;
        record_staff(gathering, *id, asked.credential, "noticeResend", asked.now).await?;
    }
    Ok(Ok(()))
}
