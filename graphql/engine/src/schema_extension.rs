//! The schema extension of the engine: error codes, null propagation, and the cost of each response.
//!
//! async-graphql reports errors as text without codes. The stage that fails determines the code; only
//! validation errors are distinguished by their text, between an invalid value and an invalid document.

use std::{
    any::TypeId,
    sync::{Arc, OnceLock},
};

use async_graphql::{
    ObjectType, Request, Response, SchemaBuilder, ServerError, ServerResult, SubscriptionType,
    ValidationMode, ValidationResult, Value, Variables,
    async_trait::async_trait,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextPrepareRequest, NextRequest,
        NextResolve, NextSubscribe, NextValidation, ResolveInfo,
    },
    parser::types::{ExecutableDocument, VariableDefinition},
    value,
};
use futures_util::{StreamExt, stream::BoxStream};

use crate::{
    cost_budget::CostBudget,
    document::SchemaDescription,
    error::{ApiError, ErrorCode},
    field_guard::FieldGuard,
    prerendered_json::EagerJson,
    query_limits::QueryLimits,
};

/// The maximum nesting of selections and fragments: what the stack of a thread can hold. The depth of a
/// document is limited further by [`DocumentLimits`](crate::DocumentLimits).
const MAX_NESTING: usize = 64;
/// The maximum number of directives of a field, such as `@skip` and `@include`.
const MAX_DIRECTIVES: usize = 4;
/// The root type of mutations.
const MUTATION: &str = "Mutation";

/// Configures a schema for the [engine](crate::GraphqlEngine): limits, error codes, and the cost in the
/// extensions of each response. A schema without it has none of these, and its resolvers cannot return
/// [`Inline`](crate::inline::Inline) values.
#[must_use]
pub fn configure<Q, M, S>(builder: SchemaBuilder<Q, M, S>, limits: QueryLimits) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    builder
        .limit_complexity(limits.max_cost)
        .limit_recursive_depth(MAX_NESTING)
        .limit_directives(MAX_DIRECTIVES)
        // The engine has validated the document before.
        .validation_mode(ValidationMode::Fast)
        .extension(ErrorCodes(limits))
}

/// The extension that adds a code to every error and the cost to every response.
pub(crate) struct ErrorCodes(pub(crate) QueryLimits);

impl ExtensionFactory for ErrorCodes {
    fn create(&self) -> Arc<dyn Extension> {
        let field_guard = Arc::new(FieldGuard::new(self.0));
        Arc::new(ErrorCodesExtension { limits: self.0, cost: OnceLock::new(), field_guard })
    }
}

struct ErrorCodesExtension {
    limits: QueryLimits,
    cost: OnceLock<usize>,
    field_guard: Arc<FieldGuard>,
}

#[async_trait]
impl Extension for ErrorCodesExtension {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let response = with_error_codes(self.field_guard.finish(next.run(ctx).await));
        match self.cost.get() {
            Some(cost) => {
                response.extension("cost", value!({ "requested": *cost, "limit": self.limits.max_cost }))
            }
            None => response,
        }
    }

    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        let field_guard = Arc::clone(&self.field_guard);
        next.run(ctx, stream).map(move |response| with_error_codes(field_guard.finish(response))).boxed()
    }

    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        if request.data.contains_key(&TypeId::of::<EagerJson>()) {
            self.field_guard.enable_eager_json();
        }
        // Inline resolvers do not call the extension and get the guard from the data.
        next.run(ctx, request.data(Arc::clone(&self.field_guard))).await
    }

    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = next.run(ctx, query, variables).await.map_err(parse_error)?;
        check_required_variables(&document, variables)?;
        Ok(document)
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await.map_err(|errors| {
            errors.into_iter().map(|error| validation_error(error, self.limits)).collect::<Vec<_>>()
        })?;
        if let Some(cost_budget) = ctx.data_opt::<CostBudget>() {
            cost_budget.charge(result.complexity, self.limits.max_cost).map_err(ServerError::from)?;
        }
        // Validation runs once for each request, so the cell is always empty.
        self.cost.get_or_init(|| result.complexity);
        Ok(result)
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        // A mutation that has begun is completed, even if its response is too large.
        if self.field_guard.is_over_limit() && info.parent_type != MUTATION {
            return Ok(Some(Value::Null));
        }
        let (node, declared_type) = (info.path_node, info.return_type);
        if info.parent_type == "__Schema" && info.name == "description" {
            return Ok(Some(schema_description(ctx)));
        }
        Ok(self.field_guard.guard(node, || declared_type, next.run(ctx, info)).await)
    }
}

