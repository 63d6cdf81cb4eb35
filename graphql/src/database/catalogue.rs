//! The catalogue: read as a whole, changed one row at a time.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    Campaign, CampaignId, CampaignWindow, Country, Edition, EditionId, Section, SectionId, Zone,
    campaign::{CaseSelection, PlausibilityLimits},
    catalogue::{CatalogueChange, CatalogueRows},
    date::day,
    edition::EditionState,
    revision::Revision,
};
use uuid::Uuid;

use super::{
    Connection, Error, certifications, notify,
    schema::{
        campaigns, cases, catalogue, editions, milestones, resources, sections, statements, urgent_actions,
    },
    sql_types::SqlUuid,
    with_backend,
};

mod case;
mod json_column;
mod published_figure;
mod resource;
mod statement;
mod urgent_action;

use super::milestones::MilestoneRow;
use case::CaseRow;
use json_column::{json, parse};
use resource::ResourceRow;
use statement::StatementRow;
use urgent_action::UrgentActionRow;

/// The revision of the catalogue.
///
/// # Errors
/// A database error.
pub async fn revision(connection: &mut Connection) -> Result<Revision, Error> {
    let (number, commit): (i64, Option<SqlUuid>) = with_backend!(connection, c => {
        catalogue::table.select((catalogue::revision, catalogue::commit_id)).get_result(c).await
    })?;
    Ok(Revision { number, commit: commit.map(|id| id.0) })
}

/// Raises the revision. It is the first statement of every change: it waits for earlier changes of the
/// catalogue to commit, so that what is read after it stays true until this transaction ends. Its
/// commit notifies the other processes.
///
/// # Errors
/// A database error.
pub async fn raise_revision(connection: &mut Connection) -> Result<(), Error> {
    let commit = SqlUuid(Uuid::new_v4());
    with_backend!(connection, c => {
        diesel::update(catalogue::table)
            .set((catalogue::revision.eq(catalogue::revision + 1), catalogue::commit_id.eq(commit)))
            .execute(c)
            .await
    })?;
    notify::notify(connection).await
}

/// The whole catalogue. Inside a transaction, it is of one moment.
///
/// # Errors
/// A database error, or [`Error::Broken`] for a row that cannot be read.
pub async fn load(connection: &mut Connection) -> Result<CatalogueRows, Error> {
    let revision = revision(connection).await?;
    let editions: Vec<EditionRow> =
        with_backend!(connection, c => editions::table.select(EditionRow::as_select()).load(c).await)?;
    let sections: Vec<SectionRow> = with_backend!(connection, c => sections::table.load(c).await)?;
    let campaigns: Vec<CampaignRow> = with_backend!(connection, c => campaigns::table.load(c).await)?;
    let cases: Vec<CaseRow> = with_backend!(connection, c => cases::table.load(c).await)?;
    let figures = published_figure::load(connection).await?;
    let resources: Vec<ResourceRow> = with_backend!(connection, c => resources::table.load(c).await)?;
    let milestones: Vec<MilestoneRow> = with_backend!(connection, c => milestones::table.load(c).await)?;
    let statements: Vec<StatementRow> = with_backend!(connection, c => statements::table.load(c).await)?;
    let urgent_actions: Vec<UrgentActionRow> =
        with_backend!(connection, c => urgent_actions::table.load(c).await)?;
    Ok(CatalogueRows {
        revision,
        editions: read(editions, EditionRow::read)?,
        sections: read(sections, SectionRow::read)?,
        campaigns: read(campaigns, CampaignRow::read)?,
        cases: read(cases, CaseRow::read)?,
        figures,
        certifications: certifications::load(connection).await?,
        statements: read(statements, StatementRow::read)?,
        milestones: read(milestones, MilestoneRow::read)?,
        resources: read(resources, ResourceRow::read)?,
        urgent_actions: read(urgent_actions, UrgentActionRow::read)?,
    })
}

/// Stores a new or changed entry. The version of an edition belongs to the ledger and is not changed.
///
/// # Errors
/// A database error.
pub async fn store(connection: &mut Connection, entry: &CatalogueChange) -> Result<(), Error> {
    /// Inserts a row, or replaces the one with its id.
    macro_rules! upsert {
        ($table:ident, $row:expr $(, $column:ident = $value:expr)?) => {{
            let row = $row;
            with_backend!(connection, c => {
                diesel::insert_into($table::table)
                    .values((&row, $($table::$column.eq($value))?))
                    .on_conflict($table::id)
                    .do_update()
                    .set(&row)
                    .execute(c)
                    .await
            })?;
            Ok(())
        }};
    }
    match entry {
        CatalogueChange::Edition(edition) => upsert!(editions, EditionRow::of(edition), version = 0),
        CatalogueChange::Section(section) => upsert!(sections, SectionRow::of(section)?),
        CatalogueChange::Campaign(campaign) => upsert!(campaigns, CampaignRow::of(campaign)?),
        CatalogueChange::Case(case) => upsert!(cases, CaseRow::of(case)?),
        CatalogueChange::Figures(edition, revisions) => {
            published_figure::replace(connection, *edition, revisions).await
        }
        CatalogueChange::Certification(certification, snapshot) => {
            certifications::insert(connection, certification, snapshot).await
        }
        CatalogueChange::Milestone(milestone) => upsert!(milestones, MilestoneRow::of(milestone)),
        CatalogueChange::Statement(statement) => upsert!(statements, StatementRow::of(statement)?),
        CatalogueChange::Resource(resource) => upsert!(resources, ResourceRow::of(resource)),
        CatalogueChange::UrgentAction(action) => upsert!(urgent_actions, UrgentActionRow::of(action)?),
    }
}

