//! A report: a statement by one person or one event of how many were written.
//!
//! A report keeps all its revisions. At most one of them counts: the accepted one. Correcting makes
//! a new revision and supersedes the old one; while a correction is held for review, the accepted
//! revision before it goes on counting.
//!
//! ```
//! use domain::{ActionKind, CaseId, report::{Draft, LineDraft, NumberDraft}};
//! let case = CaseId::new(uuid::Uuid::from_u128(1));
//! // A school wrote 120 letters, 30 of them for one case; the rest stays unallocated.
//! let draft = Draft {
//!     numbers: vec![NumberDraft { kind: ActionKind::AppealLetter, quantity: 120.0 }],
//!     lines: vec![LineDraft { case: Some(case), kind: ActionKind::AppealLetter, quantity: 30.0 }],
//!     ..Draft::default()
//! };
//! let content = draft.parse().unwrap();
//! assert_eq!(content.lines[&(Some(case), ActionKind::AppealLetter)], 30);
//! assert_eq!(content.lines[&(None, ActionKind::AppealLetter)], 90);
//! ```

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use sha2::{Digest, Sha256};

use crate::{
    Campaign, CampaignId, CaseId, Edition, ReportId, Section,
    case::CaseState,
    published::day,
    text::{self, Country, Region},
    total::{Contribution, Place},
    violation::{Rule, Violation, Violations},
    word::word,
};

/// The most that one line may say; a million letters in one line is a mistake or a statement.
pub const QUANTITY_MOST: u32 = 1_000_000;
/// Ten cases times ten kinds, twice over.
pub const LINES_MOST: usize = 200;
/// What a partner sends in one request without holding up others.
pub const BATCH_MOST: usize = 500;
/// Shorter keys collide, and the secret of a report is derived from its key.
pub const KEY_LEAST: usize = 16;
/// Two UUIDs and some words around them.
pub const KEY_MOST: usize = 128;

word! {
    /// What was written or done.
    ///
    /// ```
    /// use domain::ActionKind;
    /// assert!(ActionKind::SolidarityMessage.is_letter());
    /// assert!(!ActionKind::Email.is_letter());
    /// ```
    pub enum ActionKind {
        /// A letter to an authority.
        AppealLetter = "APPEAL_LETTER",
        /// A card or letter to the person.
        SolidarityMessage = "SOLIDARITY_MESSAGE",
        /// An e-mail.
        Email = "EMAIL",
        /// A signature under a petition.
        PetitionSignature = "PETITION_SIGNATURE",
        /// A post on social media.
        SocialPost = "SOCIAL_POST",
        /// A text message.
        Sms = "SMS",
        /// A fax.
        Fax = "FAX",
        /// A telephone call.
        Call = "CALL",
        /// A drawing or photograph.
        DrawingOrPhoto = "DRAWING_OR_PHOTO",
        /// Anything else.
        Other = "OTHER",
    }
}

impl ActionKind {
    /// Whether it is one of the *letters*; all kinds are *actions*.
    #[must_use]
    pub const fn is_letter(self) -> bool {
        matches!(self, Self::AppealLetter | Self::SolidarityMessage)
    }
}

word! {
    /// Through whom a quantity came in.
    ///
    /// ```
    /// assert_eq!(domain::report::Channel::Individual.as_str(), "INDIVIDUAL");
    /// ```
    pub enum Channel {
        /// One person's report.
        Individual = "INDIVIDUAL",
        /// An event's report.
        Event = "EVENT",
        /// A section's or partner's own statement.
        Statement = "STATEMENT",
    }
}

word! {
    /// Where a revision of a report stands.
    ///
    /// ```
    /// use domain::report::ReportState;
    /// assert_eq!(ReportState::parse("HELD"), Some(ReportState::Held));
    /// ```
    pub enum ReportState {
        /// It counts.
        Accepted = "ACCEPTED",
        /// Its quantity is beyond the plausible limit: it waits for staff and does not count yet.
        Held = "HELD",
        /// Staff refused it.
        Rejected = "REJECTED",
        /// Its author took it back.
        Withdrawn = "WITHDRAWN",
        /// A later revision took its place.
        Superseded = "SUPERSEDED",
    }
}

