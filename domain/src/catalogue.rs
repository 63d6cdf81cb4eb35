//! The catalogue: editions, sections, campaigns, cases, published figures, statements, resources and urgent actions,
//! complete and in memory.
//!
//! It is small (a few hundred cases in sixty years), read by every request and changed a few times a day. A
//! catalogue is immutable once it is shared: a change is made on a working copy, [`CatalogueEdit`], which
//! collects what to store and what to write to the audit log.
//!
//! The decisions of administrators are functions beside their noun (`edition::create`, `case::publish`, …).
//! Each validates its input completely and reports all violations at once, with the paths of the input; after
//! an error the working copy is discarded. In a draft an absent field stays as it is.
//!
//! ```
//! use domain::{Catalogue, CatalogueEdit, EditionId, edition::{self, EditionDraft}};
//!
//! let mut edit = CatalogueEdit::new(Catalogue::default(), jiff::Timestamp::UNIX_EPOCH);
//! let id = EditionId::new(uuid::Uuid::from_u128(1));
//! let draft = EditionDraft { year: Some(2026), ..EditionDraft::default() };
//! let edition = edition::create(&mut edit, id, &draft).expect("a new year");
//! assert_eq!((edition.year, edition.revision), (2026, 1));
//! assert_eq!(edit.actions()[0].action, "editionCreate");
//! ```

use std::collections::{BTreeMap, HashMap};

use crate::{
    Campaign, CampaignId, CampaignPhase, Case, CaseId, Edition, EditionId, Milestone, MilestoneId,
    PublishedFigure, Resource, ResourceId, Section, SectionId, Statement, StatementId, UrgentAction,
    UrgentActionId,
    certification::{Certification, Correction},
    published::FigureRevision,
    report::{CampaignContext, CaseStatus},
    revision::Revision,
    text,
    total::{TotalScope, TotalStatus},
};
use jiff::Timestamp;

mod change;
pub(crate) mod checks;
mod coverage;
mod edit;
#[cfg(test)]
pub(crate) mod fixtures;
mod resource;
mod urgent_action;

pub use change::CatalogueChange;
pub use coverage::SectionCoverage;
pub use edit::{CatalogueEdit, StaffAction};

/// Everything the campaign consists of, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Grows with each change of anything in it.
    pub revision: Revision,
    /// Whether the database has been out of reach for so long that an address could be one that is
    /// no longer to be served.
    pub addresses_withheld: bool,
    editions: BTreeMap<EditionId, Edition>,
    sections: BTreeMap<SectionId, Section>,
    campaigns: BTreeMap<CampaignId, Campaign>,
    cases: BTreeMap<CaseId, Case>,
    figures: HashMap<EditionId, Vec<PublishedFigure>>,
    figure_revisions: HashMap<EditionId, Vec<FigureRevision>>,
    statements: BTreeMap<StatementId, Statement>,
    milestones: BTreeMap<MilestoneId, Milestone>,
    pub(crate) certifications: BTreeMap<(EditionId, Option<SectionId>), Certification>,
    resources: BTreeMap<ResourceId, Resource>,
    urgent_actions: BTreeMap<UrgentActionId, UrgentAction>,
    case_statuses: HashMap<EditionId, BTreeMap<CaseId, CaseStatus>>,
    compared: HashMap<CaseId, ComparedCase>,
}

/// What of a case is compared: its name in the root order, and its text as it is searched.
#[derive(Clone, Debug)]
struct ComparedCase {
    name: Vec<u8>,
    text: String,
}

/// The parts of a catalogue, as they are stored.
#[derive(Debug, Default)]
pub struct CatalogueRows {
    /// The revision of all of it.
    pub revision: Revision,
    /// All editions.
    pub editions: Vec<Edition>,
    /// All sections.
    pub sections: Vec<Section>,
    /// All campaigns.
    pub campaigns: Vec<Campaign>,
    /// All cases.
    pub cases: Vec<Case>,
    /// The revisions of published figures of each edition: those that are published in their order, then the others.
    pub figures: Vec<(EditionId, FigureRevision)>,
    /// All statements.
    pub statements: Vec<Statement>,
    /// All milestones.
    pub milestones: Vec<Milestone>,
    /// All certifications.
    pub certifications: Vec<Certification>,
    /// All resources.
    pub resources: Vec<Resource>,
    /// All urgent actions.
    pub urgent_actions: Vec<UrgentAction>,
}