/// The description of the schema. async-graphql would answer with the one of the type `__Schema`.
fn schema_description(ctx: &ExtensionContext<'_>) -> Value {
    let description = ctx.data_opt::<SchemaDescription>().and_then(|description| description.0.as_deref());
    description.map_or(Value::Null, Value::from)
}

fn parse_error(error: ServerError) -> ServerError {
    if error.message.starts_with("The recursion depth") || error.message.starts_with("recursion limit") {
        let message = format!("The query nests more than {MAX_NESTING} selections and fragments.");
        ApiError::too_costly(message).at(error.locations)
    } else if error.message.starts_with("The number of directives") {
        let message = format!("A field of the query has more than {MAX_DIRECTIVES} directives.");
        ApiError::too_costly(message).at(error.locations)
    } else {
        with_code(error, ErrorCode::ParseFailed)
    }
}

/// Checks that every required variable has a value. async-graphql would fail only during execution, with a
/// partial response. With several operations in the document, the selected one is not known here.
fn check_required_variables(document: &ExecutableDocument, variables: &Variables) -> ServerResult<()> {
    let mut operations = document.operations.iter();
    let (Some((_, operation)), None) = (operations.next(), operations.next()) else { return Ok(()) };
    for definition in &operation.node.variable_definitions {
        let VariableDefinition { name, var_type, default_value, .. } = &definition.node;
        let is_set = variables.get(&name.node).is_some_and(|value| *value != Value::Null);
        if !is_set && !var_type.node.nullable && default_value.is_none() {
            let message = format!("The variable `${}` is required.", name.node);
            return Err(ApiError::bad_input(message).at(vec![definition.pos]));
        }
    }
    Ok(())
}

fn validation_error(error: ServerError, limits: QueryLimits) -> ServerError {
    match error.message.as_str() {
        "Query is too complex." => {
            ApiError::too_costly(format!("The query costs more than {}.", limits.max_cost))
                .at(error.locations)
        }
        message if message.starts_with("Invalid value for argument") => {
            with_code(error, ErrorCode::BadUserInput)
        }
        _ => with_code(error, ErrorCode::ValidationFailed),
    }
}

fn with_error_codes(mut response: Response) -> Response {
    response.errors = response.errors.into_iter().map(execution_error).collect();
    response
}

/// The code of an execution error. Errors of the service already have one; texts of async-graphql are passed
/// on only if they are about the request.
fn execution_error(error: ServerError) -> ServerError {
    /// Prefixes of async-graphql's texts about the operation name, the transport, and values.
    const ABOUT_THE_REQUEST: [&str; 7] = [
        "Unknown operation named",
        "Operation name required",
        "Subscriptions are not supported",
        "Variable ",
        "Invalid value for argument",
        "Failed to parse \"",
        "Expected input type \"",
    ];
    if error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some()) {
        return error;
    }
    if ABOUT_THE_REQUEST.iter().any(|beginning| error.message.starts_with(beginning)) {
        return with_code(error, ErrorCode::BadUserInput);
    }
    let ServerError { message, locations, path, .. } = error;
    ApiError::internal(&message).at(locations).with_path(path)
}

