//! Import of reports: commands for the ledger, which identifies its reports by their keys.

use domain::{
    EditionId, ReportId, ViolationKind, Violations,
    report::{LineDraft, ReportDraft, ReportSource, ReportSubmission, key},
    violation::EntityKind,
};

use super::{
    format,
    plan::{ANY, ImportPlanner},
    source_location::JsonPath,
};
use crate::{
    clock,
    credentials::{self, SecretHash},
    ledger::{Action, Command, Staff, Viewer},
};

impl ImportPlanner<'_> {
    pub(super) fn report(&mut self, edition: EditionId, path: &JsonPath, input: &format::Report) {
        if !self.once(EntityKind::Report, ANY, &path.field("key"), &input.key) {
            return;
        }
        let mut violations = Violations::default();
        violations.check("key", key(&input.key));
        let now = self.revising.now;
        if input.received_at.is_some_and(|received_at| received_at > now) {
            violations.add("received_at", ViolationKind::InTheFuture { now });
        }
        let well_formed = self.accept(path, violations.into_result());
        let campaign = self.campaign_called(edition, &path.field("section"), &input.section);
        let lines = input.lines.iter().enumerate().map(|(index, line)| {
            // The line would be unallocated without its case; but a plan with an error is discarded.
            let case = line.case.as_deref().and_then(|slug| {
                self.case_called(edition, &path.field("lines").entry(index).field("case"), slug)
            });
            LineDraft { case, kind: line.kind, quantity: line.quantity }
        });
        let lines = lines.collect();
        let draft = ReportDraft {
            numbers: input.numbers.clone(),
            lines,
            people: input.people,
            written_on: input.written_on.clone(),
            country: input.country.clone(),
            region: input.region.clone(),
            origin: input.origin,
            way: input.way,
            staff_note: input.staff_note.clone(),
            test: input.test,
        };
        let submission = self.accept(path, ReportSubmission::parse(draft));
        let (Some(()), Some(campaign), Some(submission)) = (well_formed, campaign, submission) else {
            return;
        };
        let report = ReportId::new(self.fresh());
        self.plan.reports.push(path.clone());
        self.plan.commands.push(Command {
            key: credentials::derive_file_key(&input.key),
            // The hash that older versions stored for the keys of a file.
            former_key: Some(SecretHash::of(&input.key)),
            now: input.received_at.map_or(self.revising.now, clock::microseconds),
            viewer: Viewer::Staff(Staff::COMMAND_LINE),
            address: None,
            // The report has no secret, because one derived from a guessable key could be guessed too.
            action: Action::Submit {
                report,
                secret: SecretHash::NONE,
                campaign,
                at: None,
                group: None,
                submission,
                author: ReportSource::Staff,
                reason: Some("A file was imported.".to_owned()),
            },
        });
    }
}
