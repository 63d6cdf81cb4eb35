//! A database that is not there, too new, locked, full or gone in the middle of things: the service
//! says so, does nothing by halves, and works again afterwards.

use std::{net::SocketAddr, process::Stdio, sync::Arc};

use diesel::connection::{Connection, SimpleConnection};
use graphql::database::migrations::{self, Towards};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    sync::watch,
    time::timeout,
};
use uuid::Uuid;

use crate::harness::{
    Client, Fresh, PATIENCE, SUBMIT, Service, campaign_id, case_to_change, document, execute, import,
    import_open_now, number, run_sql, user_errors, w4r, with,
};

/// The PostgreSQL server that the tests were given, if they were.
fn server() -> Option<String> {
    let server = std::env::var("TEST_DATABASE_URL").ok().filter(|server| !server.is_empty());
    if server.is_none() {
        eprintln!("not run: this needs PostgreSQL in TEST_DATABASE_URL");
    }
    server
}

/// That the answer says "not now", when to come back and under which number it is in the log, and
/// nothing of what went wrong inside.
#[track_caller]
fn assert_unavailable(answer: &Value) {
    let error = &answer["errors"][0];
    let extensions = &error["extensions"];
    assert_eq!(extensions["code"], "UNAVAILABLE", "{answer:#}");
    assert!(
        extensions["retryAfter"].as_u64().is_some_and(|seconds| (1..60).contains(&seconds)),
        "{answer:#}"
    );
    let reference = extensions["reference"].as_str().expect("a reference");
    assert!(Uuid::try_parse(reference).is_ok(), "{reference}");
    assert_eq!(error["message"], "The service cannot do this at the moment. Please try again.");
}

async fn letters(client: &Client, key: &str) -> Value {
    let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": 3 }]);
    json!({ "input": { "campaign": campaign_id(client, "ca").await, "idempotencyKey": key, "lines": lines } })
}

