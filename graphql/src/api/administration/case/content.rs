//! Input for the content of a case.

use async_graphql::InputObject;
use domain::case::{AuthorityDraft, CaseDraft, SolidarityDraft, TextDraft};

use crate::api::{
    case::{CaseTopic, SolidarityChannel, WritingRestriction},
    scalar::{CountryCode, EmailAddress, Language, Url},
};

/// The input fields that creating and changing a case have in common.
#[derive(Debug, InputObject)]
pub(crate) struct CaseContentInput {
    /// The topics, at most 50.
    topics: Option<Vec<CaseTopic>>,
    /// The texts, at most 60, one per language.
    texts: Option<Vec<CaseTextInput>>,
    /// The authorities to write to, at most 20.
    authorities: Option<Vec<AuthorityInput>>,
    /// The channel for messages of solidarity to the person, and their writing restrictions.
    solidarity: Option<SolidarityInput>,
    /// Sources of the facts, at most 50.
    sources: Option<Vec<Url>>,
}

/// Input for the text of a case in one language. Each part except the title has at most 20,000 characters.
#[derive(Debug, InputObject)]
pub(crate) struct CaseTextInput {
    /// The language of all parts.
    language: Language,
    /// The headline, at most 200 characters.
    title: Option<String>,
    /// A summary in one paragraph.
    summary: Option<String>,
    /// The background story.
    background: Option<String>,
    /// The demands to make of the authority.
    ask: Option<String>,
    /// A sample letter.
    sample_letter: Option<String>,
    /// Advice for writers.
    advice: Option<String>,
}

/// The addressee of an appeal letter.
#[derive(Debug, InputObject)]
pub(crate) struct AuthorityInput {
    /// The office, at most 200 characters.
    title: String,
    /// The name of the office holder, at most 200 characters.
    name: Option<String>,
    /// The salutation of the letter, at most 200 characters.
    salutation: Option<String>,
    /// The authority's own country, which may differ from that of the case.
    country: Option<CountryCode>,
    /// The lines of the postal address, at most 10; omit if letters are not sent by post.
    postal_address: Option<Vec<String>>,
    /// The e-mail address.
    email: Option<EmailAddress>,
}

/// The channel for messages of solidarity to the person, and their writing restrictions.
#[derive(Debug, InputObject)]
pub(crate) struct SolidarityInput {
    /// The delivery channel.
    channel: SolidarityChannel,
    /// Languages that the person reads, at most 50.
    languages: Option<Vec<Language>>,
    /// Writing restrictions: what a message must not contain. They are returned with every address of the
    /// case.
    restrictions: Option<Vec<WritingRestriction>>,
    /// The lines of the postal address, at most 10, for the channel `POST`.
    address: Option<Vec<String>>,
}

impl CaseContentInput {
    /// Converts the input to the domain type.
    pub(super) fn draft(self) -> CaseDraft {
        CaseDraft {
            topics: self.topics.map(|topics| topics.into_iter().map(Into::into).collect()),
            texts: self.texts.map(|texts| texts.into_iter().map(TextDraft::from).collect()),
            authorities: self
                .authorities
                .map(|authorities| authorities.into_iter().map(AuthorityDraft::from).collect()),
            solidarity: self.solidarity.map(SolidarityDraft::from),
            sources: self.sources.map(|sources| sources.into_iter().map(|url| url.0).collect()),
            ..CaseDraft::default()
        }
    }
}

impl From<CaseTextInput> for TextDraft {
    fn from(input: CaseTextInput) -> Self {
        Self {
            language: input.language.0,
            title: input.title,
            summary: input.summary,
            background: input.background,
            ask: input.ask,
            sample_letter: input.sample_letter,
            advice: input.advice,
        }
    }
}

impl From<AuthorityInput> for AuthorityDraft {
    fn from(input: AuthorityInput) -> Self {
        Self {
            title: input.title,
            name: input.name,
            salutation: input.salutation,
            country: input.country.map(|country| country.0),
            postal_address: input.postal_address.unwrap_or_default(),
            email: input.email.map(|email| email.0),
        }
    }
}

impl From<SolidarityInput> for SolidarityDraft {
    fn from(input: SolidarityInput) -> Self {
        Self {
            channel: input.channel.into(),
            languages: input.languages.unwrap_or_default().into_iter().map(|tag| tag.0).collect(),
            restrictions: input.restrictions.unwrap_or_default().into_iter().map(Into::into).collect(),
            address: input.address.unwrap_or_default(),
        }
    }
}
