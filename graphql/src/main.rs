//! The command `w4r`: parses its arguments and nothing else.

use std::{path::PathBuf, process::ExitCode};

use clap::{
    Args as _, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, error::ErrorKind,
    parser::ValueSource,
};
use graphql::{
    cli::{self, recount::RecountMode},
    config::{DatabaseOptions, ServeOptions},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Write for Rights: counts the letters of a worldwide letter-writing campaign.
///
/// Without a command it serves.
#[derive(Parser)]
#[command(name = "w4r", version, max_term_width = 80)]
struct Arguments {
    #[command(flatten)]
    settings: ServeOptions,
    #[command(flatten)]
    store: DatabaseOptions,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve GraphQL over HTTP and WebSocket (the default)
    Serve {
        #[command(flatten)]
        settings: ServeOptions,
    },
    /// Serve the evening of 10 December 2021, with simulated reports
    Demo {
        #[command(flatten)]
        settings: ServeOptions,
    },
    /// Import an edition's file: all of it, or nothing
    Import {
        /// The file, in the form that graphql/data/README.md describes
        file: PathBuf,
    },
    /// Make, list and revoke keys of administrators and sections
    Key {
        #[command(subcommand)]
        command: cli::staff_key::KeyCommand,
    },
    /// Compare every counter with the ledger
    Recount {
        /// Replace the counters that differ by what the ledger says; where a number would become smaller, ask first
        #[arg(long)]
        repair: bool,
        /// With --repair: do not ask
        #[arg(long, requires = "repair")]
        accept_smaller: bool,
    },
    /// Print the GraphQL schema
    Schema,
}

/// Parses the command line. The database may be named in front of a command or behind it. What only
/// a service knows is refused in front: there it would be read and do nothing.
fn parse() -> Arguments {
    let mut command = Arguments::command();
    let matches = command.get_matches_mut();
    let known = ServeOptions::augment_args(clap::Command::new("w4r"));
    let mut typed = known.get_arguments().filter_map(|argument| {
        let was_typed = matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine);
        argument.get_long().filter(|_| was_typed)
    });
    if let (Some(name), Some(flag)) = (matches.subcommand_name(), typed.next()) {
        let said = format!("'--{flag}' goes behind a command that serves, and never in front of '{name}'");
        command.error(ErrorKind::ArgumentConflict, said).exit();
    }
    Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

fn main() -> ExitCode {
    let Arguments { settings, store, command } = parse();
    let done = match command.unwrap_or(Command::Serve { settings }) {
        Command::Serve { settings } => cli::serve::run(&settings, &store),
        Command::Demo { settings } => cli::demo::run(&settings),
        Command::Import { file } => cli::import::run(&file, &store),
        Command::Key { command } => cli::staff_key::run(&command, &store),
        Command::Recount { repair, accept_smaller } => {
            let mend = match (repair, accept_smaller) {
                (false, _) => RecountMode::Nothing,
                (true, false) => RecountMode::Asking,
                (true, true) => RecountMode::All,
            };
            cli::recount::run(mend, &store)
        }
        Command::Schema => cli::schema::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cli::CliError(sentence)) => {
            eprintln!("w4r: {sentence}");
            ExitCode::FAILURE
        }
    }
}
