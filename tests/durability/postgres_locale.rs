//! A PostgreSQL server whose messages are not in English.

use graphql::database::{Access, ledger};
use tokio_postgres::NoTls;

use crate::harness::{
    SUBMIT, Service, TestDatabase, assert_unavailable, execute, import, postgres::Cluster, report,
};

/// The words in which a server says that nothing can be divided by nothing.
async fn said(url: &str) -> String {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    let error = client.batch_execute("SELECT 1 / 0").await.expect_err("it cannot");
    error.as_db_error().expect("an error of the server").message().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_too_long_is_answered_with_unavailable_in_any_locale_of_the_server() {
    let Some(cluster) = Cluster::speaking("de") else { return };
    assert_eq!(said(&cluster.url()).await, "Division durch Null", "so that this test says something");
    for statement in [
        "CREATE ROLE humble LOGIN",
        "ALTER ROLE humble SET lc_messages = 'C'",
        "CREATE DATABASE humble OWNER humble",
    ] {
        execute(&cluster.url(), statement).await;
    }
    let humble = cluster.url().replace("postgres@", "humble@").replace("/postgres", "/humble");
    // The first may choose the language, and for the other it was chosen.
    for url in [cluster.url(), humble] {
        let url = format!("{url}?options=-c%20lock_timeout%3D200");
        let fresh = TestDatabase::at(url);
        let newest = graphql::database::migrations::MigrationTarget::Latest;
        graphql::database::migrations::run(&fresh.url, newest).await.expect("tables");
        import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
        let service = Service::on(fresh).await;
        let report = report("a-report-behind-a-lock").letters(3).variables(&service.anyone()).await;
        let mut other = service.fresh.open().connect().await.expect("a connection");
        other
            .transaction(Access::Write, async |connection| {
                for edition in ledger::versions(connection).await?.keys() {
                    ledger::lock(connection, *edition).await?;
                }
                assert_unavailable(&service.anyone().ask(SUBMIT, report.clone()).await);
                Ok::<_, graphql::database::Error>(())
            })
            .await
            .expect("a database");
    }
}
