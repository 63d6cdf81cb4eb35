//! Input of an event, as typed. It is validated completely, so that all violations are reported at once.

use std::collections::BTreeSet;

use super::{
    Accessibility, Event, EventAudience, EventContent, EventFormat, EventPolicy, EventVisibility,
    MAX_SESSIONS, MaterialItem, Organizer, PickedCase, Place, PlaceDraft, Session, SessionDraft, VenueKind,
    content::is_home,
};
use crate::{
    CaseId, EditionId,
    campaign::goal,
    draft::{Fields, Patch, bound, parts, unique, words},
    number::{CountDraft, headcount},
    text::{self, Language, Zone},
    violation::{Violation, ViolationKind, Violations},
};

/// Co-organizers of one event: those who do its work. A longer list would be a list of members.
pub const MAX_CO_ORGANIZERS: usize = 20;
/// Languages that are spoken at one event.
pub const MAX_LANGUAGES: usize = 20;
/// An edition has ten or so cases, and had thirty at most.
pub const MAX_CASES: usize = 50;

/// An organizer of an event, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `Organizer`, as typed")]
pub struct OrganizerDraft {
    pub name: String,
    pub email: String,
    pub display_name: Option<String>,
}

impl OrganizerDraft {
    fn parse(&self) -> Result<Organizer, Violations> {
        let mut violations = Violations::default();
        let organizer = Organizer {
            name: violations.check("name", text::line(&self.name)).unwrap_or_default(),
            email: violations.check("email", text::email(&self.email)).unwrap_or_default(),
            display_name: violations
                .check_optional("display_name", self.display_name.as_deref().map(text::line)),
        };
        violations.into_result().map(|()| organizer)
    }
}

/// A case that an event writes for, as typed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `PickedCase`, as typed")]
pub struct PickedCaseDraft {
    pub case: CaseId,
    pub letter_goal: Option<CountDraft>,
}

/// An event as typed: whole when it is registered, in part when it is changed.
///
/// An absent field leaves the value unchanged. [`Patch::Clear`] removes the value of an optional field.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `EventContent`, as typed")]
pub struct EventDraft {
    pub title: Option<String>,
    pub description: Patch<String>,
    pub visibility: Option<EventVisibility>,
    pub format: Option<EventFormat>,
    pub venue_kind: Option<VenueKind>,
    pub time_zone: Option<String>,
    pub sessions: Option<Vec<SessionDraft>>,
    pub place: Patch<PlaceDraft>,
    pub online_link: Patch<String>,
    pub capacity: Patch<CountDraft>,
    pub expected_attendance: Patch<CountDraft>,
    pub languages: Option<Vec<String>>,
    pub accessibility: Option<Vec<Accessibility>>,
    pub cases: Option<Vec<PickedCaseDraft>>,
    pub letter_goal: Patch<CountDraft>,
    pub organizer: Option<OrganizerDraft>,
    pub co_organizers: Option<Vec<OrganizerDraft>>,
    pub materials: Option<Vec<MaterialItem>>,
    pub staff_note: Patch<String>,
}

impl EventDraft {
    /// A draft that copies an event, in its latest content, at other times. The cases of another edition and
    /// the remark for staff are not copied.
    #[must_use]
    pub fn like(event: &Event, edition: EditionId, sessions: Vec<SessionDraft>) -> Self {
        let content = event.latest().clone();
        let cases = content.cases.iter().filter(|_| event.edition_id == edition);
        Self {
            title: Some(content.title),
            description: content.description.into(),
            visibility: Some(content.visibility),
            format: Some(content.format),
            venue_kind: Some(content.venue_kind),
            time_zone: Some(content.zone.into()),
            sessions: Some(sessions),
            place: content.place.map(PlaceDraft::from).into(),
            online_link: content.online_link.into(),
            capacity: content.capacity.map(CountDraft::from).into(),
            expected_attendance: content.expected_attendance.map(CountDraft::from).into(),
            languages: Some(content.languages.into_iter().map(String::from).collect()),
            accessibility: Some(content.accessibility),
            cases: Some(cases.map(PickedCaseDraft::from).collect()),
            letter_goal: content.letter_goal.map(CountDraft::from).into(),
            organizer: Some(content.organizer.into()),
            co_organizers: Some(content.co_organizers.into_iter().map(OrganizerDraft::from).collect()),
            materials: Some(content.materials),
            staff_note: Patch::Keep,
        }
    }

