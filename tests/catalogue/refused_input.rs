//! Input of administrators that breaks several rules: each is reported with its path.

use serde_json::{Value, json};

use crate::harness::{Service, campaign_id, case_to_change, user_errors, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_section_with_several_mistakes_gets_all_of_them() {
    let service = Service::empty().await;
    let staff = service.administrator();
    let input = json!({ "code": "Pe ru", "name": " ", "country": "ZZ", "languages": ["es", "zz", "ES"],
        "timeZone": "America/Cajamarca" });
    let refused = staff.change("sectionCreate", "section { id }", input).await;
    assert_eq!(
        user_errors(&refused),
        [
            "code SLUG_INVALID",
            "name REQUIRED",
            "country COUNTRY_UNKNOWN",
            "languages.1 LANGUAGE_UNKNOWN",
            "languages.2 DUPLICATE",
            "timeZone TIME_ZONE_UNKNOWN",
        ]
    );
    assert_eq!(refused["section"], Value::Null);
    let none = json!({ "code": "pe", "name": "Perú", "languages": [], "timeZone": "America/Lima" });
    assert_eq!(
        user_errors(&staff.change("sectionCreate", "section { id }", none).await),
        ["languages TOO_FEW_ITEMS"]
    );
    assert_eq!(staff.data("{ sections { totalCount } }", json!({})).await["sections"]["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_with_several_mistakes_gets_all_of_them() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    for (year, goal) in [(1960, 0.0), (2101, 1_000_000_001.0), (-1, 0.5), (i32::MAX, -3.0)] {
        let input = json!({ "year": year, "letterGoal": goal });
        let refused = staff.change("editionCreate", "edition { id }", input).await;
        assert_eq!(user_errors(&refused), ["year YEAR_OUT_OF_RANGE", "letterGoal GOAL_OUT_OF_RANGE"]);
    }
    let edition = staff.data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].take();
    let figure = json!({ "figure": 4, "unit": "letters", "qualifier": "EXACT", "status": "FINAL" });
    let bad = json!({ "figure": 0.5, "asOf": "spring", "countries": 0, "source": "a newspaper" });
    let figures = [figure.clone(), with(figure.clone(), bad), figure.clone()];
    let refused = staff
        .change("editionPublishFigures", "edition { id }", json!({ "id": edition, "figures": figures }))
        .await;
    assert_eq!(
        user_errors(&refused),
        [
            "figures.1.figure FIGURE_OUT_OF_RANGE",
            "figures.1.asOf PARTIAL_DATE_INVALID",
            "figures.1.countries QUANTITY_OUT_OF_RANGE",
            "figures.1.source URL_INVALID",
            "figures.2 DUPLICATE",
        ]
    );
    let many: Vec<_> =
        (1..=201).map(|countries| with(figure.clone(), json!({ "countries": countries }))).collect();
    let refused = staff
        .change("editionPublishFigures", "edition { id }", json!({ "id": edition, "figures": many }))
        .await;
    assert_eq!(user_errors(&refused), ["figures TOO_MANY_ITEMS"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_with_several_mistakes_gets_all_of_them() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let rung = case_to_change(&staff, "rung").await["id"].clone();
    let campaign = json!({ "id": campaign_id(&staff, "ca").await, "expectedRevision": 1 });
    let change = async |more: Value| {
        user_errors(&staff.change("campaignUpdate", "campaign { id }", with(campaign.clone(), more)).await)
    };
    assert_eq!(
        change(json!({ "opensOn": "2022-02-01", "registrationClosesOn": "2021-10-31", "graceDays": 93 }))
            .await,
        [
            "deadlineOn WINDOW_OUT_OF_ORDER",
            "registrationClosesOn WINDOW_OUT_OF_ORDER",
            "graceDays GRACE_DAYS_OUT_OF_RANGE"
        ]
    );
    assert_eq!(
        change(
            json!({ "opensOn": "2021-11-31", "graceDays": -1, "timeZone": "Toronto", "letterGoal": 1_000_000_001,
            "limitPerson": 0, "limitEvent": 1_000_001, "cases": [] })
        )
        .await,
        [
            "opensOn DATE_INVALID",
            "graceDays GRACE_DAYS_OUT_OF_RANGE",
            "timeZone TIME_ZONE_UNKNOWN",
            "letterGoal GOAL_OUT_OF_RANGE",
            "limitPerson PLAUSIBILITY_LIMIT_OUT_OF_RANGE",
            "limitEvent PLAUSIBILITY_LIMIT_OUT_OF_RANGE",
            "cases TOO_FEW_ITEMS",
        ]
    );
    let other = staff.change("editionCreate", "edition { id }", json!({ "year": 2022 })).await;
    let input = json!({ "edition": other["edition"]["id"], "slug": "elsewhere", "name": "Elsewhere",
        "kind": "COMMUNITY", "country": "PE" });
    let elsewhere = staff.change("caseCreate", "case { id }", input).await["case"]["id"].clone();
    assert_eq!(
        change(json!({ "cases": [rung, elsewhere, rung, "case_nonsense"] })).await,
        ["cases.1 CASE_NOT_IN_CAMPAIGN", "cases.2 DUPLICATE", "cases.3 NOT_FOUND"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_with_several_mistakes_gets_all_of_them() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let rung = case_to_change(&staff, "rung").await;
    let english = json!({ "language": "en", "title": "A\u{202e}B" });
    let bad = json!({
        "country": "XX",
        "texts": [{ "language": "fr" }, english, { "language": "FR" }, { "language": "klingon-x" }],
        "authorities": [{ "title": "", "country": "Peru", "email": "nobody", "postalAddress": vec!["a line"; 11] }],
        "solidarity": { "channel": "POST", "languages": ["xx"], "address": ["two\nlines"] },
        "sources": ["example.org"],
    });
    let refused = staff.change("caseUpdate", "case { id }", with(rung.clone(), bad)).await;
    let mut errors = user_errors(&refused);
    errors.sort();
    assert_eq!(
        errors,
        [
            "authorities.0.country COUNTRY_UNKNOWN",
            "authorities.0.email EMAIL_INVALID",
            "authorities.0.postalAddress TOO_MANY_ITEMS",
            "authorities.0.title REQUIRED",
            "country COUNTRY_UNKNOWN",
            "solidarity.address.0 CONTROL_CHARACTER",
            "solidarity.languages.0 LANGUAGE_UNKNOWN",
            "sources.0 URL_INVALID",
            "texts.1.title BIDIRECTIONAL_OVERRIDE",
            "texts.2.language DUPLICATE",
            "texts.3.language LANGUAGE_UNKNOWN",
        ]
    );
    let many = json!({ "topics": vec!["OTHER"; 51], "sources": vec!["https://example.org"; 51],
        "authorities": vec![json!({ "title": "Judge" }); 21],
        "texts": vec![json!({ "language": "en" }); 61] });
    let mut errors = user_errors(&staff.change("caseUpdate", "case { id }", with(rung, many)).await);
    errors.retain(|error| error.ends_with("TOO_MANY_ITEMS"));
    assert_eq!(
        errors,
        [
            "topics TOO_MANY_ITEMS",
            "texts TOO_MANY_ITEMS",
            "authorities TOO_MANY_ITEMS",
            "sources TOO_MANY_ITEMS"
        ]
    );
}
