//! `w4r verify`: receipts and heads are verified without a service and without a database.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use crate::harness::{
    CommandOutput, Service, report,
    transparency::{log_head, published, receipt_of},
    w4r,
};

/// A database that is never opened.
const NO_DATABASE: &str = "postgres://nobody@127.0.0.1:1/nothing";

struct Files {
    folder: TempDir,
    key: String,
}

impl Files {
    fn write(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    async fn verify(&self, arguments: &[&str]) -> CommandOutput {
        let arguments = [&["verify", "--key", &self.key][..], arguments].concat();
        w4r(NO_DATABASE, &arguments).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_verified_offline_and_what_is_wrong_with_another_one_is_said() {
    let service = Service::with_2021().await;
    let done = report("a report to be verified").letters(12).done(&service.anyone()).await;
    let head = published(&service, 1).await;
    let reporter = service.bearer(done["secret"].as_str().expect("a secret"));
    let receipt = receipt_of(&reporter, &done["report"]["id"]).await;
    let receipt = receipt["proof"].as_str().expect("a proof").to_owned();
    let yesterday = head["checkpoint"].as_str().expect("a head").to_owned();
    for turn in 0..2 {
        report(&format!("report {turn} of the next day")).letters(1).done(&service.anyone()).await;
    }
    let today = published(&service, 3).await;
    let (_, proof) = service.anyone().get("/log/proof/consistency?from=1").await;
    drop(service);
    let key = head["verifierKeys"][0].as_str().expect("a key").to_owned();
    let files = Files { folder: TempDir::new().expect("a folder"), key };
    let good = files.write("good.tlog-proof", &receipt);
    let said = files.verify(&[&good]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let id = done["report"]["id"].as_str().expect("an id");
    for part in ["genuine", id, "revision 1: ACCEPTED", "12  APPEAL_LETTER", "leaf 0 of 1"] {
        assert!(said.out.contains(part), "{part}: {said:?}");
    }
    let longest =
        said.out.lines().filter(|line| !line.contains(".tlog-proof")).map(|line| line.chars().count());
    assert!(longest.max() <= Some(80), "{said:?}");
    let (head_file, proof) = (files.write("yesterday", &yesterday), files.write("proof", &proof));
    let said = files.verify(&[&good, &head_file, "--consistency", &proof]).await;
    assert_eq!((said.code, said.out.matches("extended to size 3").count()), (0, 2), "{said:?}");
    let later = files.write("today", today["checkpoint"].as_str().expect("a head"));
    let said = files.verify(&[&good, "--consistency", &proof, "--checkpoint", &later]).await;
    assert_eq!(said.code, 0, "{said:?}");

    let lines: Vec<_> = receipt.lines().collect();
    let (salt, root) = (lines[1], lines[6]);
    let changed_root = receipt.replace(root, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    for (name, text, code, says) in [
        ("cut off", receipt[..receipt.len() - 30].to_owned(), 1, "MALFORMED"),
        ("half", receipt[..receipt.len() / 2].to_owned(), 1, "MALFORMED"),
        (
            "changed-digit",
            receipt.replacen(&salt[10..12], if &salt[10..12] == "AA" { "BB" } else { "AA" }, 1),
            1,
            "LEAF_NOT_IN_LOG",
        ),
        ("other-index", receipt.replace("index 0", "index 1"), 1, "INDEX_BEYOND_LOG"),
        ("changed-head", changed_root, 1, "SIGNATURE_INVALID"),
        ("other-kind", "{}\n".to_owned(), 2, "nor a receipt nor the head"),
        ("a-proof", fs::read_to_string(&proof).expect("text"), 2, "--consistency"),
    ] {
        let file = files.write(name, &text);
        let said = files.verify(&[&file]).await;
        assert_eq!(said.code, code, "{name}: {said:?}");
        assert!(said.out.contains(says), "{name}: {said:?}");
        let longest = said.out.lines().skip(1).map(|line| line.chars().count()).max();
        assert!(longest <= Some(80), "{name}: {said:?}");
    }
    let said = files.verify(&[&files.folder.path().join("nothing").display().to_string()]).await;
    assert_eq!(said.code, 2, "{said:?}");
    // One that is not genuine among others.
    let bad = files.write("bad", &receipt.replace("index 0", "index 7"));
    let said = files.verify(&[&good, &bad]).await;
    assert_eq!((said.code, said.out.matches(": genuine").count()), (1, 1), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_refused_by_another_key_and_a_bad_key_is_named() {
    let service = Service::with_2021().await;
    let other = Service::with_2021().await;
    let done = report("a report of one log").letters(12).done(&service.anyone()).await;
    published(&service, 1).await;
    let reporter = service.bearer(done["secret"].as_str().expect("a secret"));
    let receipt = receipt_of(&reporter, &done["report"]["id"]).await;
    let elsewhere = crate::harness::transparency::log_of(&other.anyone(), 0).await;
    let origin = |head: &serde_json::Value| head["origin"].as_str().expect("a name").to_owned();
    let key = elsewhere["verifierKeys"][0].as_str().expect("a key").to_owned();
    let files = Files { folder: TempDir::new().expect("a folder"), key };
    let file = files.write("receipt", receipt["proof"].as_str().expect("a proof"));
    let said = files.verify(&[&file]).await;
    let is_same_name = origin(&elsewhere) == origin(&log_head(&service.anyone()).await);
    let code = if is_same_name { "NOT_SIGNED_BY_KEY" } else { "OTHER_ORIGIN" };
    assert!(said.code == 1 && said.out.contains(code), "{said:?}");
    let keys = files.write("keys", "\n");
    for bad in ["nothing", "w4r.example+00000000+AA==", &keys] {
        let said = w4r(NO_DATABASE, &["verify", "--key", bad, &file]).await;
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
    }
    let said = w4r(NO_DATABASE, &["verify", &file]).await;
    assert!(said.code == 2 && said.out.contains("--key"), "{said:?}");
}