word! {
    /// Whose word a submission is.
    ///
    /// ```
    /// assert_eq!(domain::report::Author::Staff.as_str(), "STAFF");
    /// ```
    pub enum Author {
        /// Whoever wrote, or organised the event.
        Writer = "WRITER",
        /// Staff, for somebody else or from a file: may be late and is taken at its word.
        Staff = "STAFF",
        /// The demonstration's generator. Nobody wrote these letters.
        Simulation = "SIMULATION",
    }
}

/// A number of one kind as typed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields))]
#[expect(missing_docs, reason = "the fields are said by their names")]
pub struct NumberDraft {
    pub kind: ActionKind,
    pub quantity: f64,
}

/// A line as typed; without a case it is unallocated.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are said by their names")]
pub struct LineDraft {
    pub case: Option<CaseId>,
    pub kind: ActionKind,
    pub quantity: f64,
}

/// What somebody reports, as typed.
///
/// ```
/// let nothing = domain::report::Draft::default().parse().unwrap_err();
/// assert_eq!(nothing[0].rule.code(), "TOO_FEW");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// How many of a kind were written in all, where that is known.
    pub numbers: Vec<NumberDraft>,
    /// How many of a kind were written for a case.
    pub lines: Vec<LineDraft>,
    /// How many people wrote, 1–1,000,000.
    pub people: Option<f64>,
    /// The day they wrote.
    pub written_on: Option<String>,
    /// The country they wrote in.
    pub country: Option<String>,
    /// The region they wrote in.
    pub region: Option<String>,
    /// A remark for staff.
    pub note: Option<String>,
    /// Whether this only tries out the service. A test is kept and never counts.
    pub test: bool,
}

/// What somebody reports, well formed: equal contents say the same, however they were typed.
///
/// ```
/// use domain::{ActionKind, report::{Draft, LineDraft}};
/// let line = |quantity| LineDraft { case: None, kind: ActionKind::Email, quantity };
/// let one = Draft { lines: vec![line(3.0)], ..Draft::default() }.parse().unwrap();
/// let two = Draft { lines: vec![line(1.0), line(2.0)], ..Draft::default() }.parse().unwrap();
/// assert_eq!(one, two);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Quantities by case and kind; case `None` is the unallocated rest.
    pub lines: BTreeMap<(Option<CaseId>, ActionKind), u64>,
    /// How many people wrote.
    pub people: Option<u32>,
    /// The day they wrote.
    pub written_on: Option<Date>,
    /// The country they wrote in.
    pub country: Option<Country>,
    /// The region they wrote in.
    pub region: Option<Region>,
    /// A remark for staff.
    pub note: Option<String>,
    /// Whether this only tries out the service.
    pub test: bool,
}

impl Draft {
    /// # Errors
    /// All broken rules: quantities, more lines than the number of their kind, people, day, place,
    /// note.
    pub fn parse(&self) -> Result<Content, Vec<Violation>> {
        let mut violations = Violations::default();
        for (field, length) in [("lines", self.lines.len()), ("numbers", self.numbers.len())] {
            if length > LINES_MOST {
                violations.add(field, Rule::TooMany { most: LINES_MOST });
            }
        }
        if self.lines.is_empty() && self.numbers.is_empty() {
            violations.add("lines", Rule::TooFew);
        }
        let lines = self.add_up(&mut violations);
        let people = violations.keep_optional("people", self.people.map(quantity));
        let written_on = violations.keep_optional("writtenOn", self.written_on.as_deref().map(day));
        let country = violations.keep_optional("country", self.country.as_deref().map(Country::parse));
        let region = violations.keep_optional("region", self.region.as_deref().map(Region::parse));
        if let (Some(country), Some(region)) = (&country, &region)
            && region.country() != *country
        {
            violations.add("region", Rule::RegionOutsideCountry);
        }
        let note = violations.keep_optional("note", self.note.as_deref().map(text::prose));
        violations.into_result()?;
        Ok(Content { lines, people, written_on, country, region, note, test: self.test })
    }

