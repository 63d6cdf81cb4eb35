//! `w4r recount`: every counter compared with the ledger it was made from.

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use super::{Trouble, block_on, connect};
use crate::{
    catalogue::Catalogue,
    config::Store,
    database,
    ledger::recount::{check, repair},
};

/// Compares, and with `mend` replaces what differs.
///
/// # Errors
/// If counters differ (and are not mended), or the database cannot be used.
pub fn run(mend: bool, store: &Store) -> Result<(), Trouble> {
    block_on(async {
        let mut connection = connect(store).await?;
        let catalogue = Catalogue::from(database::catalogue::load(&mut connection).await?);
        let mut editions: Vec<_> = catalogue.editions().collect();
        editions.sort_by_key(|edition| edition.year);
        let mut differ = Vec::new();
        for edition in editions {
            let progress = reading(edition.year);
            let now = Timestamp::now();
            let result = check(&mut connection, edition.id, now, |rows| progress.inc(rows as u64)).await?;
            progress.finish_and_clear();
            let verdict = match (result.matches, mend) {
                (true, _) => "the counters equal the ledger",
                (false, false) => {
                    differ.push(edition.year.to_string());
                    "THE COUNTERS DIFFER from the ledger"
                }
                (false, true) => {
                    repair(&mut connection, edition.id, now, |rows| progress.inc(rows as u64)).await?;
                    "the counters differed and were replaced by the ledger's"
                }
            };
            super::say(format_args!("{}  version {:>8}  {verdict}", edition.year, result.version));
        }
        if differ.is_empty() {
            return Ok(());
        }
        Err(Trouble(format!("run `w4r recount --repair` to mend {}", differ.join(", "))))
    })
}

fn reading(year: i16) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {spinner} {human_pos} reports that count, {per_sec}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::no_length().with_style(style).with_prefix(year.to_string())
}
