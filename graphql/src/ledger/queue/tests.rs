use std::sync::Arc;

use domain::ReportId;
use jiff::Timestamp;
use tokio::time::sleep;
use uuid::Uuid;

use super::*;
use crate::{
    credentials::SecretHash,
    ledger::{Action, Viewer, fair_shares::FairShares, job::CatalogueJob},
};

type Queue = mpsc::UnboundedSender<Job>;

fn waiting() -> (Queue, JobQueue) {
    let (queue, jobs) = mpsc::unbounded_channel();
    (queue, JobQueue::new(jobs))
}

fn asker<T>(caller: Option<u8>) -> Responder<T> {
    let caller = caller.map(|last| IpAddr::from([192, 0, 2, last]));
    Responder::new(Arc::new(FairShares::default()).acquire(caller, 1).expect("a place")).0
}

fn commands(size: usize) -> Vec<Command> {
    let action = Action::Withdraw {
        report: ReportId::new(Uuid::nil()),
        expected_revision: 1,
        reason: "Twice.".to_owned(),
    };
    let viewer = Viewer::Anonymous;
    let now = Timestamp::UNIX_EPOCH;
    vec![Command { key: SecretHash::of("key"), former_key: None, now, viewer, address: None, action }; size]
}

fn enter(queue: &Queue, size: usize) {
    enter_from(queue, None, size);
}

fn enter_from(queue: &Queue, caller: Option<u8>, size: usize) {
    queue.send(Job::Reports { commands: commands(size), asker: asker(caller) }).expect("somebody listens");
}

fn change(queue: &Queue) {
    let work: CatalogueJob = Box::new(|_| Ok(()));
    let now = Timestamp::UNIX_EPOCH;
    queue.send(Job::Catalogue { key: None, now, work, asker: asker(None) }).expect("somebody listens");
}

/// Does something a while from now.
fn later(millis: u64, queue: &Queue, act: impl FnOnce(&Queue) + Send + 'static) {
    let queue = queue.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(millis)).await;
        act(&queue);
    });
}

/// How many commands are entered together with some, and after how many milliseconds.
async fn entered(waiting: &mut JobQueue, size: usize) -> (usize, u128) {
    let began_at = Instant::now();
    let group = waiting.entering(commands(size), asker(None)).await;
    (group.iter().map(|(commands, _)| commands.len()).sum(), began_at.elapsed().as_millis())
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_alone_is_entered_at_once() {
    let (_queue, mut waiting) = waiting();
    assert_eq!(entered(&mut waiting, 1).await, (1, 0));
    sleep(MIN_COMMIT_INTERVAL).await;
    assert_eq!(entered(&mut waiting, 1).await, (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_small_group_waits_until_it_is_due_and_takes_along_who_comes_before() {
    let (queue, mut waiting) = waiting();
    entered(&mut waiting, 1).await;
    later(1, &queue, |queue| enter(queue, 1));
    later(2, &queue, |queue| enter(queue, 1));
    later(4, &queue, |queue| enter(queue, 2));
    assert_eq!(entered(&mut waiting, 1).await, (3, MIN_COMMIT_INTERVAL.as_millis()));
    assert!(matches!(waiting.next().await, Some(Job::Reports { commands, .. }) if commands.len() == 2));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_large_enough_waits_for_nobody_and_takes_who_is_there() {
    let (queue, mut waiting) = waiting();
    entered(&mut waiting, 1).await;
    assert_eq!(entered(&mut waiting, EAGER_COMMIT_SIZE).await, (EAGER_COMMIT_SIZE, 0));
    assert_eq!(
        entered(&mut waiting, EAGER_COMMIT_SIZE - 1).await,
        (EAGER_COMMIT_SIZE - 1, MIN_COMMIT_INTERVAL.as_millis())
    );
    later(1, &queue, |queue| enter(queue, EAGER_COMMIT_SIZE));
    assert_eq!(entered(&mut waiting, 1).await, (1 + EAGER_COMMIT_SIZE, 1));
    (0..MAX_GROUP_SIZE).for_each(|_| enter(&queue, 1));
    assert_eq!(entered(&mut waiting, 1).await, (MAX_GROUP_SIZE, 0));
    assert_eq!(entered(&mut waiting, EAGER_COMMIT_SIZE).await, (EAGER_COMMIT_SIZE + 1, 0));
}

#[tokio::test(start_paused = true)]
async fn another_kind_of_work_ends_the_wait_and_is_next() {
    let (queue, mut waiting) = waiting();
    entered(&mut waiting, 1).await;
    later(1, &queue, change);
    assert_eq!(entered(&mut waiting, 1).await, (1, 1));
    enter(&queue, 1);
    assert!(matches!(waiting.next().await, Some(Job::Catalogue { .. })));
    assert!(matches!(waiting.next().await, Some(Job::Reports { .. })));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_once_nobody_can_come() {
    let (queue, mut waiting) = waiting();
    entered(&mut waiting, 1).await;
    drop(queue);
    assert_eq!(entered(&mut waiting, 1).await, (1, 0));
    assert!(waiting.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_brings_one_report_waits_for_one_batch_of_who_floods() {
    let (queue, mut waiting) = waiting();
    (0..20).for_each(|_| enter_from(&queue, Some(1), 500));
    (0..3).for_each(|_| enter_from(&queue, Some(2), 1));
    enter_from(&queue, Some(3), 1);
    let Some(Job::Reports { commands, asker }) = waiting.next().await else { panic!("a batch") };
    assert_eq!(commands.len(), 500);
    let group = waiting.entering(commands, asker).await;
    let callers: Vec<_> =
        group.iter().map(|(_, asker)| asker.place.caller.map(|caller| caller.to_string())).collect();
    let expected = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.2", "192.0.2.2"];
    assert_eq!(callers[..5], expected.map(|caller| Some(caller.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn who_was_served_alone_owes_nothing_and_what_one_brings_stays_in_order() {
    let (queue, mut waiting) = waiting();
    enter_from(&queue, Some(1), 500);
    assert!(waiting.next().await.is_some());
    for size in [3, 2, 1] {
        enter_from(&queue, Some(1), size);
    }
    enter_from(&queue, Some(2), 4);
    let mut sizes = Vec::new();
    for _ in 0..4 {
        let Some(Job::Reports { commands, .. }) = waiting.next().await else { panic!("commands") };
        sizes.push(commands.len());
    }
    assert_eq!(sizes, [3, 4, 2, 1]);
    assert!(waiting.ends.is_empty(), "nobody is remembered once nothing waits");
}
