//! What is measured: a report of three lines under a key, and ten cases with texts and totals.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use domain::{
    ActionKind, CampaignId, CaseId, ReportId,
    report::{Author, Draft, LineDraft, Submission},
};
use graphql::{
    catalogue::Catalogue,
    command,
    database::{self, Database},
    ledger::{Action, Command, Credential},
    secret::Hash,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// What reports are about.
pub(crate) struct Edition {
    campaign: CampaignId,
    cases: Vec<CaseId>,
    turn: AtomicUsize,
}

const DATA: &str = include_str!("../../data/edition-2021.json");

/// From now to Human Rights Day 2021.
pub(crate) fn shift_to_the_campaign() -> SignedDuration {
    let evening: Timestamp = "2021-12-11T00:00:00Z".parse().expect("an instant");
    evening.duration_since(Timestamp::now())
}

/// Imports the edition of 2021, with windows that are open today: the executable's clock is the
/// machine's.
pub(crate) async fn import(database: &Database, now: Timestamp) -> Arc<Edition> {
    let today = Timestamp::now().strftime("%Y").to_string();
    let data =
        DATA.replace("\"2022-01-31\"", &format!("\"{}-12-31\"", today.parse::<i32>().unwrap_or(2026) + 1));
    command::import::import(database, &data, now, |_, _| {}).await.expect("an import");
    let mut connection = database.connect().await.expect("a connection");
    let catalogue = Catalogue::from(database::catalogue::load(&mut connection).await.expect("a catalogue"));
    let canada = catalogue.section_called("ca").expect("a section").id;
    let campaign = catalogue.campaigns().find(|campaign| campaign.section_id == canada).expect("a campaign");
    Arc::new(Edition {
        campaign: campaign.id,
        cases: catalogue.cases().map(|case| case.id).collect(),
        turn: AtomicUsize::new(0),
    })
}

impl Edition {
    fn three_cases(&self) -> [CaseId; 3] {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        [0, 3, 6].map(|offset| self.cases[(turn + offset) % self.cases.len()])
    }
}

/// A report of three lines, for the ledger itself.
pub(crate) fn report_command(edition: &Edition) -> Command {
    let line = |case| LineDraft { case: Some(case), kind: ActionKind::AppealLetter, quantity: 3.0 };
    let draft = Draft { lines: edition.three_cases().map(line).into(), ..Draft::default() };
    let key = Uuid::new_v4().to_string();
    Command {
        key: Hash::of(&key),
        now: "2021-12-11T00:00:00Z".parse().expect("an instant"),
        credential: Credential::None,
        action: Action::Submit {
            report: ReportId::new(Uuid::now_v7()),
            secret: Hash::of(&key),
            campaign: edition.campaign,
            submission: Submission::parse(draft).expect("a well-formed draft"),
            author: Author::Writer,
        },
    }
}

/// The same as a request.
pub(crate) fn report_body(edition: &Edition) -> String {
    let lines = edition.three_cases().map(|case| {
        format!(
            r#"{{"case":"{}","kind":"APPEAL_LETTER","quantity":3}}"#,
            format_args!("case_{}", case.uuid().simple())
        )
    });
    format!(
        r#"{{"query":"mutation($input:ReportSubmitInput!){{reportSubmit(input:$input){{report{{id revision state}}secret replayed version userErrors{{code path message}}}}}}","variables":{{"input":{{"campaign":"{}","idempotencyKey":"{}","lines":[{}]}}}}}}"#,
        format_args!("campaign_{}", edition.campaign.uuid().simple()),
        Uuid::new_v4(),
        lines.join(",")
    )
}

/// Ten cases with their texts and totals, about 4.5 kB.
pub(crate) const fn cases_body() -> &'static str {
    r#"{"query":"{cases(filter:{edition:2021},first:10){nodes{id slug name country state topics text{language title summary ask}total{letters actions version}}}}"}"#
}
