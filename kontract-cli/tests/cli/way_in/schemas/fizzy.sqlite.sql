-- Fizzy (Rails 8 on SQLite), August 2026: an excerpt.
-- Facts of its catalogue: names and types.

CREATE TABLE accesses (
    id blob(16) NOT NULL PRIMARY KEY,
    accessed_at datetime(6),
    account_id blob(16) NOT NULL,
    board_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    involvement varchar(255) DEFAULT 'access_only' NOT NULL,
    updated_at datetime(6) NOT NULL,
    user_id blob(16) NOT NULL
);
CREATE INDEX index_accesses_on_account_id_and_accessed_at ON accesses (account_id, accessed_at);
CREATE UNIQUE INDEX index_accesses_on_board_id_and_user_id ON accesses (board_id, user_id);
CREATE INDEX index_accesses_on_board_id ON accesses (board_id);
CREATE INDEX index_accesses_on_user_id ON accesses (user_id);
CREATE TABLE account_join_codes (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    code varchar(255) NOT NULL,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL,
    usage_count bigint DEFAULT 0 NOT NULL,
    usage_limit bigint DEFAULT 10 NOT NULL
);
CREATE UNIQUE INDEX index_account_join_codes_on_account_id_and_code ON account_join_codes (account_id, code);
CREATE TABLE accounts (
    id blob(16) NOT NULL PRIMARY KEY,
    cards_count bigint DEFAULT 0 NOT NULL,
    created_at datetime(6) NOT NULL,
    external_account_id bigint,
    name varchar(255) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE UNIQUE INDEX index_accounts_on_external_account_id ON accounts (external_account_id);
CREATE TABLE assignees_filters (
    assignee_id blob(16) NOT NULL,
    filter_id blob(16) NOT NULL
);
CREATE INDEX index_assignees_filters_on_assignee_id ON assignees_filters (assignee_id);
CREATE INDEX index_assignees_filters_on_filter_id ON assignees_filters (filter_id);
CREATE TABLE assignments (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    assignee_id blob(16) NOT NULL,
    assigner_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_assignments_on_account_id ON assignments (account_id);
CREATE UNIQUE INDEX index_assignments_on_assignee_id_and_card_id ON assignments (assignee_id, card_id);
CREATE INDEX index_assignments_on_card_id ON assignments (card_id);
CREATE TABLE board_publications (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    board_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    "key" varchar(255),
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_board_publications_on_account_id ON board_publications (account_id);
CREATE INDEX index_board_publications_on_board_id ON board_publications (board_id);
CREATE UNIQUE INDEX index_board_publications_on_key ON board_publications ("key");
CREATE TABLE boards (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    all_access boolean DEFAULT 0 NOT NULL,
    created_at datetime(6) NOT NULL,
    creator_id blob(16) NOT NULL,
    name varchar(255) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_boards_on_account_id ON boards (account_id);
CREATE INDEX index_boards_on_creator_id ON boards (creator_id);
CREATE TABLE boards_filters (
    board_id blob(16) NOT NULL,
    filter_id blob(16) NOT NULL
);
CREATE INDEX index_boards_filters_on_board_id ON boards_filters (board_id);
CREATE INDEX index_boards_filters_on_filter_id ON boards_filters (filter_id);
CREATE TABLE card_goldnesses (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_card_goldnesses_on_account_id ON card_goldnesses (account_id);
CREATE UNIQUE INDEX index_card_goldnesses_on_card_id ON card_goldnesses (card_id);
CREATE TABLE card_not_nows (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL,
    user_id blob(16)
);
CREATE INDEX index_card_not_nows_on_account_id ON card_not_nows (account_id);
CREATE UNIQUE INDEX index_card_not_nows_on_card_id ON card_not_nows (card_id);
CREATE INDEX index_card_not_nows_on_user_id ON card_not_nows (user_id);
CREATE TABLE cards (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    board_id blob(16) NOT NULL,
    column_id blob(16),
    created_at datetime(6) NOT NULL,
    creator_id blob(16) NOT NULL,
    due_on date,
    last_active_at datetime(6) NOT NULL,
    number bigint NOT NULL,
    status varchar(255) DEFAULT 'drafted' NOT NULL,
    title varchar(255),
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_cards_on_account_id_and_board_id_and_status ON cards (account_id, board_id, status);
CREATE INDEX index_cards_on_account_id_and_last_active_at_and_status ON cards (account_id, last_active_at, status);
CREATE UNIQUE INDEX index_cards_on_account_id_and_number ON cards (account_id, number);
CREATE INDEX index_cards_on_board_id ON cards (board_id);
CREATE INDEX index_cards_on_column_id ON cards (column_id);
CREATE TABLE closures (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL,
    user_id blob(16)
);
CREATE INDEX index_closures_on_account_id ON closures (account_id);
CREATE INDEX index_closures_on_card_id_and_created_at ON closures (card_id, created_at);
CREATE UNIQUE INDEX index_closures_on_card_id ON closures (card_id);
CREATE INDEX index_closures_on_user_id ON closures (user_id);
CREATE TABLE columns (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    board_id blob(16) NOT NULL,
    color varchar(255) NOT NULL,
    created_at datetime(6) NOT NULL,
    name varchar(255) NOT NULL,
    position integer DEFAULT 0 NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_columns_on_account_id ON columns (account_id);
CREATE INDEX index_columns_on_board_id_and_position ON columns (board_id, position);
CREATE INDEX index_columns_on_board_id ON columns (board_id);
CREATE TABLE comments (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    creator_id blob(16) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_comments_on_account_id ON comments (account_id);
CREATE INDEX index_comments_on_card_id ON comments (card_id);
CREATE TABLE entropies (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    auto_postpone_period bigint DEFAULT 2592000 NOT NULL,
    container_id blob(16) NOT NULL,
    container_type varchar(255) NOT NULL,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_entropies_on_account_id ON entropies (account_id);
CREATE INDEX idx_on_container_type_container_id_auto_postpone_pe_3d79b50517 ON entropies (container_type, container_id, auto_postpone_period);
CREATE UNIQUE INDEX index_entropy_configurations_on_container ON entropies (container_type, container_id);
CREATE TABLE events (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    action varchar(255) NOT NULL,
    board_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    creator_id blob(16) NOT NULL,
    eventable_id blob(16) NOT NULL,
    eventable_type varchar(255) NOT NULL,
    particulars json,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_events_on_account_id_and_action ON events (account_id, action);
CREATE INDEX index_events_on_board_id_and_action_and_created_at ON events (board_id, action, created_at);
CREATE INDEX index_events_on_board_id ON events (board_id);
CREATE INDEX index_events_on_creator_id ON events (creator_id);
CREATE INDEX index_events_on_eventable ON events (eventable_type, eventable_id);
CREATE TABLE exports (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    completed_at datetime(6),
    created_at datetime(6) NOT NULL,
    status varchar(255) DEFAULT 'pending' NOT NULL,
    type varchar(255),
    updated_at datetime(6) NOT NULL,
    user_id blob(16) NOT NULL
);
CREATE INDEX index_exports_on_account_id ON exports (account_id);
CREATE INDEX index_exports_on_type ON exports (type);
CREATE INDEX index_exports_on_user_id ON exports (user_id);
CREATE TABLE filters (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    creator_id blob(16) NOT NULL,
    fields json NOT NULL,
    params_digest varchar(255) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_filters_on_account_id ON filters (account_id);
CREATE UNIQUE INDEX index_filters_on_creator_id_and_params_digest ON filters (creator_id, params_digest);
CREATE TABLE filters_tags (
    filter_id blob(16) NOT NULL,
    tag_id blob(16) NOT NULL
);
CREATE INDEX index_filters_tags_on_filter_id ON filters_tags (filter_id);
CREATE INDEX index_filters_tags_on_tag_id ON filters_tags (tag_id);
CREATE TABLE identities (
    id blob(16) NOT NULL PRIMARY KEY,
    created_at datetime(6) NOT NULL,
    email_address varchar(255) NOT NULL,
    staff boolean DEFAULT 0 NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE UNIQUE INDEX index_identities_on_email_address ON identities (email_address);
CREATE TABLE magic_links (
    id blob(16) NOT NULL PRIMARY KEY,
    code varchar(255) NOT NULL,
    created_at datetime(6) NOT NULL,
    expires_at datetime(6) NOT NULL,
    identity_id blob(16),
    purpose integer NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE UNIQUE INDEX index_magic_links_on_code ON magic_links (code);
CREATE INDEX index_magic_links_on_expires_at ON magic_links (expires_at);
CREATE INDEX index_magic_links_on_identity_id ON magic_links (identity_id);
CREATE TABLE mentions (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    mentionee_id blob(16) NOT NULL,
    mentioner_id blob(16) NOT NULL,
    source_id blob(16) NOT NULL,
    source_type varchar(255) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_mentions_on_account_id ON mentions (account_id);
CREATE INDEX index_mentions_on_mentionee_id ON mentions (mentionee_id);
CREATE INDEX index_mentions_on_mentioner_id ON mentions (mentioner_id);
CREATE INDEX index_mentions_on_source ON mentions (source_type, source_id);
CREATE TABLE notification_bundles (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    ends_at datetime(6) NOT NULL,
    starts_at datetime(6) NOT NULL,
    status integer DEFAULT 0 NOT NULL,
    updated_at datetime(6) NOT NULL,
    user_id blob(16) NOT NULL
);
CREATE INDEX index_notification_bundles_on_account_id ON notification_bundles (account_id);
CREATE INDEX index_notification_bundles_on_ends_at_and_status ON notification_bundles (ends_at, status);
CREATE INDEX idx_on_user_id_starts_at_ends_at_7eae5d3ac5 ON notification_bundles (user_id, starts_at, ends_at);
CREATE INDEX index_notification_bundles_on_user_id_and_status ON notification_bundles (user_id, status);
CREATE TABLE notifications (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    creator_id blob(16),
    read_at datetime(6),
    source_id blob(16) NOT NULL,
    source_type varchar(255) NOT NULL,
    unread_count integer DEFAULT 0 NOT NULL,
    updated_at datetime(6) NOT NULL,
    user_id blob(16) NOT NULL
);
CREATE INDEX index_notifications_on_account_id ON notifications (account_id);
CREATE INDEX index_notifications_on_creator_id ON notifications (creator_id);
CREATE INDEX index_notifications_on_source ON notifications (source_type, source_id);
CREATE UNIQUE INDEX index_notifications_on_user_id_and_card_id ON notifications (user_id, card_id);
CREATE INDEX index_notifications_on_user_id_and_read_at_and_updated_at ON notifications (user_id, read_at DESC, updated_at DESC);
CREATE INDEX index_notifications_on_user_id ON notifications (user_id);
CREATE TABLE pins (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL,
    user_id blob(16) NOT NULL
);
CREATE INDEX index_pins_on_account_id ON pins (account_id);
CREATE UNIQUE INDEX index_pins_on_card_id_and_user_id ON pins (card_id, user_id);
CREATE INDEX index_pins_on_card_id ON pins (card_id);
CREATE INDEX index_pins_on_user_id ON pins (user_id);
CREATE TABLE push_subscriptions (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    auth_key varchar(255),
    created_at datetime(6) NOT NULL,
    endpoint text(65535),
    p256dh_key varchar(255),
    updated_at datetime(6) NOT NULL,
    user_agent varchar(4096),
    user_id blob(16) NOT NULL
);
CREATE INDEX index_push_subscriptions_on_account_id ON push_subscriptions (account_id);
CREATE UNIQUE INDEX index_push_subscriptions_on_user_id_and_endpoint ON push_subscriptions (user_id, endpoint);
CREATE TABLE reactions (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    content varchar(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    reactable_id blob(16) NOT NULL,
    reactable_type varchar(255) NOT NULL,
    reacter_id blob(16) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_reactions_on_account_id ON reactions (account_id);
CREATE INDEX index_reactions_on_reactable_type_and_reactable_id ON reactions (reactable_type, reactable_id);
CREATE INDEX index_reactions_on_reacter_id ON reactions (reacter_id);
CREATE TABLE search_records (
    id integer PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id blob(16) NOT NULL,
    board_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    content text(65535),
    created_at datetime(6) NOT NULL,
    searchable_id blob(16) NOT NULL,
    searchable_type varchar(255) NOT NULL,
    title varchar(255)
);
CREATE INDEX index_search_records_on_account_id ON search_records (account_id);
CREATE UNIQUE INDEX index_search_records_on_searchable_type_and_searchable_id ON search_records (searchable_type, searchable_id);
CREATE TABLE sessions (
    id blob(16) NOT NULL PRIMARY KEY,
    created_at datetime(6) NOT NULL,
    identity_id blob(16) NOT NULL,
    ip_address varchar(255),
    updated_at datetime(6) NOT NULL,
    user_agent varchar(4096)
);
CREATE INDEX index_sessions_on_identity_id ON sessions (identity_id);
CREATE TABLE steps (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    completed boolean DEFAULT 0 NOT NULL,
    content text(65535) NOT NULL,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_steps_on_account_id ON steps (account_id);
CREATE INDEX index_steps_on_card_id_and_completed ON steps (card_id, completed);
CREATE INDEX index_steps_on_card_id ON steps (card_id);
CREATE TABLE taggings (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    tag_id blob(16) NOT NULL,
    updated_at datetime(6) NOT NULL
);
CREATE INDEX index_taggings_on_account_id ON taggings (account_id);
CREATE UNIQUE INDEX index_taggings_on_card_id_and_tag_id ON taggings (card_id, tag_id);
CREATE INDEX index_taggings_on_tag_id ON taggings (tag_id);
CREATE TABLE tags (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    title varchar(255),
    updated_at datetime(6) NOT NULL
);
CREATE UNIQUE INDEX index_tags_on_account_id_and_title ON tags (account_id, title);
CREATE TABLE user_settings (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    bundle_email_frequency integer DEFAULT 0 NOT NULL,
    created_at datetime(6) NOT NULL,
    timezone_name varchar(255),
    updated_at datetime(6) NOT NULL,
    user_id blob(16) NOT NULL
);
CREATE INDEX index_user_settings_on_account_id ON user_settings (account_id);
CREATE INDEX index_user_settings_on_user_id_and_bundle_email_frequency ON user_settings (user_id, bundle_email_frequency);
CREATE INDEX index_user_settings_on_user_id ON user_settings (user_id);
CREATE TABLE users (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    active boolean DEFAULT 1 NOT NULL,
    created_at datetime(6) NOT NULL,
    identity_id blob(16),
    name varchar(255) NOT NULL,
    role varchar(255) DEFAULT 'member' NOT NULL,
    updated_at datetime(6) NOT NULL,
    verified_at datetime(6)
);
CREATE UNIQUE INDEX index_users_on_account_id_and_identity_id ON users (account_id, identity_id);
CREATE INDEX index_users_on_account_id_and_role ON users (account_id, role);
CREATE INDEX index_users_on_identity_id ON users (identity_id);
CREATE TABLE watches (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    card_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL,
    user_id blob(16) NOT NULL,
    watching boolean DEFAULT 1 NOT NULL
);
CREATE INDEX index_watches_on_account_id ON watches (account_id);
CREATE INDEX index_watches_on_card_id ON watches (card_id);
CREATE INDEX index_watches_on_user_id_and_card_id ON watches (user_id, card_id);
CREATE INDEX index_watches_on_user_id ON watches (user_id);
CREATE TABLE webhook_deliveries (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    event_id blob(16) NOT NULL,
    request text(65535),
    response text(65535),
    state varchar(255) NOT NULL,
    updated_at datetime(6) NOT NULL,
    webhook_id blob(16) NOT NULL
);
CREATE INDEX index_webhook_deliveries_on_account_id ON webhook_deliveries (account_id);
CREATE INDEX index_webhook_deliveries_on_created_at ON webhook_deliveries (created_at);
CREATE INDEX index_webhook_deliveries_on_event_id ON webhook_deliveries (event_id);
CREATE INDEX index_webhook_deliveries_on_webhook_id ON webhook_deliveries (webhook_id);
CREATE TABLE webhooks (
    id blob(16) NOT NULL PRIMARY KEY,
    account_id blob(16) NOT NULL,
    active boolean DEFAULT 1 NOT NULL,
    board_id blob(16) NOT NULL,
    created_at datetime(6) NOT NULL,
    name varchar(255),
    signing_secret varchar(255) NOT NULL,
    subscribed_actions text(65535),
    updated_at datetime(6) NOT NULL,
    url text(65535) NOT NULL
);
CREATE INDEX index_webhooks_on_account_id ON webhooks (account_id);
CREATE INDEX index_webhooks_on_board_id_and_subscribed_actions ON webhooks (board_id, subscribed_actions);
CREATE VIRTUAL TABLE search_records_fts USING fts5(title, content, tokenize='porter');
