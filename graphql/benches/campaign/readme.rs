//! The table of `graphql/benches/README.md`, written there by `UPDATE_README=1 cargo bench`.

use std::{fs, path::Path};

const BEGIN: &str = "<!-- figures -->\n";
const END: &str = "<!-- /figures -->";

/// Puts the table between its marks, if that was asked for.
pub(crate) fn update(table: &str) {
    if std::env::var_os("UPDATE_README").is_none() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/README.md");
    let text = fs::read_to_string(&path).expect("the README");
    let (before, behind) = text.split_once(BEGIN).expect("a beginning");
    let (_, behind) = behind.split_once(END).expect("an end");
    fs::write(&path, format!("{before}{BEGIN}{table}{END}{behind}")).expect("the README takes it");
}