impl From<CatalogueRows> for Catalogue {
    fn from(parts: CatalogueRows) -> Self {
        let mut catalogue = Self { revision: parts.revision, ..Self::default() };
        let mut figures: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (edition, figure) in parts.figures {
            figures.entry(edition).or_default().push(figure);
        }
        let editions = parts.editions.into_iter().map(CatalogueChange::Edition);
        let sections = parts.sections.into_iter().map(CatalogueChange::Section);
        let campaigns = parts.campaigns.into_iter().map(CatalogueChange::Campaign);
        let cases = parts.cases.into_iter().map(CatalogueChange::Case);
        let figures =
            figures.into_iter().map(|(edition, figures)| CatalogueChange::Figures(edition, figures));
        let resources = parts.resources.into_iter().map(CatalogueChange::Resource);
        let urgent_actions = parts.urgent_actions.into_iter().map(CatalogueChange::UrgentAction);
        let statements =
            parts.statements.into_iter().map(|statement| CatalogueChange::Statement(Box::new(statement)));
        let milestones = parts.milestones.into_iter().map(CatalogueChange::Milestone);
        let others = figures.chain(statements).chain(milestones).chain(resources).chain(urgent_actions);
        for certification in parts.certifications {
            let scope = (certification.edition_id, certification.section_id);
            catalogue.certifications.insert(scope, certification);
        }
        for entry in editions.chain(sections).chain(campaigns).chain(cases).chain(others) {
            catalogue.apply(entry);
        }
        catalogue
    }
}

impl Catalogue {
    fn apply(&mut self, entry: CatalogueChange) {
        match entry {
            CatalogueChange::Edition(edition) => drop(self.editions.insert(edition.id, edition)),
            CatalogueChange::Section(section) => drop(self.sections.insert(section.id, section)),
            CatalogueChange::Campaign(campaign) => drop(self.campaigns.insert(campaign.id, campaign)),
            CatalogueChange::Case(case) => {
                self.case_statuses
                    .entry(case.edition_id)
                    .or_default()
                    .insert(case.id, CaseStatus::from(&case));
                let name = text::Collation::of(None).sort_key(&case.content.name);
                self.compared.insert(case.id, ComparedCase { name, text: case.search_text() });
                self.cases.insert(case.id, case);
            }
            CatalogueChange::Figures(edition, revisions) => {
                let present = revisions.iter().filter(|revision| revision.replaced_at.is_none());
                self.figures.insert(edition, present.map(|revision| revision.figure.clone()).collect());
                self.figure_revisions.insert(edition, revisions);
            }
            CatalogueChange::Statement(statement) => drop(self.statements.insert(statement.id, *statement)),
            CatalogueChange::Milestone(milestone) => drop(self.milestones.insert(milestone.id, milestone)),
            CatalogueChange::Certification(certification, _) => {
                let scope = (certification.edition_id, certification.section_id);
                self.certifications.insert(scope, certification);
            }
            CatalogueChange::Resource(resource) => drop(self.resources.insert(resource.id, resource)),
            CatalogueChange::UrgentAction(action) => drop(self.urgent_actions.insert(action.id, action)),
        }
    }

    /// Every edition.
    pub fn editions(&self) -> impl Iterator<Item = &Edition> {
        self.editions.values()
    }

    /// Every section.
    pub fn sections(&self) -> impl Iterator<Item = &Section> {
        self.sections.values()
    }

    /// Every campaign.
    pub fn campaigns(&self) -> impl Iterator<Item = &Campaign> {
        self.campaigns.values()
    }

