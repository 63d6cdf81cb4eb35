//! Outage of PostgreSQL: reads from memory go on, writes are refused as a whole, and the service recovers by itself.

use std::{net::SocketAddr, sync::Arc};

use graphql::database::{Access, ledger};
use serde_json::json;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

use crate::harness::{
    PATIENCE, SUBMIT, Service, TestDatabase, assert_unavailable, campaign_id, case_to_change, document,
    edition_total, execute, import, readiness, report, server, user_errors, w4r, with,
};

/// A service whose waits are short, so that a test need not wait long for their end.
async fn impatient(fresh: &TestDatabase) -> Service {
    import(fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let bounds = "-c%20lock_timeout%3D200%20-c%20idle_in_transaction_session_timeout%3D300%20";
    Service::on_url(&fresh.url.replace("options=", &format!("options={bounds}"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_too_long_for_another_process_is_answered_with_unavailable() {
    if server().is_none() {
        return;
    }
    let fresh = TestDatabase::migrated().await;
    let service = impatient(&fresh).await;
    let report = report("a-report-behind-a-lock").letters(3).variables(&service.anyone()).await;
    let mut other = fresh.open().connect().await.expect("a connection");
    let (locked, is_locked) = tokio::sync::oneshot::channel();
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let holder = tokio::spawn(async move {
        other
            .transaction(Access::Write, async |connection| {
                let versions = ledger::versions(connection).await?;
                for edition in versions.keys() {
                    ledger::lock(connection, *edition).await?;
                }
                locked.send(()).ok();
                released.await.ok();
                Ok::<_, graphql::database::Error>(())
            })
            .await
    });
    is_locked.await.expect("a lock");
    assert_unavailable(&service.anyone().ask(SUBMIT, report.clone()).await);
    release.send(()).expect("it is held");
    holder.await.expect("no panic").expect("a database");
    assert_eq!(
        service.anyone().payload(SUBMIT, report).await["replayed"],
        false,
        "nothing was done by halves"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stands_still_in_the_middle_of_a_transaction_loses_its_lock() {
    if server().is_none() {
        return;
    }
    let fresh = TestDatabase::migrated().await;
    let service = impatient(&fresh).await;
    let report = report("a-report-behind-a-frozen-process").letters(3).variables(&service.anyone()).await;
    let frozen = service.fresh.open();
    let (locked, is_locked) = tokio::sync::oneshot::channel();
    let standing_still = tokio::spawn(async move {
        let mut connection = frozen.connect().await.expect("a connection");
        connection
            .transaction(Access::Write, async |connection| {
                for edition in ledger::versions(connection).await?.keys() {
                    ledger::lock(connection, *edition).await?;
                }
                locked.send(()).ok();
                std::future::pending::<()>().await;
                Ok::<_, graphql::database::Error>(())
            })
            .await
    });
    is_locked.await.expect("a lock");
    let done = async {
        loop {
            let answer = service.anyone().ask(SUBMIT, report.clone()).await;
            if answer.get("errors").is_none() {
                break answer;
            }
            assert_unavailable(&answer);
        }
    };
    let done = timeout(PATIENCE, done).await.expect("the lock is gone");
    assert_eq!(done["data"]["reportSubmit"]["replayed"], false);
    standing_still.abort();
}

const CLIENTS: usize = 8;
const REPORTS: usize = 400;
const CUTS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_letter_counts_once_while_connections_of_the_server_are_cut() {
    let Some(server) = server() else { return };
    let service = Service::with_2021().await;
    let campaign = campaign_id(&service.anyone(), "ca").await;
    let (acknowledged, mut progress) = watch::channel(0);
    let (unavailable, troubles) = watch::channel(0);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (anyone, campaign) = (service.anyone(), campaign.clone());
            let (acknowledged, unavailable) = (acknowledged.clone(), unavailable.clone());
            tokio::spawn(async move {
                for number in (client..REPORTS).step_by(CLIENTS) {
                    let input = json!({ "campaign": campaign, "idempotencyKey": format!("letters-with-number-{number:04}"),
                        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 2 }] });
                    loop {
                        let answer = anyone.ask(SUBMIT, json!({ "input": input })).await;
                        if answer.get("errors").is_none() {
                            assert_eq!(user_errors(&answer["data"]["reportSubmit"]), [""; 0]);
                            break;
                        }
                        assert_unavailable(&answer);
                        unavailable.send_modify(|number| *number += 1);
                    }
                    acknowledged.send_modify(|number| *number += 1);
                }
            })
        })
        .collect();
    // With the last client the progress ends, also if it ends in trouble.
    drop(acknowledged);
    let name = service.fresh.url.rsplit('=').next().expect("the name of the application");
    let cut =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'");
    for number in 1..=CUTS {
        progress.wait_for(|&done| done >= number * REPORTS / (CUTS + 1)).await.expect("clients");
        execute(&server, &cut).await;
    }
    for client in clients {
        client.await.expect("a client without trouble");
    }
    assert_eq!(edition_total(&service.anyone()).await, json!({ "letters": 2 * REPORTS, "reports": REPORTS }));
    assert!(*troubles.borrow() > 0, "nobody noticed anything: this test cuts nothing");
    let recount = w4r(&service.fresh.url, &["recount"]).await;
    assert_eq!(recount.code, 0, "{recount:?}");
}

/// The way to a server, which can be closed and opened again.
struct Way {
    address: SocketAddr,
    open: Arc<watch::Sender<bool>>,
}

impl Way {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (open, opened) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (server, mut open) = (server.clone(), opened.clone());
                tokio::spawn(async move {
                    if *open.borrow() {
                        let mut server = TcpStream::connect(server).await.expect("the server");
                        tokio::select! {
                            _ = copy_bidirectional(&mut client, &mut server) => {}
                            _ = open.wait_for(|open| !open) => {}
                        }
                    }
                });
            }
        });
        Self { address, open: Arc::new(open) }
    }

    fn close(&self) {
        self.open.send_replace(false);
    }

    fn open(&self) {
        self.open.send_replace(true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_the_service_tells_totals_takes_nothing_and_gives_no_address() {
    if server().is_none() {
        return;
    }
    let fresh = TestDatabase::migrated().await;
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let (scheme, rest) = fresh.url.split_once("://").expect("a URL");
    let (authority, rest) = rest.split_once('/').expect("a URL with a path");
    let (user, host) = authority.rsplit_once('@').unwrap_or(("postgres", authority));
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:5432") };
    let way = Way::to(host).await;
    let url = format!("{scheme}://{user}@{}/{rest}", way.address);
    let service = Service::on_url(&url).await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let done = report("before-the-database-is-gone").letters(3).submit(&anyone).await;
    let owner = service.bearer(done["secret"].as_str().expect("a secret"));
    let lost = report("while-the-database-is-gone").letters(3).variables(&anyone).await;
    let suspend = with(case_to_change(&staff, "sphere").await, json!({ "reason": "Threats." }));
    let address =
        "{ case(edition: 2021, slug: \"rung\") { authorities { address { lines restrictions } } } }";
    let served = async || {
        let data = anyone.data(address, json!({})).await;
        !data["case"]["authorities"][0]["address"].is_null()
    };
    assert!(served().await);
    assert_eq!(readiness(&service).await, (200, "ready\n".to_owned()));

    way.close();
    let not_ready = (503, "the database is out of reach\n".to_owned());
    let noticed = async { while readiness(&service).await != not_ready {} };
    timeout(PATIENCE, noticed).await.expect("it says so itself");
    assert_unavailable(&anyone.ask(SUBMIT, lost.clone()).await);
    assert_unavailable(
        &staff.ask(&document("caseSuspend", "case { state }"), json!({ "input": suspend })).await,
    );
    assert_unavailable(&staff.ask("{ service { name } }", json!({})).await);
    let seen = json!({ "id": done["report"]["id"] });
    let query = "query($id: ID!) { report(id: $id) { state } edition(year: 2021) { total { letters } } }";
    let answer = owner.ask(query, seen.clone()).await;
    assert_unavailable(&answer);
    assert_eq!(
        answer["data"]["edition"]["total"]["letters"], 3,
        "what is known is told beside it: {answer:#}"
    );
    let past = "{ edition(year: 2021) { totalAt(instant: \"2021-12-24T00:00:00Z\") { letters } } }";
    assert_unavailable(&anyone.ask(past, json!({})).await);
    assert_eq!(edition_total(&anyone).await, json!({ "letters": 3, "reports": 1 }));
    let withheld = async { while served().await {} };
    timeout(PATIENCE, withheld).await.expect("nobody knows here whether a case has been suspended elsewhere");

    assert_eq!(readiness(&service).await, not_ready);

    way.open();
    let served_again = async { while !served().await {} };
    timeout(PATIENCE, served_again).await.expect("the database is there again");
    // A heartbeat finds out that it can be written to, too.
    let ready = async { while readiness(&service).await != (200, "ready\n".to_owned()) {} };
    timeout(PATIENCE, ready).await.expect("it says so itself");
    let taken = anyone.payload(SUBMIT, lost).await;
    assert_eq!(
        (&taken["replayed"], &taken["version"]),
        (&json!(false), &json!(2)),
        "nothing was done by halves"
    );
    assert_eq!(owner.data(query, seen).await["report"]["state"], "ACCEPTED");
    let suspended = staff.change("caseSuspend", "case { state }", suspend).await;
    assert_eq!(suspended["case"]["state"], "SUSPENDED", "{suspended:#}");
    drop(fresh);
}
