//! How long a statement may run.
//!
//! PostgreSQL ends what runs too long (`statement_timeout`). SQLite runs in this process and can be
//! interrupted only through its C interface, which safe Rust does not reach; but it ends a statement when a
//! function that the statement calls fails. So whatever reads more rows than it gives calls one for each.

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

/// How many rows are read between two looks at the clock. A row takes about a microsecond.
const ROWS_BETWEEN: u32 = 64;
/// What the database says of a statement that was ended so.
pub(super) const ENDED: &str = "the statement ran past its limit";

/// When the statement that runs on a connection of SQLite began. Clones are the same watch.
#[derive(Clone)]
pub(super) struct Stopwatch {
    made: Instant,
    /// In microseconds since then.
    began: Arc<AtomicU64>,
}

impl Stopwatch {
    pub(super) fn new() -> Self {
        Self { made: Instant::now(), began: Arc::default() }
    }

    fn microseconds(&self) -> u64 {
        self.made.elapsed().as_micros() as u64
    }

    /// A statement begins now.
    pub(super) fn begin(&self) {
        self.began.store(self.microseconds(), Relaxed);
    }

    /// Has the statements of a connection that ask [`within_limit`] end when they have run for so long.
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

/// What a look at the watch says. Only one of them is a value.
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
        /// Whether the statement may go on: true, or the end of it.
        fn within_limit() -> diesel::sql_types::Bool;
    }
}

/// The condition that a statement may go on, which has to be the first one: those behind it are asked only
/// of rows of which it holds. Nothing on PostgreSQL.
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
