//! The command `w4r`: parses its arguments and nothing else.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use graphql::{
    command,
    config::{Settings, Store},
};

/// Write for Rights: counts the letters of a worldwide letter-writing campaign.
///
/// Without a command it serves.
#[derive(Parser)]
#[command(name = "w4r", version, args_conflicts_with_subcommands = true, max_term_width = 80)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    store: Store,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve GraphQL over HTTP and WebSocket (the default)
    Serve {
        #[command(flatten)]
        settings: Settings,
    },
    /// Serve the evening of 10 December 2021, with simulated reports
    Demo {
        #[command(flatten)]
        settings: Settings,
    },
    /// Import an edition's file: all of it, or nothing
    Import {
        /// The file, in the form that graphql/data/README.md describes
        file: PathBuf,
    },
    /// Make, list and revoke administrators' keys
    Key {
        #[command(subcommand)]
        command: command::key::KeyCommand,
    },
    /// Compare every counter with the ledger
    Recount {
        /// Replace the counters that differ by what the ledger says
        #[arg(long)]
        repair: bool,
    },
    /// Print the GraphQL schema
    Schema,
}

fn main() -> ExitCode {
    let Arguments { settings, store, command } = Arguments::parse();
    let done = match command.unwrap_or(Command::Serve { settings }) {
        Command::Serve { settings } => command::serve::run(&settings, &store),
        Command::Demo { settings } => command::demo::run(&settings),
        Command::Import { file } => command::import::run(&file, &store),
        Command::Key { command } => command::key::run(&command, &store),
        Command::Recount { repair } => command::recount::run(repair, &store),
        Command::Schema => command::schema::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(command::Trouble(sentence)) => {
            eprintln!("w4r: {sentence}");
            ExitCode::FAILURE
        }
    }
}
