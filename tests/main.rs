//! Integration tests over real sockets on a real database: SQLite in a temporary file, or PostgreSQL with a schema for
//! each test if `TEST_DATABASE_URL` is set.

#[cfg(feature = "faults")]
#[path = "../graphql/engine/tests/client.rs"]
#[expect(dead_code, reason = "shared with the tests of the engine, which use all of it")]
mod client;

mod addresses;
mod administration;
mod budgets;
mod cases;
mod command;
mod cursors;
mod docs;
mod documents;
mod embed;
mod erasing;
mod errors;
mod evenings;
mod event_lists;
mod event_review;
mod events;
mod events_held;
mod examples;
mod failover;
#[cfg(feature = "faults")]
mod faults;
mod feeds;
mod foreign;
mod getting;
mod harness;
mod hostile;
mod imported;
mod kept;
mod killed;
mod ledger;
mod links;
mod lost;
mod mail;
mod manners;
mod metrics;
mod migrations;
mod moderation;
mod names;
mod one_evening;
mod origins;
mod people {
    mod joining;
    mod lapsing;
    mod marking;
    mod moving;
    mod participants;
    mod privacy;
    mod proving;
    mod reporting;
    mod unasked;
}
mod privacy;
mod processes;
mod random_history;
mod reminders;
mod reports;
mod resources;
mod restart;
mod restores;
mod rooms;
mod schema;
mod section_staff;
mod settings;
mod statements;
mod stopping;
mod storage;
mod subscriptions {
    mod managing;
    mod telling;
}
mod ticker;
mod tls;
mod totals;
mod trouble;
mod urgent_actions;
mod vocabulary;
mod writes;
mod zones;
