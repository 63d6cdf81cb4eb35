//! Import of reports: commands for the ledger, which identifies its reports by their keys.

use domain::{
    EditionId, ReportId, Violations,
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
    pub(super) fn report(&mut self, edition: EditionId, path: &JsonPath, said: &format::Report) {
        if !self.once(EntityKind::Report, ANY, &path.field("key"), &said.key) {
            return;
        }
        let mut violations = Violations::default();
        violations.check("key", key(&said.key));
        let well_formed = self.accept(path, violations.into_result());
        let campaign = self.campaign_called(edition, &path.field("section"), &said.section);
        let lines = said.lines.iter().enumerate().map(|(index, line)| {
            // The line would be unallocated without its case; but a plan with an error is discarded.
            let case = line.case.as_deref().and_then(|slug| {
                self.case_called(edition, &path.field("lines").entry(index).field("case"), slug)
            });
            LineDraft { case, kind: line.kind, quantity: line.quantity }
        });
        let lines = lines.collect();
        let draft = ReportDraft {
            numbers: said.numbers.clone(),
            lines,
            people: said.people,
            written_on: said.written_on.clone(),
            country: said.country.clone(),
            region: said.region.clone(),
            staff_note: said.staff_note.clone(),
            test: said.test,
        };
        let submission = self.accept(path, ReportSubmission::parse(draft));
        let (Some(()), Some(campaign), Some(submission)) = (well_formed, campaign, submission) else {
            return;
        };
        let report = ReportId::new(self.fresh());
        self.plan.reports.push(path.clone());
        self.plan.commands.push(Command {
            key: credentials::derive_file_key(&said.key),
            // The hash that older versions stored for the keys of a file.
            former_key: Some(SecretHash::of(&said.key)),
            now: said.received_at.map_or(self.revising.now, clock::microseconds),
            viewer: Viewer::Staff(Staff::COMMAND_LINE),
            address: None,
            // The report has no secret, because one derived from a guessable key could be guessed too.
            action: Action::Submit {
                report,
                secret: SecretHash::NONE,
                campaign,
                at: None,
                submission,
                author: ReportSource::Staff,
            },
        });
    }
}
