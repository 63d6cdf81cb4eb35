//! The sum of a person's own reports.

use async_graphql::{Context, Object};
use domain::{
    Tally,
    total::{Scope, Sums},
};

use crate::{
    api::{
        Asking,
        direct::{Direct, List},
        error::Fault,
        limit,
        scalar::Count,
        total::{self, Amount, CaseAmount, KindAmount},
    },
    database::reports::{self, Owner},
};

/// The reports of one person.
pub(crate) struct OwnTotal<'a> {
    asking: &'a Asking,
    told: Tally,
}

/// The sum of a person's own reports that count: none that is held for review, rejected, withdrawn or a test.
/// At an event, others may have reported the same letters: the event counts them once, while this sum has all
/// that the person reported.
#[Object(serial)]
impl<'a> OwnTotal<'a> {
    /// Appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.sums().all.letters.into()
    }

    /// All actions, including letters.
    async fn actions(&self) -> Count {
        self.sums().all.actions.into()
    }

    /// The number of reports that count.
    async fn reports(&self) -> Count {
        self.sums().reports.into()
    }

    /// The part reported after the collection deadline.
    async fn late(&self) -> Direct<Amount> {
        Direct(self.sums().late.into())
    }

    /// By kind of action. Kinds without actions are omitted.
    #[graphql(complexity = "limit::list(limit::BREAKDOWN, child_complexity)")]
    async fn by_kind(&self) -> List<Direct<KindAmount>> {
        total::by_kind(self.sums())
    }

    /// By case, largest first; the part without a case comes last.
    #[graphql(complexity = "limit::list(limit::BREAKDOWN, child_complexity)")]
    async fn by_case(&self) -> List<Direct<CaseAmount<'a>>> {
        total::by_case(self.sums(), self.asking)
    }
}

impl<'a> OwnTotal<'a> {
    /// Returns the sum for the viewer, or of a person for staff.
    pub(crate) async fn of(ctx: &Context<'_>, asking: &'a Asking, owner: Owner) -> Result<Self, Fault> {
        let mut connection = asking.look_up(crate::api::Context::of(ctx)).await?;
        Ok(Self { asking, told: reports::told_by(&mut connection, owner).await? })
    }

    /// Appeal letters and messages of solidarity.
    pub(crate) fn count_letters(&self) -> u64 {
        self.sums().all.letters
    }

    fn sums(&self) -> &Sums {
        self.told.sums(Scope::Edition)
    }
}
