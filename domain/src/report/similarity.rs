//! Reports that look as if they told of the same letters twice, for staff to look at.
//!
//! Nothing is decided by it: two classes of a school write the same number, and a school that reports day by day may
//! report the letters of each day. So staff see the earlier report beside the later one.

use jiff::SignedDuration;

use super::{Report, ReportRevision};
use crate::{string_enum::string_enum, total::Lines};

/// The least number of actions of reports that are compared. Two people often write the same small number.
pub const MIN_COMPARED: u64 = 20;
/// How long after an earlier report one with the same lines looks like its repetition: as long as it takes to send a
/// form again that did not seem to go through.
pub const DUPLICATE_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// How long after an earlier report one that contains it looks like the figure so far. The origins of reports are kept for
/// as long.
pub const CUMULATIVE_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

string_enum! {
    /// What a report looks like beside an earlier one.
    ///
    /// ```
    /// assert_eq!(domain::report::Similarity::LooksDuplicate.as_str(), "LOOKS_DUPLICATE");
    /// ```
    pub enum Similarity {
        /// It has the same lines and the same number of people: perhaps it was sent twice.
        LooksDuplicate = "LOOKS_DUPLICATE",
        /// It has all lines of the earlier one, and more: perhaps it is the figure so far, and should have been a
        /// correction of that.
        LooksCumulative = "LOOKS_CUMULATIVE",
    }
}

impl Report {
    /// What this report looks like beside an earlier one from the same address or about the same event. `None` if
    /// they do not look alike, or if one of them does not count and does not await review.
    #[must_use]
    pub fn similarity(&self, earlier: &Self) -> Option<Similarity> {
        let (this, before) = (meant(self)?, meant(earlier)?);
        if self.id == earlier.id || self.campaign_id != earlier.campaign_id || !has_same_origin(self, earlier)
        {
            return None;
        }
        let age = this.received_at.duration_since(before.received_at);
        // Identities are drawn in the order of arrival, also of two in one instant.
        let is_later = (before.received_at, earlier.id) < (this.received_at, self.id);
        if !is_later || before.content.quantity() < MIN_COMPARED {
            return None;
        }
        let (lines, former) = (&this.content.lines, &before.content.lines);
        if lines == former && this.content.people == before.content.people {
            return (age <= DUPLICATE_WITHIN).then_some(Similarity::LooksDuplicate);
        }
        (contains(lines, former) && age <= CUMULATIVE_WITHIN).then_some(Similarity::LooksCumulative)
    }
}

/// The revision that staff would decide about: the one that is held, else the one that counts.
fn meant(report: &Report) -> Option<&ReportRevision> {
    report.pending_revision().or_else(|| report.counted_revision())
}

fn has_same_origin(one: &Report, other: &Report) -> bool {
    let address = |report: &Report| report.latest().source.as_ref().map(|source| source.address);
    let event = |report: &Report| report.at.map(|at| at.event);
    let is_same_address = address(one).is_some() && address(one) == address(other);
    let is_same_event = event(one).is_some() && event(one) == event(other);
    // The host reports for all, so that a guest's letters are in the host's report by its nature.
    let is_host = |report: &Report| report.at.is_some_and(|at| at.is_by_host());
    (is_same_address || is_same_event) && !(is_same_event && (is_host(one) || is_host(other)))
}

/// Whether these lines have at least as much as others in each line, and more in all.
fn contains(lines: &Lines, others: &Lines) -> bool {
    let has = |line| lines.get(line).copied().unwrap_or_default();
    let sum = |lines: &Lines| lines.values().sum::<u64>();
    others.iter().all(|(line, &quantity)| has(line) >= quantity) && sum(lines) > sum(others)
}
