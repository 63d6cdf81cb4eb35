//! Null propagation of the GraphQL specification (6.4.4).
//!
//! A field that fails is null; if it is non-null, the nearest nullable parent is null. async-graphql omits a
//! failed field from its object instead, which breaks typed clients. Errors are therefore caught here, and
//! nulls are propagated by these rules.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{QueryPathNode, QueryPathSegment, Response, ServerError, ServerResult, Value};

/// The path of a value in the response.
type Path = Vec<String>;

/// The failures of one response.
pub(super) struct NullPropagation {
    /// The number of errors that the response lists.
    max_errors: usize,
    /// Whether there was a failure. Most responses have none, and every field checks it.
    has_failures: AtomicBool,
    failures: Mutex<Failures>,
}

#[derive(Default)]
struct Failures {
    errors: Vec<ServerError>,
    /// The number of errors beyond the limit.
    omitted: usize,
    /// The paths of objects with a non-null field that is null.
    null_parents: Vec<Path>,
    /// The paths of lists with a null entry; the type of the list decides whether the list becomes null.
    lists_with_null_entry: Vec<Path>,
}

/// The position of a value, for use after it was resolved.
pub(super) struct ErrorLocation {
    path: Path,
    nullability: Nullability,
}

/// Whether a value may be null.
enum Nullability {
    Field { nullable: bool, nullable_entries: bool },
    Entry,
}

impl ErrorLocation {
    /// The position of a value by its path and, for a field, its declared type. async-graphql reports a wrong
    /// type for entries of a list.
    pub(super) fn new(node: &QueryPathNode<'_>, declared_type: &str) -> Self {
        let nullability = match node.segment {
            QueryPathSegment::Index(_) => Nullability::Entry,
            QueryPathSegment::Name(_) => Nullability::Field {
                nullable: !declared_type.ends_with('!'),
                nullable_entries: !declared_type.trim_end_matches('!').ends_with("!]"),
            },
        };
        Self { path: path(node), nullability }
    }
}

impl NullPropagation {
    /// No failures yet; the response will list at most `max_errors`.
    pub(super) fn new(max_errors: usize) -> Self {
        Self { max_errors, has_failures: AtomicBool::default(), failures: Mutex::default() }
    }

    /// Completes the value at a location, after everything inside it is resolved.
    pub(super) fn complete(
        &self,
        location: impl FnOnce() -> ErrorLocation,
        result: ServerResult<Option<Value>>,
    ) -> Option<Value> {
        match result {
            Ok(value) if !self.has_failures.load(Ordering::Relaxed) => return value,
            Ok(value) => {
                let (mut failures, location) = (self.lock(), location());
                if !failures.becomes_null(&location) {
                    return value;
                }
                failures.propagate(location);
            }
            Err(error) => {
                self.has_failures.store(true, Ordering::Relaxed);
                let mut failures = self.lock();
                match failures.errors.len() < self.max_errors {
                    true => failures.errors.push(error),
                    false => failures.omitted += 1,
                }
                failures.propagate(location());
            }
        }
        // Not `None`: async-graphql takes that for an internal error in an entry of a list.
        Some(Value::Null)
    }

    /// Adds the errors to the response. The data is null if a null reached the root.
    pub(super) fn finish(&self, mut response: Response) -> Response {
        let Failures { errors, omitted, null_parents, .. } = std::mem::take(&mut *self.lock());
        response.errors.extend(errors);
        if omitted > 0 {
            response.extensions.insert("errorsLeftOut".to_owned(), omitted.into());
        }
        if null_parents.iter().any(Vec::is_empty) {
            response.data = Value::Null;
        }
        response
    }

