//! The `w4r` command line. It parses arguments and nothing else.

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
/// Without a command, it runs `serve`.
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
    /// Serve a demonstration: the evening of 10 December 2021, with simulated reports
    Demo {
        #[command(flatten)]
        settings: ServeOptions,
    },
    /// Import the file of an edition, completely or not at all
    Import {
        /// The file, in the format described in graphql/data/README.md
        file: PathBuf,
    },
    /// Create, list and revoke keys of administrators and sections
    Key {
        #[command(subcommand)]
        command: cli::staff_key::KeyCommand,
    },
    /// Compare every counter with the ledger
    Recount {
        /// Replace counters that differ from the ledger; confirm interactively if a number would decrease
        #[arg(long)]
        repair: bool,
        /// With --repair: do not ask for confirmation
        #[arg(long, requires = "repair")]
        accept_smaller: bool,
    },
    /// Print the GraphQL schema
    Schema,
    /// Maintain the transparency log
    Log {
        #[command(subcommand)]
        command: cli::log::LogCommand,
    },
    /// Verify open data, and receipts and heads of a transparency log, offline
    ///
    /// Exit code 0: everything is genuine. 1: something is not. 2: a file or a
    /// key cannot be read.
    Verify(cli::verify::VerifyArgs),
}

/// Parses the command line. The database may be given before a command or after it. Settings of the service
/// are rejected before a command, where they would be ignored.
fn parse() -> Arguments {
    let mut command = Arguments::command();
    let matches = command.get_matches_mut();
    let known = ServeOptions::augment_args(clap::Command::new("w4r"));
    let mut typed = known.get_arguments().filter_map(|argument| {
        let was_typed = matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine);
        argument.get_long().filter(|_| was_typed)
    });
    if let (Some(name), Some(flag)) = (matches.subcommand_name(), typed.next()) {
        let message =
            format!("'--{flag}' belongs after a command that serves; before '{name}' it has no effect");
        command.error(ErrorKind::ArgumentConflict, message).exit();
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
        Command::Log { command } => cli::log::run(&command, &store),
        Command::Verify(arguments) => return cli::verify::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cli::CliError(sentence)) => {
            eprintln!("w4r: {sentence}");
            ExitCode::FAILURE
        }
    }
}
