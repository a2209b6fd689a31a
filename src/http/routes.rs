//! The whole API on one page. Start reading here: the area of a URL names the
//! file in `http/`, `app/`, `storage/` and `tests/api/`.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    actuals, alerts, api_keys, audit, auth, causes, deliveries, health, hubs, months, outbox,
    overdue, overview, plans, prefectures, scorecards, subscriptions, templates, users,
};

/// Every route, for the server and for the contract alike.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(auth::sign_in)
        .service(auth::sign_out)
        .service(auth::get_me)
        .service(api_keys::list_api_keys)
        .service(api_keys::create_api_key)
        .service(api_keys::revoke_api_key)
        .service(prefectures::list_prefectures)
        .service(prefectures::create_prefecture)
        .service(prefectures::get_prefecture)
        .service(prefectures::change_prefecture)
        .service(hubs::list_hubs)
        .service(hubs::create_hub)
        .service(hubs::get_hub)
        .service(hubs::change_hub)
        .service(users::list_users)
        .service(users::create_user)
        .service(users::get_user)
        .service(users::change_user)
        .service(templates::list_templates)
        .service(templates::get_template)
        .service(scorecards::list_scorecards)
        .service(scorecards::create_scorecard)
        .service(scorecards::get_scorecard)
        .service(plans::get_plan)
        .service(plans::list_plan_versions)
        .service(plans::get_roadmap)
        .service(actuals::report_actuals)
        .service(actuals::report_actuals_in_bulk)
        .service(actuals::list_actuals)
        .service(actuals::get_item_history)
        .service(actuals::get_series)
        .service(months::approve_month)
        .service(months::return_month)
        .service(months::reopen_month)
        .service(causes::get_causes)
        .service(alerts::list_alerts)
        .service(alerts::get_alert)
        .service(alerts::acknowledge_alert)
        .service(alerts::comment_on_alert)
        .service(alerts::silence_alert)
        .service(alerts::unsilence_alert)
        .service(overdue::list_overdue)
        .service(overview::get_overview)
        .service(audit::list_audit)
        .service(subscriptions::list_subscriptions)
        .service(subscriptions::create_subscription)
        .service(subscriptions::get_subscription)
        .service(subscriptions::change_subscription)
        .service(subscriptions::delete_subscription)
        .service(subscriptions::test_subscription)
        .service(subscriptions::rotate_subscription_secret)
        .service(subscriptions::replay_subscription)
        .service(deliveries::list_deliveries)
        .service(deliveries::get_delivery)
        .service(deliveries::replay_delivery)
        .service(outbox::get_outbox)
        .service(outbox::pause_outbox)
        .service(outbox::resume_outbox)
        .service(health::get_liveness)
        .service(health::get_readiness)
        .service(health::get_openapi);
}
