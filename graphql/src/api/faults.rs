//! What goes wrong on purpose: fields that fail or fall over, and streams that break or never end. Suites
//! provoke with it what production never does.
//!
//! Only a build with the cargo feature `faults` has this room.

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

/// What nobody outside may read.
const INNER: &str = "an inner text: no such column: secret";
/// Which entry of a list is the odd one.
const ODD: i32 = 1;
/// How many bytes a stream may send at a time.
const BYTES_MOST: u32 = 1 << 20;

/// How something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum Way {
    /// With something that cannot be, and was noticed.
    Internal,
    /// With an answer of the database that asking again will not mend.
    Broken,
    /// With an answer of the database that will be another one soon.
    Away,
    /// With an error that nobody looked at.
    Leak,
    /// With a panic.
    Panic,
}

impl Way {
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

/// Things that go wrong.
pub(crate) struct Faults;

/// Things that go wrong, and some that do not.
#[Object(serial)]
impl Faults {
    /// True.
    async fn well(&self) -> bool {
        true
    }

    /// Goes wrong where null may stand.
    async fn hole(
        &self,
        #[graphql(desc = "How it goes wrong.", default_with = "Way::Broken")] how: Way,
    ) -> Result<Option<bool>, Error> {
        how.goes_wrong()
    }

    /// Goes wrong where null may not stand.
    async fn gap(
        &self,
        #[graphql(desc = "How it goes wrong.", default_with = "Way::Broken")] how: Way,
    ) -> Result<bool, Error> {
        how.goes_wrong()
    }

    /// The same things again, where null may stand.
    async fn inner(&self) -> Option<Self> {
        Some(Self)
    }

    /// The same things again, where null may not stand.
    async fn firm(&self) -> Self {
        Self
    }

    /// Three entries, each of which may be null.
    async fn entries(&self) -> Vec<Option<FaultsEntry>> {
        entries().map(Some).collect()
    }

    /// Three entries, none of which may be null.
    async fn firm_entries(&self) -> Vec<FaultsEntry> {
        entries().collect()
    }
}

/// An entry of a list in which one is odd.
#[derive(SimpleObject)]
#[graphql(complex, serial)]
pub(crate) struct FaultsEntry {
    /// Which one it is.
    number: i32,
}

/// An entry of a list in which one is odd.
#[async_graphql::ComplexObject]
impl FaultsEntry {
    /// Its number; goes wrong in the odd one.
    async fn even(&self) -> Result<i32, Error> {
        if self.number == ODD { Way::Broken.goes_wrong() } else { Ok(self.number) }
    }
}

fn entries() -> impl Iterator<Item = FaultsEntry> {
    (0..3).map(|number| FaultsEntry { number })
}

/// What goes wrong, as a part of what can be read.
#[derive(Default)]
pub(crate) struct FaultsQuery;

#[Object(serial)]
impl FaultsQuery {
    /// What goes wrong on purpose, where null may stand.
    async fn faults(&self) -> Option<Faults> {
        Some(Faults)
    }

    /// What goes wrong on purpose, where null may not stand.
    async fn firm_faults(&self) -> Faults {
        Faults
    }
}

/// What goes wrong, as a part of what can be changed. Nothing is changed.
#[derive(Default)]
pub(crate) struct FaultsMutation;

#[Object(serial)]
impl FaultsMutation {
    /// Goes wrong, or changes nothing.
    async fn go_wrong(
        &self,
        #[graphql(desc = "How it goes wrong; it goes well if it is left out.")] how: Option<Way>,
    ) -> Result<Option<bool>, Error> {
        how.map_or(Ok(Some(true)), Way::goes_wrong)
    }
}

/// What goes wrong, as a part of what can be watched.
#[derive(Default)]
pub(crate) struct FaultsSubscription;

#[Subscription]
impl FaultsSubscription {
    /// Numbers from zero, and then no more, for it goes wrong.
    async fn breaks(
        &self,
        #[graphql(desc = "How many numbers come.")] after: u32,
        #[graphql(desc = "How it goes wrong then.")] how: Way,
    ) -> impl Stream<Item = Result<u32, Error>> {
        let wrong = stream::once(async move { how.goes_wrong() });
        stream::iter(0..after).map(Ok).chain(wrong)
    }

    /// Goes wrong before there is anything.
    async fn stillborn(
        &self,
        #[graphql(desc = "How it goes wrong.")] how: Way,
    ) -> Result<BoxStream<'static, bool>, Error> {
        how.goes_wrong()
    }

    /// Texts without end.
    async fn flood(
        &self,
        #[graphql(desc = "How many bytes each text has: a mebibyte at most.")] bytes: u32,
        #[graphql(desc = "After how many milliseconds the next one comes; 0 for as fast as it can.")]
        every: u32,
    ) -> impl Stream<Item = String> {
        let text = "x".repeat(bytes.min(BYTES_MOST) as usize);
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
