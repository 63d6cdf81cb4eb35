//! Input of a registration, as typed. It is validated completely, so that all violations are reported at once.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{AgeBand, ContactConsent, ParticipantContent, ParticipantRole};
use crate::{
    CampaignId, CaseId,
    campaign::goal,
    draft::{Fields, Patch, words},
    email::EmailAddress,
    event::EventPolicy,
    fingerprint::{self, Canonical},
    number::CountDraft,
    text::{self, Country, Language, Region},
    violation::{ViolationKind, Violations},
};

/// An edition has ten or so cases, and had thirty at most.
pub const MAX_CASES: usize = 50;

/// A registration as typed: whole when it is new, in part when it is changed.
///
/// An absent field leaves the value unchanged. [`Patch::Clear`] removes the value of an optional field.
///
/// ```
/// let draft = domain::participant::ParticipantDraft::default();
/// assert!(draft.contact_consent.is_keep(), "a draft agrees to nothing by itself");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `ParticipantContent`, as typed")]
pub struct ParticipantDraft {
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub roles: Option<Vec<ParticipantRole>>,
    pub letter_goal: Patch<CountDraft>,
    pub cases: Option<Vec<CaseId>>,
    pub language: Patch<String>,
    pub country: Patch<String>,
    pub region: Patch<String>,
    pub age_band: Patch<AgeBand>,
    /// The name of the text that they agree to.
    pub contact_consent: Patch<String>,
}

impl ParticipantDraft {
    /// The content of the registration after this draft. Fields that it leaves out stay as they were `before`.
    ///
    /// Cases that were chosen before may stay, whatever has become of them.
    ///
    /// # Errors
    /// All broken rules, each with the path of the field at fault.
    pub fn complete(
        &self,
        before: Option<&ParticipantContent>,
        terms: &EventPolicy<'_>,
        now: Timestamp,
    ) -> Result<ParticipantContent, Violations> {
        let mut fields = Fields::new(before);
        let display_name = self.display_name.as_deref().map(text::line);
        let display_name = fields.required("display_name", display_name, |was| was.display_name.clone());
        let email = self.email.as_deref().or(before.is_none().then_some("")).map(EmailAddress::parse);
        let email = fields.required("email", email, |was| was.email.clone());
        let roles = words(self.roles.as_ref(), before.map(|before| &before.roles));
        if roles.is_empty() {
            fields.violations.add("roles", ViolationKind::TooFewItems);
        }
        let letter_goal = fields.number("letter_goal", &self.letter_goal, goal, |was| was.letter_goal);
        let cases = self.cases(&mut fields.violations, before, terms);
        let language = fields.text("language", &self.language, Language::parse, |was| was.language.clone());
        let country = fields.text("country", &self.country, Country::parse, |was| was.country.clone());
        let region = fields.text("region", &self.region, Region::parse, |was| was.region.clone());
        if let (Some(country), Some(region)) = (&country, &region)
            && region.country() != *country
        {
            fields.violations.add("region", ViolationKind::RegionOutsideCountry);
        }
        let age_band = self.age_band.apply_to(before.and_then(|before| before.age_band));
        let agreed = before.and_then(|before| before.consent.as_ref());
        let parse = |typed: &str| contact_consent(typed, agreed, now);
        let consent = fields.text("contact_consent", &self.contact_consent, parse, |was| was.consent.clone());
        if consent.is_some() && !age_band.is_some_and(AgeBand::is_adult) {
            fields.violations.add("contact_consent", ViolationKind::ConsentNeedsAdult);
        }
        fields.violations.into_result()?;
        let (Some(display_name), Some(email)) = (display_name, email) else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(ParticipantContent {
            display_name,
            email,
            roles,
            letter_goal,
            cases,
            language,
            country,
            region,
            age_band,
            consent,
        })
    }

    /// The fingerprint of this registration with a campaign. Its labels are stored in hashed form: they must never
    /// change.
    #[must_use]
    pub fn fingerprint(&self, campaign: CampaignId) -> [u8; 32] {
        fingerprint::of(&[&"participant", &campaign, self])
    }

    fn cases(
        &self,
        violations: &mut Violations,
        before: Option<&ParticipantContent>,
        terms: &EventPolicy<'_>,
    ) -> Vec<CaseId> {
        let known = before.map(|before| before.cases.as_slice()).unwrap_or_default();
        let Some(typed) = &self.cases else { return known.to_vec() };
        if typed.len() > MAX_CASES {
            violations.add("cases", ViolationKind::TooManyItems { most: MAX_CASES });
        }
        let mut seen = BTreeSet::new();
        let checked = typed.iter().map(|&case| {
            if !seen.insert(case) {
                return Err(ViolationKind::Duplicate);
            }
            terms.check_case(case, known.contains(&case)).map(|()| case)
        });
        violations.check_each("cases", checked)
    }
}

/// The consent to the text with this name; a consent that was given before to the same text stays as it was.
fn contact_consent(
    typed: &str,
    agreed: Option<&ContactConsent>,
    now: Timestamp,
) -> Result<ContactConsent, ViolationKind> {
    let text = text::line(typed)?;
    let same = agreed.filter(|agreed| agreed.text == text).cloned();
    Ok(same.unwrap_or(ContactConsent { text, given_at: now }))
}

impl Canonical for ParticipantDraft {
    fn write(&self, text: &mut String) {
        fingerprint::object(
            text,
            &[
                ("display_name", &self.display_name),
                ("email", &self.email),
                ("roles", &self.roles),
                ("letter_goal", &self.letter_goal),
                ("cases", &self.cases),
                ("language", &self.language),
                ("country", &self.country),
                ("region", &self.region),
                ("age_band", &self.age_band),
                ("consent", &self.contact_consent),
            ],
        );
    }
}
