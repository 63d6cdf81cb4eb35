//! The version that `w4r --version` says: that of the crate, and the commit.
//!
//! The commit comes from the variable `W4R_COMMIT`, for builds without a repository, or from git in release builds. In
//! other builds git is not asked: the crate would be compiled anew after each commit.

use std::{env, process::Command};

fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// The commit that is checked out, marked if files differ from it. A tarball has none, also inside of another
/// repository.
fn commit_of_git() -> Option<String> {
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let here = env::current_dir().ok()?;
    if here.parent()?.canonicalize().ok()? != std::path::Path::new(&top).canonicalize().ok()? {
        return None;
    }
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let is_changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some();
    Some(if is_changed { format!("{commit}, changed") } else { commit })
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=W4R_COMMIT");
    let given = env::var("W4R_COMMIT").ok().filter(|commit| !commit.is_empty());
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = given.or_else(|| is_release.then(commit_of_git).flatten());
    let version = env!("CARGO_PKG_VERSION");
    match commit {
        Some(commit) => println!("cargo:rustc-env=W4R_VERSION={version} ({commit})"),
        None => println!("cargo:rustc-env=W4R_VERSION={version}"),
    }
}
