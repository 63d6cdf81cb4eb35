//! Statement time limits.
//!
//! PostgreSQL ends a statement that runs too long (`statement_timeout`). SQLite runs in this process
//! and can be interrupted only through its C interface, which safe Rust cannot call; but it ends a
//! statement when a function called by the statement fails. So each statement that reads more rows than
//! it returns calls a function for each row.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use diesel::{
    Expression, QueryResult, SqliteConnection,
    expression::{AppearsOnTable, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::{IsNull, Output, ToSql},
    sql_types::Bool,
    sqlite::Sqlite,
};

/// How many rows are read between two checks of the clock. A row takes about a microsecond.
const ROWS_BETWEEN: u32 = 64;
/// The message of SQLite's error for a statement that was ended by this limit.
pub(super) const ENDED: &str = "the statement ran past its limit";

/// The time when the current statement of an SQLite connection began. Clones share it.
#[derive(Clone)]
pub(super) struct Stopwatch {
    made: Instant,
    /// Microseconds since `made`.
    began: Arc<AtomicU64>,
}

impl Stopwatch {
    pub(super) fn new() -> Self {
        Self { made: Instant::now(), began: Arc::default() }
    }

    fn microseconds(&self) -> u64 {
        self.made.elapsed().as_micros() as u64
    }

    /// Records that a statement begins now.
    pub(super) fn begin(&self) {
        self.began.store(self.microseconds(), Relaxed);
    }

    /// Makes the statements of a connection that use [`within_limit`] fail after this time.
    pub(super) fn bind(self, connection: &SqliteConnection, most: Duration) -> QueryResult<()> {
        let most = most.as_micros() as u64;
        let mut rows = 0_u32;
        let look = move || {
            rows = rows.wrapping_add(1);
            let is_over = rows.is_multiple_of(ROWS_BETWEEN)
                && self.microseconds().saturating_sub(self.began.load(Relaxed)) > most;
            if is_over { DeadlineCheck::Over } else { DeadlineCheck::Within }
        };
        function::within_limit_utils::register_nondeterministic_impl(connection, look)
    }
}

/// The result of a check. Only one variant is a value; the other is an error.
#[derive(Debug)]
enum DeadlineCheck {
    Within,
    Over,
}

impl ToSql<Bool, Sqlite> for DeadlineCheck {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> diesel::serialize::Result {
        match self {
            Self::Within => {
                out.set_value(1_i32);
                Ok(IsNull::No)
            }
            Self::Over => Err(ENDED.into()),
        }
    }
}

mod function {
    diesel::define_sql_function! {
        /// Whether the statement may go on: true, or an error.
        fn within_limit() -> diesel::sql_types::Bool;
    }
}

/// The condition that a statement may go on. It has to come first, because later conditions are
/// evaluated only for rows that meet it. Empty on PostgreSQL.
#[derive(Clone, Copy, Debug, QueryId)]
pub(super) struct WithinLimit;

pub(super) const fn within_limit() -> WithinLimit {
    WithinLimit
}

impl Expression for WithinLimit {
    type SqlType = Bool;
}

impl<Tables> AppearsOnTable<Tables> for WithinLimit {}
impl<Tables> SelectableExpression<Tables> for WithinLimit {}

impl<Grouping> ValidGrouping<Grouping> for WithinLimit {
    type IsAggregate = is_aggregate::Never;
}

impl QueryFragment<Sqlite> for WithinLimit {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("within_limit()");
        Ok(())
    }
}

impl QueryFragment<Pg> for WithinLimit {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("TRUE");
        Ok(())
    }
}
