//! Groups: a row with the columns that lists filter and order by, and the rest as JSON.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    CampaignId, EditionId, EventId, GroupId, SectionId,
    group::{GroupKind, MAX_GROUP_DEPTH},
};
use jiff::Timestamp;

use super::{
    Connection, Error,
    schema::{group_versions, groups, report_revisions},
    sql_types::SqlUuid,
    time_limit::within_limit,
    with_backend,
};
use crate::{
    access::{EventFacts, GroupFacts},
    credentials::SecretHash,
};

mod history;
mod row;

pub use history::{GroupSummary, at};
use row::GroupRow;
pub use row::StoredGroup;

/// What groups are ranked by, the highest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupRanking {
    /// Letters.
    Letters,
    /// Letters for each thousand people; groups of unknown size are left out.
    LettersPerThousand,
}

/// Which groups of a campaign are listed.
#[derive(Clone, Copy, Debug)]
pub struct GroupQuery {
    /// The campaign.
    pub campaign: CampaignId,
    /// The order.
    pub ranking: GroupRanking,
    /// Only groups of this kind.
    pub kind: Option<GroupKind>,
    /// Only groups of at least so many people.
    pub min_size: Option<u32>,
    /// Only groups of at most so many people.
    pub max_size: Option<u32>,
    /// Only groups after this position: the number that is ranked by, and the id.
    pub after: Option<(i64, GroupId)>,
}

/// The group with this id.
///
/// # Errors
/// A database error.
pub async fn find(connection: &mut Connection, id: GroupId) -> Result<Option<StoredGroup>, Error> {
    let row: Option<GroupRow> = with_backend!(connection, c => groups::table.find(SqlUuid(id.uuid())).get_result(c).await.optional())?;
    row.map(GroupRow::read).transpose()
}

/// The group that this secret manages.
///
/// # Errors
/// A database error.
pub async fn find_by_secret(
    connection: &mut Connection,
    secret: SecretHash,
) -> Result<Option<StoredGroup>, Error> {
    let row: Option<GroupRow> = with_backend!(connection, c => {
        groups::table.filter(groups::secret_hash.eq(secret.to_string())).first(c).await.optional()
    })?;
    row.map(GroupRow::read).transpose()
}

/// The groups with these ids and all groups above them.
///
/// # Errors
/// A database error.
pub async fn find_with_parents(
    connection: &mut Connection,
    ids: &BTreeSet<GroupId>,
) -> Result<HashMap<GroupId, StoredGroup>, Error> {
    let (mut found, mut next) = (HashMap::new(), ids.clone());
    for _ in 0..MAX_GROUP_DEPTH {
        if next.is_empty() {
            break;
        }
        let wanted: Vec<SqlUuid> = next.iter().map(|id| SqlUuid(id.uuid())).collect();
        let rows: Vec<GroupRow> =
            with_backend!(connection, c => groups::table.filter(groups::id.eq_any(&wanted)).load(c).await)?;
        next.clear();
        for row in rows {
            let stored = row.read()?;
            next.extend(stored.group.parent.filter(|parent| !found.contains_key(parent)));
            found.insert(stored.group.id, stored);
        }
    }
    Ok(found)
}

/// What access to one of these groups depends on: those above it are among them. `event` are the facts of the event
/// that it writes at.
#[must_use]
pub fn facts(
    known: &HashMap<GroupId, StoredGroup>,
    id: GroupId,
    event: Option<EventFacts>,
) -> Option<GroupFacts> {
    let own = known.get(&id)?;
    let mut secrets = [SecretHash::NONE; MAX_GROUP_DEPTH as usize];
    let mut next = Some(own);
    for secret in &mut secrets {
        let Some(stored) = next else { break };
        *secret = stored.secret;
        next = stored.group.parent.and_then(|parent| known.get(&parent));
    }
    let is_listed = own.group.is_listed();
    Some(GroupFacts { section: own.group.section_id, secrets, event, is_listed })
}

