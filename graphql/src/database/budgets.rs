//! Hourly budgets of addresses, networks and campaigns: one row for each that was used.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::report::BudgetUse;
use jiff::Timestamp;

use super::{
    Connection, Error, Inner, bulk_insert::bulk_insert, schema::report_budgets, sql_types::SqlTimestamp,
};
use crate::credentials::SecretHash;

/// The used part of budgets, by their hashes; unused ones are omitted. The caller holds the lock of the
/// campaign's edition.
///
/// # Errors
/// A database error.
pub async fn spent(
    connection: &mut Connection,
    budgets: Vec<SecretHash>,
) -> Result<HashMap<SecretHash, BudgetUse>, Error> {
    let hashes: Vec<String> = budgets.iter().map(ToString::to_string).collect();
    let rows: Vec<BudgetRow> = match connection.inner() {
        // For SQLite a list of another length is another statement; a single look-up is always the
        // same.
        Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                let find = |hash| {
                    let query = report_budgets::table.find(hash);
                    diesel::RunQueryDsl::get_result(query, c).optional().transpose()
                };
                hashes.into_iter().filter_map(find).collect::<QueryResult<_>>()
            })
            .await?
        }
        Inner::Postgres(c) => {
            report_budgets::table.filter(report_budgets::budget_hash.eq_any(hashes)).load(c).await?
        }
    };
    rows.into_iter()
        .map(BudgetRow::read)
        .collect::<Option<_>>()
        .ok_or_else(|| Error::broken("a stored budget is not what it should be"))
}

#[derive(Queryable)]
pub(super) struct BudgetRow {
    budget_hash: String,
    ends_at: SqlTimestamp,
    reports: i64,
    actions: i64,
    pending_review: i64,
    exceeded: bool,
}

bulk_insert!(
    BudgetRow, report_budgets, budget_hash, ends_at, reports, actions, pending_review, exceeded;
    "ON CONFLICT (budget_hash) DO UPDATE
     SET reports = excluded.reports, actions = excluded.actions, pending_review = excluded.pending_review, exceeded = excluded.exceeded"
);

impl BudgetRow {
    pub(super) fn of(budget: SecretHash, spent: &BudgetUse, ends_at: Timestamp) -> Self {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            budget_hash: budget.to_string(),
            ends_at: SqlTimestamp(ends_at),
            reports: number(spent.reports),
            actions: number(spent.actions),
            pending_review: number(spent.pending_review),
            exceeded: spent.exceeded,
        }
    }

    fn read(self) -> Option<(SecretHash, BudgetUse)> {
        let spent = BudgetUse {
            reports: self.reports.try_into().ok()?,
            actions: self.actions.try_into().ok()?,
            pending_review: self.pending_review.try_into().ok()?,
            exceeded: self.exceeded,
        };
        Some((SecretHash::parse(&self.budget_hash)?, spent))
    }
}
