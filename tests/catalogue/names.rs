//! Names, words and languages of the world: searches, orders, the identity of people, and the choice of a language.

use domain::{
    Language,
    text::{nfkc_casefold, search_text, search_words},
};
use graphql::database::migrations::{MigrationTarget, run};
use serde_json::{Value, json};

use crate::harness::{
    Client, SUBMIT, Service, assert_done, at, campaign_id, case_to_change,
    events::{approved, listed},
    number,
    people::{join, mail_to, register, secret_in},
    run_sql,
    subscribers::subscribed,
    urgent_actions::issue,
    user_errors, with,
};

/// The rows of a table of `tests/catalogue/names.md`.
fn rows<const COLUMNS: usize>(heading: &str) -> Vec<[String; COLUMNS]> {
    let (_, section) =
        include_str!("names.md").split_once(&format!("\n## {heading}\n")).expect("the heading");
    let section = section.split("\n## ").next().expect("a section");
    let cells = |line: &str| -> [String; COLUMNS] {
        let cells = line.trim_matches('|').split('|').map(|cell| cell.trim().replace("\\u{301}", "\u{301}"));
        cells.collect::<Vec<_>>().try_into().expect("as many cells as columns")
    };
    let rows: Vec<_> = section.lines().filter(|line| line.starts_with('|')).skip(2).map(cells).collect();
    assert!(rows.len() > 10, "{heading}");
    rows
}

#[test]
fn searches_find_what_the_table_says() {
    for [typed, text, found, by] in rows("Searches") {
        let searched = search_text(&text);
        let is_found = search_words(&typed).iter().all(|word| searched.contains(word.as_str()));
        assert_eq!(is_found, found == "yes", "{typed} in {text} ({by})");
    }
}

#[test]
fn people_are_the_same_where_the_table_says_so() {
    for [one, other, same, by] in rows("People") {
        let one_name = domain::text::line(&one).expect("a name");
        let other_name = domain::text::line(&other).expect("a name");
        let is_same = nfkc_casefold(&one_name) == nfkc_casefold(&other_name);
        assert_eq!(is_same, same == "yes", "{one} and {other} ({by})");
    }
}

#[test]
fn readers_get_the_text_that_the_table_names() {
    for [asked, texts, served, by] in rows("Texts") {
        let texts = texts.split(' ').map(|tag| Language::parse(tag).expect("a language")).collect::<Vec<_>>();
        let closest = Language::parse(&asked).expect("a language").closest(&texts).map(Language::as_str);
        assert_eq!(closest, Some(served.as_str()), "{asked} ({by})");
    }
}

/// Publishes a case with a text in each of these languages.
async fn published(service: &Service, slug: &str, name: &str, languages: &[&str]) {
    let staff = service.administrator();
    let edition = staff.data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].take();
    let text = |language: &&str| json!({ "language": language, "title": format!("in {language}") });
    let texts: Vec<_> = languages.iter().map(text).collect();
    let input = json!({ "edition": edition, "slug": slug, "name": name, "kind": "PERSON", "country": "PE", "texts": texts });
    let made = staff.change("caseCreate", "case { id expectedRevision: revision }", input).await;
    assert_eq!(user_errors(&made), [""; 0], "{slug}");
    let consent = with(made["case"].clone(), json!({ "on": "2021-08-01", "by": "the family" }));
    staff.change("caseRecordConsent", "case { id }", consent).await;
    let publish = with(made["case"].clone(), json!({ "expectedRevision": 2 }));
    staff.change("casePublish", "case { id }", publish).await;
}

