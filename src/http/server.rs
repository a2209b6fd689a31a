//! The server: one application a worker, the same for tests.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, HttpServer};
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};

use super::dashboard;
use super::edge::{KnownPaths, edge};
use super::limits::HEAD_TIMEOUT;
use super::openapi::Document;
use super::problem::Problem;
use super::routes::routes;
use super::state::State;

/// Seconds that requests in flight get when the server stops.
const SHUTDOWN_SECONDS: u64 = 30;
/// Idle connections are kept for so long.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Blocking threads of one worker: enough to keep the pool of database
/// connections busy, few enough that waiting requests do not pile up as threads.
const BLOCKING_THREADS: usize = 16;

/// Everything that a worker answers.
pub fn configure(config: &mut web::ServiceConfig, state: &Data<State>, document: &Data<Document>) {
    let paths = KnownPaths::new(document.routes());
    config.app_data(state.clone()).app_data(document.clone());
    routes(config);
    config
        .configure(dashboard::configure)
        .service(web::resource("/docs").get(to_docs))
        .service(
            SwaggerUi::new("/docs/{_:.*}")
                .config(SwaggerConfig::new(["/openapi.json"]).try_it_out_enabled(false)),
        )
        .default_service(web::to(move |request: HttpRequest| {
            let problem = paths.problem(&request);
            async move { Err::<HttpResponse, Problem>(problem) }
        }));
}

async fn to_docs() -> HttpResponse {
    HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

/// Binds the server; returns it with the address that it listens on.
///
/// # Errors
/// Where the address cannot be bound.
pub fn bind(
    state: State,
    document: Document,
    listen: SocketAddr,
    workers: Option<usize>,
) -> std::io::Result<(Server, SocketAddr)> {
    let state = Data::new(state);
    let document = Data::new(document);
    let server = HttpServer::new(move || {
        let (state, document) = (state.clone(), document.clone());
        actix_web::App::new()
            .configure(move |config| configure(config, &state, &document))
            .wrap(from_fn(edge))
    })
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .worker_max_blocking_threads(BLOCKING_THREADS)
    .tcp_nodelay(true)
    .disable_signals();
    let server = match workers {
        Some(workers) => server.workers(workers),
        None => server,
    };
    let server = server.bind(listen)?;
    let address = server.addrs().first().copied().unwrap_or(listen);
    Ok((server.run(), address))
}
