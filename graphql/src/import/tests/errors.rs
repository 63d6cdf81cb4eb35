//! Each error has its line.

use super::*;

#[test]
fn what_is_not_json_names_the_line_at_which_that_shows() {
    let broken = "{\n  \"edition\": {\n    \"year\": 2021,\n  }\n}";
    assert_eq!(refused(broken, &mut empty()), ["4:3  NOT_JSON"]);
    assert_eq!(refused("{\n  \"edition\": {", &mut empty()), ["2:14  NOT_JSON"]);
    assert_eq!(refused("", &mut empty()), ["1:1  NOT_JSON"]);
    assert_eq!(refused("{} {}", &mut empty()), ["1:4  NOT_JSON"]);
    let mistakes = parse(broken).expect_err("a broken file");
    assert_eq!(shown(&mistakes), ["line 4, column 3: This is not JSON: key must be a string. (NOT_JSON)"]);
}

#[test]
fn what_is_of_another_form_names_every_line_at_fault() {
    let text = r#"{
  "edition": { "year": "2021" },
  "sections": [
    { "code": "ca", "colour": "yellow" },
    { "name": "Poland" },
    7
  ],
  "cases": [
    { "slug": "rung",
      "kind": "STUDENT" },
    { "slug": "sphere", "authorities": [
      { "title": "Ministry" },
      {
        "name": "A minister without an office"
      }
    ] }
  ],
  "reports": [{ "key": "a", "section": "ca", "receivedAt": "yesterday" }],
  "publishedFigures": [
    { "figure": 1, "unit": "letters", "qualifier": "EXACT", "status": "CERTAIN" }
  ]
}"#;
    assert_eq!(
        refused(text, &mut empty()),
        [
            "2:24 edition.year NOT_THIS_FORM",
            "4:28 sections[0] NOT_THIS_FORM",
            "5:5 sections[1] NOT_THIS_FORM",
            "6:5 sections[2] NOT_THIS_FORM",
            "10:15 cases[0].kind NOT_THIS_FORM",
            "13:7 cases[1].authorities[1] NOT_THIS_FORM",
            "18:60 reports[0].receivedAt NOT_THIS_FORM",
            "20:71 publishedFigures[0].status NOT_THIS_FORM",
        ]
    );
}

#[test]
fn a_whole_of_another_form_is_refused_as_one() {
    assert_eq!(refused("[]\n7", &mut empty()), ["2:1  NOT_JSON"]);
    assert_eq!(refused("7", &mut empty()), ["1:1  NOT_THIS_FORM"]);
    assert_eq!(refused("{\n}", &mut empty()), ["1:1  NOT_THIS_FORM"]);
    let text =
        "[\n  { \"edition\": { \"year\": 2001 } },\n  { \"edition\": { \"year\": 2002 }, \"color\": 1 }\n]";
    assert_eq!(refused(text, &mut empty()), ["3:40 [1] NOT_THIS_FORM"]);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(refused(&deep, &mut empty()).len(), 1, "a hostile file is refused like any other");
}

#[test]
fn a_byte_order_mark_moves_nothing() {
    let text = "\u{FEFF}{ \"edition\": { \"year\": 1 } }";
    assert_eq!(refused(text, &mut empty()), ["1:24 edition.year YEAR_OUT_OF_RANGE"]);
}

#[test]
fn columns_count_characters() {
    let text = r#"{ "edition": { "year": 2021 }, "sections": [{ "name": "Żółw", "code": "Ż" }] }"#;
    assert_eq!(
        refused(text, &mut empty()),
        [
            "1:71 sections[0].code SLUG_INVALID",
            "1:45 sections[0].languages TOO_FEW_ITEMS",
            "1:45 sections[0].timeZone TIME_ZONE_UNKNOWN",
        ]
    );
}

#[test]
fn a_broken_rule_names_the_line_of_the_field_or_else_of_the_thing() {
    let text = r#"{
  "edition": { "year": 2021, "letterGoal": 0 },
  "sections": [
    { "code": "ca", "name": "Canada",
      "languages": ["en",
        "zz"],
      "timeZone": "America/Toronto" }
  ]
}"#;
    assert_eq!(
        refused(text, &mut empty()),
        ["2:44 edition.letterGoal GOAL_OUT_OF_RANGE", "6:9 sections[0].languages[1] LANGUAGE_UNKNOWN"]
    );
    let more = r#",
  "reports": [
    { "key": "2021-12-10-rosnowo", "section": "ca", "writtenOn": "2021-12-32",
      "numbers": [
        { "kind": "APPEAL_LETTER", "quantity": 2.5 }
      ],
      "lines": [
        { "case": "rung", "kind": "APPEAL_LETTER", "quantity": 1 },
        { "case": "nobody", "kind": "APPEAL_LETTER", "quantity": 0 }
      ] },
    { "key": "short", "section": "pl" },
    { "key": "2021-12-10-rosnowo", "section": "ca" }
  ],
  "publishedFigures": [
    { "figure": 1, "unit": "letters", "qualifier": "EXACT", "status": "FINAL" },
    { "figure": 1, "unit": " ", "qualifier": "EXACT", "status": "FINAL" }
  ]"#;
    assert_eq!(
        refused(&edition_with(more), &mut empty()),
        [
            "34:28 publishedFigures[1].unit REQUIRED",
            "27:19 reports[0].lines[1].case NOT_FOUND",
            "23:48 reports[0].numbers[0].quantity QUANTITY_NOT_WHOLE",
            "21:66 reports[0].writtenOn DATE_INVALID",
            "29:14 reports[1].key IDEMPOTENCY_KEY_INVALID",
            "29:34 reports[1].section NOT_FOUND",
            "29:5 reports[1].lines TOO_FEW_ITEMS",
            "30:14 reports[2].key DUPLICATE",
        ]
    );
}

