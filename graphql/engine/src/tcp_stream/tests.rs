use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
};

use super::*;

/// More than the send buffer of a long-lived connection takes at once.
const LONG: usize = 512 << 10;

/// A long-lived stream, its handle, and the client's end.
async fn stream() -> (MonitoredStream, ConnectionHandle, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut client =
        TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
    let (accepted, peer) = listener.accept().await.expect("a connection");
    let (mut stream, handle) = MonitoredStream::new(accepted, peer, Duration::from_secs(60), None);
    handle.mark_long_lived();
    stream.write_all(b"!").await.expect("the first byte is written");
    assert_eq!(client.read_u8().await.expect("a byte"), b'!');
    (stream, handle, client)
}

/// A frame: the writer, the length, and that many copies of a number.
fn frame(writer: u8, number: u8, length: usize) -> Vec<u8> {
    let mut frame = vec![writer];
    frame.extend((length as u32).to_be_bytes());
    frame.resize(5 + length, number);
    frame
}

/// The numbers that each of the two writers sent.
async fn frames(mut client: TcpStream) -> [Vec<u8>; 2] {
    let mut frames = [vec![], vec![]];
    while let Ok(writer) = client.read_u8().await {
        let length = client.read_u32().await.expect("a length");
        let mut frame = vec![0; length as usize];
        client.read_exact(&mut frame).await.expect("a whole frame");
        assert!(frame.windows(2).all(|two| two[0] == two[1]), "frames are not interleaved");
        frames[usize::from(writer)].push(frame[0]);
    }
    frames
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_of_two_writers_arrive_whole_and_in_order() {
    let (mut stream, handle, client) = stream().await;
    let reading = tokio::spawn(frames(client));
    let partial = Arc::new(Notify::new());
    let mut direct_writes = tokio::spawn({
        let partial = Arc::clone(&partial);
        async move {
            let mut direct = vec![];
            while direct.len() < 100 {
                let number = direct.len() as u8;
                match handle.try_write_frame(&frame(1, number, 1 + usize::from(number) * 300)) {
                    Written::All => direct.push(number),
                    // As a subscriber wakes the connection's task.
                    Written::Partial => {
                        direct.push(number);
                        partial.notify_one();
                    }
                    Written::Nothing => tokio::task::yield_now().await,
                }
            }
            direct
        }
    });
    let mut by_task = vec![];
    for number in 0..100 {
        stream
            .write_all(&frame(0, number, 40_000 - usize::from(number) * 300))
            .await
            .expect("the frame is written");
        by_task.push(number);
        tokio::task::yield_now().await;
    }
    // A read sends the rest of a direct write.
    let mut buffer = [0];
    let direct = loop {
        tokio::select! {
            direct = &mut direct_writes => break direct.expect("all frames are written"),
            read = stream.read(&mut buffer) => panic!("unexpected data: {read:?}"),
            () = partial.notified() => {}
        }
    };
    stream.flush().await.expect("the rest is written");
    drop(stream);
    assert_eq!(reading.await.expect("whole frames"), [by_task, direct]);
}

#[tokio::test]
async fn a_read_sends_the_rest_of_a_partial_write_and_blocks_further_ones() {
    let (mut stream, handle, mut client) = stream().await;
    let long = frame(1, 7, LONG);
    assert_eq!(handle.try_write_frame(&long), Written::Partial);
    assert_eq!(handle.try_write_frame(b"in between"), Written::Nothing);
    let (mut buffer, mut whole) = ([0], vec![0; long.len()]);
    tokio::select! {
        read = stream.read(&mut buffer) => panic!("unexpected data: {read:?}"),
        read = client.read_exact(&mut whole) => drop(read.expect("the rest")),
    }
    assert!(whole == long);
    assert_eq!(handle.try_write_frame(b"afterwards"), Written::All);
}

#[tokio::test]
async fn a_direct_write_does_not_interrupt_a_frame_of_the_task() {
    let (mut stream, handle, mut client) = stream().await;
    let long = frame(0, 7, LONG);
    let written = stream.write(&long).await.expect("the beginning is written");
    assert!((1..long.len()).contains(&written));
    assert_eq!(handle.try_write_frame(b"in between"), Written::Nothing);
    let mut whole = vec![0; long.len()];
    let (rest, read) = tokio::join!(stream.write_all(&long[written..]), client.read_exact(&mut whole));
    rest.expect("the rest is written");
    read.expect("the rest");
    assert!(whole == long);
    assert_eq!(handle.try_write_frame(b"afterwards"), Written::All);
}

#[tokio::test]
async fn a_handle_does_not_keep_its_connection_open() {
    let (stream, handle, mut client) = stream().await;
    drop(stream);
    assert_eq!(client.read(&mut [0]).await.expect("an end"), 0);
    assert_eq!(handle.try_write_frame(b"closed"), Written::Nothing);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_accepts_no_data_is_disconnected() {
    let (mut stream, handle, _client) = stream().await;
    assert_eq!(handle.try_write_frame(&frame(1, 7, LONG)), Written::Partial);
    let end = stream.read(&mut [0]).await.expect_err("a timeout");
    assert_eq!(end.kind(), io::ErrorKind::TimedOut);
}
