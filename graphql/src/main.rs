//! The `w4r` command line. It parses arguments and nothing else.

use std::{path::PathBuf, process::ExitCode};

use clap::{
    Args as _, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, error::ErrorKind,
    parser::ValueSource,
};
use graphql::{
    cli::{self, recount::RecountMode},
    config::{DatabaseOptions, ServeOptions},
    version,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Write for Rights: counts the letters of a worldwide letter-writing campaign.
///
/// Without a command, it runs `serve`.
#[derive(Parser)]
#[command(name = "w4r", version = version::PROGRAM, long_version = version::long(), max_term_width = 80)]
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
        /// Remove the rest of an interrupted restore or import first
        #[arg(long)]
        discard_unfinished: bool,
    },
    /// Write all data into one file, while the service runs
    Backup(cli::backup::BackupArgs),
    /// Make a new database from a backup, on SQLite or PostgreSQL
    Restore(cli::restore::RestoreArgs),
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
        /// Take an SQLite file for complete although its -wal file is missing
        #[arg(long)]
        accept_copy: bool,
    },
    /// Look whether the service has what it needs, and say what to do where it has not
    ///
    /// Give it the settings of `serve`. Exit code 1 if anything is wrong.
    Doctor {
        #[command(flatten)]
        settings: ServeOptions,
    },
    /// Print the GraphQL schema
    Schema,
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
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

/// Prints a generated text. A closed pipe is ignored.
fn print(text: &[u8]) -> Result<(), cli::CliError> {
    use std::io::Write as _;
    let _ = std::io::stdout().write_all(text);
    Ok(())
}

fn main() -> ExitCode {
    let Arguments { settings, store, command } = parse();
    let done = match command.unwrap_or(Command::Serve { settings }) {
        Command::Serve { settings } => cli::serve::run(&settings, &store),
        Command::Demo { settings } => cli::demo::run(&settings),
        Command::Import { file, discard_unfinished } => cli::import::run(&file, discard_unfinished, &store),
        Command::Backup(arguments) => cli::backup::run(&arguments, &store),
        Command::Restore(arguments) => cli::restore::run(&arguments, &store),
        Command::Key { command } => cli::staff_key::run(&command, &store),
        Command::Recount { repair, accept_smaller, accept_copy } => {
            let mend = match (repair, accept_smaller) {
                (false, _) => RecountMode::Nothing,
                (true, false) => RecountMode::Asking,
                (true, true) => RecountMode::All,
            };
            cli::recount::run(mend, accept_copy, &store)
        }
        Command::Doctor { settings } => cli::doctor::run(&settings, &store),
        Command::Schema => cli::schema::run(),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "w4r", &mut text);
            print(&text)
        }
        Command::Man => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Arguments::command())
                .render(&mut text)
                .map_err(cli::CliError::from)
                .and_then(|()| print(&text))
        }
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
