//! The `w4r` command line. It parses arguments and nothing else.

use std::{path::PathBuf, process::ExitCode};

use clap::{
    Args as _, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, error::ErrorKind,
    parser::ValueSource,
};
use graphql::{
    command::{self, recount::Mend},
    config::{Settings, Store},
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
    /// Serve a demonstration: the evening of 10 December 2021, with simulated reports
    Demo {
        #[command(flatten)]
        settings: Settings,
    },
    /// Import the file of an edition, completely or not at all
    Import {
        /// The file, in the format described in graphql/data/README.md
        file: PathBuf,
    },
    /// Create, list and revoke keys of administrators and sections
    Key {
        #[command(subcommand)]
        command: command::key::KeyCommand,
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
}

/// Parses the command line. The database may be given before a command or after it. Settings of the service
/// are rejected before a command, where they would be ignored.
fn parse() -> Arguments {
    let mut command = Arguments::command();
    let matches = command.get_matches_mut();
    let known = Settings::augment_args(clap::Command::new("w4r"));
    let mut typed = known.get_arguments().filter_map(|argument| {
        let was_typed = matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine);
        argument.get_long().filter(|_| was_typed)
    });
    if let (Some(name), Some(flag)) = (matches.subcommand_name(), typed.next()) {
        let said =
            format!("'--{flag}' belongs after a command that serves; before '{name}' it has no effect");
        command.error(ErrorKind::ArgumentConflict, said).exit();
    }
    Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

fn main() -> ExitCode {
    let Arguments { settings, store, command } = parse();
    let done = match command.unwrap_or(Command::Serve { settings }) {
        Command::Serve { settings } => command::serve::run(&settings, &store),
        Command::Demo { settings } => command::demo::run(&settings),
        Command::Import { file } => command::import::run(&file, &store),
        Command::Key { command } => command::key::run(&command, &store),
        Command::Recount { repair, accept_smaller } => {
            let mend = match (repair, accept_smaller) {
                (false, _) => Mend::Nothing,
                (true, false) => Mend::Asking,
                (true, true) => Mend::All,
            };
            command::recount::run(mend, &store)
        }
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
