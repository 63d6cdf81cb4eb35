//! The total of an event: merged from the reports of the host and the guests, each letter counted once.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{Context, Object, SimpleObject};
use domain::{CaseId, event::EventTotals, total::LetterCounts as Sum};
use graphql_engine::inline::{Inline, InlineList};

use crate::{
    api::{
        RequestContext,
        case::Case,
        cost,
        error::ApiError,
        scalar::Count,
        total::{ActionKind, LetterCounts},
    },
    database::participants,
};

/// The total of one event.
pub(crate) struct EventTotal<'a> {
    request: &'a RequestContext,
    event: &'a domain::Event,
    counted: EventTotals,
    late: u64,
    is_for_organizers: bool,
}

/// The total of an event. The host reports for the whole event; guests, who are all other people present, may report
/// their own letters; and each of its groups may report those of the group: for each case the largest number counts,
/// so that each letter counts once.
/// Only reports that count are included: none that is pending review, rejected, withdrawn or a test.
#[Object(serial)]
impl<'a> EventTotal<'a> {
    /// Appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.all().letters.into()
    }

    /// All actions, including letters.
    async fn actions(&self) -> Count {
        self.all().actions.into()
    }

    /// People who wrote: the number stated by the host or the sum stated by guests, whichever is larger.
    async fn people(&self) -> Count {
        self.counted.people.into()
    }

    /// The number of counted reports, including the host's.
    async fn reports(&self) -> Count {
        self.counted.reports.into()
    }

    /// The part of the actions that would not count without the reports after the collection deadline.
    async fn late_actions(&self) -> Count {
        self.late.into()
    }

    /// The actions that its groups count together, as far as they are reported by group.
    async fn by_groups(&self) -> Count {
        self.event.tally.as_ref().map_or(0, domain::event::EventTally::counted_by_groups).into()
    }

    /// The overlap that more than one of the host, guests and groups reported; it counts once.
    async fn deduplicated(&self) -> LetterCounts {
        sum(self.counted.deduplicated.iter().map(|(&kind, &quantity)| (kind, quantity))).into()
    }

    /// Quantities by case and kind; a null case stands for no particular case.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn lines(&self) -> InlineList<Inline<EventLine<'a>>> {
        EventLine::list(self.request, &self.counted)
    }

    /// By kind of action.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_kind(&self) -> InlineList<Inline<EventKindCounts>> {
        let of_kind = |kind| {
            let lines = self.counted.lines.iter().filter(move |((_, of), _)| *of == kind);
            let quantity: u64 = lines.clone().map(|(_, quantity)| quantity).sum();
            let unallocated: u64 =
                lines.filter(|((case, _), _)| case.is_none()).map(|(_, quantity)| quantity).sum();
            let deduplicated = self.counted.deduplicated.get(&kind).copied().unwrap_or(0);
            (quantity > 0).then(|| EventKindCounts {
                kind: kind.into(),
                quantity: quantity.into(),
                unallocated: unallocated.into(),
                deduplicated: deduplicated.into(),
            })
        };
        domain::ActionKind::ALL.iter().copied().filter_map(of_kind).map(Inline).collect()
    }

    /// By case, with the goal beside the reported quantity; the part for no particular case comes last. Cases
    /// with a goal are listed even without letters.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_case(&self) -> InlineList<Inline<EventCaseCounts<'a>>> {
        let written = self.counted.lines.keys().map(|(case, _)| self.known(*case));
        let picked = self.event.content.cases.iter();
        let with_goal = picked.clone().filter(|picked| picked.letter_goal.is_some());
        let cases: BTreeSet<Option<CaseId>> =
            written.chain(with_goal.map(|picked| self.known(Some(picked.case)))).collect();
        let amount = |case: Option<CaseId>| {
            let lines = self.counted.lines.iter();
            let of_case = lines.filter(|((of, _), _)| self.known(*of) == case);
            let sum = sum(of_case.map(|(&(_, kind), &quantity)| (kind, quantity)));
            let goal = picked.clone().find(|picked| Some(picked.case) == case).and_then(|p| p.letter_goal);
            EventCaseCounts {
                case: self.case(case),
                letters: sum.letters.into(),
                actions: sum.actions.into(),
                goal: goal.map(Count::from),
            }
        };
        let (named, rest): (Vec<_>, Vec<_>) = cases.into_iter().partition(Option::is_some);
        named.into_iter().chain(rest).map(amount).map(Inline).collect()
    }

    /// The event's goal in letters; null if there is none.
    async fn goal(&self) -> Option<Count> {
        self.event.content.letter_goal.map(Count::from)
    }

    /// Letters pledged by participants of the campaign who have a place at the event and a confirmed address.
    /// This is a part of the campaign's pledges. Visible to its organizers and staff: the differences would
    /// disclose individual pledges.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn pledged(&self, ctx: &Context<'_>) -> Result<Option<Count>, ApiError> {
        if !self.is_for_organizers {
            return Ok(None);
        }
        let mut connection = self.request.connect_tracking_events(crate::api::AppState::of(ctx)).await?;
        let (event, campaign) = (self.event.id, self.event.campaign_id);
        Ok(Some(participants::pledged_at(&mut connection, event, campaign).await?.into()))
    }
}

