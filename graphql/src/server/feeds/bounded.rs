//! A feed of limited size, filled from its end.
//!
//! The description of an event by an anonymous organizer can be long, and is repeated for each session:
//! without a limit, a hundred events made a calendar of 127 MB.

use super::calendar::zones::{MAX_ONSET_BYTES, ZoneRules, ZonedSession};

/// The largest feed: seven thousand entries of some 600 bytes. An edition had fifteen hundred events at
/// most.
pub(super) const MAX_FILE_BYTES: usize = 4 << 20;

/// A part of a feed.
#[derive(Debug, Default)]
pub(super) struct FeedPart {
    pub(super) text: String,
    /// The sessions in it that need the rules of their zone.
    pub(super) zoned: Vec<ZonedSession>,
}

impl From<String> for FeedPart {
    fn from(text: String) -> Self {
        Self { text, zoned: Vec::new() }
    }
}

/// The parts of a feed, the last one first.
#[derive(Debug, Default)]
pub(super) struct BoundedFeed {
    parts: Vec<String>,
    zones: ZoneRules,
    bytes: usize,
    has_left_out: bool,
}

impl BoundedFeed {
    /// Adds a part before the others. Returns `false` if there is no room for it; later parts are
    /// refused too.
    pub(super) fn push(&mut self, part: impl Into<FeedPart>) -> bool {
        let FeedPart { text, zoned } = part.into();
        self.has_left_out |= self.bytes + text.len() > MAX_FILE_BYTES;
        if !self.has_left_out {
            let onsets: usize = zoned.iter().map(|session| self.zones.add(session)).sum();
            self.bytes += text.len() + onsets * MAX_ONSET_BYTES;
            self.parts.push(text);
        }
        !self.has_left_out
    }

    /// Marks the feed as truncated.
    pub(super) fn skip(&mut self) {
        self.has_left_out = true;
    }

    /// Whether parts were left out.
    pub(super) const fn is_truncated(&self) -> bool {
        self.has_left_out
    }

    /// The rules of the zones of its parts.
    pub(super) const fn zones(&self) -> &ZoneRules {
        &self.zones
    }

    /// The parts in order.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().rev().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_filled_from_its_end_and_says_that_there_is_more() {
        let mut file = BoundedFeed::default();
        assert!(file.push("z".repeat(MAX_FILE_BYTES - 1)) && file.push("y".to_owned()));
        assert!(!file.is_truncated(), "it just fits");
        assert!(!file.push("x".to_owned()) && file.is_truncated());
        assert!(!file.push(String::new()), "what comes before is not told without what is left out");
        let firsts: Vec<_> = file.parts().map(|part| &part[..1]).collect();
        assert_eq!(firsts, ["y", "z"]);
    }
}
