//! Ten thousand sockets for ten minutes: `cargo bench -- sockets`.
//!
//! Every socket sees the last version, one that never reads hurts nobody, and memory is steady; or
//! else this ends with what is not so.

use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use crate::{
    audience::{Audience, Speaker},
    bench::Bench,
    client::Client,
    figure::Figure,
    load::turn,
    process::{Meter, Process},
    question::{self, VERSION, WATCH, are_accepted},
    socket::Socket,
    store::{Kind, Store},
    table::{bytes, grouped, short},
    work::{EVERY, pace},
};

const SOCKETS: usize = 10_000;
const MINUTES: usize = 10;
const MINUTE: Duration = Duration::from_secs(60);
/// What a socket may ask for at once. Who does not read so much stops the service's sending soon.
const OPERATIONS_OF_THE_SLOW_ONE: usize = 50;
/// The least that the system takes.
const BUFFER_OF_THE_SLOW_ONE: u32 = 4 << 10;
/// Memory is steady if it grows by no more than this after the first minute.
const MAX_GROWTH: f64 = 1.05;

pub(crate) async fn run(bench: &Bench, say: impl Fn(String)) {
    let sockets = bench.size(SOCKETS, 500);
    let (minutes, minute) = if bench.quick { (3, Duration::from_secs(5)) } else { (MINUTES, MINUTE) };
    let changes = usize::try_from(minute.as_millis() / EVERY.as_millis()).expect("a number that fits");
    let (store, edition) = Store::fresh(&Kind::Sqlite).await;
    let service = Process::service(&store.url);
    let mut client = Client::connect(service.address()).await;
    let mut body = String::new();
    edition.report(&mut body, turn(1));
    are_accepted(client.post(&body).await, 1);
    say(format!("{sockets} sockets come"));
    let memory_before = service.memory();
    let audience = Audience::gather(service.address(), sockets, Speaker::Service, minutes * changes);
    let slow = never_read(service.address(), sockets).await;
    println!("| minute | messages a second | CPU each | p50 | p99 | memory | a socket |");
    println!("| -----: | ----------------: | -------: | --: | --: | -----: | -------: |");
    let (mut memories, mut messages_before) = (vec![], 0);
    for number in 0..minutes {
        let meter = Meter::start(&service);
        let until = Instant::now() + minute;
        pace(changes, async |change| {
            let change = number * changes + change;
            edition.report(&mut body, turn(1));
            audience.note(change);
            let answer = client.post(&body).await;
            are_accepted(answer, 1);
            assert_eq!(question::number(answer, VERSION), audience.base() + change as u64 + 1);
            say(format!("minute {} of {minutes}, change {change}", number + 1));
        })
        .await;
        sleep_until(until.into()).await;
        let last = audience.base() + ((number + 1) * changes) as u64;
        audience.all_at(last).await;
        let messages = audience.messages();
        let reading = meter.read(&service);
        let figure = reading.over(messages - messages_before).with(audience.take_latencies());
        messages_before = messages;
        memories.push(reading.memory);
        print(number + 1, &figure, (reading.memory - memory_before) / sockets as f64);
    }
    let told = messages_before as f64 / (sockets * minutes * changes) as f64;
    println!(
        "\nEvery socket saw the last of {} versions, and {:.1} % of all.",
        minutes * changes,
        told * 100.0
    );
    println!(
        "The one that never reads {}.",
        if is_gone(slow).await { "was let go" } else { "is still there" }
    );
    let (first, last) = (memories[0], memories[minutes - 1]);
    println!("Memory was {} after the first minute and {} after the last.", bytes(first), bytes(last));
    assert!(last <= first * MAX_GROWTH, "memory is not steady");
}

/// A socket that asks for as much as it may and takes nothing of it.
async fn never_read(address: &str, number: usize) -> Socket {
    let mut socket = Socket::connect(address, number, Some(BUFFER_OF_THE_SLOW_ONE)).await;
    socket.greet().await;
    for id in 0..OPERATIONS_OF_THE_SLOW_ONE {
        socket.subscribe(id, WATCH).await;
    }
    socket
}

/// Whether the service has let it go: then what it has not taken comes to an end.
async fn is_gone(mut socket: Socket) -> bool {
    const A_WHILE: Duration = Duration::from_secs(1);
    let read_out = async { while socket.next().await.is_some() {} };
    tokio::time::timeout(A_WHILE, read_out).await.is_ok()
}

fn print(minute: usize, figure: &Figure, memory_each: f64) {
    println!(
        "| {minute:>6} | {:>17} | {:>5} µs | {} ms | {} ms | {} | {} |",
        grouped(figure.rate),
        short(figure.cpu.unwrap_or_default()),
        short(figure.p50.unwrap_or_default()),
        short(figure.p99.unwrap_or_default()),
        bytes(figure.memory.unwrap_or_default()),
        bytes(memory_each),
    );
}
