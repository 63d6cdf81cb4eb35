//! The test harness: a fresh database, a running service, and clients for each test.

use std::{net::SocketAddr, time::Duration};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::{SinkExt, StreamExt};
use graphql::{
    cli,
    clock::Clock,
    credentials::{self, SecretHash},
    database::{
        Database,
        migrations::{self, MigrationTarget},
        staff_keys::{self, StaffKey},
    },
    mail,
    server::{self, MetricsAt, Settings},
};
use graphql_engine::EngineSettings;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest};

/// Long enough for a machine that does ten things at once; only a fault takes longer.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A database that nobody else uses. It is gone when this is dropped.
pub struct Fresh {
    pub url: String,
    _file: Option<TempDir>,
    schema: Option<(String, String)>,
}

impl Fresh {
    /// An empty database with its tables.
    pub async fn database() -> Self {
        let fresh = Self::without_tables().await;
        migrations::run(&fresh.url, MigrationTarget::Latest).await.expect("the tables can be made");
        fresh
    }

    /// A database without any table.
    pub async fn without_tables() -> Self {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(server) if !server.is_empty() => Self::schema(server).await,
            _ => Self::file(),
        }
    }

    /// An SQLite database, whatever the others use.
    pub fn file() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self { url, _file: Some(folder), schema: None }
    }

    async fn schema(server: String) -> Self {
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        execute(&server, &format!("CREATE SCHEMA {name}")).await;
        let separator = if server.contains('?') { '&' } else { '?' };
        // By its name a test finds its own connections among all others.
        let url = format!("{server}{separator}options=-c%20search_path%3D{name}&application_name={name}");
        Self { url, _file: None, schema: Some((server, name)) }
    }

    /// A database that somebody else takes away.
    pub fn at(url: String) -> Self {
        Self { url, _file: None, schema: None }
    }

    pub fn open(&self) -> Database {
        Database::open(&self.url).expect("a database URL")
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some((server, name)) = self.schema.take() {
            let drop_schema = async move { execute(&server, &format!("DROP SCHEMA {name} CASCADE")).await };
            // The test's own runtime is ending; another thread has time for one more statement.
            let done = std::thread::spawn(|| {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime")
                    .block_on(drop_schema);
            });
            done.join().ok();
        }
    }
}

/// The PostgreSQL server that the tests were given, if they were; else it is said that a test is not run.
pub fn server() -> Option<String> {
    let server = std::env::var("TEST_DATABASE_URL").ok().filter(|server| !server.is_empty());
    if server.is_none() {
        eprintln!("not run: this needs PostgreSQL in TEST_DATABASE_URL");
    }
    server
}

/// Runs a statement without parameters on PostgreSQL.
pub async fn execute(server: &str, sql: &str) {
    let mut connection = AsyncPgConnection::establish(server)
        .await
        .unwrap_or_else(|error| panic!("TEST_DATABASE_URL leads to no database: {error}"));
    connection.batch_execute(sql).await.expect("a statement of the harness");
}

/// A connection beside the service, which may have the file to itself at this moment: while it writes,
/// and when the last of its own connections closes.
pub fn sqlite(file: &str) -> diesel::SqliteConnection {
    use diesel::{Connection, connection::SimpleConnection};
    let mut connection = diesel::SqliteConnection::establish(file).expect("a connection");
    connection.batch_execute("PRAGMA busy_timeout = 10000").expect("a setting");
    connection
}

/// A number that a statement selects as `number`, past all of the service's own code.
pub async fn number(url: &str, sql: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    match url.strip_prefix("sqlite:") {
        Some(file) => {
            use diesel::RunQueryDsl;
            let mut connection = sqlite(file);
            diesel::sql_query(sql).get_result::<Row>(&mut connection).expect("a number").number
        }
        None => {
            use diesel_async::RunQueryDsl;
            let mut connection = AsyncPgConnection::establish(url).await.expect("a connection");
            diesel::sql_query(sql).get_result::<Row>(&mut connection).await.expect("a number").number
        }
    }
}

/// Runs statements on either database, past all of the service's own code.
pub async fn run_sql(url: &str, sql: &str) {
    match url.strip_prefix("sqlite:") {
        Some(file) => {
            use diesel::connection::SimpleConnection;
            sqlite(file).batch_execute(sql).expect("statements of a test");
        }
        None => execute(url, sql).await,
    }
}

/// What the executable says, and how it ends.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the executable on a database.
pub async fn w4r(url: &str, arguments: &[&str]) -> Said {
    w4r_with(url, arguments, &[]).await
}

