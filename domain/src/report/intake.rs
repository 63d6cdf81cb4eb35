//! Intake of reports: the context of a campaign, and the decision on each report.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};

use super::{Origin, ReportContent, ReportSource, ReportState, ReportSubmission, ReporterRole, ReviewReason};
use crate::{
    Campaign, Case, CaseId, Edition, Section,
    case::CaseState,
    text::Region,
    total::Location,
    violation::{Violation, ViolationKind, Violations},
};

/// How many people are plausible for each thing that was written or done: an assembly signs one letter.
pub const MAX_PEOPLE_PER_ACTION: u64 = 100;

/// What a campaign accepts as reports, and from which reporters.
///
/// ```
/// use domain::report::CampaignContext;
/// fn limit(intake: &CampaignContext<'_>) -> u32 { intake.campaign.limits.person }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CampaignContext<'a> {
    /// The edition of the campaign.
    pub edition: &'a Edition,
    /// The section that runs it.
    pub section: &'a Section,
    /// The campaign.
    pub campaign: &'a Campaign,
    /// Whether its total is certified.
    pub is_certified: bool,
    /// Every case of the edition.
    pub cases: &'a BTreeMap<CaseId, CaseStatus>,
}

/// What the intake of reports depends on of a case.
///
/// ```
/// use domain::report::CaseStatus;
/// fn takes_what_is_written_now(case: &CaseStatus) -> bool { case.writing_stopped_at.is_none() }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseStatus {
    /// Its state.
    pub state: CaseState,
    /// Since when people are asked not to write.
    pub writing_stopped_at: Option<Timestamp>,
}

impl From<&Case> for CaseStatus {
    fn from(case: &Case) -> Self {
        Self { state: case.state, writing_stopped_at: case.writing_stopped_at }
    }
}

/// The event or the group that a report is about, as far as the intake decision depends on it.
///
/// ```
/// use domain::report::{ReportedEvent, ReporterRole};
/// fn is_by_host(occasion: &ReportedEvent) -> bool { occasion.side == ReporterRole::Host }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedEvent {
    /// The role of the reporter.
    pub side: ReporterRole,
    /// When the event begins; a group of no event has no such time.
    pub starts_at: Option<Timestamp>,
    /// Where all its letters are counted.
    pub place: Location,
    /// Who hands them in: the event, a person if not everyone may find the event, or the group.
    pub origin: Option<Origin>,
    /// Whether staff have yet to approve it. Its reports are held for them.
    pub awaits_approval: bool,
}

/// The decision of the intake on content that it accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeDecision {
    /// [`ReportState::Accepted`] or [`ReportState::PendingReview`].
    pub state: ReportState,
    /// Why it is held, if it is.
    pub review_reason: Option<ReviewReason>,
    /// Whether it came in after the collection deadline.
    pub late: bool,
    /// Where its letters are counted.
    pub place: Location,
    /// Who handed it in; `None` is unknown.
    pub origin: Option<Origin>,
}

impl IntakeDecision {
    /// The same, held for this reason. A reason that it had stays.
    #[must_use]
    pub fn require_review(self, reason: ReviewReason) -> Self {
        Self { state: ReportState::PendingReview, review_reason: self.review_reason.or(Some(reason)), ..self }
    }
}

/// Whether `author` may say that `origin` hands the report in. That of an event follows from the event; staff may say
/// any other.
const fn may_state_origin(origin: Origin, occasion: Option<&ReportedEvent>, author: ReportSource) -> bool {
    match (occasion, author) {
        (Some(_), _) => false,
        (None, ReportSource::Staff) => !matches!(origin, Origin::Event),
        (None, _) => origin.is_open_to_all(),
    }
}

/// Who handed in a report that does not say so: the person who reports. What staff enter may come from anyone.
const fn origin_of(author: ReportSource) -> Option<Origin> {
    match author {
        ReportSource::Staff => None,
        _ => Some(Origin::Person),
    }
}

