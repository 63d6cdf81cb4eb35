//! How much a request may ask for.

use async_graphql::{ObjectType, SchemaBuilder, SubscriptionType, ValidationMode};

use crate::error::ErrorCodes;

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

/// Nested selections and fragments: what the stack of a thread can hold. The depth of a document is
/// limited further by [`DocumentLimits`](crate::DocumentLimits).
pub(crate) const MAX_NESTING: usize = 64;
/// `@skip` and `@include`, each once.
pub(crate) const MAX_DIRECTIVES: usize = 4;

/// Applies the limits to a schema, and gives its errors codes and its responses their cost. A schema that
/// the [engine](crate::GraphqlEngine) serves has to be built with this.
#[must_use]
pub fn configure<Q, M, S>(builder: SchemaBuilder<Q, M, S>, limits: QueryLimits) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    builder
        .limit_complexity(limits.cost)
        .limit_recursive_depth(MAX_NESTING)
        .limit_directives(MAX_DIRECTIVES)
        // The engine has validated the document by the specification before.
        .validation_mode(ValidationMode::Fast)
        .extension(ErrorCodes(limits))
}
