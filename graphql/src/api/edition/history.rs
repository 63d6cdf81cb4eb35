//! How a total grew: its chart.
//!
//! A history ends with the version of its answer, like every total in it, and is the same whenever
//! it is asked for at that version.

use async_graphql::{Context, Enum, SimpleObject};
use domain::EditionId;
use jiff::{SignedDuration, Timestamp};

use crate::{
    api::{
        self, RequestContext,
        error::ApiError,
        scalar::{self, DateTime},
    },
    database::history::{self, HistoryBucket, Resolution},
};

/// The hours of a hundred days: a campaign from November to January, and its grace.
pub(crate) const POINTS_MOST: usize = 2_400;
/// The days of a campaign, or the hours of four days.
const POINTS_DEFAULT: usize = 100;

/// How long the parts of a history are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Resolution")]
pub(crate) enum HistoryResolution {
    /// The hours of UTC.
    Hour,
    /// The days of UTC, from midnight to midnight. Days of another zone can be made from hours.
    Day,
}

/// What a total was at the end of an hour or a day.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct HistoryPoint {
    /// When the hour or the day begins.
    from: DateTime,
    /// Appeal letters and messages of solidarity, all from the beginning to the end of it.
    letters: scalar::Count,
    /// Everything that was done, letters among it, all from the beginning to the end of it.
    actions: scalar::Count,
    /// The last version of it.
    version: scalar::Count,
}

/// How many points are asked for.
pub(crate) fn points(last: Option<i32>) -> Option<usize> {
    match last {
        None => Some(POINTS_DEFAULT),
        Some(last) => usize::try_from(last).ok().filter(|points| (1..=POINTS_MOST).contains(points)),
    }
}

/// How the world total of an edition grew.
pub(crate) async fn of(
    ctx: &Context<'_>,
    asking: &RequestContext,
    edition: EditionId,
    resolution: Resolution,
    last: Option<i32>,
    until: Option<Timestamp>,
) -> Result<Vec<HistoryPoint>, ApiError> {
    let most = points(last)
        .ok_or_else(|| ApiError::bad_input(format!("`last` lies between 1 and {POINTS_MOST}.")))?;
    let count = asking.count(edition);
    if count.version == 0 {
        return Ok(Vec::new());
    }
    // Instants are whole microseconds.
    let before =
        until.map(|until| until.checked_sub(SignedDuration::from_micros(1)).unwrap_or(Timestamp::MIN));
    let upto = HistoryBucket {
        instant: before.map_or(count.as_of, |before| before.min(count.as_of)),
        version: count.version,
    };
    let mut connection = asking.connect(api::AppState::of(ctx)).await?;
    let headlines = history::of(&mut connection, edition, resolution, upto, most).await?;
    Ok(headlines
        .into_iter()
        .map(|headline| HistoryPoint {
            from: resolution.begin(headline.committed_at).into(),
            letters: headline.letters.into(),
            actions: headline.actions.into(),
            version: u64::try_from(headline.version).unwrap_or_default().into(),
        })
        .collect())
}
