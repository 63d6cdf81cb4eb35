//! The edition that is measured, and the reports that come in for it.

use std::fmt::Write as _;

use domain::{
    ActionKind, CampaignId, CaseId, EditionId, ReportId,
    catalogue::{Catalogue, CatalogueEdit},
    report::{LineDraft, ReportDraft, ReportSource, ReportSubmission},
};
use graphql::{
    cli,
    credentials::SecretHash,
    database::{self, Database},
    ledger::{Action, Command, Viewer, bulk_import, recount},
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

const DATA: &str = include_str!("../../data/edition-2021.json");
/// The day on which its campaigns close.
const DEADLINE: &str = "2022-01-31";

/// How many letters a report says.
pub(crate) const LETTERS: u64 = 9;
/// How many reports are entered in one transaction where it does not matter how fast.
const FILLED_AT_ONCE: usize = 20_000;
/// How many reports partners send in one request.
pub(crate) const BATCH: usize = 200;

/// What reports are about.
#[derive(Clone)]
pub(crate) struct Edition {
    pub id: EditionId,
    /// The day on which all events are.
    events_on: String,
    campaign: CampaignId,
    cases: Vec<CaseId>,
    imported_at: Timestamp,
}

impl Edition {
    /// Imports the ten cases of 2021, with windows that are open today: the executable's clock is the
    /// machine's. Organizers are trusted, so that events are listed as they come.
    pub(crate) async fn import(database: &Database) -> Self {
        let now = Timestamp::now();
        let next_year = now.strftime("%Y").to_string().parse::<i16>().expect("a year") + 1;
        let closing = format!("\"{next_year}-12-31\", \"reviewsEvents\": false");
        let data = DATA.replace(&format!("\"{DEADLINE}\""), &closing);
        cli::import::import(database, &data, now, |_, _| {}).await.expect("an import");
        let mut connection = database.connect().await.expect("a connection");
        let catalogue =
            Catalogue::from(database::catalogue::load(&mut connection).await.expect("a catalogue"));
        let canada = catalogue.section_by_code("ca").expect("a section").id;
        let campaign = catalogue.campaigns().find(|campaign| campaign.section_id == canada);
        Self {
            id: catalogue.editions().next().expect("an edition").id,
            events_on: format!("{next_year}-12-10"),
            campaign: campaign.expect("a campaign").id,
            cases: catalogue.cases().map(|case| case.id).collect(),
            imported_at: now,
        }
    }

    /// Every report is for the next three cases.
    fn three_cases(&self, turn: usize) -> [CaseId; 3] {
        [0, 3, 6].map(|offset| self.cases[(turn + offset) % self.cases.len()])
    }

    /// A report of three lines.
    pub(crate) fn report(&self, body: &mut String, turn: usize) {
        const QUERY: &str = "mutation($input:ReportSubmitInput!){reportSubmit(input:$input){report{id revision state}secret replayed version userErrors{code path message}}}";
        body.clear();
        write!(body, r#"{{"query":"{QUERY}","variables":{{"input":"#).expect("a string takes text");
        self.input(body, turn, 3);
        body.push_str("}}");
    }

    /// A public event about three cases, at one of many places around Toronto.
    pub(crate) fn event(&self, body: &mut String, turn: usize) {
        const QUERY: &str = "mutation($input:EventRegisterInput!){eventRegister(input:$input){event{state}userErrors{code path message}}}";
        let [one, two, three] = self.three_cases(turn).map(|case| case.uuid().simple());
        let day = &self.events_on;
        // Multiples of two such numbers fill a square evenly, however many there are.
        let [north, east] = [0.754_877_67, 0.569_840_29].map(|step| (step * turn as f64).fract());
        let (north, east) = (43.0 + north, -80.0 + east);
        body.clear();
        write!(
            body,
            r#"{{"query":"{QUERY}","variables":{{"input":{{"campaign":"campaign_{}","idempotencyKey":"{}","title":"Write for Rights at school {turn}","visibility":"PUBLIC","format":"IN_PERSON","venueKind":"SCHOOL","timeZone":"America/Toronto","sessions":[{{"localStart":"{day}T18:00","localEnd":"{day}T21:00"}}],"place":{{"country":"CA","region":"CA-ON","locality":"Toronto","venue":"Elm School","street":"{turn} Elm Street","coordinates":{{"latitude":{north},"longitude":{east}}}}},"organizer":{{"name":"Ada Lovelace","email":"ada@w4r.example","displayName":"Ada"}},"languages":["en"],"capacity":100,"cases":[{{"case":"case_{one}"}},{{"case":"case_{two}"}},{{"case":"case_{three}"}}],"submit":true}}}}}}"#,
            self.campaign.uuid().simple(),
            Uuid::new_v4(),
        )
        .expect("a string takes text");
    }

    /// A batch of reports of three lines, of which every second one says one letter more if `uneven`.
    pub(crate) fn batch(&self, body: &mut String, turn: usize, size: usize, uneven: bool) {
        const QUERY: &str = "mutation($input:[ReportSubmitInput!]!){reportSubmitBatch(input:$input){report{id revision state}secret replayed version userErrors{code path message}}}";
        body.clear();
        write!(body, r#"{{"query":"{QUERY}","variables":{{"input":["#).expect("a string takes text");
        for index in 0..size {
            if index > 0 {
                body.push(',');
            }
            self.input(body, turn + index, 3 + usize::from(uneven && index % 2 == 1));
        }
        body.push_str("]}}");
    }

    /// The campaign that reports are for, as its global id.
    pub(crate) fn campaign(&self) -> String {
        format!("campaign_{}", self.campaign.uuid().simple())
    }

    /// A report of so many letters for no case.
    pub(crate) fn letters(&self, body: &mut String, letters: u64) {
        const QUERY: &str = "mutation($input:ReportSubmitInput!){reportSubmit(input:$input){report{id state}version userErrors{code}}}";
        body.clear();
        write!(body, r#"{{"query":"{QUERY}","variables":{{"input":"#).expect("a string takes text");
        self.letters_input(body, letters, &Uuid::new_v4().to_string());
        body.push_str("}}");
    }

    /// A batch of reports, each of so many letters for no case, of which as little as possible is asked.
    pub(crate) fn batch_of_letters(&self, body: &mut String, size: usize, letters: u64) {
        const QUERY: &str = "mutation($input:[ReportSubmitInput!]!){reportSubmitBatch(input:$input){report{state}userErrors{code}}}";
        body.clear();
        write!(body, r#"{{"query":"{QUERY}","variables":{{"input":["#).expect("a string takes text");
        let key = Uuid::new_v4();
        for index in 0..size {
            if index > 0 {
                body.push(',');
            }
            self.letters_input(body, letters, &format!("{key}-{index}"));
        }
        body.push_str("]}}");
    }

    fn letters_input(&self, body: &mut String, letters: u64, key: &str) {
        let campaign = self.campaign.uuid().simple();
        write!(
            body,
            r#"{{"campaign":"campaign_{campaign}","idempotencyKey":"{key}","lines":[{{"kind":"APPEAL_LETTER","quantity":{letters}}}]}}"#,
        )
        .expect("a string takes text");
    }

    fn input(&self, body: &mut String, turn: usize, last: usize) {
        let [one, two, three] = self.three_cases(turn).map(|case| case.uuid().simple());
        write!(
            body,
            r#"{{"campaign":"campaign_{}","idempotencyKey":"{}","lines":[{{"case":"case_{one}","kind":"APPEAL_LETTER","quantity":3}},{{"case":"case_{two}","kind":"APPEAL_LETTER","quantity":3}},{{"case":"case_{three}","kind":"APPEAL_LETTER","quantity":{last}}}]}}"#,
            self.campaign.uuid().simple(),
            Uuid::new_v4(),
        )
        .expect("a string takes text");
    }

    /// Enters so many reports in bulk.
    pub(crate) async fn fill(&self, database: &Database, reports: usize, progress: impl Fn(usize)) {
        let mut connection = database.connect().await.expect("a connection");
        let now = Timestamp::now();
        let turns: Vec<_> = (0..reports).collect();
        for turns in turns.chunks(FILLED_AT_ONCE) {
            let commands = turns.iter().map(|&turn| self.command(turn, now)).collect();
            let plan = |_: &mut CatalogueEdit| Ok::<_, std::convert::Infallible>(commands);
            bulk_import::submit_all(&mut connection, None, now, plan, |_, _| {}).await.expect("a ledger");
            progress(turns.len());
        }
        self.recount(database).await;
    }

    /// Enters so many reports in bulk, each received a second after the one before it, until now.
    pub(crate) async fn fill_over_time(&self, database: &Database, reports: usize) {
        let mut connection = database.connect().await.expect("a connection");
        let instants = self.instants(reports);
        let turns: Vec<_> = instants.into_iter().enumerate().collect();
        for turns in turns.chunks(FILLED_AT_ONCE) {
            let commands = turns.iter().map(|&(turn, received_at)| self.command(turn, received_at)).collect();
            let plan = |_: &mut CatalogueEdit| Ok::<_, std::convert::Infallible>(commands);
            let filled = bulk_import::submit_all(&mut connection, None, Timestamp::now(), plan, |_, _| {});
            filled.await.expect("a ledger");
        }
    }

    /// So many instants, a second from one to the next, the last one a minute ago.
    pub(crate) fn instants(&self, count: usize) -> Vec<Timestamp> {
        let last = self.imported_at - SignedDuration::from_mins(1);
        let instants = (0..count).rev().map(|back| last - SignedDuration::from_secs(back as i64));
        instants.collect()
    }

    /// The counters equal the ledger. Nobody else recounts within a day of it.
    pub(crate) async fn recount(&self, database: &Database) {
        let mut connection = database.connect().await.expect("a connection");
        let recount = recount::check(&mut connection, self.id, None, Timestamp::now(), |_| {}).await;
        assert!(recount.expect("a recount").matches(), "the counters differ from the ledger");
    }

    /// A report for the ledger itself, from one of a few regions.
    fn command(&self, turn: usize, now: Timestamp) -> Command {
        const REGIONS: [&str; 4] = ["CA-ON", "CA-BC", "CA-AB", "CA-NS"];
        let line = |case| LineDraft { case: Some(case), kind: ActionKind::AppealLetter, quantity: 3.into() };
        let draft = ReportDraft {
            lines: self.three_cases(turn).map(line).into(),
            region: Some(REGIONS[turn / self.cases.len() % REGIONS.len()].to_owned()),
            ..ReportDraft::default()
        };
        let key = Uuid::new_v4().to_string();
        Command {
            key: SecretHash::of(&key),
            former_key: None,
            now,
            viewer: Viewer::Anonymous,
            address: None,
            action: Action::Submit {
                report: ReportId::new(Uuid::now_v7()),
                secret: SecretHash::of(&key),
                campaign: self.campaign,
                at: None,
                group: None,
                submission: ReportSubmission::parse(draft).expect("a well-formed draft"),
                author: ReportSource::Writer,
                reason: None,
            },
        }
    }
}
