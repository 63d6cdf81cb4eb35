//! Input of a case, as typed. It is validated completely, so that all violations are reported at once.

use std::collections::BTreeSet;

use super::{
    Authority, CaseContent, CaseKind, CaseText, CaseTopic, MAX_ADDRESS_LINES, MAX_AUTHORITIES, MAX_ENTRIES,
    MAX_TEXTS, Solidarity, SolidarityChannel, WritingRestriction,
};
use crate::{
    draft::{Fields, bound, parts, words},
    text::{self, Country, Language},
    violation::{Violation, ViolationKind, Violations},
};

/// The texts of one language as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize),
    serde(rename_all = "camelCase", deny_unknown_fields)
)]
#[expect(missing_docs, reason = "the fields are those of `CaseText`, as typed")]
pub struct TextDraft {
    pub language: String,
    pub title: Option<String>,
    pub summary: Option<String>,
    pub background: Option<String>,
    pub ask: Option<String>,
    pub sample_letter: Option<String>,
    pub advice: Option<String>,
}

impl TextDraft {
    fn parse(&self) -> Result<CaseText, Violations> {
        let mut violations = Violations::default();
        let language = violations.check("language", Language::parse(&self.language));
        let mut prose = |field, typed: &Option<String>| {
            violations.check_optional(field, typed.as_deref().map(text::prose))
        };
        let summary = prose("summary", &self.summary);
        let background = prose("background", &self.background);
        let ask = prose("ask", &self.ask);
        let sample_letter = prose("sample_letter", &self.sample_letter);
        let advice = prose("advice", &self.advice);
        let title = violations.check_optional("title", self.title.as_deref().map(text::line));
        violations.into_result()?;
        let Some(language) = language else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(CaseText { language, title, summary, background, ask, sample_letter, advice })
    }
}

/// An authority as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize),
    serde(rename_all = "camelCase", deny_unknown_fields)
)]
#[expect(missing_docs, reason = "the fields are those of `Authority`, as typed")]
pub struct AuthorityDraft {
    pub title: String,
    pub name: Option<String>,
    pub salutation: Option<String>,
    pub country: Option<String>,
    #[cfg_attr(feature = "serde", serde(default))]
    pub postal_address: Vec<String>,
    pub email: Option<String>,
}

impl AuthorityDraft {
    pub(crate) fn parse(&self) -> Result<Authority, Violations> {
        let mut violations = Violations::default();
        let authority = Authority {
            title: violations.check("title", text::line(&self.title)).unwrap_or_default(),
            name: violations.check_optional("name", self.name.as_deref().map(text::line)),
            salutation: violations.check_optional("salutation", self.salutation.as_deref().map(text::line)),
            country: violations.check_optional("country", self.country.as_deref().map(Country::parse)),
            postal_address: address(&mut violations, "postal_address", &self.postal_address),
            email: violations.check_optional("email", self.email.as_deref().map(text::email)),
        };
        violations.into_result().map(|()| authority)
    }
}

/// A solidarity channel as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize),
    serde(rename_all = "camelCase", deny_unknown_fields)
)]
#[expect(missing_docs, reason = "the fields are those of `Solidarity`, as typed")]
pub struct SolidarityDraft {
    pub channel: SolidarityChannel,
    #[cfg_attr(feature = "serde", serde(default))]
    pub languages: Vec<String>,
    #[cfg_attr(feature = "serde", serde(default))]
    pub restrictions: Vec<WritingRestriction>,
    #[cfg_attr(feature = "serde", serde(default))]
    pub address: Vec<String>,
}

impl SolidarityDraft {
    fn parse(&self) -> Result<Solidarity, Violations> {
        let mut violations = Violations::default();
        bound(&mut violations, "languages", &self.languages, MAX_ENTRIES);
        bound(&mut violations, "restrictions", &self.restrictions, MAX_ENTRIES);
        let solidarity = Solidarity {
            channel: self.channel,
            languages: violations
                .check_each("languages", self.languages.iter().map(|tag| Language::parse(tag))),
            restrictions: self.restrictions.clone(),
            address: address(&mut violations, "address", &self.address),
        };
        violations.into_result().map(|()| solidarity)
    }
}

