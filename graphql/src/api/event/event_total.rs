//! How much was written at an event: what its host and those who were there say, each letter once.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{Context, Object, SimpleObject};
use domain::{CaseId, event::EventTotals, total::LetterCounts as Sum};

use crate::{
    api::{
        RequestContext,
        case::Case,
        cost,
        error::ApiError,
        inline::{Inline, List},
        scalar::Count,
        total::{ActionKind, LetterCounts},
    },
    database::participants,
};

/// The total of one event.
pub(crate) struct EventTotal<'a> {
    asking: &'a RequestContext,
    event: &'a domain::Event,
    counted: EventTotals,
    late: u64,
    is_for_organizers: bool,
}

/// How much was written at an event. Its host reports the whole evening and those who were there may
/// report their own: for each case the larger number holds, and each letter counts once. Only reports
/// that count are in it.
#[Object(serial)]
impl<'a> EventTotal<'a> {
    /// Appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.all().letters.into()
    }

    /// Everything that was done, letters among it.
    async fn actions(&self) -> Count {
        self.all().actions.into()
    }

    /// People who wrote: as many as the host says or as those who were there say together, whichever is
    /// more.
    async fn people(&self) -> Count {
        self.counted.people.into()
    }

    /// Reports that count, the host's among them.
    async fn reports(&self) -> Count {
        self.counted.reports.into()
    }

    /// The part of the actions that would not count without the reports after the collection deadline.
    async fn late_actions(&self) -> Count {
        self.late.into()
    }

    /// What both the host and those who were there said, and so counts once.
    async fn set_aside(&self) -> LetterCounts {
        sum(self.counted.set_aside.iter().map(|(&kind, &quantity)| (kind, quantity))).into()
    }

    /// How many of each kind were written for each case; without a case what is for no case in
    /// particular.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn lines(&self) -> List<Inline<EventLine<'a>>> {
        // A case that whoever asks may not know of is not named, and its part is not lost.
        let mut lines: BTreeMap<(Option<CaseId>, domain::ActionKind), u64> = BTreeMap::new();
        for (&(case, kind), &quantity) in &self.counted.lines {
            *lines.entry((self.known(case), kind)).or_default() += quantity;
        }
        let line = |((case, kind), quantity): ((Option<CaseId>, domain::ActionKind), u64)| EventLine {
            case: self.case(case),
            kind: kind.into(),
            quantity: quantity.into(),
        };
        lines.into_iter().map(line).map(Inline).collect()
    }

    /// By kind of action.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_kind(&self) -> List<Inline<EventKindAmount>> {
        let of_kind = |kind| {
            let lines = self.counted.lines.iter().filter(move |((_, of), _)| *of == kind);
            let quantity: u64 = lines.clone().map(|(_, quantity)| quantity).sum();
            let unallocated: u64 =
                lines.filter(|((case, _), _)| case.is_none()).map(|(_, quantity)| quantity).sum();
            let set_aside = self.counted.set_aside.get(&kind).copied().unwrap_or(0);
            (quantity > 0).then(|| EventKindAmount {
                kind: kind.into(),
                quantity: quantity.into(),
                unallocated: unallocated.into(),
                set_aside: set_aside.into(),
            })
        };
        domain::ActionKind::ALL.iter().copied().filter_map(of_kind).map(Inline).collect()
    }

    /// By case, with the goal beside what was reported; what is for no case in particular comes last. A
    /// case with a goal stands here before the first letter.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_case(&self) -> List<Inline<EventCaseAmount<'a>>> {
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
            EventCaseAmount {
                case: self.case(case),
                letters: sum.letters.into(),
                actions: sum.actions.into(),
                goal: goal.map(Count::from),
            }
        };
        let (named, rest): (Vec<_>, Vec<_>) = cases.into_iter().partition(Option::is_some);
        named.into_iter().chain(rest).map(amount).map(Inline).collect()
    }

    /// How many letters the event set out to write; null where no goal is set.
    async fn goal(&self) -> Option<Count> {
        self.event.content.letter_goal.map(Count::from)
    }

    /// How many letters those participants of its campaign pledge who have a place there and whose
    /// addresses are confirmed. It is a part of what is pledged in the campaign. For its organizers and
    /// staff: from one who joins to the next it would tell how much each of them pledges.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn pledged(&self, ctx: &Context<'_>) -> Result<Option<Count>, ApiError> {
        if !self.is_for_organizers {
            return Ok(None);
        }
        let mut connection = self.asking.connect_tracking_events(crate::api::AppState::of(ctx)).await?;
        let (event, campaign) = (self.event.id, self.event.campaign_id);
        Ok(Some(participants::pledged_at(&mut connection, event, campaign).await?.into()))
    }
}

impl<'a> EventTotal<'a> {
    pub(super) fn new(asking: &'a RequestContext, event: &'a domain::Event, is_for_organizers: bool) -> Self {
        let evening = event.evening.as_ref();
        let counted = evening.map(domain::event::EventTally::counted).unwrap_or_default();
        let in_time = evening.map_or(0, |evening| evening.counted_in_time().quantity());
        let late = counted.quantity().saturating_sub(in_time);
        Self { asking, event, counted, late, is_for_organizers }
    }

    fn all(&self) -> Sum {
        sum(self.counted.lines.iter().map(|(&(_, kind), &quantity)| (kind, quantity)))
    }

    fn known(&self, case: Option<CaseId>) -> Option<CaseId> {
        case.filter(|&case| self.asking.case(case).is_some())
    }

    fn case(&self, case: Option<CaseId>) -> Option<Case<'a>> {
        case.and_then(|id| self.asking.case(id)).map(|case| Case::new(self.asking, case))
    }
}

fn sum(parts: impl Iterator<Item = (domain::ActionKind, u64)>) -> Sum {
    parts.fold(Sum::default(), |sum, (kind, quantity)| Sum {
        letters: sum.letters + if kind.is_letter() { quantity } else { 0 },
        actions: sum.actions + quantity,
    })
}

/// How many of one kind were written at an event for one case.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct EventLine<'a> {
    /// The case; null for what is for no case in particular.
    case: Option<Case<'a>>,
    /// What was written or done.
    kind: ActionKind,
    /// How many.
    quantity: Count,
}

/// The part of an event's total that is of one kind.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct EventKindAmount {
    /// The kind.
    kind: ActionKind,
    /// How many.
    quantity: Count,
    /// How many of them are for no case in particular. They are never spread over cases.
    unallocated: Count,
    /// How many more both the host and those who were there said, and so count once.
    set_aside: Count,
}

/// The part of an event's total that was written for one case.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct EventCaseAmount<'a> {
    /// The case; null for what is for no case in particular.
    case: Option<Case<'a>>,
    /// Appeal letters and messages of solidarity.
    letters: Count,
    /// Everything that was done, letters among it.
    actions: Count,
    /// How many letters the event set out to write for it; null where no goal is set.
    goal: Option<Count>,
}
