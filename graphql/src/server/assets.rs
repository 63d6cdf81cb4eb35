//! Static files of the pages, the ticker and the IDE.
//!
//! A debug build reads them from the source folder at each request, so that a change is seen by
//! reloading the page; a release build embeds them in the binary. What is served is decided by the
//! routes of each submodule, never by what lies in the folder.

use axum::Router;

mod files;
pub mod ide;
mod manage;
mod page;
mod ticker;
mod verify;

pub(super) use files::content;

/// The routes of all pages. `simulated` marks the IDE's examples in a demonstration.
pub(super) fn routes(simulated: bool) -> Router {
    page::routes()
        .merge(manage::routes())
        .merge(verify::routes())
        .merge(ticker::routes())
        .merge(ide::routes(simulated))
}
