//! The catalogue: read as a whole, changed one row at a time.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    Campaign, CampaignId, CampaignWindow, Case, CaseId, Country, Edition, EditionId, PublishedFigure,
    Section, SectionId, Zone,
    campaign::{CaseSelection, PlausibilityLimits},
    case::{CaseState, CloseReason},
    catalogue::{CatalogueChange, CatalogueRows, StaffAction},
    date::{PartialDate, day},
    edition::EditionState,
    event::EventActor,
    published::{FigureQualifier, FigureStatus},
    revision::Revision,
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    Connection, Error, notify,
    schema::{
        audit_log, campaigns, cases, catalogue, editions, published_figures, resources, sections, staff_keys,
        urgent_actions,
    },
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

mod resource;
mod urgent_action;

use resource::ResourceRow;
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
    let figures: Vec<FigureRow> = with_backend!(connection, c => {
        published_figures::table
            .order((published_figures::edition_id, published_figures::position))
            .load(c)
            .await
    })?;
    let resources: Vec<ResourceRow> = with_backend!(connection, c => resources::table.load(c).await)?;
    let urgent_actions: Vec<UrgentActionRow> =
        with_backend!(connection, c => urgent_actions::table.load(c).await)?;
    Ok(CatalogueRows {
        revision,
        editions: read(editions, EditionRow::read)?,
        sections: read(sections, SectionRow::read)?,
        campaigns: read(campaigns, CampaignRow::read)?,
        cases: read(cases, CaseRow::read)?,
        figures: read(figures, FigureRow::read)?,
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
        CatalogueChange::Figures(edition, figures) => replace_figures(connection, *edition, figures).await,
        CatalogueChange::Resource(resource) => upsert!(resources, ResourceRow::of(resource)),
        CatalogueChange::UrgentAction(action) => upsert!(urgent_actions, UrgentActionRow::of(action)?),
    }
}

async fn replace_figures(
    connection: &mut Connection,
    edition: EditionId,
    figures: &[PublishedFigure],
) -> Result<(), Error> {
    let id = SqlUuid(edition.uuid());
    with_backend!(connection, c => {
        diesel::delete(published_figures::table.filter(published_figures::edition_id.eq(id))).execute(c).await
    })?;
    for (position, figure) in (0..).zip(figures) {
        let row = FigureRow::of(edition, position, figure);
        with_backend!(connection, c => {
            diesel::insert_into(published_figures::table).values(&row).execute(c).await
        })?;
    }
    Ok(())
}

/// Writes to the audit log. An entry without a key was made on the command line, where an operator who
/// may run the program may do everything.
///
/// # Errors
/// A database error.
pub async fn insert_audit_entry(
    connection: &mut Connection,
    id: Uuid,
    key: Option<Uuid>,
    action: &StaffAction,
    acted_at: Timestamp,
) -> Result<(), Error> {
    insert_audit_entry_of(connection, id, key, EventActor::Staff, action, acted_at).await
}

/// The same for any actor: an organizer has no key either.
///
/// # Errors
/// A database error.
pub async fn insert_audit_entry_of(
    connection: &mut Connection,
    id: Uuid,
    key: Option<Uuid>,
    actor: EventActor,
    action: &StaffAction,
    acted_at: Timestamp,
) -> Result<(), Error> {
    let values = (
        audit_log::id.eq(SqlUuid(id)),
        audit_log::key_id.eq(key.map(SqlUuid)),
        audit_log::action.eq(action.action),
        audit_log::subject_id.eq(SqlUuid(action.subject)),
        audit_log::reason.eq(action.reason.as_deref()),
        audit_log::acted_at.eq(SqlTimestamp(acted_at)),
        audit_log::actor.eq(actor.as_str()),
    );
    with_backend!(connection, c => diesel::insert_into(audit_log::table).values(values).execute(c).await)?;
    Ok(())
}

/// An entry of the audit log about a subject.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// The actor.
    pub actor: EventActor,
    /// The name of the staff key, if staff acted.
    pub key_name: Option<String>,
    /// The name of the mutation, or of the command.
    pub action: String,
    /// The reason, if one was required.
    pub reason: Option<String>,
    /// When.
    pub acted_at: Timestamp,
}

