//! Delivery by SMTP: success, deferral, rejection and broken connections.

use std::process::Stdio;

use crate::harness::{
    PATIENCE, TestDatabase, TestMailbox, evening,
    mail_server::{MailServer, Moment, Whim},
    mail_settings, number,
    outbox::{count, put},
};
use domain::{EmailAddress, Language, Zone};
use graphql::{
    database::outbox::{self, Outgoing},
    mail::{
        MailOptions, MailQueue, MailWorker,
        notice::{EventSummary, Notice},
    },
};
use jiff::{SignedDuration, Timestamp};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    sync::watch,
    time::timeout,
};

mod several_senders;

/// Longer than the first pause of any notice, and than that of a server that cannot be reached.
const A_WHILE: SignedDuration = SignedDuration::from_mins(2);

const LEASE: SignedDuration = SignedDuration::from_mins(6);

/// A process that sends what is in an outbox.
struct Office {
    clock: graphql::clock::Clock,
    post: MailQueue,
    stop: watch::Sender<bool>,
    thread: std::thread::JoinHandle<()>,
}

impl Office {
    fn open(fresh: &TestDatabase, settings: MailOptions) -> Self {
        let (clock, post) = (graphql::clock::Clock::manual(evening()), MailQueue::default());
        let stop = watch::Sender::new(false);
        let sender = MailWorker::new(fresh.open(), clock.clone(), settings, post.clone());
        let thread = sender.start(stop.subscribe()).expect("a thread");
        Self { clock, post, stop, thread }
    }

    fn go_forward(&self, by: SignedDuration) -> Timestamp {
        self.clock.set(self.clock.now() + by);
        self.clock.now()
    }

    /// Tells it to stop, and waits until it has.
    async fn close(self) {
        self.stop.send_replace(true);
        let joined = tokio::task::spawn_blocking(move || self.thread.join());
        timeout(PATIENCE, joined).await.expect("it stops").expect("a thread").expect("no panic");
    }
}

/// Somebody who has news.
struct Newsroom {
    fresh: TestDatabase,
    server: MailServer,
}

impl Newsroom {
    async fn new() -> Self {
        Self { fresh: TestDatabase::migrated().await, server: MailServer::start().await }
    }

    fn office(&self) -> Office {
        Office::open(&self.fresh, mail_settings(&self.server.url()))
    }

    async fn tell(&self, office: &Office, name: &str) {
        let mut connection = self.fresh.open().connect().await.expect("a connection");
        assert!(put(&mut connection, name, &format!("{name}@example.org"), office.clock.now()).await);
        office.post.wake();
    }

