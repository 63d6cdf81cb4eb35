//! Query cost.
//!
//! The cost of a query is known before it runs: every field costs 1; a page of a list costs the cost of one
//! entry times the page size; a breakdown of a total costs the cost of one entry times [`BREAKDOWN`].

use super::page::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// The assumed size of a breakdown: ten cases, ten kinds, some tens of countries.
pub(crate) const BREAKDOWN: usize = 20;
/// The cost of a database lookup, relative to a field computed from memory.
pub(crate) const LOOKUP: usize = 10;

/// The cost of a search through events, beside its results. It scans all events of an edition, a thousand in
/// a millisecond or two, and may find none.
pub(crate) const SEARCH: usize = 500;

/// Returns the cost of a page whose entries cost `each`.
pub(crate) fn page(first: Option<i32>, last: Option<i32>, each: usize) -> usize {
    let size = first.or(last).and_then(|size| usize::try_from(size).ok()).unwrap_or(DEFAULT_PAGE_SIZE);
    size.min(MAX_PAGE_SIZE).saturating_mul(each).saturating_add(1)
}

/// Returns the cost of a list of `length` whose entries cost `each`.
pub(crate) const fn list(length: usize, each: usize) -> usize {
    length.saturating_mul(each).saturating_add(1)
}
