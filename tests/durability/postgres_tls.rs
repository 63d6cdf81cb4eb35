//! TLS to PostgreSQL: the modes of `sslmode`.

use std::process::Command;

use crate::harness::{
    number,
    postgres::{Cluster, ran},
    w4r,
};

/// What a certificate has to say of itself; the rest stands on the command line.
const FORM: &str = "[req]\ndistinguished_name = name\n[name]\n";

/// Makes a key and a certificate in the server's folder.
fn certify(cluster: &Cluster, name: &str, more: &[&str]) {
    let mut command = Command::new("openssl");
    command.current_dir(cluster.folder()).args(["req", "-config", "form", "-x509", "-nodes", "-days", "2"]);
    command.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    command.args(["-subj", &format!("/CN={name}"), "-keyout", &format!("{name}.key")]);
    ran(command.args(["-out", &format!("{name}.pem")]).args(more));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_certificate_is_checked_as_sslmode_says() {
    let Some(cluster) = Cluster::start("") else { return };
    let port = cluster.port();
    let url = |host: &str, rest: &str| format!("postgres://postgres:pass-word@{host}:{port}/postgres{rest}");
    let list = async |url: String| w4r(&url, &["key", "list"]).await;
    // A list makes no tables.
    let edition = concat!(env!("CARGO_MANIFEST_DIR"), "/data/edition-2021.json");
    let imported = w4r(&url("127.0.0.1", ""), &["import", edition]).await;
    assert_eq!(imported.code, 0, "{imported:?}");

    for (rest, code) in [("", 0), ("?sslmode=prefer", 0), ("?sslmode=disable", 0), ("?sslmode=require", 1)] {
        let said = list(url("127.0.0.1", rest)).await;
        assert_eq!(said.code, code, "a server without TLS, {rest}: {said:?}");
        assert!(code == 0 || said.err.contains("server does not support TLS"), "{said:?}");
    }

    std::fs::write(cluster.folder().join("form"), FORM).expect("a file");
    for authority in ["ours", "other"] {
        certify(&cluster, authority, &["-addext", "basicConstraints=critical,CA:TRUE"]);
    }
    let signed = ["-CA", "ours.pem", "-CAkey", "ours.key", "-addext", "subjectAltName=DNS:localhost"];
    certify(&cluster, "server", &[&signed[..], &["-addext", "basicConstraints=critical,CA:FALSE"]].concat());
    let file = |name: &str| cluster.folder().join(name);
    cluster.hand_over(&file("server.key"));
    cluster.hand_over(&file("server.pem"));
    cluster.configure(&format!(
        "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\n",
        file("server.pem").display(),
        file("server.key").display()
    ));
    tokio::task::block_in_place(|| cluster.crash_and_begin());

    let [ours, other] = ["ours.pem", "other.pem"]
        .map(|name| file(name).to_str().expect("a path of text").replace('/', "%2F"));
    let full = |roots: &str| format!("?sslmode=verify-full&sslrootcert={roots}");
    for (host, rest, trouble) in [
        ("localhost", String::new(), None),
        ("localhost", "?sslmode=disable".to_owned(), None),
        ("localhost", "?sslmode=require".to_owned(), None),
        ("localhost", full(&ours), None),
        ("127.0.0.1", full(&ours), Some("not valid for name")),
        ("localhost", full(&other), Some("invalid peer certificate")),
        ("localhost", "?sslmode=verify-full".to_owned(), Some("invalid peer certificate: UnknownIssuer")),
    ] {
        let said = list(url(host, &rest)).await;
        assert_eq!(said.code, i32::from(trouble.is_some()), "{host}{rest}: {said:?}");
        if let Some(trouble) = trouble {
            let beginning = format!("w4r: the database is not available: {host}:{port}/postgres: ");
            assert!(said.err.starts_with(&beginning) && said.err.contains(trouble), "{said:?}");
            assert!(!said.err.contains("pass-word"), "{said:?}");
        }
    }

    let encrypted = "SELECT COUNT(*) AS number FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE ssl AND application_name = 'w4r'";
    for (rest, connections) in [("?sslmode=disable", 0), ("", 1), ("?sslmode=require", 1)] {
        let database = graphql::database::Database::open(&url("localhost", rest)).expect("a database");
        let _connection = database.connect().await.expect("a connection");
        assert_eq!(number(&cluster.url(), encrypted).await, connections, "{rest}");
    }
}
