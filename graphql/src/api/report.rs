//! Reports: what people say they wrote.
//!
//! A report is known to whoever has its secret and to administrators. To anyone else it does not
//! exist: the answer is the same as for an id that never was.

use std::{borrow::Cow, iter};

use async_graphql::{Context, Enum, ID, Object};
use domain::ReportId;

use super::{
    Asking,
    asking::Asker,
    campaign::Campaign,
    error::Fault,
    id, limit,
    page::{self, Cursor, Edge, Key, PageInfo, SIZE_DEFAULT},
    total::Channel,
};
use crate::database::reports::{self, Kept};

mod input;
mod mutation;
mod payload;
mod revision;

pub(crate) use mutation::ReportMutation;
use revision::Revision;

/// The order of held reports: by identity, which is by age. Each order has its own number, see
/// [`Key`].
const BY_AGE: u8 = 9;

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::report::ReportState")]
pub(crate) enum ReportState {
    /// It counts.
    Accepted,
    /// Its quantity is beyond the plausible limit: it waits for staff and does not count yet.
    Held,
    /// Staff refused it.
    Rejected,
    /// It was taken back.
    Withdrawn,
    /// A later revision took its place.
    Superseded,
}

/// Whose word a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::report::Author")]
pub(crate) enum ReportAuthor {
    /// Whoever wrote, or organised the event.
    Writer,
    /// Staff, for somebody else.
    Staff,
    /// The generator of a demonstration. Nobody wrote these letters.
    Simulation,
}

/// A report and what it is seen by.
pub(crate) struct Report<'a> {
    asking: &'a Asking,
    report: Cow<'a, domain::Report>,
}

/// A statement by one person or one event of how many were written. It tells what was handed in last,
/// in whatever state it is; `counting` is what counts.
#[Object]
impl<'a> Report<'a> {
    /// The global id. It stays the same through all revisions.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.report.id)
    }

    /// The campaign it belongs to.
    async fn campaign(&self) -> Result<Campaign<'a>, Fault> {
        let campaign = self.asking.catalogue.campaign(self.report.campaign_id);
        let campaign = campaign.ok_or_else(|| Fault::internal("a report without its campaign"))?;
        Ok(Campaign::new(self.asking, campaign))
    }

    /// Through whom it came in.
    async fn channel(&self) -> Channel {
        self.report.channel.into()
    }

    #[graphql(flatten)]
    async fn latest(&self) -> Revision<'_> {
        Revision::new(self.asking, self.report.latest())
    }

    /// What counts; null if nothing does. While a correction is held, the accepted revision before it
    /// goes on counting.
    async fn counting(&self) -> Option<Revision<'_>> {
        self.report.counting().map(|revision| Revision::new(self.asking, revision))
    }

    /// All that was ever handed in for it, the oldest first.
    #[graphql(complexity = "limit::list(limit::LOOKUP, child_complexity)")]
    async fn history(&self) -> Vec<Revision<'_>> {
        let revisions = self.report.revisions().iter();
        revisions.map(|revision| Revision::new(self.asking, revision)).collect()
    }
}

impl<'a> Report<'a> {
    /// A report that whoever asks may know of.
    pub(crate) const fn new(asking: &'a Asking, report: Cow<'a, domain::Report>) -> Self {
        Self { asking, report }
    }
}

/// A page of reports that wait for review.
pub(crate) struct ReportConnection<'a> {
    edges: Vec<Edge<Report<'a>>>,
    page_info: PageInfo,
}

/// A page of a list.
#[Object]
impl<'a> ReportConnection<'a> {
    /// The entries of the page.
    async fn nodes(&self) -> Vec<&Report<'a>> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// The entries of the page with their places in the list.
    async fn edges(&self) -> &[Edge<Report<'a>>] {
        &self.edges
    }

    /// Where the page lies in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }
}

impl<'a> ReportConnection<'a> {
    /// A page of the first `size` reports, if there are more than that, after a place or from the
    /// beginning.
    fn new(asking: &'a Asking, kept: Vec<Kept>, size: usize, begins: bool) -> Self {
        let has_next_page = kept.len() > size;
        let edges: Vec<_> = kept
            .into_iter()
            .take(size)
            .map(|kept| Edge {
                cursor: Cursor::new(&Key::texts(BY_AGE, iter::empty()), kept.report.id.uuid()).encode(),
                node: Report::new(asking, Cow::Owned(kept.report)),
            })
            .collect();
        let page_info = PageInfo {
            has_next_page,
            has_previous_page: !begins,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Self { edges, page_info }
    }
}

/// Reports, as a part of what can be read.
#[derive(Default)]
pub(crate) struct ReportQuery;

#[Object]
impl ReportQuery {
    /// The report with this id. Needs the secret of the report or an administrator's key; to anyone
    /// else it is null, as for an id that never was.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn report<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the report.")] id: ID,
    ) -> Result<Option<Report<'ctx>>, Fault> {
        let id = id::report(&id).map_err(|rule| Fault::bad_input(rule.to_string()))?;
        find(ctx, id).await
    }

    /// Reports that wait for review, the oldest first. Needs an administrator's key.
    #[graphql(complexity = "limit::page(first, None, child_complexity) + limit::LOOKUP")]
    async fn held_reports<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Only reports to the campaign with this global id.")] campaign: Option<ID>,
        #[graphql(desc = "How many: 1–100, 20 if it is left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Option<ReportConnection<'ctx>>, Fault> {
        let asking = Asking::of(ctx);
        asking.administrator()?;
        let campaign = campaign.as_ref().map(id::campaign).transpose();
        let campaign = campaign.map_err(|rule| Fault::bad_input(rule.to_string()))?;
        let size = first.map_or(Ok(SIZE_DEFAULT), |first| page::size("first", first))?;
        let after = after.as_deref().map(|after| page::place("after", after)).transpose()?;
        let after_id = after.as_ref().map(|cursor| ReportId::new(cursor.id()));
        // One more than the page, to know whether something follows.
        let limit = i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1);
        let mut connection = super::Context::of(ctx).database.connect().await?;
        let kept = reports::held(&mut connection, campaign, after_id, limit).await?;
        Ok(Some(ReportConnection::new(asking, kept, size, after.is_none())))
    }
}

/// The report with this identity, if whoever asks may know of it.
pub(crate) async fn find<'ctx>(ctx: &Context<'ctx>, id: ReportId) -> Result<Option<Report<'ctx>>, Fault> {
    let asking = Asking::of(ctx);
    if asking.asker == Asker::Anyone {
        return Ok(None);
    }
    let mut connection = super::Context::of(ctx).database.connect().await?;
    let kept = reports::find(&mut connection, id).await?;
    let known = kept.filter(|kept| match asking.asker {
        Asker::Anyone => false,
        Asker::Bearer(secret) => secret == kept.secret,
        Asker::Administrator(_) => true,
    });
    Ok(known.map(|kept| Report::new(asking, Cow::Owned(kept.report))))
}
