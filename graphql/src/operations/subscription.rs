//! Operations on subscriptions to urgent actions: request, confirmation, change, end, and the sending of news.
//!
//! The response to a request does not depend on what is known of the address: the secret is delivered by mail only. A
//! subscriber gets each piece of news once, since the last one sent is stored in the transaction that adds the notice.

use std::collections::BTreeMap;

use domain::{
    Subscription, SubscriptionId, UrgentAction, ViolationKind, Violations,
    participant::CONFIRMATION_CODE_TTL,
    subscription::{
        DIGEST_INTERVAL, DigestFrequency, MAX_PENDING_REQUESTS, PENDING_REQUEST_WINDOW, SubscriptionDraft,
        SubscriptionPreferencesDraft, next_digest_at,
    },
    violation::EntityKind,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    OperationResult, UnitOfWork, lookup_key, not_found, notifications, record_staff, unsolicited_mail,
};
use crate::{
    access::{self, Viewer},
    credentials::{self, SecretHash},
    database::{
        self,
        outbox::{NoticeState, Outgoing},
        subscriptions::{self, News, StoredSubscription, SubscriptionKey},
    },
    idempotency::{self, IdempotencyRecord, KeyLookup},
    mail::notice::{Appeal, Notice},
};

/// A request to subscribe to urgent actions, for an address that may belong to another person.
#[derive(Clone, Debug)]
pub struct Subscribe {
    /// The id of the new subscription.
    pub id: SubscriptionId,
    /// The idempotency key itself, which cannot be guessed.
    pub typed_key: String,
    /// The hash of the key, or the violation if it is no key.
    pub key: Result<SecretHash, ViolationKind>,
    /// The content.
    pub draft: SubscriptionDraft,
    /// The time of the request.
    pub now: Timestamp,
}

/// The code of a mail to a subscriber.
#[derive(Clone, Copy, Debug)]
pub struct ConfirmSubscription {
    /// The hash of the code.
    pub code: SecretHash,
    /// The time of the request.
    pub now: Timestamp,
}

/// A change of a subscription.
#[derive(Clone, Debug)]
pub struct ChangeSubscription {
    /// The subscription and the viewer.
    pub of: EndSubscription,
    /// The revision that the client has read.
    pub expected_revision: u32,
    /// The new preferences.
    pub draft: SubscriptionPreferencesDraft,
}

