//! `w4r backup`: all rows of a database in one file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::{CliError, block_on};
use crate::{
    backup::{self, Header},
    config::DatabaseOptions,
    database::{
        Database,
        creation::{self, Presence},
        migrations::MigrationError,
    },
    version,
};

/// The arguments of the command.
#[derive(Clone, Debug, clap::Args)]
pub struct BackupArgs {
    /// The file to write, by custom `NAME.w4r.gz`
    file: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    replace: bool,
}

/// Writes a backup. Its file appears when it is complete and was read again.
///
/// # Errors
/// If the file exists, or the file or the database cannot be used; there is no new file then.
pub fn run(arguments: &BackupArgs, store: &DatabaseOptions) -> Result<(), CliError> {
    let BackupArgs { file, replace } = arguments;
    let named = |error: io::Error| CliError(format!("{}: {error}", file.display()));
    if !replace && file.exists() {
        return Err(CliError(format!("{} exists; --replace replaces it", file.display())));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Only its owner may read it.
    let mut written = tempfile::NamedTempFile::new_in(folder).map_err(named)?;
    let header = block_on(async {
        let database = Database::open(&store.url).map_err(CliError)?;
        match creation::presence(&store.url).await? {
            Presence::Missing => return Err(super::missing(&database)),
            Presence::Unfinished => return Err(MigrationError::Unfinished.into()),
            Presence::Present(_) => {}
        }
        if database.lacks_its_log() {
            return Err(CliError(format!("{}: {}", database.place(), super::LACKS_ITS_LOG)));
        }
        let mut connection = database.connect().await?;
        let progress = rows("written");
        let kind = database.kind();
        let buffered = io::BufWriter::new(written.as_file_mut());
        let done = backup::write(&mut connection, kind, version::PROGRAM, buffered, |done, of| {
            progress.set_length(of);
            progress.set_position(done);
        })
        .await;
        progress.finish_and_clear();
        let (header, buffered) = done?;
        buffered.into_inner().map_err(|error| named(error.into_error()))?;
        Ok(header)
    })?;
    written.as_file().sync_all().map_err(named)?;
    let progress = rows("read again");
    let (_, hash) = backup::check(written.path(), |done, of| {
        progress.set_length(of);
        progress.set_position(done);
    })?;
    progress.finish_and_clear();
    if *replace {
        written.persist(file).map_err(|error| named(error.error))?;
    } else {
        written.persist_noclobber(file).map_err(|error| named(error.error))?;
    }
    sync_folder(folder).map_err(named)?;
    let bytes = fs::metadata(file).map_err(named)?.len();
    super::print_line(format_args!("{}\n  {bytes} bytes, {}", file.display(), summary(&header)));
    super::print_line(format_args!("  SHA-256 of its content:\n    {hash}"));
    super::print_line(format_args!(
        "It has personal data, hashes of all secrets and the key of the log: keep it\n\
        where only you can read it, and delete it in time. It has no mail of a folder."
    ));
    Ok(())
}

/// What a backup has, in lines of 80 columns.
pub(super) fn summary(header: &Header) -> String {
    let rows: u64 = header.tables.iter().map(|table| table.rows).sum();
    let mut lines = format!(
        "taken at {:.0}\n  from {} by w4r {}: {rows} rows of {} tables",
        header.taken_at,
        header.database,
        header.program,
        header.tables.len()
    );
    for edition in &header.editions {
        lines += &format!("\n  edition {}: version {} of the total", edition.year, edition.version);
    }
    if let Some(log) = &header.log
        && let Some(origin) = &log.origin
    {
        lines += &format!("\n  transparency log {origin}: size {}", log.size);
    }
    lines
}

/// A name in a folder is on disk when the folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Other systems do not open folders.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A bar of rows of which something is done.
pub(super) fn rows(done: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} rows {msg}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::no_length().with_style(style).with_message(done)
}
