//! Stored groups: a group with the hash of its secret, and its row.

use diesel::prelude::*;
use domain::{
    CampaignId, EditionId, EventId, Group, GroupId, ReportId, SectionId, event::EventTally,
    group::GroupContent,
};

use crate::{
    credentials::SecretHash,
    database::{
        Error,
        schema::groups,
        sql_types::{SqlTimestamp, SqlUuid},
    },
};

/// A group with the hash of its secret.
#[derive(Clone, Debug)]
pub struct StoredGroup {
    /// The group.
    pub group: Group,
    /// The hash of the secret that manages it.
    pub secret: SecretHash,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = groups, treat_none_as_null = true)]
pub(super) struct GroupRow {
    pub(super) id: SqlUuid,
    edition_id: SqlUuid,
    section_id: SqlUuid,
    campaign_id: SqlUuid,
    parent_id: Option<SqlUuid>,
    event_id: Option<SqlUuid>,
    depth: i16,
    previous_id: Option<SqlUuid>,
    kind: String,
    is_listed: bool,
    review_pending: bool,
    size: Option<i32>,
    letters: i64,
    letters_per_thousand: i64,
    content: String,
    approved_name: Option<String>,
    rejection_reason: Option<String>,
    secret_hash: String,
    report_id: Option<SqlUuid>,
    tally: String,
    registered_at: SqlTimestamp,
    updated_at: SqlTimestamp,
    revision: i32,
}

impl GroupRow {
    pub(super) fn of(stored: &StoredGroup) -> Result<Self, Error> {
        let group = &stored.group;
        let per_thousand = group.letters_per_thousand().unwrap_or_default();
        Ok(Self {
            id: SqlUuid(group.id.uuid()),
            edition_id: SqlUuid(group.edition_id.uuid()),
            section_id: SqlUuid(group.section_id.uuid()),
            campaign_id: SqlUuid(group.campaign_id.uuid()),
            parent_id: group.parent.map(|id| SqlUuid(id.uuid())),
            event_id: group.event.map(|id| SqlUuid(id.uuid())),
            depth: group.depth.into(),
            previous_id: group.previous.map(|id| SqlUuid(id.uuid())),
            kind: group.content.kind.to_string(),
            is_listed: group.is_listed() && group.parent.is_none() && group.event.is_none(),
            review_pending: group.review_pending(),
            size: group.content.size.map(u32::cast_signed),
            letters: group.letters().cast_signed(),
            letters_per_thousand: i64::try_from(per_thousand).unwrap_or(i64::MAX),
            content: written(&group.content)?,
            approved_name: group.approved_name.clone(),
            rejection_reason: group.rejection_reason.clone(),
            secret_hash: stored.secret.to_string(),
            report_id: group.report.map(|id| SqlUuid(id.uuid())),
            tally: written(&group.tally)?,
            registered_at: SqlTimestamp(group.registered_at),
            updated_at: SqlTimestamp(group.updated_at),
            revision: group.revision.cast_signed(),
        })
    }

    pub(super) fn read(self) -> Result<StoredGroup, Error> {
        self.try_read().ok_or_else(|| Error::broken("a stored group is not what it should be"))
    }

    fn try_read(self) -> Option<StoredGroup> {
        let content: GroupContent = serde_json::from_str(&self.content).ok()?;
        let tally: EventTally = serde_json::from_str(&self.tally).ok()?;
        let group = Group {
            id: GroupId::new(self.id.0),
            campaign_id: CampaignId::new(self.campaign_id.0),
            edition_id: EditionId::new(self.edition_id.0),
            section_id: SectionId::new(self.section_id.0),
            parent: self.parent_id.map(|id| GroupId::new(id.0)),
            event: self.event_id.map(|id| EventId::new(id.0)),
            depth: self.depth.try_into().ok()?,
            previous: self.previous_id.map(|id| GroupId::new(id.0)),
            content,
            approved_name: self.approved_name,
            rejection_reason: self.rejection_reason,
            report: self.report_id.map(|id| ReportId::new(id.0)),
            tally,
            registered_at: self.registered_at.0,
            updated_at: self.updated_at.0,
            revision: self.revision.try_into().ok()?,
        };
        Some(StoredGroup { group, secret: SecretHash::parse(&self.secret_hash)? })
    }
}

fn written(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Broken(Box::new(error)))
}
