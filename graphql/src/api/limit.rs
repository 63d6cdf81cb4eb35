//! How much one question may ask for.
//!
//! The cost of a query is known before it runs: every field costs 1; a page of a list costs what is
//! asked of each entry times the size of the page; a breakdown of a total the same times
//! [`BREAKDOWN`].

use super::page::{SIZE_DEFAULT, SIZE_MOST};

/// The standard introspection query, which every tool sends first, nests 15 levels; the deepest
/// sensible question (a case in a breakdown of a total in a list of a list) nests 12.
pub(crate) const DEPTH_MOST: usize = 16;
/// Selections and fragments within one another. Introspection nests 17 of them; each one costs stack.
pub(crate) const RECURSION_MOST: usize = 32;
/// `@skip` and `@include`, each once; more repeat themselves.
pub(crate) const DIRECTIVES_MOST: usize = 4;
/// A field is made in about a microsecond and sent in about a hundred bytes: ten milliseconds and a
/// megabyte. It is enough for a hundred cases with everything that is known of each.
pub(crate) const COST_MOST: usize = 10_000;
/// What a breakdown counts as: ten cases, ten kinds, some tens of countries.
pub(crate) const BREAKDOWN: usize = 20;
/// What a look into the database costs beside a field made of what is in memory.
pub(crate) const LOOKUP: usize = 10;

/// The cost of a page whose entries cost `each`.
pub(crate) fn page(first: Option<i32>, last: Option<i32>, each: usize) -> usize {
    let size = first.or(last).and_then(|size| usize::try_from(size).ok()).unwrap_or(SIZE_DEFAULT);
    size.min(SIZE_MOST).saturating_mul(each).saturating_add(1)
}

/// The cost of a list of `length` whose entries cost `each`.
pub(crate) const fn list(length: usize, each: usize) -> usize {
    length.saturating_mul(each).saturating_add(1)
}
