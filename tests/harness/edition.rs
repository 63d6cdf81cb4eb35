//! The edition of 2021: its import, and the ids of its campaigns and cases.

use graphql::cli;
use serde_json::{Value, json};

use super::{Client, TestDatabase, evening};

/// Imports a file, as the command line does.
pub async fn import(fresh: &TestDatabase, text: &str) {
    cli::import::import(&fresh.open(), text, evening(), |_, _| {}).await.expect("an import");
}

/// Imports the 2021 edition with windows that are open by the clock of the machine, which the
/// executable goes by, and says the id of Canada's campaign.
pub async fn import_open_now(fresh: &TestDatabase) -> String {
    let data =
        include_str!("../../graphql/data/edition-2021.json").replace("\"2022-01-31\"", "\"2099-12-31\"");
    import(fresh, &data).await;
    let mut connection = fresh.open().connect().await.expect("a connection");
    let parts = graphql::database::catalogue::load(&mut connection).await.expect("a catalogue");
    let catalogue = domain::catalogue::Catalogue::from(parts);
    let canada = catalogue.section_by_code("ca").expect("a section").id;
    let campaign = catalogue.campaigns().find(|campaign| campaign.section_id == canada).expect("a campaign");
    format!("campaign_{}", campaign.id.uuid().simple())
}

/// The global id of the campaign in which a section runs the edition of 2021.
pub async fn campaign_id(client: &Client, section: &str) -> Value {
    let query = "query($s: String!) { campaign(edition: 2021, section: $s) { id } }";
    let mut data = client.data(query, json!({ "s": section })).await;
    data["campaign"]["id"].take()
}

/// The global id of a case of 2021.
pub async fn case_id(client: &Client, slug: &str) -> Value {
    let query = "query($s: String!) { case(edition: 2021, slug: $s) { id } }";
    let mut data = client.data(query, json!({ "s": slug })).await;
    assert!(data["case"].is_object(), "there is no case {slug}");
    data["case"]["id"].take()
}

/// The global id of a case of 2021 and the revision that stands now.
pub async fn case_to_change(client: &Client, slug: &str) -> Value {
    let query = "query($s: String!) { case(edition: 2021, slug: $s) { id expectedRevision: revision } }";
    let mut data = client.data(query, json!({ "s": slug })).await;
    assert!(data["case"].is_object(), "there is no case {slug}");
    data["case"].take()
}