    /// Every case, drafts among them.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// The edition with this identity.
    #[must_use]
    pub fn edition(&self, id: EditionId) -> Option<&Edition> {
        self.editions.get(&id)
    }

    /// The edition of this year.
    #[must_use]
    pub fn edition_by_year(&self, year: i16) -> Option<&Edition> {
        self.editions().find(|edition| edition.year == year)
    }

    /// The section with this identity.
    #[must_use]
    pub fn section(&self, id: SectionId) -> Option<&Section> {
        self.sections.get(&id)
    }

    /// The section with this code, in any case.
    #[must_use]
    pub fn section_by_code(&self, code: &str) -> Option<&Section> {
        let code = text::slug(code).ok()?;
        self.sections().find(|section| section.code == code)
    }

    /// The campaign with this identity.
    #[must_use]
    pub fn campaign(&self, id: CampaignId) -> Option<&Campaign> {
        self.campaigns.get(&id)
    }

    /// The campaign in which this section runs this edition.
    #[must_use]
    pub fn campaign_of(&self, edition: EditionId, section: SectionId) -> Option<&Campaign> {
        self.campaigns().find(|campaign| campaign.edition_id == edition && campaign.section_id == section)
    }

    /// Every campaign of an edition.
    pub fn campaigns_in(&self, edition: EditionId) -> impl Iterator<Item = &Campaign> {
        self.campaigns().filter(move |campaign| campaign.edition_id == edition)
    }

    /// The case with this identity.
    #[must_use]
    pub fn case(&self, id: CaseId) -> Option<&Case> {
        self.cases.get(&id)
    }

    /// The case of this edition with this slug, in any case.
    #[must_use]
    pub fn case_by_slug(&self, edition: EditionId, slug: &str) -> Option<&Case> {
        let slug = text::slug(slug).ok()?;
        self.cases().find(|case| case.edition_id == edition && case.slug == slug)
    }

    /// The sort key of the name of this case in the root order of [`text::Collation`].
    #[must_use]
    pub fn sort_key(&self, id: CaseId) -> &[u8] {
        self.compared.get(&id).map_or(&[], |compared| &compared.name)
    }

    /// What a search in this case looks through.
    #[must_use]
    pub fn search_text(&self, id: CaseId) -> &str {
        self.compared.get(&id).map_or("", |compared| &compared.text)
    }

    /// What was published about an edition.
    #[must_use]
    pub fn figures(&self, edition: EditionId) -> &[PublishedFigure] {
        self.figures.get(&edition).map_or(&[], Vec::as_slice)
    }

    /// Every revision of what was published about an edition: those that are published, in their order, then those that
    /// were replaced or withdrawn, oldest first.
    #[must_use]
    pub fn figure_revisions(&self, edition: EditionId) -> &[FigureRevision] {
        self.figure_revisions.get(&edition).map_or(&[], Vec::as_slice)
    }

    /// The statements of an edition, withdrawn ones among them.
    pub fn statements(&self, edition: EditionId) -> impl Iterator<Item = &Statement> {
        self.statements.values().filter(move |statement| statement.edition_id == edition)
    }

    /// The statement with this identity.
    #[must_use]
    pub fn statement(&self, id: StatementId) -> Option<&Statement> {
        self.statements.get(&id)
    }

    /// The milestones of an edition and of its campaigns, withdrawn ones among them.
    pub fn milestones(&self, edition: EditionId) -> impl Iterator<Item = &Milestone> {
        self.milestones.values().filter(move |milestone| milestone.edition_id == edition)
    }

    /// The milestone with this identity.
    #[must_use]
    pub fn milestone(&self, id: MilestoneId) -> Option<&Milestone> {
        self.milestones.get(&id)
    }