impl<'a> EventTotal<'a> {
    pub(super) fn new(
        request: &'a RequestContext,
        event: &'a domain::Event,
        is_for_organizers: bool,
    ) -> Self {
        let tally = event.tally.as_ref();
        let counted = tally.map(domain::event::EventTally::counted).unwrap_or_default();
        let in_time = tally.map_or(0, |tally| tally.counted_in_time().quantity());
        let late = counted.quantity().saturating_sub(in_time);
        Self { request, event, counted, late, is_for_organizers }
    }

    fn all(&self) -> Sum {
        sum(self.counted.lines.iter().map(|(&(_, kind), &quantity)| (kind, quantity)))
    }

    fn known(&self, case: Option<CaseId>) -> Option<CaseId> {
        case.filter(|&case| self.request.case(case).is_some())
    }

    fn case(&self, case: Option<CaseId>) -> Option<Case<'a>> {
        case.and_then(|id| self.request.case(id)).map(|case| Case::new(self.request, case))
    }
}

fn sum(parts: impl Iterator<Item = (domain::ActionKind, u64)>) -> Sum {
    parts.fold(Sum::default(), |sum, (kind, quantity)| Sum {
        letters: sum.letters + if kind.is_letter() { quantity } else { 0 },
        actions: sum.actions + quantity,
    })
}

/// The quantity of one kind for one case at an event or of a group.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct EventLine<'a> {
    /// The case; null for no particular case.
    case: Option<Case<'a>>,
    /// The kind of action.
    kind: ActionKind,
    /// The quantity.
    quantity: Count,
}

impl<'a> EventLine<'a> {
    /// The lines of a total. A case that the viewer may not see is not named; its part stays in the sum.
    pub(crate) fn list(request: &'a RequestContext, counted: &EventTotals) -> InlineList<Inline<Self>> {
        let mut lines: BTreeMap<(Option<CaseId>, domain::ActionKind), u64> = BTreeMap::new();
        for (&(case, kind), &quantity) in &counted.lines {
            let known = case.filter(|&case| request.case(case).is_some());
            *lines.entry((known, kind)).or_default() += quantity;
        }
        let line = |((case, kind), quantity): ((Option<CaseId>, domain::ActionKind), u64)| Self {
            case: case.and_then(|id| request.case(id)).map(|case| Case::new(request, case)),
            kind: kind.into(),
            quantity: quantity.into(),
        };
        lines.into_iter().map(line).map(Inline).collect()
    }
}

/// The part of an event's total of one kind.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct EventKindCounts {
    /// The kind of action.
    kind: ActionKind,
    /// The quantity.
    quantity: Count,
    /// The part for no particular case. It is never distributed over cases.
    unallocated: Count,
    /// The overlap reported by both the host and guests; it counts once.
    deduplicated: Count,
}

/// The part of an event's total for one case.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct EventCaseCounts<'a> {
    /// The case; null for no particular case.
    case: Option<Case<'a>>,
    /// Appeal letters and messages of solidarity.
    letters: Count,
    /// All actions, including letters.
    actions: Count,
    /// The event's goal in letters for this case; null if there is none.
    goal: Option<Count>,
}
