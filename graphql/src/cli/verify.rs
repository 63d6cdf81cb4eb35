//! `w4r verify`: open data, and receipts and heads of a transparency log, with the library of the domain alone.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::verify_open_data;
use domain::proof::{
    Checkpoint, ConsistencyFile, ProofError, Receipt, SignedNote, VerifiedReceipt, VerifierKey,
};

/// The arguments of the command.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    /// Open data (.csv, .ndjson), receipts (.tlog-proof) and heads of a log (checkpoints)
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Verifier key of the log, `NAME+ID+KEY`, or a file with one on each line
    ///
    /// Take it from a place that you trust, and not from the receipt. Open data needs none.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// The hash that open data is expected to have, as a certification gives it: sha256:…
    #[arg(long)]
    hash: Option<String>,
    /// A consistency proof: the later head has to extend the one of each file
    #[arg(long, value_name = "FILE")]
    consistency: Option<PathBuf>,
    /// The later head, if the consistency proof does not have it
    #[arg(long, value_name = "FILE", requires = "consistency")]
    checkpoint: Option<PathBuf>,
}

/// Why a file was not verified.
enum Failure {
    /// It cannot be read, or is of no known kind.
    Unreadable(String),
    /// It is not genuine.
    Refused(ProofError),
    /// It is open data that does not add up, or has another hash.
    Differs(String),
}

impl From<ProofError> for Failure {
    fn from(error: ProofError) -> Self {
        Self::Refused(error)
    }
}

/// What a file proves.
enum Proven {
    Receipt(VerifiedReceipt),
    Head(Checkpoint),
}

impl Proven {
    const fn head(&self) -> &Checkpoint {
        match self {
            Self::Receipt(VerifiedReceipt { checkpoint, .. }) | Self::Head(checkpoint) => checkpoint,
        }
    }
}

/// Verifies each file and prints what it proves, in lines of 80 columns.
#[must_use]
pub fn run(arguments: &VerifyArgs) -> ExitCode {
    let keys = match keys(&arguments.keys) {
        Ok(keys) => keys,
        Err(message) => {
            eprintln!("w4r: {message}");
            return ExitCode::from(2);
        }
    };
    let mut code = 0;
    for file in &arguments.files {
        let place = file.display();
        let (line, failed) = match check(file, &keys, arguments) {
            Ok(description) => {
                super::print_line(format_args!("{place}: {description}"));
                continue;
            }
            Err(Failure::Differs(message)) => (format!("NOT GENUINE\n{}", wrapped(&message)), 1),
            Err(Failure::Refused(error)) => {
                (format!("NOT GENUINE ({})\n{}", error.code(), wrapped(&error.to_string())), 1)
            }
            Err(Failure::Unreadable(message)) => (format!("not verified\n  {message}"), 2),
        };
        super::print_line(format_args!("{place}: {line}"));
        code = code.max(failed);
    }
    ExitCode::from(code)
}

/// A text in indented lines of 80 columns, as far as its words permit.
fn wrapped(text: &str) -> String {
    let mut lines = vec![" ".to_owned()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < 80 => *line += &format!(" {word}"),
            _ => lines.push(format!("  {word}")),
        }
    }
    lines.join("\n")
}

/// The keys that were given as text or as files.
fn keys(given: &[String]) -> Result<Vec<VerifierKey>, String> {
    let mut keys = Vec::new();
    let is_given = !given.is_empty();
    for given in given {
        let text = match VerifierKey::parse(given) {
            Err(ProofError::KeyInvalid) if Path::new(given).is_file() => {
                fs::read_to_string(given).map_err(|error| format!("{given}: {error}"))?
            }
            _ => given.clone(),
        };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            keys.push(VerifierKey::parse(line).map_err(|error| format!("--key {line}: {error}"))?);
        }
    }
    if keys.is_empty() && is_given {
        return Err("there is no key in the file of --key".to_owned());
    }
    Ok(keys)
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::Unreadable(format!("{}: {error}", file.display())))
}

/// Checks a file by its kind, and describes what it says.
fn check(file: &Path, keys: &[VerifierKey], arguments: &VerifyArgs) -> Result<String, Failure> {
    let text = read(file)?;
    if verify_open_data::is_open_data(&text) {
        return verify_open_data::check(&text, arguments.hash.as_deref()).map_err(Failure::Differs);
    }
    let (proven, later) = verify(&text, keys, arguments)?;
    Ok(format!("genuine\n{}", Description(&proven, later.as_ref())))
}

/// What a file proves, by its kind, and the later head that extends its own.
fn verify(
    text: &str,
    keys: &[VerifierKey],
    arguments: &VerifyArgs,
) -> Result<(Proven, Option<Checkpoint>), Failure> {
    if keys.is_empty() {
        return Err(Failure::Unreadable("a key of the log is needed: give it with --key".to_owned()));
    }
    let proven = if Receipt::recognizes(text) {
        Proven::Receipt(Receipt::parse(text)?.verify(keys)?)
    } else if ConsistencyFile::recognizes(text) {
        let message = "this is a consistency proof; give it with --consistency";
        return Err(Failure::Unreadable(message.to_owned()));
    } else if let Ok(note) = SignedNote::parse(text) {
        Proven::Head(Checkpoint::verify(&note, keys)?)
    } else {
        let message = "this is neither open data nor a receipt nor the head of a log; is it cut off?";
        return Err(Failure::Unreadable(message.to_owned()));
    };
    let Some(consistency) = &arguments.consistency else { return Ok((proven, None)) };
    let proof = ConsistencyFile::parse(&read(consistency)?)?;
    let later = arguments.checkpoint.as_deref().map(read).transpose()?;
    let later = later.as_deref().map(SignedNote::parse).transpose()?;
    let later = proof.verify(proven.head(), later.as_ref(), keys)?;
    Ok((proven, Some(later)))
}

/// What is printed of a genuine file.
struct Description<'p>(&'p Proven, Option<&'p Checkpoint>);

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(proven, later) = self;
        let Checkpoint { origin, size, .. } = proven.head();
        match proven {
            Proven::Head(_) => write!(f, "  the log {origin}\n  of size {size}")?,
            Proven::Receipt(VerifiedReceipt { revision, index, .. }) => {
                writeln!(f, "  {}, revision {}: {}", revision.report, revision.revision, revision.state)?;
                writeln!(
                    f,
                    "  edition {}, section {}, received {}",
                    revision.edition, revision.section, revision.received_at
                )?;
                for line in &revision.lines {
                    let case = line.case.as_deref().unwrap_or("no particular case");
                    writeln!(f, "  {:>9}  {:<20} {case}", line.quantity, line.kind.as_str())?;
                }
                write!(f, "  is leaf {index} of {size} in the log\n  {origin}")?;
            }
        }
        match later {
            Some(later) => write!(f, "\n  which was extended to size {}", later.size),
            None => Ok(()),
        }
    }
}