fn with_code(mut error: ServerError, code: ErrorCode) -> ServerError {
    error.extensions.get_or_insert_default().set("code", code.as_str());
    error
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema};

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn number(&self, _of: i32) -> i32 {
            1
        }

        async fn deeper(&self) -> Self {
            Self
        }

        async fn list(&self) -> Result<i32, ApiError> {
            Err(ApiError::forbidden())
        }

        async fn leak(&self) -> async_graphql::Result<i32> {
            Ok("seven".parse()?)
        }

        async fn bug(&self, #[graphql(default = true)] really: bool) -> Option<bool> {
            assert!(!really, "internal details");
            Some(really)
        }
    }

    async fn execute(request: impl Into<Request>) -> Response {
        let limits = QueryLimits::default();
        Schema::build(Query, EmptyMutation, EmptySubscription)
            .limit_recursive_depth(MAX_NESTING)
            .limit_complexity(limits.max_cost)
            .limit_directives(MAX_DIRECTIVES)
            .extension(ErrorCodes(limits))
            .finish()
            .execute(request)
            .await
    }

    async fn code(document: &str) -> String {
        let response = execute(document).await;
        let extensions = response.errors[0].extensions.clone().expect("a code");
        extensions.get("code").expect("a code").to_string()
    }

    #[tokio::test]
    async fn every_error_of_async_graphql_has_a_code() {
        assert_eq!(code("{ number(").await, "\"GRAPHQL_PARSE_FAILED\"");
        assert_eq!(code("{ nothing }").await, "\"GRAPHQL_VALIDATION_FAILED\"");
        assert_eq!(code("{ number }").await, "\"GRAPHQL_VALIDATION_FAILED\"");
        assert_eq!(code("{ number(of: \"a\") }").await, "\"BAD_USER_INPUT\"");
        assert_eq!(code("query($of: Int!) { number(of: $of) }").await, "\"BAD_USER_INPUT\"");
        assert_eq!(code("query a { number(of: 1) } query b { number(of: 1) }").await, "\"BAD_USER_INPUT\"");
        assert_eq!(code("{ list }").await, "\"FORBIDDEN\"");
    }

    #[tokio::test]
    async fn too_many_directives_or_too_deep_nesting_are_rejected() {
        let directives = "@include(if: true) ".repeat(MAX_DIRECTIVES + 1);
        assert_eq!(code(&format!("{{ number(of: 1) {directives} }}")).await, "\"QUERY_TOO_COSTLY\"");
        let deep = format!("{}{{ number(of: 1) }}{}", "{ deeper ".repeat(100), "}".repeat(100));
        assert_eq!(code(&deep).await, "\"QUERY_TOO_COSTLY\"");
    }

    #[tokio::test]
    async fn an_internal_error_text_is_not_sent_to_the_client() {
        let response = execute("{ leak }").await;
        assert_eq!(response.errors[0].message, "Something went wrong on our side.");
        assert_eq!(code("{ leak }").await, "\"INTERNAL\"");
    }

    #[tokio::test]
    async fn a_panicking_field_is_null_and_its_siblings_are_resolved() {
        let response = execute("{ deeper { bug number(of: 1) } }").await;
        assert_eq!(response.data, value!({ "deeper": { "bug": null, "number": 1 } }));
        let [error] = &response.errors[..] else { panic!("{:?}", response.errors) };
        assert_eq!(error.message, "Something went wrong on our side.");
        assert_eq!(
            error.path,
            ["deeper", "bug"].map(|name| async_graphql::PathSegment::Field(name.to_owned()))
        );
        let extensions = error.extensions.as_ref().expect("a code");
        assert_eq!(extensions.get("code"), Some(&"INTERNAL".into()));
        assert!(extensions.get("reference").is_some(), "the log contains it");
    }

    #[tokio::test]
    async fn introspection_answers_with_the_description_of_the_schema() {
        let described =
            Request::new("{ __schema { description } }").data(SchemaDescription(Some("Numbers.".into())));
        let wanted = value!({ "__schema": { "description": "Numbers." } });
        assert_eq!(execute(described).await.data, wanted);
        let wanted = value!({ "__schema": { "description": null } });
        assert_eq!(execute("{ __schema { description } }").await.data, wanted);
    }

    #[tokio::test]
    async fn a_response_contains_its_cost() {
        let response = execute("{ deeper { number(of: 1) } }").await;
        assert_eq!(response.extensions["cost"], value!({ "requested": 2, "limit": 10_000 }));
    }
}
