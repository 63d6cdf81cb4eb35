//! Positions in a document: line and column, counted from one, in characters.

use apollo_compiler::parser::SourceSpan;
use async_graphql::Pos;

/// The line index of a text.
pub(super) struct SourceMap {
    line_starts: Box<[u32]>,
    /// The indexes of UTF-8 continuation bytes; most documents have none.
    continuation_bytes: Box<[u32]>,
}

impl SourceMap {
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let indexes = |matches: &dyn Fn(usize, u8) -> bool| {
            (0u32..)
                .zip(bytes)
                .filter(|(index, byte)| matches(*index as usize, **byte))
                .map(|(index, _)| index)
                .collect()
        };
        // A line ends with a line feed, a carriage return, or both together.
        let is_end =
            |index: usize, byte| byte == b'\n' || (byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'));
        let ends: Vec<u32> = indexes(&is_end);
        Self {
            line_starts: std::iter::once(0).chain(ends.into_iter().map(|end| end + 1)).collect(),
            continuation_bytes: Vec::into_boxed_slice(indexes(&|_, byte| byte & 0b1100_0000 == 0b1000_0000)),
        }
    }

    /// The position of a span, or the default position without one.
    pub(super) fn position(&self, of: Option<SourceSpan>) -> Pos {
        of.map_or_else(Pos::default, |span| self.position_at(span.offset()))
    }

    /// The position of a byte.
    pub(super) fn position_at(&self, offset: usize) -> Pos {
        let before =
            |indexes: &[u32], offset: usize| indexes.partition_point(|index| (*index as usize) < offset);
        let line = before(&self.line_starts, offset + 1);
        let line_start = line
            .checked_sub(1)
            .and_then(|line| self.line_starts.get(line))
            .map_or(0, |line_start| *line_start as usize);
        let continuation_bytes =
            before(&self.continuation_bytes, offset) - before(&self.continuation_bytes, line_start);
        Pos { line, column: offset - line_start - continuation_bytes + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_by_the_specification() {
        let text = "a\nö🏃b\r\nc\rd";
        let source_map = SourceMap::new(text);
        let position =
            |character: &str| source_map.position_at(text.find(character).expect("a character of the text"));
        for (character, line, column) in
            [("a", 1, 1), ("ö", 2, 1), ("🏃", 2, 2), ("b", 2, 3), ("c", 3, 1), ("d", 4, 1)]
        {
            assert_eq!(position(character), Pos { line, column }, "{character}");
        }
        assert_eq!(SourceMap::new("").position_at(0), Pos { line: 1, column: 1 });
    }
}
