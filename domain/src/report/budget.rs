//! Budgets: how much is counted within an hour before staff have reviewed it.
//!
//! One address, one network and one campaign have a budget each, of reports and of what these say. A report beyond
//! one of them is not refused, it is held. Where an address is beyond its budget, what it reported before in the
//! same hour is held too, since it belongs to the same surge.
//!
//! ```
//! use domain::report::{BudgetAccount, ReportBudgets, BudgetExcess, ReviewReason};
//! let (budgets, mut account) = (ReportBudgets::DEFAULT, BudgetAccount::default());
//! for _ in 0..10 {
//!     assert_eq!(budgets.take(&mut account, 500), Ok(()));
//! }
//! assert_eq!(budgets.take(&mut account, 1), Err(BudgetExcess::NeedsReview(ReviewReason::Address)));
//! assert!(account.address.exceeded);
//! ```

use super::ReviewReason;

/// How many reports of an address are held for each one that its budget lets count; more of them are refused. Staff
/// could not look at them, and each takes room.
const PENDING_PER_COUNTED: u64 = 5;

/// The origin of a report, as marks: they show whether two reports came from the same address or network, and
/// not from which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BudgetSource {
    /// The address: one of IPv4, or the 64 bits that a household has of IPv6.
    pub address: [u8; 16],
    /// The network around it: 24 bits of IPv4, 48 of IPv6.
    pub network: [u8; 16],
}

/// What may count within an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportBudget {
    /// So many reports.
    pub reports: u64,
    /// So many actions, letters among them.
    pub actions: u64,
}

/// The budgets of one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportBudgets {
    /// That of each address.
    pub address: ReportBudget,
    /// That of each network.
    pub network: ReportBudget,
    /// That of each campaign: of what came in from any address.
    pub campaign: ReportBudget,
}

/// What was taken from a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetUse {
    /// So many reports.
    pub reports: u64,
    /// So many actions.
    pub actions: u64,
    /// How many reports are held.
    pub pending_review: u64,
    /// Whether there was a report for which it did not suffice.
    pub exceeded: bool,
}

/// What was taken from the budgets that one report is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetAccount {
    /// That of its address.
    pub address: BudgetUse,
    /// That of its network.
    pub network: BudgetUse,
    /// That of its campaign.
    pub campaign: BudgetUse,
}

/// What becomes of a report for which a budget does not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetExcess {
    /// It is held.
    NeedsReview(ReviewReason),
    /// It is refused: so many of its address are held already.
    Refused,
}

impl ReportBudgets {
    /// An address: a school of a thousand pupils who each report five letters; as much as one event may say. A
    /// network: ten such schools. A campaign: what all of Canada wrote in weeks.
    pub const DEFAULT: Self = Self::of_address(ReportBudget { reports: 2_000, actions: 5_000 });
    /// Everything counts.
    pub const NONE: Self = {
        let all = ReportBudget { reports: u64::MAX, actions: u64::MAX };
        Self { address: all, network: all, campaign: all }
    };

    /// The budgets where each address has this one: ten times as much for a network, fifty times for a campaign.
    #[must_use]
    pub const fn of_address(address: ReportBudget) -> Self {
        Self { address, network: address.times(10), campaign: address.times(50) }
    }

    /// Takes a report with so many actions from the budgets, or returns why it is held or refused. Then nothing is taken,
    /// and only the address is found to be beyond its budget for the rest of the hour: one report that is too
    /// large for what a network has left keeps no other one out.
    ///
    /// # Errors
    /// [`BudgetExcess`] if one of them does not suffice.
    pub fn take(&self, account: &mut BudgetAccount, actions: u64) -> Result<(), BudgetExcess> {
        let BudgetAccount { address, network, campaign } = account;
        let reason = if address.exceeded || !self.address.suffices(address, actions) {
            address.exceeded = true;
            ReviewReason::Address
        } else if !self.network.suffices(network, actions) {
            ReviewReason::Network
        } else if !self.campaign.suffices(campaign, actions) {
            ReviewReason::Campaign
        } else {
            for spent in [address, network, campaign] {
                spent.reports += 1;
                spent.actions += actions;
            }
            return Ok(());
        };
        self.require_review(account)?;
        Err(BudgetExcess::NeedsReview(reason))
    }

