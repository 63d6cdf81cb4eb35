//! Model-based test: reports of events in a random order, counted by the event rule alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::REPORT;
use crate::harness::{
    Service, assert_recounted, at, campaign_id, case_id, events::approved, people::with_secret_of,
    user_errors, with,
};

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    /// A number from 0 to `sides - 1`.
    fn below(&mut self, sides: u64) -> u64 {
        // Knuth's MMIX generator; its high bits are the better ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Quantities by case and kind, as the reports of one side say them.
type Said = BTreeMap<(String, String), u64>;

/// What counts of an event, by case and kind, worked out from its reports and from nothing else.
fn by_the_event_rule(host: &Said, attendees: &Said) -> Said {
    let mut counted = Said::new();
    let kinds: BTreeSet<&String> = host.keys().chain(attendees.keys()).map(|(_, kind)| kind).collect();
    for kind in kinds {
        let whole = |side: &Said| side.iter().filter(|((_, of), _)| of == kind).map(|(_, q)| q).sum::<u64>();
        let mut named = 0;
        for (case, _) in
            host.keys().chain(attendees.keys()).filter(|(case, of)| of == kind && !case.is_empty())
        {
            let key = (case.clone(), kind.clone());
            let larger = host.get(&key).max(attendees.get(&key)).copied().unwrap_or(0);
            named += if counted.insert(key, larger).is_none() { larger } else { 0 };
        }
        let rest = whole(host).max(whole(attendees)).max(named) - named;
        counted.insert((String::new(), kind.clone()), rest);
    }
    counted
}

#[tokio::test(flavor = "multi_thread")]
async fn the_total_of_an_event_depends_on_its_current_reports_and_not_on_their_order() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let mut events = Vec::new();
    for name in ["one", "two", "three"] {
        events.push(approved(&service, &format!("evening number {name}"), json!({})).await);
    }
    let cases = [Value::Null, case_id(&anyone, "rung").await, case_id(&anyone, "sphere").await];
    let campaign = campaign_id(&anyone, "ca").await;
    service.clock.set(at("2021-12-11T02:00:00Z"));
    let mut dice = Dice(2021);
    // Each report with its secret and its newest revision.
    let mut known: Vec<(Value, String, u64)> = Vec::new();
    for turn in 0..90_u64 {
        let is_late = turn >= 60;
        if turn == 60 {
            service.clock.set(at("2022-02-03T12:00:00Z"));
        }
        let key = format!("turn-number-{turn}-of-many");
        let lines: Vec<Value> = (0..=dice.below(3))
            .map(|_| {
                let case = &cases[usize::try_from(dice.below(3)).expect("small")];
                let kind = ["APPEAL_LETTER", "EMAIL"][usize::from(dice.below(3) == 0)];
                json!({ "case": case, "kind": kind, "quantity": 1 + dice.below(250) })
            })
            .collect();
        let said = json!({ "lines": lines, "idempotencyKey": key });
        if known.is_empty() || dice.below(2) == 0 {
            let mut input = with(said, json!({ "campaign": campaign }));
            let event = &events[usize::try_from(dice.below(3)).expect("small")];
            let side = dice.below(3);
            if side > 0 {
                let of_event = json!({ "event": event["event"]["id"], "asHost": side == 1 });
                input = with(input, of_event);
            }
            let client = match (is_late, side) {
                (true, _) => staff.clone(),
                (false, 1) => with_secret_of(&service, event),
                (false, _) => anyone.clone(),
            };
            let done = client.change("reportSubmit", &format!("{REPORT} secret"), input).await;
            match user_errors(&done)[..] {
                [] => known.push((
                    done["report"]["id"].clone(),
                    done["secret"].as_str().expect("a secret").to_owned(),
                    1,
                )),
                ref refused => assert_eq!(refused, ["event EVENT_REPORTED"]),
            }
        } else {
            let chosen = usize::try_from(dice.below(known.len() as u64)).expect("small");
            let (id, secret, revision) = &mut known[chosen];
            let change = json!({ "id": id, "expectedRevision": revision, "reason": "Counted again.",
                "idempotencyKey": key });
            let client = if is_late { staff.clone() } else { service.bearer(secret) };
            let done = match dice.below(4) {
                0 => client.change("reportWithdraw", REPORT, change).await,
                1 => {
                    let decision = ["ACCEPT", "REJECT"][usize::try_from(dice.below(2)).expect("small")];
                    let change = with(change, json!({ "decision": decision }));
                    staff.change("reportReview", REPORT, change).await
                }
                _ => client.change("reportCorrect", REPORT, with(change, json!({ "lines": lines }))).await,
            };
            match user_errors(&done)[..] {
                [] => *revision = done["report"]["revision"].as_u64().expect("a revision"),
                // Nothing is held there, or it was taken back before.
                ref refused => assert!(refused[0].ends_with("REPORT_STATE_INVALID"), "{refused:?}"),
            }
        }
    }
    assert_recounted(&service.fresh).await;

    // For each event (and for none of them) and each side: what was said in time, and in all.
    let mut told: BTreeMap<(String, bool), [Said; 2]> = BTreeMap::new();
    for (id, _, _) in &known {
        let query = "query($id: ID!) { report(id: $id) { asHost event { id }
            counting { late lines { case { slug } kind quantity } } } }";
        let report = staff.data(query, json!({ "id": id })).await["report"].take();
        let event = report["event"]["id"].as_str().unwrap_or_default().to_owned();
        let side = told.entry((event, report["asHost"] == true)).or_default();
        for line in report["counting"]["lines"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let key = (text(&line["case"]["slug"]), text(&line["kind"]));
            let quantity = line["quantity"].as_u64().expect("a count");
            let from = usize::from(report["counting"]["late"] == true);
            for said in &mut side[from..] {
                *said.entry(key.clone()).or_default() += quantity;
            }
        }
    }
    let counted = |which: usize| {
        let nothing = Said::new();
        let of =
            |event: &str, host| told.get(&(event.to_owned(), host)).map_or(&nothing, |said| &said[which]);
        let mut counted = of("", false).clone();
        for event in &events {
            let id = event["event"]["id"].as_str().expect("an id");
            for (key, quantity) in by_the_event_rule(of(id, true), of(id, false)) {
                *counted.entry(key).or_default() += quantity;
            }
        }
        counted
    };
    let (in_time, all) = (counted(0), counted(1));
    let sum = |said: &Said, case: Option<&str>| -> u64 {
        said.iter()
            .filter(|((of, _), _)| case.is_none_or(|case| of == case))
            .map(|(_, quantity)| quantity)
            .sum()
    };
    let query =
        "{ edition(year: 2021) { total { actions late { actions } byCase { case { slug } actions } } } }";
    let total = anyone.data(query, json!({})).await["edition"]["total"].take();
    assert_eq!(total["actions"], sum(&all, None));
    assert_eq!(total["late"]["actions"], sum(&all, None) - sum(&in_time, None));
    for part in total["byCase"].as_array().expect("parts") {
        let case = part["case"]["slug"].as_str().unwrap_or_default();
        assert_eq!(part["actions"], sum(&all, Some(case)), "{case}");
    }
    assert!(sum(&all, Some("rung")) > 0 && sum(&in_time, None) > 0 && told.len() > 4, "{told:?}");
}