    /// Lines of the same case and kind are one line; what a number says beyond its lines is
    /// unallocated.
    fn add_up(&self, violations: &mut Violations) -> BTreeMap<(Option<CaseId>, ActionKind), u64> {
        let mut lines = BTreeMap::new();
        for (index, line) in self.lines.iter().enumerate() {
            match quantity(line.quantity) {
                Ok(quantity) => *lines.entry((line.case, line.kind)).or_default() += u64::from(quantity),
                Err(rule) => violations
                    .extend_below(&["lines", &index.to_string()], [Violation::at(["quantity"], rule)]),
            }
        }
        for (index, given) in self.numbers.iter().enumerate() {
            let at = |field: &str, rule| [Violation::at([field], rule)];
            let path = ["numbers", &index.to_string()];
            if self.numbers[..index].iter().any(|earlier| earlier.kind == given.kind) {
                violations.extend_below(&path, at("kind", Rule::Repeated));
                continue;
            }
            let number = match quantity(given.quantity) {
                Ok(number) => u64::from(number),
                Err(rule) => {
                    violations.extend_below(&path, at("quantity", rule));
                    continue;
                }
            };
            let sum: u64 =
                lines.iter().filter(|((_, kind), _)| *kind == given.kind).map(|(_, quantity)| quantity).sum();
            if sum > number {
                let rule = Rule::LinesBeyondNumber { kind: given.kind, number, lines: sum };
                violations.extend_below(&path, at("quantity", rule));
            } else if sum < number {
                *lines.entry((None, given.kind)).or_default() += number - sum;
            }
        }
        lines
    }
}

impl Content {
    /// All quantities together.
    #[must_use]
    pub fn quantity(&self) -> u64 {
        self.lines.values().sum()
    }

    /// What tells two contents under one idempotency key apart: SHA-256 over all that was reported
    /// to a campaign, in canonical order.
    #[must_use]
    pub fn fingerprint(&self, campaign: CampaignId) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"write for rights: report 1");
        hash.update(campaign.uuid());
        for ((case, kind), quantity) in &self.lines {
            // No case has the nil identity: version 7 carries its version in the number.
            hash.update(case.map_or(uuid::Uuid::nil(), CaseId::uuid));
            hash.update(kind.as_str());
            hash.update([0]);
            hash.update(quantity.to_be_bytes());
        }
        let people = self.people.map(|people| people.to_string());
        let written_on = self.written_on.map(|day| day.to_string());
        for field in [
            people.as_deref(),
            written_on.as_deref(),
            self.country.as_ref().map(Country::as_str),
            self.region.as_ref().map(Region::as_str),
            self.note.as_deref(),
            Some(if self.test { "test" } else { "counts" }),
        ] {
            // The length before each field keeps two neighbours from running into one another.
            hash.update(field.map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
            hash.update(field.unwrap_or_default());
        }
        hash.finalize().into()
    }
}

/// Well-formed content together with the draft it was read from, whose positions name mistakes.
///
/// ```
/// use domain::{ActionKind, report::{Draft, LineDraft, Submission}};
/// let line = LineDraft { case: None, kind: ActionKind::Call, quantity: 2.0 };
/// let submission = Submission::parse(Draft { lines: vec![line], ..Draft::default() }).unwrap();
/// assert_eq!(submission.content().quantity(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    draft: Draft,
    content: Content,
}

impl Submission {
    /// # Errors
    /// All rules that the draft breaks by itself.
    pub fn parse(draft: Draft) -> Result<Self, Vec<Violation>> {
        let content = draft.parse()?;
        Ok(Self { draft, content })
    }

    /// What is reported.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }
}

