//! The tables, by hand; a test compares them with both databases.

diesel::table! {
    prefectures (code) {
        code -> Text,
        name_ja -> Text,
        name_en -> Text,
        market_type -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    hubs (code) {
        code -> Text,
        prefecture_code -> Text,
        name_ja -> Text,
        name_en -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        name -> Text,
        role -> Text,
        prefecture_code -> Nullable<Text>,
        hub_code -> Nullable<Text>,
        password_hash -> Text,
        active -> Bool,
        sessions_epoch -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        owner_id -> Text,
        name -> Text,
        role -> Text,
        prefecture_code -> Nullable<Text>,
        hub_code -> Nullable<Text>,
        secret_hash -> Text,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        link -> Nullable<Text>,
        made_with -> Nullable<Text>,
    }
}

diesel::table! {
    refresh_tokens (id) {
        id -> Text,
        user_id -> Text,
        family -> Text,
        token_hash -> Text,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    scorecards (id) {
        id -> Text,
        hub_code -> Text,
        key -> Text,
        name_ja -> Text,
        name_en -> Text,
        template -> Nullable<Text>,
        market_type -> Text,
        start_month -> Date,
        revision -> BigInt,
        reported_through -> Nullable<Date>,
        flag -> Text,
        score -> Nullable<BigInt>,
        created_at -> Timestamp,
        created_by -> Text,
    }
}

diesel::table! {
    revisions (scorecard_id, version) {
        scorecard_id -> Text,
        version -> BigInt,
        effective_month -> Date,
        base_version -> BigInt,
        author_id -> Text,
        author_name -> Text,
        reason -> Text,
        alert_id -> Nullable<Text>,
        changes -> Text,
        proposed_at -> Timestamp,
    }
}

diesel::table! {
    revision_decisions (scorecard_id, version) {
        scorecard_id -> Text,
        version -> BigInt,
        state -> Text,
        base_version -> BigInt,
        by_id -> Text,
        by_name -> Text,
        note -> Nullable<Text>,
        decided_at -> Timestamp,
    }
}

diesel::table! {
    plan_versions (scorecard_id, version) {
        scorecard_id -> Text,
        version -> BigInt,
        effective_month -> Date,
        author_id -> Text,
        author_name -> Text,
        reason -> Text,
        alert_id -> Nullable<Text>,
        changes -> Text,
        document -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    cells (scorecard_id, month, item) {
        scorecard_id -> Text,
        item -> Text,
        month -> Date,
        state -> Text,
        value -> Nullable<BigInt>,
        numerator -> Nullable<BigInt>,
        denominator -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        reported_at -> Timestamp,
        reported_by -> Text,
    }
}

diesel::table! {
    cell_changes (scorecard_id, revision, month, item) {
        scorecard_id -> Text,
        revision -> BigInt,
        month -> Date,
        item -> Text,
        at -> Timestamp,
        by_id -> Text,
        by_name -> Text,
        before_state -> Text,
        before_value -> Nullable<BigInt>,
        before_numerator -> Nullable<BigInt>,
        before_denominator -> Nullable<BigInt>,
        before_reason -> Nullable<Text>,
        after_state -> Text,
        after_value -> Nullable<BigInt>,
        after_numerator -> Nullable<BigInt>,
        after_denominator -> Nullable<BigInt>,
        after_reason -> Nullable<Text>,
        note -> Nullable<Text>,
        source -> Text,
    }
}

diesel::table! {
    months (scorecard_id, month) {
        scorecard_id -> Text,
        month -> Date,
        state -> Text,
        note -> Nullable<Text>,
        changed_at -> Nullable<Timestamp>,
        changed_by -> Nullable<Text>,
        reopened_until -> Nullable<Timestamp>,
        first_completed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    month_changes (scorecard_id, revision, month) {
        scorecard_id -> Text,
        revision -> BigInt,
        month -> Date,
        at -> Timestamp,
        by_id -> Text,
        by_name -> Text,
        before_state -> Text,
        after_state -> Text,
        note -> Nullable<Text>,
        reopened_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    month_summaries (scorecard_id, month) {
        scorecard_id -> Text,
        month -> Date,
        rules -> Integer,
        plan_version -> BigInt,
        flag -> Text,
        document -> Text,
    }
}

diesel::table! {
    idempotency_keys (caller, method, path, key) {
        caller -> Text,
        method -> Text,
        path -> Text,
        key -> Text,
        body_hash -> Text,
        status -> Integer,
        headers -> Text,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    audit (id) {
        id -> Text,
        at -> Timestamp,
        actor_id -> Text,
        actor_name -> Text,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        kind -> Text,
        scorecard_id -> Nullable<Text>,
        hub_code -> Nullable<Text>,
        prefecture_code -> Nullable<Text>,
        detail -> Text,
    }
}

diesel::table! {
    alerts (id) {
        id -> Text,
        scorecard_id -> Text,
        item -> Text,
        episode -> BigInt,
        stage -> Text,
        state -> Text,
        severity -> Text,
        opened_month -> Date,
        resolved_month -> Nullable<Date>,
        folded_under -> Nullable<Text>,
        facts -> Text,
        acknowledgement -> Nullable<Text>,
        acknowledged_until -> Nullable<Timestamp>,
        silence -> Nullable<Text>,
        silenced_until -> Nullable<Timestamp>,
        announced_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        review -> Nullable<Text>,
    }
}

diesel::table! {
    alert_changes (alert_id, sequence) {
        alert_id -> Text,
        sequence -> BigInt,
        at -> Timestamp,
        kind -> Text,
        by_id -> Nullable<Text>,
        by_name -> Nullable<Text>,
        detail -> Text,
    }
}

diesel::table! {
    overdue_reports (scorecard_id, month) {
        scorecard_id -> Text,
        month -> Date,
        due_on -> Date,
        opened_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    agenda (scorecard_id) {
        scorecard_id -> Text,
        due_at -> Timestamp,
        notice_at -> Nullable<Timestamp>,
        rules -> BigInt,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> Text,
        prefecture_code -> Nullable<Text>,
        hub_code -> Nullable<Text>,
        name -> Text,
        channel -> Text,
        address -> Text,
        endpoint -> Text,
        filter -> Text,
        cadence -> Text,
        language -> Text,
        escalation_days -> BigInt,
        digest_day -> BigInt,
        next_digest_at -> Nullable<Timestamp>,
        state -> Text,
        disabled_reason -> Nullable<Text>,
        failing_since -> Nullable<Timestamp>,
        created_at -> Timestamp,
        created_by -> Text,
    }
}

diesel::table! {
    subscription_secrets (id) {
        id -> Text,
        subscription_id -> Text,
        secret -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    tellings (alert_id, subscription_id) {
        alert_id -> Text,
        subscription_id -> Text,
        told -> Text,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Text,
        subscription_id -> Text,
        recipient -> Nullable<Text>,
        scorecard_id -> Nullable<Text>,
        sequence -> BigInt,
        event -> Text,
        month -> Nullable<Date>,
        message -> Text,
        state -> Text,
        due_at -> Timestamp,
        attempts -> BigInt,
        lease_owner -> Nullable<Text>,
        lease_token -> BigInt,
        leased_until -> Nullable<Timestamp>,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    delivery_alerts (alert_id, delivery_id) {
        alert_id -> Text,
        delivery_id -> Text,
    }
}

diesel::table! {
    delivery_attempts (delivery_id, number) {
        delivery_id -> Text,
        number -> BigInt,
        started_at -> Timestamp,
        milliseconds -> BigInt,
        outcome -> Text,
        status -> Nullable<BigInt>,
        error -> Nullable<Text>,
        excerpt -> Nullable<Text>,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        paused -> Bool,
        reason -> Nullable<Text>,
        identity -> Nullable<Text>,
        changed_at -> Nullable<Timestamp>,
        changed_by -> Nullable<Text>,
    }
}

diesel::table! {
    scorecard_revisions (scorecard_id, revision) {
        scorecard_id -> Text,
        revision -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    scorecard_standings (scorecard_id, revision) {
        scorecard_id -> Text,
        revision -> BigInt,
        at -> Timestamp,
        reported_through -> Nullable<Date>,
        flag -> Text,
        score -> Nullable<BigInt>,
    }
}

diesel::table! {
    hub_names (hub_code, sequence) {
        hub_code -> Text,
        sequence -> BigInt,
        at -> Timestamp,
        name_ja -> Text,
        name_en -> Text,
    }
}

diesel::table! {
    prefecture_names (prefecture_code, sequence) {
        prefecture_code -> Text,
        sequence -> BigInt,
        at -> Timestamp,
        name_ja -> Text,
        name_en -> Text,
        market_type -> Text,
    }
}

diesel::table! {
    alert_versions (alert_id, sequence) {
        alert_id -> Text,
        sequence -> BigInt,
        at -> Timestamp,
        scorecard_id -> Text,
        item -> Text,
        stage -> Text,
        state -> Text,
        severity -> Text,
        opened_month -> Date,
        folded_under -> Nullable<Text>,
        facts -> Text,
        acknowledgement -> Nullable<Text>,
        acknowledged_until -> Nullable<Timestamp>,
        silence -> Nullable<Text>,
        review -> Nullable<Text>,
        announced_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    comments (scorecard_id, revision) {
        scorecard_id -> Text,
        revision -> BigInt,
        id -> Text,
        item -> Nullable<Text>,
        month -> Nullable<Date>,
        text -> Text,
        at -> Timestamp,
        by_id -> Text,
        by_name -> Text,
    }
}

diesel::table! {
    releases (id) {
        id -> Text,
        prefecture_code -> Text,
        title_ja -> Text,
        title_en -> Nullable<Text>,
        introduction_ja -> Nullable<Text>,
        introduction_en -> Nullable<Text>,
        scorecards -> Nullable<Text>,
        detail -> Text,
        approved_only -> Bool,
        hub_names -> Bool,
        token_hash -> Text,
        link_made_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        created_by -> Text,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    import_mappings (hub_code) {
        hub_code -> Text,
        document -> Text,
        updated_at -> Timestamp,
        updated_by -> Text,
    }
}

diesel::joinable!(hubs -> prefectures (prefecture_code));
diesel::joinable!(api_keys -> users (owner_id));
diesel::joinable!(scorecards -> hubs (hub_code));
diesel::joinable!(plan_versions -> scorecards (scorecard_id));
diesel::joinable!(month_summaries -> scorecards (scorecard_id));
diesel::joinable!(scorecard_revisions -> scorecards (scorecard_id));
diesel::joinable!(scorecard_standings -> scorecards (scorecard_id));
diesel::joinable!(months -> scorecards (scorecard_id));
diesel::joinable!(alerts -> scorecards (scorecard_id));
diesel::joinable!(alert_versions -> scorecards (scorecard_id));
diesel::joinable!(overdue_reports -> scorecards (scorecard_id));
diesel::joinable!(tellings -> alerts (alert_id));
diesel::joinable!(deliveries -> subscriptions (subscription_id));
diesel::joinable!(delivery_alerts -> deliveries (delivery_id));
diesel::allow_tables_to_appear_in_same_query!(
    prefectures,
    hubs,
    users,
    api_keys,
    scorecards,
    scorecard_revisions,
    scorecard_standings,
    plan_versions,
    month_summaries,
    months,
    alerts,
    alert_versions,
    alert_changes,
    overdue_reports,
    subscriptions,
    tellings,
    deliveries,
    delivery_alerts,
);
