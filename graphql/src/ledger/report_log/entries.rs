//! The leaves that a change of a report adds to the log.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    EditionId, ReportId,
    catalogue::Catalogue,
    proof::{LoggedLine, LoggedRevision, REVISION_TYPE, leaf_data},
    report::ReportRevision,
};

use crate::{
    credentials,
    database::{self, report_log::LeafEntry, reports::StoredReport},
};

/// A leaf for each revision that is new, and for each whose state has changed. A test has none.
pub(in crate::ledger) fn of_change(
    catalogue: &Catalogue,
    before: Option<&StoredReport>,
    after: &StoredReport,
) -> Result<Vec<LeafEntry>, database::Error> {
    let stored = before.map_or(&[][..], |before| before.report.revisions());
    let mut entries = Vec::new();
    for (index, revision) in after.report.revisions().iter().enumerate() {
        let earlier = stored.get(index);
        if earlier.is_none_or(|earlier| earlier.state != revision.state) && !revision.content.test {
            let entry = entry(catalogue, after.report.id, after.edition, revision)?;
            entries.push(LeafEntry { is_new: earlier.is_none(), ..entry });
        }
    }
    Ok(entries)
}

/// The first leaf about a revision, as it is now.
pub(super) fn entry(
    catalogue: &Catalogue,
    report: ReportId,
    edition: EditionId,
    revision: &ReportRevision,
) -> Result<LeafEntry, database::Error> {
    let missing = || database::Error::Broken("a report of an edition or section that is not there".into());
    let mut lines = Vec::with_capacity(revision.content.lines.len());
    for (&(case, kind), &quantity) in &revision.content.lines {
        let case = match case {
            Some(id) => Some(catalogue.case(id).ok_or_else(missing)?.slug.to_string()),
            None => None,
        };
        lines.push(LoggedLine { case, kind, quantity });
    }
    let line = LoggedRevision {
        kind: REVISION_TYPE.to_owned(),
        edition: catalogue.edition(edition).ok_or_else(missing)?.year,
        section: catalogue.section(revision.place.section).ok_or_else(missing)?.code.to_string(),
        // As the API spells it.
        report: format!("report_{}", report.uuid().simple()),
        revision: revision.number,
        received_at: revision.received_at,
        late: revision.late,
        state: revision.state,
        people: revision.content.people,
        lines,
    };
    let opening = line
        .opening(credentials::random_bytes())
        .map_err(|error| database::Error::Broken(Box::new(error)))?;
    Ok(LeafEntry {
        report,
        revision: revision.number,
        state: revision.state,
        commitment: leaf_data(&opening),
        opening: BASE64_STANDARD.encode(opening),
        is_new: true,
    })
}
