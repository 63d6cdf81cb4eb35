//! Columns that a migration fills from the rows of the version before.

use graphql::database::migrations::{MigrationTarget, run};

use super::{PLAIN_NAMES, place_behind, spelled};
use crate::harness::{TestDatabase, number, run_sql};

/// Two events of the version before: one waits for review, and one does not.
const EVENTS_OF_BEFORE: &str = "
    INSERT INTO events (id, edition_id, section_id, campaign_id, state, review_pending, is_listed, format, venue_kind,
        starts_at, ends_at, languages, search_text, attending, waitlisted, content, secret_hash, registered_at,
        updated_at, revision)
        VALUES ($5, $1, $2, $3, 'APPROVED', TRUE, TRUE, 'IN_PERSON', 'SCHOOL', $at, $at, '', '', 0, 0, '{}', 'a hash',
            $at, $at, 2);
    INSERT INTO events (id, edition_id, section_id, campaign_id, state, review_pending, is_listed, format, venue_kind,
        starts_at, ends_at, languages, search_text, attending, waitlisted, content, secret_hash, registered_at,
        updated_at, revision)
        VALUES ($6, $1, $2, $3, 'APPROVED', FALSE, TRUE, 'IN_PERSON', 'SCHOOL', $at, $at, '', '', 0, 0, '{}',
            'another hash', $at, $at, 2);";

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_review_keeps_its_turn_in_the_queue() {
    let fresh = TestDatabase::without_tables().await;
    run(&fresh.url, MigrationTarget::Step(PLAIN_NAMES.to_owned())).await.expect("the version before");
    run_sql(&fresh.url, &spelled(&fresh, &(place_behind(PLAIN_NAMES) + EVENTS_OF_BEFORE))).await;
    run(&fresh.url, MigrationTarget::Step("20261201000100".to_owned())).await.expect("the step");
    let count = async |rows: &str| {
        number(&fresh.url, &spelled(&fresh, &format!("SELECT COUNT(*) AS number FROM {rows}"))).await
    };
    assert_eq!(count("events WHERE id = $5 AND review_requested_at = $at").await, 1);
    assert_eq!(count("events WHERE id = $6 AND review_requested_at IS NULL").await, 1);
    assert_eq!(count("catalogue WHERE oldest_writer = '20261201000100'").await, 1);
    run_sql(&fresh.url, include_str!("../../../migrations/2026-12-01-000100_review_requests/down.sql")).await;
    assert_eq!(count("events WHERE updated_at = $at").await, 2);
    assert_eq!(count("catalogue WHERE oldest_writer = '20261130000090'").await, 1);
}

/// Reports of hosts of the version before: of one event that counts; of another one a test, one that was withdrawn and one
/// that staff have rejected, which its host may still correct; and a report of a guest.
const HOSTS_OF_BEFORE: &str = "
    INSERT INTO report_revisions (report_id, revision, edition_id, campaign_id, section_id, state, channel, author,
        is_late, is_test, lines, received_at, secret_hash, event_id, by_host) VALUES
        ($1, 1, $1, $3, $2, 'SUPERSEDED', 'EVENT', 'HOST', FALSE, FALSE, '[]', $at, 'a hash', $5, TRUE),
        ($1, 2, $1, $3, $2, 'ACCEPTED', 'EVENT', 'HOST', FALSE, FALSE, '[]', $at, 'a hash', $5, TRUE),
        ($2, 1, $1, $3, $2, 'ACCEPTED', 'EVENT', 'HOST', FALSE, TRUE, '[]', $at, 'a hash', $6, TRUE),
        ($3, 1, $1, $3, $2, 'REJECTED', 'EVENT', 'HOST', FALSE, FALSE, '[]', $at, 'a hash', $6, TRUE),
        ($3, 2, $1, $3, $2, 'WITHDRAWN', 'EVENT', 'HOST', FALSE, FALSE, '[]', $at, 'a hash', $6, TRUE),
        ($4, 1, $1, $3, $2, 'REJECTED', 'EVENT', 'HOST', FALSE, FALSE, '[]', $at, 'a hash', $6, TRUE),
        ($7, 1, $1, $3, $2, 'ACCEPTED', 'EVENT', 'WRITER', FALSE, FALSE, '[]', $at, 'a hash', $5, FALSE);
    UPDATE events SET state = 'REPORTED' WHERE id = $5;";

#[tokio::test(flavor = "multi_thread")]
async fn events_know_the_active_reports_of_their_hosts() {
    let fresh = TestDatabase::without_tables().await;
    run(&fresh.url, MigrationTarget::Step("20261201000110".to_owned())).await.expect("the version before");
    let rows = place_behind(PLAIN_NAMES) + EVENTS_OF_BEFORE + HOSTS_OF_BEFORE;
    run_sql(&fresh.url, &spelled(&fresh, &rows)).await;
    run(&fresh.url, MigrationTarget::Step("20261201000120".to_owned())).await.expect("the step");
    let count = async |rows: &str| {
        number(&fresh.url, &spelled(&fresh, &format!("SELECT COUNT(*) AS number FROM {rows}"))).await
    };
    assert_eq!(count("events WHERE id = $5 AND host_report_id = $1 AND state = 'REPORTED'").await, 1);
    assert_eq!(count("events WHERE id = $6 AND host_report_id = $4 AND state = 'APPROVED'").await, 1);
    assert_eq!(count("report_revisions WHERE basis IS NULL").await, 7);
    assert_eq!(count("catalogue WHERE oldest_writer = '20261201000120'").await, 1);
    run_sql(&fresh.url, include_str!("../../../migrations/2026-12-01-000120_running_reports/down.sql")).await;
    assert_eq!(count("events WHERE state = 'REPORTED'").await, 2, "one report of a host ended an event");
    assert_eq!(count("catalogue WHERE oldest_writer = '20261201000100'").await, 1);
}

