//! The tables: made by whoever comes first, and never by a binary that is too old.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use graphql::database::migrations::{MigrationError, Towards, run};

use crate::harness::Fresh;

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_go_up_and_down_and_up_again() {
    let fresh = Fresh::without_tables().await;
    for towards in [Towards::Newest, Towards::Newest, Towards::Nothing, Towards::Nothing, Towards::Newest] {
        run(&fresh.url, towards).await.unwrap_or_else(|error| panic!("{towards:?}: {error:?}"));
    }
    let mut connection = fresh.open().connect().await.expect("a connection");
    let revision = graphql::database::catalogue::revision(&mut connection).await.expect("a table");
    assert_eq!(revision, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_together_make_the_tables_once() {
    let fresh = Fresh::without_tables().await;
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let url = fresh.url.clone();
            tokio::spawn(async move { run(&url, Towards::Newest).await })
        })
        .collect();
    for process in starting {
        process.await.expect("no panic").unwrap_or_else(|error| panic!("{error:?}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_binary_is_refused() {
    let fresh = Fresh::database().await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
    match fresh.url.strip_prefix("sqlite:") {
        Some(file) => {
            use diesel::{Connection, connection::SimpleConnection};
            let mut connection = diesel::SqliteConnection::establish(file).expect("a connection");
            connection.batch_execute(newer).expect("a row");
        }
        None => {
            let mut connection = AsyncPgConnection::establish(&fresh.url).await.expect("a connection");
            connection.batch_execute(newer).await.expect("a row");
        }
    }
    match run(&fresh.url, Towards::Newest).await {
        Err(MigrationError::Newer(step)) => assert_eq!(step, "29990101000000"),
        other => panic!("{other:?}"),
    }
}
