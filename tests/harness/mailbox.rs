//! A folder of mail, and the settings of a service that writes into it.

use graphql::mail;
use tempfile::TempDir;

/// A folder of mail. Dropping the value deletes the folder.
pub struct TestMailbox(TempDir);

impl Default for TestMailbox {
    fn default() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }
}

impl TestMailbox {
    /// The settings of a service that writes its mail into this folder.
    pub fn settings(&self) -> mail::MailOptions {
        mail_settings(&format!("folder:{}", self.0.path().display()))
    }

    /// The path of the folder.
    pub fn path(&self) -> std::path::PathBuf {
        self.0.path().to_owned()
    }

    /// The permissions of each file.
    #[cfg(unix)]
    pub fn modes(&self) -> Vec<(std::path::PathBuf, u32)> {
        use std::os::unix::fs::PermissionsExt;
        let entries = std::fs::read_dir(self.0.path()).expect("a folder");
        // One that gets its name meanwhile lies here no more under the one it had.
        let mode = |path: std::path::PathBuf| match path.metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            file => Some((path, file.expect("a file").permissions().mode())),
        };
        entries.filter_map(|entry| mode(entry.expect("an entry").path())).collect()
    }

    /// The messages, in the order in which they were written.
    pub fn messages(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|it| it == "eml")).collect();
        paths.sort();
        // One that is erased meanwhile lies here no more.
        let read = |path: &std::path::PathBuf| match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            message => Some(message.expect("a message")),
        };
        paths.iter().filter_map(read).collect()
    }
}

/// The settings of a service that sends its mail to this URL.
pub fn mail_settings(way: &str) -> mail::MailOptions {
    mail::MailOptions {
        url: mail::MailUrl::parse(way).expect("a way"),
        from: mail::SenderAddress::parse("Write for Rights <post@w4r.example>").expect("an office"),
        public_url: "https://w4r.example/".to_owned(),
    }
}
