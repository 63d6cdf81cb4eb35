//! The total of a group.

use async_graphql::Object;
use domain::event::EventTotals;
use graphql_engine::inline::{Inline, InlineList};

use crate::api::{RequestContext, cost, event::EventLine, scalar::Count};

/// The total of one group.
pub(crate) struct GroupTotal<'a> {
    request: &'a RequestContext,
    group: &'a domain::Group,
    counted: EventTotals,
}

impl<'a> GroupTotal<'a> {
    pub(super) fn new(request: &'a RequestContext, group: &'a domain::Group) -> Self {
        Self { request, group, counted: group.tally.counted() }
    }
}

/// The total of a group: its own report and those of the groups that are parts of it, each letter once. Only reports
/// that count are included.
#[Object(serial)]
impl<'a> GroupTotal<'a> {
    /// Appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.group.letters().into()
    }

    /// All actions, including letters.
    async fn actions(&self) -> Count {
        self.counted.quantity().into()
    }

    /// People who wrote: as its own report says, or the sum of its parts, whichever is larger.
    async fn people(&self) -> Count {
        self.counted.people.into()
    }

    /// The number of counted reports, including those of its parts.
    async fn reports(&self) -> Count {
        self.counted.reports.into()
    }

    /// The part of the actions that would not count without the reports after the collection deadline.
    async fn late_actions(&self) -> Count {
        let in_time = self.group.tally.counted_in_time().quantity();
        self.counted.quantity().saturating_sub(in_time).into()
    }

    /// The actions that its parts count together.
    async fn by_groups(&self) -> Count {
        self.group.tally.counted_by_groups().into()
    }

    /// The actions that both its own report and its parts have; they count once.
    async fn deduplicated(&self) -> Count {
        self.counted.deduplicated.values().sum::<u64>().into()
    }

    /// Letters for each of its people, with three decimal places; null without a size. With it, groups of different
    /// size are comparable.
    async fn letters_per_head(&self) -> Option<f64> {
        // Three places are all that the order of the list knows; a size is at least 1, so the quotient is small.
        let thousandths = u32::try_from(self.group.letters_per_thousand()?).unwrap_or(u32::MAX);
        Some(f64::from(thousandths) / 1000.0)
    }

    /// Quantities by case and kind; a null case stands for no particular case.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn lines(&self) -> InlineList<Inline<EventLine<'a>>> {
        EventLine::list(self.request, &self.counted)
    }
}
