//! What the section states for itself in the random history: one figure, which may contain the reports.

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    History,
    model::Statement,
    retries::{change, data},
};
use crate::harness::{PATIENCE, user_errors, with};

const STATEMENTS: &str =
    "{ campaign(edition: 2021, section: \"ca\") { statements { id revision withdrawnAt } } }";

impl History {
    /// States a figure, replaces it, or withdraws it.
    pub(super) async fn restate(&mut self) {
        let (process, key) = (self.process(), self.key());
        let staff = self.processes[process].bearer(&self.processes[0].administrator);
        let withdraws = self.world.statement.is_some() && self.dice.below(4) == 0;
        let figure =
            Statement { quantity: self.dice.below(3_000) as u64, contains_reports: self.dice.below(2) == 0 };
        let content = json!({ "quantity": figure.quantity, "containsReports": figure.contains_reports,
            "qualifier": "EXACT", "status": "RUNNING" });
        let scope = json!({ "extent": "SECTION", "kind": "UNSPECIFIED_LETTER", "origin": "SECTION" });
        let before = self.world.total();
        let restated = async {
            let mut is_tried = false;
            loop {
                // This process may not have heard of the newest revision yet.
                let mut campaign = data(&staff, STATEMENTS, json!({})).await["campaign"].take();
                let known = campaign["statements"].as_array_mut().expect("statements");
                let holding = known.iter_mut().find(|one| one["withdrawnAt"].is_null()).map(Value::take);
                let (mutation, input) = match (holding, self.world.statement.is_some()) {
                    (None, false) => {
                        let new = json!({ "campaign": self.campaign, "scope": scope, "idempotencyKey": key });
                        ("statementCreate", with(content.clone(), new))
                    }
                    (Some(known), true) => {
                        let which = json!({ "id": known["id"], "expectedRevision": known["revision"],
                            "reason": "It was counted again." });
                        if withdraws {
                            ("statementWithdraw", which)
                        } else {
                            ("statementRevise", with(content.clone(), which))
                        }
                    }
                    // The first try was committed before the connection was cut.
                    (None, true) if withdraws && is_tried => break,
                    _ => continue,
                };
                is_tried = true;
                let done = change(&staff, mutation, "statement { id }", input).await;
                if user_errors(&done).is_empty() {
                    break;
                }
                assert_eq!(user_errors(&done), ["expectedRevision STALE_REVISION"], "{mutation}");
            }
        };
        timeout(PATIENCE, restated).await.expect("it can be stated");
        self.world.statement = (!withdraws).then_some(figure);
        self.assert_total(process, &before).await;
    }
}
