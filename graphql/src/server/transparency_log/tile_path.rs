//! Paths of tiles, as C2SP spells them: `0/x001/067`, `1/000.p/3`, `entries/000`.

use domain::proof::{TILE_WIDTH, TileId};

/// The path of a tile or of a bundle of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TilePath {
    pub(super) content: TileContent,
    /// The number of hashes or entries: 256, or fewer at the end of the log.
    pub(super) width: u64,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TileContent {
    /// The hashes of a tile.
    Hashes(TileId),
    /// The entries with the leaves of a tile at level 0.
    Entries(u64),
}

impl TilePath {
    /// Parses a path below `tile/`. Each tile has one spelling.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.split_once('/')?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, number(width).filter(|width| (1..TILE_WIDTH).contains(width))?),
            None => (rest, TILE_WIDTH),
        };
        let index = tile_index(index)?;
        let content = match level {
            "entries" => TileContent::Entries(index),
            level => {
                let level = number(level).filter(|level| *level < 64)?;
                TileContent::Hashes(TileId { level: u32::try_from(level).ok()?, index })
            }
        };
        Some(Self { content, width })
    }
}

/// A decimal number without leading zeros.
fn number(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

/// An index in groups of three digits, all but the last one behind an `x`.
fn tile_index(text: &str) -> Option<u64> {
    let (mut index, mut groups) = (0_u64, text.split('/').peekable());
    let mut is_first = true;
    while let Some(group) = groups.next() {
        let is_last = groups.peek().is_none();
        let digits = if is_last { group } else { group.strip_prefix('x')? };
        if digits.len() != 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        // A group of zeros before another one would be a second spelling.
        if is_first && !is_last && digits == "000" {
            return None;
        }
        index = index.checked_mul(1_000)?.checked_add(digits.parse().ok()?)?;
        is_first = false;
    }
    Some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_has_one_spelling() {
        let hashes =
            |level, index, width| TilePath { content: TileContent::Hashes(TileId { level, index }), width };
        for (path, expected) in [
            ("0/000", hashes(0, 0, 256)),
            ("0/003.p/232", hashes(0, 3, 232)),
            ("0/273.p/112", hashes(0, 273, 112)),
            ("1/x001/x234/067", hashes(1, 1_234_067, 256)),
            ("63/x001/000.p/1", hashes(63, 1_000, 1)),
            ("entries/000", TilePath { content: TileContent::Entries(0), width: 256 }),
            ("entries/x001/000.p/7", TilePath { content: TileContent::Entries(1_000), width: 7 }),
        ] {
            assert_eq!(TilePath::parse(path), Some(expected), "{path}");
        }
        for path in [
            "",
            "0",
            "0/",
            "0/0",
            "00/000",
            "64/000",
            "-1/000",
            "+1/000",
            "0/x001",
            "0/001/000",
            "0/x000/001",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/01",
            "0/000.p/",
            "0/000.p",
            "0/000/",
            "8/0/000",
            "Entries/000",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(TilePath::parse(path), None, "{path}");
        }
    }
}
