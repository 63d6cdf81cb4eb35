//! `w4r serve`: runs the service until it is stopped.

use std::{io, net::SocketAddr};

use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::{CliError, block_on};
use crate::{
    clock::Clock,
    config::{DatabaseOptions, ServeOptions},
    ledger::report_log::check_origin,
    mail, server,
};

/// Serves until the process is interrupted or terminated.
///
/// # Errors
/// If the address is in use or the database cannot be used.
pub fn run(settings: &ServeOptions, store: &DatabaseOptions) -> Result<(), CliError> {
    log();
    let limits = settings.server().map_err(CliError)?;
    if cfg!(feature = "faults") {
        tracing::warn!("this build has the feature `faults`: any client can make its fields fail and flood");
    }
    block_on(async {
        let listener = listen(settings.listen)?;
        let database = super::open(store).await?;
        let address = listener.local_addr()?;
        let mail = settings.mail.settings(address, store).map_err(CliError)?;
        check_origin(&mut database.connect().await?, &limits.log)
            .await?
            .map_err(|conflict| CliError(conflict.to_string()))?;
        let stopped = stopped()?;
        super::print_line(format_args!(
            "Write for Rights serves on http://{address}/ from {}.",
            database.kind()
        ));
        super::print_line(format_args!("GraphQL: http://{address}/graphql"));
        super::print_line(format_args!("In the browser: http://{address}/ide/"));
        if let mail::MailUrl::Folder(folder) = &mail.url {
            super::print_line(format_args!("Mail is written into {}; see --mail-url.", folder.display()));
        }
        server::serve(listener, limits, database, Clock::system(), false, mail, stopped).await?;
        Ok(())
    })
}

/// Binds the address.
pub(super) fn listen(address: SocketAddr) -> Result<TcpListener, CliError> {
    graphql_engine::listener::bind(address)
        .map_err(|error| CliError(format!("cannot listen on {address}: {error}")))
}

/// Sets up logging to standard error, filtered by `RUST_LOG`.
pub(super) fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A second subscriber is rejected; the first one stays.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
}

/// Returns a future that completes when the process is interrupted or terminated. From now on neither signal
/// kills the process: as soon as the address is printed, a supervisor may stop it gracefully.
///
/// # Errors
/// If signal handlers cannot be installed.
#[cfg(unix)]
pub(super) fn stopped() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupted, mut terminated) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Returns a future that completes when the process is interrupted.
///
/// # Errors
/// If the handler cannot be installed.
#[cfg(windows)]
pub(super) fn stopped() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupted = tokio::signal::windows::ctrl_c()?;
    Ok(async move { drop(interrupted.recv().await) })
}
