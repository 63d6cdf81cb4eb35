//! Counts of events: those that took place, those that were reported, and those that await a report, with breakdowns
//! by region and by kind of venue.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use async_graphql::{Object, SimpleObject};
use domain::{SectionId, event::CompletedEvents};
use graphql_engine::inline::{Inline, InlineList};

use super::cache::ParticipationNumbers;
use crate::{
    api::{
        cost,
        event::VenueKind,
        scalar::{Count, RegionCode},
    },
    database::events::CompletedCounts,
};

/// Events that took place, and those of them that were reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Coverage {
    took_place: u64,
    reported: u64,
}

impl Coverage {
    /// Those that await a report. The difference of published numbers says no more than these.
    const fn awaited(self) -> u64 {
        self.took_place.saturating_sub(self.reported)
    }
}

/// The counted events of an edition or of one section, with the public ones by part.
pub(crate) struct EventCounts {
    all: Coverage,
    by_region: BTreeMap<Option<domain::Region>, Coverage>,
    by_venue_kind: BTreeMap<Option<domain::event::VenueKind>, Coverage>,
}

/// Counts of events, all of one moment. Public events are counted exactly. Private and unlisted events are counted
/// once per organizer and in groups of five, per section and per edition, so that no single one is disclosed, not
/// even to organizers of such events. So a number may be lower than the truth, and that of an edition may differ from
/// the sum of its sections. Cancelled events, and events that were not approved, are not counted.
#[Object(serial)]
impl EventCounts {
    /// Events that took place: marked so by their organizer, reported, or approved and over.
    async fn took_place(&self) -> Count {
        self.all.took_place.into()
    }

    /// Those of them that were reported by their host.
    async fn reported(&self) -> Count {
        self.all.reported.into()
    }

    /// Those of them that were not, so that a report is awaited: `tookPlace` without `reported`.
    async fn awaited(&self) -> Count {
        self.all.awaited().into()
    }

    /// By region, largest first; adds up to the counts above. The entry without a region comes last: public events
    /// without a known region, and all events that are not public.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_region(&self) -> InlineList<Inline<RegionEventCounts>> {
        let entry = |(region, of): (&Option<domain::Region>, Coverage)| RegionEventCounts {
            region: region.as_ref().map(RegionCode::from),
            took_place: of.took_place.into(),
            reported: of.reported.into(),
            awaited: of.awaited().into(),
        };
        largest_first(&self.by_region).map(entry).map(Inline).collect()
    }

    /// By kind of venue, largest first; adds up to the counts above. The entry without a kind comes last: all events
    /// that are not public.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn by_venue_kind(&self) -> InlineList<Inline<VenueKindEventCounts>> {
        let entry = |(kind, of): (&Option<domain::event::VenueKind>, Coverage)| VenueKindEventCounts {
            venue_kind: kind.map(VenueKind::from),
            took_place: of.took_place.into(),
            reported: of.reported.into(),
            awaited: of.awaited().into(),
        };
        largest_first(&self.by_venue_kind).map(entry).map(Inline).collect()
    }
}

impl EventCounts {
    /// The events of a section, or of all.
    pub(super) fn of(numbers: &ParticipationNumbers, section: Option<SectionId>) -> Self {
        let (took_place, reported) = (&numbers.completed, &numbers.reported);
        let all = Coverage { took_place: shown(took_place, section), reported: shown(reported, section) };
        let mut counts = Self { all, by_region: BTreeMap::new(), by_venue_kind: BTreeMap::new() };
        for (region, kind, count) in listed(took_place, section) {
            counts.by_region.entry(region.cloned()).or_default().took_place += count;
            counts.by_venue_kind.entry(Some(kind)).or_default().took_place += count;
        }
        for (region, kind, count) in listed(reported, section) {
            counts.by_region.entry(region.cloned()).or_default().reported += count;
            counts.by_venue_kind.entry(Some(kind)).or_default().reported += count;
        }
        fold_rest(&mut counts.by_region, all);
        fold_rest(&mut counts.by_venue_kind, all);
        counts
    }
}

/// Puts what the parts do not say into the one without a key: the groups of events that are not public.
fn fold_rest<K: Ord>(parts: &mut BTreeMap<Option<K>, Coverage>, all: Coverage) {
    let (mut took_place, mut reported) = (0, 0);
    for part in parts.values() {
        took_place += part.took_place;
        reported += part.reported;
    }
    let rest = Coverage {
        took_place: all.took_place.saturating_sub(took_place),
        reported: all.reported.saturating_sub(reported),
    };
    if rest != Coverage::default() {
        let part = parts.entry(None).or_default();
        part.took_place += rest.took_place;
        part.reported += rest.reported;
    }
}

type BySection = BTreeMap<SectionId, CompletedCounts>;

fn of_section(all: &BySection, section: Option<SectionId>) -> impl Iterator<Item = &CompletedCounts> {
    all.iter()
        .filter(move |(of, _)| section.is_none_or(|section| section == **of))
        .map(|(_, counted)| counted)
}

/// The public events of a section, or of all, by part.
fn listed(
    all: &BySection,
    section: Option<SectionId>,
) -> impl Iterator<Item = (Option<&domain::Region>, domain::event::VenueKind, u64)> {
    let parts = of_section(all, section).flat_map(|counted| &counted.listed);
    parts.map(|((region, kind), &count)| (region.as_ref(), *kind, count))
}

/// The published number of the events of a section, or of all.
fn shown(all: &BySection, section: Option<SectionId>) -> u64 {
    let organizers: BTreeSet<_> =
        of_section(all, section).flat_map(|counted| &counted.hidden_organizers).collect();
    let listed = listed(all, section).map(|(.., count)| count).sum();
    CompletedEvents { listed, hidden_organizers: organizers.len() as u64 }.published()
}

/// The entries of a breakdown, largest first and the one without a key last.
fn largest_first<K>(parts: &BTreeMap<Option<K>, Coverage>) -> impl Iterator<Item = (&Option<K>, Coverage)> {
    let mut parts: Vec<_> = parts.iter().map(|(key, &part)| (key, part)).collect();
    parts.sort_by_key(|(key, part)| (key.is_none(), Reverse(part.took_place)));
    parts.into_iter()
}

/// The events in one region.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct RegionEventCounts {
    /// The region; null if it is not known, or not public.
    region: Option<RegionCode>,
    /// Events that took place.
    took_place: Count,
    /// Those of them that were reported by their host.
    reported: Count,
    /// Those of them that were not.
    awaited: Count,
}

/// The events at one kind of venue.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct VenueKindEventCounts {
    /// The kind of venue; null if it is not public.
    venue_kind: Option<VenueKind>,
    /// Events that took place.
    took_place: Count,
    /// Those of them that were reported by their host.
    reported: Count,
    /// Those of them that were not.
    awaited: Count,
}