    /// The campaigns whose reports are in a total.
    pub fn campaigns_of_total(
        &self,
        edition: EditionId,
        scope: TotalScope,
    ) -> impl Iterator<Item = &Campaign> {
        self.campaigns_in(edition).filter(move |campaign| match scope {
            TotalScope::Edition => true,
            TotalScope::Section(section) | TotalScope::SectionCase(section, _) => {
                campaign.section_id == section
            }
            TotalScope::Case(case) => campaign.picks.contains(case),
        })
    }

    /// How final a total is at `now`, after these corrections of its edition.
    #[must_use]
    pub fn status_of_total(
        &self,
        edition: EditionId,
        scope: TotalScope,
        corrections: &[Correction],
        now: Timestamp,
    ) -> TotalStatus {
        if let Some(certification) = self.certification_of_total(edition, scope) {
            let is_corrected = corrections.iter().any(|correction| correction.is_of(certification, scope));
            return if is_corrected { TotalStatus::Corrected } else { TotalStatus::Certified };
        }
        TotalStatus::at(self.campaigns_of_total(edition, scope).map(|campaign| &campaign.window), now)
    }

    /// How final the total of an edition without one section is at `now`.
    #[must_use]
    pub fn status_without(
        &self,
        edition: EditionId,
        section: SectionId,
        corrections: &[Correction],
        now: Timestamp,
    ) -> TotalStatus {
        if self.certification(edition, None).is_some() {
            let others: Vec<_> =
                corrections.iter().filter(|one| one.section_id != section).cloned().collect();
            return self.status_of_total(edition, TotalScope::Edition, &others, now);
        }
        let others = self.campaigns_in(edition).filter(|campaign| campaign.section_id != section);
        TotalStatus::at(others.map(|campaign| &campaign.window), now)
    }

    /// How many letters a total is to reach; none for a case, and where no goal is set.
    #[must_use]
    pub fn goal_of_total(&self, edition: EditionId, scope: TotalScope) -> Option<u64> {
        match scope {
            TotalScope::Edition => self.edition(edition)?.letter_goal,
            TotalScope::Section(section) => self.campaign_of(edition, section)?.letter_goal,
            TotalScope::Case(_) | TotalScope::SectionCase(..) => None,
        }
    }

    /// The first instant after `now` at which a campaign opens, closes a door or ends, or an urgent action
    /// begins or expires. Until then the clock changes nothing.
    #[must_use]
    pub fn next_transition_at(&self, now: Timestamp) -> Option<Timestamp> {
        let windows = self.campaigns().flat_map(|campaign| {
            let window = &campaign.window;
            [window.opens_at(), window.registration_closes_at(), window.deadline_at(), window.closes_at()]
        });
        let lives =
            self.urgent_actions().flat_map(|action| [action.life.issued_at(), action.life.expires_at()]);
        windows.chain(lives).filter(|edge| *edge > now).min()
    }

    /// Where reports to this campaign come in.
    #[must_use]
    pub fn intake(&self, campaign: CampaignId) -> Option<CampaignContext<'_>> {
        static NO_CASES: BTreeMap<CaseId, CaseStatus> = BTreeMap::new();
        let campaign = self.campaign(campaign)?;
        Some(CampaignContext {
            edition: self.edition(campaign.edition_id)?,
            section: self.section(campaign.section_id)?,
            campaign,
            is_certified: self.is_certified(campaign.edition_id, campaign.section_id),
            cases: self.case_statuses.get(&campaign.edition_id).unwrap_or(&NO_CASES),
        })
    }

    /// Whether an address of the case may be served at `now`: the case is published, and a campaign
    /// that writes for it (the one of `section`, if one is named) lets people write. Never while the
    /// database is out of reach.
    #[must_use]
    pub fn serves_addresses(&self, case: &Case, section: Option<SectionId>, now: Timestamp) -> bool {
        case.state.serves_addresses()
            && !self.addresses_withheld
            && self.campaigns_in(case.edition_id).any(|campaign| {
                section.is_none_or(|section| campaign.section_id == section)
                    && campaign.picks.contains(case.id)
                    && campaign.window.phase(now) == CampaignPhase::Open
            })
    }
}