impl CampaignContext<'_> {
    /// Evaluates a report that comes in at `now`. `before` is the content it replaces, if it is a correction,
    /// and `occasion` is the event it is about, if it is about one.
    ///
    /// A case that has been suspended or closed takes letters that were written before, by the day that the report
    /// gives or by the beginning of its event. Those already reported may stay in a correction, and staff may enter
    /// any.
    ///
    /// # Errors
    /// All broken rules of time and cases.
    pub fn evaluate(
        &self,
        submission: &ReportSubmission,
        before: Option<&ReportContent>,
        occasion: Option<&ReportedEvent>,
        author: ReportSource,
        now: Timestamp,
    ) -> Result<IntakeDecision, Violations> {
        self.check(submission, before, occasion, author, now)?;
        let decision = self.decide(submission.content(), occasion, author, now);
        // A correction that does not say who handed the report in leaves that as it was.
        let origin = match (before, occasion, submission.content().origin) {
            (Some(before), None, None) => before.origin,
            _ => decision.origin,
        };
        Ok(IntakeDecision { origin, ..decision })
    }

    /// Checks the rules of time and cases for a report or a later figure that comes in at `now`, like
    /// [`Self::evaluate`].
    ///
    /// # Errors
    /// All broken rules of time and cases.
    pub fn check(
        &self,
        submission: &ReportSubmission,
        before: Option<&ReportContent>,
        occasion: Option<&ReportedEvent>,
        author: ReportSource,
        now: Timestamp,
    ) -> Result<(), Violations> {
        let ReportSubmission { draft, content } = submission;
        let mut violations = Violations::default();
        let window = &self.campaign.window;
        violations.check("campaign", self.check_time(author, now));
        if let Some(written_on) = content.written_on
            && !window.takes_letters_of(written_on)
        {
            violations.add(
                "written_on",
                ViolationKind::WrittenOutsideWindow {
                    opens_on: window.opens_on(),
                    deadline_on: window.deadline_on(),
                },
            );
        }
        for (index, case) in draft.lines.iter().enumerate().filter_map(|(i, line)| Some((i, line.case?))) {
            let known =
                before.is_some_and(|before| before.lines.keys().any(|(earlier, _)| *earlier == Some(case)));
            let may_have_stopped = known
                || matches!(author, ReportSource::Staff)
                || self.was_written_before(case, content.written_on, occasion);
            if let Err(rule) = self.check_case(case, known, may_have_stopped) {
                violations.extend_at(&["lines", &index.to_string()], [Violation::at(["case"], rule)]);
            }
        }
        if let Some(origin) = content.origin
            && !may_state_origin(origin, occasion, author)
        {
            violations.add("origin", ViolationKind::OriginNotAllowed { origin });
        }
        violations.into_result()
    }

    /// Decides whether the content of a report counts or is held.
    #[must_use]
    pub fn decide(
        &self,
        content: &ReportContent,
        occasion: Option<&ReportedEvent>,
        author: ReportSource,
        now: Timestamp,
    ) -> IntakeDecision {
        let limit = u64::from(self.campaign.limits.of(occasion.map(|occasion| occasion.side)));
        let (quantity, people) = (content.quantity(), content.people.map_or(0, u64::from));
        let review_reason = match author {
            ReportSource::Staff => None,
            _ if occasion.is_some_and(|event| event.awaits_approval) => Some(ReviewReason::EventNotApproved),
            _ if quantity > limit => Some(ReviewReason::Quantity),
            _ if people > quantity.saturating_mul(MAX_PEOPLE_PER_ACTION) => Some(ReviewReason::People),
            _ => None,
        };
        IntakeDecision {
            state: if review_reason.is_some() { ReportState::PendingReview } else { ReportState::Accepted },
            review_reason,
            late: now >= self.campaign.window.deadline_at(),
            place: occasion.map_or_else(|| self.place_of(content), |occasion| occasion.place.clone()),
            origin: occasion
                .map_or_else(|| content.origin.or_else(|| origin_of(author)), |occasion| occasion.origin),
        }
    }

    /// The place where a report without an event is counted: the one it gives, else that of the section.
    fn place_of(&self, content: &ReportContent) -> Location {
        let country = content
            .country
            .clone()
            .or_else(|| content.region.as_ref().map(Region::country))
            .or_else(|| self.section.country.clone());
        Location { section: self.section.id, country, region: content.region.clone() }
    }

    /// Whether `author` may enter, correct or withdraw a report at `now`.
    ///
    /// # Errors
    /// [`ViolationKind::EditionArchived`], [`ViolationKind::CampaignNotOpen`] or, for all but staff,
    /// [`ViolationKind::DeadlinePassed`] or, where the deadline was extended after the total was certified,
    /// [`ViolationKind::TotalCertified`].
    pub fn check_time(&self, author: ReportSource, now: Timestamp) -> Result<(), ViolationKind> {
        self.edition.check_open()?;
        let window = &self.campaign.window;
        match window.check_open(now) {
            Err(ViolationKind::DeadlinePassed { .. }) if matches!(author, ReportSource::Staff) => Ok(()),
            Ok(()) if self.is_certified && !matches!(author, ReportSource::Staff) => {
                Err(ViolationKind::TotalCertified)
            }
            checked => checked,
        }
    }

    /// Whether letters for a case that takes none any more were written while it did. The day on which it stopped
    /// belongs to those before: a letter may have been written that morning.
    fn was_written_before(
        &self,
        case: CaseId,
        written_on: Option<Date>,
        occasion: Option<&ReportedEvent>,
    ) -> bool {
        let Some(stopped_at) = self.cases.get(&case).and_then(|case| case.writing_stopped_at) else {
            return false;
        };
        match (written_on, occasion) {
            (Some(day), _) => day <= self.campaign.window.zone().time_zone().to_datetime(stopped_at).date(),
            (None, Some(event)) => event.starts_at.is_some_and(|starts_at| starts_at < stopped_at),
            (None, None) => false,
        }
    }

    /// # Errors
    /// [`ViolationKind::CaseNotInCampaign`] unless the campaign writes for the case, or it was named before (`known`);
    /// [`ViolationKind::CaseSuspended`] or [`ViolationKind::CaseClosed`] unless writing for it `may_have_stopped`.
    pub(crate) fn check_case(
        &self,
        case: CaseId,
        known: bool,
        may_have_stopped: bool,
    ) -> Result<(), ViolationKind> {
        match self.cases.get(&case).map(|case| case.state) {
            // A draft is known to staff only: to a writer it is not there.
            None | Some(CaseState::Draft) => Err(ViolationKind::CaseNotInCampaign),
            Some(_) if !self.campaign.picks.contains(case) && !known => Err(ViolationKind::CaseNotInCampaign),
            Some(CaseState::Published) => Ok(()),
            Some(_) if may_have_stopped => Ok(()),
            Some(CaseState::Suspended) => Err(ViolationKind::CaseSuspended),
            Some(CaseState::Closed(_) | CaseState::Archived) => Err(ViolationKind::CaseClosed),
        }
    }
}
