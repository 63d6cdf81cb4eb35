//! How much somebody reported of their own.

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

/// What the reports of one person say.
pub(crate) struct OwnTotal<'a> {
    asking: &'a Asking,
    told: Tally,
}

/// How much somebody reported of their own, as far as it counts: none of it is held, rejected, withdrawn
/// or a test. At an event others may have told of the same letters: there each counts once, and here all
/// that they reported themselves.
#[Object(serial)]
impl<'a> OwnTotal<'a> {
    /// Appeal letters and messages of solidarity.
    async fn letters(&self) -> Count {
        self.sums().all.letters.into()
    }

    /// Everything that was done, letters among it.
    async fn actions(&self) -> Count {
        self.sums().all.actions.into()
    }

    /// Reports that count.
    async fn reports(&self) -> Count {
        self.sums().reports.into()
    }

    /// The part that was reported after the collection deadline.
    async fn late(&self) -> Direct<Amount> {
        Direct(self.sums().late.into())
    }

    /// By kind of action. Kinds of which there are none are left out.
    #[graphql(complexity = "limit::list(limit::BREAKDOWN, child_complexity)")]
    async fn by_kind(&self) -> List<Direct<KindAmount>> {
        total::by_kind(self.sums())
    }

    /// By case, the most written for first; what was reported without a case comes last.
    #[graphql(complexity = "limit::list(limit::BREAKDOWN, child_complexity)")]
    async fn by_case(&self) -> List<Direct<CaseAmount<'a>>> {
        total::by_case(self.sums(), self.asking)
    }
}

impl<'a> OwnTotal<'a> {
    /// That of somebody who asks, or for whom staff ask.
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