/// Where reports come in: what a campaign accepts, and from whom.
///
/// ```
/// use domain::report::Intake;
/// fn limit(intake: &Intake<'_>) -> u32 { intake.campaign.limits.person }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Intake<'a> {
    /// The edition of the campaign.
    pub edition: &'a Edition,
    /// The section that runs it.
    pub section: &'a Section,
    /// The campaign.
    pub campaign: &'a Campaign,
    /// Every case of the edition and its state.
    pub cases: &'a BTreeMap<CaseId, CaseState>,
}

/// What an intake says of content that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// [`ReportState::Accepted`] or [`ReportState::Held`].
    pub state: ReportState,
    /// Whether it came in after the collection deadline.
    pub late: bool,
    /// Where its letters are counted.
    pub place: Place,
}

impl Intake<'_> {
    /// Judges what comes in at `now`; `before` is what the report said until then, if this corrects
    /// one.
    ///
    /// A case that has been suspended or closed takes no new letters from writers; those already
    /// reported may stay in a correction, and staff may enter letters written before.
    ///
    /// # Errors
    /// All broken rules of time and cases.
    pub fn judge(
        &self,
        submission: &Submission,
        before: Option<&Content>,
        author: Author,
        now: Timestamp,
    ) -> Result<Verdict, Vec<Violation>> {
        let Submission { draft, content } = submission;
        let mut violations = Violations::default();
        let window = &self.campaign.window;
        violations.keep("campaign", self.check_time(author, now));
        if let Some(written_on) = content.written_on
            && !window.takes_letters_of(written_on)
        {
            violations.add(
                "writtenOn",
                Rule::WrittenOutsideWindow { opens_on: window.opens_on(), deadline_on: window.deadline_on() },
            );
        }
        for (index, case) in draft.lines.iter().enumerate().filter_map(|(i, line)| Some((i, line.case?))) {
            let known =
                before.is_some_and(|before| before.lines.keys().any(|(earlier, _)| *earlier == Some(case)));
            if let Err(rule) = self.check_case(case, author, known) {
                violations.extend_below(&["lines", &index.to_string()], [Violation::at(["case"], rule)]);
            }
        }
        violations.into_result()?;
        let limit = u64::from(self.campaign.limits.of(Channel::Individual));
        let plausible = matches!(author, Author::Staff) || content.quantity() <= limit;
        let country = content
            .country
            .clone()
            .or_else(|| content.region.as_ref().map(Region::country))
            .or_else(|| self.section.country.clone());
        Ok(Verdict {
            state: if plausible { ReportState::Accepted } else { ReportState::Held },
            late: now >= window.deadline_at(),
            place: Place { section: self.section.id, country, region: content.region.clone() },
        })
    }

    /// Whether `author` may enter, correct or withdraw a report at `now`.
    ///
    /// # Errors
    /// [`Rule::EditionArchived`], [`Rule::NotOpenYet`] or, for all but staff,
    /// [`Rule::DeadlinePassed`].
    pub fn check_time(&self, author: Author, now: Timestamp) -> Result<(), Rule> {
        self.edition.check_open()?;
        let window = &self.campaign.window;
        match Rule::closed_by(window, window.phase(now)) {
            Some(Rule::DeadlinePassed { .. }) if matches!(author, Author::Staff) => Ok(()),
            Some(rule) => Err(rule),
            None => Ok(()),
        }
    }

    fn check_case(&self, case: CaseId, author: Author, known: bool) -> Result<(), Rule> {
        let tolerated = known || matches!(author, Author::Staff);
        match self.cases.get(&case) {
            // A draft is known to staff only: to a writer it is not there.
            None | Some(CaseState::Draft) => Err(Rule::CaseForeign),
            Some(_) if !self.campaign.picks.contains(case) && !known => Err(Rule::CaseForeign),
            Some(CaseState::Published) => Ok(()),
            Some(_) if tolerated => Ok(()),
            Some(CaseState::Suspended) => Err(Rule::CaseSuspended),
            Some(CaseState::Closed(_) | CaseState::Archived) => Err(Rule::CaseClosed),
        }
    }
}