/// Cases of the version before, and what the audit log has of them: one is suspended again after it was resumed, one
/// was suspended and then closed, and one is suspended without an entry, as an import leaves it.
const CASES_OF_BEFORE: &str = "
    INSERT INTO cases (id, edition_id, slug, state, close_reason, content, outcomes, updated_at, revision) VALUES
        ($5, $1, 'suspended-again', 'SUSPENDED', NULL, '{}', '[]', $last, 4),
        ($6, $1, 'closed', 'CLOSED', 'SAFETY', '{}', '[]', $last, 3),
        ($7, $1, 'imported', 'SUSPENDED', NULL, '{}', '[]', $at, 1);
    INSERT INTO audit_log (id, action, subject_id, acted_at, actor) VALUES
        ($1, 'caseSuspend', $5, $at, 'ADMINISTRATOR'), ($2, 'caseResume', $5, $later, 'ADMINISTRATOR'),
        ($3, 'caseSuspend', $5, $last, 'ADMINISTRATOR'), ($8, 'caseSuspend', $6, $later, 'ADMINISTRATOR'),
        ($9, 'caseClose', $6, $last, 'ADMINISTRATOR'), ($4, 'caseSuspend', $4, $at, 'ADMINISTRATOR'),
        ($6, 'caseResume', $4, $later, 'ADMINISTRATOR');";

#[tokio::test(flavor = "multi_thread")]
async fn cases_stopped_when_the_audit_log_says_that_they_did() {
    let fresh = TestDatabase::without_tables().await;
    run(&fresh.url, MigrationTarget::Step("20261201000100".to_owned())).await.expect("the version before");
    run_sql(&fresh.url, &spelled(&fresh, &(place_behind(PLAIN_NAMES) + CASES_OF_BEFORE))).await;
    run(&fresh.url, MigrationTarget::Step("20261201000110".to_owned())).await.expect("the step");
    let count = async |condition: &str| {
        let rows = format!("SELECT COUNT(*) AS number FROM cases WHERE {condition}");
        number(&fresh.url, &spelled(&fresh, &rows)).await
    };
    for (what, condition) in [
        ("people write for it again", "id = $4 AND writing_stopped_at IS NULL"),
        ("its second suspension", "id = $5 AND writing_stopped_at = $last"),
        ("its suspension, not its end", "id = $6 AND writing_stopped_at = $later"),
        ("it is not known", "id = $7 AND writing_stopped_at IS NULL"),
    ] {
        assert_eq!(count(condition).await, 1, "{what}");
    }
    run_sql(&fresh.url, include_str!("../../../migrations/2026-12-01-000110_writing_stopped/down.sql")).await;
    assert_eq!(count("state = 'SUSPENDED' OR state = 'CLOSED'").await, 3);
}

/// Two figures of the version before, which have a place and no number.
const FIGURES_OF_BEFORE: &str = "
    INSERT INTO published_figures (edition_id, position, figure, unit, qualifier, status) VALUES
        ($1, 0, 10, 'letters', 'EXACT', 'FINAL'), ($1, 1, 20, 'letters', 'EXACT', 'FINAL');";

#[tokio::test(flavor = "multi_thread")]
async fn published_figures_are_numbered_by_their_places() {
    let fresh = TestDatabase::without_tables().await;
    run(&fresh.url, MigrationTarget::Step("20261201000170".to_owned())).await.expect("the version before");
    run_sql(&fresh.url, &spelled(&fresh, &(place_behind(PLAIN_NAMES) + FIGURES_OF_BEFORE))).await;
    run(&fresh.url, MigrationTarget::Step("20261201000180".to_owned())).await.expect("the step");
    let count = async |rows: &str| {
        number(&fresh.url, &spelled(&fresh, &format!("SELECT COUNT(*) AS number FROM {rows}"))).await
    };
    let numbered = "published_figures WHERE number = position + 1 AND revision = 1 AND published_at IS NULL";
    assert_eq!(count(numbered).await, 2);
    assert_eq!(count("catalogue WHERE oldest_writer = '20261201000180'").await, 1);
    let down = include_str!("../../../migrations/2026-12-01-000180_revisions_of_figures/down.sql");
    run_sql(&fresh.url, down).await;
    assert_eq!(count("published_figures").await, 2);
    assert_eq!(count("catalogue WHERE oldest_writer = '20261201000170'").await, 1);
}
