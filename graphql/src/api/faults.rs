//! Failures on purpose: fields that return errors or panic, and streams that break or never end. Tests use
//! them to provoke what production never does.
//!
//! Only a build with the cargo feature `faults` has this module.

use std::time::Duration;

use async_graphql::{Enum, Error, Object, SimpleObject, Subscription};
use futures_util::{
    Stream, StreamExt,
    future::Either,
    stream::{self, BoxStream},
};
use tokio::time::{MissedTickBehavior, interval};

use super::error::ApiError;
use crate::database;

/// An internal message that must not be sent to a client.
const INNER: &str = "an inner text: no such column: secret";
/// The index of the list entry that fails.
const ODD: i32 = 1;
/// The maximum size of a text of a stream, in bytes.
const MAX_BYTES: u32 = 1 << 20;

/// The kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum FaultKind {
    /// An internal inconsistency that was detected.
    Internal,
    /// A database error that retrying does not mend.
    Broken,
    /// A transient database error.
    Away,
    /// An unhandled error.
    Leak,
    /// A panic.
    Panic,
}

impl FaultKind {
    fn goes_wrong<T>(self) -> Result<T, Error> {
        Err(match self {
            Self::Internal => ApiError::internal(INNER).into(),
            Self::Broken => ApiError::from(database::Error::Broken(INNER.into())).into(),
            Self::Away => ApiError::from(database::Error::Unavailable(INNER.into())).into(),
            Self::Leak => Error::new_with_source(std::io::Error::other(INNER)),
            Self::Panic => panic!("{INNER}"),
        })
    }
}

/// An object whose fields fail.
pub(crate) struct Faults;

/// An object with fields that fail and fields that do not.
#[Object(serial)]
impl Faults {
    /// Always true.
    async fn well(&self) -> bool {
        true
    }

    /// Fails in a nullable field.
    async fn hole(
        &self,
        #[graphql(desc = "The kind of failure.", default_with = "FaultKind::Broken")] how: FaultKind,
    ) -> Result<Option<bool>, Error> {
        how.goes_wrong()
    }

    /// Fails in a non-null field.
    async fn gap(
        &self,
        #[graphql(desc = "The kind of failure.", default_with = "FaultKind::Broken")] how: FaultKind,
    ) -> Result<bool, Error> {
        how.goes_wrong()
    }

    /// The same object again, nullable.
    async fn inner(&self) -> Option<Self> {
        Some(Self)
    }

    /// The same object again, non-null.
    async fn firm(&self) -> Self {
        Self
    }

    /// Three nullable entries.
    async fn entries(&self) -> Vec<Option<FaultsEntry>> {
        entries().map(Some).collect()
    }

    /// Three non-null entries.
    async fn firm_entries(&self) -> Vec<FaultsEntry> {
        entries().collect()
    }
}

/// An entry of a list in which one entry fails.
#[derive(SimpleObject)]
#[graphql(complex, serial)]
pub(crate) struct FaultsEntry {
    /// The index of the entry.
    number: i32,
}

/// An entry of a list in which one entry fails.
#[async_graphql::ComplexObject]
impl FaultsEntry {
    /// The index of the entry; fails in one of them.
    async fn even(&self) -> Result<i32, Error> {
        if self.number == ODD { FaultKind::Broken.goes_wrong() } else { Ok(self.number) }
    }
}

fn entries() -> impl Iterator<Item = FaultsEntry> {
    (0..3).map(|number| FaultsEntry { number })
}

/// The query fields that fail.
#[derive(Default)]
pub(crate) struct FaultsQuery;

#[Object(serial)]
impl FaultsQuery {
    /// An object whose fields fail, nullable.
    async fn faults(&self) -> Option<Faults> {
        Some(Faults)
    }

    /// An object whose fields fail, non-null.
    async fn firm_faults(&self) -> Faults {
        Faults
    }
}

/// The mutations that fail. They change nothing.
#[derive(Default)]
pub(crate) struct FaultsMutation;

#[Object(serial)]
impl FaultsMutation {
    /// Fails, or changes nothing.
    async fn go_wrong(
        &self,
        #[graphql(desc = "The kind of failure; none if omitted.")] how: Option<FaultKind>,
    ) -> Result<Option<bool>, Error> {
        how.map_or(Ok(Some(true)), FaultKind::goes_wrong)
    }
}

/// The streams that fail.
#[derive(Default)]
pub(crate) struct FaultsSubscription;

#[Subscription]
impl FaultsSubscription {
    /// Numbers from zero, followed by a failure.
    async fn breaks(
        &self,
        #[graphql(desc = "How many numbers are sent.")] after: u32,
        #[graphql(desc = "The kind of failure that follows.")] how: FaultKind,
    ) -> impl Stream<Item = Result<u32, Error>> {
        let wrong = stream::once(async move { how.goes_wrong() });
        stream::iter(0..after).map(Ok).chain(wrong)
    }

    /// Fails before the first event.
    async fn stillborn(
        &self,
        #[graphql(desc = "The kind of failure.")] how: FaultKind,
    ) -> Result<BoxStream<'static, bool>, Error> {
        how.goes_wrong()
    }

    /// An endless stream of texts.
    async fn flood(
        &self,
        #[graphql(desc = "The size of each text in bytes, at most one mebibyte.")] bytes: u32,
        #[graphql(desc = "The interval in milliseconds; 0 for as fast as possible.")] every: u32,
    ) -> impl Stream<Item = String> {
        let text = "x".repeat(bytes.min(MAX_BYTES) as usize);
        if every == 0 {
            return Either::Left(stream::repeat(text));
        }
        let mut ticks = interval(Duration::from_millis(every.into()));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Either::Right(stream::unfold((ticks, text), async |(mut ticks, text)| {
            ticks.tick().await;
            Some((text.clone(), (ticks, text)))
        }))
    }
}
