//! How much one question may ask for.
//!
//! The cost of a query is known before it runs: every field costs 1; a page of a list costs what is
//! asked of each entry times the size of the page; a breakdown of a total the same times
//! [`BREAKDOWN`].

use super::page::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// How much one question may ask for, and how much it may be told.
#[derive(Clone, Copy, Debug)]
pub struct QueryLimits {
    /// What the operations of one request may cost together. A field is made in about a microsecond and sent
    /// in about a hundred bytes: ten milliseconds and a megabyte. It is enough for a hundred cases with
    /// everything that is known of each.
    pub cost: usize,
    /// How many bytes one answer may have, worked out while it is made: texts are long, and may be asked for
    /// again and again under other names. A hundred cases with all their texts have about two million.
    pub answer: usize,
    /// How many errors one answer lists. Nobody reads more, and each entry of a long list may have one.
    pub errors: usize,
}

impl QueryLimits {
    /// Fit for a small machine.
    pub const DEFAULT: Self = Self { cost: 10_000, answer: 4 << 20, errors: 20 };
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Selections and fragments within one another. How deep a document may be is looked at before it comes
/// here; this is what the stack of a thread bears in any case.
pub(crate) const NESTING_MOST: usize = 64;
/// `@skip` and `@include`, each once; more repeat themselves.
pub(crate) const DIRECTIVES_MOST: usize = 4;
/// What a breakdown counts as: ten cases, ten kinds, some tens of countries.
pub(crate) const BREAKDOWN: usize = 20;
/// What a look into the database costs beside a field made of what is in memory.
pub(crate) const LOOKUP: usize = 10;

/// What a search through events costs beside what it finds. It looks at every event of an edition, a
/// thousand in a millisecond or two, and may find none.
pub(crate) const SEARCH: usize = 500;

/// The cost of a page whose entries cost `each`.
pub(crate) fn page(first: Option<i32>, last: Option<i32>, each: usize) -> usize {
    let size = first.or(last).and_then(|size| usize::try_from(size).ok()).unwrap_or(DEFAULT_PAGE_SIZE);
    size.min(MAX_PAGE_SIZE).saturating_mul(each).saturating_add(1)
}

/// The cost of a list of `length` whose entries cost `each`.
pub(crate) const fn list(length: usize, each: usize) -> usize {
    length.saturating_mul(each).saturating_add(1)
}
