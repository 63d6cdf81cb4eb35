//! `w4r recount`: compares every counter with the ledger.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use domain::{CaseId, Edition, SectionId, catalogue::Catalogue};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use super::{CliError, LACKS_ITS_LOG, block_on, open};
use crate::{
    config::DatabaseOptions,
    database::{self, Connection},
    ledger::recount::{Change, ComparedFigure, Comparison, Part, check, repair},
};

/// What to do with counters that differ from the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecountMode {
    /// Report them only.
    Nothing,
    /// Replace them; ask for confirmation if a number would decrease.
    Asking,
    /// Replace them without confirmation.
    All,
}

/// Compares the counters, and replaces those that differ if requested.
///
/// # Errors
/// If counters differ and are not replaced, or the database cannot be used.
pub fn run(mend: RecountMode, accept_copy: bool, store: &DatabaseOptions) -> Result<(), CliError> {
    block_on(async {
        let database = open(store).await?;
        if database.lacks_its_log() && !accept_copy {
            return Err(CliError(format!("{}: {LACKS_ITS_LOG}", database.place())));
        }
        let mut connection = database.connect().await?;
        if accept_copy {
            database.accept_as_complete();
        }
        let catalogue = Catalogue::from(database::catalogue::load(&mut connection).await?);
        let mut editions: Vec<_> = catalogue.editions().collect();
        editions.sort_by_key(|edition| edition.year);
        let mut differ = Vec::new();
        let mut log_differs = false;
        for edition in editions {
            match compare(&mut connection, &catalogue, edition, mend).await? {
                Outcome::Equal => {}
                Outcome::Differs => differ.push(edition.year.to_string()),
                Outcome::LogDiffers => log_differs = true,
            }
        }
        if differ.is_empty() {
            return if log_differs { Err(CliError(LOG_DIFFERS.to_owned())) } else { Ok(()) };
        }
        let years = differ.join(", ");
        Err(CliError(match mend {
            RecountMode::Nothing => format!("run `w4r recount --repair` to repair {years}"),
            RecountMode::Asking | RecountMode::All => {
                format!("{years} was not changed; --accept-smaller replaces numbers without confirmation")
            }
        }))
    })
}

/// No command changes what was published: the log would not extend its earlier heads.
const LOG_DIFFERS: &str =
    "the transparency log differs from the ledger, and nothing repairs it; see the operator's guide";

/// What holds of an edition after the comparison.
enum Outcome {
    /// The counters equal the ledger.
    Equal,
    /// They do not.
    Differs,
    /// They do, and the transparency log does not.
    LogDiffers,
}

/// Compares one edition.
async fn compare(
    connection: &mut Connection,
    catalogue: &Catalogue,
    edition: &Edition,
    mend: RecountMode,
) -> Result<Outcome, CliError> {
    loop {
        let (progress, now) = (reading(edition.year), Timestamp::now());
        let tick = |rows| progress.inc(rows as u64);
        let comparison = check(connection, edition.id, None, now, tick).await?;
        progress.finish_and_clear();
        let line = format!("{}  version {:>8}", edition.year, comparison.version.number);
        if comparison.matches() {
            super::print_line(format_args!("{line}  the counters equal the ledger"));
            return Ok(Outcome::Equal);
        }
        let log_differs = comparison.differs.contains(&Part::Log);
        if log_differs && comparison.differs.len() == 1 {
            super::print_line(format_args!("{line}  THE TRANSPARENCY LOG DIFFERS from the ledger"));
            return Ok(Outcome::LogDiffers);
        }
        super::print_line(format_args!("{line}  THE COUNTERS DIFFER from the ledger"));
        show(catalogue, &comparison);
        if mend == RecountMode::Nothing
            || (mend == RecountMode::Asking && !may_replace(edition, &comparison)?)
        {
            return Ok(Outcome::Differs);
        }
        if repair(connection, edition.id, comparison.version, now, tick).await? {
            progress.finish_and_clear();
            super::print_line(format_args!("{line}  the counters were replaced by the ledger's"));
            return Ok(if log_differs { Outcome::LogDiffers } else { Outcome::Equal });
        }
        progress.finish_and_clear();
        super::print_line(format_args!("{line}  the total has changed in the meantime; comparing again"));
    }
}

/// Prints the differences, and each number that a repair changes.
fn show(catalogue: &Catalogue, comparison: &Comparison) {
    for part in &comparison.differs {
        super::print_line(format_args!("      {part}"));
    }
    for Change { figure, before, after } in comparison.changes() {
        let name = name(catalogue, &figure);
        let difference = after - before;
        super::print_line(format_args!("      {name:32}{before:>13} -> {after:>12}{difference:>+12}"));
    }
}

/// Asks for confirmation if any number would decrease.
fn may_replace(edition: &Edition, comparison: &Comparison) -> Result<bool, CliError> {
    if comparison.changes().iter().all(|change| change.after >= change.before) {
        return Ok(true);
    }
    let mut input = std::io::stdin().lock();
    if !input.is_terminal() {
        return Ok(false);
    }
    let year = edition.year;
    let mut output = std::io::stdout();
    write!(output, "Numbers would decrease, as above. Type {year} to replace them: ")?;
    output.flush()?;
    let mut typed = String::new();
    input.read_line(&mut typed)?;
    Ok(typed.trim() == year.to_string())
}

/// Returns the label of a number.
fn name(catalogue: &Catalogue, figure: &ComparedFigure) -> String {
    let section = |id: SectionId| catalogue.section(id).map_or("?", |section| &section.code).to_owned();
    let case = |id: CaseId| catalogue.case(id).map_or("?", |case| &case.slug).to_owned();
    let or_unknown = |known: Option<String>| known.unwrap_or_else(|| "unknown".to_owned());
    match figure {
        ComparedFigure::Actions => "all actions".to_owned(),
        ComparedFigure::Late => "late actions".to_owned(),
        ComparedFigure::PendingReview => "actions pending review".to_owned(),
        ComparedFigure::ReportsPendingReview => "reports pending review".to_owned(),
        ComparedFigure::People => "people".to_owned(),
        ComparedFigure::Reports => "reports".to_owned(),
        ComparedFigure::Kind(kind) => format!("kind {kind}"),
        ComparedFigure::Section(id) => format!("section {}", section(*id)),
        ComparedFigure::Case(id) => format!("case {}", id.map_or("unallocated".to_owned(), case)),
        ComparedFigure::Country(country) => {
            format!("country {}", or_unknown(country.as_ref().map(ToString::to_string)))
        }
        ComparedFigure::Region(region) => {
            format!("region {}", or_unknown(region.as_ref().map(ToString::to_string)))
        }
        ComparedFigure::Origin(origin) => {
            format!("origin {}", or_unknown(origin.map(|origin| origin.to_string())))
        }
        ComparedFigure::Way(way) => format!("way {}", or_unknown(way.map(|way| way.to_string()))),
        ComparedFigure::Stated => "actions of statements".to_owned(),
    }
}

fn reading(year: i16) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {spinner} {human_pos} reports, {per_sec}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::no_length().with_style(style).with_prefix(year.to_string())
}