/// The same, with more in its environment.
pub async fn w4r_with(url: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let run = tokio::process::Command::new(env!("CARGO_BIN_EXE_w4r"))
        .args(arguments)
        .envs(environment.iter().copied())
        .env("DATABASE_URL", url)
        .env_remove("W4R_LISTEN")
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, run).await.expect("it ends").expect("the executable");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said { code: output.status.code().expect("a code"), out: text(output.stdout), err: text(output.stderr) }
}

/// An instant.
pub fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}

/// The evening of Human Rights Day 2021, when most tests happen.
pub fn evening() -> Timestamp {
    at("2021-12-11T00:00:00Z")
}

/// A folder that notices are written into. It is gone when this is dropped.
pub struct Mailbox(TempDir);

impl Default for Mailbox {
    fn default() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }
}

impl Mailbox {
    /// How to get mail in here.
    pub fn settings(&self) -> mail::MailOptions {
        mail_settings(&format!("folder:{}", self.0.path().display()))
    }

    /// Where it is.
    pub fn path(&self) -> std::path::PathBuf {
        self.0.path().to_owned()
    }

    /// Who may read and write the messages that lie here.
    #[cfg(unix)]
    pub fn modes(&self) -> Vec<(std::path::PathBuf, u32)> {
        use std::os::unix::fs::PermissionsExt;
        let entries = std::fs::read_dir(self.0.path()).expect("a folder");
        // One that gets its name meanwhile lies here no more under the one it had.
        let mode = |path: std::path::PathBuf| match path.metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            file => Some((path, file.expect("a file").permissions().mode())),
        };
        entries.filter_map(|entry| mode(entry.expect("an entry").path())).collect()
    }

    /// The messages that lie here, in the order in which they came up.
    pub fn messages(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|it| it == "eml")).collect();
        paths.sort();
        // One that is erased meanwhile lies here no more.
        let read = |path: &std::path::PathBuf| match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            message => Some(message.expect("a message")),
        };
        paths.iter().filter_map(read).collect()
    }
}

/// Mail that goes this way, from the same office each time.
pub fn mail_settings(way: &str) -> mail::MailOptions {
    mail::MailOptions {
        url: mail::MailUrl::parse(way).expect("a way"),
        from: mail::SenderAddress::parse("Write for Rights <post@w4r.example>").expect("an office"),
        public_url: "https://w4r.example/".to_owned(),
    }
}

/// The bounds of a service that one test asks for as much as a city would. Its meters are read off at its own
/// address.
pub fn roomy() -> Settings {
    let report_budgets = domain::report::ReportBudgets::NONE;
    let engine = EngineSettings { cost_per_minute: 0, ..EngineSettings::default() };
    Settings { engine, report_budgets, metrics: MetricsAt::Public, ..Settings::default() }
}

/// The settings of a service with these limits of requests and connections.
pub fn with_engine(engine: EngineSettings) -> Settings {
    Settings { engine, ..Settings::default() }
}

/// A running service with a clock that stands still until it is set.
pub struct Service {
    pub address: SocketAddr,
    pub clock: Clock,
    pub fresh: Fresh,
    /// Where notices lie, unless they go to a server.
    pub mail: Mailbox,
    settings: mail::MailOptions,
    /// The key of an administrator.
    pub administrator: String,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Service {
    /// A service with nothing in it.
    pub async fn empty() -> Self {
        Self::on(Fresh::database().await).await
    }

    /// A service with the 2021 edition.
    pub async fn with_2021() -> Self {
        let fresh = Fresh::database().await;
        import(&fresh, include_str!("../graphql/data/edition-2021.json")).await;
        Self::on(fresh).await
    }

    /// The same, within bounds that a test has time and room to meet.
    pub async fn with_2021_within(settings: Settings) -> Self {
        let fresh = Fresh::database().await;
        import(&fresh, include_str!("../graphql/data/edition-2021.json")).await;
        Self::within(settings, fresh).await
    }

    /// A service on a database that is there already.
    pub async fn on(fresh: Fresh) -> Self {
        Self::within(roomy(), fresh).await
    }

    async fn within(limits: Settings, fresh: Fresh) -> Self {
        let mailbox = Mailbox::default();
        let settings = mailbox.settings();
        Self::mailing_within(limits, fresh, mailbox, settings).await
    }

    /// A service whose notices go this way.
    pub async fn mailing(fresh: Fresh, mail: Mailbox, settings: mail::MailOptions) -> Self {
        Self::mailing_within(roomy(), fresh, mail, settings).await
    }

    async fn mailing_within(
        limits: Settings,
        fresh: Fresh,
        mail: Mailbox,
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
        let (fresh, mailbox) = (Fresh::at(url.to_owned()), Mailbox::default());
        let settings = mailbox.settings();
        Self::serving(Settings::default(), fresh, mailbox, settings, String::new()).await
    }

    async fn serving(
        limits: Settings,
        fresh: Fresh,
        mail: Mailbox,
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
        Self::within(settings, Fresh::at(self.fresh.url.clone())).await
    }

    /// The same, within the bounds of most tests.
    pub async fn beside(&self) -> Self {
        Self::on_url(&self.fresh.url).await
    }

    /// A service on a database that somebody else takes away.
    pub async fn on_url(url: &str) -> Self {
        Self::on(Fresh::at(url.to_owned())).await
    }

    /// Tells it to stop.
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
        Client { bearer: Some(secret.to_owned()), ..self.anyone() }
    }
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

/// Imports a file, as the command line does.
pub async fn import(fresh: &Fresh, text: &str) {
    cli::import::import(&fresh.open(), text, evening(), |_, _| {}).await.expect("an import");
}

/// Imports the 2021 edition with windows that are open by the clock of the machine, which the
/// executable goes by, and says the id of Canada's campaign.
pub async fn import_open_now(fresh: &Fresh) -> String {
    let data = include_str!("../graphql/data/edition-2021.json").replace("\"2022-01-31\"", "\"2099-12-31\"");
    import(fresh, &data).await;
    let mut connection = fresh.open().connect().await.expect("a connection");
    let parts = graphql::database::catalogue::load(&mut connection).await.expect("a catalogue");
    let catalogue = domain::catalogue::Catalogue::from(parts);
    let canada = catalogue.section_by_code("ca").expect("a section").id;
    let campaign = catalogue.campaigns().find(|campaign| campaign.section_id == canada).expect("a campaign");
    format!("campaign_{}", campaign.id.uuid().simple())
}

/// The mutation that reports letters.
pub const SUBMIT: &str = "mutation($input: ReportSubmitInput!) { reportSubmit(input: $input) {
    report { id revision state late } secret replayed version userErrors { code path message } } }";

