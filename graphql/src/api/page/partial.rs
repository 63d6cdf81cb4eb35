//! Pages of lists that are read from the database page by page.

use std::borrow::Cow;

use async_graphql::{ContainerType, Object, OutputType, TypeName};
use uuid::Uuid;

use super::{
    ApiError, Cursor, DEFAULT_PAGE_SIZE, Edge, Inline, InlineList, ListOrder, PageInfo, SortKey, ends, place,
    size,
};

/// A page of a list. The whole list is not counted.
pub(crate) struct Part<N> {
    edges: Vec<Edge<N>>,
    pub(super) page_info: PageInfo,
}

/// A page of a list.
#[Object(name_type, serial)]
impl<N: ContainerType> Part<N> {
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
}

impl<N: OutputType> TypeName for Part<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// The requested page.
#[derive(Clone, Debug)]
pub(crate) struct PageRequest {
    /// Only entries after this position.
    pub(crate) after: Option<Cursor>,
    /// Only entries before this position.
    pub(crate) before: Option<Cursor>,
    /// Whether the page is at the end of the list; rows are read in reverse then.
    pub(crate) is_from_end: bool,
    size: usize,
}

impl PageRequest {
    /// Parses the page arguments of a list in this order.
    pub(crate) fn parse(
        order: ListOrder,
        first: Option<i32>,
        after: Option<&str>,
        last: Option<i32>,
        before: Option<&str>,
    ) -> Result<Self, ApiError> {
        let size = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad_input("`first` and `last` cannot be combined."));
            }
            (Some(first), None) => size("first", first)?,
            (None, Some(last)) => size("last", last)?,
            (None, None) => DEFAULT_PAGE_SIZE,
        };
        Ok(Self {
            after: after.map(|after| place(order, "after", after)).transpose()?,
            before: before.map(|before| place(order, "before", before)).transpose()?,
            is_from_end: last.is_some(),
            size,
        })
    }

    /// Returns the number of rows to read: one more than the page size, to know whether more follow.
    pub(crate) fn limit(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Returns the rows of the page and one more, in reading order; for a list whose order the database does
    /// not know.
    pub(crate) fn select<N>(&self, mut rows: Vec<(SortKey, Uuid, N)>) -> Vec<(SortKey, Uuid, N)> {
        rows.retain(|(key, id, _)| {
            self.after.as_ref().is_none_or(|after| after.cmp_row(key, *id).is_lt())
                && self.before.as_ref().is_none_or(|before| before.cmp_row(key, *id).is_gt())
        });
        rows.sort_by(|(key, id, _), (other, other_id, _)| (key, id).cmp(&(other, other_id)));
        if self.is_from_end {
            rows.reverse();
        }
        rows.truncate(self.size + 1);
        rows
    }

    /// Returns the page from the rows, which are in reading order.
    pub(crate) fn part<N>(&self, mut found: Vec<(SortKey, Uuid, N)>) -> Part<N> {
        let has_more = found.len() > self.size;
        found.truncate(self.size);
        if self.is_from_end {
            found.reverse();
        }
        let found = found.into_iter();
        let edges: Vec<_> = found.map(|(key, id, node)| Edge { place: Cursor::new(key, id), node }).collect();
        let [start, end] = ends(&edges);
        let page_info = PageInfo {
            has_next_page: self.before.is_some() || has_more && !self.is_from_end,
            has_previous_page: self.after.is_some() || has_more && self.is_from_end,
            start,
            end,
        };
        Part { edges, page_info }
    }
}
