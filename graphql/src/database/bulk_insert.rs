//! Many rows at once, by statements that stay the same however many there are.
//!
//! With a value for each column of each row, a statement of PostgreSQL would be another one for each number
//! of rows, to be read and planned anew every time; that takes the server longer than to insert them. So it
//! is given the rows as columns, each of which is one array. SQLite runs a prepared statement again and
//! again, once for each row. Diesel's own inserts are not kept prepared where a row may be there already.

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
    /// The table, and its columns in the order in which they are given.
    const INTO: &'static str;
    /// What becomes of a row whose key is there already; an error, if this is empty.
    const ON_CONFLICT: &'static str;

    /// The columns.
    fn columns(rows: &[Self]) -> Vec<Column<'_>>;

    /// Writes the values of this row.
    fn values<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
}

/// Says of a kind of row which table it is of, and which fields it has, named like the columns; and, if a
/// row may be there already, what becomes of it then.
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

                // Each of its fields, or this is an error.
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

/// Inserts rows into PostgreSQL; none of them, if that is what there is.
pub(super) fn insert<R: BulkInsert>(rows: &[R]) -> InsertMany<'_, R> {
    InsertMany { columns: R::columns(rows), rows: PhantomData }
}

/// Inserts a row into SQLite.
pub(super) const fn insert_one<R: BulkInsert>(row: &R) -> InsertRow<'_, R> {
    InsertRow(row)
}

/// The statement of PostgreSQL.
pub(super) struct InsertMany<'r, R> {
    columns: Vec<Column<'r>>,
    rows: PhantomData<fn(R)>,
}

/// The statement of SQLite.
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

// The text depends on the kind of row alone.

impl<R: BulkInsert> QueryId for InsertMany<'_, R> {
    type QueryId = InsertMany<'static, R>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<R: BulkInsert> QueryId for InsertRow<'_, R> {
    type QueryId = InsertRow<'static, R>;

    const HAS_STATIC_QUERY_ID: bool = true;
}
