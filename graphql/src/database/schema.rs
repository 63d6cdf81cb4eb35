//! The tables as diesel's queries see them; `migrations/` creates them.

macro_rules! tables {
    ($($table:ident ($($key:ident),+) { $($column:ident -> $type:ty,)+ })+) => {$(
        diesel::table! {
            use crate::database::sql_types::sql::{Instant, Id};
            use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SmallInt, Text};
            $table ($($key),+) { $($column -> $type,)+ }
        }
    )+};
}

tables! {
    catalogue (id) {
        id -> SmallInt, revision -> BigInt, commit_id -> Nullable<Id>, oldest_writer -> Nullable<Text>,
        source_key -> Nullable<Text>, stored_forms -> Nullable<Text>,
    }
    editions (id) {
        id -> Id, year -> SmallInt, letter_goal -> Nullable<BigInt>, state -> Text, revision -> Integer,
        version -> BigInt, commit_id -> Nullable<Id>, scopes_recorded_since -> Nullable<Instant>,
    }
    sections (id) {
        id -> Id, code -> Text, name -> Text, country -> Nullable<Text>, languages -> Text, zone -> Text,
        revision -> Integer,
    }
    cases (id) {
        id -> Id, edition_id -> Id, slug -> Text, state -> Text, close_reason -> Nullable<Text>,
        writing_stopped_at -> Nullable<Instant>, content -> Text, outcomes -> Text,
        consent -> Nullable<Text>, updated_at -> Instant, revision -> Integer,
    }
    campaigns (id) {
        id -> Id, edition_id -> Id, section_id -> Id, opens_on -> Text,
        registration_closes_on -> Nullable<Text>, deadline_on -> Text, grace_days -> Integer,
        zone -> Text, letter_goal -> Nullable<BigInt>, limit_person -> Integer, limit_event -> Integer,
        picks -> Nullable<Text>, revision -> Integer, reviews_events -> Bool, bounds_events -> Bool,
    }
    published_figures (edition_id, position) {
        edition_id -> Id, position -> Integer, figure -> BigInt, unit -> Text, qualifier -> Text,
        status -> Text, as_of -> Nullable<Text>, countries -> Nullable<Integer>, source -> Nullable<Text>,
        section_id -> Nullable<Id>, case_id -> Nullable<Id>, number -> Integer, revision -> Integer,
        reason -> Nullable<Text>, published_at -> Nullable<Instant>,
    }
    replaced_figures (edition_id, position) { edition_id -> Id, position -> Integer, content -> Text, }
    statements (id) {
        id -> Id, edition_id -> Id, section_id -> Id, country -> Nullable<Text>, extent -> Text,
        case_id -> Nullable<Id>, kind -> Text, way -> Nullable<Text>, origin -> Text, revisions -> Text,
        withdrawn_at -> Nullable<Instant>,
    }
    milestones (id) {
        id -> Id, edition_id -> Id, section_id -> Id, unit -> Text, threshold -> BigInt, title -> Nullable<Text>,
        is_hidden -> Bool, created_at -> Instant, withdrawn_at -> Nullable<Instant>,
    }
    reached_milestones (milestone_id) {
        milestone_id -> Id, edition_id -> Id, version -> BigInt, reached_at -> Instant, quantity -> BigInt,
    }
    certifications (edition_id, section_id) {
        edition_id -> Id, section_id -> Id, version -> BigInt, hash -> Text, certified_at -> Instant,
        snapshot -> Text,
    }
    corrections (edition_id, version, section_id) {
        edition_id -> Id, version -> BigInt, section_id -> Id, reason -> Text, corrected_at -> Instant,
        letters_before -> BigInt, actions_before -> BigInt, letters_after -> BigInt, actions_after -> BigInt,
    }
    staff_keys (id) {
        id -> Id, name -> Text, key_hash -> Text, created_at -> Instant, revoked_at -> Nullable<Instant>,
        section_id -> Nullable<Id>,
    }
    audit_log (id) {
        id -> Id, key_id -> Nullable<Id>, action -> Text, subject_id -> Id, reason -> Nullable<Text>,
        acted_at -> Instant, actor -> Text,
    }
    report_revisions (report_id, revision) {
        report_id -> Id, revision -> Integer, edition_id -> Id, campaign_id -> Id, section_id -> Id,
        state -> Text, origin -> Nullable<Text>, way -> Nullable<Text>, author -> Text, is_late -> Bool, is_test -> Bool,
        country -> Nullable<Text>, region -> Nullable<Text>, reported_country -> Nullable<Text>,
        people -> Nullable<Integer>, written_on -> Nullable<Text>, staff_note -> Nullable<Text>, lines -> Text,
        reason -> Nullable<Text>, received_at -> Instant, decided_at -> Nullable<Instant>,
        decision_reason -> Nullable<Text>, secret_hash -> Text, event_id -> Nullable<Id>, by_host -> Bool,
        participant_id -> Nullable<Id>, attendance_id -> Nullable<Id>, review_reason -> Nullable<Text>,
        address_mark -> Nullable<Text>, network_mark -> Nullable<Text>, basis -> Nullable<Text>,
        group_id -> Nullable<Id>,
    }
    report_budgets (budget_hash) {
        budget_hash -> Text, ends_at -> Instant, reports -> BigInt, actions -> BigInt, pending_review -> BigInt,
        exceeded -> Bool,
    }
    moderations (id) {
        id -> Id, campaign_id -> Id, decision -> Text, selection -> Text, reason -> Text,
        key_id -> Nullable<Id>, started_at -> Instant, last_report_id -> Id, selected -> Text,
        finished_at -> Nullable<Instant>, undoes_id -> Nullable<Id>,
    }
    moderated_revisions (moderation_id, report_id, revision) {
        moderation_id -> Id, report_id -> Id, revision -> Integer, state -> Text,
    }
    report_log (id) {
        id -> SmallInt, origin -> Nullable<Text>, generation -> Integer, size -> BigInt, root -> Text,
        checkpoint -> Nullable<Text>, verifier_keys -> Text, signing_key -> Nullable<Text>,
        published_at -> Nullable<Instant>, is_halted -> Bool, backfilled_report -> Nullable<Id>,
        backfilled_revision -> Integer, is_backfilled -> Bool,
    }
    report_log_leaves (report_id, revision, step) {
        report_id -> Id, revision -> Integer, step -> Integer, state -> Text, commitment -> Text,
        opening -> Nullable<Text>, position -> Nullable<BigInt>,
    }
    report_log_subtrees (level, position) { level -> Integer, position -> BigInt, hash -> Text, }
    idempotency_keys (key_hash, scope) {
        key_hash -> Text, scope -> Text, fingerprint -> Text, subject_id -> Id, revision -> Integer,
    }
    total_counts (edition_id, section_id, country, region, case_id, kind, origin, way, counted_from) {
        edition_id -> Id, section_id -> Id, country -> Text, region -> Text, case_id -> Id, kind -> Text,
        origin -> Text, way -> Text, counted_from -> Text, quantity -> BigInt, late -> BigInt, pending_review -> BigInt,
    }
    total_headcounts (edition_id, section_id, country, region, origin) {
        edition_id -> Id, section_id -> Id, country -> Text, region -> Text, origin -> Text,
        people -> BigInt, reports -> BigInt, pending_review -> BigInt,
    }
    edition_versions (edition_id, version) {
        edition_id -> Id, version -> BigInt, committed_at -> Instant, letters -> BigInt,
        actions -> BigInt, late -> BigInt, people -> BigInt,
    }
    scope_versions (edition_id, body_id, case_id, committed_at, version) {
        edition_id -> Id, body_id -> Id, case_id -> Id, committed_at -> Instant, version -> BigInt,
        letters -> BigInt, actions -> BigInt, late -> BigInt, people -> BigInt,
    }
    recounts (edition_id) {
        edition_id -> Id, version -> BigInt, matches -> Bool, checked_at -> Instant,
    }    resources (id) {
        id -> Id, kind -> Text, title -> Text, edition_id -> Nullable<Id>, case_id -> Nullable<Id>,
        language -> Text, audience -> Text, url -> Text, version -> Nullable<Text>, state -> Text,
        updated_at -> Instant, revision -> Integer,
    }
    urgent_actions (id) {
        id -> Id, number -> Text, update_number -> Integer, issued_on -> Text, expires_on -> Text,
        zone -> Text, content -> Text, state -> Text, updated_at -> Instant, revision -> Integer,
    }
    urgent_action_news (number) {
        number -> BigInt, action_id -> Id, update_number -> Integer, found_at -> Instant,
    }
    subscriptions (id) {
        id -> Id, email_folded -> Text, secret_hash -> Text, unsubscribe_hash -> Text, frequency -> Text,
        content -> Text, requested_at -> Instant, confirmed_at -> Nullable<Instant>, last_news_number -> BigInt,
        digest_at -> Instant, updated_at -> Instant, revision -> Integer,
    }
    outbox (id) {
        id -> Id, key_hash -> Text, kind -> Text, language -> Text, recipient -> Nullable<Text>,
        content -> Nullable<Text>, state -> Text, attempts -> Integer, next_attempt_at -> Instant,
        lease_id -> Nullable<Id>, last_error -> Nullable<Text>, enqueued_at -> Instant,
        ended_at -> Nullable<Instant>, subject_id -> Nullable<Id>, erased -> Bool,
        repeatable -> Bool,
    }
    report_reminders (event_id) { event_id -> Id, enqueued_at -> Instant, }
    event_revision (id) { id -> SmallInt, revision -> BigInt, commit_id -> Nullable<Id>, }
    zone_data (id) { id -> SmallInt, version -> Text, }
    heartbeats (process_id) { process_id -> Id, beat_at -> Instant, }
    events (id) {
        id -> Id, edition_id -> Id, section_id -> Id, campaign_id -> Id, state -> Text,
        state_reason -> Nullable<Text>, review_pending -> Bool, is_listed -> Bool, format -> Text,
        venue_kind -> Text, starts_at -> Instant, ends_at -> Instant, country -> Nullable<Text>,
        region -> Nullable<Text>, latitude -> Nullable<Integer>, longitude -> Nullable<Integer>,
        languages -> Text, search_text -> Text, capacity -> Nullable<Integer>, attending -> Integer,
        waitlisted -> Integer, content -> Text, copied_from -> Nullable<Id>, secret_hash -> Text, registered_at -> Instant,
        updated_at -> Instant, revision -> Integer, tally -> Nullable<Text>, approved -> Nullable<Text>,
        review_requested_at -> Nullable<Instant>, host_report_id -> Nullable<Id>,
    }
    event_sessions (event_id, starts_at) {
        event_id -> Id, starts_at -> Instant, starts_on -> Text, ends_on -> Text,
    }
    groups (id) {
        id -> Id, edition_id -> Id, section_id -> Id, campaign_id -> Id, parent_id -> Nullable<Id>,
        event_id -> Nullable<Id>, depth -> SmallInt, previous_id -> Nullable<Id>, kind -> Text, is_listed -> Bool,
        review_pending -> Bool, size -> Nullable<Integer>, letters -> BigInt, letters_per_thousand -> BigInt,
        content -> Text, approved_name -> Nullable<Text>, rejection_reason -> Nullable<Text>, secret_hash -> Text,
        report_id -> Nullable<Id>, tally -> Text, registered_at -> Instant, updated_at -> Instant,
        revision -> Integer,
    }
    group_versions (group_id, committed_at) {
        group_id -> Id, committed_at -> Instant, letters -> BigInt, actions -> BigInt, people -> BigInt,
    }
    participants (id) {
        id -> Id, edition_id -> Id, section_id -> Id, campaign_id -> Id, state -> Text,
        email_folded -> Text, name_folded -> Text, letter_goal -> Nullable<BigInt>, released -> BigInt,
        content -> Text, repeats_id -> Nullable<Id>, registered_at -> Instant,
        confirmed_at -> Nullable<Instant>, updated_at -> Instant, revision -> Integer,
    }
    attendances (id) {
        id -> Id, event_id -> Id, position -> Integer, state -> Text, participant_id -> Nullable<Id>,
        email_folded -> Nullable<Text>, name_folded -> Nullable<Text>, person -> Nullable<Text>,
        joined_at -> Instant, updated_at -> Instant, confirmed_at -> Nullable<Instant>,
        vouched -> Bool,
    }
    calendar_tokens (subject_id) { subject_id -> Id, secret_hash -> Text, issued_at -> Instant, from_email -> Bool, }
    unasked_mail (address_hash, hour) { address_hash -> Text, hour -> BigInt, mails -> Integer, }
    access_tokens (secret_hash) {
        secret_hash -> Text, subject_id -> Id, from_email -> Bool, made_at -> Instant,
    }
}

// A list of events by day reads their sessions, a reminder is for events without one, an event with attendances is
// not deleted; an audit log names the key.
diesel::allow_tables_to_appear_in_same_query!(events, groups, event_sessions, report_reminders, attendances);
// An event with reports that count is not deleted either.
diesel::allow_tables_to_appear_in_same_query!(events, report_revisions);
diesel::allow_tables_to_appear_in_same_query!(audit_log, staff_keys);
// A recount looks for revisions without their leaf.
diesel::allow_tables_to_appear_in_same_query!(report_revisions, report_log_leaves);
// Pending reports are found by their campaigns.
diesel::allow_tables_to_appear_in_same_query!(report_revisions, campaigns);
// The pledges at an event are those of attendees with a place.
diesel::allow_tables_to_appear_in_same_query!(participants, attendances);
