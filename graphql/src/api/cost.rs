//! Query cost.
//!
//! The cost of a query is known before it runs: every field costs 1; a page of a list costs the cost of one
//! entry times the page size; a breakdown of a total costs the cost of one entry times [`BREAKDOWN`].

use super::page::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// Limits of one request and its response.
#[derive(Clone, Copy, Debug)]
pub struct QueryLimits {
    /// The maximum cost of all operations of one request. A field takes about a microsecond and a hundred
    /// bytes: ten milliseconds and a megabyte in total. That is enough for a hundred cases with all their
    /// fields.
    pub cost: usize,
    /// The maximum size of a response in bytes, counted while it is produced: texts are long, and can be
    /// selected repeatedly under different aliases. A hundred cases with all their texts have about two
    /// million.
    pub answer: usize,
    /// The maximum number of errors in a response. More are of no use to a reader, and each entry of a long
    /// list may have one.
    pub errors: usize,
}

impl QueryLimits {
    /// Defaults for a small machine.
    pub const DEFAULT: Self = Self { cost: 10_000, answer: 4 << 20, errors: 20 };
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The maximum nesting of selections and fragments. The depth of a document is checked earlier; this is what
/// the stack of a thread can hold in any case.
pub(crate) const NESTING_MOST: usize = 64;
/// `@skip` and `@include`, each once; more would be redundant.
pub(crate) const DIRECTIVES_MOST: usize = 4;
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
