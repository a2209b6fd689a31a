//! The whole API on one page. Start reading here: the area of a URL names the
//! file in `http/`, `app/`, `storage/` and `tests/api/`.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    actuals, alerts, api_keys, audit, auth, causes, comments, deliveries, effects, exports,
    fact_links, facts, funding, health, hubs, import_mappings, imports, month_lists, months,
    outbox, outlook, overdue, overview, peers, plans, prefectures, releases, restatements,
    revisions, scorecards, subscriptions, templates, users, what_if,
};

/// What routes are given to. The server answers them and leaves their
/// documentation alone, which takes longer to collect than a service to start.
pub trait Register {
    /// Takes a handler.
    fn service<F>(&mut self, handler: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static;
}

impl Register for web::ServiceConfig {
    fn service<F>(&mut self, handler: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        Self::service(self, handler)
    }
}

impl Register for ServiceConfig<'_> {
    fn service<F>(&mut self, handler: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        Self::service(self, handler)
    }
}

/// Every route, for the server and for the contract alike.
pub fn routes<R: Register>(to: &mut R) {
    to.service(auth::sign_in)
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
        .service(plans::get_plan_difference)
        .service(plans::get_roadmap)
        .service(revisions::list_revisions)
        .service(revisions::create_revision)
        .service(revisions::get_revision)
        .service(revisions::approve_revision)
        .service(revisions::reject_revision)
        .service(actuals::report_actuals)
        .service(actuals::report_actuals_in_bulk)
        .service(actuals::list_actuals)
        .service(actuals::get_item_history)
        .service(actuals::get_series)
        .service(imports::import_actuals)
        .service(import_mappings::get_import_mapping)
        .service(import_mappings::save_import_mapping)
        .service(import_mappings::delete_import_mapping)
        .service(exports::export_actuals)
        .service(exports::get_entry_workbook)
        .service(exports::get_report_workbook)
        .service(restatements::list_restatements)
        .service(month_lists::list_months)
        .service(month_lists::list_months_of_scorecard)
        .service(months::approve_month)
        .service(months::return_month)
        .service(months::reopen_month)
        .service(causes::get_causes)
        .service(effects::get_effects)
        .service(outlook::get_outlook)
        .service(what_if::ask_what_if)
        .service(peers::get_peers)
        .service(funding::get_funding)
        .service(comments::list_comments)
        .service(comments::comment_on_scorecard)
        .service(alerts::list_alerts)
        .service(alerts::get_alert)
        .service(alerts::acknowledge_alert)
        .service(alerts::comment_on_alert)
        .service(alerts::review_alert)
        .service(alerts::silence_alert)
        .service(alerts::unsilence_alert)
        .service(overdue::list_overdue)
        .service(overview::get_overview)
        .service(releases::list_releases)
        .service(releases::create_release)
        .service(releases::get_release)
        .service(releases::change_release)
        .service(releases::revoke_release)
        .service(releases::rotate_release_link)
        .service(releases::get_public_page)
        .service(facts::get_facts)
        .service(facts::list_fact_columns)
        .service(fact_links::read_fact_link)
        .service(fact_links::list_fact_links)
        .service(fact_links::create_fact_link)
        .service(fact_links::revoke_fact_link)
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
