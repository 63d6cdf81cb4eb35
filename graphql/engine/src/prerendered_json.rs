//! The JSON writer for response values.
//!
//! A part of a response may already be JSON, as [`Value::Binary`], which no scalar uses otherwise. It is
//! copied.

use std::io::Write as _;

use async_graphql::{Name, Value};

/// Request data: the operation has no duplicate response keys, and the consumer of the response treats
/// [`Value::Binary`] as JSON.
#[derive(Clone, Copy, Debug)]
pub struct EagerJson;

/// The number of bytes that are compared at once; most strings have no special characters.
const CHUNK_BYTES: usize = 32;
/// Quotation marks, a colon, a comma.
const PUNCTUATION_BYTES: usize = 4;
const SCALAR_BYTES: usize = 12;

/// An object as JSON.
pub(crate) fn object(fields: &[(&Name, Value)]) -> Value {
    let lengths = fields.iter().map(|(name, value)| name.len() + PUNCTUATION_BYTES + estimated_length(value));
    let mut json = Vec::with_capacity(PUNCTUATION_BYTES + lengths.sum::<usize>());
    write_object(&mut json, fields.iter().map(|(name, value)| (*name, value)));
    Value::Binary(json.into())
}

/// A list as JSON.
pub(crate) fn list(entries: &[Value]) -> Value {
    let mut json = Vec::with_capacity(
        PUNCTUATION_BYTES
            + entries.iter().map(|entry| PUNCTUATION_BYTES + estimated_length(entry)).sum::<usize>(),
    );
    write_list(&mut json, entries);
    Value::Binary(json.into())
}

/// The estimated length of a value, so that the buffer is allocated once.
fn estimated_length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + PUNCTUATION_BYTES,
        Value::Binary(json_bytes) => json_bytes.len(),
        _ => SCALAR_BYTES,
    }
}

/// Writes a value.
pub(crate) fn write(json: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => json.extend_from_slice(b"null"),
        Value::Boolean(true) => json.extend_from_slice(b"true"),
        Value::Boolean(false) => json.extend_from_slice(b"false"),
        Value::Number(number) => {
            // Writing to memory cannot fail.
            let _ = write!(json, "{number}");
        }
        Value::String(text) => write_text(json, text),
        Value::Enum(name) => write_name(json, name),
        Value::Binary(json_bytes) => json.extend_from_slice(json_bytes),
        Value::List(entries) => write_list(json, entries),
        Value::Object(fields) => write_object(json, fields),
    }
}

fn write_object<'a>(json: &mut Vec<u8>, fields: impl IntoIterator<Item = (&'a Name, &'a Value)>) {
    json.push(b'{');
    for (index, (name, value)) in fields.into_iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        write_name(json, name);
        json.push(b':');
        write(json, value);
    }
    json.push(b'}');
}

fn write_list(json: &mut Vec<u8>, entries: &[Value]) {
    json.push(b'[');
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        write(json, entry);
    }
    json.push(b']');
}

/// Writes a GraphQL name, which needs no escapes.
fn write_name(json: &mut Vec<u8>, name: &Name) {
    json.push(b'"');
    json.extend_from_slice(name.as_bytes());
    json.push(b'"');
}

fn write_text(json: &mut Vec<u8>, text: &str) {
    json.push(b'"');
    let (chunks, rest) = text.as_bytes().as_chunks::<CHUNK_BYTES>();
    chunks.iter().for_each(|chunk| write_bytes(json, chunk));
    write_bytes(json, rest);
    json.push(b'"');
}

#[inline]
fn write_bytes(json: &mut Vec<u8>, bytes: &[u8]) {
    // Without an early exit, so that the compiler vectorizes the loop.
    match bytes.iter().fold(0, |found, byte| found | u8::from(is_special(*byte))) {
        0 => json.extend_from_slice(bytes),
        _ => bytes.iter().for_each(|byte| write_byte(json, *byte)),
    }
}

/// Whether JSON escapes a byte (RFC 8259, 7).
const fn is_special(byte: u8) -> bool {
    (byte < b' ') | (byte == b'"') | (byte == b'\\')
}

fn write_byte(json: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' | b'\\' => json.extend_from_slice(&[b'\\', byte]),
        b'\n' => json.extend_from_slice(br"\n"),
        b'\r' => json.extend_from_slice(br"\r"),
        b'\t' => json.extend_from_slice(br"\t"),
        _ if is_special(byte) => {
            // Writing to memory cannot fail.
            let _ = write!(json, "\\u{byte:04x}");
        }
        _ => json.push(byte),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;
    use proptest::prelude::*;

    use super::*;

    fn to_json(value: &Value) -> String {
        let mut json = vec![];
        write(&mut json, value);
        String::from_utf8(json).expect("text")
    }

    #[test]
    fn values_are_serialized_as_json() {
        let value = value!({
            "none": null, "truth": [true, false], "numbers": [0, -1, 9_007_199_254_740_993_i64, 0.5, 1e100],
            "text": "é\u{1}\"\\/\n\r\t", "empty": [{}, [], ""]
        });
        assert_eq!(to_json(&Value::Enum(Name::new("RED"))), r#""RED""#);
        assert_eq!(
            to_json(&value),
            r#"{"none":null,"truth":[true,false],"numbers":[0,-1,9007199254740993,0.5,1e+100],"text":"é\u0001\"\\/\n\r\t","empty":[{},[],""]}"#
        );
    }

    #[test]
    fn prerendered_json_is_copied() {
        let value = Value::List(vec![Value::Binary(r#"{"a":1}"#.into()), 2.into()]);
        assert_eq!(to_json(&value), r#"[{"a":1},2]"#);
    }

    proptest! {
        #[test]
        fn any_string_is_read_back_unchanged(text in any::<String>(), plain in "[ -~]{0,200}") {
            let text = plain + &text;
            let read: String = serde_json::from_str(&to_json(&text.as_str().into())).expect("JSON");
            prop_assert_eq!(read, text);
        }
    }
}
