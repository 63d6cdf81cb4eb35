//! The size limit of a response, counted while fields are resolved, so that a response over the limit is not
//! completed.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{PathSegment, QueryPathNode, QueryPathSegment, Response, ServerError, Value};

use crate::error::ApiError;

/// `":",` around and after a name.
const NAME_PUNCTUATION_BYTES: usize = 4;
/// The brackets of a list or an object, or the quotation marks of a string.
const VALUE_DELIMITER_BYTES: usize = 2;
/// The length of `false`, the longest literal; most numbers are shorter.
const SCALAR_BYTES: usize = 5;

/// The size of one response in bytes.
pub(super) struct ResponseSize {
    max_bytes: usize,
    bytes: AtomicUsize,
    /// The path at which the limit was exceeded.
    exceeded_at: Mutex<Option<Vec<PathSegment>>>,
}

impl ResponseSize {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { max_bytes, bytes: AtomicUsize::new(0), exceeded_at: Mutex::default() }
    }

    /// Whether the limit is exceeded.
    pub(super) fn is_over_limit(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.max_bytes
    }

    /// Adds the value at a node. The content of a list or an object was added before.
    pub(super) fn add(&self, node: &QueryPathNode<'_>, value: Option<&Value>) {
        let name_bytes = match node.segment {
            QueryPathSegment::Name(name) => name.len() + NAME_PUNCTUATION_BYTES,
            QueryPathSegment::Index(_) => 1,
        };
        let value_bytes = match value {
            Some(Value::String(text)) => text.len() + VALUE_DELIMITER_BYTES,
            Some(Value::Enum(word)) => word.len() + VALUE_DELIMITER_BYTES,
            Some(Value::List(_) | Value::Object(_) | Value::Binary(_)) => VALUE_DELIMITER_BYTES,
            _ => SCALAR_BYTES,
        };
        // One task resolves a response, so that a load and a store suffice instead of an atomic addition.
        let before = self.bytes.load(Ordering::Relaxed);
        self.bytes.store(before + name_bytes + value_bytes, Ordering::Relaxed);
        if before <= self.max_bytes && before + name_bytes + value_bytes > self.max_bytes {
            *self.exceeded_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(path(node));
        }
    }

    /// Replaces a response over the limit by an error, and resets the size for the next one.
    pub(super) fn finish(&self, mut response: Response) -> Response {
        self.bytes.store(0, Ordering::Relaxed);
        if let Some(path) = self.exceeded_at.lock().unwrap_or_else(PoisonError::into_inner).take() {
            response.data = Value::Null;
            response.errors =
                vec![ServerError::from(ApiError::answer_too_large(self.max_bytes)).with_path(path)];
        }
        response
    }
}

/// The path of a node, as errors contain it.
pub(super) fn path(node: &QueryPathNode<'_>) -> Vec<PathSegment> {
    let mut path: Vec<_> = std::iter::once(node)
        .chain(node.parents())
        .map(|node| match node.segment {
            QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
            QueryPathSegment::Index(index) => PathSegment::Index(index),
        })
        .collect();
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptySubscription, Object, PathSegment, Response, Schema, Value, value};

    use crate::{query_limits::QueryLimits, schema_extension::ErrorCodes};

    struct Query;

    #[Object]
    impl Query {
        async fn text(&self, length: usize) -> Option<String> {
            Some("x".repeat(length))
        }

        async fn texts(&self, length: usize) -> Vec<String> {
            vec!["x".repeat(length); 3]
        }

        async fn inner(&self) -> Option<Self> {
            Some(Self)
        }
    }

    struct Mutation;

    #[Object]
    impl Mutation {
        async fn change(&self, ctx: &async_graphql::Context<'_>) -> Query {
            ctx.data_unchecked::<std::sync::atomic::AtomicUsize>()
                .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Query
        }
    }

    async fn execute(document: &str) -> (Response, usize) {
        let schema = Schema::build(Query, Mutation, EmptySubscription)
            .extension(ErrorCodes(QueryLimits { max_response_bytes: 1_000, ..QueryLimits::default() }))
            .data(std::sync::atomic::AtomicUsize::new(0))
            .finish();
        let response = schema.execute(document).await;
        let changes = schema.data::<std::sync::atomic::AtomicUsize>().expect("the counter");
        (response, changes.load(std::sync::atomic::Ordering::Relaxed))
    }

    #[track_caller]
    fn assert_too_large(response: &Response, path: &[&str]) {
        let [error] = &response.errors[..] else { panic!("{:?}", response.errors) };
        let extensions = error.extensions.as_ref().expect("a code");
        assert_eq!(extensions.get("code"), Some(&"ANSWER_TOO_LARGE".into()));
        assert_eq!(error.message, "The response would exceed 1000 bytes.");
        let path: Vec<_> = path.iter().map(|name| PathSegment::Field((*name).to_owned())).collect();
        assert_eq!((&response.data, &error.path[..path.len()]), (&Value::Null, &path[..]));
    }

    #[tokio::test]
    async fn a_response_over_the_size_limit_is_replaced_by_an_error() {
        let (whole, _) = execute("{ text(length: 980) }").await;
        assert_eq!((whole.errors.len(), whole.data), (0, value!({ "text": "x".repeat(980) })));
        assert_too_large(&execute("{ text(length: 1000) }").await.0, &["text"]);
        assert_too_large(
            &execute("{ inner { a: text(length: 600) b: text(length: 600) } }").await.0,
            &["inner", "b"],
        );
        assert_too_large(&execute("{ texts(length: 400) }").await.0, &["texts"]);
        let long_name = format!("{{ {}: text(length: 1) }}", "a".repeat(1_000));
        assert_too_large(&execute(&long_name).await.0, &[&"a".repeat(1_000)]);
    }

    #[tokio::test]
    async fn a_mutation_is_completed_even_if_its_response_is_too_large() {
        let (response, changes) =
            execute("mutation { a: change { text(length: 2000) } b: change { text(length: 1) } }").await;
        assert_too_large(&response, &["a", "text"]);
        assert_eq!(changes, 2);
    }
}
