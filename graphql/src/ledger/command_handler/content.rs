//! New content of a report: corrections, which replace it with a reason, and later figures, which go on from it.

use domain::{
    Report, Violation, ViolationKind, Violations,
    report::{CampaignContext, FigureBasis, IntakeDecision, ReportContent, ReportSource},
};

use super::{CommandHandler, both, check_revision, of_report};
use crate::ledger::{Action, Command};

impl CommandHandler<'_> {
    /// Corrects a report, whose new content may have to be reviewed.
    pub(super) fn correct(
        &mut self,
        command: &Command,
        report: &mut Report,
        intake: &CampaignContext<'_>,
        author: ReportSource,
    ) -> Result<(), Violations> {
        let Action::Correct { expected_revision, submission, reason, .. } = &command.action else {
            unreachable!("other commands correct nothing");
        };
        let before = report.latest().content.clone();
        let occasion = self.event_reports.occasion_of(report);
        let verdict = intake.evaluate(submission, Some(&before), occasion.as_ref(), author, command.now);
        let ((), verdict) = both(check_revision(report, *expected_revision), verdict)?;
        let content = submission.content().clone();
        let verdict = self.take_content(command, report, intake, (author, &content), verdict)?;
        report.correct(content, verdict, author, reason.clone(), command.now);
        report.came_from(self.sources.origin(command, report.campaign_id).map(|origin| origin.source));
        Ok(())
    }

    /// Adds a later figure to a report. It goes on from what awaits review, or else from what counts, and awaits
    /// review with it: only a correction with a reason, or staff, change that.
    pub(super) fn update(
        &mut self,
        command: &Command,
        report: &mut Report,
        intake: &CampaignContext<'_>,
        author: ReportSource,
    ) -> Result<(), Violations> {
        let Action::Update { expected_revision, submission, basis, .. } = &command.action else {
            unreachable!("other commands have no later figure");
        };
        check_revision(report, *expected_revision)?;
        if intake.is_certified {
            // What corrects a certified total has a reason.
            return Err(Violations::from(Violation::at(["id"], ViolationKind::TotalCertified)));
        }
        let Some(standing) = report.standing_revision().cloned() else {
            let state = report.latest().state.as_str();
            return Err(Violations::from(Violation::at(["id"], ViolationKind::ReportStateInvalid { state })));
        };
        let occasion = self.event_reports.occasion_of(report);
        // Letters in addition are new ones: that their case was named before does not make them earlier.
        let before = Some(&standing.content).filter(|_| *basis == FigureBasis::SoFar);
        let checked = intake.check(submission, before, occasion.as_ref(), author, command.now);
        let ((), content) = both(checked, submission.update(&standing.content, *basis))?;
        let verdict = intake.decide(&content, occasion.as_ref(), author, command.now);
        let verdict = match report.pending_revision().and_then(|pending| pending.review_reason) {
            Some(reason) if author != ReportSource::Staff => verdict.require_review(reason),
            Some(_) | None => verdict,
        };
        let verdict = self.take_content(command, report, intake, (author, &content), verdict)?;
        report.update(content, verdict, author, *basis, command.now);
        report.came_from(self.sources.origin(command, report.campaign_id).map(|origin| origin.source));
        Ok(())
    }

    /// Applies budgets to the verdict on new content of a report.
    fn take_content(
        &mut self,
        command: &Command,
        report: &mut Report,
        intake: &CampaignContext<'_>,
        (author, content): (ReportSource, &ReportContent),
        verdict: IntakeDecision,
    ) -> Result<IntakeDecision, Violations> {
        let origin = self.sources.origin(command, report.campaign_id);
        let counted = report.counted_revision().map_or(0, |revision| revision.content.quantity());
        let is_vouched = self.is_vouched(author, report.group, intake);
        let (quantities, of) = ((content.quantity(), counted), (report.at, author, is_vouched));
        let verdict = match content.test {
            true => self.note_test(origin, verdict),
            false => self.evaluate(origin, verdict, intake, of, quantities, command.now),
        };
        let verdict = verdict.map_err(of_report)?;
        if let Some(surged) = self.present.get(&report.id) {
            // It may have been held itself, as a part of the surge that its new content completed.
            *report = surged.report.clone();
        }
        Ok(verdict)
    }
}
