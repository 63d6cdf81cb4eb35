//! A schema for tests of the transports.

use std::time::Duration;

use async_graphql::{
    Context, Data, Error, ErrorExtensionValues, InputObject, InputValueError, InputValueResult, Object,
    OneofObject, Scalar, ScalarType, Schema, ServerError, Subscription, Value,
};
use futures_util::{Stream, StreamExt, stream};
use graphql_engine::{
    ApiError, ClientInfo, EngineConfig, EngineSettings, ErrorCode, Freshness, FreshnessState, GraphqlEngine,
    RequestData,
};
use tokio::sync::watch;

pub type TestSchema = Schema<Query, Mutation, Live>;

/// A token that is rejected.
pub const WRONG_SECRET: &str = "wrong";
/// A token whose lookup fails temporarily.
pub const UNLUCKY_SECRET: &str = "unlucky";
/// A token whose lookup never completes.
pub const ENDLESS_SECRET: &str = "endless";
/// The language of clients that share responses.
pub const COMMON_LANGUAGE: &str = "eo";

/// An engine with the test schema, until `shutdown_requested` is true.
pub fn engine(
    settings: EngineSettings,
    shutdown_requested: watch::Receiver<bool>,
) -> GraphqlEngine<TestSchema> {
    let schema = Schema::build(Query, Mutation, Live).finish();
    // async-graphql checks the scalars of this schema itself.
    let config = EngineConfig {
        sdl: &schema.sdl(),
        is_valid_scalar: |_, _| true,
        latest_value_fields: &["tides"],
        settings,
        shutdown_requested,
    };
    GraphqlEngine::new(schema.clone(), config, build_context).expect("the test schema is valid")
}

async fn build_context(client: ClientInfo) -> Result<RequestData, ServerError> {
    let rejection = |code: &str| {
        let mut error = ServerError::new("Rejected.", None);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code);
        error.extensions = Some(extensions);
        error
    };
    match client.bearer_token.as_deref() {
        Some(WRONG_SECRET) => return Err(rejection("UNAUTHENTICATED")),
        Some(UNLUCKY_SECRET) => return Err(rejection("UNAVAILABLE")),
        Some(ENDLESS_SECRET) => std::future::pending().await,
        _ => {}
    }
    let is_shared = client.accept_language.as_deref() == Some(COMMON_LANGUAGE);
    let mut data = Data::default();
    data.insert(client);
    Ok(RequestData { data, freshness: is_shared.then(|| Freshness::new(|| FreshnessState::Current)) })
}

#[derive(InputObject)]
pub struct RepeatInput {
    text: String,
    #[graphql(default = 3)]
    times: i32,
}

/// A one-of input.
#[derive(OneofObject)]
pub enum Choice {
    Text(String),
    Number(i32),
}

/// A scalar with a `specifiedBy` URL.
#[derive(Clone)]
pub struct Stamp(String);

#[Scalar(specified_by_url = "https://example.org/stamp")]
impl ScalarType for Stamp {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

pub struct Query;

#[Object(cache_control(max_age = 0))]
impl Query {
    /// The argument.
    async fn echo(&self, text: String) -> String {
        text
    }

    /// A string of this length.
    async fn long(&self, #[graphql(default = 5)] bytes: u32) -> String {
        "x".repeat(bytes as usize)
    }

    /// The text, repeated.
    async fn repeat(&self, input: RepeatInput) -> String {
        input.text.repeat(input.times.unsigned_abs() as usize)
    }

    /// The chosen field.
    async fn choose(&self, choice: Choice) -> String {
        match choice {
            Choice::Text(text) => text,
            Choice::Number(number) => number.to_string(),
        }
    }

    /// The argument.
    #[graphql(deprecation = "Use `echo`. Removed after 2030-01-01.")]
    async fn stamp(&self, stamp: Stamp) -> Stamp {
        stamp
    }

    /// The bearer token of the client.
    async fn secret(&self, context: &Context<'_>) -> Option<String> {
        context.data_unchecked::<ClientInfo>().bearer_token.clone()
    }

    /// The languages of the client.
    async fn languages(&self, context: &Context<'_>) -> Option<String> {
        context.data_unchecked::<ClientInfo>().accept_language.clone()
    }

    /// Cacheable for a minute.
    #[graphql(cache_control(max_age = 60))]
    async fn lasting(&self) -> bool {
        true
    }

    /// Private to the client.
    #[graphql(cache_control(private))]
    async fn own(&self) -> bool {
        true
    }