    /// Takes note of a report that is held, for whatever reason.
    ///
    /// # Errors
    /// [`BudgetExcess::Refused`] if too many of the address are.
    pub fn require_review(&self, account: &mut BudgetAccount) -> Result<(), BudgetExcess> {
        let pending_review = &mut account.address.pending_review;
        if *pending_review >= self.address.reports.saturating_mul(PENDING_PER_COUNTED) {
            return Err(BudgetExcess::Refused);
        }
        *pending_review += 1;
        Ok(())
    }
}

impl ReportBudget {
    const fn times(self, factor: u64) -> Self {
        Self { reports: self.reports.saturating_mul(factor), actions: self.actions.saturating_mul(factor) }
    }

    /// Whether so much is more than the budget.
    #[must_use]
    pub const fn is_exceeded_by(self, spent: &BudgetUse) -> bool {
        spent.reports > self.reports || spent.actions > self.actions
    }

    const fn suffices(self, spent: &BudgetUse, actions: u64) -> bool {
        spent.reports < self.reports && spent.actions.saturating_add(actions) <= self.actions
    }
}

impl BudgetUse {
    /// Gives back what was taken for a report that does not count any more.
    pub fn refund(&mut self, actions: u64) {
        self.reports = self.reports.saturating_sub(1);
        self.actions = self.actions.saturating_sub(actions);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SMALL: ReportBudgets = ReportBudgets::of_address(ReportBudget { reports: 3, actions: 10 });

    #[test]
    fn a_budget_suffices_to_its_last_report_and_action() {
        let mut account = BudgetAccount::default();
        assert_eq!(SMALL.take(&mut account, 9), Ok(()));
        assert_eq!(SMALL.take(&mut account, 1), Ok(()));
        assert_eq!(account.campaign, BudgetUse { reports: 2, actions: 10, ..BudgetUse::default() });
        assert_eq!(SMALL.take(&mut account, 1), Err(BudgetExcess::NeedsReview(ReviewReason::Address)));
        let mut account = BudgetAccount::default();
        for _ in 0..3 {
            assert_eq!(SMALL.take(&mut account, 0), Ok(()));
        }
        assert_eq!(SMALL.take(&mut account, 0), Err(BudgetExcess::NeedsReview(ReviewReason::Address)));
    }

    #[test]
    fn an_address_beyond_its_budget_stays_so_and_a_network_takes_what_it_has_room_for() {
        let mut account = BudgetAccount::default();
        assert_eq!(SMALL.take(&mut account, 11), Err(BudgetExcess::NeedsReview(ReviewReason::Address)));
        assert_eq!(SMALL.take(&mut account, 1), Err(BudgetExcess::NeedsReview(ReviewReason::Address)));
        let spent = BudgetUse { reports: 1, actions: 95, ..BudgetUse::default() };
        let mut account = BudgetAccount { network: spent, ..BudgetAccount::default() };
        assert_eq!(SMALL.take(&mut account, 6), Err(BudgetExcess::NeedsReview(ReviewReason::Network)));
        assert_eq!(SMALL.take(&mut account, 5), Ok(()));
        let spent = BudgetUse { reports: 1, actions: 495, ..BudgetUse::default() };
        let mut account = BudgetAccount { campaign: spent, ..BudgetAccount::default() };
        assert_eq!(SMALL.take(&mut account, 6), Err(BudgetExcess::NeedsReview(ReviewReason::Campaign)));
        assert_eq!(SMALL.take(&mut account, 5), Ok(()));
    }

    #[test]
    fn an_address_has_so_many_reports_held_and_no_more() {
        let mut account = BudgetAccount::default();
        for _ in 0..15 {
            assert_eq!(SMALL.take(&mut account, 11), Err(BudgetExcess::NeedsReview(ReviewReason::Address)));
        }
        assert_eq!(SMALL.take(&mut account, 11), Err(BudgetExcess::Refused));
        assert_eq!(SMALL.require_review(&mut account), Err(BudgetExcess::Refused));
    }

    proptest! {
        #[test]
        fn never_more_is_taken_than_there_is(actions in prop::collection::vec(0_u64..8, 0..40)) {
            let mut account = BudgetAccount::default();
            let taken: Vec<u64> =
                actions.into_iter().filter(|actions| SMALL.take(&mut account, *actions).is_ok()).collect();
            for spent in [account.address, account.network, account.campaign] {
                prop_assert_eq!((spent.reports, spent.actions), (taken.len() as u64, taken.iter().sum::<u64>()));
            }
            prop_assert!(account.address.reports <= 3 && account.address.actions <= 10);
        }
    }
}
