//! Attacks: each is answered within bounds while a bystander is served.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::json;

use super::{
    attack::{self, Attack},
    bystander::Bystander,
};
use crate::harness::{SUBMIT, Service, campaign_id};

/// So many answers were begun and ended while an attack went on.
const ANSWERS: usize = 5;

impl Bystander {
    /// Waits until it was answered a few times from now on.
    pub async fn is_served(&mut self) {
        let before = self.answers.borrow().len();
        // The first of them may have been asked for earlier.
        if self.answers.wait_for(|answers| answers.len() > before + ANSWERS).await.is_err() {
            (&mut self.asking).await.expect("a bystander that is answered");
        }
    }
}

/// So many attack at the same time.
const ATTACKERS: usize = 4;

/// A service with letters in it, and a bystander that knows how many.
async fn service() -> (Service, Bystander) {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let input = json!({ "campaign": campaign_id(&anyone, "ca").await, "idempotencyKey": "three-true-letters",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 3 }] });
    anyone.payload(SUBMIT, json!({ "input": input })).await;
    let bystander = Bystander::at(service.address, r#"{"letters":3,"version":1}"#);
    (service, bystander)
}

/// Attacks until the bystander was answered often enough meanwhile.
async fn withstand(service: &Service, bystander: &mut Bystander, attack: Attack) {
    let (attack, enough) = (Arc::new(attack), Arc::new(AtomicBool::new(false)));
    let attackers: Vec<_> = (0..ATTACKERS)
        .map(|_| {
            let (attack, enough, address) = (Arc::clone(&attack), Arc::clone(&enough), service.address);
            tokio::spawn(async move {
                loop {
                    assert_eq!(attack.run(address).await, attack.answered, "{}", attack.name);
                    if enough.load(Ordering::Relaxed) {
                        return;
                    }
                }
            })
        })
        .collect();
    bystander.is_served().await;
    enough.store(true, Ordering::Relaxed);
    for attacker in attackers {
        attacker.await.expect("an attack that is answered as it should be");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attack_is_answered_within_bounds_while_a_bystander_is_told_the_total() {
    let (service, mut bystander) = service().await;
    for attack in attack::all() {
        withstand(&service, &mut bystander, attack).await;
    }
}
