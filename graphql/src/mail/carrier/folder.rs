//! A folder instead of a mail server: each notice is a file that mail programs open.
//!
//! Secrets lie in these files, so that on Unix nobody but the owner may read them.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::Trouble;

/// Makes the folder, if it is not there.
pub(super) async fn make(folder: PathBuf) -> Result<(), Trouble> {
    aside(move || {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)
    })
    .await
}

/// Writes the file of a notice. It has its name only once it is whole.
pub(super) async fn keep(folder: PathBuf, id: Uuid, message: Vec<u8>) -> Result<(), Trouble> {
    aside(move || {
        let unfinished = folder.join(format!(".{}.part", id.simple()));
        write(&unfinished, &message)?;
        fs::rename(&unfinished, folder.join(format!("{}.eml", id.simple())))
    })
    .await
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

/// Does what waits for the disk where nobody else waits.
async fn aside(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), Trouble> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Trouble::Unreachable(error.kind().to_string())),
        Err(_) => Err(Trouble::Unreachable("the disk was not reached".to_owned())),
    }
}
