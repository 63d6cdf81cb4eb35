//! Fingerprints of registrations: a hash of the content, by which a repeated request is told from a new one.
//!
//! The service stores a fingerprint beside the idempotency key of a request. The hashed text is JSON in which each
//! draft names its labels itself, so that renaming a field in Rust changes no stored fingerprint. Labels and their
//! order must never change.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A value with one canonical JSON form.
pub(crate) trait Canonical {
    /// Appends the JSON form to `text`.
    fn write(&self, text: &mut String);
}

/// The SHA-256 hash of a JSON array of these values.
pub(crate) fn of(values: &[&dyn Canonical]) -> [u8; 32] {
    let mut text = String::new();
    list(&mut text, values.iter().copied());
    Sha256::digest(text.as_bytes()).into()
}

/// Appends a JSON object with these labels, in this order.
pub(crate) fn object(text: &mut String, fields: &[(&str, &dyn Canonical)]) {
    text.push('{');
    for (index, (label, value)) in fields.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        label.write(text);
        text.push(':');
        value.write(text);
    }
    text.push('}');
}

fn list<'v>(text: &mut String, values: impl Iterator<Item = &'v dyn Canonical>) {
    text.push('[');
    for (index, value) in values.enumerate() {
        if index > 0 {
            text.push(',');
        }
        value.write(text);
    }
    text.push(']');
}

impl Canonical for str {
    fn write(&self, text: &mut String) {
        text.push('"');
        for character in self.chars() {
            match character {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\u{8}' => text.push_str("\\b"),
                '\u{c}' => text.push_str("\\f"),
                control if control < ' ' => {
                    write!(text, "\\u{:04x}", u32::from(control)).expect("a string takes everything");
                }
                other => text.push(other),
            }
        }
        text.push('"');
    }
}

impl Canonical for String {
    fn write(&self, text: &mut String) {
        self.as_str().write(text);
    }
}

impl Canonical for bool {
    fn write(&self, text: &mut String) {
        text.push_str(if *self { "true" } else { "false" });
    }
}

impl Canonical for Uuid {
    fn write(&self, text: &mut String) {
        self.hyphenated().to_string().as_str().write(text);
    }
}

/// A number with the fewest digits that read as the same number, and always with a point or an exponent.
impl Canonical for f64 {
    fn write(&self, text: &mut String) {
        if !self.is_finite() {
            text.push_str("null");
            return;
        }
        if self.is_sign_negative() {
            text.push('-');
        }
        let scientific = format!("{:e}", self.abs());
        let (digits, exponent) = scientific.split_once('e').expect("the form has an exponent");
        let digits = digits.replace('.', "");
        let exponent: i32 = exponent.parse().expect("the exponent is an integer");
        let (count, point) = (digits.len(), exponent + 1);
        match usize::try_from(point) {
            Ok(point) if point >= count && point <= 16 => {
                write!(text, "{digits}{:0<width$}.0", "", width = point - count)
            }
            Ok(point) if point > 0 && point <= 16 => {
                write!(text, "{}.{}", &digits[..point], &digits[point..])
            }
            _ if (-4..=0).contains(&point) => {
                write!(text, "0.{:0<width$}{digits}", "", width = point.unsigned_abs() as usize)
            }
            _ if count == 1 => write!(text, "{digits}e{exponent:+}"),
            _ => write!(text, "{}.{}e{exponent:+}", &digits[..1], &digits[1..]),
        }
        .expect("a string takes everything");
    }
}

impl<T: Canonical> Canonical for Option<T> {
    fn write(&self, text: &mut String) {
        match self {
            Some(value) => value.write(text),
            None => text.push_str("null"),
        }
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn write(&self, text: &mut String) {
        self.as_slice().write(text);
    }
}

impl<T: Canonical> Canonical for [T] {
    fn write(&self, text: &mut String) {
        list(text, self.iter().map(|value| value as &dyn Canonical));
    }
}

impl<T: Canonical + ?Sized> Canonical for &T {
    fn write(&self, text: &mut String) {
        (**self).write(text);
    }
}

#[cfg(test)]
mod tests;
