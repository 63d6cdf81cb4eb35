//! Selection of reports for a bulk decision by staff, by origin, time, quantity and text.

use jiff::Timestamp;

use super::{BudgetSource, Report, ReportRevision, ReportState};
use crate::{
    CampaignId,
    total::{LetterCounts, Lines},
};

/// A filter for reports of a campaign: those that are held or count and match all criteria given here.
///
/// ```
/// use domain::{CampaignId, report::ReportSelection};
/// let all = ReportSelection::of(CampaignId::new(uuid::Uuid::nil()));
/// assert_eq!(all.state, None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReportSelection {
    /// The campaign.
    pub campaign: CampaignId,
    /// Only what is held, or only what counts.
    pub state: Option<ReportState>,
    /// Only from the address with this mark.
    pub address: Option<[u8; 16]>,
    /// Only from the network with this mark.
    pub network: Option<[u8; 16]>,
    /// Only what came in at or after this instant.
    pub received_from: Option<Timestamp>,
    /// Only what came in before this instant.
    pub received_before: Option<Timestamp>,
    /// Only reports of at least this quantity.
    pub quantity_least: Option<u64>,
    /// Only reports of at most this quantity.
    pub quantity_most: Option<u64>,
    /// Only what has these words in its note, in capitals or not.
    pub text: Option<String>,
}

/// How much was selected.
///
/// ```
/// assert_eq!(domain::report::SelectedReports::default().reports, 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SelectedReports {
    /// How many reports.
    pub reports: u64,
    /// How many of them are held.
    pub pending_review: u64,
    /// Letters in them.
    pub letters: u64,
    /// Actions in them, including letters.
    pub actions: u64,
}

impl ReportSelection {
    /// All reports of a campaign that are held or count.
    #[must_use]
    pub const fn of(campaign: CampaignId) -> Self {
        Self {
            campaign,
            state: None,
            address: None,
            network: None,
            received_from: None,
            received_before: None,
            quantity_least: None,
            quantity_most: None,
            text: None,
        }
    }

    /// The revision for which a report is meant: the one that is held, else the one that counts. `None` if the report
    /// is not meant.
    #[must_use]
    pub fn find<'r>(&self, report: &'r Report) -> Option<&'r ReportRevision> {
        let revision = report.pending_revision().or_else(|| report.counted_revision())?;
        (report.campaign_id == self.campaign && self.fits(revision)).then_some(revision)
    }

    fn fits(&self, revision: &ReportRevision) -> bool {
        let quantity = revision.content.quantity();
        let is_from = |wanted: Option<[u8; 16]>, mark: fn(&BudgetSource) -> [u8; 16]| {
            wanted.is_none_or(|wanted| revision.source.as_ref().map(mark) == Some(wanted))
        };
        let staff_note = || revision.content.staff_note.as_deref().unwrap_or_default().to_lowercase();
        self.state.is_none_or(|state| revision.state == state)
            && is_from(self.address, |source| source.address)
            && is_from(self.network, |source| source.network)
            && self.received_from.is_none_or(|from| revision.received_at >= from)
            && self.received_before.is_none_or(|before| revision.received_at < before)
            && self.quantity_least.is_none_or(|least| quantity >= least)
            && self.quantity_most.is_none_or(|most| quantity <= most)
            && self.text.as_ref().is_none_or(|text| note().contains(&text.to_lowercase()))
    }
}

impl SelectedReports {
    /// Adds a report by the revision for which it is meant.
    pub fn add(&mut self, revision: &ReportRevision) {
        let LetterCounts { letters, actions } = amount(&revision.content.lines);
        self.reports += 1;
        self.pending_review += u64::from(revision.state == ReportState::PendingReview);
        self.letters += letters;
        self.actions += actions;
    }
}

/// How many letters and actions the lines contain.
fn amount(lines: &Lines) -> LetterCounts {
    let mut amount = LetterCounts::default();
    for (&(_, kind), &quantity) in lines {
        amount.actions += quantity;
        amount.letters += if kind.is_letter() { quantity } else { 0 };
    }
    amount
}
