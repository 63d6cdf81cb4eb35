//! Cursors: positions in an ordered list as opaque text.

use std::cmp::Ordering;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::ListOrder;

/// The sort key of a list. Keys are compared byte by byte, and only within the same order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SortKey(Vec<u8>);

impl SortKey {
    /// Returns a key of several texts, most significant first. Each text is terminated by a zero byte, which
    /// no text contains.
    pub(crate) fn texts<'a>(order: ListOrder, texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::parts(order, texts.into_iter().map(str::as_bytes))
    }

    /// Returns a key of texts and sort keys of texts, like [`Self::texts`].
    pub(crate) fn parts<'a>(order: ListOrder, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut key = vec![order.number()];
        for part in parts {
            key.extend(part.iter().filter(|byte| **byte != 0));
            key.push(0);
        }
        Self(key)
    }

    /// Returns a key of a number, ascending.
    pub(crate) fn ascending(order: ListOrder, number: i64) -> Self {
        // With the sign bit flipped, bytes compare like the numbers.
        let bytes = (number ^ i64::MIN).to_be_bytes();
        Self(std::iter::once(order.number()).chain(bytes).collect())
    }

    /// Returns a key of a number, descending.
    pub(crate) fn descending(order: ListOrder, number: i64) -> Self {
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

    /// Returns whether the cursor is a position of this order.
    pub(crate) fn is_of(&self, order: ListOrder) -> bool {
        self.key.0.first() == Some(&order.number())
    }

    /// Returns the number in the key of an ascending order; `None` for a cursor of another order.
    pub(crate) fn number(&self, order: ListOrder) -> Option<i64> {
        let (first, number) = self.key.0.split_first()?;
        let number = i64::from_be_bytes(number.try_into().ok()?) ^ i64::MIN;
        (*first == order.number()).then_some(number)
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
        let cursor =
            Cursor::new(SortKey::texts(ListOrder::SectionsByCode, ["CA", "zhang zhan"]), Uuid::from_u128(7));
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
    }

    #[test]
    fn a_cursor_tells_its_number_in_its_own_order_only() {
        for number in [i64::MIN, -1, 0, 1_639_180_800_000_000, i64::MAX] {
            let cursor =
                Cursor::new(SortKey::ascending(ListOrder::EventsByStart, number), Uuid::from_u128(7));
            assert_eq!(
                (cursor.number(ListOrder::EventsByStart), cursor.number(ListOrder::EventsByDistance)),
                (Some(number), None)
            );
        }
        assert_eq!(
            Cursor::new(SortKey::texts(ListOrder::EventsByStart, ["CA"]), Uuid::from_u128(7))
                .number(ListOrder::EventsByStart),
            None
        );
    }

    #[test]
    fn whatever_is_not_a_cursor_is_none() {
        for bad in ["", "0", "====", "AAAAAAAAAAAAAAAAAAAAAA", "ł"] {
            assert_eq!(Cursor::decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn keys_are_ordered_like_what_they_are_made_of() {
        assert!(
            SortKey::texts(ListOrder::SectionsByCode, ["CA", "a"])
                < SortKey::texts(ListOrder::SectionsByCode, ["CA", "b"])
        );
        assert!(
            SortKey::texts(ListOrder::SectionsByCode, ["C", "z"])
                < SortKey::texts(ListOrder::SectionsByCode, ["CA", "a"])
        );
        assert_eq!(
            SortKey::texts(ListOrder::SectionsByCode, ["a\0b"]),
            SortKey::texts(ListOrder::SectionsByCode, ["ab"]),
            "a zero only ends a text"
        );
        assert!(
            SortKey::ascending(ListOrder::EventsByStart, -1)
                < SortKey::ascending(ListOrder::EventsByStart, 1)
        );
        assert!(
            SortKey::descending(ListOrder::EditionsByYear, 2022)
                < SortKey::descending(ListOrder::EditionsByYear, 2021)
        );
    }
}
