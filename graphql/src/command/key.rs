//! `w4r key`: administrators' keys. A key is shown once, when it is made; only its hash is kept.

use domain::text;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Trouble, block_on, connect};
use crate::{
    config::Store,
    database::keys::{self, Key},
    secret::{self, Hash},
};

/// What is to be done about keys.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it, once
    Create {
        /// Who or what it is for
        name: String,
    },
    /// List keys, without their secrets
    List,
    /// Revoke a key
    Revoke {
        /// The identity that `list` prints
        id: Uuid,
    },
}

/// Does it.
///
/// # Errors
/// A name that is none, a key that is not there, or the database.
pub fn run(command: &KeyCommand, store: &Store) -> Result<(), Trouble> {
    block_on(async {
        match command {
            KeyCommand::Create { name } => create(name, store).await,
            KeyCommand::List => list(store).await,
            KeyCommand::Revoke { id } => revoke(*id, store).await,
        }
    })
}

async fn create(name: &str, store: &Store) -> Result<(), Trouble> {
    let name = text::line(name).map_err(|rule| Trouble(format!("the name: {rule}")))?;
    let secret = secret::administrator_key();
    let key = Key { id: Uuid::now_v7(), name, created_at: Timestamp::now(), revoked_at: None };
    keys::insert(&mut connect(store).await?, &key, Hash::of(&secret)).await?;
    eprintln!("An administrator's key for {}. It is shown only now:", key.name);
    super::say(format_args!("{secret}"));
    eprintln!("Send it as `Authorization: Bearer …`.");
    eprintln!("Revoke it with `w4r key revoke {}`.", key.id);
    Ok(())
}

async fn list(store: &Store) -> Result<(), Trouble> {
    let keys = keys::list(&mut connect(store).await?).await?;
    if keys.is_empty() {
        eprintln!("There is no key yet; make one with `w4r key create NAME`.");
    }
    for key in keys {
        let state = if key.revoked_at.is_some() { "revoked" } else { "active" };
        super::say(format_args!(
            "{}  {}  {state:7}  {}",
            key.id,
            key.created_at.strftime("%Y-%m-%d"),
            key.name
        ));
    }
    Ok(())
}

async fn revoke(id: Uuid, store: &Store) -> Result<(), Trouble> {
    if keys::revoke(&mut connect(store).await?, id, Timestamp::now()).await? {
        super::say(format_args!("Revoked."));
        Ok(())
    } else {
        Err(Trouble("there is no such key, or it was revoked before".to_owned()))
    }
}
