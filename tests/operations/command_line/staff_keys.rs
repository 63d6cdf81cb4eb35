//! `w4r key`: keys of administrators and sections.

use serde_json::json;

use crate::harness::{Service, TestDatabase, import, number, user_errors, w4r};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_opens_what_administrators_do_and_is_revoked_for_good() {
    let service = Service::empty().await;
    let url = &service.fresh.url;
    let made = w4r(url, &["key", "create", "Ada, campaign office"]).await;
    let secret = made.out.trim_end();
    assert_eq!((made.code, made.out.lines().count()), (0, 1), "{made:?}");
    assert!(secret.starts_with("w4r_admin_") && !made.err.contains(secret), "{made:?}");
    let other = w4r(url, &["key", "create", "Ada, campaign office"]).await;
    assert_ne!(other.out, made.out);

    let listed = w4r(url, &["key", "list"]).await;
    let ids: Vec<_> = listed
        .out
        .lines()
        .filter(|line| line.contains("Ada, campaign office") && line.contains("active"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(ids.len(), 2, "{listed:?}");
    for secret in [secret, other.out.trim_end()] {
        assert!(!listed.out.contains(secret) && !listed.err.contains(secret), "{listed:?}");
        let kept = format!(
            "SELECT COUNT(*) AS number FROM staff_keys WHERE name = '{secret}' OR key_hash = '{secret}'"
        );
        assert_eq!(number(url, &kept).await, 0, "only its hash is kept");
    }

    let opened =
        service.bearer(secret).change("editionCreate", "edition { year }", json!({ "year": 2031 })).await;
    assert_eq!(user_errors(&opened), [""; 0]);
    let id =
        made.err.split('`').find_map(|part| part.strip_prefix("w4r key revoke ")).expect("how to revoke it");
    assert!(ids.contains(&id), "{id} in {ids:?}");
    let revoked = w4r(url, &["key", "revoke", id]).await;
    assert_eq!((revoked.code, revoked.out.as_str()), (0, "Revoked.\n"), "{revoked:?}");
    let query = "{ service { name } }";
    assert_eq!(service.bearer(secret).fault(query, json!({})).await, "UNAUTHENTICATED");
    service.bearer(other.out.trim_end()).data(query, json!({})).await;
    let listed = w4r(url, &["key", "list"]).await;
    let line = listed.out.lines().find(|line| line.starts_with(id)).expect("it is listed still");
    assert!(line.contains("revoked"), "{line}");
    for (id, code) in [(id, 1), ("00000000-0000-0000-0000-000000000000", 1), ("Ada", 2)] {
        let refused = w4r(url, &["key", "revoke", id]).await;
        assert_eq!((refused.code, refused.out.as_str()), (code, ""), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_a_section_says_so() {
    let fresh = TestDatabase::migrated().await;
    let url = fresh.url.as_str();
    let nowhere = w4r(url, &["key", "create", "Jo", "--section", "ca"]).await;
    assert!(nowhere.code != 0 && nowhere.err.contains("no section `ca`"), "{nowhere:?}");
    import(&fresh, include_str!("../../../graphql/data/edition-2021.json")).await;
    let made = w4r(url, &["key", "create", "Jo", "--section", "ca"]).await;
    assert!(made.out.starts_with("w4r_section_"), "{made:?}");
    assert!(made.err.contains("Amnesty International Canada (English speaking)"), "{made:?}");
    let listed = w4r(url, &["key", "list"]).await;
    assert!(listed.out.trim_end().ends_with("Jo (only ca)"), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_needs_a_name_that_can_be_read() {
    let fresh = TestDatabase::migrated().await;
    for name in ["", "  ", "two\nlines", "\u{202E}adA", &"a".repeat(201)] {
        let refused = w4r(&fresh.url, &["key", "create", name]).await;
        assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{refused:?}");
        assert!(refused.err.starts_with("w4r: the name: "), "{refused:?}");
    }
    let listed = w4r(&fresh.url, &["key", "list"]).await;
    assert_eq!((listed.code, listed.out.as_str()), (0, ""), "{listed:?}");
    assert!(listed.err.contains("w4r key create"), "{listed:?}");
}
