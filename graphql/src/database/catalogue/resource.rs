//! Rows of resources.

use diesel::prelude::*;
use domain::{
    CaseId, EditionId, Language, Resource, ResourceId,
    resource::{ResourceAudience, ResourceKind, ResourceState},
};

use crate::database::{
    schema::resources,
    sql_types::{SqlTimestamp, SqlUuid},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = resources, treat_none_as_null = true)]
pub(super) struct ResourceRow {
    id: SqlUuid,
    kind: String,
    title: String,
    edition_id: Option<SqlUuid>,
    case_id: Option<SqlUuid>,
    language: String,
    audience: String,
    url: String,
    version: Option<String>,
    state: String,
    updated_at: SqlTimestamp,
    revision: i32,
}

impl ResourceRow {
    pub(super) fn of(resource: &Resource) -> Self {
        Self {
            id: SqlUuid(resource.id.uuid()),
            kind: resource.kind.to_string(),
            title: resource.title.clone(),
            edition_id: resource.edition_id.map(|id| SqlUuid(id.uuid())),
            case_id: resource.case_id.map(|id| SqlUuid(id.uuid())),
            language: resource.language.to_string(),
            audience: resource.audience.to_string(),
            url: resource.url.clone(),
            version: resource.version.clone(),
            state: resource.state.to_string(),
            updated_at: SqlTimestamp(resource.updated_at),
            revision: resource.revision.cast_signed(),
        }
    }

    pub(super) fn read(self) -> Option<Resource> {
        Some(Resource {
            id: ResourceId::new(self.id.0),
            kind: ResourceKind::parse(&self.kind)?,
            title: self.title,
            edition_id: self.edition_id.map(|id| EditionId::new(id.0)),
            case_id: self.case_id.map(|id| CaseId::new(id.0)),
            language: Language::parse(&self.language).ok()?,
            audience: ResourceAudience::parse(&self.audience)?,
            url: self.url,
            version: self.version,
            state: ResourceState::parse(&self.state)?,
            updated_at: self.updated_at.0,
            revision: self.revision.try_into().ok()?,
        })
    }
}
