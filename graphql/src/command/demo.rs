//! `w4r demo`: the 2021 edition on the evening of Human Rights Day, so that a newcomer sees a total
//! move. The cases and figures are real; every report is simulated, and says so.

use std::time::Duration;

use domain::{
    ActionKind, CampaignId, CaseId, Region, ReportId,
    report::{Author, Draft, LineDraft, Submission},
};
use jiff::{SignedDuration, Timestamp, civil::date, tz::TimeZone};
use uuid::Uuid;

use super::{Trouble, block_on, import, serve};
use crate::{
    catalogue::Catalogue,
    clock::Clock,
    config::{Settings, Store},
    ledger::{Action, Command, Credential, Ledger},
    secret::Hash,
    server,
};

/// The real data that the demonstration begins with.
const EDITION: &str = include_str!("../../data/edition-2021.json");
const FIGURES: &str = include_str!("../../data/published-figures.json");
/// Two simulated reports a second are slow enough to follow with the eye.
const PAUSE: Duration = Duration::from_millis(500);
/// After an hour of them the demonstration has shown what it can.
const REPORTS_MOST: usize = 7_200;
/// What every simulated report says about itself.
const NOTE: &str = "Simulated by the demonstration; nobody wrote these letters.";

/// Serves the demonstration from a database that is gone afterwards.
///
/// # Errors
/// If the address is taken.
pub fn run(settings: &Settings) -> Result<(), Trouble> {
    serve::log();
    block_on(async {
        let listener = serve::listen(settings.listen).await?;
        let folder = tempfile::tempdir()?;
        let store = Store { url: format!("sqlite:{}", folder.path().join("demo.db").display()) };
        let database = super::open(&store).await?;
        let clock = Clock::shifted(shift_to_the_evening(Timestamp::now()));
        for text in [EDITION, FIGURES] {
            import::import(&database, text, clock.now(), |_, _| {}).await?;
        }
        let (running, writer) = server::start(database, clock.clone(), true).await?;
        let address = listener.local_addr()?;
        super::say(format_args!(
            "A demonstration: the ten cases of 2021 are real, EVERY REPORT IS SIMULATED."
        ));
        super::say(format_args!(
            "Its clock shows the evening of 10 December 2021; its data is gone when it stops."
        ));
        super::say(format_args!(""));
        super::say(format_args!("Watch the total move: http://{address}/ide/"));
        super::say(format_args!(
            "(the first tab, ▶; for administrators' work there: w4r serve, w4r key create)"
        ));
        let catalogue = running.context.catalogue.borrow().clone();
        let simulation =
            tokio::spawn(simulate(running.context.ledger.clone(), catalogue, clock, REPORTS_MOST));
        let stopped = async move {
            serve::stopped().await;
            simulation.abort();
        };
        server::serve_running(listener, running, stopped).await?;
        server::finish(writer).await;
        Ok(())
    })
}

/// From now to 19:00 of Human Rights Day 2021 in Toronto, when schools and libraries write.
fn shift_to_the_evening(now: Timestamp) -> SignedDuration {
    let zone = TimeZone::get("America/Toronto").unwrap_or(TimeZone::UTC);
    let evening =
        date(2021, 12, 10).at(19, 0, 0, 0).to_zoned(zone).map_or(now, |evening| evening.timestamp());
    evening.duration_since(now)
}

/// Enters simulated reports, one after another, until there are `most` of them.
async fn simulate(ledger: Ledger, catalogue: std::sync::Arc<Catalogue>, clock: Clock, most: usize) {
    let campaigns: Vec<_> =
        catalogue.campaigns().map(|campaign| (campaign.id, campaign.section_id)).collect();
    let cases: Vec<_> = catalogue.cases().map(|case| case.id).collect();
    let mut pauses = tokio::time::interval(PAUSE);
    for _ in 0..most {
        pauses.tick().await;
        // Random numbers out of a random identity: no generator of its own for a toy.
        let mut dice = Dice(Uuid::new_v4().as_u128());
        let Some(&(campaign, section)) = dice.choose(&campaigns) else { return };
        let in_canada = catalogue.section(section).is_some_and(|section| section.code == "ca");
        let Some(command) = report(&mut dice, campaign, &cases, in_canada, clock.now()) else { return };
        if ledger.enter(vec![command]).await.is_err() {
            tracing::warn!("a simulated report was not taken");
        }
    }
    tracing::info!("the simulation is over; the total rests now");
}

fn report(
    dice: &mut Dice,
    campaign: CampaignId,
    cases: &[CaseId],
    in_canada: bool,
    now: Timestamp,
) -> Option<Command> {
    let lines = (0..=dice.below(3))
        .map(|_| LineDraft {
            case: dice.choose(cases).copied(),
            kind: *dice
                .choose(&[ActionKind::AppealLetter, ActionKind::AppealLetter, ActionKind::SolidarityMessage])
                .unwrap_or(&ActionKind::AppealLetter),
            quantity: f64::from(1 + dice.below(9)),
        })
        .collect();
    let region = dice.choose(&["CA-ON", "CA-BC", "CA-AB", "CA-NS"]).filter(|_| in_canada);
    debug_assert!(region.is_none_or(|code| Region::parse(code).is_ok()));
    let draft = Draft {
        lines,
        people: Some(f64::from(1 + dice.below(4))),
        region: region.map(|code| (*code).to_owned()),
        note: Some(NOTE.to_owned()),
        ..Draft::default()
    };
    let key = Uuid::new_v4().to_string();
    Some(Command {
        key: Hash::of(&key),
        now,
        credential: Credential::None,
        action: Action::Submit {
            report: ReportId::new(Uuid::now_v7()),
            secret: Hash::of(&key),
            campaign,
            submission: Submission::parse(draft).ok()?,
            author: Author::Simulation,
        },
    })
}

struct Dice(u128);

impl Dice {
    /// A number from 0 to `sides - 1`.
    fn below(&mut self, sides: u32) -> u32 {
        let rolled = self.0 % u128::from(sides);
        self.0 /= u128::from(sides);
        u32::try_from(rolled).unwrap_or(0)
    }

    fn choose<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let sides = u32::try_from(from.len()).ok().filter(|&sides| sides > 0)?;
        from.get(self.below(sides) as usize)
    }
}
