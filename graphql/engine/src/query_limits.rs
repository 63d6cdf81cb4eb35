//! How much a request may ask for.

/// How much one question may ask for, and how much it may be told.
#[derive(Clone, Copy, Debug)]
pub struct QueryLimits {
    /// What the operations of one request may cost together. A field is made in about a microsecond and sent
    /// in about a hundred bytes: ten milliseconds and a megabyte. It is enough for a hundred cases with
    /// everything that is known of each.
    pub max_cost: usize,
    /// How many bytes one answer may have, worked out while it is made: texts are long, and may be asked for
    /// again and again under other names. A hundred cases with all their texts have about two million.
    pub max_response_bytes: usize,
    /// How many errors one answer lists. Nobody reads more, and each entry of a long list may have one.
    pub max_errors: usize,
}

impl QueryLimits {
    /// Fit for a small machine.
    pub const DEFAULT: Self = Self { max_cost: 10_000, max_response_bytes: 4 << 20, max_errors: 20 };
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
