//! Notices in the outbox, beside the service.

use domain::{EmailAddress, Language};
use graphql::{
    database::{
        Connection,
        outbox::{self, NoticeState, Outgoing},
    },
    mail::notice::Notice,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{TestDatabase, number};

/// Puts a notice with a secret into the outbox, in the transaction that is running.
pub async fn put(connection: &mut Connection, key: &str, to: &str, now: Timestamp) -> bool {
    put_about(connection, None, key, to, now).await
}

/// The same, about something that may change meanwhile.
pub async fn put_about(
    connection: &mut Connection,
    subject: Option<Uuid>,
    key: &str,
    to: &str,
    now: Timestamp,
) -> bool {
    let notice = Notice::ParticipantRegistered { secret: format!("w4r_participant_{key}") };
    let outgoing = Outgoing {
        key,
        subject,
        to: &EmailAddress::parse(to).expect("an address"),
        language: &Language::parse("en").expect("a language"),
        notice: &notice,
        enqueued_at: now,
    };
    outbox::enqueue(connection, Uuid::now_v7(), &outgoing, NoticeState::Pending).await.expect("an outbox")
}

/// How many notices there are in a state.
pub async fn count(fresh: &TestDatabase, state: &str) -> i64 {
    number(&fresh.url, &format!("SELECT COUNT(*) AS number FROM outbox WHERE state = '{state}'")).await
}
