//! What is written about a case, as it is typed.

use async_graphql::InputObject;
use domain::case::{AuthorityDraft, CaseDraft, SolidarityDraft, TextDraft};

use crate::api::{
    case::{Restriction, SolidarityChannel, Topic},
    scalar::{CountryCode, EmailAddress, Language, Url},
};

/// What is written about a case.
#[derive(Debug, InputObject)]
pub(crate) struct CaseContentInput {
    /// What it is about, at most 50 topics.
    topics: Option<Vec<Topic>>,
    /// What to read about it, at most 60 texts, one for each language.
    texts: Option<Vec<CaseTextInput>>,
    /// Whom to write to, at most 20.
    authorities: Option<Vec<AuthorityInput>>,
    /// How a message of solidarity reaches the person, and what must not be in it.
    solidarity: Option<SolidarityInput>,
    /// Where the facts come from, at most 50.
    sources: Option<Vec<Url>>,
}

/// What to read about a case, in one language. Each part but the title is at most 20,000 characters.
#[derive(Debug, InputObject)]
pub(crate) struct CaseTextInput {
    /// The language of all of it.
    language: Language,
    /// A headline, at most 200 characters.
    title: Option<String>,
    /// What happened, in a paragraph.
    summary: Option<String>,
    /// The long story.
    background: Option<String>,
    /// What to ask of the authority.
    ask: Option<String>,
    /// A letter to start from.
    sample_letter: Option<String>,
    /// Advice for writing.
    advice: Option<String>,
}

/// Whom an appeal letter addresses.
#[derive(Debug, InputObject)]
pub(crate) struct AuthorityInput {
    /// The office, at most 200 characters.
    title: String,
    /// Who holds it, at most 200 characters.
    name: Option<String>,
    /// How a letter begins, at most 200 characters.
    salutation: Option<String>,
    /// Its own country, which may differ from that of the case.
    country: Option<CountryCode>,
    /// The lines of the envelope, at most 10; left out where letters go another way.
    postal_address: Option<Vec<String>>,
    /// Its e-mail address.
    email: Option<EmailAddress>,
}

/// How a message of solidarity reaches the person, and what must not be in it.
#[derive(Debug, InputObject)]
pub(crate) struct SolidarityInput {
    /// The way.
    channel: SolidarityChannel,
    /// Languages that the person reads, at most 50.
    languages: Option<Vec<Language>>,
    /// What must not be in a message. It travels with every address of the case.
    restrictions: Option<Vec<Restriction>>,
    /// The lines of the envelope, at most 10, for the channel `POST`.
    address: Option<Vec<String>>,
}

impl CaseContentInput {
    /// What is written, in the words of the domain.
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