    fn lock(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failures {
    /// Whether a null inside this value makes the value null.
    fn becomes_null(&mut self, location: &ErrorLocation) -> bool {
        let null_parents = remove_path(&mut self.null_parents, &location.path);
        let lists_with_null_entry = remove_path(&mut self.lists_with_null_entry, &location.path);
        null_parents
            || (lists_with_null_entry
                && !matches!(location.nullability, Nullability::Field { nullable_entries: true, .. }))
    }

    /// Records a null for the parent of a location.
    fn propagate(&mut self, ErrorLocation { mut path, nullability }: ErrorLocation) {
        path.pop();
        match nullability {
            Nullability::Field { nullable: true, .. } => {}
            Nullability::Field { nullable: false, .. } => self.null_parents.push(path),
            Nullability::Entry => self.lists_with_null_entry.push(path),
        }
    }
}

/// Removes a path, and tells whether it was there.
fn remove_path(paths: &mut Vec<Path>, path: &Path) -> bool {
    let before = paths.len();
    paths.retain(|known| known != path);
    paths.len() < before
}

fn path(node: &QueryPathNode<'_>) -> Path {
    let mut path: Path = std::iter::once(node)
        .chain(node.parents())
        .map(|node| match node.segment {
            QueryPathSegment::Name(name) => name.to_owned(),
            QueryPathSegment::Index(index) => index.to_string(),
        })
        .collect();
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, value};

    use crate::{error::ApiError, query_limits::QueryLimits, schema_extension::ErrorCodes};

    struct Query;

    #[Object]
    impl Query {
        async fn good(&self) -> i32 {
            1
        }

        async fn nullable(&self) -> Result<Option<i32>, ApiError> {
            Err(ApiError::forbidden())
        }

        async fn needed(&self) -> Result<i32, ApiError> {
            Err(ApiError::forbidden())
        }

        async fn inner(&self) -> Option<Self> {
            Some(Self)
        }

        async fn needed_inner(&self) -> Self {
            Self
        }

        async fn list(&self) -> Vec<Self> {
            vec![Self, Self]
        }

        async fn gaps(&self) -> Vec<Option<Self>> {
            vec![Some(Self), None]
        }
    }

    async fn execute(document: &str) -> (async_graphql::Value, usize) {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription)
            .extension(ErrorCodes(QueryLimits::default()))
            .finish();
        let response = schema.execute(document).await;
        (response.data, response.errors.len())
    }

    #[tokio::test]
    async fn a_response_lists_the_first_errors_and_the_number_of_the_others() {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription)
            .extension(ErrorCodes(QueryLimits { max_errors: 3, ..QueryLimits::default() }))
            .finish();
        let response = schema.execute("{ list { a: nullable b: nullable } nullable }").await;
        assert_eq!(response.errors.len(), 3);
        assert_eq!(response.extensions["errorsLeftOut"], value!(2));
        let none = value!({ "a": null, "b": null });
        assert_eq!(response.data, value!({ "list": [none.clone(), none], "nullable": null }));
    }

    #[tokio::test]
    async fn a_field_that_fails_is_null() {
        assert_eq!(execute("{ good nullable }").await, (value!({ "good": 1, "nullable": null }), 1));
    }

    #[tokio::test]
    async fn a_null_propagates_to_the_nearest_nullable_parent() {
        let outer = value!({ "good": 1, "inner": null });
        assert_eq!(execute("{ good inner { good needed } }").await, (outer.clone(), 1));
        assert_eq!(
            execute("{ good inner { neededInner { neededInner { needed } } } }").await,
            (outer.clone(), 1)
        );
        assert_eq!(execute("{ good inner { list { needed } } }").await, (outer, 2));
        assert_eq!(execute("{ gaps { needed } }").await, (value!({ "gaps": [null, null] }), 1));
    }

    #[tokio::test]
    async fn a_null_propagates_to_the_root_if_no_parent_is_nullable() {
        assert_eq!(execute("{ good needed }").await, (async_graphql::Value::Null, 1));
        assert_eq!(execute("{ good list { needed } }").await, (async_graphql::Value::Null, 2));
        assert_eq!(execute("{ a: neededInner { good b: needed } }").await, (async_graphql::Value::Null, 1));
    }
}
