//! The head of the transparency log.

use async_graphql::{Context, Object, SimpleObject};

use super::{
    AppState, RequestContext, cost,
    error::ApiError,
    scalar::{Count, DateTime},
};
use crate::database::report_log;

/// The head of the transparency log: an append-only Merkle tree (RFC 6962) with a leaf for each report revision and for
/// each later change of its state. Leaves are salted hashes, which tell nothing of a report. Its tiles, its heads and
/// proofs between them are served below `/log/`, in the forms of C2SP.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct TransparencyLog {
    /// The name of the log, which is in every head and receipt.
    origin: String,
    /// The public keys of the log as verifier keys of signed notes (`name+id+key`), one for each signature line. Note
    /// them somewhere else: with them heads and receipts are verified without this service.
    verifier_keys: Vec<String>,
    /// The number of leaves. It counts all reports that are no tests, also those to private events, and grows once a
    /// minute at most.
    size: Count,
    /// The root of the tree, in Base64.
    root_hash: String,
    /// The signed head as a checkpoint (C2SP `tlog-checkpoint`), word for word.
    checkpoint: String,
    /// When the last leaves were added.
    as_of: DateTime,
}

/// The query field of the log.
#[derive(Default)]
pub(crate) struct TransparencyLogQuery;

#[Object(serial)]
impl TransparencyLogQuery {
    /// The head of the transparency log. Null before its first head, and while it is halted after a restore of the
    /// database.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn transparency_log(&self, ctx: &Context<'_>) -> Result<Option<TransparencyLog>, ApiError> {
        let mut connection = RequestContext::of(ctx).connect_uncacheable(AppState::of(ctx)).await?;
        let head = report_log::head(&mut connection).await?;
        let (Some(origin), Some(checkpoint), Some(as_of)) = (head.origin, head.checkpoint, head.published_at)
        else {
            return Ok(None);
        };
        Ok((!head.is_halted).then(|| TransparencyLog {
            origin,
            verifier_keys: head.verifier_keys,
            size: head.size.into(),
            root_hash: head.root.to_base64(),
            checkpoint,
            as_of: as_of.into(),
        }))
    }
}
