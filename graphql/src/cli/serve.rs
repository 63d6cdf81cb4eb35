//! `w4r serve`: runs the service until it is stopped.

use std::io;

use tokio::net::TcpListener;

use super::{CliError, block_on, logging};
use crate::{
    clock::Clock,
    config::{DatabaseOptions, ListenAddress, ServeOptions},
    ledger::report_log::check_origin,
    mail, server, version,
};

/// Serves until the process is interrupted or terminated.
///
/// # Errors
/// If the address is in use or the database cannot be used.
pub fn run(settings: &ServeOptions, store: &DatabaseOptions) -> Result<(), CliError> {
    logging::start(settings.log_format);
    let limits = settings.server().map_err(CliError)?;
    if cfg!(feature = "faults") {
        tracing::warn!("this build has the feature `faults`: any client can make its fields fail and flood");
    }
    block_on(async {
        let listener = listen(&settings.listen).await?;
        let database = super::open_or_make(store).await?;
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
        if database.lacks_its_log() {
            tracing::warn!(database = database.place(), "{}", super::LACKS_ITS_LOG);
        }
        tracing::info!(version = version::PROGRAM, database = database.kind(), %address, "the service starts");
        let stopped = async {
            stopped.await;
            tracing::info!("the service stops");
        };
        server::serve(listener, limits, database, Clock::system(), false, mail, stopped).await?;
        tracing::info!("the service has stopped");
        Ok(())
    })
}

/// Binds the first address of the name that can be listened on. A name is looked up once, at the start.
pub(super) async fn listen(address: &ListenAddress) -> Result<TcpListener, CliError> {
    let refused = |error| CliError(format!("cannot listen on {address}: {error}"));
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in tokio::net::lookup_host(address.as_str()).await.map_err(refused)? {
        match graphql_engine::listener::bind(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = error,
        }
    }
    Err(refused(failed))
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
