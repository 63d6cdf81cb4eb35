//! Reports from import files: their keys can be guessed, so they open nothing.

use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::ReportId;
use graphql::{
    credentials::{self, SecretHash},
    database::migrations::{MigrationTarget, run},
};
use serde_json::{Value, json};

use crate::harness::{
    Client, SUBMIT, Service, TestDatabase, campaign_id, import, number, run_sql, sqlite, user_errors,
};

const KEY: &str = "2021-12-10-a-school";

/// The edition of 2021 with the report of a school.
fn with_a_school(quantity: u32) -> String {
    let edition = include_str!("../../graphql/data/edition-2021.json").trim_end();
    let edition = edition.strip_suffix('}').expect("an object").trim_end();
    format!(
        r#"{edition},
  "reports": [{{ "key": "{KEY}", "section": "ca", "people": 20, "note": "The class of Ms Tamarillo.",
    "numbers": [{{ "kind": "APPEAL_LETTER", "quantity": {quantity} }}] }}]
}}"#
    )
}

/// Reports the same under the same key.
async fn submit(client: &Client) -> Value {
    let input = json!({ "campaign": campaign_id(client, "ca").await, "idempotencyKey": KEY, "people": 20,
        "staffNote": "The class of Ms Tamarillo.", "numbers": [{ "kind": "APPEAL_LETTER", "quantity": 26 }] });
    client.payload(SUBMIT, json!({ "input": input })).await
}

/// How many letters are told and how many reports are kept.
async fn kept(fresh: &TestDatabase) -> (i64, i64) {
    let letters = "SELECT CAST(SUM(quantity) AS BIGINT) AS number FROM total_counts";
    let reports = "SELECT COUNT(*) AS number FROM report_revisions";
    (number(&fresh.url, letters).await, number(&fresh.url, reports).await)
}

/// The only report that is kept.
async fn only_report(fresh: &TestDatabase) -> ReportId {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        digits: String,
    }
    let Row { digits } = match fresh.url.strip_prefix("sqlite:") {
        Some(file) => {
            use diesel::RunQueryDsl;
            let sql = "SELECT LOWER(HEX(report_id)) AS digits FROM report_revisions";
            diesel::sql_query(sql).get_result(&mut sqlite(file)).expect("a report")
        }
        None => {
            use diesel_async::RunQueryDsl;
            let sql = "SELECT report_id::TEXT AS digits FROM report_revisions";
            let mut connection = AsyncPgConnection::establish(&fresh.url).await.expect("a connection");
            diesel::sql_query(sql).get_result(&mut connection).await.expect("a report")
        }
    };
    ReportId::new(digits.parse().expect("an identity"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_key_of_a_file_discloses_nothing_of_its_report() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    import(&service.fresh, &with_a_school(26)).await;
    let imported = only_report(&service.fresh).await;
    // The identity and the key together make no secret.
    let guessed = service.bearer(&credentials::derive_report_secret(imported, KEY));
    let query = "query($id: ID!) { report(id: $id) { id } }";
    let id = json!({ "id": format!("report_{}", imported.uuid().simple()) });
    assert_eq!(guessed.data(query, id.clone()).await["report"], Value::Null);
    let withdrawal = json!({ "id": id["id"], "expectedRevision": 1, "reason": "No.",
        "idempotencyKey": "a-withdrawal-of-it" });
    let refused = guessed.change("reportWithdraw", "report { id }", withdrawal).await;
    assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);

    let own = submit(&anyone).await;
    assert_eq!(own["replayed"], false, "{own:#}");
    assert_ne!(own["report"]["id"], id["id"], "it is another report");
    let again = submit(&anyone).await;
    assert_eq!((&again["report"]["id"], &again["replayed"]), (&own["report"]["id"], &json!(true)));
    assert_eq!(kept(&service.fresh).await, (52, 2));
    import(&service.fresh, &with_a_school(26)).await;
    assert_eq!(kept(&service.fresh).await, (52, 2), "the same file again changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_uses_the_key_of_a_file_first_blocks_no_import() {
    let service = Service::with_2021().await;
    let own = submit(&service.anyone()).await;
    assert_eq!(user_errors(&own), [""; 0]);
    // The same number of letters, and then another one: neither is the client's report.
    import(&service.fresh, &with_a_school(26)).await;
    assert_eq!(kept(&service.fresh).await, (52, 2));
    let other = Service::with_2021().await;
    assert_eq!(user_errors(&submit(&other.anyone()).await), [""; 0]);
    import(&other.fresh, &with_a_school(30)).await;
    assert_eq!(kept(&other.fresh).await, (56, 2));
}

/// The step back to the names of tables and columns that the version before has.
const NAMES_DOWN: &str = include_str!("../../migrations/2026-11-30-000090_plain_names/down.sql");

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_the_version_before_imported_is_known_again_and_opens_nothing() {
    let service = Service::with_2021().await;
    import(&service.fresh, &with_a_school(26)).await;
    let imported = only_report(&service.fresh).await;
    // As the version before wrote it, before this one took its steps.
    let typed = credentials::derive_report_secret(imported, KEY);
    let (key, hash) = (SecretHash::of(KEY), SecretHash::of(&typed));
    let before = format!(
        "{NAMES_DOWN}; UPDATE idempotency_keys SET key_hash = '{key}'; UPDATE report_revisions SET secret_hash = '{hash}';
         DELETE FROM __diesel_schema_migrations 
            WHERE version IN ('20261130000061', '20261130000090');"
    );
    run_sql(&service.fresh.url, &before).await;
    run(&service.fresh.url, MigrationTarget::Latest).await.expect("the steps of this version");
    let guessed = service.bearer(&typed);
    let query = "query($id: ID!) { report(id: $id) { id } }";
    let id = json!({ "id": format!("report_{}", imported.uuid().simple()) });
    assert_eq!(guessed.data(query, id).await["report"], Value::Null);
    for client in [&service.anyone(), &guessed] {
        let refused = submit(client).await;
        assert_eq!(user_errors(&refused), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);
        assert_eq!((&refused["secret"], &refused["report"]), (&Value::Null, &Value::Null));
    }
    for _ in 0..2 {
        import(&service.fresh, &with_a_school(26)).await;
        assert_eq!(kept(&service.fresh).await, (26, 1), "the same file again changes nothing");
    }
}
