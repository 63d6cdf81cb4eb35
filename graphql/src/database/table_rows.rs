//! The rows of whole tables in a form that does not depend on the database: each row is a JSON array.
//!
//! An id is a text of 32 hexadecimal digits, an instant the microseconds since 1970, a yes or no is 1 or 0.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::Value;

use super::{
    Access, Connection, Error, Inner,
    table_list::{Column, ColumnKind, Table},
    with_backend,
};

/// How many rows are read by one statement: a few hundred kilobytes.
const PAGE_SIZE: usize = 200;
/// The name of the cursor on PostgreSQL.
const CURSOR: &str = "rows_of_a_table";

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The number that a statement selects as `number`.
async fn number(connection: &mut Connection, sql: String) -> Result<i64, Error> {
    Ok(with_backend!(connection, c => sql_query(sql).get_result::<Number>(c).await)?.number)
}

/// The applied migrations, in their order.
///
/// # Errors
/// A database error.
pub async fn applied(connection: &mut Connection) -> Result<Vec<String>, Error> {
    let sql = "SELECT version AS name FROM __diesel_schema_migrations ORDER BY version";
    let names = with_backend!(connection, c => sql_query(sql).load::<Name>(c).await)?;
    Ok(names.into_iter().map(|row| row.name).collect())
}

/// How many rows a table has.
///
/// # Errors
/// A database error.
pub async fn count(connection: &mut Connection, table: &Table) -> Result<u64, Error> {
    let count = number(connection, format!("SELECT COUNT(*) AS number FROM {}", table.name)).await?;
    Ok(count.unsigned_abs())
}

/// Reads all rows of a table, some at a time, inside the transaction that is running. `each` is given every row.
///
/// # Errors
/// A database error, or that of `each`.
pub async fn read<E: From<Error>>(
    connection: &mut Connection,
    table: &Table,
    mut each: impl FnMut(Vec<Value>) -> Result<(), E>,
) -> Result<(), E> {
    let is_sqlite = matches!(connection.inner(), Inner::Sqlite(_));
    let columns: Vec<_> = table.columns.iter().map(|column| as_json(column, is_sqlite)).collect();
    let (columns, name) = (columns.join(", "), &table.name);
    if !is_sqlite {
        let declare = format!(
            "DECLARE {CURSOR} NO SCROLL CURSOR FOR
            SELECT 0::bigint AS place, json_build_array({columns})::text AS line FROM {name}"
        );
        execute(connection, &declare).await?;
    }
    let mut last = i64::MIN;
    loop {
        let sql = if is_sqlite {
            format!(
                "SELECT rowid AS place, json_array({columns}) AS line FROM {name}
                WHERE rowid > {last} ORDER BY rowid LIMIT {PAGE_SIZE}"
            )
        } else {
            format!("FETCH FORWARD {PAGE_SIZE} FROM {CURSOR}")
        };
        let page =
            with_backend!(connection, c => sql_query(sql).load::<Line>(c).await).map_err(Error::from)?;
        for Line { place, line } in &page {
            last = *place;
            let row =
                serde_json::from_str(line).map_err(|error| Error::broken(format!("{name}: {error}")))?;
            each(row)?;
        }
        if page.len() < PAGE_SIZE {
            break;
        }
    }
    if !is_sqlite {
        execute(connection, &format!("CLOSE {CURSOR}")).await?;
    }
    Ok(())
}

/// Begins the transaction in which all tables are filled, and empties them: migrations have inserted some rows. If the
/// connection is dropped before [`commit`], nothing was done.
///
/// # Errors
/// A database error.
pub async fn begin(connection: &mut Connection, tables: &[Table]) -> Result<(), Error> {
    // Which version may write is not looked up: the tables may be those of a version that does not say it.
    connection.begin(Access::Write).await?;
    for table in tables.iter().rev() {
        execute(connection, &format!("DELETE FROM {}", table.name)).await?;
    }
    Ok(())
}

/// Inserts rows into a table, given as a JSON array of them.
///
/// # Errors
/// A database error: a value of another type, a key that exists, or a foreign key that leads nowhere.
pub async fn insert(connection: &mut Connection, table: &Table, rows: String) -> Result<(), Error> {
    let is_sqlite = matches!(connection.inner(), Inner::Sqlite(_));
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<_> =
        table.columns.iter().enumerate().map(|(index, column)| from_json(column, index, is_sqlite)).collect();
    let rows_in = if is_sqlite { "json_each(?)" } else { "json_array_elements($1::json) AS given(value)" };
    let sql = format!(
        "INSERT INTO {} ({}) SELECT {} FROM {rows_in}",
        table.name,
        names.join(", "),
        values.join(", ")
    );
    with_backend!(connection, c => sql_query(sql).bind::<Text, _>(rows).execute(c).await)?;
    Ok(())
}

/// Commits what [`begin`] has begun.
///
/// # Errors
/// A database error.
pub async fn commit(connection: &mut Connection) -> Result<(), Error> {
    connection.commit().await
}

async fn execute(connection: &mut Connection, sql: &str) -> Result<(), Error> {
    Ok(with_backend!(connection, c => c.batch_execute(sql).await)?)
}

/// The value of a column as an argument of a function that makes a JSON array.
fn as_json(Column { name, kind }: &Column, is_sqlite: bool) -> String {
    match (kind, is_sqlite) {
        (ColumnKind::Uuid, true) => format!("CASE WHEN {name} IS NOT NULL THEN lower(hex({name})) END"),
        (ColumnKind::Uuid, false) => format!("replace({name}::text, '-', '')"),
        // Exact in all versions: before PostgreSQL 14 all seconds with their fraction would be one floating-point
        // number.
        (ColumnKind::Instant, false) => format!(
            "extract(epoch FROM date_trunc('second', {name}))::bigint * 1000000
            + extract(microseconds FROM {name})::bigint % 1000000"
        ),
        (ColumnKind::Boolean, false) => format!("{name}::integer"),
        _ => name.clone(),
    }
}

/// The value of a column from the element of a JSON array.
fn from_json(Column { kind, .. }: &Column, index: usize, is_sqlite: bool) -> String {
    let element = format!("(value ->> {index})");
    match (kind, is_sqlite) {
        (ColumnKind::Uuid, true) => format!("unhex{element}"),
        (_, true) | (ColumnKind::Text, false) => element,
        (ColumnKind::Uuid, false) => format!("{element}::uuid"),
        // Seconds and microseconds apart: an interval is multiplied by a floating-point number.
        (ColumnKind::Instant, false) => format!(
            "timestamptz 'epoch' + {element}::bigint / 1000000 * interval '1 second'
            + {element}::bigint % 1000000 * interval '1 microsecond'"
        ),
        (ColumnKind::Integer, false) => format!("{element}::bigint"),
        (ColumnKind::Boolean, false) => format!("{element}::integer::boolean"),
    }
}
