//! Several senders of one outbox: each notice is sent by one of them, also when a process stops or dies.

use std::{collections::BTreeSet, process::Stdio};

use tokio::{process::Command, sync::watch};

use super::{LEASE, Newsroom};
use crate::harness::{
    evening,
    mail_server::{Moment, Whim},
    number,
    outbox::{count, put},
    run_sql,
};

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_share_a_database_send_each_notice_once() {
    let newsroom = Newsroom::new().await;
    let names: BTreeSet<String> = (0..60).map(|number| format!("person{number:02}")).collect();
    let offices = [newsroom.office(), newsroom.office(), newsroom.office()];
    for name in &names {
        newsroom.tell(&offices[0], name).await;
        offices[1].post.wake();
        offices[2].post.wake();
    }
    newsroom.wait_for("SENT", 60).await;
    let recipients = newsroom.recipients(60).await;
    assert_eq!((recipients.len(), recipients.into_iter().collect::<BTreeSet<_>>()), (60, names));
    for office in offices {
        office.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_is_too_slow_loses_its_notice_to_the_next() {
    let newsroom = Newsroom::new().await;
    let (go_on, waiting) = watch::channel(false);
    newsroom.server.whim(Moment::Recipient, Whim::Wait(waiting)).await;
    let slow = newsroom.office();
    newsroom.tell(&slow, "rosa").await;
    newsroom.server.reached(Moment::Recipient, 1).await;
    let quick = newsroom.office();
    quick.go_forward(LEASE);
    assert_eq!(newsroom.recipients(1).await, ["rosa"]);
    newsroom.wait_for("SENT", 1).await;
    // The slow one goes on, with a notice that is no longer its own, and then with the next.
    go_on.send_replace(true);
    slow.go_forward(LEASE);
    quick.close().await;
    newsroom.tell(&slow, "moses").await;
    assert_eq!(newsroom.recipients(2).await, ["rosa", "moses"]);
    slow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_a_silent_process_was_delivering_is_not_sent_by_another() {
    let newsroom = Newsroom::new().await;
    let (go_on, waiting) = watch::channel(false);
    newsroom.server.whim(Moment::Content, Whim::Wait(waiting)).await;
    let silent = newsroom.office();
    newsroom.tell(&silent, "rosa").await;
    newsroom.server.reached(Moment::Content, 1).await;
    let other = newsroom.office();
    other.go_forward(LEASE);
    newsroom.wait_for("UNCERTAIN", 1).await;
    newsroom.tell(&other, "moses").await;
    assert_eq!(newsroom.recipients(1).await, ["moses"]);
    go_on.send_replace(true);
    assert_eq!(newsroom.recipients(2).await, ["moses", "rosa"]);
    for office in [silent, other] {
        office.close().await;
    }
    assert_eq!(newsroom.server.times(Moment::Content), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_told_to_stop_finishes_the_notice_that_it_is_handing_over() {
    let newsroom = Newsroom::new().await;
    let (go_on, waiting) = watch::channel(false);
    newsroom.server.whim(Moment::Content, Whim::Wait(waiting)).await;
    let office = newsroom.office();
    newsroom.tell(&office, "rosa").await;
    newsroom.tell(&office, "moses").await;
    newsroom.server.reached(Moment::Content, 1).await;
    office.stop.send_replace(true);
    go_on.send_replace(true);
    office.close().await;
    assert_eq!((count(&newsroom.fresh, "SENT").await, count(&newsroom.fresh, "WAITING").await), (1, 1));
    let next = newsroom.office();
    assert_eq!(newsroom.recipients(2).await, ["rosa", "moses"]);
    next.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_told_to_stop_gives_back_what_it_has_not_handed_over() {
    let newsroom = Newsroom::new().await;
    let (_go_on, waiting) = watch::channel(false);
    newsroom.server.whim(Moment::Recipient, Whim::Wait(waiting)).await;
    let office = newsroom.office();
    newsroom.tell(&office, "rosa").await;
    newsroom.server.reached(Moment::Recipient, 1).await;
    office.close().await;
    let untried = "SELECT COUNT(*) AS number FROM outbox WHERE state = 'WAITING' AND attempts = 0";
    assert_eq!(number(&newsroom.fresh.url, untried).await, 1);
    let next = newsroom.office();
    assert_eq!(newsroom.recipients(1).await, ["rosa"]);
    next.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_was_put_before_the_process_was_killed_is_sent_by_the_next() {
    let newsroom = Newsroom::new().await;
    let serve = || {
        Command::new(env!("CARGO_BIN_EXE_w4r"))
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &newsroom.fresh.url])
            .args(["--mail-url", &newsroom.server.url(), "--mail-from", "post@w4r.example"])
            .env("RUST_LOG", "error")
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the executable")
    };
    let (_go_on, waiting) = watch::channel(false);
    newsroom.server.whim(Moment::Recipient, Whim::Wait(waiting)).await;
    let mut connection = newsroom.fresh.open().connect().await.expect("a connection");
    for name in ["rosa", "moses"] {
        put(&mut connection, name, &format!("{name}@example.org"), evening()).await;
    }
    let mut killed = serve();
    newsroom.server.reached(Moment::Recipient, 1).await;
    killed.kill().await.expect("kill -9");
    assert_eq!(count(&newsroom.fresh, "WAITING").await, 2);
    let mut next = serve();
    assert_eq!(newsroom.recipients(1).await, ["moses"], "hers is leased still");
    newsroom.wait_for("SENT", 1).await;
    // Some minutes later.
    run_sql(&newsroom.fresh.url, "UPDATE outbox SET next_attempt_at = enqueued_at WHERE state = 'WAITING'")
        .await;
    assert_eq!(newsroom.recipients(2).await, ["moses", "rosa"]);
    newsroom.wait_for("SENT", 2).await;
    next.kill().await.expect("its end");
}
