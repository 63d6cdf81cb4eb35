//! What the random history compares: totals and addresses of each process with the model.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    CASES, History,
    model::Total,
    retries::{address_of, data},
};
use crate::harness::{PATIENCE, w4r};

impl History {
    /// What the process gives, having made the last change itself: no address of a case that is suspended; and those of
    /// the others, as soon as it may go by its database.
    pub(super) async fn assert_addresses(&self, process: usize) {
        let client = self.processes[process].anyone();
        for (case, suspended) in CASES.iter().zip(&self.world.suspended) {
            assert!(!(*suspended && address_of(&client, case).await), "{case}");
            let given = async { while address_of(&client, case).await == *suspended {} };
            timeout(PATIENCE, given).await.expect("the address of a published case");
        }
    }

    /// What the process shows that has just made a change of the total. One that leaves the total as it was makes no
    /// new version, and what another process did before may not have been heard of yet.
    pub(super) async fn assert_total(&self, process: usize, before: &Total) {
        if self.world.total() == *before {
            return;
        }
        let shown = self.shown(process).await;
        assert_eq!(shown, self.world.total(), "process {process} after {} acts with a key", self.keys);
    }

    pub(super) async fn shown(&self, process: usize) -> Total {
        let query = "{ edition(year: 2021) { total {
            letters pendingReview { letters } byCase { case { slug } letters } } } }";
        let total =
            data(&self.processes[process].anyone(), query, json!({})).await["edition"]["total"].take();
        let mut by_case = BTreeMap::new();
        for part in total["byCase"].as_array().expect("parts") {
            let slug = part["case"]["slug"].as_str();
            let case =
                slug.map(|slug| CASES.iter().position(|known| *known == slug).expect("a case of ours"));
            by_case.insert(case, part["letters"].as_u64().expect("a number"));
        }
        by_case.retain(|_, letters| *letters > 0);
        let number = |of: &Value| of["letters"].as_u64().expect("a number");
        Total { letters: number(&total), by_case, held: number(&total["pendingReview"]) }
    }

    /// Waits until both processes have heard of all that was done, and compares everything.
    pub(super) async fn agree(&self) {
        for (process, service) in self.processes.iter().enumerate() {
            let expected = self.world.total();
            let told = async { while self.shown(process).await != expected {} };
            let waited = timeout(PATIENCE, told).await;
            assert!(waited.is_ok(), "process {process}: {:?} is not {expected:?}", self.shown(process).await);
            let client = service.anyone();
            for (case, suspended) in CASES.iter().zip(&self.world.suspended) {
                let told = async { while address_of(&client, case).await == *suspended {} };
                timeout(PATIENCE, told).await.expect("the state of the case");
            }
        }
        let recount = w4r(&self.processes[0].fresh.url, &["recount"]).await;
        assert_eq!(recount.code, 0, "{recount:?}");
    }
}
