//! The history of a total.
//!
//! Its instants are those at which reports were received: a report that is handed in counts at once, and one from a file
//! at the time that the file gives ([`crate::ledger`]).
//!
//! A history ends at the version of its response, like every total in it, and is always the same for the same
//! version.

use async_graphql::{Context, Enum, SimpleObject};
use domain::{EditionId, total::TotalScope};
use jiff::{SignedDuration, Timestamp};

use crate::{
    api::{
        self, RequestContext,
        error::ApiError,
        scalar::{self, DateTime},
    },
    database::history::{self, HistoryBucket, Resolution},
};

/// The maximum number of points: the hours of a hundred days, which is a campaign from November to January
/// with its grace days.
pub(crate) const MAX_POINTS: usize = 2_400;
/// The default number of points: the days of a campaign, or the hours of four days.
const POINTS_DEFAULT: usize = 100;

/// The length of the intervals of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Resolution")]
pub(crate) enum HistoryResolution {
    /// Hours of UTC.
    Hour,
    /// Days of UTC, midnight to midnight. Days of another time zone can be composed of hours.
    Day,
}

/// A total at the end of an hour or a day.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct HistoryPoint {
    /// The first instant of the interval.
    from: DateTime,
    /// Appeal letters and messages of solidarity, cumulative up to the end of the interval.
    letters: scalar::Count,
    /// All actions, including letters, cumulative up to the end of the interval.
    actions: scalar::Count,
    /// The version of the edition's count at which the total last changed in the interval.
    version: scalar::Count,
}

/// Parses the number of points.
pub(crate) fn points(last: Option<i32>) -> Option<usize> {
    match last {
        None => Some(POINTS_DEFAULT),
        Some(last) => usize::try_from(last).ok().filter(|points| *points <= MAX_POINTS),
    }
}

/// Returns the history of the total of a scope.
pub(crate) async fn of(
    ctx: &Context<'_>,
    request: &RequestContext,
    (edition, scope): (EditionId, TotalScope),
    resolution: HistoryResolution,
    last: Option<i32>,
    until: Option<DateTime>,
) -> Result<Vec<HistoryPoint>, ApiError> {
    let most =
        points(last).ok_or_else(|| ApiError::bad_input(format!("`last` must be 0 to {MAX_POINTS}.")))?;
    let count = request.count(edition);
    if count.version == 0 || most == 0 {
        return Ok(Vec::new());
    }
    // Instants have a resolution of microseconds.
    let resolution = Resolution::from(resolution);
    let before =
        until.map(|until| until.0.checked_sub(SignedDuration::from_micros(1)).unwrap_or(Timestamp::MIN));
    let upto = HistoryBucket {
        instant: before.map_or(count.as_of, |before| before.min(count.as_of)),
        version: count.version,
    };
    let mut connection = request.connect(api::AppState::of(ctx)).await?;
    let headlines = history::of(&mut connection, edition, scope, resolution, upto, most).await?;
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
