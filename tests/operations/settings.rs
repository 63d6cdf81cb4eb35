//! Settings: flags, variables, defaults, refused values, and their table in the operator's guide.

use clap::Args;
use graphql::{
    config::{DatabaseOptions, ServeOptions},
    server,
};

use crate::{
    harness::{TestDatabase, w4r, w4r_with},
    project::docs,
};

fn command() -> clap::Command {
    ServeOptions::augment_args(DatabaseOptions::augment_args(clap::Command::new("w4r")))
}

/// A row of the guide's table for each argument.
fn table() -> String {
    let mut table = String::from("| flag | environment | default | what |\n| --- | --- | --- | --- |\n");
    for argument in command().get_arguments() {
        let flag = argument.get_long().expect("every setting has a flag");
        let environment = argument.get_env().expect("every setting has a variable").to_string_lossy();
        let default: Vec<_> = argument
            .get_default_values()
            .iter()
            .map(|value| format!("`{}`", value.to_string_lossy()))
            .collect();
        let default = if default.is_empty() { "–".to_owned() } else { default.concat() };
        let help = argument.get_help().expect("every setting says what it is");
        table += &format!("| `--{flag}` | `{environment}` | {default} | {help} |\n");
    }
    table
}

#[test]
fn the_operators_guide_lists_every_setting_with_its_default_and_its_reason() {
    docs::assert_generated("graphql/README.md", "settings", &table());
}

#[test]
fn a_limit_that_is_not_set_is_the_default_of_the_server() {
    let matches = command().get_matches_from(["w4r"]);
    let settings = <ServeOptions as clap::FromArgMatches>::from_arg_matches(&matches).expect("settings");
    let settings = settings.server().expect("limits that fit each other");
    assert_eq!(format!("{settings:?}"), format!("{:?}", server::Settings::default()));
}

#[test]
fn every_limit_has_a_variable_named_like_its_flag() {
    for argument in command().get_arguments().filter(|argument| argument.get_long() != Some("database")) {
        let flag = argument.get_long().expect("a flag").to_ascii_uppercase().replace('-', "_");
        assert_eq!(
            argument.get_env().map(|name| name.to_string_lossy().into_owned()),
            Some(format!("W4R_{flag}"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_cannot_be_is_refused_before_anything_is_done() {
    let fresh = TestDatabase::without_tables().await;
    for (arguments, says) in [
        (["serve", "--max-body-bytes=lots"].as_slice(), "--max-body-bytes"),
        (&["serve", "--query-timeout-seconds=0"], "--query-timeout-seconds"),
        (&["serve", "--max-document-depth=33"], "--max-document-depth"),
        (&["demo", "--client-ip-header=not a header"], "--client-ip-header"),
        (&["serve", "--cost-per-minute=-1"], "--cost-per-minute"),
        (&["serve", "--metrics-listen=everywhere"], "--metrics-listen"),
    ] {
        let said = w4r(&fresh.url, arguments).await;
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
        assert!(said.err.contains(says), "{said:?}");
    }
    let variable = w4r_with(&fresh.url, &["serve"], &[("W4R_MAX_STREAMS", "many")]).await;
    assert_eq!((variable.code, variable.out.as_str()), (2, ""), "{variable:?}");
    assert!(variable.err.contains("--max-streams"), "{variable:?}");
    let contradiction = w4r(&fresh.url, &["serve", "--listen=127.0.0.1:0", "--max-connections=10"]).await;
    assert_eq!((contradiction.code, contradiction.out.as_str()), (1, ""), "{contradiction:?}");
    assert_eq!(
        contradiction.err,
        "w4r: --max-streams 24000 is more than --max-connections 10, which they are part of\n"
    );
}