/// What a report said from one moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// 1 for the first one.
    pub number: u32,
    /// Where it stands.
    pub state: ReportState,
    /// What it says.
    pub content: Content,
    /// Whether it came in after the collection deadline.
    pub late: bool,
    /// Where its letters are counted.
    pub place: Place,
    /// Whose word it is.
    pub author: Author,
    /// When it came in.
    pub received_at: Timestamp,
    /// Why it corrects the one before.
    pub reason: Option<String>,
    /// When it was reviewed or withdrawn.
    pub decided_at: Option<Timestamp>,
    /// Why it was reviewed so or withdrawn.
    pub decision_reason: Option<String>,
}

/// A report with all its revisions, oldest first.
///
/// ```
/// use domain::report::Report;
/// fn letters(report: &Report) -> u64 {
///     report.counting().map_or(0, |revision| revision.content.quantity())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its identity.
    pub id: ReportId,
    /// The campaign it belongs to.
    pub campaign_id: CampaignId,
    /// Through whom it came in.
    pub channel: Channel,
    revisions: Vec<Revision>,
}

/// What staff decide about a held revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// It is plausible after all and counts.
    Accept,
    /// It does not count.
    Reject,
}

impl Report {
    /// A new report.
    #[must_use]
    pub fn submitted(
        id: ReportId,
        campaign_id: CampaignId,
        content: Content,
        verdict: Verdict,
        author: Author,
        now: Timestamp,
    ) -> Self {
        let first = Revision {
            number: 1,
            state: verdict.state,
            content,
            late: verdict.late,
            place: verdict.place,
            author,
            received_at: now,
            reason: None,
            decided_at: None,
            decision_reason: None,
        };
        Self { id, campaign_id, channel: Channel::Individual, revisions: vec![first] }
    }

    /// A report as it was kept; `None` without a revision.
    #[must_use]
    pub fn from_revisions(
        id: ReportId,
        campaign_id: CampaignId,
        channel: Channel,
        mut revisions: Vec<Revision>,
    ) -> Option<Self> {
        revisions.sort_by_key(|revision| revision.number);
        if revisions.is_empty() { None } else { Some(Self { id, campaign_id, channel, revisions }) }
    }

    /// Every revision, oldest first.
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// What was handed in last, in whatever state it is.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a report is never without a revision")]
    pub fn latest(&self) -> &Revision {
        self.revisions.last().expect("a report has a revision from its first moment")
    }

    /// The revision that counts, if any does. A test never counts.
    #[must_use]
    pub fn counting(&self) -> Option<&Revision> {
        self.revisions
            .iter()
            .find(|revision| revision.state == ReportState::Accepted && !revision.content.test)
    }