    /// What the event is after this draft: what the draft leaves out stays as it was `before`.
    ///
    /// Existing sessions and cases may stay, whatever the campaign allows for new ones.
    ///
    /// # Errors
    /// All broken rules, each with the path of the field at fault.
    pub fn complete(
        &self,
        before: Option<&EventContent>,
        terms: &EventPolicy<'_>,
    ) -> Result<EventContent, Violations> {
        let mut fields = Fields::new(before);
        let title = fields.required("title", self.title.as_deref().map(text::line), |was| was.title.clone());
        let description =
            fields.text("description", &self.description, text::prose, |was| was.description.clone());
        let visibility = fields.required("visibility", self.visibility.map(Ok), |was| was.visibility);
        let format = fields.required("format", self.format.map(Ok), |was| was.format);
        let venue_kind = fields.required("venue_kind", self.venue_kind.map(Ok), |was| was.venue_kind);
        check_venue(&mut fields.violations, format, venue_kind);
        let zone =
            fields.required("time_zone", self.time_zone.as_deref().map(Zone::parse), |was| was.zone.clone());
        let sessions = self.sessions(&mut fields.violations, zone.as_ref(), before, terms);
        let session_numbers = before
            .map(|before| before.session_numbers.after(&before.sessions, &sessions))
            .unwrap_or_default();
        let place = self.place(&mut fields.violations, format, venue_kind, before);
        let online_link =
            fields.text("online_link", &self.online_link, text::url, |was| was.online_link.clone());
        let (capacity, expected_attendance) = self.headcounts(&mut fields);
        let languages = self.languages(&mut fields.violations, before);
        let cases = self.cases(&mut fields.violations, before, terms);
        let letter_goal = fields.number("letter_goal", &self.letter_goal, goal, |was| was.letter_goal);
        check_goals(&mut fields.violations, letter_goal, &cases);
        let organizer = self.organizer(&mut fields);
        let co_organizers = self.co_organizers(&mut fields.violations, before);
        let staff_note =
            fields.text("staff_note", &self.staff_note, text::note, |was| was.staff_note.clone());
        fields.violations.into_result()?;
        let (Some(title), Some(visibility), Some(format), Some(venue_kind), Some(zone), Some(organizer)) =
            (title, visibility, format, venue_kind, zone, organizer)
        else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(EventContent {
            title,
            description,
            visibility,
            format,
            venue_kind,
            zone,
            sessions,
            session_numbers,
            place,
            online_link,
            capacity,
            expected_attendance,
            languages,
            accessibility: words(self.accessibility.as_ref(), before.map(|before| &before.accessibility)),
            cases,
            letter_goal,
            organizer,
            co_organizers,
            materials: words(self.materials.as_ref(), before.map(|before| &before.materials)),
            staff_note,
        })
    }

    /// The capacity and the expected attendance.
    fn headcounts(&self, fields: &mut Fields<'_, EventContent>) -> (Option<u32>, Option<u32>) {
        let capacity = fields.number("capacity", &self.capacity, headcount, |was| was.capacity);
        let expected = &self.expected_attendance;
        let expected =
            fields.number("expected_attendance", expected, headcount, |was| was.expected_attendance);
        (capacity, expected)
    }

    fn sessions(
        &self,
        violations: &mut Violations,
        zone: Option<&Zone>,
        before: Option<&EventContent>,
        terms: &EventPolicy<'_>,
    ) -> Vec<Session> {
        // Without a zone the instants of a session are unknown.
        let Some(zone) = zone else { return Vec::new() };
        let in_its_zone = before.filter(|before| before.zone == *zone);
        let present = in_its_zone.and_then(EventContent::recomputed);
        let known = present.as_ref().or(before).map(|known| known.sessions.as_slice()).unwrap_or_default();
        let moved: Vec<SessionDraft>;
        let typed = match &self.sessions {
            Some(typed) => typed,
            None if in_its_zone.is_some() => return known.to_vec(),
            // In another zone the clocks on the wall show the same as before.
            None => {
                moved = known.iter().map(SessionDraft::from).collect();
                &moved
            }
        };
        match typed.len() {
            0 => violations.add("sessions", ViolationKind::TooFewItems),
            1..=MAX_SESSIONS => {}
            _ => violations.add("sessions", ViolationKind::TooManyItems { most: MAX_SESSIONS }),
        }
        let mut sessions: Vec<(usize, Session)> = Vec::with_capacity(typed.len());
        for (index, draft) in typed.iter().enumerate() {
            let position = index.to_string();
            match draft.parse(zone) {
                Ok(session) => {
                    if !known.contains(&session)
                        && let Err(rule) = terms.check_session(&session)
                    {
                        violations.extend_at(&["sessions"], [Violation::at([position], rule)]);
                    }
                    sessions.push((index, session));
                }
                Err(broken) => violations.extend_at(&["sessions", &position], broken),
            }
        }
        sessions.sort_by_key(|(_, session)| session.starts_at());
        for pair in sessions.windows(2) {
            if let [(_, one), (index, next)] = pair
                && next.starts_at() < one.ends_at()
            {
                violations.extend_at(
                    &["sessions"],
                    [Violation::at([index.to_string()], ViolationKind::SessionsOverlap)],
                );
            }
        }
        sessions.into_iter().map(|(_, session)| session).collect()
    }

