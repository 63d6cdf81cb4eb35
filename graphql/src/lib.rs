//! Write for Rights: a GraphQL service that counts the letters of a letter-writing campaign, on SQLite or
//! PostgreSQL.
//!
//! This crate connects the rules of [`domain`] and the GraphQL transports of [`graphql_engine`] to a database,
//! a mail server and the command line. The binary `w4r` (`main.rs`) parses arguments and calls [`cli`].
//!
//! The modules, from the top layer to the bottom one. A module imports only modules of the rows below its own.
//!
//! | module | content |
//! | --- | --- |
//! | [`cli`] | the subcommands of `w4r`: `serve`, `demo`, `import`, `backup`, `restore`, `doctor`, `key`, `recount`, `schema`, `log`, `verify` |
//! | [`config`] | settings from flags and environment variables |
//! | [`server`] | composition, background tasks and shutdown; pages, feeds, metrics and the readiness probe |
//! | [`embed`] | the API as a router for another axum application |
//! | [`api`] | the GraphQL schema: types, resolvers, pagination, error codes |
//! | [`backup`] | all rows of a database in one file, and their restore |
//! | [`import`] | editions and reports from a JSON file |
//! | [`scheduler`] | timed notifications: urgent actions, digests, reminders |
//! | [`ledger`] | the single writer of a process, with group commit; counters and their recount; the transparency log |
//! | [`operations`] | changes of events, people and subscriptions inside a transaction of the ledger |
//! | [`mail`] | notices, their templates, and the worker that sends the outbox by SMTP or to a folder |
//! | [`database`] | connections, transactions, migrations and queries for both databases |
//! | [`access`], [`idempotency`], `source` | decisions without I/O: authorization, idempotency keys, source marks |
//! | [`totals_watch`] | streams of live totals |
//! | [`totals_store`] | the newest totals in memory |
//! | [`clock`], [`credentials`], [`version`], `json_name` | the current time; secrets and keys as hashes; the version of the program; names of fields in JSON |
//! | [`graphql_engine`] (crate) | execution, response cache and transports for any schema; connections and limits |
//! | [`domain`] (crate) | the rules of the campaign, as pure functions |
//!
//! `tests/project/architecture.rs` reads the sources and fails on an import against these layers: the database, the ledger,
//! the operations, mail and the scheduler use neither GraphQL nor HTTP; only the database contains SQL; the API
//! uses no backend and no socket; the domain uses no clock, database or network.
//!
//! A report takes this way: `graphql_engine` parses and validates the request, `api` turns it into a command,
//! `ledger` checks it with `domain` and writes it with `database` in a group commit, `totals_store` publishes
//! the new totals, and `totals_watch` sends them to subscribers.

pub mod access;
pub mod api;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod database;
pub mod embed;
pub mod idempotency;
pub mod import;
mod json_name;
pub mod ledger;
pub mod mail;
pub mod operations;
pub mod scheduler;
pub mod server;
mod source;
pub mod totals_store;
pub mod totals_watch;
pub mod version;
