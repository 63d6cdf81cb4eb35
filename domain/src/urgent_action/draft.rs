//! Input of an urgent action, as typed. It is validated completely, so that all violations are reported at once.

use std::collections::BTreeSet;

use super::{UrgentActionContent, UrgentActionText};
use crate::{
    case::{AuthorityDraft, CaseTopic, MAX_AUTHORITIES, MAX_ENTRIES, MAX_TEXTS, WritingRestriction},
    draft::{bound, parts},
    text::{self, Country, Language},
    violation::{Violation, ViolationKind, Violations},
};

/// The text of one language as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `UrgentActionText`, as typed")]
pub struct UrgentActionTextDraft {
    pub language: String,
    pub title: String,
    pub text: Option<String>,
}

impl UrgentActionTextDraft {
    fn parse(&self) -> Result<UrgentActionText, Violations> {
        let mut violations = Violations::default();
        let language = violations.check("language", Language::parse(&self.language));
        let title = violations.check("title", text::line(&self.title));
        let text = violations.check_optional("text", self.text.as_deref().map(text::prose));
        violations.into_result()?;
        let (Some(language), Some(title)) = (language, title) else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(UrgentActionText { language, title, text })
    }
}

/// The content of an urgent action, as typed: whole when it is issued, in part when it is updated.
///
/// ```
/// let silent = domain::urgent_action::UrgentActionDraft::default().complete(None).unwrap_err();
/// assert_eq!(silent.len(), 2, "a country and a text are needed");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `UrgentActionContent`, as typed")]
pub struct UrgentActionDraft {
    pub country: Option<String>,
    pub topics: Option<Vec<CaseTopic>>,
    pub texts: Option<Vec<UrgentActionTextDraft>>,
    pub authorities: Option<Vec<AuthorityDraft>>,
    pub restrictions: Option<Vec<WritingRestriction>>,
}

impl UrgentActionDraft {
    /// The content of the action after this draft. Fields that the draft leaves out stay as they were `before`.
    ///
    /// # Errors
    /// All broken rules, each with the path of the field at fault.
    pub fn complete(&self, before: Option<&UrgentActionContent>) -> Result<UrgentActionContent, Violations> {
        let mut violations = Violations::default();
        let country = match (&self.country, before) {
            (Some(typed), _) => violations.check("country", Country::parse(typed)),
            (None, Some(before)) => Some(before.country.clone()),
            (None, None) => violations.check("country", Err(ViolationKind::CountryUnknown)),
        };
        let topics = match &self.topics {
            Some(topics) => {
                bound(&mut violations, "topics", topics, MAX_ENTRIES);
                sorted(topics)
            }
            None => before.map(|before| before.topics.clone()).unwrap_or_default(),
        };
        let texts = match &self.texts {
            Some(drafts) => texts(&mut violations, drafts),
            None => before.map(|before| before.texts.clone()).unwrap_or_default(),
        };
        if texts.is_empty() && self.texts.as_ref().is_none_or(Vec::is_empty) {
            violations.add("texts", ViolationKind::TooFewItems);
        }
        let authorities = match &self.authorities {
            Some(drafts) => {
                bound(&mut violations, "authorities", drafts, MAX_AUTHORITIES);
                parts(&mut violations, "authorities", drafts, AuthorityDraft::parse)
            }
            None => before.map(|before| before.authorities.clone()).unwrap_or_default(),
        };
        let restrictions = match &self.restrictions {
            Some(restrictions) => {
                bound(&mut violations, "restrictions", restrictions, MAX_ENTRIES);
                sorted(restrictions)
            }
            None => before.map(|before| before.restrictions.clone()).unwrap_or_default(),
        };
        violations.into_result()?;
        let Some(country) = country else {
            unreachable!("a value is missing only beside a violation");
        };
        Ok(UrgentActionContent { country, topics, texts, authorities, restrictions })
    }
}

fn texts(violations: &mut Violations, drafts: &[UrgentActionTextDraft]) -> Vec<UrgentActionText> {
    bound(violations, "texts", drafts, MAX_TEXTS);
    let texts = parts(violations, "texts", drafts, UrgentActionTextDraft::parse);
    let mut given = BTreeSet::new();
    for (index, draft) in drafts.iter().enumerate() {
        let language = Language::parse(&draft.language);
        if language.is_ok_and(|language| !given.insert(language)) {
            let repeated = Violation::at(["language"], ViolationKind::Duplicate);
            violations.extend_at(&["texts", &index.to_string()], [repeated]);
        }
    }
    texts
}

/// Each word once, in order.
pub(super) fn sorted<T: Copy + Ord>(words: &[T]) -> Vec<T> {
    words.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}
