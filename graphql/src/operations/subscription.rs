//! Subscriptions to urgent actions: asked for, confirmed, changed, ended, and told.
//!
//! Whoever asks gets the same answer, whatever is known of the address: the secret goes there by mail
//! alone. Whoever is told is told each piece of news once, since what they heard is written down in the
//! transaction in which the notice is put.

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

/// Somebody who wants to hear of urgent actions, or says so of somebody else.
#[derive(Clone, Debug)]
pub struct Subscribe {
    /// The identity that the subscription gets.
    pub id: SubscriptionId,
    /// The idempotency key it came with as it was typed, which nobody can guess.
    pub typed_key: String,
    /// Its hash, or what is wrong with it.
    pub key: Result<SecretHash, ViolationKind>,
    /// What was said.
    pub draft: SubscriptionDraft,
    /// When.
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

/// How many subscribers are told in one transaction: some milliseconds on either database, in which
/// nobody else can write.
pub const BATCH_SIZE: i64 = 100;

/// Asks at an address whether somebody there wants to hear of urgent actions. Says whether the same had
/// been asked under this key before.
///
/// What is known of the address makes no difference to the answer, not even to whoever sends the same
/// again much later.
///
/// # Errors
/// That of the database. The rules that say no are those of the draft, and
/// [`Rule::KeyReusedWithOtherContent`].
pub async fn subscribe(gathering: &mut UnitOfWork<'_>, asked: &Subscribe) -> OperationResult<bool> {
    // With the key in it nobody can guess from what is kept which address it was.
    let fingerprint = SecretHash::from_bytes(asked.draft.fingerprint(&asked.typed_key));
    match lookup_key(gathering, &asked.key, fingerprint).await? {
        KeyLookup::Unused => {}
        KeyLookup::Conflict => return Ok(Err(idempotency::conflict())),
        KeyLookup::Replay(_) => return Ok(Ok(true)),
    }
    let mut violations = Violations::default();
    let subscription = Subscription::asked(asked.id, &asked.draft, asked.now)
        .map_err(|broken| violations.extend_at(&[], broken))
        .ok();
    let key = violations.check("idempotencyKey", asked.key.clone());
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let (Some(subscription), Some(key)) = (subscription, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    database::idempotency::insert(
        gathering.conn_mut(),
        key,
        IdempotencyRecord::registered(fingerprint, asked.id.uuid()),
    )
    .await?;
    let email = subscription.content.email.folded();
    let since = asked.now - PENDING_REQUEST_WINDOW;
    let is_asked_enough =
        subscriptions::asked_since(gathering.conn(), &email, since).await? >= i64::from(MAX_PENDING_REQUESTS);
    let secret = credentials::subscription();
    let hash = SecretHash::of(&secret);
    let kept = StoredSubscription {
        secret: hash,
        end: SecretHash::of(&credentials::derive_unsubscribe_token(asked.id, hash)),
        heard: 0,
        digest_at: asked.now,
        subscription,
    };
    subscriptions::insert(gathering.conn_mut(), &kept).await?;
    // An address that was asked often enough is not asked again, nor one that got its share of mail that nobody
    // asked for. The same is done all the same, and taken back: how long it takes would tell the person who
    // types the address that others did. Where there is nothing to take back, nobody has this identity.
    let at_most = if is_asked_enough { NoticeState::Dropped } else { NoticeState::Pending };
    let (notice, key) = (Notice::SubscriptionAsked { secret }, key_of(&kept, "subscription-asked"));
    let fate =
        unsolicited_mail::enqueue(gathering, &outgoing(&kept, &key, &notice, asked.now), at_most, asked.now)
            .await?;
    let taken_back = if fate == NoticeState::Dropped { asked.id } else { SubscriptionId::new(Uuid::nil()) };
    erase(gathering, taken_back, asked.now).await?;
    Ok(Ok(false))
}

/// Confirms a subscription by the secret that was mailed. From now on there is news for them.
///
/// # Errors
/// That of the database. The rules that say no are those of [`Subscription::confirm`], and
/// [`Rule::NotFound`] for what is no such secret.
pub async fn confirm(
    gathering: &mut UnitOfWork<'_>,
    &ConfirmSubscription { code, now }: &ConfirmSubscription,
) -> OperationResult<Subscription> {
    let found = subscriptions::find(gathering.conn(), SubscriptionKey::Secret(code)).await?;
    let Some(before) = found else { return Ok(Err(not_found("code", EntityKind::Code))) };
    let after = match before.subscription.confirm(now) {
        Ok(after) => after,
        Err(violations) => return Ok(Err(violations)),
    };
    if after != before.subscription {
        let heard = subscriptions::newest_news(gathering.conn()).await?;
        let kept = StoredSubscription {
            subscription: after.clone(),
            heard,
            digest_at: next_digest_at(now, now),
            ..before
        };
        subscriptions::update(gathering.conn_mut(), &kept).await?;
    }
    Ok(Ok(after))
}

/// Changes what somebody wants to hear.
///
/// # Errors
/// That of the database. The rules that say no are those of [`Subscription::change`] and
/// [`Rule::NotFound`].
pub async fn change(
    gathering: &mut UnitOfWork<'_>,
    ChangeSubscription { of: asked, expected_revision, draft }: &ChangeSubscription,
) -> OperationResult<Subscription> {
    let Some(before) = managed(gathering, asked).await? else {
        return Ok(Err(not_found("id", EntityKind::Subscription)));
    };
    let after = match before.subscription.change(draft, *expected_revision, asked.now) {
        Ok(after) => after,
        Err(violations) => return Ok(Err(violations)),
    };
    let had = before.subscription.content.wishes.frequency;
    let begins_digests =
        had == DigestFrequency::AtOnce && after.content.wishes.frequency == DigestFrequency::Weekly;
    let digest_at = if begins_digests { asked.now + DIGEST_INTERVAL } else { before.digest_at };
    let kept = StoredSubscription { subscription: after.clone(), digest_at, ..before };
    subscriptions::update(gathering.conn_mut(), &kept).await?;
    let (id, name) = (asked.id.uuid(), "urgentActionSubscriptionChange");
    record_staff(gathering, id, asked.viewer, name, asked.now).await?;
    Ok(Ok(after))
}

/// Ends a subscription for good: nothing is left that says whose it was, and what waits for them is
/// dropped.
///
/// # Errors
/// That of the database. The rule that says no is [`Rule::NotFound`].
pub async fn end(gathering: &mut UnitOfWork<'_>, asked: &EndSubscription) -> OperationResult<()> {
    if managed(gathering, asked).await?.is_none() {
        return Ok(Err(not_found("id", EntityKind::Subscription)));
    }
    erase(gathering, asked.id, asked.now).await?;
    let (id, name) = (asked.id.uuid(), "urgentActionSubscriptionEnd");
    record_staff(gathering, id, asked.viewer, name, asked.now).await?;
    Ok(Ok(()))
}

/// The same by the token that stands in each mail. One that is no more, or never was, is ended too.
///
/// # Errors
/// That of the database.
pub async fn end_by_token(
    gathering: &mut UnitOfWork<'_>,
    &Unsubscribe { token, now }: &Unsubscribe,
) -> OperationResult<()> {
    if let Some(kept) = subscriptions::find(gathering.conn(), SubscriptionKey::End(token)).await? {
        erase(gathering, kept.subscription.id, now).await?;
    }
    Ok(Ok(()))
}

/// Takes note of what is new: actions that people may write for, and updates of them.
///
/// # Errors
/// That of the database.
pub async fn record_news(gathering: &mut UnitOfWork<'_>, now: Timestamp) -> Result<(), database::Error> {
    let mut number = subscriptions::newest_news(gathering.conn()).await?;
    for action in unknown(gathering, now).await? {
        number += 1;
        let news = News { number, action: action.id, update: action.update };
        subscriptions::insert_news(gathering.conn_mut(), news, now).await?;
    }
    Ok(())
}

/// The open actions whose present update has not been noted.
///
/// # Errors
/// That of the database.
pub async fn unknown<'a>(
    gathering: &mut UnitOfWork<'a>,
    now: Timestamp,
) -> Result<Vec<&'a UrgentAction>, database::Error> {
    let mut open = gathering.catalogue().open_actions(now);
    if open.is_empty() {
        return Ok(open);
    }
    let ids: Vec<_> = open.iter().map(|action| action.id).collect();
    let known = subscriptions::news_about(gathering.conn(), ids.into_iter()).await?;
    let is_known =
        |action: &UrgentAction| known.iter().any(|it| it.action == action.id && it.update == action.update);
    open.retain(|action| !is_known(action));
    Ok(open)
}