/// Somebody who asks.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    address: SocketAddr,
    bearer: Option<String>,
    language: Option<String>,
    /// The address that a proxy names, for a service that trusts one.
    forwarded: Option<String>,
}

impl Client {
    /// The same client with this bearer token.
    pub fn with_bearer(self, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), ..self }
    }

    /// A client of whatever serves at this address, without a key.
    pub fn to(address: SocketAddr) -> Self {
        Self { http: reqwest::Client::new(), address, bearer: None, language: None, forwarded: None }
    }

    /// The same client, preferring languages.
    pub fn reading(&self, languages: &str) -> Self {
        Self { language: Some(languages.to_owned()), ..self.clone() }
    }

    /// The same client behind a proxy which names this address.
    pub fn at_address(&self, address: &str) -> Self {
        Self { forwarded: Some(address.to_owned()), ..self.clone() }
    }

    /// The whole answer.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        self.post(&json!({ "query": query, "variables": variables })).await
    }

    /// What comes back for a body.
    pub async fn post(&self, body: &Value) -> Value {
        let mut request = self.http.post(format!("http://{}/graphql", self.address)).json(body);
        if let Some(secret) = &self.bearer {
            request = request.bearer_auth(secret);
        }
        if let Some(language) = &self.language {
            request = request.header("accept-language", language);
        }
        if let Some(address) = &self.forwarded {
            request = request.header("x-forwarded-for", address);
        }
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    /// The status and the text at an address of the service.
    pub async fn get(&self, path: &str) -> (u16, String) {
        let asked = self.http.get(format!("http://{}{path}", self.address)).send();
        let answer = asked.await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    /// The data of an answer without errors.
    #[track_caller]
    pub fn data(&self, query: &str, variables: Value) -> impl Future<Output = Value> + use<> {
        let client = self.clone();
        let query = query.to_owned();
        let caller = std::panic::Location::caller();
        async move {
            let mut answer = client.ask(&query, variables).await;
            assert!(answer.get("errors").is_none(), "{caller}: {answer:#}");
            answer["data"].take()
        }
    }

    /// The code of the only error of an answer.
    pub async fn fault(&self, query: &str, variables: Value) -> String {
        let answer = self.ask(query, variables).await;
        let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("no error in {answer:#}"));
        assert_eq!(errors.len(), 1, "{answer:#}");
        errors[0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code in {answer:#}")).to_owned()
    }

    /// What a mutation answers in its one field.
    #[track_caller]
    pub fn payload(&self, query: &str, variables: Value) -> impl Future<Output = Value> + use<> {
        let data = self.data(query, variables);
        async move {
            let mut data = data.await;
            let fields = data.as_object_mut().expect("an object");
            assert_eq!(fields.len(), 1);
            fields.values_mut().next().map(Value::take).expect("a field")
        }
    }

    /// What the mutation with this name says to an input: the selection, and all rules that say no.
    #[track_caller]
    pub fn change(
        &self,
        mutation: &str,
        selection: &str,
        input: Value,
    ) -> impl Future<Output = Value> + use<> {
        self.payload(&document(mutation, selection), json!({ "input": input }))
    }

    /// A subscription over `graphql-transport-ws`.
    pub async fn subscribe(&self, query: &str, variables: Value) -> Subscription {
        self.try_to_subscribe(query, variables).await.expect("a socket")
    }

    /// A subscription at an address where perhaps nobody is at the moment.
    pub async fn try_to_subscribe(&self, query: &str, variables: Value) -> Result<Subscription, Error> {
        let mut request =
            format!("ws://{}/graphql/ws", self.address).into_client_request().expect("a request");
        let protocol = "graphql-transport-ws".parse().expect("a header");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await?;
        let payload = match &self.bearer {
            Some(secret) => json!({ "Authorization": format!("Bearer {secret}") }),
            None => json!({}),
        };
        let init = json!({ "type": "connection_init", "payload": payload });
        socket.send(Message::text(init.to_string())).await?;
        // Who subscribes before being welcomed is shown out.
        let welcome = timeout(PATIENCE, socket.next()).await.expect("a message in time");
        let welcome = welcome.unwrap_or(Err(Error::ConnectionClosed))?;
        assert_eq!(welcome.to_text().expect("text"), r#"{"type":"connection_ack"}"#);
        let payload = json!({ "query": query, "variables": variables });
        let subscribe = json!({ "type": "subscribe", "id": "1", "payload": payload });
        socket.send(Message::text(subscribe.to_string())).await?;
        Ok(Subscription { socket })
    }
}

/// The document that sends one input to the mutation with this name.
pub fn document(mutation: &str, selection: &str) -> String {
    let input = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    format!(
        "mutation($input: {input}!) {{ {mutation}(input: $input) {{ {selection}
            userErrors {{ code path message }} }} }}"
    )
}

