use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
};

use super::*;

/// More than a lasting line takes at once.
const LONG: usize = 512 << 10;

/// A wire that lasts, its line, and its other end.
async fn wire() -> (MonitoredStream, ConnectionHandle, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut there =
        TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
    let (here, peer) = listener.accept().await.expect("a connection");
    let (mut wire, line) = MonitoredStream::new(here, peer, Duration::from_secs(60), None);
    line.mark_long_lived();
    wire.write_all(b"!").await.expect("it takes a word");
    assert_eq!(there.read_u8().await.expect("a word"), b'!');
    (wire, line, there)
}

/// A frame: who says it, how long it is, and as many times its number.
fn frame(who: u8, number: u8, length: usize) -> Vec<u8> {
    let mut frame = vec![who];
    frame.extend((length as u32).to_be_bytes());
    frame.resize(5 + length, number);
    frame
}

/// The numbers that each of two said.
async fn heard(mut there: TcpStream) -> [Vec<u8>; 2] {
    let mut heard = [vec![], vec![]];
    while let Ok(who) = there.read_u8().await {
        let length = there.read_u32().await.expect("a length");
        let mut frame = vec![0; length as usize];
        there.read_exact(&mut frame).await.expect("a whole frame");
        assert!(frame.windows(2).all(|two| two[0] == two[1]), "no frame is in another");
        heard[usize::from(who)].push(frame[0]);
    }
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_say_on_a_line_arrives_in_whole_frames_and_in_each_ones_order() {
    let (mut wire, line, there) = wire().await;
    let hearing = tokio::spawn(heard(there));
    let begun = Arc::new(Notify::new());
    let mut saying = tokio::spawn({
        let begun = Arc::clone(&begun);
        async move {
            let mut said = vec![];
            while said.len() < 100 {
                let number = said.len() as u8;
                match line.try_write_frame(&frame(1, number, 1 + usize::from(number) * 300)) {
                    Written::All => said.push(number),
                    // As a seat wakes whoever sits there.
                    Written::Partial => {
                        said.push(number);
                        begun.notify_one();
                    }
                    Written::Nothing => tokio::task::yield_now().await,
                }
            }
            said
        }
    });
    let mut told = vec![];
    for number in 0..100 {
        wire.write_all(&frame(0, number, 40_000 - usize::from(number) * 300)).await.expect("it takes it");
        told.push(number);
        tokio::task::yield_now().await;
    }
    // Whoever listens finishes what the other began.
    let mut buffer = [0];
    let said = loop {
        tokio::select! {
            said = &mut saying => break said.expect("it says all"),
            read = wire.read(&mut buffer) => panic!("nothing is said there: {read:?}"),
            () = begun.notified() => {}
        }
    };
    wire.flush().await.expect("it takes the rest");
    drop(wire);
    assert_eq!(hearing.await.expect("whole frames"), [told, said]);
}

#[tokio::test]
async fn whoever_listens_finishes_what_was_begun_and_nothing_is_said_meanwhile() {
    let (mut wire, line, mut there) = wire().await;
    let long = frame(1, 7, LONG);
    assert_eq!(line.try_write_frame(&long), Written::Partial);
    assert_eq!(line.try_write_frame(b"in between"), Written::Nothing);
    let (mut buffer, mut whole) = ([0], vec![0; long.len()]);
    tokio::select! {
        read = wire.read(&mut buffer) => panic!("nothing is said there: {read:?}"),
        read = there.read_exact(&mut whole) => drop(read.expect("the rest")),
    }
    assert!(whole == long);
    assert_eq!(line.try_write_frame(b"afterwards"), Written::All);
}

#[tokio::test]
async fn nothing_is_said_amid_what_the_task_says() {
    let (mut wire, line, mut there) = wire().await;
    let long = frame(0, 7, LONG);
    let taken = wire.write(&long).await.expect("it takes some");
    assert!((1..long.len()).contains(&taken));
    assert_eq!(line.try_write_frame(b"in between"), Written::Nothing);
    let mut whole = vec![0; long.len()];
    let (written, read) = tokio::join!(wire.write_all(&long[taken..]), there.read_exact(&mut whole));
    written.expect("it takes the rest");
    read.expect("the rest");
    assert!(whole == long);
    assert_eq!(line.try_write_frame(b"afterwards"), Written::All);
}

#[tokio::test]
async fn a_line_does_not_keep_a_connection_that_has_ended() {
    let (wire, line, mut there) = wire().await;
    drop(wire);
    assert_eq!(there.read(&mut [0]).await.expect("an end"), 0);
    assert_eq!(line.try_write_frame(b"anybody?"), Written::Nothing);
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_nothing_of_what_was_begun_is_let_go() {
    let (mut wire, line, _there) = wire().await;
    assert_eq!(line.try_write_frame(&frame(1, 7, LONG)), Written::Partial);
    let end = wire.read(&mut [0]).await.expect_err("nobody waits for ever");
    assert_eq!(end.kind(), io::ErrorKind::TimedOut);
}
