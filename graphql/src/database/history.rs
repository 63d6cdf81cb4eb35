//! The history of a total, by hour or by day.
//!
//! A recursive statement steps from the last commit of one bucket to the last one of the bucket before
//! it, so that it takes as long for a million commits as for a thousand.

use diesel::{QueryableByName, sql_types};
use diesel_async::RunQueryDsl;
use domain::{EditionId, total::TotalScope};
use jiff::{SignedDuration, Timestamp};

use super::{
    Connection, Error, Inner,
    edition_versions::TotalsSummary,
    scope_versions,
    sql_types::{SqlTimestamp, SqlUuid, sql},
};

/// The length of a bucket. Buckets are in UTC, which skips no hour and repeats none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// From one full hour to the next.
    Hour,
    /// From midnight to midnight.
    Day,
}

impl Resolution {
    const fn length(self) -> SignedDuration {
        SignedDuration::from_hours(match self {
            Self::Hour => 1,
            Self::Day => 24,
        })
    }

    /// The beginning of the bucket of an instant.
    #[must_use]
    pub fn begin(self, instant: Timestamp) -> Timestamp {
        let since = instant.as_microsecond().rem_euclid(self.microseconds());
        instant - SignedDuration::from_micros(since)
    }

    const fn microseconds(self) -> i64 {
        self.length().as_secs() * 1_000_000
    }

    /// The statement for SQLite, where instants are microseconds.
    fn on_sqlite(self, records: Records) -> String {
        records.statement(&format!("moment - moment % {}", self.microseconds()), JOIN_ON_SQLITE)
    }

    /// The statement for PostgreSQL.
    pub(super) fn on_postgres(self, records: Records) -> String {
        let part = match self {
            Self::Hour => "hour",
            Self::Day => "day",
        };
        records.statement(&format!("date_trunc('{part}', moment, 'UTC')"), JOIN_ON_POSTGRES)
    }
}

/// The records that a history is read from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Records {
    /// Those of whole editions.
    Editions,
    /// Those within an edition.
    Scopes,
}

/// The end of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryBucket {
    /// The instant of its last commit.
    pub instant: Timestamp,
    /// The version of its last commit.
    pub version: i64,
}

/// A scope's total at the end of each bucket in which it changed, the earliest first: the newest `most` of them.
///
/// # Errors
/// A database error.
pub async fn of(
    connection: &mut Connection,
    edition: EditionId,
    scope: TotalScope,
    resolution: Resolution,
    upto: HistoryBucket,
    most: usize,
) -> Result<Vec<TotalsSummary>, Error> {
    macro_rules! load {
        ($connection:expr, $statement:ident, $records:expr $(, $id:expr)*) => {
            diesel::sql_query(resolution.$statement($records))
                .bind::<sql::Id, _>(SqlUuid(edition.uuid()))
                $(.bind::<sql::Id, _>($id))*
                .bind::<sql::Instant, _>(SqlTimestamp(upto.instant))
                .bind::<sql_types::BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
                .bind::<sql_types::BigInt, _>(upto.version)
                .load($connection)
                .await?
        };
    }
    let rows: Vec<Row> = match (connection.inner(), scope_versions::key(scope)) {
        (Inner::Sqlite(c), None) => load!(c, on_sqlite, Records::Editions),
        (Inner::Sqlite(c), Some((body, case))) => load!(c, on_sqlite, Records::Scopes, body, case),
        (Inner::Postgres(c), None) => load!(c, on_postgres, Records::Editions),
        (Inner::Postgres(c), Some((body, case))) => load!(c, on_postgres, Records::Scopes, body, case),
    };
    rows.into_iter().map(Row::read).collect()
}

impl Records {
    /// Each bucket is a step in the index by time: its last instant, then the last version of that instant. Both
    /// databases number the parameters alike, as long as they first appear in this order. In `{versions}` the unary plus
    /// keeps the planners from searching the highest version of an edition among all its versions, where those of one
    /// instant are few; the key of the records within editions has both, instant and version.
    fn statement(self, begin: &str, join: &str) -> String {
        let (table, key, number, version, at) = match self {
            Self::Editions => ("edition_versions", "edition_id = $1", 2, "+version", "+committed_at"),
            Self::Scopes => {
                let key = "edition_id = $1 AND body_id = $2 AND case_id = $3";
                ("scope_versions", key, 4, "version", "committed_at")
            }
        };
        let (instant, most, newest) = (number, number + 1, number + 2);
        let join = join
            .replace("{table}", table)
            .replace("{key}", key)
            .replace("{version}", version)
            .replace("{at}", at)
            .replace("{newest}", &format!("${newest}"));
        format!(
            "WITH RECURSIVE newest (moment, nth) AS (
                SELECT (SELECT MAX(committed_at) FROM {table} WHERE {key} AND committed_at <= ${instant}), 1
                UNION ALL
                SELECT (SELECT MAX(committed_at) FROM {table} WHERE {key} AND committed_at < {begin}), nth + 1
                FROM newest WHERE moment IS NOT NULL AND nth < ${most}
            )
            SELECT told.version, told.committed_at, told.letters, told.actions, told.late, told.people
            FROM newest {join}
            ORDER BY told.version"
        )
    }
}

/// SQLite runs the left side of a `CROSS JOIN` as the outer loop, whatever its statistics are. Without
/// statistics it would otherwise read the versions in the requested order and run the recursion for
/// each: 4.8 seconds for 50,000 of them.
const JOIN_ON_SQLITE: &str = "CROSS JOIN {table} AS told
    WHERE {key} AND {at} = moment AND told.version = (
        SELECT MAX({version}) FROM {table} WHERE {key} AND committed_at = moment AND {version} <= {newest}
    )";

/// PostgreSQL runs one look-up for each row of the left side; otherwise it would read all versions of
/// the edition into a hash table.
const JOIN_ON_POSTGRES: &str = "CROSS JOIN LATERAL (
        SELECT * FROM {table} WHERE {key} AND committed_at = moment AND {version} <= {newest}
        ORDER BY {version} DESC LIMIT 1
    ) AS told";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql_types::BigInt)]
    version: i64,
    #[diesel(sql_type = sql::Instant)]
    committed_at: SqlTimestamp,
    #[diesel(sql_type = sql_types::BigInt)]
    letters: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    actions: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    late: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    people: i64,
}

impl Row {
    fn read(self) -> Result<TotalsSummary, Error> {
        let row = (self.version, self.committed_at, self.letters, self.actions, self.late, self.people);
        TotalsSummary::read(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_and_a_day_begin_with_their_first_microsecond() {
        let at = |instant: &str| instant.parse::<Timestamp>().expect("an instant");
        for (instant, hour, day) in [
            ("2021-12-11T00:00:00Z", "2021-12-11T00:00:00Z", "2021-12-11T00:00:00Z"),
            ("2021-12-10T23:59:59.999999Z", "2021-12-10T23:00:00Z", "2021-12-10T00:00:00Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:00:00Z", "1969-12-31T00:00:00Z"),
        ] {
            assert_eq!(Resolution::Hour.begin(at(instant)), at(hour));
            assert_eq!(Resolution::Day.begin(at(instant)), at(day));
        }
    }
}
