//! Bare inserts into PostgreSQL: each group is one statement, so that it is one message there, one
//! commit, and one message back.

use tokio_postgres::{Client, NoTls, Statement};

use super::inserts::{self, PLACE, Report, TABLES};

const INSERT: &str = "
    WITH report AS (
        INSERT INTO reports
        SELECT id::uuid, 1, $1::text::uuid, $1::text::uuid, $1::text::uuid, 'ACCEPTED', 'INDIVIDUAL', 'WRITER',
            'CA', lines, $2, secret
        FROM unnest($3::text[], $4::text[], $5::text[]) AS given (id, lines, secret)
    ), key AS (
        INSERT INTO keys
        SELECT key, fingerprint, id::uuid, 1
        FROM unnest($3::text[], $6::text[], $7::text[]) AS given (id, key, fingerprint)
    ), cell AS (
        INSERT INTO cells
        SELECT $1::text::uuid, $1::text::uuid, 'CA', '', cell::uuid, 'APPEAL_LETTER', 'INDIVIDUAL', 9
        FROM unnest($8::text[]) AS given (cell)
        ON CONFLICT (edition, section, country, region, \"case\", kind, channel)
            DO UPDATE SET quantity = cells.quantity + excluded.quantity
    )
    INSERT INTO versions VALUES ($1::text::uuid, $2, $2)";

pub(super) fn serve(url: &str, group: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (client, statement) = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a database");
        tokio::spawn(connection);
        client.batch_execute(TABLES).await.expect("tables");
        let statement = client.prepare(INSERT).await.expect("a statement");
        (client, statement)
    });
    let mut version = 0;
    inserts::serve(group, |reports| {
        version += 1;
        runtime.block_on(insert(&client, &statement, reports, version)).expect("a commit");
    });
}

async fn insert(
    client: &Client,
    statement: &Statement,
    reports: Vec<Report>,
    version: i64,
) -> Result<u64, tokio_postgres::Error> {
    let cells: Vec<_> = inserts::cells(reports.len()).map(|cell| cell.to_string()).collect();
    let (mut ids, mut lines, mut secrets, mut keys, mut fingerprints) =
        (vec![], vec![], vec![], vec![], vec![]);
    for report in reports {
        ids.push(report.id.to_string());
        lines.push(report.lines);
        secrets.push(report.secret);
        keys.push(report.key);
        fingerprints.push(report.fingerprint);
    }
    let place = PLACE.to_string();
    client.execute(statement, &[&place, &version, &ids, &lines, &secrets, &keys, &fingerprints, &cells]).await
}