#[test]
fn a_case_names_all_that_is_wrong_with_it_before_its_first_step() {
    let case = |more: &str| {
        format!(
            "{{ \"edition\": {{ \"year\": 2021 }}, \"cases\": [\n{{ \"slug\": \"rung\", \"name\": \"Rung\", \"kind\": \"PERSON\",\n{more} }}\n] }}"
        )
    };
    let wrong = r#""country": "ZZ",
"consent": { "on": "soon", "by": "" },
"outcomes": [{ "on": "later", "kind": "OTHER", "text": "x" }],
"state": "CLOSED""#;
    assert_eq!(
        refused(&case(wrong), &mut empty()),
        [
            "4:20 cases[0].consent.on DATE_INVALID",
            "4:34 cases[0].consent.by REQUIRED",
            "5:22 cases[0].outcomes[0].on DATE_INVALID",
            "2:1 cases[0].closeReason REASON_MISSING",
            "3:12 cases[0].country COUNTRY_UNKNOWN",
        ]
    );
    for (more, expected) in [
        ("\"country\": \"TH\",\n\"state\": \"PUBLISHED\"", "4:10 cases[0].state CONSENT_MISSING"),
        (
            "\"country\": \"TH\", \"consent\": { \"on\": \"2021-08-01\", \"by\": \"x\" },\n\"state\": \"SUSPENDED\"",
            "2:1 cases[0].reason REASON_MISSING",
        ),
        (
            "\"country\": \"TH\",\n\n\"closeReason\": \"OTHER\"",
            "5:16 cases[0].closeReason CASE_STATE_INVALID",
        ),
    ] {
        assert_eq!(refused(&case(more), &mut empty()), [expected]);
    }
}

#[test]
fn a_thing_stands_in_a_file_once_and_what_follows_from_a_mistake_is_not_named_again() {
    let text = r#"[
  { "edition": { "year": 2021 },
    "sections": [{ "code": "ca", "name": "Canada" }],
    "campaigns": [{ "section": "ca", "cases": ["rung", "sphere"] }, { "section": "pl" }],
    "cases": [{ "slug": "rung" }, { "slug": "rung" }],
    "reports": [{ "key": "0123456789abcdef", "section": "ca", "lines": [
      { "case": "rung", "kind": "EMAIL", "quantity": 1 }] }] },
  { "edition": { "year": 2021 }, "sections": [{ "code": "ca" }] }
]"#;
    assert_eq!(
        refused(text, &mut empty()),
        [
            "3:18 [0].sections[0].languages TOO_FEW_ITEMS",
            "3:18 [0].sections[0].timeZone TIME_ZONE_UNKNOWN",
            "5:15 [0].cases[0].name REQUIRED",
            "5:15 [0].cases[0].kind REQUIRED",
            "5:15 [0].cases[0].country COUNTRY_UNKNOWN",
            "5:45 [0].cases[1].slug DUPLICATE",
            "4:82 [0].campaigns[1].section NOT_FOUND",
            "8:26 [1].edition.year DUPLICATE",
            "8:57 [1].sections[0].code DUPLICATE",
        ]
    );
}

#[test]
fn nobody_is_told_of_more_mistakes_than_one_can_read() {
    let sections = vec![r#"{ "code": "?" }"#; MAX_ERRORS].join(",\n");
    let text = format!("{{ \"edition\": {{ \"year\": 2021 }}, \"sections\": [{sections}] }}");
    assert_eq!(refused(&text, &mut empty()).len(), MAX_ERRORS);
    let unknown = text.replace("code", "color");
    assert_eq!(refused(&unknown, &mut empty()).len(), MAX_ERRORS);
}

#[test]
fn what_the_ledger_refuses_is_led_back_to_its_line() {
    let more = ",\n  \"reports\": [{ \"key\": \"0123456789abcdef\", \"section\": \"ca\",\n    \"lines\": [\n      { \"case\": \"sphere\", \"kind\": \"EMAIL\", \"quantity\": 1 }] }]";
    let plan = import(&edition_with(more), &mut empty());
    let broken = domain::Violation::at(["lines", "0", "case"], domain::ViolationKind::CaseNotInCampaign);
    assert_eq!(
        shown(&plan.refused(0, &[broken])),
        [
            "line 22, column 17: reports[0].lines[0].case: The campaign does not include this case. (CASE_NOT_IN_CAMPAIGN)"
        ]
    );
}
