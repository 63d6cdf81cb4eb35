use std::sync::Arc;

use domain::ReportId;
use jiff::Timestamp;
use tokio::{sync::Semaphore, time::sleep};
use uuid::Uuid;

use super::*;
use crate::{
    ledger::{Action, Credential, Work},
    secret::Hash,
};

type Queue = mpsc::UnboundedSender<Job>;

fn waiting() -> (Queue, Waiting) {
    let (queue, jobs) = mpsc::unbounded_channel();
    (queue, Waiting::new(jobs))
}

fn asker<T>() -> Asker<T> {
    let place = Arc::new(Semaphore::new(1)).try_acquire_owned().expect("a place");
    Asker::new(place).0
}

fn commands(size: usize) -> Vec<Command> {
    let action = Action::Withdraw {
        report: ReportId::new(Uuid::nil()),
        expected_revision: 1,
        reason: "Twice.".to_owned(),
    };
    let credential = Credential::None;
    vec![Command { key: Hash::of("key"), now: Timestamp::UNIX_EPOCH, credential, action }; size]
}

fn enter(queue: &Queue, size: usize) {
    queue.send(Job::Enter { commands: commands(size), asker: asker() }).expect("somebody listens");
}

fn change(queue: &Queue) {
    let work: Work = Box::new(|_| Ok(Box::new(())));
    let now = Timestamp::UNIX_EPOCH;
    queue.send(Job::Change { key: None, now, work, asker: asker() }).expect("somebody listens");
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
async fn entered(waiting: &mut Waiting, size: usize) -> (usize, u128) {
    let began_at = Instant::now();
    let group = waiting.entering(commands(size), asker()).await;
    (group.iter().map(|(commands, _)| commands.len()).sum(), began_at.elapsed().as_millis())
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_alone_is_entered_at_once() {
    let (_queue, mut waiting) = waiting();
    assert_eq!(entered(&mut waiting, 1).await, (1, 0));
    sleep(APART).await;
    assert_eq!(entered(&mut waiting, 1).await, (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_small_group_waits_until_it_is_due_and_takes_along_who_comes_before() {
    let (queue, mut waiting) = waiting();
    entered(&mut waiting, 1).await;
    later(1, &queue, |queue| enter(queue, 1));
    later(2, &queue, |queue| enter(queue, 1));
    later(4, &queue, |queue| enter(queue, 2));
    assert_eq!(entered(&mut waiting, 1).await, (3, APART.as_millis()));
    assert!(matches!(waiting.next().await, Some(Job::Enter { commands, .. }) if commands.len() == 2));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_large_enough_waits_for_nobody_and_takes_who_is_there() {
    let (queue, mut waiting) = waiting();
    entered(&mut waiting, 1).await;
    assert_eq!(entered(&mut waiting, ENOUGH).await, (ENOUGH, 0));
    assert_eq!(entered(&mut waiting, ENOUGH - 1).await, (ENOUGH - 1, APART.as_millis()));
    later(1, &queue, |queue| enter(queue, ENOUGH));
    assert_eq!(entered(&mut waiting, 1).await, (1 + ENOUGH, 1));
    (0..GROUP_MOST).for_each(|_| enter(&queue, 1));
    assert_eq!(entered(&mut waiting, 1).await, (GROUP_MOST, 0));
    assert_eq!(entered(&mut waiting, ENOUGH).await, (ENOUGH + 1, 0));
}

#[tokio::test(start_paused = true)]
async fn another_kind_of_work_ends_the_wait_and_is_next() {
    let (queue, mut waiting) = waiting();
    entered(&mut waiting, 1).await;
    later(1, &queue, change);
    assert_eq!(entered(&mut waiting, 1).await, (1, 1));
    enter(&queue, 1);
    assert!(matches!(waiting.next().await, Some(Job::Change { .. })));
    assert!(matches!(waiting.next().await, Some(Job::Enter { .. })));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_once_nobody_can_come() {
    let (queue, mut waiting) = waiting();
    entered(&mut waiting, 1).await;
    drop(queue);
    assert_eq!(entered(&mut waiting, 1).await, (1, 0));
    assert!(waiting.next().await.is_none());
}
