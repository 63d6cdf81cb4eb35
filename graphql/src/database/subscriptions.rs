//! Subscriptions to urgent actions, and the news that are sent to subscribers.

use diesel::{
    dsl::{count_star, max},
    prelude::*,
};
use diesel_async::RunQueryDsl;
use domain::{Subscription, SubscriptionId, UrgentActionId, subscription::DigestFrequency};
use jiff::Timestamp;

use super::{
    Connection, Error,
    schema::{subscriptions, urgent_action_news},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};
use crate::credentials::SecretHash;

/// A subscription with its secrets and progress.
#[derive(Clone, Debug)]
pub struct StoredSubscription {
    /// The subscription.
    pub subscription: Subscription,
    /// The hash of the secret that manages it.
    pub secret: SecretHash,
    /// The hash of the token that ends it and permits nothing else.
    pub end: SecretHash,
    /// The number of the last news that was sent, or that needed no notice.
    pub last_news_number: i64,
    /// When the next digest is due, for a weekly subscription.
    pub digest_at: Timestamp,
}

/// A piece of news: an update of an urgent action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// Its number, in order of creation.
    pub number: i64,
    /// The action.
    pub action: UrgentActionId,
    /// The number of its update.
    pub update: u32,
}

/// A key that identifies a subscription.
#[derive(Clone, Copy, Debug)]
pub enum SubscriptionKey {
    /// Its id.
    Id(SubscriptionId),
    /// Its secret.
    Secret(SecretHash),
    /// Its unsubscribe token.
    End(SecretHash),
}

/// The subscription with this key.
///
/// # Errors
/// A database error.
pub async fn find(
    connection: &mut Connection,
    by: SubscriptionKey,
) -> Result<Option<StoredSubscription>, Error> {
    let row: Option<SubscriptionRow> = with_backend!(connection, c => {
        let query = subscriptions::table.into_boxed();
        let query = match by {
            SubscriptionKey::Id(id) => query.filter(subscriptions::id.eq(SqlUuid(id.uuid()))),
            SubscriptionKey::Secret(hash) => query.filter(subscriptions::secret_hash.eq(hash.to_string())),
            SubscriptionKey::End(hash) => query.filter(subscriptions::unsubscribe_hash.eq(hash.to_string())),
        };
        query.first(c).await.optional()
    })?;
    row.map(SubscriptionRow::read).transpose()
}

/// How many unconfirmed subscriptions were requested for this address since an instant.
///
/// # Errors
/// A database error.
pub async fn asked_since(
    connection: &mut Connection,
    email_folded: &str,
    since: Timestamp,
) -> Result<i64, Error> {
    Ok(with_backend!(connection, c => {
        subscriptions::table
            .filter(subscriptions::email_folded.eq(email_folded))
            .filter(subscriptions::requested_at.gt(SqlTimestamp(since)))
            .filter(subscriptions::confirmed_at.is_null())
            .select(count_star())
            .get_result(c)
            .await
    })?)
}

/// Stores a new subscription.
///
/// # Errors
/// A database error.
pub async fn insert(connection: &mut Connection, stored: &StoredSubscription) -> Result<(), Error> {
    let row = SubscriptionRow::of(stored)?;
    with_backend!(connection, c => diesel::insert_into(subscriptions::table).values(&row).execute(c).await)?;
    Ok(())
}

/// Stores a changed subscription.
///
/// # Errors
/// A database error.
pub async fn update(connection: &mut Connection, stored: &StoredSubscription) -> Result<(), Error> {
    let row = SubscriptionRow::of(stored)?;
    with_backend!(connection, c => diesel::update(subscriptions::table.find(row.id)).set(&row).execute(c).await)?;
    Ok(())
}

/// Deletes a subscription.
///
/// # Errors
/// A database error.
pub async fn delete(connection: &mut Connection, id: SubscriptionId) -> Result<(), Error> {
    with_backend!(connection, c => diesel::delete(subscriptions::table.find(SqlUuid(id.uuid()))).execute(c).await)?;
    Ok(())
}

