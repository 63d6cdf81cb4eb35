//! Deliveries with an unknown result: a folder gets the file again, a mail to a server waits for staff.

use std::process::Stdio;

use domain::Language;
use graphql::{
    database::outbox::{self, NoticeState, Outgoing},
    mail::notice::Notice,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::{
    process::{Child, Command},
    sync::watch,
    time::timeout,
};
use uuid::Uuid;

use crate::harness::{
    Client, PATIENCE, Service, TestDatabase, TestMailbox, assert_done, at, import,
    mail_server::{MailServer, Moment, Whim},
    mail_settings, number,
    outbox::count,
    people::{register, secret_in},
    run_sql, user_errors,
};

const OUTBOX: &str = "{ outbox { waiting uncertain uncertainNotices(first: 5) {
    nodes { id kind to language enqueuedAt uncertainSince lastError attempts } pageInfo { hasNextPage } } } }";

/// Starts the executable, whose mail goes this way.
fn serve(fresh: &TestDatabase, way: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_w4r"))
        .args(["serve", "--listen", "127.0.0.1:0", "--database", &fresh.url])
        .args(["--mail-url", way, "--mail-from", "post@w4r.example"])
        .env("RUST_LOG", "error")
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the executable")
}

async fn put(fresh: &TestDatabase, id: Uuid, to: &str) {
    let notice = Notice::ParticipantRegistered { secret: format!("w4r_participant_{}", id.simple()) };
    let outgoing = Outgoing {
        key: to,
        subject: None,
        to: &domain::EmailAddress::parse(to).expect("an address"),
        language: &Language::parse("en").expect("a language"),
        notice: &notice,
        enqueued_at: at("2021-12-01T12:00:00Z"),
    };
    let mut connection = fresh.open().connect().await.expect("a connection");
    assert!(outbox::enqueue(&mut connection, id, &outgoing, NoticeState::Pending).await.expect("an outbox"));
}

