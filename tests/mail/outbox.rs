//! The outbox table: uniqueness of notices, leases, and erasure.

use graphql::database::{
    self, Access, Connection, Database,
    outbox::{self, DeliverySemantics, DeliveryStatus, LeasedNotice},
    undelivered::{self, LostNotice},
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::harness::{
    TestDatabase, at, evening, number,
    outbox::{count, put, put_about},
};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);
const LEASE: SignedDuration = SignedDuration::from_mins(6);

async fn connect(database: &Database) -> Connection {
    database.connect().await.expect("a connection")
}

async fn lease(connection: &mut Connection, now: Timestamp) -> Option<LeasedNotice> {
    outbox::lease(connection, Uuid::new_v4(), now, now + LEASE).await.expect("an outbox")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_notice_is_enqueued_once_even_by_two_concurrent_processes() {
    let fresh = TestDatabase::migrated().await;
    let database = fresh.open();
    let putting: Vec<_> = (0..8)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move {
                let mut connection = connect(&database).await;
                let work = async |connection: &mut Connection| {
                    Ok::<_, database::Error>(
                        put(connection, "registered:7", "rosa@example.org", evening()).await,
                    )
                };
                connection.transaction(Access::Write, work).await.expect("a transaction")
            })
        })
        .collect();
    let mut first = 0;
    for putting in putting {
        first += u32::from(putting.await.expect("no panic"));
    }
    assert_eq!(first, 1);
    assert_eq!(count(&fresh, "WAITING").await, 1);
    // Other news for the same person, and the same news after it was told.
    let mut connection = connect(&database).await;
    assert!(put(&mut connection, "registered:8", "rosa@example.org", evening()).await);
    let leased = lease(&mut connection, evening()).await.expect("a notice");
    outbox::end(&mut connection, &leased, DeliveryStatus::Sent, None, evening()).await.expect("an end");
    assert!(!put(&mut connection, "registered:7", "rosa@example.org", evening()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_of_a_rolled_back_change_is_never_sent() {
    let fresh = TestDatabase::migrated().await;
    let mut connection = connect(&fresh.open()).await;
    let undone: Result<(), database::Error> = connection
        .transaction(Access::Write, async |connection| {
            put(connection, "registered:7", "rosa@example.org", evening()).await;
            Err(database::Error::Broken("something else went wrong".into()))
        })
        .await;
    assert!(undone.is_err());
    assert_eq!(lease(&mut connection, evening()).await.map(|leased| leased.id), None);
    assert!(
        put(&mut connection, "registered:7", "rosa@example.org", evening()).await,
        "its key is free again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_belongs_to_one_sender_until_its_lease_ends() {
    let fresh = TestDatabase::migrated().await;
    let database = fresh.open();
    let (mut one, mut other) = (connect(&database).await, connect(&database).await);
    let start = evening();
    put(&mut one, "registered:7", "rosa@example.org", start).await;
    assert!(lease(&mut one, start - MICROSECOND).await.is_none(), "its time has not come");
    let first = lease(&mut one, start).await.expect("a notice");
    assert_eq!((first.to.as_str(), first.attempts), ("rosa@example.org", 1));
    let end = start + LEASE;
    assert!(lease(&mut other, end - MICROSECOND).await.is_none());
    let second = lease(&mut other, end).await.expect("the lease is over");
    assert_eq!((second.id, second.attempts), (first.id, 2));
    // Whoever was too slow can do nothing with it any more.
    assert!(!outbox::begin(&mut one, &first, DeliverySemantics::Once, end + LEASE).await.expect("an answer"));
    assert!(!outbox::defer(&mut one, &first, end, "450").await.expect("an answer"));
    assert!(!outbox::release_lease(&mut one, &first, end).await.expect("an answer"));
    assert!(!outbox::end(&mut one, &first, DeliveryStatus::Failed, None, end).await.expect("an answer"));
    assert!(
        outbox::begin(&mut other, &second, DeliverySemantics::Once, end + LEASE).await.expect("an answer")
    );
    assert!(
        !outbox::begin(&mut other, &second, DeliverySemantics::Once, end + LEASE).await.expect("an answer"),
        "once"
    );
    assert!(lease(&mut one, at("2030-01-01T00:00:00Z")).await.is_none(), "what was begun is nobody else's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_dropped_during_delivery_is_not_tried_again() {
    let fresh = TestDatabase::migrated().await;
    let mut connection = connect(&fresh.open()).await;
    let (rosa, moses) = (Uuid::now_v7(), Uuid::now_v7());
    for (who, key, to) in
        [(rosa, "registered:7", "rosa@example.org"), (moses, "registered:8", "moses@example.org")]
    {
        put_about(&mut connection, Some(who), key, to, evening()).await;
    }
    let end = evening() + LEASE;
    let mut leased = Vec::new();
    for _ in 0..2 {
        let taken = lease(&mut connection, evening()).await.expect("a notice");
        assert!(
            outbox::begin(&mut connection, &taken, DeliverySemantics::Once, end).await.expect("an answer")
        );
        leased.push(taken);
    }
    assert_eq!(outbox::cancel_about(&mut connection, rosa, evening()).await.expect("an answer"), 0);
    let private = "SELECT COUNT(*) AS number FROM outbox WHERE recipient IS NOT NULL OR content IS NOT NULL";
    assert_eq!(number(&fresh.url, private).await, 1, "what is said to Rosa is erased at once");
    for taken in &leased {
        let is_put_off = outbox::defer(&mut connection, taken, end, "451").await.expect("an answer");
        assert_eq!(is_put_off, taken.subject == Some(moses));
        if !is_put_off {
            assert!(
                outbox::end(&mut connection, taken, DeliveryStatus::Dropped, None, end)
                    .await
                    .expect("an answer")
            );
        }
    }
    assert_eq!((count(&fresh, "DROPPED").await, count(&fresh, "WAITING").await), (1, 1));
    let again = lease(&mut connection, end).await.expect("a notice");
    assert_eq!(again.subject, Some(moses));
    assert!(lease(&mut connection, end).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_whose_sender_stopped_during_delivery_is_uncertain_or_repeated() {
    let fresh = TestDatabase::migrated().await;
    let mut connection = connect(&fresh.open()).await;
    put(&mut connection, "registered:7", "rosa@example.org", evening()).await;
    put(&mut connection, "registered:8", "moses@example.org", evening()).await;
    let leased = lease(&mut connection, evening()).await.expect("a notice");
    let end = evening() + LEASE;
    assert!(outbox::begin(&mut connection, &leased, DeliverySemantics::Once, end).await.expect("an answer"));
    let early = undelivered::give_up(&mut connection, end - MICROSECOND).await.expect("an answer");
    assert_eq!(early, LostNotice::default());
    let lost = undelivered::give_up(&mut connection, end).await.expect("an answer");
    assert_eq!(lost, LostNotice { again: 0, uncertain: 1 });
    assert_eq!((count(&fresh, "UNCERTAIN").await, count(&fresh, "WAITING").await), (1, 1));
    // A sender that was slow and not dead says how it ended after all.
    let said =
        outbox::end(&mut connection, &leased, DeliveryStatus::Sent, None, end).await.expect("an answer");
    assert!(said);
    assert_eq!((count(&fresh, "UNCERTAIN").await, count(&fresh, "SENT").await), (0, 1));
    // What may be repeated waits again, and its first sender has it no more.
    let leased = lease(&mut connection, end).await.expect("the other notice");
    let later = end + LEASE;
    let begun = outbox::begin(&mut connection, &leased, DeliverySemantics::Repeatable, later).await;
    assert!(begun.expect("an answer"));
    let lost = undelivered::give_up(&mut connection, later).await.expect("an answer");
    assert_eq!(lost, LostNotice { again: 1, uncertain: 0 });
    let again = lease(&mut connection, later).await.expect("the same notice");
    assert_eq!((again.id, again.attempts), (leased.id, 2));
    assert!(
        !outbox::end(&mut connection, &leased, DeliveryStatus::Sent, None, later).await.expect("an answer")
    );
    // Of what staff have sent again nobody else says how it ended.
    assert!(outbox::begin(&mut connection, &again, DeliverySemantics::Once, later).await.expect("an answer"));
    undelivered::give_up(&mut connection, later).await.expect("an answer");
    undelivered::resend(&mut connection, again.id, later).await.expect("an answer");
    assert!(
        !outbox::end(&mut connection, &again, DeliveryStatus::Sent, None, later).await.expect("an answer")
    );
    assert_eq!(count(&fresh, "WAITING").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn recipient_and_content_are_erased_whatever_the_result() {
    let fresh = TestDatabase::migrated().await;
    let mut connection = connect(&fresh.open()).await;
    let endings =
        [DeliveryStatus::Sent, DeliveryStatus::Failed, DeliveryStatus::Uncertain, DeliveryStatus::Dropped];
    for ending in endings {
        put(&mut connection, ending.as_str(), "rosa@example.org", evening()).await;
        let leased = lease(&mut connection, evening()).await.expect("a notice");
        assert!(outbox::end(&mut connection, &leased, ending, None, evening()).await.expect("an answer"));
        assert_eq!(count(&fresh, ending.as_str()).await, 1);
    }
    put(&mut connection, "registered:7", "rosa@example.org", evening()).await;
    let kept = "SELECT COUNT(*) AS number FROM outbox WHERE recipient IS NOT NULL OR content IS NOT NULL";
    assert_eq!(number(&fresh.url, kept).await, 2, "the one that waits, and that of which nobody knows");
    undelivered::delete(&mut connection, evening() - MICROSECOND).await.expect("an answer");
    assert_eq!(number(&fresh.url, kept).await, 2);
    undelivered::delete(&mut connection, evening()).await.expect("an answer");
    assert_eq!(number(&fresh.url, kept).await, 1, "the one that waits");
    let queue = outbox::queue(&mut connection).await.expect("an answer");
    assert_eq!((queue.length, queue.oldest_at), (1, Some(evening())));
    // What is long over is forgotten altogether, and nothing else.
    let later = evening() + MICROSECOND;
    assert_eq!(outbox::purge(&mut connection, evening()).await.expect("an answer"), 0);
    assert_eq!(outbox::purge(&mut connection, later).await.expect("an answer"), endings.len());
    assert_eq!(outbox::queue(&mut connection).await.expect("an answer").length, 1);
}
