//! The tables as the queries see them; `migrations/` makes them.

macro_rules! tables {
    ($($table:ident ($($key:ident),+) { $($column:ident -> $type:ty,)+ })+) => {$(
        diesel::table! {
            use crate::database::column::sql::{Id, Instant};
            use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SmallInt, Text};
            $table ($($key),+) { $($column -> $type,)+ }
        }
    )+};
}

tables! {
    catalogue (id) { id -> SmallInt, revision -> BigInt, }
    editions (id) {
        id -> Id, year -> SmallInt, letter_goal -> Nullable<BigInt>, state -> Text, revision -> Integer,
        version -> BigInt,
    }
    sections (id) {
        id -> Id, code -> Text, name -> Text, country -> Nullable<Text>, languages -> Text, zone -> Text,
        revision -> Integer,
    }
    cases (id) {
        id -> Id, edition_id -> Id, slug -> Text, state -> Text, close_reason -> Nullable<Text>,
        content -> Text, outcomes -> Text, consent -> Nullable<Text>, changed_at -> Instant,
        revision -> Integer,
    }
    campaigns (id) {
        id -> Id, edition_id -> Id, section_id -> Id, opens_on -> Text,
        registration_closes_on -> Nullable<Text>, deadline_on -> Text, grace_days -> Integer,
        zone -> Text, letter_goal -> Nullable<BigInt>, limit_person -> Integer, limit_event -> Integer,
        picks -> Nullable<Text>, revision -> Integer,
    }
    published_figures (edition_id, position) {
        edition_id -> Id, position -> Integer, figure -> BigInt, unit -> Text, qualifier -> Text,
        status -> Text, as_of -> Nullable<Text>, countries -> Nullable<Integer>, source -> Nullable<Text>,
    }
    keys (id) {
        id -> Id, name -> Text, key_hash -> Text, created_at -> Instant, revoked_at -> Nullable<Instant>,
    }
    staff_actions (id) {
        id -> Id, key_id -> Nullable<Id>, action -> Text, subject_id -> Id, reason -> Nullable<Text>,
        acted_at -> Instant,
    }
    report_revisions (report_id, revision) {
        report_id -> Id, revision -> Integer, edition_id -> Id, campaign_id -> Id, section_id -> Id,
        state -> Text, channel -> Text, author -> Text, late -> Bool, test -> Bool,
        country -> Nullable<Text>, region -> Nullable<Text>, said_country -> Nullable<Text>,
        people -> Nullable<Integer>, written_on -> Nullable<Text>, note -> Nullable<Text>, lines -> Text,
        reason -> Nullable<Text>, received_at -> Instant, decided_at -> Nullable<Instant>,
        decision_reason -> Nullable<Text>, secret_hash -> Text,
    }
    ledger_keys (key_hash) {
        key_hash -> Text, fingerprint -> Text, report_id -> Id, revision -> Integer,
    }
    tally_cells (edition_id, section_id, country, region, case_id, kind, channel) {
        edition_id -> Id, section_id -> Id, country -> Text, region -> Text, case_id -> Id, kind -> Text,
        channel -> Text, quantity -> BigInt, late -> BigInt,
    }
    tally_heads (edition_id, section_id, country, region, channel) {
        edition_id -> Id, section_id -> Id, country -> Text, region -> Text, channel -> Text,
        people -> BigInt, reports -> BigInt,
    }
    edition_versions (edition_id, version) {
        edition_id -> Id, version -> BigInt, committed_at -> Instant, letters -> BigInt,
        actions -> BigInt, late -> BigInt, people -> BigInt,
    }
    recounts (edition_id) {
        edition_id -> Id, version -> BigInt, matches -> Bool, checked_at -> Instant,
    }
}
