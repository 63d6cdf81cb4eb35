//! Cursors: positions in an ordered list as opaque text.

use std::cmp::Ordering;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

/// The sort key of a list. Keys are compared byte by byte, and only within the same order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SortKey(Vec<u8>);

impl SortKey {
    /// Returns a key of several texts, most significant first. Each text is terminated by a zero byte, which
    /// no text contains.
    pub(crate) fn texts<'a>(order: u8, texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::parts(order, texts.into_iter().map(str::as_bytes))
    }

    /// Returns a key of texts and sort keys of texts, like [`Self::texts`].
    pub(crate) fn parts<'a>(order: u8, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut key = vec![order];
        for part in parts {
            key.extend(part.iter().filter(|byte| **byte != 0));
            key.push(0);
        }
        Self(key)
    }

    /// Returns a key of a number, ascending.
    pub(crate) fn ascending(order: u8, number: i64) -> Self {
        // With the sign bit flipped, bytes compare like the numbers.
        let bytes = (number ^ i64::MIN).to_be_bytes();
        Self(std::iter::once(order).chain(bytes).collect())
    }

    /// Returns a key of a number, descending.
    pub(crate) fn descending(order: u8, number: i64) -> Self {
        Self::ascending(order, !number)
    }
}

/// The position of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    key: SortKey,
    id: Uuid,
}

impl Cursor {
    /// Returns the cursor of the row with this key and id.
    pub(crate) const fn new(key: SortKey, id: Uuid) -> Self {
        Self { key, id }
    }

    /// Returns the id of the row.
    pub(crate) const fn id(&self) -> Uuid {
        self.id
    }

    /// Returns whether the cursor belongs to the same order as `key`.
    pub(crate) fn is_of(&self, key: &SortKey) -> bool {
        self.key.0.first() == key.0.first()
    }

    /// Returns the number in the key of an ascending order; `None` for a cursor of another order.
    pub(crate) fn number(&self, order: u8) -> Option<i64> {
        let (first, number) = self.key.0.split_first()?;
        let number = i64::from_be_bytes(number.try_into().ok()?) ^ i64::MIN;
        (*first == order).then_some(number)
    }

    /// Compares this position with a row: less, equal or greater if it is before, at or after the row.
    pub(crate) fn cmp_row(&self, key: &SortKey, id: Uuid) -> Ordering {
        (&self.key, self.id).cmp(&(key, id))
    }

    /// Returns the opaque text form.
    pub(crate) fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode([self.id.as_bytes().as_slice(), &self.key.0].concat())
    }

    /// Parses the text form; `None` if it is not a cursor.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.as_bytes()).ok()?;
        let (id, key) = bytes.split_at_checked(16)?;
        (!key.is_empty()).then_some(())?;
        Some(Self { id: Uuid::from_slice(id).ok()?, key: SortKey(key.to_vec()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_journey() {
        let cursor = Cursor::new(SortKey::texts(1, ["CA", "zhang zhan"]), Uuid::from_u128(7));
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
    }

    #[test]
    fn a_cursor_tells_its_number_in_its_own_order_only() {
        for number in [i64::MIN, -1, 0, 1_639_180_800_000_000, i64::MAX] {
            let cursor = Cursor::new(SortKey::ascending(3, number), Uuid::from_u128(7));
            assert_eq!((cursor.number(3), cursor.number(4)), (Some(number), None));
        }
        assert_eq!(Cursor::new(SortKey::texts(3, ["CA"]), Uuid::from_u128(7)).number(3), None);
    }

    #[test]
    fn whatever_is_not_a_cursor_is_none() {
        for bad in ["", "0", "====", "AAAAAAAAAAAAAAAAAAAAAA", "ł"] {
            assert_eq!(Cursor::decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn keys_are_ordered_like_what_they_are_made_of() {
        assert!(SortKey::texts(1, ["CA", "a"]) < SortKey::texts(1, ["CA", "b"]));
        assert!(SortKey::texts(1, ["C", "z"]) < SortKey::texts(1, ["CA", "a"]));
        assert_eq!(SortKey::texts(1, ["a\0b"]), SortKey::texts(1, ["ab"]), "a zero only ends a text");
        assert!(SortKey::ascending(2, -1) < SortKey::ascending(2, 1));
        assert!(SortKey::descending(2, 2022) < SortKey::descending(2, 2021));
    }
}
