//! `w4r demo`: the 2021 edition on the evening of Human Rights Day, with a live total for a first look. Cases
//! and figures are real; every report is simulated and marked as such.

use std::{sync::Arc, time::Duration};

use domain::{
    ActionKind, CampaignId, CaseId, Region, ReportId,
    catalogue::Catalogue,
    report::{LineDraft, ReportDraft, ReportSource, ReportSubmission},
};
use jiff::{SignedDuration, Timestamp, civil::date, tz::TimeZone};
use uuid::Uuid;

use super::{CliError, block_on, import, logging, serve};
use crate::{
    clock::Clock,
    config::{self, DatabaseOptions, ServeOptions},
    credentials::SecretHash,
    ledger::{Action, Command, Ledger, Viewer},
    server,
};

/// The real data of the demonstration.
const EDITION: &str = include_str!("../../data/edition-2021.json");
const FIGURES: &str = include_str!("../../data/published-figures.json");
/// The rate of simulated reports: two a second can be followed by eye.
const REPORT_INTERVAL: Duration = Duration::from_millis(500);
/// The number of simulated reports: one hour of them.
const MAX_REPORTS: usize = 7_200;
/// The number of reports in each of the 36 hours before, for the chart: a day, a night, and the day itself.
const REPORTS_BEFORE: [usize; 36] = [
    0, 0, 1, 2, 3, 3, 4, 6, 7, 6, 4, 4, 5, 8, 9, 5, 3, 2, 1, 0, 0, 0, 0, 0, 1, 2, 4, 6, 7, 9, 12, 11, 8, 6,
    9, 14,
];
/// The note of every simulated report.
const NOTE: &str = "Simulated by the demonstration; no letters were written.";

/// Serves the demonstration from a temporary database.
///
/// # Errors
/// If the address is in use.
pub fn run(settings: &ServeOptions) -> Result<(), CliError> {
    logging::start(settings.log_format);
    let limits = settings.server().map_err(CliError)?;
    block_on(async {
        let listener = serve::listen(&settings.listen).await?;
        let folder = tempfile::tempdir()?;
        let store = DatabaseOptions { url: format!("sqlite:{}", folder.path().join("demo.db").display()) };
        let database = super::open_or_make(&store).await?;
        let clock = Clock::offset(shift_to_the_evening(Timestamp::now()));
        for text in [EDITION, FIGURES] {
            import::import(&database, text, clock.now(), |_, _| {}).await?;
        }
        // The demonstration sends no real mail.
        let mail =
            config::MailArgs { mail_url: None, from: None, public_url: settings.mail.public_url.clone() };
        let address = listener.local_addr()?;
        let mail = mail.settings(address, &store).map_err(CliError)?;
        let (running, writer) =
            server::start(database, clock.clone(), true, mail, limits.report_budgets).await?;
        let stopped = serve::stopped()?;
        super::print_line(format_args!(
            "A demonstration: the ten cases of 2021 are real, EVERY REPORT IS SIMULATED."
        ));
        super::print_line(format_args!(
            "Its clock shows the evening of 10 December 2021; its data is gone when it stops."
        ));
        super::print_line(format_args!(""));
        super::print_line(format_args!("Watch the total move: http://{address}/"));
        super::print_line(format_args!("Query it yourself: http://{address}/ide/"));
        super::print_line(format_args!(
            "(run the first tab with ▶; mutations of administrators need w4r serve and w4r key create)"
        ));
        let catalogue = running.context.catalogue.borrow().clone();
        let simulation =
            tokio::spawn(simulate(running.context.ledger.clone(), catalogue, clock, MAX_REPORTS));
        let stopped = async move {
            stopped.await;
            simulation.abort();
        };
        server::serve_running(listener, limits, running, stopped).await?;
        server::finish(writer).await;
        Ok(())
    })
}

/// The offset from now to 19:00 of Human Rights Day 2021 in Toronto, when schools and libraries write.
fn shift_to_the_evening(now: Timestamp) -> SignedDuration {
    let zone = TimeZone::get("America/Toronto").unwrap_or(TimeZone::UTC);
    let evening =
        date(2021, 12, 10).at(19, 0, 0, 0).to_zoned_datetime(zone).map_or(now, |evening| evening.timestamp());
    evening.duration_since(now)
}

/// Submits simulated reports: those of the hours before, then one after another, up to `most` of these.
async fn simulate(ledger: Ledger, catalogue: Arc<Catalogue>, clock: Clock, most: usize) {
    let simulation = Simulation::of(&catalogue);
    let now = clock.now();
    for (ago, reports) in (1..=36).rev().zip(REPORTS_BEFORE) {
        let hour = now - SignedDuration::from_hours(ago);
        simulation.enter(&ledger, reports, hour).await;
    }
    let mut pauses = tokio::time::interval(REPORT_INTERVAL);
    for _ in 0..most {
        pauses.tick().await;
        simulation.enter(&ledger, 1, clock.now()).await;
    }
    tracing::info!("the simulation has ended; the total no longer changes");
}

/// The simulated reporters, and the cases they write for.
struct Simulation {
    /// Each with whether it is Canada's.
    campaigns: Vec<(CampaignId, bool)>,
    cases: Vec<CaseId>,
}

impl Simulation {
    fn of(catalogue: &Catalogue) -> Self {
        let in_canada = |section| catalogue.section(section).is_some_and(|section| section.code == "ca");
        let campaigns = catalogue.campaigns();
        Self {
            campaigns: campaigns.map(|campaign| (campaign.id, in_canada(campaign.section_id))).collect(),
            cases: catalogue.cases().map(|case| case.id).collect(),
        }
    }

    /// Submits this number of reports at once.
    async fn enter(&self, ledger: &Ledger, reports: usize, now: Timestamp) {
        let commands: Vec<_> = (0..reports).filter_map(|_| self.report(now)).collect();
        if ledger.submit(commands).await.is_err() {
            tracing::warn!("simulated reports were rejected");
        }
    }

    fn report(&self, now: Timestamp) -> Option<Command> {
        // The bits of a random UUID serve as random numbers; a demonstration needs no generator of its own.
        let mut dice = Dice(Uuid::new_v4().as_u128());
        let &(campaign, in_canada) = dice.choose(&self.campaigns)?;
        report(&mut dice, campaign, &self.cases, in_canada, now)
    }
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
            quantity: (1 + dice.below(9)).into(),
        })
        .collect();
    let region = dice.choose(&["CA-ON", "CA-BC", "CA-AB", "CA-NS"]).filter(|_| in_canada);
    debug_assert!(region.is_none_or(|code| Region::parse(code).is_ok()));
    let draft = ReportDraft {
        lines,
        people: Some((1 + dice.below(4)).into()),
        region: region.map(|code| (*code).to_owned()),
        staff_note: Some(NOTE.to_owned()),
        ..ReportDraft::default()
    };
    let key = Uuid::new_v4().to_string();
    Some(Command {
        key: SecretHash::of(&key),
        former_key: None,
        now,
        viewer: Viewer::Anonymous,
        address: None,
        action: Action::Submit {
            report: ReportId::new(Uuid::now_v7()),
            secret: SecretHash::of(&key),
            campaign,
            at: None,
            group: None,
            submission: ReportSubmission::parse(draft).ok()?,
            author: ReportSource::Simulation,
            reason: None,
        },
    })
}

struct Dice(u128);

impl Dice {
    /// Returns a number from 0 to `sides - 1`.
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
