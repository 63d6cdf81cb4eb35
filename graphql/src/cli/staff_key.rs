//! `w4r key`: staff keys of administrators and sections. A key is shown once, when it is created; only its
//! hash is stored.

use domain::{catalogue::Catalogue, text};
use jiff::Timestamp;
use uuid::Uuid;

use super::{CliError, block_on, connect};
use crate::{
    config::DatabaseOptions,
    credentials::{self, SecretHash},
    database::{
        self, Connection,
        staff_keys::{self, StaffKey},
    },
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
pub fn run(command: &KeyCommand, store: &DatabaseOptions) -> Result<(), CliError> {
    block_on(async {
        match command {
            KeyCommand::Create { name, section } => create(name, section.as_deref(), store).await,
            KeyCommand::List => list(store).await,
            KeyCommand::Revoke { id } => revoke(*id, store).await,
        }
    })
}

async fn create(name: &str, section: Option<&str>, store: &DatabaseOptions) -> Result<(), CliError> {
    let name = text::line(name).map_err(|rule| CliError(format!("the name: {rule}")))?;
    let mut connection = connect(store).await?;
    let section = match section {
        Some(code) => {
            let catalogue = catalogue(&mut connection).await?;
            let found = catalogue.section_by_code(code).cloned();
            Some(found.ok_or_else(|| CliError(format!("there is no section `{code}`")))?)
        }
        None => None,
    };
    let secret =
        if section.is_some() { credentials::section_key() } else { credentials::administrator_key() };
    let key = StaffKey {
        id: Uuid::now_v7(),
        name,
        section: section.as_ref().map(|section| section.id),
        created_at: Timestamp::now(),
        revoked_at: None,
    };
    staff_keys::insert(&mut connection, &key, SecretHash::of(&secret)).await?;
    match section {
        Some(section) => {
            eprintln!("A key of {} for {}. It is shown only now:", section.name, key.name);
        }
        None => eprintln!("An administrator's key for {}. It is shown only now:", key.name),
    }
    super::print_line(format_args!("{secret}"));
    eprintln!("Send it as `Authorization: Bearer …`.");
    eprintln!("Revoke it with `w4r key revoke {}`.", key.id);
    Ok(())
}

async fn list(store: &DatabaseOptions) -> Result<(), CliError> {
    let mut connection = connect(store).await?;
    let keys = staff_keys::list(&mut connection).await?;
    let catalogue = catalogue(&mut connection).await?;
    if keys.is_empty() {
        eprintln!("There is no key yet; create one with `w4r key create NAME`.");
    }
    for key in keys {
        let state = if key.revoked_at.is_some() { "revoked" } else { "active" };
        let section = key.section.and_then(|section| catalogue.section(section));
        let only = section.map(|section| format!(" (only {})", section.code)).unwrap_or_default();
        super::print_line(format_args!(
            "{}  {}  {state:7}  {}{only}",
            key.id,
            key.created_at.strftime("%Y-%m-%d"),
            key.name
        ));
    }
    Ok(())
}

async fn catalogue(connection: &mut Connection) -> Result<Catalogue, CliError> {
    Ok(database::catalogue::load(connection).await?.into())
}

async fn revoke(id: Uuid, store: &DatabaseOptions) -> Result<(), CliError> {
    if staff_keys::revoke(&mut connect(store).await?, id, Timestamp::now()).await? {
        super::print_line(format_args!("Revoked."));
        Ok(())
    } else {
        Err(CliError("there is no such key, or it was revoked before".to_owned()))
    }
}