    /// Waits until there are so many notices in a state.
    async fn wait_for(&self, state: &str, number: i64) {
        let reaching = async {
            while count(&self.fresh, state).await != number {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, reaching)
            .await
            .unwrap_or_else(|_| panic!("{number} notices are not {state} in time"));
    }

    /// Waits until a notice is put off after its attempt of this number.
    async fn wait_for_trouble(&self, attempt: u32) {
        let put_off = format!(
            "SELECT COUNT(*) AS number FROM outbox
                WHERE state = 'WAITING' AND last_error IS NOT NULL AND attempts = {attempt}"
        );
        let putting_off = async {
            while number(&self.fresh.url, &put_off).await != 1 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, putting_off).await.expect("it is put off in time");
    }

    /// To whom the messages were that the server has taken, once there are so many.
    async fn recipients(&self, number: usize) -> Vec<String> {
        let taken = self.server.taken(number).await;
        taken.iter().map(|taken| taken.to.trim_end_matches("@example.org").to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_sent_once_with_its_link_and_erased() {
    let newsroom = Newsroom::new().await;
    let office = newsroom.office();
    newsroom.tell(&office, "rosa").await;
    newsroom.tell(&office, "moses").await;
    let taken = newsroom.server.taken(2).await;
    assert_eq!(taken[0].to, "rosa@example.org");
    for line in [
        "From: \"Write for Rights\" <post@w4r.example>\n",
        "To: rosa@example.org\n",
        "Subject: You are registered for Write for Rights\n",
        "Date: Sat, 11 Dec 2021 00:00:00 +0000\n",
        "\nhttps://w4r.example/manage#w4r_participant_rosa\n",
    ] {
        assert!(taken[0].message.contains(line), "{line} in {}", taken[0].message);
    }
    newsroom.wait_for("SENT", 2).await;
    let kept = "SELECT COUNT(*) AS number FROM outbox WHERE recipient IS NOT NULL OR content IS NOT NULL";
    assert_eq!(number(&newsroom.fresh.url, kept).await, 0);
    office.go_forward(LEASE);
    newsroom.tell(&office, "nonhle").await;
    assert_eq!(newsroom.recipients(3).await, ["rosa", "moses", "nonhle"]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_is_not_taken_now_is_sent_later_and_holds_up_no_other() {
    let newsroom = Newsroom::new().await;
    newsroom.server.whim(Moment::Recipient, Whim::Answer("450 <rosa@example.org> come back later")).await;
    let office = newsroom.office();
    newsroom.tell(&office, "rosa").await;
    newsroom.server.reached(Moment::Recipient, 1).await;
    newsroom.tell(&office, "moses").await;
    assert_eq!(newsroom.recipients(1).await, ["moses"]);
    newsroom.wait_for("SENT", 1).await;
    let kept = "SELECT COUNT(*) AS number FROM outbox WHERE last_error = '450' AND attempts = 1";
    assert_eq!(number(&newsroom.fresh.url, kept).await, 1, "the code alone is written down");
    office.go_forward(A_WHILE);
    assert_eq!(newsroom.recipients(2).await, ["moses", "rosa"]);
    newsroom.wait_for("SENT", 2).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_failure_before_the_content_is_sent_leads_to_one_delivery() {
    use Moment::{Content, Data, Greeting, Recipient, Sender};
    let newsroom = Newsroom::new().await;
    let troubles = [
        (Greeting, Whim::HangUp),
        (Greeting, Whim::Answer("421 too many guests")),
        (Greeting, Whim::Answer("554 we do not know you")),
        (Sender, Whim::HangUp),
        (Sender, Whim::Answer("451 not now")),
        (Sender, Whim::Answer("550 not from you")),
        (Recipient, Whim::HangUp),
        (Recipient, Whim::Answer("452 the mailbox is full")),
        (Data, Whim::HangUp),
        (Data, Whim::Answer("451 not now")),
        (Content, Whim::Answer("452 no room")),
    ];
    for (number, (moment, whim)) in (1..).zip(troubles) {
        newsroom.server.whim(moment, whim.clone()).await;
        let (office, name) = (newsroom.office(), format!("person{number}"));
        newsroom.tell(&office, &name).await;
        newsroom.wait_for_trouble(1).await;
        office.go_forward(A_WHILE);
        assert_eq!(newsroom.recipients(number).await.last(), Some(&name), "{moment:?} {whim:?}");
        newsroom.wait_for("SENT", i64::try_from(number).expect("a number")).await;
        office.close().await;
    }
    assert_eq!(newsroom.recipients(0).await.len(), 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_no_server_takes_is_tried_once() {
    let newsroom = Newsroom::new().await;
    let office = newsroom.office();
    for (number, moment) in (1..).zip([Moment::Recipient, Moment::Data, Moment::Content]) {
        newsroom.server.whim(moment, Whim::Answer("550 <rosa@example.org> is unknown here")).await;
        newsroom.tell(&office, &format!("rosa{number}")).await;
        newsroom.wait_for("FAILED", number).await;
    }
    let kept = "SELECT COUNT(*) AS number FROM outbox WHERE last_error = '550' AND recipient IS NULL";
    assert_eq!(number(&newsroom.fresh.url, kept).await, 3);
    office.go_forward(SignedDuration::from_hours(100));
    newsroom.tell(&office, "moses").await;
    assert_eq!(newsroom.recipients(1).await, ["moses"]);
    assert_eq!(newsroom.server.times(Moment::Recipient), 4, "three who are unknown, each once");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_given_up_after_two_days_of_trying() {
    let newsroom = Newsroom::new().await;
    let office = newsroom.office();
    for _ in 0..20 {
        newsroom.server.whim(Moment::Recipient, Whim::Answer("450 not now")).await;
    }
    newsroom.tell(&office, "rosa").await;
    for attempt in 1..20 {
        newsroom.wait_for_trouble(attempt).await;
        office.go_forward(SignedDuration::from_hours(5));
    }
    newsroom.wait_for("FAILED", 1).await;
    newsroom.tell(&office, "moses").await;
    assert_eq!(newsroom.recipients(1).await, ["moses"]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_may_have_been_taken_is_never_sent_again() {
    let newsroom = Newsroom::new().await;
    let office = newsroom.office();
    newsroom.server.whim(Moment::Content, Whim::HangUp).await;
    newsroom.tell(&office, "rosa").await;
    newsroom.wait_for("UNCERTAIN", 1).await;
    office.go_forward(SignedDuration::from_hours(100));
    newsroom.tell(&office, "moses").await;
    assert_eq!(newsroom.recipients(1).await, ["moses"]);
    assert_eq!(newsroom.server.times(Moment::Content), 2, "hers and his");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mail_is_given_to_a_server_without_tls_or_after_a_failed_login() {
    let newsroom = Newsroom::new().await;
    let (fresh, plain) = (&newsroom.fresh, &newsroom.server);
    let office = Office::open(fresh, mail_settings(&format!("{}?tls=required", plain.url())));
    newsroom.tell(&office, "rosa").await;
    newsroom.wait_for_trouble(1).await;
    office.close().await;
    assert_eq!(plain.times(Moment::Sender), 0);
    // The same notice through a server that knows us, once we know the password.
    let strict = MailServer::with_extensions("AUTH PLAIN LOGIN").await;
    strict.whim(Moment::Login, Whim::Answer("535 wrong password")).await;
    let url = strict.url().replace("smtp://", "smtp://post:pass%20word@");
    let office = Office::open(fresh, mail_settings(&url));
    office.go_forward(A_WHILE);
    newsroom.wait_for_trouble(2).await;
    assert_eq!(strict.times(Moment::Sender), 0);
    office.go_forward(A_WHILE);
    assert_eq!(strict.taken(1).await[0].to, "rosa@example.org");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_each_notice_is_a_file_in_a_folder() {
    let (fresh, mailbox) = (TestDatabase::migrated().await, TestMailbox::default());
    let office = Office::open(&fresh, mailbox.settings());
    let mut connection = fresh.open().connect().await.expect("a connection");
    for name in ["rosa", "moses"] {
        put(&mut connection, name, &format!("{name}@example.org"), evening()).await;
        office.post.wake();
    }
    let sending = async {
        while count(&fresh, "SENT").await != 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, sending).await.expect("it is sent");
    office.close().await;
    let messages = mailbox.messages();
    assert_eq!(messages.len(), 2);
    #[cfg(unix)]
    for (path, mode) in mailbox.modes() {
        assert_eq!(mode & 0o077, 0, "{} holds a secret", path.display());
    }
    assert!(messages[0].contains("To: rosa@example.org\r\n"), "{}", messages[0]);
    assert!(messages[1].contains("/manage#w4r_participant_moses\r\n"), "{}", messages[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_reports_waiting_notices_without_personal_data() {
    let newsroom = Newsroom::new().await;
    newsroom.server.whim(Moment::Recipient, Whim::Answer("450 <rosa@example.org> is away")).await;
    let mut connection = newsroom.fresh.open().connect().await.expect("a connection");
    put(&mut connection, "rosa", "rosa@example.org", evening()).await;
    let mut process = Command::new(env!("CARGO_BIN_EXE_w4r"))
        .args(["serve", "--listen", "127.0.0.1:0", "--database", &newsroom.fresh.url])
        .args(["--mail-url", &newsroom.server.url(), "--mail-from", "post@w4r.example"])
        .env("RUST_LOG", "graphql=trace")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the executable");
    let mut lines = BufReader::new(process.stderr.take().expect("its log")).lines();
    let mut log = String::new();
    for words in ["notices wait for too long", "a notice is put off"] {
        while !log.contains(words) {
            let line = timeout(PATIENCE, lines.next_line()).await.expect("in time").expect("a log");
            log += &line.expect("a line");
        }
    }
    assert!(log.contains("450") && log.contains("PARTICIPANT_REGISTERED"), "{log}");
    assert!(!log.contains("rosa") && !log.contains("w4r_participant"), "{log}");
    process.kill().await.expect("its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_looks_like_the_end_of_a_message_is_escaped() {
    let newsroom = Newsroom::new().await;
    let office = newsroom.office();
    let event = EventSummary {
        title: "Letters".into(),
        when: graphql::mail::notice::ZonedInstant {
            local: None,
            at: evening(),
            zone: Zone::parse("UTC").expect("a zone"),
        },
    };
    let reason = "No.\n.\r\n.\nMAIL FROM:<nobody@w4r.example>\nRCPT TO:<moses@example.org>\nDATA\n";
    let outgoing = Outgoing {
        key: "rejected:7:1",
        subject: None,
        to: &EmailAddress::parse("rosa@example.org").expect("an address"),
        language: &Language::parse("en").expect("a language"),
        notice: &Notice::EventRejected { event, reason: reason.to_owned() },
        enqueued_at: evening(),
    };
    let mut connection = newsroom.fresh.open().connect().await.expect("a connection");
    outbox::enqueue(&mut connection, uuid::Uuid::now_v7(), &outgoing, outbox::NoticeState::Pending)
        .await
        .expect("an outbox");
    newsroom.tell(&office, "nonhle").await;
    let taken = newsroom.server.taken(2).await;
    assert_eq!((taken[0].to.as_str(), taken[1].to.as_str()), ("rosa@example.org", "nonhle@example.org"));
    assert!(taken[0].message.contains("\n.\nMAIL FROM:<nobody@w4r.example>\n"), "{}", taken[0].message);
    assert!(taken[0].message.trim_end().ends_with("Write for Rights"), "{}", taken[0].message);
    office.close().await;
}