/// Tells some of those who want to hear at once and have not heard all. Says how many; none if all have.
///
/// # Errors
/// That of the database.
pub async fn send_immediate(
    gathering: &mut UnitOfWork<'_>,
    now: Timestamp,
) -> Result<usize, database::Error> {
    let newest = subscriptions::newest_news(gathering.conn()).await?;
    let behind = subscriptions::behind(gathering.conn(), newest, BATCH_SIZE).await?;
    let Some(first) = behind.first() else { return Ok(0) };
    let open = open_news(gathering, first.heard, now).await?;
    for kept in &behind {
        let end = credentials::derive_unsubscribe_token(kept.subscription.id, kept.secret);
        for (news, action) in open.range(kept.heard + 1..) {
            let wanted = kept.subscription.wants(action);
            let appeal = Appeal::of(action, &kept.subscription.content.wishes.language, now);
            if let Some(appeal) = appeal.filter(|_| wanted) {
                let notice = Notice::UrgentActionIssued { appeal, end: end.clone() };
                tell(gathering, kept, &format!("urgent-action:{news}"), &notice, now).await?;
            }
        }
    }
    let ids = behind.iter().map(|kept| kept.subscription.id);
    subscriptions::set_last_news(gathering.conn_mut(), ids, newest).await?;
    Ok(behind.len())
}

