//! Direct writes: results that are written as frames past the task of the socket.

use super::message::{CLOSING, opening};
use crate::{broadcast::Subscriber, tcp_stream::ConnectionHandle};

/// The first byte of an unfragmented text frame.
const TEXT_FRAME: u8 = 0x81;
/// The largest length that fits into the second byte, and the marks of longer lengths.
const MAX_SHORT_PAYLOAD: usize = 125;
const TWO_BYTES: u8 = 126;
const EIGHT_BYTES: u8 = 127;
const MAX_HEADER_BYTES: usize = 10;

/// The subscriber of an operation, with a direct writer if there is a connection handle.
pub(super) fn subscriber(connection: Option<ConnectionHandle>, id: &str) -> Subscriber {
    match (connection, opening(id)) {
        (Some(connection), Ok(opening)) => Subscriber::with_direct_writer(move |response| {
            connection.try_write_frame(&frame([&opening, &response.json, CLOSING]))
        }),
        _ => Subscriber::default(),
    }
}

/// A text frame (RFC 6455, 5.2) without a mask, as servers send it.
fn frame(parts: [&str; 3]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut frame = Vec::with_capacity(MAX_HEADER_BYTES + length);
    frame.push(TEXT_FRAME);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if length <= MAX_SHORT_PAYLOAD => frame.push(short),
        (_, Ok(length)) => {
            frame.push(TWO_BYTES);
            frame.extend(length.to_be_bytes());
        }
        _ => {
            frame.push(EIGHT_BYTES);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    parts.iter().for_each(|part| frame.extend_from_slice(part.as_bytes()));
    frame
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use async_graphql::{Response, Value};
    use futures_util::{FutureExt, StreamExt, stream};
    use tokio::{
        io::AsyncReadExt,
        net::{TcpListener, TcpStream},
        sync::mpsc,
    };
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

    use super::*;
    use crate::{
        broadcast::Broadcasts,
        cache_key::CacheKey,
        freshness::{Freshness, FreshnessState},
        request::GraphqlRequest,
        tcp_stream::MonitoredStream,
    };

    #[tokio::test]
    async fn a_waiting_subscriber_gets_a_direct_write_without_polling_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut client = TcpStream::connect(address).await.expect("a connection");
        let (accepted, peer) = listener.accept().await.expect("a connection");
        let (_stream, connection) = MonitoredStream::new(accepted, peer, Duration::from_secs(60), None);
        connection.mark_long_lived();
        let request = GraphqlRequest { query: Some("{a}".to_owned()), ..GraphqlRequest::default() };
        let key = CacheKey::of(&request, &Default::default()).expect("a key");
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut responses = Broadcasts::new(&["total"]).subscribe(
            key,
            "total",
            Freshness::new(|| FreshnessState::Current),
            Arc::new(subscriber(Some(connection), "1")),
            || {
                stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)))
                    .boxed()
            },
        );
        assert!(responses.next().now_or_never().is_none(), "the stream is pending");
        sender.send(Arc::new(Response::new(Value::from(7)).into())).expect("a receiver");
        let frame = frame([r#"{"type":"next","id":"1","payload":"#, r#"{"data":7}"#, CLOSING]);
        let mut received = vec![0; frame.len()];
        client.read_exact(&mut received).await.expect("a frame");
        assert_eq!(received, frame);
        assert!(responses.next().now_or_never().is_none(), "no event is sent twice");
    }

    #[test]
    fn a_text_frame_of_any_length_is_read_back_unchanged() {
        for length in
            [0, 1, MAX_SHORT_PAYLOAD, MAX_SHORT_PAYLOAD + 1, usize::from(u16::MAX), usize::from(u16::MAX) + 1]
        {
            let text = "é".repeat(length / 2) + &"x".repeat(length % 2);
            let middle = text.floor_char_boundary(length / 3);
            let bytes = frame([&text[..middle], &text[middle..], ""]);
            let mut socket = WebSocket::from_raw_socket(std::io::Cursor::new(bytes), Role::Client, None);
            assert_eq!(socket.read().expect("a message").to_text().ok(), Some(&*text));
            assert_eq!(socket.get_ref().position(), socket.get_ref().get_ref().len() as u64);
        }
    }
}
