//! Lists of public groups, by rank.

use async_graphql::{Context, Enum, InputObject};
use domain::{CampaignId, GroupId, number::headcount};

use super::{Group, GroupKind};
use crate::{
    access::GroupAccess,
    api::{
        AppState, RequestContext,
        error::ApiError,
        page::{ListOrder, PageRequest, Part, SortKey, foreign_cursor},
        scalar::Count,
    },
    database::groups::{self, GroupQuery, GroupRanking, StoredGroup},
};

/// The order of a list of groups, the highest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum GroupOrder {
    /// Letters.
    #[default]
    Letters,
    /// Letters for each of its people. Groups of unknown size are left out.
    LettersPerHead,
}

impl GroupOrder {
    const fn list_order(self) -> ListOrder {
        match self {
            Self::Letters => ListOrder::GroupsByLetters,
            Self::LettersPerHead => ListOrder::GroupsByLettersPerThousand,
        }
    }

    const fn ranking(self) -> GroupRanking {
        match self {
            Self::Letters => GroupRanking::Letters,
            Self::LettersPerHead => GroupRanking::LettersPerThousand,
        }
    }

    fn number(self, group: &domain::Group) -> i64 {
        let number = match self {
            Self::Letters => group.letters(),
            Self::LettersPerHead => group.letters_per_thousand().unwrap_or_default(),
        };
        i64::try_from(number).unwrap_or(i64::MAX)
    }
}

/// Conditions on groups, all of which must hold.
#[derive(Debug, Default, InputObject)]
pub(crate) struct GroupFilter {
    /// The kind of the group.
    kind: Option<GroupKind>,
    /// The least number of people, 1–100,000. With a filter by size, groups of unknown size are left out.
    min_size: Option<Count>,
    /// The largest number of people, 1–100,000.
    max_size: Option<Count>,
}

/// A list of the public groups of a campaign.
pub(crate) struct Ranking {
    order: GroupOrder,
    query: GroupQuery,
}

impl Ranking {
    /// Parses the conditions and the order of a list.
    pub(crate) fn new(
        campaign: CampaignId,
        filter: Option<GroupFilter>,
        order: Option<GroupOrder>,
    ) -> Result<Self, ApiError> {
        let (filter, order) = (filter.unwrap_or_default(), order.unwrap_or_default());
        let size = |typed: Option<Count>| {
            let parsed = typed.map(|typed| headcount(typed.0)).transpose();
            parsed.map_err(|rule| ApiError::bad_input(rule.to_string()))
        };
        let query = GroupQuery {
            campaign,
            ranking: order.ranking(),
            kind: filter.kind.map(Into::into),
            min_size: size(filter.min_size)?,
            max_size: size(filter.max_size)?,
            after: None,
        };
        Ok(Self { order, query })
    }

    /// Returns a page of the list.
    pub(crate) async fn page<'a>(
        self,
        ctx: &Context<'_>,
        request: &'a RequestContext,
        first: Option<i32>,
        after: Option<&str>,
    ) -> Result<Part<Group<'a>>, ApiError> {
        let order = self.order.list_order();
        let seeking = PageRequest::parse(order, first, after, None, None)?;
        let place = seeking.after.as_ref().map(|cursor| {
            // The keys are descending: see `SortKey::descending`.
            let number = cursor.number(order).map(|number| !number);
            number.map(|number| (number, GroupId::new(cursor.id()))).ok_or_else(|| foreign_cursor("after"))
        });
        let query = GroupQuery { after: place.transpose()?, ..self.query };
        let mut connection = request.connect_tracking_events(AppState::of(ctx)).await?;
        let found = groups::listed(&mut connection, &query, seeking.limit()).await?;
        let row = |stored: StoredGroup| {
            let key = SortKey::descending(order, self.order.number(&stored.group));
            let may_act = request.may_act_for(stored.group.section_id);
            let access = if may_act { GroupAccess::Staff } else { GroupAccess::Public };
            Some((key, stored.group.id.uuid(), Group::with_access(request, stored, access)?))
        };
        Ok(seeking.part(found.into_iter().filter_map(row).collect()))
    }
}
