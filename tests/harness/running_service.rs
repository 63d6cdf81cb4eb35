//! A service in the process of the test: on a fresh database, at a port of its own, with a manual clock.

use std::net::SocketAddr;

use graphql::{
    clock::Clock,
    credentials::{self, SecretHash},
    database::{
        Database,
        staff_keys::{self, StaffKey},
    },
    mail,
    server::{self, MetricsAt, Settings},
};
use graphql_engine::EngineSettings;
use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use super::{Client, PATIENCE, TestDatabase, TestMailbox, evening, import};

/// Settings without budgets, for a test that sends as much as a city would. The metrics are served at the address of the
/// service.
pub fn roomy() -> Settings {
    let report_budgets = domain::report::ReportBudgets::NONE;
    let engine = EngineSettings { cost_per_minute: 0, ..EngineSettings::default() };
    Settings { engine, report_budgets, metrics: MetricsAt::Public, ..Settings::default() }
}

/// The settings of a service with these limits of requests and connections.
pub fn with_engine(engine: EngineSettings) -> Settings {
    Settings { engine, ..Settings::default() }
}

/// A running service with a manual clock.
pub struct Service {
    pub address: SocketAddr,
    pub clock: Clock,
    pub fresh: TestDatabase,
    /// The folder of its mail, unless the mail goes to a server.
    pub mail: TestMailbox,
    settings: mail::MailOptions,
    /// The key of an administrator.
    pub administrator: String,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Service {
    /// A service without an edition.
    pub async fn empty() -> Self {
        Self::on(TestDatabase::migrated().await).await
    }

    /// A service with the 2021 edition.
    pub async fn with_2021() -> Self {
        let fresh = TestDatabase::migrated().await;
        import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
        Self::on(fresh).await
    }

    /// The same, within bounds that a test has time and room to meet.
    pub async fn with_2021_within(settings: Settings) -> Self {
        let fresh = TestDatabase::migrated().await;
        import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
        Self::within(settings, fresh).await
    }

    /// A service on a database that is there already.
    pub async fn on(fresh: TestDatabase) -> Self {
        Self::within(roomy(), fresh).await
    }

    async fn within(limits: Settings, fresh: TestDatabase) -> Self {
        let mailbox = TestMailbox::default();
        let settings = mailbox.settings();
        Self::mailing_within(limits, fresh, mailbox, settings).await
    }

    /// A service with these settings of mail.
    pub async fn mailing(fresh: TestDatabase, mail: TestMailbox, settings: mail::MailOptions) -> Self {
        Self::mailing_within(roomy(), fresh, mail, settings).await
    }

    async fn mailing_within(
        limits: Settings,
        fresh: TestDatabase,
        mail: TestMailbox,
        settings: mail::MailOptions,
    ) -> Self {
        let metrics = match limits.metrics {
            // Many services run beside one another, and the usual address is one.
            MetricsAt::Usual => MetricsAt::Public,
            said => said,
        };
        let limits = Settings { metrics, ..limits };
        let administrator = credentials::administrator_key();
        enter_key(&fresh.open(), &administrator).await.expect("a key");
        Self::serving(limits, fresh, mail, settings, administrator).await
    }

    /// A service on a database into which nothing can be written.
    pub async fn reading(url: &str) -> Self {
        let (fresh, mailbox) = (TestDatabase::at(url.to_owned()), TestMailbox::default());
        let settings = mailbox.settings();
        Self::serving(Settings::default(), fresh, mailbox, settings, String::new()).await
    }

    async fn serving(
        limits: Settings,
        fresh: TestDatabase,
        mail: TestMailbox,
        settings: mail::MailOptions,
        administrator: String,
    ) -> Self {
        let database = fresh.open();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let clock = Clock::manual(evening());
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let (its_clock, its_mail) = (clock.clone(), settings.clone());
        let serving =
            tokio::spawn(server::serve(listener, limits, database, its_clock, false, its_mail, stopped));
        let stop = Some(stop);
        let service = Self { address, clock, fresh, mail, settings, administrator, stop, serving };
        service.anyone().ask("{ __typename }", json!({})).await;
        service
    }

    /// Enters the key of the administrator again, where a restored backup may be older than it.
    pub async fn enter_administrator(&self) {
        // It is refused where it is there.
        drop(enter_key(&self.fresh.open(), &self.administrator).await);
    }

    /// Another process on the same database. The first one has to outlive it.
    pub async fn beside_within(&self, settings: Settings) -> Self {
        Self::within(settings, TestDatabase::at(self.fresh.url.clone())).await
    }

    /// The same, within the bounds of most tests.
    pub async fn beside(&self) -> Self {
        Self::on_url(&self.fresh.url).await
    }

    /// A service on a database that another value deletes.
    pub async fn on_url(url: &str) -> Self {
        Self::on(TestDatabase::at(url.to_owned())).await
    }

    /// Starts the shutdown.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
    }

    /// Waits until it has stopped.
    pub async fn stopped(&mut self) {
        timeout(PATIENCE, &mut self.serving).await.expect("it stops").expect("no panic").expect("no trouble");
    }

    /// Stops it and starts it again on the same database.
    pub async fn restarted(mut self) -> Self {
        self.stop();
        self.stopped().await;
        Self::mailing(self.fresh, self.mail, self.settings).await
    }

    /// A client without a key.
    pub fn anyone(&self) -> Client {
        Client::to(self.address)
    }

    /// A client with an administrator's key.
    pub fn administrator(&self) -> Client {
        self.bearer(&self.administrator)
    }

    /// A client with a fresh key of a section's staff.
    pub async fn staff_of(&self, section: &str) -> Client {
        let mut connection = self.fresh.open().connect().await.expect("a connection");
        let parts = graphql::database::catalogue::load(&mut connection).await.expect("a catalogue");
        let catalogue = domain::catalogue::Catalogue::from(parts);
        let key = StaffKey {
            id: uuid::Uuid::now_v7(),
            name: format!("staff of {section}"),
            section: Some(catalogue.section_by_code(section).expect("a section").id),
            created_at: evening(),
            revoked_at: None,
        };
        let secret = credentials::section_key();
        staff_keys::insert(&mut connection, &key, SecretHash::of(&secret)).await.expect("a key");
        self.bearer(&secret)
    }

    /// A client with a secret.
    pub fn bearer(&self, secret: &str) -> Client {
        self.anyone().with_bearer(secret)
    }
}

/// A response to a GET request.
pub async fn get(service: &Service, path: &str) -> reqwest::Response {
    reqwest::get(format!("http://{}{path}", service.address)).await.expect("a response")
}

async fn enter_key(database: &Database, administrator: &str) -> Result<(), graphql::database::Error> {
    let key = StaffKey {
        id: uuid::Uuid::now_v7(),
        name: "tests".into(),
        section: None,
        created_at: evening(),
        revoked_at: None,
    };
    staff_keys::insert(&mut database.connect().await?, &key, SecretHash::of(administrator)).await
}

/// Status and text of `/readyz`.
pub async fn readiness(service: &Service) -> (u16, String) {
    let answer = reqwest::get(format!("http://{}/readyz", service.address)).await.expect("an answer");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

/// Waits until `/readyz` has this status and this word.
pub async fn until_readiness(service: &Service, status: u16, word: &str) {
    let expected = (status, format!("{word}\n"));
    let said = async { while readiness(service).await != expected {} };
    let waited = timeout(PATIENCE, said).await;
    assert!(waited.is_ok(), "it never says {word:?} but {:?}", readiness(service).await);
}