/// The global id of the campaign in which a section runs the edition of 2021.
pub async fn campaign_id(client: &Client, section: &str) -> Value {
    let query = "query($s: String!) { campaign(edition: 2021, section: $s) { id } }";
    let mut data = client.data(query, json!({ "s": section })).await;
    data["campaign"]["id"].take()
}

/// The global id of a case of 2021 and the revision that stands now.
pub async fn case_to_change(client: &Client, slug: &str) -> Value {
    let query = "query($s: String!) { case(edition: 2021, slug: $s) { id expectedRevision: revision } }";
    let mut data = client.data(query, json!({ "s": slug })).await;
    assert!(data["case"].is_object(), "there is no case {slug}");
    data["case"].take()
}

/// An object with the fields of two.
pub fn with(mut object: Value, more: Value) -> Value {
    let (Value::Object(fields), Value::Object(more)) = (&mut object, more) else {
        panic!("these are objects");
    };
    fields.extend(more);
    object
}

/// What a subscriber hears.
pub struct Subscription {
    socket: tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Subscription {
    /// Changes the case `rung` until a subscriber to changes of cases hears of it. Changes of it may
    /// still be on their way then.
    pub async fn listening(&mut self, staff: &Client) {
        const SOON: Duration = Duration::from_millis(20);
        loop {
            let input = with(case_to_change(staff, "rung").await, json!({ "topics": ["OTHER"] }));
            staff.change("caseUpdate", "case { id }", input).await;
            if timeout(SOON, self.next()).await.is_ok() {
                return;
            }
        }
    }

    /// The next message about the subscription: its type and payload.
    pub async fn message(&mut self) -> (String, Value) {
        self.message_if_open().await.expect("an open socket")
    }

    /// The same, if the other side is still there.
    pub async fn message_if_open(&mut self) -> Option<(String, Value)> {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.expect("a message in time")?.ok()?;
            let Message::Text(text) = message else { continue };
            let mut message: Value = serde_json::from_str(&text).expect("JSON");
            match message["type"].as_str().expect("a type") {
                "ping" | "pong" => {}
                kind => return Some((kind.to_owned(), message["payload"].take())),
            }
        }
    }

    /// The data of the next message.
    pub async fn next(&mut self) -> Value {
        let (kind, mut payload) = self.message().await;
        assert_eq!(kind, "next", "{payload:#}");
        assert!(payload.get("errors").is_none(), "{payload:#}");
        payload["data"].take()
    }
}

/// The codes of `userErrors`, each with its path.
pub fn user_errors(payload: &Value) -> Vec<String> {
    payload["userErrors"]
        .as_array()
        .unwrap_or_else(|| panic!("no userErrors in {payload:#}"))
        .iter()
        .map(|error| {
            let path: Vec<_> =
                error["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!("{} {}", path.join("."), error["code"].as_str().unwrap_or_default())
        })
        .collect()
}