/// A subscription that is to be ended.
#[derive(Clone, Copy, Debug)]
pub struct EndSubscription {
    /// The subscription.
    pub id: SubscriptionId,
    /// The viewer.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// The token of an unsubscribe link.
#[derive(Clone, Copy, Debug)]
pub struct Unsubscribe {
    /// The hash of the token.
    pub token: SecretHash,
    /// The time of the request.
    pub now: Timestamp,
}

/// The number of subscribers notified in one transaction: some milliseconds on either database, in which no other
/// process can write.
pub const BATCH_SIZE: i64 = 100;

/// Sends the confirmation mail of a subscription (double opt-in). Returns whether the key was used before.
///
/// The result does not depend on what is known of the address, not even for a replay much later.
///
/// # Errors
/// Database errors. Validation errors are those of the draft, and
/// [`ViolationKind::IdempotencyKeyConflict`].
pub async fn subscribe(unit: &mut UnitOfWork<'_>, request: &Subscribe) -> OperationResult<bool> {
    // With the key in it, the address cannot be guessed from the fingerprint.
    let fingerprint = SecretHash::from_bytes(request.draft.fingerprint(&request.typed_key));
    match lookup_key(unit, &request.key, fingerprint).await? {
        KeyLookup::Unused => {}
        KeyLookup::Conflict => return Ok(Err(idempotency::conflict())),
        KeyLookup::Replay(_) => return Ok(Ok(true)),
    }
    let mut violations = Violations::default();
    let subscription = Subscription::requested(request.id, &request.draft, request.now)
        .map_err(|broken| violations.extend_at(&[], broken))
        .ok();
    let key = violations.check("idempotency_key", request.key.clone());
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let (Some(subscription), Some(key)) = (subscription, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let record = IdempotencyRecord::registered(fingerprint, request.id.uuid());
    database::idempotency::insert(unit.conn_mut(), key, record).await?;
    let email = subscription.content.email.folded();
    let since = request.now - PENDING_REQUEST_WINDOW;
    let is_asked_enough =
        subscriptions::asked_since(unit.conn(), &email, since).await? >= i64::from(MAX_PENDING_REQUESTS);
    let secret = credentials::subscription();
    let hash = SecretHash::of(&secret);
    let stored = StoredSubscription {
        secret: hash,
        end: SecretHash::of(&credentials::derive_unsubscribe_token(request.id, hash)),
        last_news_number: 0,
        digest_at: request.now,
        subscription,
    };
    subscriptions::insert(unit.conn_mut(), &stored).await?;
    // An address with enough pending requests, or at its limit of unsolicited mail, gets no further mail. The same work
    // is done and deleted again, since the duration would reveal the other requests. If there is nothing to delete,
    // the nil id stands in, which no subscription has.
    let at_most = if is_asked_enough { NoticeState::Dropped } else { NoticeState::Pending };
    let (notice, key) = (Notice::SubscriptionAsked { secret }, key_of(&stored, "subscription-asked"));
    let fate =
        unsolicited_mail::enqueue(unit, &outgoing(&stored, &key, &notice, request.now), at_most, request.now)
            .await?;
    let taken_back = if fate == NoticeState::Dropped { request.id } else { SubscriptionId::new(Uuid::nil()) };
    erase(unit, taken_back, request.now).await?;
    Ok(Ok(false))
}

/// Confirms a subscription by the secret that was mailed. From now on there is news for them.
///
/// # Errors
/// Database errors. Validation errors are those of [`Subscription::confirm`], and
/// [`ViolationKind::NotFound`] for what is no such secret.
pub async fn confirm(
    unit: &mut UnitOfWork<'_>,
    &ConfirmSubscription { code, now }: &ConfirmSubscription,
) -> OperationResult<Subscription> {
    let found = subscriptions::find(unit.conn(), SubscriptionKey::Secret(code)).await?;
    let Some(before) = found else { return Ok(Err(not_found("code", EntityKind::Code))) };
    let after = match before.subscription.confirm(now) {
        Ok(after) => after,
        Err(violations) => return Ok(Err(violations)),
    };
    if after != before.subscription {
        let last_news_number = subscriptions::newest_news(unit.conn()).await?;
        let stored = StoredSubscription {
            subscription: after.clone(),
            last_news_number,
            digest_at: next_digest_at(now, now),
            ..before
        };
        subscriptions::update(unit.conn_mut(), &stored).await?;
    }
    Ok(Ok(after))
}

/// Changes the preferences of a subscription.
///
/// # Errors
/// Database errors. Validation errors are those of [`Subscription::change`] and
/// [`ViolationKind::NotFound`].
pub async fn change(
    unit: &mut UnitOfWork<'_>,
    ChangeSubscription { of: request, expected_revision, draft }: &ChangeSubscription,
) -> OperationResult<Subscription> {
    let Some(before) = managed(unit, request).await? else {
        return Ok(Err(not_found("id", EntityKind::Subscription)));
    };
    let after = match before.subscription.change(draft, *expected_revision, request.now) {
        Ok(after) => after,
        Err(violations) => return Ok(Err(violations)),
    };
    let had = before.subscription.content.wishes.frequency;
    let begins_digests =
        had == DigestFrequency::AtOnce && after.content.wishes.frequency == DigestFrequency::Weekly;
    let digest_at = if begins_digests { request.now + DIGEST_INTERVAL } else { before.digest_at };
    let stored = StoredSubscription { subscription: after.clone(), digest_at, ..before };
    subscriptions::update(unit.conn_mut(), &stored).await?;
    let (id, name) = (request.id.uuid(), "urgentActionSubscriptionUpdate");
    record_staff(unit, id, request.viewer, name, request.now).await?;
    Ok(Ok(after))
}

/// Ends a subscription for good: nothing is left that says whose it was, and what waits for them is
/// dropped.
///
/// # Errors
/// Database errors. The validation error is [`ViolationKind::NotFound`].
pub async fn end(unit: &mut UnitOfWork<'_>, request: &EndSubscription) -> OperationResult<()> {
    if managed(unit, request).await?.is_none() {
        return Ok(Err(not_found("id", EntityKind::Subscription)));
    }
    erase(unit, request.id, request.now).await?;
    let (id, name) = (request.id.uuid(), "urgentActionSubscriptionEnd");
    record_staff(unit, id, request.viewer, name, request.now).await?;
    Ok(Ok(()))
}

/// The same by the token that stands in each mail. One that is no more, or never was, is ended too.
///
/// # Errors
/// Database errors.
pub async fn end_by_token(
    unit: &mut UnitOfWork<'_>,
    &Unsubscribe { token, now }: &Unsubscribe,
) -> OperationResult<()> {
    if let Some(stored) = subscriptions::find(unit.conn(), SubscriptionKey::End(token)).await? {
        erase(unit, stored.subscription.id, now).await?;
    }
    Ok(Ok(()))
}

/// Takes note of what is new: actions that people may write for, and updates of them.
///
/// # Errors
/// Database errors.
pub async fn record_news(unit: &mut UnitOfWork<'_>, now: Timestamp) -> Result<(), database::Error> {
    let mut number = subscriptions::newest_news(unit.conn()).await?;
    for action in unknown(unit, now).await? {
        number += 1;
        let news = News { number, action: action.id, update: action.update };
        subscriptions::insert_news(unit.conn_mut(), news, now).await?;
    }
    Ok(())
}

/// The open actions whose present update has not been noted.
///
/// # Errors
/// Database errors.
pub async fn unknown<'a>(
    unit: &mut UnitOfWork<'a>,
    now: Timestamp,
) -> Result<Vec<&'a UrgentAction>, database::Error> {
    let mut open = unit.catalogue().open_actions(now);
    if open.is_empty() {
        return Ok(open);
    }
    let ids: Vec<_> = open.iter().map(|action| action.id).collect();
    let known = subscriptions::news_about(unit.conn(), ids.into_iter()).await?;
    let is_known =
        |action: &UrgentAction| known.iter().any(|it| it.action == action.id && it.update == action.update);
    open.retain(|action| !is_known(action));
    Ok(open)
}