async fn names(client: &Client, arguments: &str) -> Vec<String> {
    let data = client.data(&format!("{{ cases({arguments}) {{ nodes {{ name }} }} }}"), json!({})).await;
    let nodes = data["cases"]["nodes"].as_array().expect("nodes");
    nodes.iter().map(|node| node["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_are_found_and_ordered_as_their_readers_know_the_alphabet() {
    let service = Service::with_2021().await;
    for (slug, name) in [
        ("lucja", "Łucja Żółć"),
        ("dang", "Đặng Thị Đào"),
        ("oystein", "Øystein Åse"),
        ("isik", "Işık Iğdır"),
    ] {
        published(&service, slug, name, &[]).await;
    }
    let anyone = service.anyone();
    for (typed, name) in [
        ("lucja zolc", "Łucja Żółć"),
        ("DANG DAO", "Đặng Thị Đào"),
        ("oystein ase", "Øystein Åse"),
        ("IĞDIR", "Işık Iğdır"),
    ] {
        assert_eq!(names(&anyone, &format!("filter: {{ text: \"{typed}\" }}")).await, [name], "{typed}");
    }
    let place = |names: &[String], name: &str| names.iter().position(|other| other == name).expect("a name");
    let by_root = names(&anyone, "first: 100").await;
    let is_in_order = |names: &[String], order: &[&str]| {
        let places: Vec<_> = order.iter().map(|name| place(names, name)).collect();
        assert!(places.is_sorted(), "{names:?}");
    };
    is_in_order(
        &by_root,
        &["Đặng Thị Đào", "Imoleayo Michael", "Işık Iğdır", "Łucja Żółć", "Mikita Zalatarou"],
    );
    is_in_order(&by_root, &["Øystein Åse", "Wendy Galarza", "Zhang Zhan"]);
    let of_norway = names(&anyone, "first: 100, language: \"nb\"").await;
    is_in_order(&of_norway, &["Zhang Zhan", "Øystein Åse"]);
    let by_header = names(&service.anyone().reading("nb-NO,en;q=0.5"), "first: 100, orderBy: NAME").await;
    assert_eq!(by_header, of_norway);

    let page = "query($after: String) { cases(first: 3, after: $after, language: \"nb\") {
        nodes { name } pageInfo { hasNextPage endCursor } } }";
    let (mut paged, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = anyone.data(page, json!({ "after": after })).await;
        let nodes = data["cases"]["nodes"].as_array().expect("nodes");
        paged.extend(nodes.iter().map(|node| node["name"].as_str().expect("a name").to_owned()));
        if data["cases"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = data["cases"]["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(paged, of_norway);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_of_traditional_chinese_get_it_by_argument_header_filter_and_mail() {
    let service = Service::with_2021().await;
    let languages = ["zh-Hans", "en", "zh-Hant", "nb"];
    published(&service, "lam", "Lam", &languages).await;
    let text = async |reader: &Client, argument: &str| {
        let query = format!("{{ case(edition: 2021, slug: \"lam\") {{ text{argument} {{ language }} }} }}");
        reader.data(&query, json!({})).await["case"]["text"]["language"].take()
    };
    let anyone = service.anyone();
    for (asked, served) in
        [("zh-TW", "zh-Hant"), ("zh-HK", "zh-Hant"), ("zh-CN", "zh-Hans"), (" nn", "nb"), ("NO", "nb")]
    {
        assert_eq!(text(&anyone, &format!("(language: \"{asked}\")")).await, served, "{asked}");
    }
    for (header, served) in [
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("nn-NO,nn;q=0.9,en;q=0.8", "nb"),
        ("no,en", "nb"),
        ("pl,en", "en"),
    ] {
        assert_eq!(text(&service.anyone().reading(header), "").await, served, "{header}");
    }

    let chinese = approved(&service, "an evening in chinese", json!({ "languages": ["zh-Hant"] })).await;
    let bokmal = approved(&service, "an evening in bokmal", json!({ "languages": ["nb"] })).await;
    for (asked, event) in [
        ("zh-TW", Some(&chinese)),
        ("zh", Some(&chinese)),
        ("zh-CN", None),
        ("nn", Some(&bokmal)),
        ("da", None),
    ] {
        let found = listed(&anyone, &format!("(filter: {{ language: \"{asked}\" }})")).await;
        let expected: Vec<_> = event.iter().map(|event| event["event"]["id"].clone()).collect();
        assert_eq!(found, expected, "{asked}");
    }

    subscribed(&service, "taipei", json!({ "language": "zh-TW" })).await;
    let texts: Vec<_> = languages
        .iter()
        .map(|language| json!({ "language": language, "title": format!("In {language}") }))
        .collect();
    issue(&service.administrator(), json!({ "texts": texts })).await;
    let told = mail_to(&service, "taipei@example.org", 2).await;
    assert!(told[1].contains("In zh-Hant"), "{}", told[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_found_by_the_plain_letters_of_its_place_and_other_apostrophes() {
    let service = Service::with_2021().await;
    let more = json!({ "title": "Soirée de l’écriture", "description": "Maya Q’eqchiʼ letters",
        "place": { "country": "PL", "region": "PL-10", "locality": "Łódź", "venue": "Szkoła Ślęża" } });
    let event = approved(&service, "an evening in lodz", more).await;
    let id = event["event"]["id"].clone();
    let anyone = service.anyone();
    for text in ["Lodz", "szkola sleza", "l'ecriture", "Q'eqchi'", "qeqchi", "soiree-de-l‑ecriture"] {
        assert_eq!(
            listed(&anyone, &format!("(filter: {{ text: \"{text}\" }})")).await,
            std::slice::from_ref(&id),
            "{text}"
        );
    }
    for text in ["lodzi", "ślęża łódźx"] {
        assert_eq!(listed(&anyone, &format!("(filter: {{ text: \"{text}\" }})")).await, [0; 0], "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_at_one_address_whose_names_differ_in_a_vowel_sign_are_two() {
    let service = Service::with_2021().await;
    let event = approved(&service, "an evening for two sisters", json!({ "capacity": 10 })).await;
    let anyone = service.anyone();
    let sisters = [("sita", "सीता"), ("sati", "सती")];
    for (key, name) in sisters {
        let more = json!({ "displayName": name, "email": " sisters@example.org ", "letterGoal": 7 });
        assert_done(&register(&anyone, key, more).await);
    }
    let mut confirmed = Vec::new();
    for message in mail_to(&service, "sisters@example.org", 2).await {
        let input = json!({ "code": secret_in(&message) });
        let mut payload = anyone.change("participantConfirm", "participant { displayName }", input).await;
        confirmed.push(payload["participant"]["displayName"].take());
    }
    confirmed.sort_by_key(Value::to_string);
    assert_eq!(confirmed, ["सती", "सीता"], "each code opens the record of its own name");
    for (key, name) in sisters {
        let more = json!({ "displayName": name, "email": "sisters@example.org" });
        let joined = join(&anyone, &event, key, more).await;
        assert_eq!(joined["attendance"]["state"], "GOING", "{joined:#}");
    }
    let query = "{ edition(year: 2021) { participation { pledged } } }";
    assert_eq!(anyone.data(query, json!({})).await["edition"]["participation"]["pledged"], 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_addresses_are_taken_as_keyboards_give_them() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let event = approved(&service, "an evening with keyboards", json!({ "capacity": 10 })).await;
    for (key, email) in [
        ("behind", "moses@example.org "),
        ("before", " moses@example.org"),
        ("both", "\tmoses@example.org\u{A0}"),
    ] {
        let joined = join(&anyone, &event, key, json!({ "email": email })).await;
        assert_eq!(joined["attendance"]["state"], "GOING", "{joined:#}");
    }
    let more = json!({ "country": "ca ", "region": " ca-On", "language": " FR_ca " });
    let registered = register(&anyone, "codes", more).await;
    assert_done(&registered);
    let participant = &registered["participant"];
    assert_eq!(
        [&participant["country"], &participant["region"], &participant["language"]],
        ["CA", "CA-ON", "fr-CA"]
    );
    let found =
        listed(&anyone, "(filter: { countries: [\" ca\"], region: \"ca-on \", section: \" CA\" })").await;
    assert_eq!(found, [event["event"]["id"].clone()]);
    let query = "{ case(edition: 2021, slug: \" Rung\") { slug } section(code: \"CA \") { code } }";
    let data = anyone.data(query, json!({})).await;
    assert_eq!((&data["case"]["slug"], &data["section"]["code"]), (&json!("rung"), &json!("ca")));
    let sessions = json!([{ "localStart": " 2021-12-10T18:00", "localEnd": "2021-12-10T21:00 " }]);
    approved(
        &service,
        "an evening with spaces",
        json!({ "timeZone": " america/toronto ", "sessions": sessions }),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_with_zeros_counts_what_is_not_zero() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let mut lines = Vec::new();
    for (slug, quantity) in [("rung", 5), ("sphere", 0), ("ciham-ali", 0)] {
        let case = case_to_change(&staff, slug).await["id"].clone();
        lines.push(json!({ "case": case, "kind": "APPEAL_LETTER", "quantity": quantity }));
    }
    let anyone = service.anyone();
    let report = json!({ "campaign": campaign_id(&anyone, "ca").await, "idempotencyKey": "a-grid-with-zeros-in-it", "lines": lines });
    let done = anyone.payload(SUBMIT, json!({ "input": report })).await;
    assert_eq!(user_errors(&done), [""; 0]);
    // The same without the zeros is the same report.
    let same = with(report.clone(), json!({ "lines": [report["lines"][0]] }));
    assert_eq!(anyone.payload(SUBMIT, json!({ "input": same })).await["replayed"], true);
    let total = anyone.data("{ edition(year: 2021) { total { letters } } }", json!({})).await;
    assert_eq!(total["edition"]["total"]["letters"], 5);
    let zeros = json!({ "idempotencyKey": "a-grid-of-zeros-alone", "lines": [report["lines"][1], report["lines"][2]] });
    let refused = anyone.payload(SUBMIT, json!({ "input": with(report.clone(), zeros) })).await;
    assert_eq!(
        user_errors(&refused),
        ["lines.0.quantity QUANTITY_OUT_OF_RANGE", "lines.1.quantity QUANTITY_OUT_OF_RANGE"]
    );
}

/// The migration that the forms came with, and what the version before stored.
#[tokio::test(flavor = "multi_thread")]
async fn stored_forms_are_made_anew_by_a_migration() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let more = json!({ "title": "Łódź writes", "languages": ["zh-TW", "tl"] });
    let event = approved(&service, "an evening before the forms", more).await;
    let anyone = service.anyone();
    for (key, name) in [("sita", "सीता"), ("sati", "सती"), ("sati-again", "सती")] {
        let more = json!({ "displayName": name, "email": "sisters@example.org" });
        assert_done(&register(&anyone, key, more.clone()).await);
        join(&anyone, &event, key, more).await;
    }
    let url = &service.fresh.url;
    run_sql(url, include_str!("../../migrations/2026-11-30-000081_stored_forms/down.sql")).await;
    let before = "DELETE FROM __diesel_schema_migrations WHERE version = '20261130000081';
        UPDATE participants SET repeats_id = (SELECT first.id FROM participants AS first
            ORDER BY first.registered_at, first.id LIMIT 1);
        UPDATE participants SET repeats_id = NULL WHERE id = repeats_id;
        UPDATE participants SET name_folded = 'सत';
        UPDATE attendances SET name_folded = 'सत' WHERE name_folded IS NOT NULL;
        UPDATE events SET search_text = 'łodz writes', languages = ' zh-TW tl ';";
    run_sql(url, before).await;
    let count = async |rows: &str| number(url, &format!("SELECT COUNT(*) AS number FROM {rows}")).await;
    assert_eq!(count("participants WHERE repeats_id IS NULL").await, 1);
    assert_eq!(count("catalogue WHERE oldest_writer = '20261130000080'").await, 1);

    run(url, MigrationTarget::Latest).await.expect("the forms");
    assert_eq!(count("participants WHERE name_folded = 'सीता' AND repeats_id IS NULL").await, 1);
    assert_eq!(count("participants WHERE name_folded = 'सती' AND repeats_id IS NULL").await, 1);
    assert_eq!(
        count(
            "participants JOIN participants AS first ON participants.repeats_id = first.id
            AND participants.name_folded = first.name_folded"
        )
        .await,
        1,
        "the third repeats the second"
    );
    assert_eq!(count("attendances WHERE name_folded IN ('सीता', 'सती')").await, count("attendances").await);
    assert_eq!(count("events WHERE search_text LIKE '%lodz writes%'").await, 1);
    assert_eq!(count("events WHERE languages = ' zh-TW zh-Hant-TW tl fil-Latn-PH '").await, 1);

    // What is of this version is left alone, and what is of another one is made anew without a migration.
    run_sql(url, "UPDATE events SET search_text = 'left alone'").await;
    run(url, MigrationTarget::Latest).await.expect("nothing to do");
    assert_eq!(count("events WHERE search_text = 'left alone'").await, 1);
    run_sql(url, "UPDATE catalogue SET stored_forms = 'of a former version'").await;
    let [one, other] = [run(url, MigrationTarget::Latest), run(url, MigrationTarget::Latest)];
    let (one, other) = tokio::join!(one, other);
    one.and(other).expect("the forms, once");
    assert_eq!(count("events WHERE search_text LIKE '%lodz writes%'").await, 1);
}