/// The groups that are parts of a group, in the order in which they were registered.
///
/// # Errors
/// A database error.
pub async fn parts_of_group(connection: &mut Connection, id: GroupId) -> Result<Vec<StoredGroup>, Error> {
    let rows: Vec<GroupRow> = with_backend!(connection, c => {
        groups::table
            .filter(groups::parent_id.eq(SqlUuid(id.uuid())))
            .order((groups::registered_at, groups::id))
            .load(c)
            .await
    })?;
    rows.into_iter().map(GroupRow::read).collect()
}

/// The groups of an event that are parts of no other group, in the order in which they were registered.
///
/// # Errors
/// A database error.
pub async fn of_event(connection: &mut Connection, id: EventId) -> Result<Vec<StoredGroup>, Error> {
    let rows: Vec<GroupRow> = with_backend!(connection, c => {
        groups::table
            .filter(groups::event_id.eq(SqlUuid(id.uuid())))
            .filter(groups::parent_id.is_null())
            .order((groups::registered_at, groups::id))
            .load(c)
            .await
    })?;
    rows.into_iter().map(GroupRow::read).collect()
}

/// All groups of an edition, the lowest first.
///
/// # Errors
/// A database error.
pub async fn of_edition(connection: &mut Connection, id: EditionId) -> Result<Vec<StoredGroup>, Error> {
    let rows: Vec<GroupRow> = with_backend!(connection, c => {
        groups::table
            .filter(groups::edition_id.eq(SqlUuid(id.uuid())))
            .order((groups::depth.desc(), groups::id))
            .load(c)
            .await
    })?;
    rows.into_iter().map(GroupRow::read).collect()
}

/// Listed groups of a campaign by rank; `limit` at most.
///
/// # Errors
/// A database error.
pub async fn listed(
    connection: &mut Connection,
    query: &GroupQuery,
    limit: i64,
) -> Result<Vec<StoredGroup>, Error> {
    let rows: Vec<GroupRow> = with_backend!(connection, c => {
        let mut found = groups::table
            .filter(within_limit())
            .filter(groups::campaign_id.eq(SqlUuid(query.campaign.uuid())))
            .filter(groups::is_listed)
            .limit(limit)
            .into_boxed();
        if let Some(kind) = query.kind {
            found = found.filter(groups::kind.eq(kind.as_str()));
        }
        if let Some(size) = query.min_size {
            found = found.filter(groups::size.ge(size.cast_signed()));
        }
        if let Some(size) = query.max_size {
            found = found.filter(groups::size.le(size.cast_signed()));
        }
        let after = query.after.map(|(number, id)| (number, SqlUuid(id.uuid())));
        found = match query.ranking {
            GroupRanking::Letters => {
                if let Some((number, id)) = after {
                    let same = groups::letters.eq(number).and(groups::id.gt(id));
                    found = found.filter(groups::letters.lt(number).or(same));
                }
                found.order((groups::letters.desc(), groups::id))
            }
            GroupRanking::LettersPerThousand => {
                if let Some((number, id)) = after {
                    let same = groups::letters_per_thousand.eq(number).and(groups::id.gt(id));
                    found = found.filter(groups::letters_per_thousand.lt(number).or(same));
                }
                found.filter(groups::size.is_not_null()).order((groups::letters_per_thousand.desc(), groups::id))
            }
        };
        found.load(c).await
    })?;
    rows.into_iter().map(GroupRow::read).collect()
}

/// Groups whose name awaits review, of one section or of all, longest waiting first; `limit` at most.
///
/// # Errors
/// A database error.
pub async fn to_review(
    connection: &mut Connection,
    section: Option<SectionId>,
    limit: i64,
) -> Result<Vec<StoredGroup>, Error> {
    let rows: Vec<GroupRow> = with_backend!(connection, c => {
        let mut found = groups::table.filter(groups::review_pending).limit(limit).into_boxed();
        if let Some(section) = section {
            found = found.filter(groups::section_id.eq(SqlUuid(section.uuid())));
        }
        found.order((groups::updated_at, groups::id)).load(c).await
    })?;
    rows.into_iter().map(GroupRow::read).collect()
}

