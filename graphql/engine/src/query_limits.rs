//! Limits of queries and their responses.

/// Limits of a query and its response.
#[derive(Clone, Copy, Debug)]
pub struct QueryLimits {
    /// The maximum cost of the operations of one request. A field is resolved in about a microsecond and has
    /// about a hundred bytes: ten milliseconds and a megabyte.
    pub max_cost: usize,
    /// The maximum size of a response in bytes, checked while it is made: a long text can be selected
    /// repeatedly under different aliases.
    pub max_response_bytes: usize,
    /// The maximum number of errors in a response; each entry of a long list can have one.
    pub max_errors: usize,
}

impl QueryLimits {
    /// Suitable for a small machine.
    pub const DEFAULT: Self = Self { max_cost: 10_000, max_response_bytes: 4 << 20, max_errors: 20 };
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