/// A case as typed: whole when it is registered, in part when it is changed.
///
/// ```
/// let nameless = domain::case::CaseDraft::default().complete(None).unwrap_err();
/// assert_eq!(nameless.len(), 3, "name, kind and country are needed");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `CaseContent`, as typed")]
pub struct CaseDraft {
    pub name: Option<String>,
    pub kind: Option<CaseKind>,
    pub country: Option<String>,
    pub topics: Option<Vec<CaseTopic>>,
    pub texts: Option<Vec<TextDraft>>,
    pub authorities: Option<Vec<AuthorityDraft>>,
    pub solidarity: Option<SolidarityDraft>,
    pub sources: Option<Vec<String>>,
}

impl CaseDraft {
    /// The content of the case after this draft. Fields that the draft leaves out stay as they were `before`.
    ///
    /// # Errors
    /// All broken rules, each with the path of the field at fault.
    pub fn complete(&self, before: Option<&CaseContent>) -> Result<CaseContent, Violations> {
        let mut fields = Fields::new(before);
        let name = fields.required("name", self.name.as_deref().map(text::line), |was| was.name.clone());
        let kind = fields.required("kind", self.kind.map(Ok), |was| was.kind);
        let country = self.country.as_deref().or(before.is_none().then_some("")).map(Country::parse);
        let country = fields.required("country", country, |was| was.country.clone());
        let mut violations = fields.violations;
        let topics = match &self.topics {
            Some(topics) => {
                bound(&mut violations, "topics", topics, MAX_ENTRIES);
                words(Some(topics), None)
            }
            None => before.map(|before| before.topics.clone()).unwrap_or_default(),
        };
        let texts = match &self.texts {
            Some(drafts) => {
                bound(&mut violations, "texts", drafts, MAX_TEXTS);
                let texts = parts(&mut violations, "texts", drafts, TextDraft::parse);
                check_languages(&mut violations, drafts);
                texts
            }
            None => before.map(|before| before.texts.clone()).unwrap_or_default(),
        };
        let authorities = match &self.authorities {
            Some(drafts) => {
                bound(&mut violations, "authorities", drafts, MAX_AUTHORITIES);
                parts(&mut violations, "authorities", drafts, AuthorityDraft::parse)
            }
            None => before.map(|before| before.authorities.clone()).unwrap_or_default(),
        };
        let solidarity = match &self.solidarity {
            Some(draft) => draft.parse().unwrap_or_else(|broken| {
                violations.extend_at(&["solidarity"], broken);
                Solidarity::default()
            }),
            None => before.map(|before| before.solidarity.clone()).unwrap_or_default(),
        };
        let sources = match &self.sources {
            Some(typed) => {
                bound(&mut violations, "sources", typed, MAX_ENTRIES);
                violations.check_each("sources", typed.iter().map(|url| text::url(url)))
            }
            None => before.map(|before| before.sources.clone()).unwrap_or_default(),
        };
        violations.into_result()?;
        let (Some(name), Some(kind), Some(country)) = (name, kind, country) else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(CaseContent { name, kind, country, topics, texts, authorities, solidarity, sources })
    }
}

/// Each language has one text.
fn check_languages(violations: &mut Violations, drafts: &[TextDraft]) {
    let mut given = BTreeSet::new();
    for (index, draft) in drafts.iter().enumerate() {
        let language = Language::parse(&draft.language);
        if language.is_ok_and(|language| !given.insert(language)) {
            let repeated = Violation::at(["language"], ViolationKind::Duplicate);
            violations.extend_at(&["texts", &index.to_string()], [repeated]);
        }
    }
}

fn address(violations: &mut Violations, field: &str, lines: &[String]) -> Vec<String> {
    bound(violations, field, lines, MAX_ADDRESS_LINES);
    violations.check_each(field, lines.iter().map(|line| text::line(line)))
}
