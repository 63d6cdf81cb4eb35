//! Attacks by WebSocket frames and messages that violate the protocol.

use serde_json::json;

use super::Attack;

pub(super) fn all() -> Vec<Attack> {
    let deep = json!({ "id": "d", "type": "subscribe", "payload": { "query": "{ a }", "variables": 0 } })
        .to_string()
        .replace(":0}", &format!(":{}{}}}", "[".repeat(50_000), "]".repeat(50_000)));
    let subscription = |id: usize| {
        let query = "subscription { total(edition: 2021) { total { letters } } }";
        frame(
            0x81,
            json!({ "id": id.to_string(), "type": "subscribe", "payload": { "query": query } }).to_string(),
        )
    };
    let bug = json!({ "id": "q", "type": "subscribe", "payload": { "query": "{" } }).to_string();
    let ping = frame(0x81, r#"{"type":"ping"}"#);
    vec![
        Attack::frames(
            "10,000 subscriptions on one socket",
            (0..10_000).flat_map(subscription).collect::<Vec<_>>(),
            4429,
        ),
        Attack::frames("50,000 pings", ping.repeat(50_000), 4429),
        Attack::frames(
            "50,000 pings of the socket itself",
            frame(0x89, "x".repeat(125)).repeat(50_000),
            4429,
        ),
        Attack::frames("50,000 documents that are none", frame(0x81, bug).repeat(50_000), 4429),
        Attack::frames(
            "a frame longer than all memory",
            [0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4],
            4400,
        ),
        Attack::frames("a message of 10 MB", frame(0x81, "x".repeat(10 << 20)), 4400),
        Attack::frames(
            "a message of 10 MB in pieces",
            [frame(0x01, "x"), frame(0x00, "x".repeat(1_000)).repeat(10_000)].concat(),
            4400,
        ),
        Attack::frames("a message that never begins", frame(0x00, "x").repeat(1_000), 4400),
        Attack::frames("frames with reserved bits", frame(0xf1, "x").repeat(1_000), 4400),
        Attack::frames("frames of no kind", frame(0x83, "x").repeat(1_000), 4400),
        Attack::frames("frames without a mask", b"\x81\x02{}".repeat(1_000), 4400),
        Attack::frames("text that is not UTF-8", frame(0x81, [0xff, 0xfe, 0xfd]), 4400),
        Attack::frames("bytes", frame(0x82, [0; 1_000]), 4400),
        Attack::frames("zeros", vec![0; 100_000], 4400),
        Attack::frames(
            "a request in place of frames",
            b"GET / HTTP/1.1\r\nhost: w4r\r\n\r\n".repeat(1_000),
            4400,
        ),
        Attack::frames("50,000 lists in one another", frame(0x81, deep), 4400),
        Attack::frames(
            "an id of 100 kB",
            frame(0x81, json!({ "id": "i".repeat(100_000), "type": "complete" }).to_string()),
            4400,
        ),
    ]
}

/// A frame as clients write them. The mask is all zeros, so that what it covers can be read.
fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let length = payload.len();
    let mut frame = vec![first];
    match length {
        0..=125 => frame.push(0x80 | length as u8),
        126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}
