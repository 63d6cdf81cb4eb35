//! The row of one revision of a report.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use diesel::prelude::*;
use domain::{
    ActionKind, CaseId, Country, EventId, GroupId, Region, SectionId,
    date::day,
    event::EventTally,
    report::{
        BudgetSource, EventReference, FigureBasis, Origin, ReportContent, ReportRevision, ReportSource,
        ReportState, ReporterRole, ReviewReason, Way,
    },
    total::{Contribution, Lines, Location},
};

use super::StoredReport;
use crate::database::{
    bulk_insert::bulk_insert,
    schema::report_revisions,
    sql_types::{SqlTimestamp, SqlUuid},
};

/// Parses the bytes of a mark.
fn mark(digits: &str) -> Option<[u8; 16]> {
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

/// Reads a word that may be unknown; `None` for a word that no vocabulary of this version has.
fn read_word<T>(spelling: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    spelling.map_or(Some(None), |spelling| parse(spelling).map(Some))
}

/// One revision of one report.
#[derive(Clone, Queryable)]
pub(in crate::database) struct RevisionRow {
    pub report_id: SqlUuid,
    pub revision: i32,
    pub(in crate::database) edition_id: SqlUuid,
    pub(super) campaign_id: SqlUuid,
    section_id: SqlUuid,
    pub(super) state: String,
    origin: Option<String>,
    way: Option<String>,
    author: String,
    is_late: bool,
    is_test: bool,
    country: Option<String>,
    region: Option<String>,
    reported_country: Option<String>,
    people: Option<i32>,
    written_on: Option<String>,
    staff_note: Option<String>,
    lines: String,
    reason: Option<String>,
    received_at: SqlTimestamp,
    pub(super) decided_at: Option<SqlTimestamp>,
    pub(super) decision_reason: Option<String>,
    pub(super) secret_hash: String,
    event_id: Option<SqlUuid>,
    by_host: bool,
    pub(super) participant_id: Option<SqlUuid>,
    pub(super) attendance_id: Option<SqlUuid>,
    pub(super) review_reason: Option<String>,
    address_mark: Option<String>,
    network_mark: Option<String>,
    basis: Option<String>,
    group_id: Option<SqlUuid>,
}

bulk_insert!(
    RevisionRow,
    report_revisions,
    report_id,
    revision,
    edition_id,
    campaign_id,
    section_id,
    state,
    origin,
    way,
    author,
    is_late,
    is_test,
    country,
    region,
    reported_country,
    people,
    written_on,
    staff_note,
    lines,
    reason,
    received_at,
    decided_at,
    decision_reason,
    secret_hash,
    event_id,
    by_host,
    participant_id,
    attendance_id,
    review_reason,
    address_mark,
    network_mark,
    basis,
    group_id
);

impl RevisionRow {
    /// The row of one revision of a report.
    pub(in crate::database) fn of(stored: &StoredReport, revision: &ReportRevision) -> Self {
        let content = &revision.content;
        let lines: Vec<_> =
            content.lines.iter().map(|(&(case, kind), &quantity)| (case, kind, quantity)).collect();
        Self {
            report_id: SqlUuid(stored.report.id.uuid()),
            revision: revision.number.cast_signed(),
            edition_id: SqlUuid(stored.edition.uuid()),
            campaign_id: SqlUuid(stored.report.campaign_id.uuid()),
            section_id: SqlUuid(revision.place.section.uuid()),
            state: revision.state.to_string(),
            origin: content.origin.map(|origin| origin.to_string()),
            way: content.way.map(|way| way.to_string()),
            author: revision.author.to_string(),
            is_late: revision.late,
            is_test: content.test,
            country: revision.place.country.as_ref().map(ToString::to_string),
            region: revision.place.region.as_ref().map(ToString::to_string),
            reported_country: content.country.as_ref().map(ToString::to_string),
            people: content.people.map(u32::cast_signed),
            written_on: content.written_on.map(|day| day.to_string()),
            staff_note: content.staff_note.clone(),
            lines: serde_json::to_string(&lines).expect("identities, words and numbers are JSON"),
            reason: revision.reason.clone(),
            received_at: SqlTimestamp(revision.received_at),
            decided_at: revision.decided_at.map(SqlTimestamp),
            decision_reason: revision.decision_reason.clone(),
            secret_hash: stored.secret.to_string(),
            event_id: stored.report.at.map(|at| SqlUuid(at.event.uuid())),
            by_host: stored.report.at.is_some_and(EventReference::is_by_host),
            participant_id: stored.report.participant.map(|id| SqlUuid(id.uuid())),
            attendance_id: stored.report.attendance.map(|id| SqlUuid(id.uuid())),
            review_reason: revision.review_reason.map(|reason| reason.to_string()),
            address_mark: revision.source.map(|source| HEXLOWER.encode(&source.address)),
            network_mark: revision.source.map(|source| HEXLOWER.encode(&source.network)),
            basis: revision.basis.map(|basis| basis.to_string()),
            group_id: stored.report.group.map(|id| SqlUuid(id.uuid())),
        }
    }

    /// The event of the report, if it has one.
    pub(super) fn at(&self) -> Option<EventReference> {
        let side = if self.by_host { ReporterRole::Host } else { ReporterRole::Attendee };
        Some(EventReference { event: EventId::new(self.event_id?.0), side })
    }

    /// The group whose report it is, if it is that of one.
    pub(super) fn group(&self) -> Option<GroupId> {
        Some(GroupId::new(self.group_id?.0))
    }

    pub(in crate::database) fn read(&self) -> Option<ReportRevision> {
        let region = self.region.as_deref().map(Region::parse).transpose().ok()?;
        let country = |code: &Option<String>| code.as_deref().map(Country::parse).transpose().ok();
        Some(ReportRevision {
            number: self.revision.try_into().ok()?,
            state: ReportState::parse(&self.state)?,
            review_reason: self.review_reason.as_deref().and_then(ReviewReason::parse),
            source: self.source(),
            content: ReportContent {
                lines: self.read_lines()?,
                people: self.people.map(u32::try_from).transpose().ok()?,
                written_on: self.written_on.as_deref().map(day).transpose().ok()?,
                country: country(&self.reported_country)?,
                region: region.clone(),
                origin: read_word(self.origin.as_deref(), Origin::parse)?,
                way: read_word(self.way.as_deref(), Way::parse)?,
                staff_note: self.staff_note.clone(),
                test: self.is_test,
            },
            late: self.is_late,
            place: Location {
                section: SectionId::new(self.section_id.0),
                country: country(&self.country)?,
                region,
            },
            author: ReportSource::parse(&self.author)?,
            received_at: self.received_at.0,
            basis: self.basis.as_deref().and_then(FigureBasis::parse),
            reason: self.reason.clone(),
            decided_at: self.decided_at.map(|at| at.0),
            decision_reason: self.decision_reason.clone(),
        })
    }

    fn source(&self) -> Option<BudgetSource> {
        Some(BudgetSource {
            address: mark(self.address_mark.as_deref()?)?,
            network: mark(self.network_mark.as_deref()?)?,
        })
    }

    fn read_lines(&self) -> Option<Lines> {
        let lines: Vec<(Option<CaseId>, ActionKind, u64)> = serde_json::from_str(&self.lines).ok()?;
        Some(lines.into_iter().map(|(case, kind, quantity)| ((case, kind), quantity)).collect())
    }

    /// Adds the row to the counters, if it counts: to `event_tallies` if it belongs to an event, to `group_tallies` if
    /// it is that of a group, else to `cells`; pending revisions to `cells` too. `None` if the row cannot be read.
    pub(in crate::database) fn count_into(
        &self,
        cells: &mut domain::Counts,
        event_tallies: &mut BTreeMap<EventId, EventTally>,
        group_tallies: &mut BTreeMap<GroupId, EventTally>,
    ) -> Option<()> {
        let revision = self.read()?;
        match revision.state {
            _ if revision.content.test => return Some(()),
            ReportState::Accepted => {}
            ReportState::PendingReview => {
                cells.add_pending_review(revision.place.section, &revision.content.lines);
                return Some(());
            }
            ReportState::Rejected | ReportState::Withdrawn | ReportState::Superseded => return Some(()),
            // A recount must not guess whether a state that it does not know counts.
            _ => return None,
        }
        let contribution = Contribution {
            place: &revision.place,
            origin: revision.content.origin,
            way: revision.content.way,
            lines: &revision.content.lines,
            people: revision.content.people,
            late: revision.late,
        };
        let new = || EventTally::new(revision.place.clone(), revision.content.origin);
        match (self.at(), self.group()) {
            (None, None) => cells.add(&contribution),
            (Some(at), _) => {
                event_tallies.entry(at.event).or_insert_with(new).add(at.side, &contribution).ok()?;
            }
            (None, Some(group)) => {
                group_tallies.entry(group).or_insert_with(new).add_own(&contribution).ok()?;
            }
        }
        Some(())
    }
}