/// Tells some of those who want to hear at once and have not heard all. Says how many; none if all have.
///
/// # Errors
/// Database errors.
pub async fn send_immediate(unit: &mut UnitOfWork<'_>, now: Timestamp) -> Result<usize, database::Error> {
    let newest = subscriptions::newest_news(unit.conn()).await?;
    let behind = subscriptions::behind(unit.conn(), newest, BATCH_SIZE).await?;
    let Some(first) = behind.first() else { return Ok(0) };
    let open = open_news(unit, first.last_news_number, now).await?;
    for stored in &behind {
        let end = credentials::derive_unsubscribe_token(stored.subscription.id, stored.secret);
        for (news, action) in open.range(stored.last_news_number + 1..) {
            let wanted = stored.subscription.wants(action);
            let appeal = Appeal::of(action, &stored.subscription.content.wishes.language, now);
            if let Some(appeal) = appeal.filter(|_| wanted) {
                let notice = Notice::UrgentActionIssued { appeal, end: end.clone() };
                tell(unit, stored, &format!("urgent-action:{news}"), &notice, now).await?;
            }
        }
    }
    let ids = behind.iter().map(|stored| stored.subscription.id);
    subscriptions::set_last_news(unit.conn_mut(), ids, newest).await?;
    Ok(behind.len())
}