    /// What this report adds to the totals.
    #[must_use]
    pub fn contribution(&self) -> Option<Contribution<'_>> {
        self.counting().map(|revision| Contribution {
            place: &revision.place,
            channel: self.channel,
            lines: &revision.content.lines,
            people: revision.content.people,
            late: revision.late,
        })
    }

    /// # Errors
    /// [`Rule::StaleRevision`] where somebody was faster, [`Rule::ReportStateForbids`] once the
    /// report is withdrawn.
    pub fn check_change(&self, expected_revision: u32) -> Result<(), Rule> {
        let latest = self.latest();
        if latest.state == ReportState::Withdrawn {
            Err(Rule::ReportStateForbids { state: latest.state })
        } else if latest.number != expected_revision {
            Err(Rule::StaleRevision { current: latest.number })
        } else {
            Ok(())
        }
    }

    /// Adds a correction. An accepted one supersedes all before it; a held one leaves the accepted
    /// revision counting and supersedes only an earlier held one.
    pub fn correct(
        &mut self,
        content: Content,
        verdict: Verdict,
        author: Author,
        reason: String,
        now: Timestamp,
    ) {
        let number = self.latest().number + 1;
        for revision in &mut self.revisions {
            let replaced = match revision.state {
                ReportState::Accepted => verdict.state == ReportState::Accepted,
                ReportState::Held => true,
                ReportState::Rejected | ReportState::Withdrawn | ReportState::Superseded => false,
            };
            if replaced {
                revision.state = ReportState::Superseded;
            }
        }
        self.revisions.push(Revision {
            number,
            state: verdict.state,
            content,
            late: verdict.late,
            place: verdict.place,
            author,
            received_at: now,
            reason: Some(reason),
            decided_at: None,
            decision_reason: None,
        });
    }

    /// Takes the report back: whatever counts or waits does so no more.
    pub fn withdraw(&mut self, reason: &str, now: Timestamp) {
        for revision in &mut self.revisions {
            if matches!(revision.state, ReportState::Accepted | ReportState::Held) {
                revision.decide(ReportState::Withdrawn, reason, now);
            }
        }
        // A refused correction may stand last; the report as a whole is withdrawn all the same.
        if let Some(latest) = self.revisions.last_mut()
            && latest.state != ReportState::Withdrawn
        {
            latest.decide(ReportState::Withdrawn, reason, now);
        }
    }

    /// Decides about the revision that is held.
    ///
    /// # Errors
    /// [`Rule::ReportStateForbids`] if none is.
    pub fn review(&mut self, review: Review, reason: &str, now: Timestamp) -> Result<(), Rule> {
        let latest = self.latest();
        if latest.state != ReportState::Held {
            return Err(Rule::ReportStateForbids { state: latest.state });
        }
        for revision in &mut self.revisions {
            match (revision.state, review) {
                (ReportState::Held, Review::Accept) => revision.decide(ReportState::Accepted, reason, now),
                (ReportState::Held, Review::Reject) => revision.decide(ReportState::Rejected, reason, now),
                (ReportState::Accepted, Review::Accept) => revision.state = ReportState::Superseded,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Revision {
    fn decide(&mut self, state: ReportState, reason: &str, now: Timestamp) {
        self.state = state;
        self.decided_at = Some(now);
        self.decision_reason = Some(reason.to_owned());
    }
}

/// A quantity of a line: a whole number from 1 to 1,000,000.
///
/// # Errors
/// [`Rule::QuantityNotWhole`] or [`Rule::QuantityOutOfRange`].
///
/// ```
/// use domain::{Rule, report::quantity};
/// assert_eq!(quantity(26.0), Ok(26));
/// assert_eq!(quantity(2.5), Err(Rule::QuantityNotWhole));
/// assert_eq!(quantity(-1.0), Err(Rule::QuantityOutOfRange));
/// ```
pub fn quantity(typed: f64) -> Result<u32, Rule> {
    if typed.is_finite() && typed.fract() != 0.0 {
        return Err(Rule::QuantityNotWhole);
    }
    whole(typed)
        .and_then(|quantity| u32::try_from(quantity).ok())
        .filter(|quantity| (1..=QUANTITY_MOST).contains(quantity))
        .ok_or(Rule::QuantityOutOfRange)
}

/// A number as typed, if it is a whole one from 0 to 2^53−1.
pub(crate) fn whole(typed: f64) -> Option<u64> {
    let most = crate::total::COUNT_MOST as f64;
    let whole = typed.fract() == 0.0 && (0.0..=most).contains(&typed);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, not negative, and exact up to 2^53"
    )]
    whole.then_some(typed as u64)
}

/// An idempotency key: 16–128 printable ASCII characters.
///
/// # Errors
/// [`Rule::KeyInvalid`].
///
/// ```
/// assert!(domain::report::key("rosnowo-2021-12-10").is_ok());
/// assert!(domain::report::key("short").is_err());
/// ```
pub fn key(typed: &str) -> Result<&str, Rule> {
    let well_formed =
        (KEY_LEAST..=KEY_MOST).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_graphic());
    if well_formed { Ok(typed) } else { Err(Rule::KeyInvalid) }
}

#[cfg(test)]
mod tests;