/// Sends some of the digests that are due. Says how many were; where nothing is new, none is put.
///
/// # Errors
/// That of the database.
pub async fn send_digest(gathering: &mut UnitOfWork<'_>, now: Timestamp) -> Result<usize, database::Error> {
    let newest = subscriptions::newest_news(gathering.conn()).await?;
    let due = subscriptions::due(gathering.conn(), now, BATCH_SIZE).await?;
    let Some(first) = due.iter().map(|kept| kept.heard).min() else { return Ok(0) };
    let open = open_news(gathering, first, now).await?;
    for kept in &due {
        let language = &kept.subscription.content.wishes.language;
        let news = open.range(kept.heard + 1..).filter(|(_, action)| kept.subscription.wants(action));
        let appeals: Vec<_> = news.filter_map(|(_, action)| Appeal::of(action, language, now)).collect();
        if !appeals.is_empty() {
            let end = credentials::derive_unsubscribe_token(kept.subscription.id, kept.secret);
            let notice = Notice::UrgentActionDigest { appeals, end };
            let key = format!("urgent-action-digest:{}", kept.digest_at);
            tell(gathering, kept, &key, &notice, now).await?;
        }
        let after = StoredSubscription {
            heard: newest,
            digest_at: next_digest_at(kept.digest_at, now),
            ..kept.clone()
        };
        subscriptions::update(gathering.conn_mut(), &after).await?;
    }
    Ok(due.len())
}

/// Forgets those whom nobody confirmed in time.
///
/// # Errors
/// That of the database.
pub async fn purge_unconfirmed(
    gathering: &mut UnitOfWork<'_>,
    now: Timestamp,
) -> Result<(), database::Error> {
    subscriptions::purge_requested_before(gathering.conn_mut(), now - CONFIRMATION_CODE_TTL).await.map(drop)
}

/// The news after a number about what people may still write for, each of its newest update.
async fn open_news<'a>(
    gathering: &mut UnitOfWork<'a>,
    after: i64,
    now: Timestamp,
) -> Result<BTreeMap<i64, &'a UrgentAction>, database::Error> {
    let catalogue = gathering.catalogue();
    let news = subscriptions::news_after(gathering.conn(), after).await?;
    let open = news.into_iter().filter_map(|news| {
        let action = catalogue.urgent_action(news.action)?;
        (action.update == news.update && action.is_writable(now)).then_some((news.number, action))
    });
    Ok(open.collect())
}

async fn tell(
    gathering: &mut UnitOfWork<'_>,
    kept: &StoredSubscription,
    news: &str,
    notice: &Notice,
    put_at: Timestamp,
) -> Result<(), database::Error> {
    let key = key_of(kept, news);
    notifications::enqueue(
        gathering,
        &outgoing(kept, &key, notice, put_at),
        notifications::SecretSource::Own,
        put_at,
    )
    .await
}

/// What tells a notice to this subscription from any other.
fn key_of(kept: &StoredSubscription, news: &str) -> String {
    format!("{news}:{}", kept.subscription.id.uuid())
}

fn outgoing<'a>(
    kept: &'a StoredSubscription,
    key: &'a str,
    notice: &'a Notice,
    put_at: Timestamp,
) -> Outgoing<'a> {
    let content = &kept.subscription.content;
    Outgoing {
        key,
        subject: Some(kept.subscription.id.uuid()),
        to: &content.email,
        language: &content.wishes.language,
        notice,
        put_at,
    }
}

async fn erase(
    gathering: &mut UnitOfWork<'_>,
    id: SubscriptionId,
    now: Timestamp,
) -> Result<(), database::Error> {
    notifications::cancel_pending_for(gathering, id.uuid(), now).await?;
    notifications::erase_files(gathering, id.uuid()).await?;
    subscriptions::delete(gathering.conn_mut(), id).await
}

/// The subscription, if whoever asks may manage it: its holder, or an administrator.
async fn managed(
    gathering: &mut UnitOfWork<'_>,
    asked: &EndSubscription,
) -> Result<Option<StoredSubscription>, database::Error> {
    let found = subscriptions::find(gathering.conn(), SubscriptionKey::Id(asked.id)).await?;
    let may = |kept: &StoredSubscription| access::subscription_access(asked.viewer, kept.secret).may_manage();
    Ok(found.filter(may))
}
