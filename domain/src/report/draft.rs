//! The content of a report: as typed, and well formed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{ActionKind, Origin, Way};
use crate::{
    CampaignId, CaseId,
    date::day,
    number::{CountDraft, quantity},
    text::{self, Country, Region},
    violation::{Violation, ViolationKind, Violations},
};

/// Ten cases times ten kinds, twice over.
pub const MAX_LINES: usize = 200;
/// What a partner sends in one request without holding up others.
pub const MAX_BATCH: usize = 500;
/// Shorter keys collide, and the secret of a report is derived from its key.
pub const MIN_KEY: usize = 16;
/// Two UUIDs and some words around them.
pub const MAX_KEY: usize = 128;

/// A number of one kind as typed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields))]
#[expect(missing_docs, reason = "the fields are said by their names")]
pub struct NumberDraft {
    pub kind: ActionKind,
    pub quantity: CountDraft,
}

/// A line as typed; without a case it is unallocated.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are said by their names")]
pub struct LineDraft {
    pub case: Option<CaseId>,
    pub kind: ActionKind,
    pub quantity: CountDraft,
}

/// The content of a report, as typed.
///
/// ```
/// let nothing = domain::report::ReportDraft::default().parse().unwrap_err();
/// assert_eq!(nothing[0].rule.code(), "TOO_FEW_ITEMS");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportDraft {
    /// How many of a kind were written in all, where that is known.
    pub numbers: Vec<NumberDraft>,
    /// How many of a kind were written for a case.
    pub lines: Vec<LineDraft>,
    /// How many people wrote, 1–1,000,000.
    pub people: Option<CountDraft>,
    /// The day they wrote.
    pub written_on: Option<String>,
    /// The country they wrote in.
    pub country: Option<String>,
    /// The region they wrote in.
    pub region: Option<String>,
    /// Who hands it in, where that is told.
    pub origin: Option<Origin>,
    /// How it was collected, where that is told.
    pub way: Option<Way>,
    /// A remark for staff.
    pub staff_note: Option<String>,
    /// Whether this only tries out the service. A test is kept and never counts.
    pub test: bool,
}

/// The content of a report, well formed: contents that mean the same are equal, however they were typed.
///
/// ```
/// use domain::{ActionKind, report::{ReportDraft, LineDraft}};
/// let line = |quantity: u32| LineDraft { case: None, kind: ActionKind::Email, quantity: quantity.into() };
/// let one = ReportDraft { lines: vec![line(3)], ..ReportDraft::default() }.parse().unwrap();
/// let two = ReportDraft { lines: vec![line(1), line(2)], ..ReportDraft::default() }.parse().unwrap();
/// assert_eq!(one, two);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportContent {
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
    /// Who handed it in. The intake settles what was not told, and that of an event.
    pub origin: Option<Origin>,
    /// How it was collected; `None` is unknown.
    pub way: Option<Way>,
    /// A remark for staff.
    pub staff_note: Option<String>,
    /// Whether this only tries out the service.
    pub test: bool,
}

impl ReportDraft {
    /// # Errors
    /// All broken rules: kinds, quantities, more lines than the number of their kind, people, day, place, note.
    pub fn parse(&self) -> Result<ReportContent, Violations> {
        let mut violations = Violations::default();
        for (field, length) in [("lines", self.lines.len()), ("numbers", self.numbers.len())] {
            if length > MAX_LINES {
                violations.add(field, ViolationKind::TooManyItems { most: MAX_LINES });
            }
        }
        if self.lines.is_empty() && self.numbers.is_empty() {
            violations.add("lines", ViolationKind::TooFewItems);
        }
        let lines = self.add_up(&mut violations);
        let people = violations.check_optional("people", self.people.map(quantity));
        let written_on = violations.check_optional("written_on", self.written_on.as_deref().map(day));
        let country = violations.check_optional("country", self.country.as_deref().map(Country::parse));
        let region = violations.check_optional("region", self.region.as_deref().map(Region::parse));
        if let (Some(country), Some(region)) = (&country, &region)
            && region.country() != *country
        {
            violations.add("region", ViolationKind::RegionOutsideCountry);
        }
        let staff_note = violations.check_optional("staff_note", self.staff_note.as_deref().map(text::note));
        violations.into_result()?;
        let Self { origin, way, test, .. } = *self;
        Ok(ReportContent { lines, people, written_on, country, region, origin, way, staff_note, test })
    }

    /// Whether a 0 says nothing: in a grid most cells are 0. If all of them are, nothing is reported, which is an
    /// error.
    fn has_more_than_zeros(&self) -> bool {
        let lines = self.lines.iter().map(|line| line.quantity);
        lines.chain(self.numbers.iter().map(|number| number.quantity)).any(|quantity| !quantity.is_zero())
    }