async fn edition_total(client: &Client) -> Value {
    let data = client.data("{ edition(year: 2021) { total { letters reports } } }", json!({})).await;
    data["edition"]["total"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_told_in_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let edition = folder.path().join("edition.json");
    std::fs::write(&edition, r#"{ "edition": { "year": 2019 } }"#).expect("a file");
    let edition = edition.to_str().expect("a path of text");
    let nowhere = format!("sqlite:{}/no/such/folder/w4r.db", folder.path().display());
    let a_folder = format!("sqlite:{}", folder.path().display());
    // Nobody listens where somebody has just stopped.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let silent = format!("postgres://w4r:secret-of-the-database@{silent}/w4r");
    for url in [&nowhere, &a_folder, &silent] {
        for arguments in [
            ["key", "list"].as_slice(),
            &["import", edition],
            &["recount"],
            &["serve", "--listen=127.0.0.1:0"],
        ] {
            let said = w4r(url, arguments).await;
            assert_eq!((said.code, said.out.as_str()), (1, ""), "{url} {arguments:?}: {said:?}");
            assert!(said.err.starts_with("w4r: the database is not available: "), "{said:?}");
            assert_eq!(said.err.lines().count(), 1, "{said:?}");
            assert!(!said.err.contains("secret-of-the-database"), "{said:?}");
        }
    }
    let garbage = folder.path().join("garbage.db");
    std::fs::write(&garbage, "This is a letter and no database. ".repeat(100)).expect("a file");
    let said = w4r(&format!("sqlite:{}", garbage.display()), &["key", "list"]).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(said.err.starts_with("w4r: the database does not understand: "), "{said:?}");
    let kept = std::fs::read_to_string(&garbage).expect("it is there still");
    assert!(kept.starts_with("This is a letter"), "what is no database of ours is left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_left_alone() {
    let fresh = Fresh::database().await;
    run_sql(&fresh.url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')").await;
    for arguments in [
        ["key", "create", "Ada"].as_slice(),
        &["key", "list"],
        &["recount"],
        &["recount", "--repair"],
        &["serve", "--listen=127.0.0.1:0"],
    ] {
        let said = w4r(&fresh.url, arguments).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{arguments:?}: {said:?}");
        assert!(said.err.contains("newer version of w4r") && said.err.contains("29990101000000"), "{said:?}");
    }
    assert_eq!(number(&fresh.url, "SELECT COUNT(*) AS number FROM keys").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_another_process_holds_the_file_everything_is_read_and_nothing_is_lost() {
    let fresh = Fresh::file();
    migrations::run(&fresh.url, Towards::Newest).await.expect("tables");
    import(&fresh, include_str!("../graphql/data/edition-2021.json")).await;
    let service = Service::on(fresh).await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let url = service.fresh.url.clone();
    let path = url.strip_prefix("sqlite:").expect("a file").to_owned();
    let report = letters(&anyone, "while-the-file-is-locked").await;
    let suspend = with(case_to_change(&staff, "rung").await, json!({ "reason": "Threats." }));
    let mut holder = diesel::SqliteConnection::establish(&path).expect("a connection");
    // The service may be writing the result of its first recount.
    holder.batch_execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE").expect("a lock");

    let command = tokio::spawn(async move { w4r(&url, &["key", "create", "Ada"]).await });
    let asked = tokio::spawn({
        let (anyone, report) = (anyone.clone(), report.clone());
        async move { anyone.ask(SUBMIT, report).await }
    });
    // What is read waits for nobody.
    while !asked.is_finished() {
        assert_eq!(edition_total(&anyone).await, json!({ "letters": 0, "reports": 0 }));
        let query = "{ edition(year: 2021) { totalAt(instant: \"2021-12-24T00:00:00Z\") { letters } } }";
        assert_eq!(staff.data(query, json!({})).await["edition"]["totalAt"], Value::Null);
    }
    assert_unavailable(&asked.await.expect("no panic"));
    let said = command.await.expect("no panic");
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert_eq!(said.err, "w4r: the database is not available: database is locked\n");

    holder.batch_execute("ROLLBACK").expect("the lock's end");
    let done = anyone.payload(SUBMIT, report).await;
    assert_eq!(
        (&done["replayed"], &done["version"]),
        (&json!(false), &json!(1)),
        "it had not been done before"
    );
    let suspended = staff.change("caseSuspend", "case { state }", suspend).await;
    assert_eq!(suspended["case"]["state"], "SUSPENDED", "{suspended:#}");
    assert_eq!(edition_total(&anyone).await, json!({ "letters": 3, "reports": 1 }));
    assert_eq!(w4r(&service.fresh.url, &["recount"]).await.code, 0);
}

/// The executable, serving with files that may not grow beyond so many blocks of 512 bytes: to
/// SQLite that is a disk that is full.
async fn start_on_a_small_disk(url: &str, blocks: u32) -> (Child, Client) {
    let mut child = Command::new("sh")
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" serve --listen 127.0.0.1:0")])
        .arg(env!("CARGO_BIN_EXE_w4r"))
        .env("DATABASE_URL", url)
        .env("RUST_LOG", "off")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the executable");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let line = timeout(PATIENCE, lines.next_line()).await.expect("in time").expect("a line").expect("a line");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    let address: SocketAddr = address.parse().expect("an address");
    (child, Client::to(address))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_takes_no_letter_by_halves_and_those_before_are_there_when_it_has_room_again() {
    let fresh = Fresh::file();
    migrations::run(&fresh.url, Towards::Newest).await.expect("tables");
    let campaign = import_open_now(&fresh).await;
    let submit = async |client: &Client, number: usize| {
        let input = json!({ "campaign": campaign, "idempotencyKey": format!("a-letter-with-a-number-{number:04}"),
            "lines": [{ "kind": "APPEAL_LETTER", "quantity": 1 }], "note": "a long story ".repeat(500) });
        client.ask(SUBMIT, json!({ "input": input })).await
    };
    let (mut child, client) = start_on_a_small_disk(&fresh.url, 4096).await;
    let (mut taken, mut refused, mut in_a_row) = (Vec::new(), Vec::new(), 0);
    // The log in front of the database is full first, and is emptied into it a few times.
    for number in 0.. {
        assert!(number < 2_000, "two megabytes hold less than that");
        let answer = submit(&client, number).await;
        if answer.get("errors").is_some() {
            assert_unavailable(&answer);
            refused.push(number);
            in_a_row += 1;
        } else {
            assert_eq!(answer["data"]["reportSubmit"]["replayed"], false, "{answer:#}");
            taken.push(number);
            in_a_row = 0;
        }
        if in_a_row == 5 {
            break;
        }
    }
    assert!(taken.len() > 20, "{} were taken", taken.len());
    let all_of_them = json!({ "letters": taken.len(), "reports": taken.len() });
    assert_eq!(edition_total(&client).await, all_of_them, "what is known is told still");
    child.kill().await.expect("its end");

    let (_child, address) = crate::killed::start(&fresh.url, "127.0.0.1:0").await;
    let client = Client::to(address.parse().expect("an address"));
    assert_eq!(edition_total(&client).await, all_of_them);
    for (numbers, replayed) in [(&refused, false), (&taken, true)] {
        for &number in numbers {
            let again = submit(&client, number).await;
            assert_eq!(again["data"]["reportSubmit"]["replayed"], replayed, "{number}: {again:#}");
        }
    }
    let everybody = taken.len() + refused.len();
    assert_eq!(edition_total(&client).await, json!({ "letters": everybody, "reports": everybody }));
    let recount = w4r(&fresh.url, &["recount"]).await;
    assert_eq!(recount.code, 0, "{recount:?}");
}

const CLIENTS: usize = 8;
const REPORTS: usize = 400;
const CUTS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_letter_counts_once_though_the_servers_connections_are_cut_again_and_again() {
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
    let fresh = Fresh::database().await;
    import(&fresh, include_str!("../graphql/data/edition-2021.json")).await;
    let (scheme, rest) = fresh.url.split_once("://").expect("a URL");
    let (authority, rest) = rest.split_once('/').expect("a URL with a path");
    let (user, host) = authority.rsplit_once('@').unwrap_or(("postgres", authority));
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:5432") };
    let way = Way::to(host).await;
    let url = format!("{scheme}://{user}@{}/{rest}", way.address);
    let service = Service::on_url(&url).await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let report = letters(&anyone, "before-the-database-is-gone").await;
    let done = anyone.payload(SUBMIT, report).await;
    let owner = service.bearer(done["secret"].as_str().expect("a secret"));
    let lost = letters(&anyone, "while-the-database-is-gone").await;
    let suspend = with(case_to_change(&staff, "sphere").await, json!({ "reason": "Threats." }));
    let address =
        "{ case(edition: 2021, slug: \"rung\") { authorities { address { lines restrictions } } } }";
    let served = async || {
        let data = anyone.data(address, json!({})).await;
        !data["case"]["authorities"][0]["address"].is_null()
    };
    assert!(served().await);

    way.close();
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

    way.open();
    let served_again = async { while !served().await {} };
    timeout(PATIENCE, served_again).await.expect("the database is there again");
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
