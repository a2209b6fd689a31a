//! Liveness, readiness, the contract.

use serde_json::json;

use crate::support::App;

#[actix_web::test]
async fn liveness_needs_nothing() {
    let app = App::new().await;
    let answer = app.anonymous().get("/healthz").await;
    assert_eq!(answer.expect(200), json!({ "status": "ok" }));
}
