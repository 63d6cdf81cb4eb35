//! Erasure on disk: erased data is gone from the database file, its write-ahead log and the mail folder.

use std::{fs, path::PathBuf};

use serde_json::json;
use tokio::time::timeout;

use crate::harness::{
    PATIENCE, Service, TestDatabase, assert_done, at,
    events::approved,
    import,
    people::{join, mail_to, register, secret_in, with_secret_of},
    run_sql,
};

/// The folder of an SQLite database.
fn folder(service: &Service) -> Option<PathBuf> {
    let file = service.fresh.url.strip_prefix("sqlite:")?;
    Some(PathBuf::from(file).parent().expect("a folder").to_owned())
}

/// The files of the service: its database with what lies beside it, and its mail.
fn files(service: &Service) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = service.mail.modes().into_iter().map(|(path, _)| path).collect();
    if let Some(folder) = folder(service) {
        files.extend(fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()));
    }
    files
}

/// The files in which one of these texts stands, however it is cased.
fn telling(service: &Service, texts: &[&str]) -> Vec<PathBuf> {
    let tells = |path: &PathBuf| {
        // It may have been removed since it was listed.
        let bytes = fs::read(path).unwrap_or_default().to_ascii_lowercase();
        texts.iter().any(|text| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
    };
    files(service).into_iter().filter(tells).collect()
}

/// Waits until none of these texts stands in any file.
async fn gone(service: &Service, texts: &[&str]) {
    let going = async {
        while !telling(service, texts).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let left = timeout(PATIENCE, going).await;
    assert!(left.is_ok(), "they still stand in {:?}", telling(service, texts));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_in_no_file() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let texts = ["quagga", "zebulon"];
    let who = json!({ "displayName": "Zebulon Quagga", "email": "zebulon@quagga.example" });
    let registered = register(&service.anyone(), "one-who-goes", who.clone()).await;
    let told = mail_to(&service, "zebulon@quagga.example", 1).await;
    let zebulon = service.bearer(&secret_in(&told[0]));
    let event = approved(&service, "an evening with zebras", json!({})).await;
    assert_done(&join(&zebulon, &event, "one-who-goes", json!({})).await);
    mail_to(&service, "zebulon@quagga.example", 2).await;
    assert!(!telling(&service, &texts).is_empty(), "they can be found where they stand");
    let id = json!({ "id": registered["participant"]["id"] });
    assert_done(&zebulon.change("participantErase", "erased", id).await);
    gone(&service, &texts).await;

    // A guest without a registration, and somebody who heard of urgent actions.
    let guest = join(&service.anyone(), &event, "zebulon-quagga", who).await;
    mail_to(&service, "zebulon@quagga.example", 1).await;
    let id = json!({ "id": guest["attendance"]["id"] });
    assert_done(&with_secret_of(&service, &guest).change("attendanceErase", "erased", id).await);
    gone(&service, &texts).await;
    let service = service.restarted().await;
    gone(&service, &texts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_mail_that_was_never_finished_is_removed_at_the_start() {
    let service = Service::with_2021().await;
    let place = service.mail.path();
    let [lost, written] = [1, 2].map(uuid::Uuid::from_u128);
    let part = |id: uuid::Uuid| place.join(format!(".{}.part", id.simple()));
    for id in [lost, written] {
        fs::write(part(id), "To: zebulon@quagga.example").expect("a file");
    }
    let other = place.join("of-somebody-else.part");
    fs::write(&other, "It is none of ours.").expect("a file");
    let id = match folder(&service) {
        Some(_) => format!("X'{}'", written.simple()),
        None => format!("'{written}'"),
    };
    // Another process is at it: its lease ends in the year 2100.
    let until = if folder(&service).is_some() { "4102444800000000" } else { "'2100-01-01T00:00:00Z'" };
    let sql = format!(
        "INSERT INTO outbox (id, key_hash, kind, language, state, attempts, next_attempt_at, enqueued_at)
            VALUES ({id}, 'k', 'EVENT_APPROVED', 'en', 'SENDING', 1, {until}, {until})"
    );
    run_sql(&service.fresh.url, &sql).await;
    let service = service.restarted().await;
    let removed = async {
        while part(lost).exists() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, removed).await.expect("it is removed");
    assert!(part(written).exists() && other.exists());
    drop(service);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_sqlite_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let fresh = TestDatabase::file();
    graphql::database::migrations::run(&fresh.url, graphql::database::migrations::MigrationTarget::Latest)
        .await
        .expect("the tables can be made");
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let service = Service::on(fresh).await;
    let modes = |service: &Service| -> Vec<(String, u32)> {
        let mode = |path: PathBuf| {
            let mode = path.metadata().expect("a file").permissions().mode() & 0o777;
            (path.file_name().expect("a name").to_string_lossy().into_owned(), mode)
        };
        let entries = fs::read_dir(folder(service).expect("a folder")).expect("a folder");
        let mut modes: Vec<_> = entries.map(|entry| mode(entry.expect("an entry").path())).collect();
        modes.sort();
        modes
    };
    let private = ["test.db", "test.db-shm", "test.db-wal"].map(|file| (file.to_owned(), 0o600));
    assert_eq!(modes(&service), private);
    // One that was made by the version before, under the mask of most systems.
    for (file, _) in &private {
        let file = folder(&service).expect("a folder").join(file);
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("a mode");
    }
    graphql::database::migrations::run(
        &service.fresh.url,
        graphql::database::migrations::MigrationTarget::Latest,
    )
    .await
    .expect("nothing is to be done");
    assert_eq!(modes(&service), private);
}
