//! The cases that an event writes for.

use async_graphql::Object;
use graphql_engine::inline::Inline;

use crate::api::{case::Case, scalar::Count};

/// A case that an event writes for.
pub(crate) struct EventCase<'a> {
    pub(super) case: Case<'a>,
    pub(super) letter_goal: Option<u64>,
}

/// A case that an event writes for.
#[Object(serial)]
impl<'a> EventCase<'a> {
    /// The case.
    async fn case(&self) -> Inline<&Case<'a>> {
        Inline(&self.case)
    }

    /// The event's goal in letters for this case; null if there is none.
    async fn letter_goal(&self) -> Option<Count> {
        self.letter_goal.map(Count::from)
    }
}
