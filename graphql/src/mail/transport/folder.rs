//! Folder transport: each notice is written to a file that mail programs can open.
//!
//! The files contain secrets, so on Unix only their owner may read them.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::DeliveryError;

/// Creates the folder if it does not exist.
pub(super) async fn create(folder: PathBuf) -> Result<(), DeliveryError> {
    run_blocking_io(move || {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)
    })
    .await
}

/// Writes the file of a notice. It is renamed to its final name once it is complete.
pub(super) async fn write_message(folder: PathBuf, id: Uuid, message: Vec<u8>) -> Result<(), DeliveryError> {
    run_blocking_io(move || {
        let unfinished = folder.join(unfinished(id));
        write(&unfinished, &message)?;
        fs::rename(&unfinished, folder.join(format!("{}.eml", id.simple())))
    })
    .await
}

/// Removes the files of these notices, if they exist.
pub(super) async fn remove(folder: PathBuf, notices: Vec<Uuid>) -> Result<(), DeliveryError> {
    run_blocking_io(move || {
        let files = notices.iter().flat_map(|id| [format!("{}.eml", id.simple()), unfinished(*id)]);
        files.map(|file| folder.join(file)).try_for_each(|file| match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
    })
    .await
}

/// The notices with an incomplete file: a process is writing it, or was ended while writing.
pub(super) async fn not_whole(folder: PathBuf) -> Vec<Uuid> {
    let find = move || -> io::Result<Vec<Uuid>> {
        let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name()));
        let names: io::Result<Vec<_>> = names.collect();
        let id = |name: &str| name.strip_prefix('.')?.strip_suffix(".part")?.parse().ok();
        Ok(names?.iter().filter_map(|name| id(name.to_str()?)).collect())
    };
    // A folder that does not exist yet contains none.
    tokio::task::spawn_blocking(find).await.ok().and_then(Result::ok).unwrap_or_default()
}

/// The name of a notice's file while it is incomplete.
fn unfinished(id: Uuid) -> String {
    format!(".{}.part", id.simple())
}

fn write(path: &Path, message: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(message)?;
    file.sync_all()
}

/// Runs blocking file operations on tokio's blocking pool, where they delay nothing else.
async fn run_blocking_io(
    work: impl FnOnce() -> io::Result<()> + Send + 'static,
) -> Result<(), DeliveryError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(DeliveryError::Unreachable(error.kind().to_string())),
        Err(_) => Err(DeliveryError::Unreachable("the disk was not reached".to_owned())),
    }
}
