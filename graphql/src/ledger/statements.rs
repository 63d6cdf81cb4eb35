//! What statements add to the totals, within one transaction of the writer.
//!
//! It depends on the statements and on what was reported, so that a change of either may change it: both count the
//! difference here.

use domain::{Counts, EditionId, Totals, catalogue::Catalogue, statement};

use super::counting::drifted;
use crate::database;

/// The difference between what the statements of an edition add after reports have changed and before.
pub(super) fn after_reports(
    catalogue: &Catalogue,
    edition: EditionId,
    before: &Totals,
    after: &Totals,
) -> Counts {
    let mut difference = statement::counts(catalogue.statements(edition), after);
    difference.subtract_all(&statement::counts(catalogue.statements(edition), before));
    difference
}

/// What a recount says of an edition: what was recounted of its reports, and what its statements add to that.
pub(super) fn with_statements(
    catalogue: &Catalogue,
    edition: EditionId,
    mut reported: Counts,
) -> Result<Counts, database::Error> {
    let totals = Totals::from_cells(&reported).map_err(drifted)?;
    reported.merge(&statement::counts(catalogue.statements(edition), &totals));
    Ok(reported)
}

/// The difference between what the statements of an edition add now and what those of `before` added, beside the same
/// reports.
pub(super) fn after_statements(
    catalogue: &Catalogue,
    edition: EditionId,
    before: &Catalogue,
    present: &Totals,
) -> Counts {
    let mut difference = statement::counts(catalogue.statements(edition), present);
    difference.subtract_all(&statement::counts(before.statements(edition), present));
    difference
}
