//! Source locations: the line and column of a JSON path, and the reverse.

use std::sync::OnceLock;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{error::Category, value::RawValue};

use super::{ImportError, NOT_JSON, NOT_THIS_FORM};
use crate::json_name::json_name;

/// The maximum depth, which is that of the format:
/// `[edition].cases[case].authorities[authority].postalAddress[line]`. Deeper values are errors anyway,
/// and a hostile file must not overflow the stack.
const DEPTH: usize = 8;

/// Fields and list indices from the root of a file to one of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonPath(Vec<String>);

impl JsonPath {
    pub(super) const fn root() -> Self {
        Self(Vec::new())
    }

    pub(super) fn field(&self, name: &str) -> Self {
        self.below([name.to_owned()])
    }

    pub(super) fn entry(&self, index: usize) -> Self {
        self.below([index.to_string()])
    }

    /// The path in the file that the path of a violation leads to from here.
    pub(super) fn of_violation<'v>(&self, parts: impl IntoIterator<Item = &'v String>) -> Self {
        self.below(parts.into_iter().map(|part| json_name(part)))
    }

    fn below(&self, parts: impl IntoIterator<Item = String>) -> Self {
        Self(self.0.iter().cloned().chain(parts).collect())
    }
}

impl std::fmt::Display for JsonPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            match part.parse::<usize>() {
                Ok(position) => write!(f, "[{position}]")?,
                Err(_) if index == 0 => f.write_str(part)?,
                Err(_) => write!(f, ".{part}")?,
            }
        }
        Ok(())
    }
}

/// The locations of a text. They are computed for the first error, since most files have none.
#[derive(Debug)]
pub(super) struct SourceMap {
    text: String,
    /// The offset of each line.
    lines: Vec<usize>,
    root: OnceLock<Option<Node>>,
}

/// A value in the text: its start, its end, and its children.
#[derive(Debug)]
struct Node {
    start: usize,
    end: usize,
    parts: Vec<(String, Node)>,
}

impl SourceMap {
    pub(super) fn of(text: &str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(newline, _)| newline + 1);
        Self {
            text: text.to_owned(),
            lines: std::iter::once(0).chain(after_breaks).collect(),
            root: OnceLock::new(),
        }
    }

    /// The line and column of the value at a path, or of the innermost value around a missing one.
    pub(super) fn find(&self, path: &JsonPath) -> (usize, usize) {
        let mut start = 0;
        let mut node = self.root();
        let mut names = path.0.iter();
        while let Some(found) = node {
            start = found.start;
            node = names.next().and_then(|name| found.part(name));
        }
        self.line_and_column(start)
    }

    /// The error of a parser in the part of the text that begins at `base`.
    pub(super) fn of_error(&self, base: usize, error: &serde_json::Error) -> ImportError {
        let message = error.to_string();
        let position = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&position).unwrap_or(&message);
        let offset = self.offset_of(base, error.line(), error.column());
        if error.classify() != Category::Data {
            let (line, column) = self.line_and_column(offset);
            let sentence = format!("This is not JSON: {message}.");
            return ImportError { line, column, path: String::new(), code: NOT_JSON, sentence };
        }
        let (path, offset) = self.innermost(offset);
        let (line, column) = self.line_and_column(offset);
        let sentence = format!("This is not as the form wants it: {message}.");
        ImportError { line, column, path: path.to_string(), code: NOT_THIS_FORM, sentence }
    }

    /// The offset at which a parser stopped; its line and column count from the beginning of its part.
    fn offset_of(&self, base: usize, line: usize, column: usize) -> usize {
        let part = &self.text[base..];
        let before: usize = part.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        (base + before + column.saturating_sub(1)).min(self.text.len())
    }

    /// The path of the innermost value at an offset, and the offset to report: the given one, or the
    /// start of a list or object if the parser reports an error only at its end, because something is
    /// missing in it.
    fn innermost(&self, offset: usize) -> (JsonPath, usize) {
        let mut path = JsonPath::root();
        let Some(mut node) = self.root() else {
            return (path, offset);
        };
        // The parser may stop just before the first byte of an invalid value.
        while let Some((name, part)) = node
            .parts
            .get(node.parts.partition_point(|(_, part)| part.end <= offset))
            .filter(|(_, part)| part.start <= offset + 1)
        {
            path.0.push(name.clone());
            node = part;
        }
        let at_end = offset + 1 >= node.end || offset < node.start;
        (path, if at_end { node.start } else { offset })
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|&start| start <= offset);
        let before = &self.text.as_bytes()[self.lines[line - 1]..offset];
        (line, 1 + String::from_utf8_lossy(before).chars().count())
    }

    fn root(&self) -> Option<&Node> {
        let read = || {
            let raw: &RawValue = serde_json::from_str(&self.text).ok()?;
            Some(Node::of(&self.text, raw, DEPTH))
        };
        self.root.get_or_init(read).as_ref()
    }
}

impl Node {
    fn of(text: &str, raw: &RawValue, depth: usize) -> Self {
        let json = raw.get();
        let start = offset(text, json);
        let entries: Vec<(String, &RawValue)> = match json.as_bytes().first() {
            Some(b'{') if depth > 0 => serde_json::from_str(json).map(|Fields(fields)| fields),
            Some(b'[') if depth > 0 => serde_json::from_str(json).map(|list: Vec<_>| {
                (0..).zip(list).map(|(index, raw): (usize, _)| (index.to_string(), raw)).collect()
            }),
            _ => Ok(Vec::new()),
        }
        // Invalid content was rejected before, for the same reason.
        .unwrap_or_default();
        let parts = entries.into_iter().map(|(name, raw)| (name, Self::of(text, raw, depth - 1)));
        Self { start, end: start + json.len(), parts: parts.collect() }
    }

    fn part(&self, name: &str) -> Option<&Self> {
        let position = name.parse().ok().and_then(|position: usize| self.parts.get(position));
        // List items are found by index, because lists are long; an object has few fields.
        let found = position.filter(|(other, _)| other == name);
        found.or_else(|| self.parts.iter().find(|(other, _)| other == name)).map(|(_, part)| part)
    }
}

/// The offset of a part in a text: raw values are slices of the text that they were parsed from.
pub(super) fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// The fields of an object in order, including duplicates.
struct Fields<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut object: M) -> Result<Self::Value, M::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = object.next_entry()? {
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }

        object.deserialize_map(Object)
    }
}