    /// Adds up lines of the same case and kind; the part of a number that exceeds its lines is
    /// unallocated.
    fn add_up(&self, violations: &mut Violations) -> BTreeMap<(Option<CaseId>, ActionKind), u64> {
        let mut lines = BTreeMap::new();
        let zero_is_nothing = self.has_more_than_zeros();
        for (index, line) in self.lines.iter().enumerate() {
            if line.kind.is_unspecified() {
                let rule = Violation::at(["kind"], ViolationKind::KindUnspecified { kind: line.kind });
                violations.extend_at(&["lines", &index.to_string()], [rule]);
            }
            if zero_is_nothing && line.quantity.is_zero() {
                continue;
            }
            match quantity(line.quantity) {
                Ok(quantity) => *lines.entry((line.case, line.kind)).or_default() += u64::from(quantity),
                Err(rule) => {
                    violations.extend_at(&["lines", &index.to_string()], [Violation::at(["quantity"], rule)])
                }
            }
        }
        for (index, given) in self.numbers.iter().enumerate() {
            let at = |field: &str, rule| [Violation::at([field], rule)];
            let path = ["numbers", &index.to_string()];
            if given.kind.is_unspecified() {
                violations.extend_at(&path, at("kind", ViolationKind::KindUnspecified { kind: given.kind }));
            }
            if self.numbers[..index].iter().any(|earlier| earlier.kind == given.kind) {
                violations.extend_at(&path, at("kind", ViolationKind::Duplicate));
                continue;
            }
            let number = match quantity(given.quantity) {
                Err(_) if zero_is_nothing && given.quantity.is_zero() => 0,
                Ok(number) => u64::from(number),
                Err(rule) => {
                    violations.extend_at(&path, at("quantity", rule));
                    continue;
                }
            };
            let sum: u64 =
                lines.iter().filter(|((_, kind), _)| *kind == given.kind).map(|(_, quantity)| quantity).sum();
            if sum > number {
                let rule = ViolationKind::LinesExceedTotal { kind: given.kind, number, lines: sum };
                violations.extend_at(&path, at("quantity", rule));
            } else if sum < number {
                *lines.entry((None, given.kind)).or_default() += number - sum;
            }
        }
        lines
    }
}

impl ReportContent {
    /// All quantities together.
    #[must_use]
    pub fn quantity(&self) -> u64 {
        self.lines.values().sum()
    }

    /// The same without where it was written: an event's letters are counted where it takes place.
    pub(super) fn without_place(self) -> Self {
        Self { country: None, region: None, ..self }
    }

    /// The fingerprint of the content under an idempotency key: SHA-256 over all that was reported to a
    /// campaign, in canonical order.
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
            self.staff_note.as_deref(),
            Some(if self.test { "test" } else { "counts" }),
        ] {
            // The length before each field keeps two neighbours from running into one another.
            hash.update(field.map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
            hash.update(field.unwrap_or_default());
        }
        // Labelled, and nothing where they are not told: requests of earlier versions keep their fingerprints.
        let origin = self.origin.map(|origin| ("origin", origin.as_str()));
        for (label, word) in origin.into_iter().chain(self.way.map(|way| ("way", way.as_str()))) {
            hash.update(label);
            hash.update((word.len() as u64).to_be_bytes());
            hash.update(word);
        }
        hash.finalize().into()
    }
}

/// Well-formed content together with the draft it was read from, whose positions name mistakes.
///
/// ```
/// use domain::{ActionKind, report::{ReportDraft, LineDraft, ReportSubmission}};
/// let line = LineDraft { case: None, kind: ActionKind::Call, quantity: 2.into() };
/// let submission = ReportSubmission::parse(ReportDraft { lines: vec![line], ..ReportDraft::default() }).unwrap();
/// assert_eq!(submission.content().quantity(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ReportSubmission {
    pub(super) draft: ReportDraft,
    pub(super) content: ReportContent,
}

impl ReportSubmission {
    /// # Errors
    /// All rules that the draft breaks by itself.
    pub fn parse(draft: ReportDraft) -> Result<Self, Violations> {
        let content = draft.parse()?;
        Ok(Self { draft, content })
    }

    /// What is reported.
    #[must_use]
    pub const fn content(&self) -> &ReportContent {
        &self.content
    }
}

/// An idempotency key: 16–128 printable ASCII characters.
///
/// # Errors
/// [`ViolationKind::IdempotencyKeyInvalid`].
///
/// ```
/// assert!(domain::report::key("rosnowo-2021-12-10").is_ok());
/// assert!(domain::report::key("short").is_err());
/// ```
pub fn key(typed: &str) -> Result<&str, ViolationKind> {
    let well_formed =
        (MIN_KEY..=MAX_KEY).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_graphic());
    if well_formed {
        Ok(typed)
    } else {
        Err(ViolationKind::IdempotencyKeyInvalid { least: MIN_KEY, most: MAX_KEY })
    }
}
