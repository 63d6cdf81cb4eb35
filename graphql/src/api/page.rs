//! Pagination by the Relay cursor connections specification.
//!
//! A cursor is a position in an order and not an offset: it holds the sort key and the id of its row, so that
//! a page stays correct while rows are added before it.

use std::borrow::Cow;

use async_graphql::{ContainerType, Object, OutputType, TypeName};
use graphql_engine::inline::{Inline, InlineList};
use uuid::Uuid;

use super::error::ApiError;

mod cursor;
mod order;
mod partial;

pub(crate) use cursor::{Cursor, SortKey};
pub(crate) use order::{ListOrder, foreign_cursor};
pub(crate) use partial::{PageRequest, Part};

/// The default page size: about one screen.
pub(crate) const DEFAULT_PAGE_SIZE: usize = 20;
/// The maximum page size.
pub(crate) const MAX_PAGE_SIZE: usize = 100;

/// A page of a list, with the total number of entries.
pub(crate) struct Connection<N> {
    edges: Vec<Edge<N>>,
    page_info: PageInfo,
    total_count: usize,
}

/// The position of a page in its list.
#[derive(Clone, Debug)]
pub(crate) struct PageInfo {
    has_next_page: bool,
    has_previous_page: bool,
    start: Option<Cursor>,
    end: Option<Cursor>,
}

/// Returns the cursors of the first and the last entry.
fn ends<N>(edges: &[Edge<N>]) -> [Option<Cursor>; 2] {
    [edges.first(), edges.last()].map(|edge| edge.map(|edge| edge.place.clone()))
}

/// The position of a page in its list.
#[Object(serial)]
impl PageInfo {
    /// Whether there are entries after this page.
    async fn has_next_page(&self) -> bool {
        self.has_next_page
    }

    /// Whether there are entries before this page.
    async fn has_previous_page(&self) -> bool {
        self.has_previous_page
    }

    /// The cursor of the first entry, for `before`; null if the page is empty.
    async fn start_cursor(&self) -> Option<String> {
        self.start.as_ref().map(Cursor::encode)
    }

    /// The cursor of the last entry, for `after`; null if the page is empty.
    async fn end_cursor(&self) -> Option<String> {
        self.end.as_ref().map(Cursor::encode)
    }
}

/// An entry of a list with its cursor.
pub(crate) struct Edge<N> {
    place: Cursor,
    node: N,
}

/// A page of a list.
#[Object(name_type, serial)]
impl<N: ContainerType> Connection<N> {
    /// The entries of the page.
    async fn nodes(&self) -> InlineList<Inline<&N>> {
        self.edges.iter().map(|edge| Inline(&edge.node)).collect()
    }

    /// The entries of the page with their cursors.
    async fn edges(&self) -> InlineList<Inline<&Edge<N>>> {
        self.edges.iter().map(Inline).collect()
    }

    /// The position of the page in the list.
    async fn page_info(&self) -> Inline<&PageInfo> {
        Inline(&self.page_info)
    }

    /// The number of entries in the whole list.
    async fn total_count(&self) -> usize {
        self.total_count
    }
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// An entry of a list with its cursor.
#[Object(name_type, serial)]
impl<N: ContainerType> Edge<N> {
    /// The cursor of the entry, for `after` and `before`.
    async fn cursor(&self) -> String {
        self.place.encode()
    }

    /// The entry.
    async fn node(&self) -> Inline<&N> {
        Inline(&self.node)
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// The requested page of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    first: Option<usize>,
    last: Option<usize>,
    after: Option<Cursor>,
    before: Option<Cursor>,
}

impl Page {
    /// Parses the page arguments of a list in this order.
    pub(crate) fn parse(
        order: ListOrder,
        first: Option<i32>,
        after: Option<&str>,
        last: Option<i32>,
        before: Option<&str>,
    ) -> Result<Self, ApiError> {
        if first.is_some() && last.is_some() {
            return Err(ApiError::bad_input("`first` and `last` cannot be combined."));
        }
        Ok(Self {
            first: first.map(|first| size("first", first)).transpose()?,
            last: last.map(|last| size("last", last)).transpose()?,
            after: after.map(|after| place(order, "after", after)).transpose()?,
            before: before.map(|before| place(order, "before", before)).transpose()?,
        })
    }

    /// Returns this page of `rows`, in the order of their keys.
    pub(crate) fn of<N>(&self, mut rows: Vec<(SortKey, Uuid, N)>) -> Connection<N> {
        rows.sort_by(|(key, id, _), (other, other_id, _)| (key, id).cmp(&(other, other_id)));
        let total_count = rows.len();
        let begin = self
            .after
            .as_ref()
            .map_or(0, |after| rows.partition_point(|(key, id, _)| after.cmp_row(key, *id).is_ge()));
        let end = self.before.as_ref().map_or(total_count, |before| {
            rows.partition_point(|(key, id, _)| before.cmp_row(key, *id).is_gt())
        });
        let end = end.max(begin);
        let (begin, end) = match self.last {
            Some(last) => (end.saturating_sub(last).max(begin), end),
            None => (begin, end.min(begin + self.first.unwrap_or(DEFAULT_PAGE_SIZE))),
        };
        let rows = rows.drain(begin..end);
        let edges: Vec<_> = rows.map(|(key, id, node)| Edge { place: Cursor::new(key, id), node }).collect();
        let (has_previous_page, has_next_page) = (begin > 0, end < total_count);
        let [start, end] = ends(&edges);
        let page_info = PageInfo { has_next_page, has_previous_page, start, end };
        Connection { edges, page_info, total_count }
    }
}

/// Parses a page size argument. By the specification of connections only a negative one is an error; a page of
/// size zero is empty and says whether there are entries.
pub(crate) fn size(argument: &str, typed: i32) -> Result<usize, ApiError> {
    usize::try_from(typed)
        .ok()
        .filter(|size| *size <= MAX_PAGE_SIZE)
        .ok_or_else(|| ApiError::bad_input(format!("`{argument}` must be 0 to {MAX_PAGE_SIZE}.")))
}

/// Parses a cursor argument of a list in this order.
pub(crate) fn place(order: ListOrder, argument: &str, typed: &str) -> Result<Cursor, ApiError> {
    let cursor = Cursor::decode(typed)
        .ok_or_else(|| ApiError::bad_input(format!("`{argument}` is not a cursor of a list.")))?;
    if cursor.is_of(order) { Ok(cursor) } else { Err(foreign_cursor(argument)) }
}

#[cfg(test)]
mod tests;
