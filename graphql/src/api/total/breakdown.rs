//! Breakdowns of a total. Each adds up to the whole; its entry without a key is unknown or unallocated.

use std::{cmp::Reverse, collections::BTreeMap};

use async_graphql::SimpleObject;
use domain::total::{LetterCounts, ScopeTotals};
use graphql_engine::inline::{Inline, InlineList};

use crate::api::domain_enum::domain_enum;
use crate::api::{
    RequestContext,
    case::Case,
    scalar::{Count, CountryCode, RegionCode},
    section::Section,
};

domain_enum! {
    /// The kind of action.
    pub(crate) enum ActionKind = domain::ActionKind {
        /// A letter to an authority. Counts as a letter.
        AppealLetter,
        /// A card or letter to the person. Counts as a letter.
        SolidarityMessage,
        /// An e-mail.
        Email,
        /// A signature on a petition.
        PetitionSignature,
        /// A post on social media.
        SocialPost,
        /// A text message.
        Sms,
        /// A fax.
        Fax,
        /// A telephone call.
        Call,
        /// A drawing or photograph.
        DrawingOrPhoto,
        /// Anything else.
        Other,
        /// Letters of which it is not known which are appeal letters and which messages of solidarity. Counts as
        /// letters; only in statements.
        UnspecifiedLetter,
        /// Actions of which it is not known which are letters; only in statements.
        UnspecifiedAction,
    }
}

domain_enum! {
    /// Who handed a quantity in.
    pub(crate) enum Origin = domain::report::Origin {
        /// One person, or an event that is not public.
        Person,
        /// A public event.
        Event,
        /// A school, or a class of one.
        School,
        /// A local group of a section.
        LocalGroup,
        /// Any other group that writes together, such as a parish, a team or a workplace.
        Group,
        /// Another organization.
        Partner,
        /// A section, for itself.
        Section,
        /// The International Secretariat.
        Secretariat,
    }
}

domain_enum! {
    /// How a quantity was collected.
    pub(crate) enum Way = domain::report::Way {
        /// On paper.
        Paper,
        /// On a website.
        Website,
        /// By e-mail.
        Email,
        /// By text message.
        Sms,
        /// On social media.
        SocialMedia,
        /// By telephone.
        Telephone,
        /// In another way.
        Other,
    }
}

macro_rules! entries {
    ($(
        $(#[$meta:meta])*
        $name:ident $(<$life:lifetime>)? { $(#[$key_meta:meta])* $key:ident: $Key:ty }
    )+) => {$(
        $(#[$meta])*
        #[derive(SimpleObject)]
        #[graphql(serial)]
        pub(crate) struct $name $(<$life>)? {
            $(#[$key_meta])*
            $key: $Key,
            /// Appeal letters and messages of solidarity.
            letters: Count,
            /// All actions, including letters.
            actions: Count,
        }

        impl $(<$life>)? $name $(<$life>)? {
            fn new($key: $Key, amount: LetterCounts) -> Self {
                Self { $key, letters: amount.letters.into(), actions: amount.actions.into() }
            }
        }
    )+};
}

entries! {
    /// The part of a total of one kind.
    KindCounts {
        /// The kind of action.
        kind: ActionKind
    }

    /// The part of a total for one case.
    CaseCounts<'a> {
        /// The case; null for the part reported without one, which is never distributed over cases.
        case: Option<Inline<Case<'a>>>
    }

    /// The part of a total reported to one section.
    SectionCounts<'a> {
        /// The section; null if unknown.
        section: Option<Inline<Section<'a>>>
    }

    /// The part of a total written in one country.
    CountryCounts {
        /// The country; null if unknown.
        country: Option<CountryCode>
    }

    /// The part of a total written in one region.
    RegionCounts {
        /// The region; null if unknown.
        region: Option<RegionCode>
    }

    /// The part of a total of one origin.
    OriginCounts {
        /// Who handed it in; null if unknown.
        origin: Option<Origin>
    }

    /// The part of a total that was collected in one way.
    WayCounts {
        /// How it was collected; null if unknown.
        way: Option<Way>
    }
}

pub(crate) fn by_kind(sums: &ScopeTotals) -> InlineList<Inline<KindCounts>> {
    sums.by_kind.iter().map(|(&kind, &amount)| KindCounts::new(kind.into(), amount)).map(Inline).collect()
}

pub(crate) fn by_case<'a>(
    sums: &ScopeTotals,
    request: &'a RequestContext,
) -> InlineList<Inline<CaseCounts<'a>>> {
    // A case that the viewer may not see is not named; its part stays in the sum.
    let mut parts: BTreeMap<_, LetterCounts> = BTreeMap::new();
    for (&case, &amount) in &sums.by_case {
        let part = parts.entry(case.filter(|&case| request.case(case).is_some())).or_default();
        part.letters += amount.letters;
        part.actions += amount.actions;
    }
    let case =
        |id: Option<_>| id.and_then(|id| request.case(id)).map(|case| Inline(Case::new(request, case)));
    largest_first(&parts).map(|(id, amount)| CaseCounts::new(case(*id), amount)).map(Inline).collect()
}

pub(super) fn by_section<'a>(
    sums: &ScopeTotals,
    request: &'a RequestContext,
) -> InlineList<Inline<SectionCounts<'a>>> {
    let section = |id| request.catalogue.section(id).map(|section| Inline(Section::new(request, section)));
    let parts: BTreeMap<_, _> =
        sums.by_section.iter().map(|(&section, &amount)| (Some(section), amount)).collect();
    largest_first(&parts)
        .map(|(id, amount)| SectionCounts::new(id.and_then(section), amount))
        .map(Inline)
        .collect()
}

pub(super) fn by_country(sums: &ScopeTotals) -> InlineList<Inline<CountryCounts>> {
    let country = |country: &Option<_>| country.as_ref().map(CountryCode::from);
    largest_first(&sums.by_country)
        .map(|(key, amount)| CountryCounts::new(country(key), amount))
        .map(Inline)
        .collect()
}

pub(super) fn by_region(sums: &ScopeTotals) -> InlineList<Inline<RegionCounts>> {
    let region = |region: &Option<_>| region.as_ref().map(RegionCode::from);
    largest_first(&sums.by_region)
        .map(|(key, amount)| RegionCounts::new(region(key), amount))
        .map(Inline)
        .collect()
}

pub(super) fn by_origin(sums: &ScopeTotals) -> InlineList<Inline<OriginCounts>> {
    largest_first(&sums.by_origin)
        .map(|(origin, amount)| OriginCounts::new(origin.map(Origin::from), amount))
        .map(Inline)
        .collect()
}

pub(super) fn by_way(sums: &ScopeTotals) -> InlineList<Inline<WayCounts>> {
    largest_first(&sums.by_way)
        .map(|(way, amount)| WayCounts::new(way.map(Way::from), amount))
        .map(Inline)
        .collect()
}

/// Returns the entries of a breakdown, largest first and the unknown one last.
fn largest_first<K>(
    parts: &BTreeMap<Option<K>, LetterCounts>,
) -> impl Iterator<Item = (&Option<K>, LetterCounts)> {
    let mut parts: Vec<_> = parts.iter().map(|(key, &amount)| (key, amount)).collect();
    // The sort is stable: equal entries stay in the order of their keys.
    parts.sort_by_key(|(key, amount)| (key.is_none(), Reverse(amount.actions)));
    parts.into_iter()
}
