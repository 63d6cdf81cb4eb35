//! `w4r key`: staff keys of administrators and sections. A key is shown once, when it is created; only its
//! hash is stored.

use domain::text;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Trouble, block_on, connect};
use crate::{
    catalogue::Catalogue,
    config::Store,
    database::{
        self, Connection,
        keys::{self, Key},
    },
    secret::{self, Hash},
};

/// The subcommands for keys.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum KeyCommand {
    /// Create a key and print it, once
    Create {
        /// The person or system that the key is for
        name: String,
        /// Code of the only section that the key gives access to; all sections if omitted
        #[arg(long, value_name = "CODE")]
        section: Option<String>,
    },
    /// List keys, without their secrets
    List,
    /// Revoke a key
    Revoke {
        /// The id, as printed by `list`
        id: Uuid,
    },
}

/// Runs the subcommand.
///
/// # Errors
/// An invalid name, an unknown key, or a database error.
pub fn run(command: &KeyCommand, store: &Store) -> Result<(), Trouble> {
    block_on(async {
        match command {
            KeyCommand::Create { name, section } => create(name, section.as_deref(), store).await,
            KeyCommand::List => list(store).await,
            KeyCommand::Revoke { id } => revoke(*id, store).await,
        }
    })
}

async fn create(name: &str, section: Option<&str>, store: &Store) -> Result<(), Trouble> {
    let name = text::line(name).map_err(|rule| Trouble(format!("the name: {rule}")))?;
    let mut connection = connect(store).await?;
    let section = match section {
        Some(code) => {
            let catalogue = catalogue(&mut connection).await?;
            let found = catalogue.section_called(code).cloned();
            Some(found.ok_or_else(|| Trouble(format!("there is no section `{code}`")))?)
        }
        None => None,
    };
    let secret = if section.is_some() { secret::section_key() } else { secret::administrator_key() };
    let key = Key {
        id: Uuid::now_v7(),
        name,
        section: section.as_ref().map(|section| section.id),
        created_at: Timestamp::now(),
        revoked_at: None,
    };
    keys::insert(&mut connection, &key, Hash::of(&secret)).await?;
    match section {
        Some(section) => {
            eprintln!("A key of {} for {}. It is shown only now:", section.name, key.name);
        }
        None => eprintln!("An administrator's key for {}. It is shown only now:", key.name),
    }
    super::say(format_args!("{secret}"));
    eprintln!("Send it as `Authorization: Bearer …`.");
    eprintln!("Revoke it with `w4r key revoke {}`.", key.id);
    Ok(())
}

async fn list(store: &Store) -> Result<(), Trouble> {
    let mut connection = connect(store).await?;
    let keys = keys::list(&mut connection).await?;
    let catalogue = catalogue(&mut connection).await?;
    if keys.is_empty() {
        eprintln!("There is no key yet; create one with `w4r key create NAME`.");
    }
    for key in keys {
        let state = if key.revoked_at.is_some() { "revoked" } else { "active" };
        let section = key.section.and_then(|section| catalogue.section(section));
        let only = section.map(|section| format!(" (only {})", section.code)).unwrap_or_default();
        super::say(format_args!(
            "{}  {}  {state:7}  {}{only}",
            key.id,
            key.created_at.strftime("%Y-%m-%d"),
            key.name
        ));
    }
    Ok(())
}

async fn catalogue(connection: &mut Connection) -> Result<Catalogue, Trouble> {
    Ok(database::catalogue::load(connection).await?.into())
}

async fn revoke(id: Uuid, store: &Store) -> Result<(), Trouble> {
    if keys::revoke(&mut connect(store).await?, id, Timestamp::now()).await? {
        super::say(format_args!("Revoked."));
        Ok(())
    } else {
        Err(Trouble("there is no such key, or it was revoked before".to_owned()))
    }
}