    fn place(
        &self,
        violations: &mut Violations,
        format: Option<EventFormat>,
        venue_kind: Option<VenueKind>,
        before: Option<&EventContent>,
    ) -> Option<Place> {
        let is_home = format.zip(venue_kind).is_some_and(|(format, kind)| is_home(format, kind));
        let place = match &self.place {
            Patch::Set(draft) => match draft.parse(is_home) {
                Ok(place) => Some(place),
                Err(broken) => {
                    violations.extend_at(&["place"], broken);
                    return None;
                }
            },
            Patch::Clear => None,
            Patch::Keep => before.and_then(|before| before.place.clone()).map(|place| Place {
                // The exact place of a home is not public, also if it became a home by a later change.
                exact_for: if is_home && place.exact_for == EventAudience::Everyone {
                    EventAudience::Organizers
                } else {
                    place.exact_for
                },
                ..place
            }),
        };
        if place.is_none() && format.is_some_and(EventFormat::has_a_place) {
            violations.add("place", ViolationKind::PlaceMissing);
        }
        place
    }

    fn cases(
        &self,
        violations: &mut Violations,
        before: Option<&EventContent>,
        terms: &EventPolicy<'_>,
    ) -> Vec<PickedCase> {
        let known = before.map(|before| before.cases.as_slice()).unwrap_or_default();
        let Some(typed) = &self.cases else { return known.to_vec() };
        if typed.len() > MAX_CASES {
            violations.add("cases", ViolationKind::TooManyItems { most: MAX_CASES });
        }
        let mut seen = BTreeSet::new();
        let mut cases = Vec::with_capacity(typed.len());
        for (index, draft) in typed.iter().enumerate() {
            let mut broken = Violations::default();
            let was_there = known.iter().any(|picked| picked.case == draft.case);
            let case = if seen.insert(draft.case) {
                terms.check_case(draft.case, was_there)
            } else {
                Err(ViolationKind::Duplicate)
            };
            broken.check("case", case);
            let letter_goal = broken.check_optional("letter_goal", draft.letter_goal.map(goal));
            if let Err(broken) = broken.into_result() {
                violations.extend_at(&["cases", &index.to_string()], broken);
            }
            cases.push(PickedCase { case: draft.case, letter_goal });
        }
        cases
    }

    fn languages(&self, violations: &mut Violations, before: Option<&EventContent>) -> Vec<Language> {
        let Some(typed) = &self.languages else {
            return before.map(|before| before.languages.clone()).unwrap_or_default();
        };
        bound(violations, "languages", typed, MAX_LANGUAGES);
        unique(violations, "languages", typed, |tag| Language::parse(tag))
    }

    fn organizer(&self, fields: &mut Fields<'_, EventContent>) -> Option<Organizer> {
        match &self.organizer {
            Some(draft) => {
                draft.parse().map_err(|broken| fields.violations.extend_at(&["organizer"], broken)).ok()
            }
            None => fields.required("organizer", None, |was| was.organizer.clone()),
        }
    }

    fn co_organizers(&self, violations: &mut Violations, before: Option<&EventContent>) -> Vec<Organizer> {
        let Some(typed) = &self.co_organizers else {
            return before.map(|before| before.co_organizers.clone()).unwrap_or_default();
        };
        bound(violations, "co_organizers", typed, MAX_CO_ORGANIZERS);
        parts(violations, "co_organizers", typed, OrganizerDraft::parse)
    }
}

impl From<Organizer> for OrganizerDraft {
    fn from(organizer: Organizer) -> Self {
        Self { name: organizer.name, email: organizer.email, display_name: organizer.display_name }
    }
}

impl From<&PickedCase> for PickedCaseDraft {
    fn from(picked: &PickedCase) -> Self {
        Self { case: picked.case, letter_goal: picked.letter_goal.map(CountDraft::from) }
    }
}

impl From<&Session> for SessionDraft {
    /// The session as it would be typed, without a choice for local times that come twice.
    fn from(session: &Session) -> Self {
        let typed = |time: jiff::civil::DateTime| time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        Self {
            local_start: typed(session.local_start()),
            local_end: typed(session.local_end()),
            ..Self::default()
        }
    }
}

/// Online events have the venue kind of online events, and no other event has it.
fn check_venue(violations: &mut Violations, format: Option<EventFormat>, venue_kind: Option<VenueKind>) {
    if let (Some(format), Some(venue_kind)) = (format, venue_kind)
        && format.has_a_place() == (venue_kind == VenueKind::Online)
    {
        violations.add("venue_kind", ViolationKind::VenueContradictsFormat);
    }
}

/// The goals of the cases must fit into the goal of the event.
fn check_goals(violations: &mut Violations, letter_goal: Option<u64>, cases: &[PickedCase]) {
    let parts = cases.iter().filter_map(|picked| picked.letter_goal).sum();
    if let Some(whole) = letter_goal.filter(|whole| *whole < parts) {
        violations.add("letter_goal", ViolationKind::CaseGoalsExceedGoal { whole, parts });
    }
}
