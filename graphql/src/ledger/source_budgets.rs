//! From where the reports of one transaction come, and what their hourly budgets still let count.
//!
//! Budgets are kept in the database and changed behind the lock of the edition, so that all processes share them.
//! Reports without a budget by their source (those of staff, of hosts and of files) cost no
//! statement here.

use std::collections::{BTreeSet, HashMap};

use domain::{
    CampaignId, Report, ReportId,
    report::{BudgetAccount, BudgetExcess, BudgetSource, BudgetUse, ReportBudgets, ReportSource},
};
use jiff::Timestamp;

use super::{Action, Command};
use crate::{
    credentials::SecretHash,
    database::{self, Connection, ledger::LedgerWrites, reports},
    idempotency::IdempotencyRecord,
    source::{Scope, SourceKey},
};

/// The hour of a budget, in seconds.
const BUDGET_WINDOW: i64 = 3_600;

/// The budgets of all that comes in by the commands of one transaction.
pub(super) struct SourceBudgets {
    budgets: ReportBudgets,
    key: Option<SourceKey>,
    spent: HashMap<SecretHash, BudgetUse>,
    // What is to be stored, with the end of its hour.
    changed: HashMap<SecretHash, Timestamp>,
    /// What came before from addresses that may go beyond their budgets now.
    pub(super) earlier: BTreeSet<ReportId>,
}

/// Where a new report or a correction is counted, and from where it comes.
#[derive(Clone, Copy)]
pub(super) struct SourceOrigin {
    campaign: CampaignId,
    pub(super) source: BudgetSource,
    accounts: [SecretHash; 3],
    hour: i64,
}

impl SourceBudgets {
    /// The budgets of new reports and of corrections of `reports`.
    pub(super) async fn load(
        connection: &mut Connection,
        (budgets, key): (ReportBudgets, Option<SourceKey>),
        commands: &[Command],
        used: &HashMap<SecretHash, IdempotencyRecord>,
        reports: &HashMap<ReportId, reports::StoredReport>,
    ) -> Result<Self, database::Error> {
        let mut sources =
            Self { budgets, key, spent: HashMap::new(), changed: HashMap::new(), earlier: BTreeSet::new() };
        let mut coming: HashMap<SecretHash, (SourceOrigin, BudgetUse)> = HashMap::new();
        for command in commands.iter().filter(|command| !used.contains_key(&command.key)) {
            let report = command.action.report().and_then(|id| reports.get(&id));
            let Some((campaign, actions)) = counted(command, report) else { continue };
            let Some(origin) = sources.origin(command, campaign) else { continue };
            let [address, ..] = origin.accounts;
            let (_, spent) = coming.entry(address).or_insert((origin, BudgetUse::default()));
            spent.reports += 1;
            spent.actions += actions;
        }
        let hashes: BTreeSet<SecretHash> = coming.values().flat_map(|(origin, _)| origin.accounts).collect();
        if !hashes.is_empty() {
            sources.spent = database::budgets::spent(connection, hashes.into_iter().collect()).await?;
        }
        for (address, (origin, coming)) in coming {
            let spent = sources.spent.get(&address).copied().unwrap_or_default();
            let all = BudgetUse {
                reports: spent.reports + coming.reports,
                actions: spent.actions + coming.actions,
                ..spent
            };
            if !spent.exceeded && sources.budgets.address.is_exceeded_by(&all) {
                let since = Timestamp::from_second(origin.hour * BUDGET_WINDOW).unwrap_or(Timestamp::MIN);
                let ids =
                    reports::from_address(connection, origin.campaign, origin.source.address, since).await?;
                sources.earlier.extend(ids);
            }
        }
        Ok(sources)
    }

    /// From where a command comes that is counted in this campaign; none for staff, whose reports have no budget, and
    /// if the source is unknown.
    pub(super) fn origin(&self, command: &Command, campaign: CampaignId) -> Option<SourceOrigin> {
        let (key, address) = self.key.zip(command.address)?;
        if command.viewer.staff().is_some() {
            return None;
        }
        let hour = command.now.as_second().div_euclid(BUDGET_WINDOW);
        let accounts = [Scope::Address(address), Scope::Network(address), Scope::Campaign]
            .map(|scope| key.budget(scope, campaign, hour));
        Some(SourceOrigin { campaign, source: key.source(address), accounts, hour })
    }

    /// Takes so many more actions from the budgets of a report that is to count, or says what becomes of it. Says too
    /// whether its address is found to be beyond its budget by this report.
    pub(super) fn take(&mut self, origin: SourceOrigin, actions: u64) -> (Result<(), BudgetExcess>, bool) {
        let mut account = self.account(origin);
        let was_exceeded = account.address.exceeded;
        let taken = self.budgets.take(&mut account, actions);
        self.keep(origin, account);
        (taken, account.address.exceeded && !was_exceeded)
    }

    /// Takes note of a report that is held for another reason.
    pub(super) fn require_review(&mut self, origin: SourceOrigin) -> Result<(), BudgetExcess> {
        let mut account = self.account(origin);
        let held = self.budgets.require_review(&mut account);
        self.keep(origin, account);
        held
    }

    /// Whether a report that counts came from the address of this origin in the same hour, of which neither a host nor
    /// staff have said so.
    pub(super) fn is_of_surge(origin: SourceOrigin, report: &Report) -> bool {
        let is_host = report.at.is_some_and(|at| at.is_by_host());
        !is_host
            && report.campaign_id == origin.campaign
            && report.counted_revision().is_some_and(|revision| {
                let mark = revision.source.map(|source| source.address);
                revision.decided_at.is_none()
                    && mark == Some(origin.source.address)
                    && revision.received_at.as_second().div_euclid(BUDGET_WINDOW) == origin.hour
            })
    }

    /// Gives back what a report of the same address and hour had taken.
    pub(super) fn give_back(&mut self, origin: SourceOrigin, actions: u64) {
        let mut account = self.account(origin);
        account.network.refund(actions);
        account.campaign.refund(actions);
        self.keep(origin, account);
    }

    /// Leaves what was taken to be stored.
    pub(super) fn store(&self, entries: &mut LedgerWrites) {
        for (budget, ends_at) in &self.changed {
            entries.budget(*budget, &self.spent[budget], *ends_at);
        }
    }

    fn account(&self, origin: SourceOrigin) -> BudgetAccount {
        let [address, network, campaign] =
            origin.accounts.map(|budget| self.spent.get(&budget).copied().unwrap_or_default());
        BudgetAccount { address, network, campaign }
    }

    fn keep(&mut self, origin: SourceOrigin, account: BudgetAccount) {
        let ends_at = Timestamp::from_second((origin.hour + 1) * BUDGET_WINDOW).unwrap_or(Timestamp::MAX);
        let BudgetAccount { address, network, campaign } = account;
        for (budget, spent) in origin.accounts.into_iter().zip([address, network, campaign]) {
            self.spent.insert(budget, spent);
            self.changed.insert(budget, ends_at);
        }
    }
}

/// Where a new report or a correction is counted, and how much it says more than before; none for anything else.
fn counted(command: &Command, stored: Option<&reports::StoredReport>) -> Option<(CampaignId, u64)> {
    match &command.action {
        Action::Submit { campaign, submission, author: ReportSource::Writer, .. } => {
            Some((*campaign, submission.content().quantity()))
        }
        Action::Correct { submission, .. } | Action::Update { submission, .. } => {
            Some((stored?.report.campaign_id, submission.content().quantity()))
        }
        Action::Submit { .. } | Action::Withdraw { .. } | Action::Review { .. } | Action::Object { .. } => {
            None
        }
    }
}