/// Sends some of the digests that are due. Says how many were; where nothing is new, none is put.
///
/// # Errors
/// Database errors.
pub async fn send_digest(unit: &mut UnitOfWork<'_>, now: Timestamp) -> Result<usize, database::Error> {
    let newest = subscriptions::newest_news(unit.conn()).await?;
    let due = subscriptions::due(unit.conn(), now, BATCH_SIZE).await?;
    let Some(first) = due.iter().map(|stored| stored.last_news_number).min() else { return Ok(0) };
    let open = open_news(unit, first, now).await?;
    for stored in &due {
        let language = &stored.subscription.content.wishes.language;
        let news =
            open.range(stored.last_news_number + 1..).filter(|(_, action)| stored.subscription.wants(action));
        let appeals: Vec<_> = news.filter_map(|(_, action)| Appeal::of(action, language, now)).collect();
        if !appeals.is_empty() {
            let end = credentials::derive_unsubscribe_token(stored.subscription.id, stored.secret);
            let notice = Notice::UrgentActionDigest { appeals, end };
            let key = format!("urgent-action-digest:{}", stored.digest_at);
            tell(unit, stored, &key, &notice, now).await?;
        }
        let after = StoredSubscription {
            last_news_number: newest,
            digest_at: next_digest_at(stored.digest_at, now),
            ..stored.clone()
        };
        subscriptions::update(unit.conn_mut(), &after).await?;
    }
    Ok(due.len())
}

/// Deletes subscriptions that were not confirmed in time.
///
/// # Errors
/// Database errors.
pub async fn purge_unconfirmed(unit: &mut UnitOfWork<'_>, now: Timestamp) -> Result<(), database::Error> {
    subscriptions::purge_requested_before(unit.conn_mut(), now - CONFIRMATION_CODE_TTL).await.map(drop)
}

/// The news after a number about what people may still write for, each of its newest update.
async fn open_news<'a>(
    unit: &mut UnitOfWork<'a>,
    after: i64,
    now: Timestamp,
) -> Result<BTreeMap<i64, &'a UrgentAction>, database::Error> {
    let catalogue = unit.catalogue();
    let news = subscriptions::news_after(unit.conn(), after).await?;
    let open = news.into_iter().filter_map(|news| {
        let action = catalogue.urgent_action(news.action)?;
        (action.update == news.update && action.is_writable(now)).then_some((news.number, action))
    });
    Ok(open.collect())
}

async fn tell(
    unit: &mut UnitOfWork<'_>,
    stored: &StoredSubscription,
    news: &str,
    notice: &Notice,
    enqueued_at: Timestamp,
) -> Result<(), database::Error> {
    let key = key_of(stored, news);
    notifications::enqueue(
        unit,
        &outgoing(stored, &key, notice, enqueued_at),
        notifications::SecretSource::Own,
        enqueued_at,
    )
    .await
}

/// What tells a notice to this subscription from any other.
fn key_of(stored: &StoredSubscription, news: &str) -> String {
    format!("{news}:{}", stored.subscription.id.uuid())
}

fn outgoing<'a>(
    stored: &'a StoredSubscription,
    key: &'a str,
    notice: &'a Notice,
    enqueued_at: Timestamp,
) -> Outgoing<'a> {
    let content = &stored.subscription.content;
    Outgoing {
        key,
        subject: Some(stored.subscription.id.uuid()),
        to: &content.email,
        language: &content.wishes.language,
        notice,
        enqueued_at,
    }
}

async fn erase(unit: &mut UnitOfWork<'_>, id: SubscriptionId, now: Timestamp) -> Result<(), database::Error> {
    notifications::cancel_pending_for(unit, id.uuid(), now).await?;
    notifications::erase_files(unit, id.uuid()).await?;
    subscriptions::delete(unit.conn_mut(), id).await
}

/// Returns the subscription if the viewer may manage it: its holder, or an administrator.
async fn managed(
    unit: &mut UnitOfWork<'_>,
    request: &EndSubscription,
) -> Result<Option<StoredSubscription>, database::Error> {
    let found = subscriptions::find(unit.conn(), SubscriptionKey::Id(request.id)).await?;
    Ok(found.filter(|stored| access::subscription_access(request.viewer, stored.secret).may_manage()))
}