/// Deletes unconfirmed subscriptions that were requested before an instant.
///
/// # Errors
/// A database error.
pub async fn purge_requested_before(connection: &mut Connection, instant: Timestamp) -> Result<usize, Error> {
    let old =
        subscriptions::confirmed_at.is_null().and(subscriptions::requested_at.lt(SqlTimestamp(instant)));
    Ok(with_backend!(connection, c => diesel::delete(subscriptions::table.filter(old)).execute(c).await)?)
}

/// Confirmed immediate subscriptions whose last news is before this number; `limit` at most.
///
/// # Errors
/// A database error.
pub async fn behind(
    connection: &mut Connection,
    number: i64,
    limit: i64,
) -> Result<Vec<StoredSubscription>, Error> {
    let rows: Vec<SubscriptionRow> = with_backend!(connection, c => {
        subscriptions::table
            .filter(subscriptions::confirmed_at.is_not_null())
            .filter(subscriptions::frequency.eq(DigestFrequency::AtOnce.as_str()))
            .filter(subscriptions::last_news_number.lt(number))
            .order((subscriptions::last_news_number, subscriptions::id))
            .limit(limit)
            .load(c)
            .await
    })?;
    rows.into_iter().map(SubscriptionRow::read).collect()
}

/// Weekly subscriptions whose digest is due; `limit` at most.
///
/// # Errors
/// A database error.
pub async fn due(
    connection: &mut Connection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<StoredSubscription>, Error> {
    let rows: Vec<SubscriptionRow> = with_backend!(connection, c => {
        subscriptions::table
            .filter(subscriptions::confirmed_at.is_not_null())
            .filter(subscriptions::frequency.eq(DigestFrequency::Weekly.as_str()))
            .filter(subscriptions::digest_at.le(SqlTimestamp(now)))
            .order((subscriptions::digest_at, subscriptions::id))
            .limit(limit)
            .load(c)
            .await
    })?;
    rows.into_iter().map(SubscriptionRow::read).collect()
}

/// When the next digest is due.
///
/// # Errors
/// A database error.
pub async fn next_digest_at(connection: &mut Connection) -> Result<Option<Timestamp>, Error> {
    let next: Option<SqlTimestamp> = with_backend!(connection, c => {
        subscriptions::table
            .filter(subscriptions::confirmed_at.is_not_null())
            .filter(subscriptions::frequency.eq(DigestFrequency::Weekly.as_str()))
            .order(subscriptions::digest_at)
            .select(subscriptions::digest_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(next.map(|at| at.0))
}

/// Stores the last news of these subscriptions.
///
/// # Errors
/// A database error.
pub async fn set_last_news(
    connection: &mut Connection,
    ids: impl Iterator<Item = SubscriptionId>,
    last_news_number: i64,
) -> Result<(), Error> {
    let ids: Vec<SqlUuid> = ids.map(|id| SqlUuid(id.uuid())).collect();
    with_backend!(connection, c => {
        diesel::update(subscriptions::table.filter(subscriptions::id.eq_any(&ids)))
            .set(subscriptions::last_news_number.eq(last_news_number))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// The number of the newest news; 0 before there were any.
///
/// # Errors
/// A database error.
pub async fn newest_news(connection: &mut Connection) -> Result<i64, Error> {
    let newest: Option<i64> = with_backend!(connection, c => {
        urgent_action_news::table.select(max(urgent_action_news::number)).get_result(c).await
    })?;
    Ok(newest.unwrap_or(0))
}

/// The news after this number, in order.
///
/// # Errors
/// A database error.
pub async fn news_after(connection: &mut Connection, number: i64) -> Result<Vec<News>, Error> {
    let rows: Vec<(i64, SqlUuid, i32)> = with_backend!(connection, c => {
        urgent_action_news::table
            .filter(urgent_action_news::number.gt(number))
            .order(urgent_action_news::number)
            .select((
                urgent_action_news::number,
                urgent_action_news::action_id,
                urgent_action_news::update_number,
            ))
            .load(c)
            .await
    })?;
    Ok(rows.into_iter().map(News::read).collect())
}

/// The news about these actions.
///
/// # Errors
/// A database error.
pub async fn news_about(
    connection: &mut Connection,
    actions: impl Iterator<Item = UrgentActionId>,
) -> Result<Vec<News>, Error> {
    let actions: Vec<SqlUuid> = actions.map(|id| SqlUuid(id.uuid())).collect();
    let rows: Vec<(i64, SqlUuid, i32)> = with_backend!(connection, c => {
        urgent_action_news::table
            .filter(urgent_action_news::action_id.eq_any(&actions))
            .select((
                urgent_action_news::number,
                urgent_action_news::action_id,
                urgent_action_news::update_number,
            ))
            .load(c)
            .await
    })?;
    Ok(rows.into_iter().map(News::read).collect())
}

/// Stores a piece of news.
///
/// # Errors
/// A database error.
pub async fn insert_news(connection: &mut Connection, news: News, found_at: Timestamp) -> Result<(), Error> {
    let values = (
        urgent_action_news::number.eq(news.number),
        urgent_action_news::action_id.eq(SqlUuid(news.action.uuid())),
        urgent_action_news::update_number.eq(news.update.cast_signed()),
        urgent_action_news::found_at.eq(SqlTimestamp(found_at)),
    );
    with_backend!(connection, c => diesel::insert_into(urgent_action_news::table).values(values).execute(c).await)?;
    Ok(())
}

impl News {
    fn read((number, action, update): (i64, SqlUuid, i32)) -> Self {
        Self { number, action: UrgentActionId::new(action.0), update: update.cast_unsigned() }
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = subscriptions, treat_none_as_null = true)]
struct SubscriptionRow {
    id: SqlUuid,
    email_folded: String,
    secret_hash: String,
    unsubscribe_hash: String,
    frequency: String,
    content: String,
    requested_at: SqlTimestamp,
    confirmed_at: Option<SqlTimestamp>,
    last_news_number: i64,
    digest_at: SqlTimestamp,
    updated_at: SqlTimestamp,
    revision: i32,
}

impl SubscriptionRow {
    fn of(stored: &StoredSubscription) -> Result<Self, Error> {
        let StoredSubscription { subscription, secret, end, last_news_number, digest_at } = stored;
        let content = &subscription.content;
        Ok(Self {
            id: SqlUuid(subscription.id.uuid()),
            email_folded: content.email.folded(),
            secret_hash: secret.to_string(),
            unsubscribe_hash: end.to_string(),
            frequency: content.wishes.frequency.to_string(),
            content: serde_json::to_string(content).map_err(|error| Error::Broken(Box::new(error)))?,
            requested_at: SqlTimestamp(subscription.requested_at),
            confirmed_at: subscription.confirmed_at.map(SqlTimestamp),
            last_news_number: *last_news_number,
            digest_at: SqlTimestamp(*digest_at),
            updated_at: SqlTimestamp(subscription.updated_at),
            revision: subscription.revision.cast_signed(),
        })
    }

    fn read(self) -> Result<StoredSubscription, Error> {
        self.try_read().ok_or_else(|| Error::broken("a stored subscription is not what it should be"))
    }

    fn try_read(self) -> Option<StoredSubscription> {
        let subscription = Subscription {
            id: SubscriptionId::new(self.id.0),
            content: serde_json::from_str(&self.content).ok()?,
            requested_at: self.requested_at.0,
            confirmed_at: self.confirmed_at.map(|at| at.0),
            updated_at: self.updated_at.0,
            revision: self.revision.try_into().ok()?,
        };
        Some(StoredSubscription {
            subscription,
            secret: SecretHash::parse(&self.secret_hash)?,
            end: SecretHash::parse(&self.unsubscribe_hash)?,
            last_news_number: self.last_news_number,
            digest_at: self.digest_at.0,
        })
    }
}