fn read<R, T>(rows: Vec<R>, read: impl Fn(R) -> Option<T>) -> Result<Vec<T>, Error> {
    rows.into_iter()
        .map(|row| read(row).ok_or_else(|| Error::broken("a stored row is not what it should be")))
        .collect()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = editions, treat_none_as_null = true)]
struct EditionRow {
    id: SqlUuid,
    year: i16,
    letter_goal: Option<i64>,
    state: String,
    revision: i32,
}

impl EditionRow {
    fn of(edition: &Edition) -> Self {
        Self {
            id: SqlUuid(edition.id.uuid()),
            year: edition.year,
            letter_goal: edition.letter_goal.map(u64::cast_signed),
            state: edition.state.to_string(),
            revision: edition.revision.cast_signed(),
        }
    }

    fn read(self) -> Option<Edition> {
        Some(Edition {
            id: EditionId::new(self.id.0),
            year: self.year,
            letter_goal: self.letter_goal.map(u64::try_from).transpose().ok()?,
            state: EditionState::parse(&self.state)?,
            revision: self.revision.try_into().ok()?,
        })
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = sections, treat_none_as_null = true)]
struct SectionRow {
    id: SqlUuid,
    code: String,
    name: String,
    country: Option<String>,
    languages: String,
    zone: String,
    revision: i32,
}

impl SectionRow {
    fn of(section: &Section) -> Result<Self, Error> {
        Ok(Self {
            id: SqlUuid(section.id.uuid()),
            code: section.code.clone(),
            name: section.name.clone(),
            country: section.country.as_ref().map(ToString::to_string),
            languages: json(&section.languages)?,
            zone: section.zone.to_string(),
            revision: section.revision.cast_signed(),
        })
    }

    fn read(self) -> Option<Section> {
        Some(Section {
            id: SectionId::new(self.id.0),
            code: self.code,
            name: self.name,
            country: self.country.map(Country::try_from).transpose().ok()?,
            languages: parse(&self.languages)?,
            zone: Zone::parse(&self.zone).ok()?,
            revision: self.revision.try_into().ok()?,
        })
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = campaigns, treat_none_as_null = true)]
struct CampaignRow {
    id: SqlUuid,
    edition_id: SqlUuid,
    section_id: SqlUuid,
    opens_on: String,
    registration_closes_on: Option<String>,
    deadline_on: String,
    grace_days: i32,
    zone: String,
    letter_goal: Option<i64>,
    limit_person: i32,
    limit_event: i32,
    picks: Option<String>,
    revision: i32,
    reviews_events: bool,
    bounds_events: bool,
}

impl CampaignRow {
    fn of(campaign: &Campaign) -> Result<Self, Error> {
        let window = &campaign.window;
        Ok(Self {
            id: SqlUuid(campaign.id.uuid()),
            edition_id: SqlUuid(campaign.edition_id.uuid()),
            section_id: SqlUuid(campaign.section_id.uuid()),
            opens_on: window.opens_on().to_string(),
            registration_closes_on: window.registration_closes_on().map(|day| day.to_string()),
            deadline_on: window.deadline_on().to_string(),
            grace_days: window.grace_days().into(),
            zone: window.zone().to_string(),
            letter_goal: campaign.letter_goal.map(u64::cast_signed),
            limit_person: campaign.limits.person.cast_signed(),
            limit_event: campaign.limits.event.cast_signed(),
            picks: match &campaign.picks {
                CaseSelection::All => None,
                CaseSelection::Only(cases) => Some(json(cases)?),
            },
            revision: campaign.revision.cast_signed(),
            reviews_events: campaign.reviews_events,
            bounds_events: campaign.bounds_events,
        })
    }

    fn read(self) -> Option<Campaign> {
        let window = CampaignWindow::new(
            day(&self.opens_on).ok()?,
            self.registration_closes_on.as_deref().map(day).transpose().ok()?,
            day(&self.deadline_on).ok()?,
            self.grace_days.try_into().ok()?,
            Zone::parse(&self.zone).ok()?,
        );
        Some(Campaign {
            id: CampaignId::new(self.id.0),
            edition_id: EditionId::new(self.edition_id.0),
            section_id: SectionId::new(self.section_id.0),
            window: window.ok()?,
            letter_goal: self.letter_goal.map(u64::try_from).transpose().ok()?,
            limits: PlausibilityLimits {
                person: self.limit_person.try_into().ok()?,
                event: self.limit_event.try_into().ok()?,
            },
            picks: match self.picks {
                None => CaseSelection::All,
                Some(cases) => CaseSelection::Only(parse(&cases)?),
            },
            reviews_events: self.reviews_events,
            bounds_events: self.bounds_events,
            revision: self.revision.try_into().ok()?,
        })
    }
}
