//! The newest heads that a process knows of, with which it recognizes a database that was restored from a backup.
//!
//! A restored database has an earlier or another state of the log. Going on with it would sign a second log under the
//! name of the first one. A process knows the heads that it saw since its start, and those of a file that an operator
//! may keep outside of the database.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use domain::proof::{Hash, ProofPlan};

use super::proofs::read_tiles;
use crate::database::{self, Connection, report_log::LogHead};

/// Size and root of the newest head of each log, by its name.
pub(super) struct KnownHeads {
    heads: BTreeMap<String, (u64, Hash)>,
    file: Option<PathBuf>,
}

impl KnownHeads {
    /// Those in a file; none if there is no file yet.
    ///
    /// # Errors
    /// If the file cannot be read, or is not one of heads.
    pub(super) fn load(file: Option<PathBuf>) -> io::Result<Self> {
        let heads = match &file {
            Some(path) => match fs::read_to_string(path) {
                Ok(text) => parse(&text).ok_or_else(|| io::Error::other("a line is not a head of a log"))?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
                Err(error) => return Err(error),
            },
            None => BTreeMap::new(),
        };
        Ok(Self { heads, file })
    }

    /// Whether the log in the database extends the newest known head of its name.
    pub(super) async fn are_extended_by(
        &self,
        connection: &mut Connection,
        head: &LogHead,
    ) -> Result<bool, database::Error> {
        let known = head.origin.as_ref().and_then(|origin| self.heads.get(origin));
        let Some(&(size, root)) = known else { return Ok(true) };
        if size == 0 || size > head.size {
            return Ok(size == 0);
        }
        let Ok(plan) = ProofPlan::root(size) else { return Ok(false) };
        let tiles = read_tiles(connection, &plan.tiles()).await?;
        Ok(plan.hashes(|id| tiles.get(&id).cloned()).as_deref() == Some(&[root]))
    }

    /// Remembers a head, in the file too.
    pub(super) fn remember(&mut self, head: &LogHead) {
        let Some(origin) = &head.origin else { return };
        let newest = (head.size, head.root);
        if self.heads.insert(origin.clone(), newest) == Some(newest) {
            return;
        }
        if let Some(file) = &self.file
            && let Err(error) = write(file, &self.heads)
        {
            tracing::warn!(%error, "the newest head of the log could not be written to its file");
        }
    }
}

/// Lines with the name of a log, its size and its root.
fn parse(text: &str) -> Option<BTreeMap<String, (u64, Hash)>> {
    let head = |line: &str| {
        let (rest, root) = line.rsplit_once(' ')?;
        let (origin, size) = rest.rsplit_once(' ')?;
        Some((origin.to_owned(), (size.parse().ok()?, Hash::from_base64(root)?)))
    };
    text.lines().map(head).collect()
}

/// Replaces the file by one with these heads: a reader sees either.
fn write(file: &Path, heads: &BTreeMap<String, (u64, Hash)>) -> io::Result<()> {
    let text: String =
        heads.iter().map(|(origin, (size, root))| format!("{origin} {size} {root}\n")).collect();
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut written = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut written, text.as_bytes())?;
    written.as_file().sync_all()?;
    written.persist(file).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(origin: &str, size: u64) -> LogHead {
        LogHead {
            origin: Some(origin.to_owned()),
            generation: 1,
            size,
            root: Hash([7; 32]),
            checkpoint: None,
            verifier_keys: Vec::new(),
            signing_key: None,
            published_at: None,
            is_halted: false,
            backfill: database::report_log::Backfill::Finished,
        }
    }

    #[test]
    fn heads_are_remembered_in_a_file_by_the_name_of_their_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("heads");
        let mut known = KnownHeads::load(Some(file.clone())).expect("no file yet");
        known.remember(&head("w4r.example/log", 5));
        known.remember(&head("w4r.example/log/2", 1));
        known.remember(&head("w4r.example/log", 6));
        let read = KnownHeads::load(Some(file.clone())).expect("a file");
        assert_eq!(read.heads, known.heads);
        assert_eq!(read.heads["w4r.example/log"], (6, Hash([7; 32])));
        fs::write(&file, "something else\n").expect("a file");
        assert!(KnownHeads::load(Some(file)).is_err());
    }
}
