//! Bulk inserts by statements whose text does not depend on the number of rows.
//!
//! With one parameter for each column of each row, PostgreSQL would get another statement for each
//! number of rows, to be parsed and planned every time, which takes longer than the insertion. So each
//! column is passed as one array (`UNNEST`). SQLite runs one prepared statement for each row. Diesel
//! does not cache its own statements for inserts with a conflict clause.

use std::marker::PhantomData;

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    sqlite::Sqlite,
};

/// One column of many rows.
pub(super) type Column<'r> = Box<dyn QueryFragment<Pg> + Send + 'r>;

/// Rows of one table.
pub(super) trait BulkInsert: Sized + 'static {
    /// The table, and its columns in order.
    const INTO: &'static str;
    /// The conflict clause for a row whose key exists; if empty, that is an error.
    const ON_CONFLICT: &'static str;

    /// The columns.
    fn columns(rows: &[Self]) -> Vec<Column<'_>>;

    /// Writes the values of this row.
    fn values<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
}

/// Implements [`BulkInsert`] for a kind of row: its table, its fields, which are named like the
/// columns, and optionally its conflict clause.
macro_rules! bulk_insert {
    ($row:ty, $table:ident, $first:ident $(, $column:ident)* $(; $on_conflict:literal)?) => {
        impl $crate::database::bulk_insert::BulkInsert for $row {
            const INTO: &'static str = concat!(
                stringify!($table), " (", stringify!($first), $(", ", stringify!($column),)* ")"
            );
            const ON_CONFLICT: &'static str = concat!($($on_conflict)?);

            fn columns(rows: &[Self]) -> Vec<$crate::database::bulk_insert::Column<'_>> {
                use diesel::{expression::{AsExpression, Expression}, sql_types::Array};

                macro_rules! column {
                    ($name:ident) => {{
                        type Entries = Array<<$table::$name as Expression>::SqlType>;
                        let column: Vec<_> = rows.iter().map(|row| &row.$name).collect();
                        Box::new(AsExpression::<Entries>::as_expression(column))
                    }};
                }
                vec![column!($first), $(column!($column),)*]
            }

            fn values<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, diesel::sqlite::Sqlite>,
            ) -> diesel::QueryResult<()> {
                use diesel::expression::Expression;

                // A missing field is a compile error.
                let Self { $first, $($column),* } = self;
                out.push_bind_param::<<$table::$first as Expression>::SqlType, _>($first)?;
                $(
                    out.push_sql(", ");
                    out.push_bind_param::<<$table::$column as Expression>::SqlType, _>($column)?;
                )*
                Ok(())
            }
        }
    };
}
pub(super) use bulk_insert;

/// Inserts rows into PostgreSQL; no row is fine.
pub(super) fn insert<R: BulkInsert>(rows: &[R]) -> InsertMany<'_, R> {
    InsertMany { columns: R::columns(rows), rows: PhantomData }
}

/// Inserts a row into SQLite.
pub(super) const fn insert_one<R: BulkInsert>(row: &R) -> InsertRow<'_, R> {
    InsertRow(row)
}

/// The statement for PostgreSQL.
pub(super) struct InsertMany<'r, R> {
    columns: Vec<Column<'r>>,
    rows: PhantomData<fn(R)>,
}

/// The statement for SQLite.
pub(super) struct InsertRow<'r, R>(&'r R);

impl<R: BulkInsert> QueryFragment<Pg> for InsertMany<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        out.push_sql(R::INTO);
        out.push_sql(" SELECT * FROM unnest(");
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                out.push_sql(", ");
            }
            column.walk_ast(out.reborrow())?;
        }
        out.push_sql(") ");
        out.push_sql(R::ON_CONFLICT);
        Ok(())
    }
}

impl<R: BulkInsert> QueryFragment<Sqlite> for InsertRow<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        out.push_sql(R::INTO);
        out.push_sql(" VALUES (");
        self.0.values(out.reborrow())?;
        out.push_sql(") ");
        out.push_sql(R::ON_CONFLICT);
        Ok(())
    }
}

// The text depends only on the type of the row.

impl<R: BulkInsert> QueryId for InsertMany<'_, R> {
    type QueryId = InsertMany<'static, R>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<R: BulkInsert> QueryId for InsertRow<'_, R> {
    type QueryId = InsertRow<'static, R>;

    const HAS_STATIC_QUERY_ID: bool = true;
}