/// The audit log of a subject, oldest first.
///
/// # Errors
/// A database error.
pub async fn noted(connection: &mut Connection, subject: Uuid) -> Result<Vec<AuditEntry>, Error> {
    type Row = (String, Option<String>, String, Option<String>, SqlTimestamp);
    let rows: Vec<Row> = with_backend!(connection, c => {
        audit_log::table
            .left_join(staff_keys::table.on(audit_log::key_id.eq(staff_keys::id.nullable())))
            .filter(audit_log::subject_id.eq(SqlUuid(subject)))
            .order((audit_log::acted_at, audit_log::id))
            .select((
                audit_log::actor,
                staff_keys::name.nullable(),
                audit_log::action,
                audit_log::reason,
                audit_log::acted_at,
            ))
            .load(c)
            .await
    })?;
    read(rows, |(actor, key_name, action, reason, acted_at)| {
        Some(AuditEntry { actor: EventActor::parse(&actor)?, key_name, action, reason, acted_at: acted_at.0 })
    })
}

/// The entries by staff about a subject, oldest first: action and reason.
///
/// # Errors
/// A database error.
pub async fn actions_on(
    connection: &mut Connection,
    subject: Uuid,
) -> Result<Vec<(String, Option<String>)>, Error> {
    Ok(with_backend!(connection, c => {
        audit_log::table
            .filter(audit_log::subject_id.eq(SqlUuid(subject)))
            .order((audit_log::acted_at, audit_log::id))
            .select((audit_log::action, audit_log::reason))
            .load(c)
            .await
    })?)
}

fn read<R, T>(rows: Vec<R>, read: impl Fn(R) -> Option<T>) -> Result<Vec<T>, Error> {
    rows.into_iter()
        .map(|row| read(row).ok_or_else(|| Error::broken("a stored row is not what it should be")))
        .collect()
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Broken(Box::new(error)))
}

fn parse<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
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

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = cases, treat_none_as_null = true)]
struct CaseRow {
    id: SqlUuid,
    edition_id: SqlUuid,
    slug: String,
    state: String,
    close_reason: Option<String>,
    content: String,
    outcomes: String,
    consent: Option<String>,
    updated_at: SqlTimestamp,
    revision: i32,
}

impl CaseRow {
    fn of(case: &Case) -> Result<Self, Error> {
        Ok(Self {
            id: SqlUuid(case.id.uuid()),
            edition_id: SqlUuid(case.edition_id.uuid()),
            slug: case.slug.clone(),
            state: case.state.to_string(),
            close_reason: case.state.close_reason().map(|reason| reason.to_string()),
            content: json(&case.content)?,
            outcomes: json(&case.outcomes)?,
            consent: case.consent.as_ref().map(json).transpose()?,
            updated_at: SqlTimestamp(case.updated_at),
            revision: case.revision.cast_signed(),
        })
    }

    fn read(self) -> Option<Case> {
        let state = match self.state.as_str() {
            "DRAFT" => CaseState::Draft,
            "PUBLISHED" => CaseState::Published,
            "SUSPENDED" => CaseState::Suspended,
            "CLOSED" => CaseState::Closed(CloseReason::parse(self.close_reason.as_deref()?)?),
            "ARCHIVED" => CaseState::Archived,
            _ => return None,
        };
        Some(Case {
            id: CaseId::new(self.id.0),
            edition_id: EditionId::new(self.edition_id.0),
            slug: self.slug,
            content: parse(&self.content)?,
            outcomes: parse(&self.outcomes)?,
            consent: match self.consent {
                None => None,
                Some(consent) => Some(parse(&consent)?),
            },
            state,
            updated_at: self.updated_at.0,
            revision: self.revision.try_into().ok()?,
        })
    }
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = published_figures)]
struct FigureRow {
    edition_id: SqlUuid,
    position: i32,
    figure: i64,
    unit: String,
    qualifier: String,
    status: String,
    as_of: Option<String>,
    countries: Option<i32>,
    source: Option<String>,
}

impl FigureRow {
    fn of(edition: EditionId, position: i32, figure: &PublishedFigure) -> Self {
        Self {
            edition_id: SqlUuid(edition.uuid()),
            position,
            figure: figure.figure.cast_signed(),
            unit: figure.unit.clone(),
            qualifier: figure.qualifier.to_string(),
            status: figure.status.to_string(),
            as_of: figure.as_of.as_ref().map(|day| day.as_str().to_owned()),
            countries: figure.countries.map(Into::into),
            source: figure.source.clone(),
        }
    }

    fn read(self) -> Option<(EditionId, PublishedFigure)> {
        let figure = PublishedFigure {
            figure: self.figure.try_into().ok()?,
            unit: self.unit,
            qualifier: FigureQualifier::parse(&self.qualifier)?,
            status: FigureStatus::parse(&self.status)?,
            as_of: self.as_of.as_deref().map(PartialDate::parse).transpose().ok()?,
            countries: self.countries.map(u16::try_from).transpose().ok()?,
            source: self.source,
        };
        Some((EditionId::new(self.edition_id.0), figure))
    }
}