/// How many parts a group has, or how many groups an event that are parts of no other.
///
/// # Errors
/// A database error.
pub async fn siblings(
    connection: &mut Connection,
    parent: Option<GroupId>,
    event: Option<EventId>,
) -> Result<usize, Error> {
    let count: i64 = match (parent, event) {
        (Some(parent), _) => with_backend!(connection, c => {
            groups::table.filter(groups::parent_id.eq(SqlUuid(parent.uuid()))).count().get_result(c).await
        })?,
        (None, Some(event)) => with_backend!(connection, c => {
            groups::table
                .filter(groups::event_id.eq(SqlUuid(event.uuid())))
                .filter(groups::parent_id.is_null())
                .count()
                .get_result(c)
                .await
        })?,
        (None, None) => 0,
    };
    Ok(count.try_into().unwrap_or(usize::MAX))
}

/// Whether any report, in whatever state, is one of this group.
///
/// # Errors
/// A database error.
pub async fn has_reports(connection: &mut Connection, id: GroupId) -> Result<bool, Error> {
    let first: Option<SqlUuid> = with_backend!(connection, c => {
        report_revisions::table
            .filter(report_revisions::group_id.eq(SqlUuid(id.uuid())))
            .select(report_revisions::report_id)
            .first(c)
            .await
            .optional()
    })?;
    Ok(first.is_some())
}

/// Stores a new group.
///
/// # Errors
/// A database error.
pub async fn insert(connection: &mut Connection, stored: &StoredGroup) -> Result<(), Error> {
    let row = GroupRow::of(stored)?;
    with_backend!(connection, c => diesel::insert_into(groups::table).values(&row).execute(c).await)?;
    Ok(())
}

/// Stores a changed group.
///
/// # Errors
/// A database error.
pub async fn update(connection: &mut Connection, stored: &StoredGroup) -> Result<(), Error> {
    let row = GroupRow::of(stored)?;
    with_backend!(connection, c => diesel::update(groups::table.find(row.id)).set(&row).execute(c).await)?;
    Ok(())
}

/// Stores a group that counts something else from `now` on, and records that.
///
/// # Errors
/// A database error.
pub async fn count(connection: &mut Connection, stored: &StoredGroup, now: Timestamp) -> Result<(), Error> {
    history::record(connection, &stored.group, now).await?;
    update(connection, stored).await
}

/// Deletes a group that has no reports and no parts. The same group of a later campaign forgets it.
///
/// # Errors
/// A database error.
pub async fn delete(connection: &mut Connection, id: GroupId) -> Result<(), Error> {
    let id = SqlUuid(id.uuid());
    with_backend!(connection, c => {
        diesel::update(groups::table.filter(groups::previous_id.eq(id)))
            .set(groups::previous_id.eq(None::<SqlUuid>))
            .execute(c)
            .await
    })?;
    with_backend!(connection, c => {
        diesel::delete(group_versions::table.filter(group_versions::group_id.eq(id))).execute(c).await?;
        diesel::delete(groups::table.find(id)).execute(c).await
    })?;
    Ok(())
}

/// Makes the secrets of an event's groups, and those of their reports, void: they may have been given to a stranger.
///
/// # Errors
/// A database error.
pub async fn void_secrets(connection: &mut Connection, event: EventId) -> Result<(), Error> {
    let none = SecretHash::NONE.to_string();
    let of_event = groups::table.filter(groups::event_id.eq(SqlUuid(event.uuid()))).select(groups::id);
    let ids: Vec<SqlUuid> = with_backend!(connection, c => of_event.load(c).await)?;
    with_backend!(connection, c => {
        diesel::update(report_revisions::table.filter(report_revisions::group_id.eq_any(&ids)))
            .set(report_revisions::secret_hash.eq(&none))
            .execute(c)
            .await?;
        diesel::update(groups::table.filter(groups::id.eq_any(&ids)))
            .set(groups::secret_hash.eq(&none))
            .execute(c)
            .await
    })?;
    Ok(())
}
