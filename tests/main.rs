//! Integration tests over real sockets on a real database: SQLite in a temporary file, or PostgreSQL with a schema for
//! each test if `TEST_DATABASE_URL` is set.

#![expect(clippy::too_many_lines, reason = "a test tells a story from its beginning to its end")]

#[cfg(feature = "faults")]
#[path = "../graphql/engine/tests/client.rs"]
#[expect(dead_code, reason = "shared with the tests of the engine, which use all of it")]
mod client;

mod harness;

/// Who may see what: strangers, section staff, erased people.
mod access {
    mod erasure_on_disk;
    mod privacy;
    mod section_staff;
}

/// What administrators maintain: editions, sections, campaigns, cases, resources, urgent actions.
mod catalogue {
    mod addresses;
    mod administration;
    mod cases;
    mod names;
    mod refused_input;
    mod resources;
    mod urgent_actions;
}

/// Totals are right: the ledger, its totals, and a model that counts the same independently.
mod counting {
    mod certification;
    mod history;
    mod ledger;
    mod milestones;
    mod random_history;
    mod statements;
    mod totals;
}

/// What is acknowledged survives crashes, outages, restores and migrations.
mod durability {
    mod backups;
    mod crash_recovery;
    mod database_failures;
    mod database_outage;
    mod database_restart;
    mod failover;
    mod migrations;
    mod postgres_locale;
    mod postgres_tls;
    mod restored_databases;
    mod several_processes;
    mod writability;
}

/// Events: registration, review, lists, calendars, time zones.
mod events {
    mod changes;
    mod completed_counts;
    mod end_to_end;
    mod feeds;
    mod groups;
    mod lists;
    mod moved_events;
    mod registration;
    mod review;
    mod time_zones;
}

/// Attacks by clients, while a bystander is served.
mod hostile {
    mod attack;
    pub mod bystander;
    mod resistance;
}

/// Mail: the outbox, delivery, and notices that are sent once.
mod mail {
    mod delivery;
    mod outbox;
    mod reminders;
    mod uncertain_delivery;
    mod urgent_action_mail;
}

/// What operators use: the command line, settings, metrics, shutdown, bounds of storage.
mod operations {
    mod command_line;
    mod graceful_shutdown;
    mod metrics;
    mod query_counts;
    mod settings;
    mod stored_text;
}

/// The pages and the ticker element, as the service serves them.
mod pages {
    mod mail_links;
    mod ticker;
}

/// Participants and attendees: registration, places, confirmation of addresses.
mod people {
    mod address_confirmation;
    mod check_in;
    mod joining;
    mod lapsing_places;
    mod mail_quota;
    mod participants;
    mod privacy;
    mod urgent_action_subscriptions;
}

/// The sources themselves: architecture, schema, documents, and the tables that are generated.
mod project {
    mod architecture;
    pub mod docs;
    mod errors;
    mod examples;
    mod schema;
    mod test_functions;
    mod vocabulary;
}

/// Reports: submission, events, import files, moderation.
mod reports {
    mod event_reports;
    mod import_files;
    mod lifecycle;
    mod moderation;
    mod participant_reports;
    mod refused_reports;
    mod running_reports;
}

/// The transparency log: receipts, heads and proofs, and what crashes, restores and erasures leave of it.
mod transparency {
    mod heads;
    mod receipts;
    mod restores;
    mod sequencing;
    mod verify_command;
}

/// GraphQL over HTTP and WebSocket: documents, errors, limits, caching, headers.
mod transports {
    mod cost_limits;
    mod cross_origin;
    mod cursors;
    mod documents;
    mod embedding;
    mod error_codes;
    #[cfg(feature = "faults")]
    mod faults;
    mod http_caching;
    mod response_cache;
    mod response_headers;
}