async fn wait_for(fresh: &TestDatabase, state: &str, number: i64) {
    let reaching = async {
        while count(fresh, state).await != number {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, reaching).await.unwrap_or_else(|_| panic!("{number} notices are not {state} in time"));
}

/// As if the leases of all senders had run out.
async fn minutes_later(fresh: &TestDatabase) {
    run_sql(&fresh.url, "UPDATE outbox SET next_attempt_at = enqueued_at WHERE ended_at IS NULL").await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_a_killed_process_was_writing_is_written_by_the_next() {
    let (fresh, mailbox) = (TestDatabase::migrated().await, TestMailbox::default());
    let folder = mailbox.path().to_str().expect("a path of text").to_owned();
    let way = format!("folder:{folder}");
    let [first, stuck] = [1, 2].map(Uuid::from_u128);
    put(&fresh, first, "rosa@example.org").await;
    let mut killed = serve(&fresh, &way);
    wait_for(&fresh, "SENT", 1).await;
    // A process that opens this to write waits until somebody reads.
    let pipe = format!("{folder}/.{}.part", stuck.simple());
    assert!(Command::new("mkfifo").arg(&pipe).status().await.expect("mkfifo").success());
    put(&fresh, stuck, "moses@example.org").await;
    wait_for(&fresh, "SENDING", 1).await;
    killed.kill().await.expect("kill -9");
    assert_eq!(count(&fresh, "SENDING").await, 1, "nobody knows of it but the database");
    std::fs::remove_file(&pipe).expect("a file");
    minutes_later(&fresh).await;
    let mut next = serve(&fresh, &way);
    wait_for(&fresh, "SENT", 2).await;
    let messages = mailbox.messages();
    assert_eq!(messages.len(), 2, "{messages:#?}");
    assert!(messages.iter().any(|message| message.contains("To: moses@example.org")), "{messages:#?}");
    assert_eq!(count(&fresh, "UNCERTAIN").await, 0);
    next.kill().await.expect("its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_a_killed_process_was_sending_is_uncertain_and_resent_by_staff_only() {
    let server = MailServer::start().await;
    let fresh = TestDatabase::migrated().await;
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let (_go_on, waiting) = watch::channel(false);
    server.whim(Moment::Content, Whim::Wait(waiting)).await;
    let id = Uuid::from_u128(1);
    put(&fresh, id, "rosa@example.org").await;
    let mut killed = serve(&fresh, &server.url());
    server.reached(Moment::Content, 1).await;
    killed.kill().await.expect("kill -9");
    assert_eq!(count(&fresh, "SENDING").await, 1);
    minutes_later(&fresh).await;

    let service = Service::mailing(fresh, TestMailbox::default(), mail_settings(&server.url())).await;
    service.clock.set(at("2021-12-01T12:30:00Z"));
    wait_for(&service.fresh, "UNCERTAIN", 1).await;
    let staff = service.administrator();
    let told = staff.data(OUTBOX, json!({})).await;
    assert!(!told.to_string().contains("w4r_participant_"), "{told:#}");
    assert_eq!((&told["outbox"]["waiting"], &told["outbox"]["uncertain"]), (&json!(0), &json!(1)));
    let notice = &told["outbox"]["uncertainNotices"]["nodes"][0];
    let expected = json!({ "id": notice["id"], "kind": "PARTICIPANT_REGISTERED", "to": "rosa@example.org",
        "language": "en", "enqueuedAt": "2021-12-01T12:00:00Z", "uncertainSince": notice["uncertainSince"],
        "lastError": null, "attempts": 1 });
    assert_eq!(*notice, expected);
    let ids = json!({ "ids": [notice["id"]] });
    for (client, code) in [(service.anyone(), "UNAUTHENTICATED"), (service.staff_of("ca").await, "FORBIDDEN")]
    {
        assert_eq!(client.fault(OUTBOX, json!({})).await, code);
        let document = crate::harness::document("noticeResend", "ids");
        assert_eq!(client.fault(&document, json!({ "input": ids })).await, code);
    }

    // Two of staff at the same moment send it once.
    let resend = async |client: Client| client.change("noticeResend", "ids", ids.clone()).await;
    let fresh = TestDatabase::at(service.fresh.url.clone());
    let other = Service::mailing(fresh, TestMailbox::default(), mail_settings(&server.url())).await;
    let both = [resend(staff.clone()), resend(other.administrator())];
    let both: Vec<Value> = futures_util::future::join_all(both).await;
    let done = both.iter().filter(|payload| user_errors(payload).is_empty()).count();
    let refused = both.iter().filter(|payload| user_errors(payload) == ["ids.0 NOT_FOUND"]).count();
    assert_eq!((done, refused), (1, 1), "{both:#?}");
    assert_eq!(server.taken(1).await[0].to, "rosa@example.org");
    wait_for(&service.fresh, "SENT", 1).await;
    let noted =
        "SELECT COUNT(*) AS number FROM audit_log WHERE action = 'noticeResend' AND key_id IS NOT NULL";
    assert_eq!(number(&service.fresh.url, noted).await, 1);
    let kept = "SELECT COUNT(*) AS number FROM outbox WHERE content IS NOT NULL OR recipient IS NOT NULL";
    assert_eq!(number(&service.fresh.url, kept).await, 0, "and forgotten once it was sent");
    let told = staff.data(OUTBOX, json!({})).await;
    assert_eq!(told["outbox"]["uncertain"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uncertain_notice_is_resent_while_its_code_is_valid_and_its_person_exists() {
    let server = MailServer::start().await;
    let fresh = TestDatabase::migrated().await;
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let service = Service::mailing(fresh, TestMailbox::default(), mail_settings(&server.url())).await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let (anyone, staff) = (service.anyone(), service.administrator());
    let mut people = Vec::new();
    for name in ["rosa", "moses", "ada"] {
        server.whim(Moment::Content, Whim::HangUp).await;
        let who = json!({ "displayName": name, "email": format!("{name}@example.org") });
        people.push(register(&anyone, &format!("registration-{name}"), who).await);
        wait_for(&service.fresh, "UNCERTAIN", i64::try_from(people.len()).expect("a number")).await;
    }
    let mut told = staff.data(OUTBOX, json!({})).await["outbox"].take();
    let mut id_of = |address: &str| {
        let nodes = told["uncertainNotices"]["nodes"].as_array_mut().expect("nodes");
        nodes.iter().find(|node| node["to"] == address).expect("that notice")["id"].clone()
    };
    let [rosa, moses, ada] = ["rosa", "moses", "ada"].map(|name| id_of(&format!("{name}@example.org")));
    // Who is erased is written to no more, and nothing is left of what was written.
    let secret = people[1]["secret"].as_str().expect("a secret");
    let id = json!({ "id": people[1]["participant"]["id"] });
    assert_done(&service.bearer(secret).change("participantErase", "erased", id).await);
    let many = json!({ "ids": [rosa, moses, "nothing", rosa] });
    let refused = staff.change("noticeResend", "ids", many).await;
    let expected = ["ids.1 NOT_FOUND", "ids.2 NOT_FOUND", "ids.3 DUPLICATE"];
    assert_eq!(user_errors(&refused), expected, "all of it or nothing");
    let none = staff.change("noticeResend", "ids", json!({ "ids": [] })).await;
    assert_eq!(user_errors(&none), ["ids TOO_FEW_ITEMS"]);
    let too_many = json!({ "ids": vec![rosa.clone(); 101] });
    assert_eq!(user_errors(&staff.change("noticeResend", "ids", too_many).await), ["ids TOO_MANY_ITEMS"]);
    assert_eq!(count(&service.fresh, "UNCERTAIN").await, 2);
    let resent = staff.change("noticeResend", "ids", json!({ "ids": [rosa] })).await;
    assert_eq!(resent["ids"], json!([rosa]), "{resent:#}");
    let taken = server.taken(1).await;
    let code = json!({ "code": secret_in(&taken[0].message.replace("\r\n", "\n").replace("=\n", "")) });
    assert_done(&anyone.change("participantConfirm", "secret", code).await);

    // After thirty days its code is worth nothing: what it says is forgotten.
    service.clock.set(at("2021-12-01T12:00:00Z") + SignedDuration::from_hours(30 * 24));
    let forgetting = async {
        let kept = "SELECT COUNT(*) AS number FROM outbox WHERE content IS NOT NULL OR recipient IS NOT NULL";
        while number(&service.fresh.url, kept).await != 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, forgetting).await.expect("it is forgotten");
    let refused = staff.change("noticeResend", "ids", json!({ "ids": [ada] })).await;
    assert_eq!(user_errors(&refused), ["ids.0 NOT_FOUND"]);
    assert_eq!(staff.data(OUTBOX, json!({})).await["outbox"]["uncertain"], 0);
}
