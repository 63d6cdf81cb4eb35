//! Everything a client can see, over real sockets, on a real database: SQLite in a temporary file,
//! or PostgreSQL with a schema for each test where `TEST_DATABASE_URL` leads to one.

mod addresses;
mod administration;
mod cases;
mod command;
mod errors;
mod examples;
mod getting;
mod harness;
mod killed;
mod ledger;
mod migrations;
mod reports;
mod rooms;
mod schema;
mod ticker;
mod totals;
mod transport;
mod trouble;