    /// Fails; the field is null.
    async fn hole(&self) -> Option<Result<bool, Error>> {
        Some(Err(Error::new("no")))
    }

    /// Fails; the data is null.
    async fn nothing(&self) -> Result<bool, Error> {
        Err(Error::new("no"))
    }

    /// Fails for a temporary reason.
    async fn unavailable(&self) -> Result<bool, ApiError> {
        Err(unavailable())
    }

    /// Panics.
    async fn bug(&self, #[graphql(default = true)] really: bool) -> bool {
        assert!(!really, "internal details");
        really
    }

    /// Never completes.
    async fn endless(&self) -> bool {
        std::future::pending().await
    }

    /// The query type again.
    async fn inner(&self) -> Query {
        Query
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    /// Does nothing.
    async fn change(&self) -> bool {
        true
    }

    /// Never completes.
    async fn endless(&self) -> bool {
        std::future::pending().await
    }

    /// Panics.
    async fn bug(&self, #[graphql(default = true)] really: bool) -> bool {
        assert!(!really, "internal details");
        really
    }
}

pub struct Live;

#[Subscription]
impl Live {
    /// Consecutive numbers.
    async fn numbers(&self, #[graphql(default = 3)] count: u32) -> impl Stream<Item = u32> {
        stream::iter(0..count)
    }

    /// One number, and no further event.
    async fn silence(&self) -> impl Stream<Item = u32> {
        stream::once(async { 1 }).chain(stream::pending())
    }

    /// Strings of this length without end, as fast as the client accepts them.
    async fn flood(&self, bytes: u32) -> impl Stream<Item = String> {
        stream::repeat_with(move || "x".repeat(bytes as usize))
    }

    /// A number at each interval of this many milliseconds.
    async fn ticks(&self, #[graphql(default = 1000)] every: u32) -> impl Stream<Item = u64> {
        let ticks = tokio::time::interval(Duration::from_millis(every.max(1).into()));
        stream::unfold((ticks, 0), async |(mut ticks, number)| {
            ticks.tick().await;
            Some((number, (ticks, number + 1)))
        })
    }

    /// A number with this many digits every millisecond.
    async fn tides(&self, digits: u32) -> impl Stream<Item = String> {
        let ticks = tokio::time::interval(Duration::from_millis(1));
        let numbers = stream::unfold((ticks, 0), async |(mut ticks, number)| {
            ticks.tick().await;
            Some((number, (ticks, number + 1)))
        });
        numbers.map(move |number| format!("{number:0>width$}", width = digits as usize))
    }

    /// A number, an error and a number.
    async fn holes(&self) -> impl Stream<Item = Result<u32, Error>> {
        stream::iter([Ok(1), Err(Error::new("no")), Ok(3)])
    }

    /// Fails for a temporary reason.
    async fn unavailable(&self) -> impl Stream<Item = Result<u32, ApiError>> {
        stream::iter([Err(unavailable())])
    }

    /// Panics after one number.
    async fn bugs(&self) -> impl Stream<Item = u32> {
        stream::iter(0..2).map(|number| if number == 0 { number } else { panic!("internal details") })
    }

    /// Panics before the first event.
    async fn bug(&self, #[graphql(default = true)] really: bool) -> stream::Empty<u32> {
        assert!(!really, "internal details");
        stream::empty()
    }

    /// Fails before the first event.
    async fn nothing(&self) -> Result<stream::Pending<u32>, Error> {
        Err(Error::new("no"))
    }
}

fn unavailable() -> ApiError {
    ApiError::logged(ErrorCode::Unavailable, Some(1), "a test")
}

/// Serves the test schema until the shutdown.
pub async fn serve(
    listener: tokio::net::TcpListener,
    settings: EngineSettings,
    mut shutdown_requested: watch::Receiver<bool>,
) {
    let routes = graphql_engine::routes(engine(settings.clone(), shutdown_requested.clone()))
        .merge(axum::Router::new().route("/bug", axum::routing::get(bug)))
        .merge_same_origin(
            "/operator",
            axum::Router::new().route("/operator", axum::routing::get(async || "figures")),
        );
    let shutdown = async move {
        if shutdown_requested.wait_for(|requested| *requested).await.is_err() {
            std::future::pending().await
        }
    };
    graphql_engine::listener::serve(listener, routes, &settings, shutdown).await.expect("the socket works");
}

/// Panics outside of any operation.
async fn bug() -> &'static str {
    let address = std::hint::black_box(None);
    address.expect("internal details")
}
