//! Reports of letters: what a test submits, and the totals that must follow.

use serde_json::{Map, Value, json};

use super::{Client, TestDatabase, campaign_id, document, user_errors, w4r};

/// The mutation that reports letters.
pub const SUBMIT: &str = "mutation($input: ReportSubmitInput!) { reportSubmit(input: $input) {
    report { id revision state late } secret replayed version userErrors { code path message } } }";

/// What a payload says of the report.
const REPORTED: &str = "report { id revision state late author origin way asHost reviewReason region
    event { id state } } secret replayed version";

/// Begins a report with an idempotency key, whose spaces become hyphens. Without other fields it has no lines and is for
/// the campaign of Canada.
pub fn report(key: &str) -> ReportBuilder {
    let mut fields = Map::new();
    fields.insert("idempotencyKey".to_owned(), key.replace(' ', "-").into());
    ReportBuilder { section: "ca".to_owned(), fields }
}

/// One line of letters, without a case.
pub fn letters(quantity: impl Into<Value>) -> Value {
    json!([{ "kind": "APPEAL_LETTER", "quantity": quantity.into() }])
}

/// The input of a report.
#[derive(Clone)]
pub struct ReportBuilder {
    section: String,
    fields: Map<String, Value>,
}

impl ReportBuilder {
    fn set(mut self, name: &str, value: Value) -> Self {
        self.fields.insert(name.to_owned(), value);
        self
    }

    /// One line of letters, without a case.
    pub fn letters(self, quantity: impl Into<Value>) -> Self {
        self.set("lines", letters(quantity))
    }

    /// The section whose campaign gets the report.
    pub fn for_section(self, section: &str) -> Self {
        Self { section: section.to_owned(), ..self }
    }

    /// The event of a payload that the report is about.
    pub fn of_event(self, payload: &Value) -> Self {
        self.set("event", payload["event"]["id"].clone())
    }

    /// The group of a payload whose report it is.
    pub fn of_group(self, payload: &Value) -> Self {
        self.set("group", payload["group"]["id"].clone())
    }

    /// Marks it as the report of the whole event by its host.
    pub fn by_host(self) -> Self {
        self.set("asHost", json!(true))
    }

    /// Other fields, which replace those that are there.
    pub fn with(mut self, more: Value) -> Self {
        let Value::Object(more) = more else { panic!("{more} is no object") };
        self.fields.extend(more);
        self
    }

    /// The input. A campaign that is not given is looked up.
    pub async fn input(mut self, client: &Client) -> Value {
        if !self.fields.contains_key("campaign") {
            let campaign = campaign_id(client, &self.section).await;
            self.fields.insert("campaign".to_owned(), campaign);
        }
        Value::Object(self.fields)
    }

    /// The variables of [`SUBMIT`].
    pub async fn variables(self, client: &Client) -> Value {
        json!({ "input": self.input(client).await })
    }

    /// Submits the report: the payload, which may have validation errors.
    pub async fn submit(self, client: &Client) -> Value {
        let variables = self.variables(client).await;
        client.payload(&document("reportSubmit", REPORTED), variables).await
    }

    /// Submits the report, which must be accepted or held: the payload.
    pub async fn done(self, client: &Client) -> Value {
        let payload = self.submit(client).await;
        assert_eq!(user_errors(&payload), [""; 0], "{payload:#}");
        payload
    }
}

/// Letters and reports of the edition.
pub async fn edition_total(client: &Client) -> Value {
    let data = client.data("{ edition(year: 2021) { total { letters reports } } }", json!({})).await;
    data["edition"]["total"].clone()
}

/// Letters of the edition.
pub async fn edition_letters(client: &Client) -> u64 {
    edition_total(client).await["letters"].as_u64().expect("a count")
}

/// Asserts that the counters of the database equal a recount.
pub async fn assert_recounted(database: &TestDatabase) {
    let recount = w4r(&database.url, &["recount"]).await;
    assert_eq!(recount.code, 0, "{recount:?}");
}
