//! The format of a file, as `graphql/data/README.md` describes it.
//!
//! Values are not validated here: texts, dates and numbers are as in the file.

use domain::{
    ActionKind, CaseId, EditionId, Patch, SectionId, StatementId,
    campaign::CampaignDraft,
    case::{
        AuthorityDraft, CaseDraft, CaseKind, CaseOutcomeKind, CaseTopic, CloseReason, SolidarityDraft,
        TextDraft,
    },
    edition::EditionDraft,
    number::CountDraft,
    published::{FigureDraft, FigureQualifier, FigureStatus},
    report::{NumberDraft, Origin, Way},
    resource::{ResourceAudience, ResourceDraft, ResourceKind},
    section::SectionDraft,
    statement::{StatementDraft, StatementExtent},
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// An edition and everything that belongs to it, each object not parsed yet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Whole<'t> {
    #[serde(borrow)]
    pub(super) edition: &'t RawValue,
    #[serde(borrow, default)]
    pub(super) sections: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) campaigns: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) cases: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) resources: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) reports: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) statements: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) published_figures: Option<Vec<&'t RawValue>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Edition {
    pub(super) year: i64,
    #[serde(default, deserialize_with = "deserialize_present")]
    letter_goal: Patch<CountDraft>,
}

impl Edition {
    pub(super) const fn draft(&self) -> EditionDraft {
        EditionDraft { year: Some(self.year), letter_goal: self.letter_goal }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Section {
    pub(super) code: String,
    name: Option<String>,
    #[serde(default, deserialize_with = "deserialize_present")]
    country: Patch<String>,
    languages: Option<Vec<String>>,
    time_zone: Option<String>,
}

impl Section {
    pub(super) fn draft(&self) -> SectionDraft {
        SectionDraft {
            name: self.name.clone(),
            country: self.country.clone(),
            languages: self.languages.clone(),
            time_zone: self.time_zone.clone(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Campaign {
    /// The code of the section.
    pub(super) section: String,
    opens_on: Option<String>,
    #[serde(default, deserialize_with = "deserialize_present")]
    registration_closes_on: Patch<String>,
    deadline_on: Option<String>,
    grace_days: Option<i64>,
    time_zone: Option<String>,
    #[serde(default, deserialize_with = "deserialize_present")]
    letter_goal: Patch<CountDraft>,
    limit_person: Option<CountDraft>,
    limit_event: Option<CountDraft>,
    /// Slugs; `null` for all cases of the edition.
    #[serde(default, deserialize_with = "deserialize_present")]
    pub(super) cases: Patch<Vec<String>>,
    reviews_events: Option<bool>,
    bounds_events: Option<bool>,
}

impl Campaign {
    pub(super) fn draft(&self, cases: Patch<Vec<CaseId>>) -> CampaignDraft {
        CampaignDraft {
            opens_on: self.opens_on.clone(),
            registration_closes_on: self.registration_closes_on.clone(),
            deadline_on: self.deadline_on.clone(),
            grace_days: self.grace_days,
            time_zone: self.time_zone.clone(),
            letter_goal: self.letter_goal,
            limit_person: self.limit_person,
            limit_event: self.limit_event,
            cases,
            reviews_events: self.reviews_events,
            bounds_events: self.bounds_events,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Case {
    pub(super) slug: String,
    name: Option<String>,
    kind: Option<CaseKind>,
    country: Option<String>,
    topics: Option<Vec<CaseTopic>>,
    texts: Option<Vec<TextDraft>>,
    authorities: Option<Vec<AuthorityDraft>>,
    solidarity: Option<SolidarityDraft>,
    sources: Option<Vec<String>>,
    pub(super) consent: Option<Consent>,
    pub(super) state: Option<State>,
    pub(super) close_reason: Option<CloseReason>,
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) outcomes: Vec<Outcome>,
}

impl Case {
    pub(super) fn draft(&self) -> CaseDraft {
        CaseDraft {
            name: self.name.clone(),
            kind: self.kind,
            country: self.country.clone(),
            topics: self.topics.clone(),
            texts: self.texts.clone(),
            authorities: self.authorities.clone(),
            solidarity: self.solidarity.clone(),
            sources: self.sources.clone(),
        }
    }
}

/// The target state of a case. A case is archived only with its edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum State {
    Draft,
    Published,
    Suspended,
    Closed,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Consent {
    pub(super) on: String,
    pub(super) by: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    pub(super) on: String,
    pub(super) kind: CaseOutcomeKind,
    pub(super) text: String,
    pub(super) source: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resource {
    kind: Option<ResourceKind>,
    title: Option<String>,
    /// A slug; without one the resource is about the edition as a whole.
    pub(super) case: Option<String>,
    language: Option<String>,
    audience: Option<ResourceAudience>,
    pub(super) url: String,
    #[serde(default, deserialize_with = "deserialize_present")]
    version: Patch<String>,
}

impl Resource {
    pub(super) fn draft(&self, edition: EditionId, case: Option<CaseId>) -> ResourceDraft {
        ResourceDraft {
            kind: self.kind,
            title: self.title.clone(),
            edition: Patch::Set(edition),
            case: case.into(),
            language: self.language.clone(),
            audience: self.audience,
            url: Some(self.url.clone()),
            version: self.version.clone(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Report {
    pub(super) key: String,
    /// The code of the section that runs the campaign.
    pub(super) section: String,
    #[serde(default)]
    pub(super) numbers: Vec<NumberDraft>,
    #[serde(default)]
    pub(super) lines: Vec<Line>,
    pub(super) people: Option<CountDraft>,
    pub(super) written_on: Option<String>,
    pub(super) country: Option<String>,
    pub(super) region: Option<String>,
    pub(super) origin: Option<Origin>,
    pub(super) way: Option<Way>,
    /// `note` is the name that it had in earlier files.
    #[serde(alias = "note")]
    pub(super) staff_note: Option<String>,
    #[serde(default)]
    pub(super) test: bool,
    pub(super) received_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// A slug; without one the line is unallocated.
    pub(super) case: Option<String>,
    pub(super) kind: ActionKind,
    pub(super) quantity: CountDraft,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Statement {
    pub(super) key: String,
    /// The code of the section that states it.
    pub(super) section: String,
    pub(super) extent: StatementExtent,
    /// A slug; without one it is for all cases together.
    pub(super) case: Option<String>,
    pub(super) kind: ActionKind,
    pub(super) way: Option<Way>,
    pub(super) origin: Origin,
    quantity: CountDraft,
    qualifier: FigureQualifier,
    status: FigureStatus,
    as_of: Option<String>,
    source: Option<String>,
    contains_reports: bool,
    /// The keys of the statements that it contains.
    #[serde(default)]
    pub(super) contains: Vec<String>,
}

impl Statement {
    pub(super) fn draft(&self, contains: Vec<StatementId>) -> StatementDraft {
        StatementDraft {
            quantity: self.quantity,
            qualifier: self.qualifier,
            status: self.status,
            as_of: self.as_of.clone(),
            source: self.source.clone(),
            contains_reports: self.contains_reports,
            contains,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Figure {
    /// The code of the section that it was announced for; without one it is of the world.
    pub(super) section: Option<String>,
    /// A slug; without one it is for all cases together.
    pub(super) case: Option<String>,
    figure: CountDraft,
    unit: String,
    qualifier: FigureQualifier,
    status: FigureStatus,
    as_of: Option<String>,
    countries: Option<i64>,
    source: Option<String>,
}

impl Figure {
    pub(super) fn draft(&self, section: Option<SectionId>, case: Option<CaseId>) -> FigureDraft {
        FigureDraft {
            section,
            case,
            figure: self.figure,
            unit: self.unit.clone(),
            qualifier: self.qualifier,
            status: self.status,
            as_of: self.as_of.clone(),
            countries: self.countries,
            source: self.source.clone(),
        }
    }
}

/// Distinguishes a value that is present, even `null`, from an absent one.
fn deserialize_present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    value: D,
) -> Result<Patch<T>, D::Error> {
    Option::deserialize(value).map(Patch::from)
}
