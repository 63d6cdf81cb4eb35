//! What the random history compares of the past: totals at random instants, and the series of hours, with the model's
//! replay up to then.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{CASES, History, NOON, model::Case, retries::data};
use crate::harness::at;

/// The letters of a total that was never counted are null, and zero once it was.
fn letters(total: &Value) -> u64 {
    if total.is_null() { 0 } else { total["letters"].as_u64().expect("a number") }
}

impl History {
    /// An instant from before the first act until after the last one.
    fn instant(&mut self) -> Timestamp {
        let micros = (self.seconds + 7_200) as usize * 1_000_000;
        let some = SignedDuration::from_micros(self.dice.below(micros) as i64);
        let instant = at(NOON) - SignedDuration::from_hours(1) + some;
        // Every other one is the very instant of an act, or the last one before it.
        match (self.dice.below(4), self.world.timeline.len()) {
            (_, 0) => instant,
            (0, acts) => self.world.timeline[self.dice.below(acts)].0,
            (1, acts) => self.world.timeline[self.dice.below(acts)].0 - SignedDuration::from_micros(1),
            _ => instant,
        }
    }

    /// Compares totals at random instants, of every kind of scope.
    pub(super) async fn assert_totals_at(&mut self, instants: usize) {
        let case = |slug: &str| {
            let alias = slug.replace('-', "_");
            let at = "totalAt(instant: $at";
            format!(
                "{alias}: case(edition: 2021, slug: \"{slug}\") {{ world: {at}) {{ letters people }}
                section: {at}, section: \"ca\") {{ letters }} }}"
            )
        };
        let query = format!(
            "query($at: DateTime!) {{ edition(year: 2021) {{ totalAt(instant: $at) {{ letters }} }}
            campaign(edition: 2021, section: \"ca\") {{ totalAt(instant: $at) {{ letters }} }} {} }}",
            CASES.map(case).join(" ")
        );
        for _ in 0..instants {
            let instant = self.instant();
            let expected = self.world.total_at(instant);
            let process = self.process();
            let told = data(&self.processes[process].anyone(), &query, json!({ "at": instant })).await;
            assert_eq!(letters(&told["edition"]["totalAt"]), expected.letters, "{instant}");
            assert_eq!(letters(&told["campaign"]["totalAt"]), expected.letters, "{instant}");
            for (number, slug) in CASES.iter().enumerate() {
                let case = &told[slug.replace('-', "_")];
                let expected = expected.by_case.get(&Some(number)).copied().unwrap_or_default();
                assert_eq!(letters(&case["world"]), expected, "{slug} at {instant}");
                assert_eq!(letters(&case["section"]), expected, "{slug} in the section at {instant}");
            }
        }
    }

    /// Compares the series of hours: its points are the totals at their ends, and each change is in one of them.
    pub(super) async fn assert_history(&mut self) {
        let case = |slug: &str| format!("case(edition: 2021, slug: \"{slug}\")");
        let scopes = CASES.iter().enumerate().map(|(number, slug)| (case(slug), Some(Some(number))));
        let whole = ["edition(year: 2021)", "campaign(edition: 2021, section: \"ca\")"];
        let scopes = scopes.chain(whole.map(|scope| (scope.to_owned(), None::<Case>)));
        for (name, case) in scopes {
            let expected = |instant: Timestamp| {
                let total = self.world.total_at(instant);
                case.map_or(total.letters, |case| total.by_case.get(&case).copied().unwrap_or_default())
            };
            let query =
                format!("{{ scope: {name} {{ history(resolution: HOUR, last: 500) {{ from letters }} }} }}");
            let told = data(&self.processes[0].anyone(), &query, json!({})).await;
            let points = told["scope"]["history"].as_array().expect("points");
            let points: BTreeMap<Timestamp, u64> = points
                .iter()
                .map(|point| (at(point["from"].as_str().expect("an instant")), letters(point)))
                .collect();
            for hour in 0..=self.seconds / 3_600 {
                let end = at(NOON) + SignedDuration::from_hours(hour + 1) - SignedDuration::from_micros(1);
                let last = points.range(..=end).next_back().map_or(0, |(_, letters)| *letters);
                assert_eq!(last, expected(end), "{name} until {end}: {points:?}");
            }
        }
    }
}
