-- Lemmy (Diesel migrations), August 2026: an excerpt.
-- Facts of its catalogue: names and types. Functions, triggers and views are made up.

CREATE EXTENSION ltree;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION pgcrypto;
CREATE FUNCTION generate_unique_changeme() RETURNS text LANGUAGE sql AS
    $$ SELECT 'http://changeme.invalid/' || gen_random_uuid() $$;
CREATE FUNCTION random_smallint() RETURNS smallint LANGUAGE sql AS
    $$ SELECT trunc(random() * 32767)::smallint $$;
CREATE FUNCTION reverse_timestamp_sort(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS
    $$ SELECT -(extract(epoch FROM at AT TIME ZONE 'UTC') * 1000000)::bigint $$;
CREATE TYPE comment_sort_type_enum AS ENUM ('Hot', 'Top', 'New', 'Old', 'Controversial');
CREATE TYPE community_follower_state AS ENUM ('Accepted', 'Pending', 'ApprovalRequired', 'Denied');
CREATE TYPE community_notifications_mode_enum AS ENUM ('AllPostsAndComments', 'AllPosts', 'RepliesAndMentions', 'Mute');
CREATE TYPE community_visibility AS ENUM ('Public', 'LocalOnlyPublic', 'LocalOnlyPrivate', 'Private', 'Unlisted');
CREATE TYPE federation_mode_enum AS ENUM ('All', 'Local', 'Disable');
CREATE TYPE image_mode_enum AS ENUM ('None', 'StoreLinkPreviews', 'ProxyAllImages');
CREATE TYPE listing_type_enum AS ENUM ('All', 'Local', 'Subscribed', 'ModeratorView', 'Suggested');
CREATE TYPE modlog_kind AS ENUM ('AdminAdd', 'AdminBan', 'AdminAllowInstance', 'AdminBlockInstance', 'AdminPurgeComment', 'AdminPurgeCommunity', 'AdminPurgePerson', 'AdminPurgePost', 'ModAddToCommunity', 'ModBanFromCommunity', 'ModFeaturePostCommunity', 'AdminFeaturePostSite', 'ModChangeCommunityVisibility', 'ModLockPost', 'ModRemoveComment', 'AdminRemoveCommunity', 'ModRemovePost', 'ModTransferCommunity', 'ModLockComment', 'ModWarnComment', 'ModWarnPost');
CREATE TYPE notification_type_enum AS ENUM ('Mention', 'Reply', 'Subscribed', 'PrivateMessage', 'ModAction');
CREATE TYPE post_listing_mode_enum AS ENUM ('List', 'Card', 'SmallCard');
CREATE TYPE post_notifications_mode_enum AS ENUM ('AllComments', 'RepliesAndMentions', 'Mute');
CREATE TYPE post_sort_type_enum AS ENUM ('Active', 'Hot', 'New', 'Old', 'Top', 'MostComments', 'NewComments', 'Controversial', 'Scaled');
CREATE TYPE registration_mode_enum AS ENUM ('Closed', 'RequireApplication', 'Open', 'RequireInvitation');
CREATE TYPE vote_show_enum AS ENUM ('Show', 'ShowForOthers', 'Hide');

CREATE TABLE comment (
    id serial,
    creator_id integer NOT NULL,
    post_id integer NOT NULL,
    content text NOT NULL,
    removed boolean NOT NULL DEFAULT false,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    deleted boolean NOT NULL DEFAULT false,
    ap_id varchar(255) NOT NULL,
    local boolean NOT NULL DEFAULT true,
    path ltree NOT NULL DEFAULT '0'::ltree,
    distinguished boolean NOT NULL DEFAULT false,
    language_id integer NOT NULL DEFAULT 0,
    score integer NOT NULL DEFAULT 0,
    upvotes integer NOT NULL DEFAULT 0,
    downvotes integer NOT NULL DEFAULT 0,
    child_count integer NOT NULL DEFAULT 0,
    hot_rank real NOT NULL DEFAULT 0.0001,
    controversy_rank real NOT NULL DEFAULT 0,
    report_count smallint NOT NULL DEFAULT 0,
    unresolved_report_count smallint NOT NULL DEFAULT 0,
    federation_pending boolean NOT NULL DEFAULT false,
    locked boolean NOT NULL DEFAULT false,
    community_id integer NOT NULL,
    CONSTRAINT comment_pkey PRIMARY KEY (id),
    CONSTRAINT idx_comment_ap_id UNIQUE (ap_id)
);
CREATE INDEX idx_comment_community ON comment (community_id);
CREATE INDEX idx_comment_content_trigram ON comment USING gin (content gin_trgm_ops);
CREATE INDEX idx_comment_controversy ON comment (controversy_rank DESC);
CREATE INDEX idx_comment_creator ON comment (creator_id);
CREATE INDEX idx_comment_hot ON comment (hot_rank DESC, score DESC);
CREATE INDEX idx_comment_language ON comment (language_id);
CREATE INDEX idx_comment_nonzero_hotrank ON comment (published_at) WHERE (hot_rank <> (0)::double precision);
CREATE INDEX idx_comment_post ON comment (post_id);
CREATE INDEX idx_comment_published ON comment (published_at DESC);
CREATE INDEX idx_comment_score ON comment (score DESC);
CREATE INDEX idx_path_gist ON comment USING gist (path);
CREATE TABLE comment_actions (
    voted_at timestamptz,
    saved_at timestamptz,
    person_id integer NOT NULL,
    comment_id integer NOT NULL,
    vote_is_upvote boolean,
    CONSTRAINT comment_actions_check_liked CHECK (((voted_at IS NULL) = (vote_is_upvote IS NULL))),
    CONSTRAINT comment_actions_pkey PRIMARY KEY (person_id, comment_id)
);
CREATE INDEX idx_comment_actions_comment ON comment_actions (comment_id);
CREATE INDEX idx_comment_actions_like_score ON comment_actions (comment_id, vote_is_upvote, person_id) WHERE (vote_is_upvote IS NOT NULL);
CREATE INDEX idx_comment_actions_liked_not_null ON comment_actions (person_id, comment_id) WHERE ((voted_at IS NOT NULL) OR (vote_is_upvote IS NOT NULL));
CREATE INDEX idx_comment_actions_person ON comment_actions (person_id);
CREATE INDEX idx_comment_actions_saved_not_null ON comment_actions (person_id, comment_id) WHERE (saved_at IS NOT NULL);
CREATE INDEX idx_comment_actions_voted_at ON comment_actions (voted_at) WHERE (voted_at IS NOT NULL);
CREATE TABLE comment_report (
    id serial,
    creator_id integer NOT NULL,
    comment_id integer NOT NULL,
    original_comment_text text NOT NULL,
    reason text NOT NULL,
    resolved boolean NOT NULL DEFAULT false,
    resolver_id integer,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    violates_instance_rules boolean NOT NULL DEFAULT false,
    conclusion text,
    CONSTRAINT comment_report_comment_id_creator_id_key UNIQUE (comment_id, creator_id),
    CONSTRAINT comment_report_pkey PRIMARY KEY (id)
);
CREATE INDEX idx_comment_report_creator ON comment_report (creator_id);
CREATE INDEX idx_comment_report_published ON comment_report (published_at DESC);
CREATE INDEX idx_comment_report_resolver ON comment_report (resolver_id);
CREATE TABLE community (
    id serial,
    name varchar(255) NOT NULL,
    title varchar(50),
    sidebar text,
    removed boolean NOT NULL DEFAULT false,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    deleted boolean NOT NULL DEFAULT false,
    nsfw boolean NOT NULL DEFAULT false,
    ap_id varchar(255) NOT NULL DEFAULT generate_unique_changeme(),
    local boolean NOT NULL DEFAULT true,
    private_key text,
    public_key text NOT NULL,
    last_refreshed_at timestamptz NOT NULL DEFAULT now(),
    icon text,
    banner text,
    followers_url varchar(255) DEFAULT generate_unique_changeme(),
    inbox_url varchar(255) NOT NULL DEFAULT generate_unique_changeme(),
    posting_restricted_to_mods boolean NOT NULL DEFAULT false,
    instance_id integer NOT NULL,
    moderators_url varchar(255),
    featured_url varchar(255),
    visibility community_visibility NOT NULL DEFAULT 'Public'::community_visibility,
    summary varchar(150),
    random_number smallint NOT NULL DEFAULT random_smallint(),
    subscribers integer NOT NULL DEFAULT 0,
    posts integer NOT NULL DEFAULT 0,
    comments integer NOT NULL DEFAULT 0,
    users_active_day integer NOT NULL DEFAULT 0,
    users_active_week integer NOT NULL DEFAULT 0,
    users_active_month integer NOT NULL DEFAULT 0,
    users_active_half_year integer NOT NULL DEFAULT 0,
    hot_rank real NOT NULL DEFAULT 0.0001,
    subscribers_local integer NOT NULL DEFAULT 0,
    interactions_month integer NOT NULL DEFAULT 0,
    report_count smallint NOT NULL DEFAULT 0,
    unresolved_report_count smallint NOT NULL DEFAULT 0,
    local_removed boolean NOT NULL DEFAULT false,
    CONSTRAINT community_featured_url_key UNIQUE (featured_url),
    CONSTRAINT community_moderators_url_key UNIQUE (moderators_url),
    CONSTRAINT community_pkey PRIMARY KEY (id),
    CONSTRAINT idx_community_actor_id UNIQUE (ap_id),
    CONSTRAINT idx_community_followers_url UNIQUE (followers_url)
);
CREATE INDEX idx_community_comments ON community (comments DESC, id DESC);
CREATE INDEX idx_community_hot ON community (hot_rank DESC, id DESC);
CREATE INDEX idx_community_instance ON community (instance_id);
CREATE UNIQUE INDEX idx_community_lower_actor_id ON community (lower((ap_id)::text));
CREATE INDEX idx_community_lower_name ON community (lower((name)::text) DESC, id DESC);
CREATE INDEX idx_community_nonzero_hotrank ON community (published_at) WHERE (hot_rank <> (0)::double precision);
CREATE INDEX idx_community_posts ON community (posts DESC, id DESC);
CREATE INDEX idx_community_published ON community (published_at DESC, id DESC);
CREATE INDEX idx_community_random_number ON community (random_number) INCLUDE (local, nsfw) WHERE (NOT (deleted OR removed OR (visibility = 'Private'::community_visibility) OR (visibility = 'Unlisted'::community_visibility)));
CREATE INDEX idx_community_subscribers ON community (subscribers DESC, id DESC);
CREATE INDEX idx_community_subscribers_local ON community (subscribers_local DESC, id DESC);
CREATE INDEX idx_community_title ON community (title DESC, id DESC);
CREATE INDEX idx_community_trigram ON community USING gin (name gin_trgm_ops, title gin_trgm_ops, summary gin_trgm_ops, sidebar gin_trgm_ops);
CREATE INDEX idx_community_users_active_day ON community (users_active_day DESC, id DESC);
CREATE INDEX idx_community_users_active_half_year ON community (users_active_half_year DESC, id DESC);
CREATE INDEX idx_community_users_active_month ON community (users_active_month DESC, id DESC);
CREATE INDEX idx_community_users_active_week ON community (users_active_week DESC, id DESC);
CREATE TABLE community_actions (
    followed_at timestamptz,
    blocked_at timestamptz,
    became_moderator_at timestamptz,
    received_ban_at timestamptz,
    ban_expires_at timestamptz,
    person_id integer NOT NULL,
    community_id integer NOT NULL,
    follow_state community_follower_state,
    follow_approver_id integer,
    notifications community_notifications_mode_enum,
    follow_activity_id text,
    CONSTRAINT community_actions_check_followed CHECK ((((followed_at IS NULL) = (follow_state IS NULL)) AND (NOT ((followed_at IS NULL) AND (follow_approver_id IS NOT NULL))))),
    CONSTRAINT community_actions_check_received_ban CHECK ((NOT ((received_ban_at IS NULL) AND (ban_expires_at IS NOT NULL)))),
    CONSTRAINT community_actions_pkey PRIMARY KEY (person_id, community_id)
);
CREATE INDEX idx_community_actions_became_moderator ON community_actions (became_moderator_at) WHERE (became_moderator_at IS NOT NULL);
CREATE INDEX idx_community_actions_became_moderator_not_null ON community_actions (person_id, community_id) WHERE (became_moderator_at IS NOT NULL);
CREATE INDEX idx_community_actions_blocked_not_null ON community_actions (person_id, community_id) WHERE (blocked_at IS NOT NULL);
CREATE INDEX idx_community_actions_community ON community_actions (community_id);
CREATE INDEX idx_community_actions_follow_approver ON community_actions (follow_approver_id);
CREATE INDEX idx_community_actions_followed ON community_actions (followed_at) WHERE (followed_at IS NOT NULL);
CREATE INDEX idx_community_actions_followed_not_null ON community_actions (person_id, community_id) WHERE ((followed_at IS NOT NULL) OR (follow_state IS NOT NULL));
CREATE INDEX idx_community_actions_person ON community_actions (person_id);
CREATE INDEX idx_community_actions_received_ban_not_null ON community_actions (person_id, community_id) WHERE (received_ban_at IS NOT NULL);
CREATE TABLE community_language (
    community_id integer NOT NULL,
    language_id integer NOT NULL,
    CONSTRAINT community_language_pkey PRIMARY KEY (community_id, language_id)
);
CREATE INDEX idx_community_language_language ON community_language (language_id);
CREATE TABLE federation_allowlist (
    instance_id integer NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    CONSTRAINT federation_allowlist_pkey PRIMARY KEY (instance_id)
);
CREATE TABLE federation_blocklist (
    instance_id integer NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    expires_at timestamptz,
    CONSTRAINT federation_blocklist_pkey PRIMARY KEY (instance_id)
);
CREATE TABLE instance (
    id serial,
    domain varchar(255) NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    software varchar(255),
    version varchar(255),
    CONSTRAINT instance_domain_key UNIQUE (domain),
    CONSTRAINT instance_pkey PRIMARY KEY (id)
);
CREATE TABLE instance_actions (
    blocked_communities_at timestamptz,
    person_id integer NOT NULL,
    instance_id integer NOT NULL,
    received_ban_at timestamptz,
    ban_expires_at timestamptz,
    blocked_persons_at timestamptz,
    CONSTRAINT instance_actions_pkey PRIMARY KEY (person_id, instance_id)
);
CREATE INDEX idx_instance_actions_blocked_not_null ON instance_actions (person_id, instance_id) WHERE (blocked_communities_at IS NOT NULL);
CREATE INDEX idx_instance_actions_instance ON instance_actions (instance_id);
CREATE INDEX idx_instance_actions_person ON instance_actions (person_id);
CREATE TABLE language (
    id serial,
    code varchar(3) NOT NULL,
    name text NOT NULL,
    CONSTRAINT language_pkey PRIMARY KEY (id)
);
CREATE TABLE local_site (
    id serial,
    site_id integer NOT NULL,
    site_setup boolean NOT NULL DEFAULT false,
    community_creation_admin_only boolean NOT NULL DEFAULT false,
    email_verification_required boolean NOT NULL DEFAULT false,
    application_question text DEFAULT 'to verify that you are human, please explain why you want to create an account on this site'::text,
    private_instance boolean NOT NULL DEFAULT false,
    default_theme text NOT NULL DEFAULT 'browser'::text,
    default_post_listing_type listing_type_enum NOT NULL DEFAULT 'Local'::listing_type_enum,
    legal_information text,
    application_email_admins boolean NOT NULL DEFAULT false,
    slur_filter_regex text,
    federation_enabled boolean NOT NULL DEFAULT true,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    registration_mode registration_mode_enum NOT NULL DEFAULT 'RequireApplication'::registration_mode_enum,
    reports_email_admins boolean NOT NULL DEFAULT false,
    federation_signed_fetch boolean NOT NULL DEFAULT true,
    default_post_listing_mode post_listing_mode_enum NOT NULL DEFAULT 'List'::post_listing_mode_enum,
    default_post_sort_type post_sort_type_enum NOT NULL DEFAULT 'Active'::post_sort_type_enum,
    default_comment_sort_type comment_sort_type_enum NOT NULL DEFAULT 'Hot'::comment_sort_type_enum,
    oauth_registration boolean NOT NULL DEFAULT true,
    post_upvotes federation_mode_enum NOT NULL DEFAULT 'All'::federation_mode_enum,
    post_downvotes federation_mode_enum NOT NULL DEFAULT 'All'::federation_mode_enum,
    comment_upvotes federation_mode_enum NOT NULL DEFAULT 'All'::federation_mode_enum,
    comment_downvotes federation_mode_enum NOT NULL DEFAULT 'All'::federation_mode_enum,
    default_post_time_range_seconds integer,
    nsfw_content_disallowed boolean NOT NULL DEFAULT false,
    users integer NOT NULL DEFAULT 1,
    posts integer NOT NULL DEFAULT 0,
    comments integer NOT NULL DEFAULT 0,
    communities integer NOT NULL DEFAULT 0,
    users_active_day integer NOT NULL DEFAULT 0,
    users_active_week integer NOT NULL DEFAULT 0,
    users_active_month integer NOT NULL DEFAULT 0,
    users_active_half_year integer NOT NULL DEFAULT 0,
    email_notifications_disabled boolean NOT NULL DEFAULT false,
    suggested_multi_community_id integer,
    system_account integer NOT NULL,
    default_items_per_page integer NOT NULL DEFAULT 20,
    image_mode image_mode_enum NOT NULL DEFAULT 'ProxyAllImages'::image_mode_enum,
    image_proxy_bypass_domains text,
    image_upload_timeout_seconds integer NOT NULL DEFAULT 30,
    image_max_thumbnail_size integer NOT NULL DEFAULT 512,
    image_max_avatar_size integer NOT NULL DEFAULT 512,
    image_max_banner_size integer NOT NULL DEFAULT 1024,
    image_max_upload_size integer NOT NULL DEFAULT 1024,
    image_allow_video_uploads boolean NOT NULL DEFAULT true,
    image_upload_disabled boolean NOT NULL DEFAULT false,
    max_invites_per_user_allowed integer NOT NULL DEFAULT 10,
    CONSTRAINT local_site_pkey PRIMARY KEY (id),
    CONSTRAINT local_site_site_id_key UNIQUE (site_id)
);
CREATE INDEX idx_local_site_suggested_communities ON local_site (suggested_multi_community_id);
CREATE INDEX idx_local_site_system_account ON local_site (system_account);
CREATE TABLE local_site_rate_limit (
    local_site_id integer NOT NULL,
    message_max_requests integer NOT NULL DEFAULT 180,
    message_interval_seconds integer NOT NULL DEFAULT 60,
    post_max_requests integer NOT NULL DEFAULT 6,
    post_interval_seconds integer NOT NULL DEFAULT 600,
    register_max_requests integer NOT NULL DEFAULT 10,
    register_interval_seconds integer NOT NULL DEFAULT 3600,
    image_max_requests integer NOT NULL DEFAULT 6,
    image_interval_seconds integer NOT NULL DEFAULT 3600,
    comment_max_requests integer NOT NULL DEFAULT 6,
    comment_interval_seconds integer NOT NULL DEFAULT 600,
    search_max_requests integer NOT NULL DEFAULT 60,
    search_interval_seconds integer NOT NULL DEFAULT 600,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    import_user_settings_max_requests integer NOT NULL DEFAULT 3,
    import_user_settings_interval_seconds integer NOT NULL DEFAULT 86400,
    CONSTRAINT local_site_rate_limit_pkey PRIMARY KEY (local_site_id)
);
CREATE TABLE local_user (
    id serial,
    person_id integer NOT NULL,
    password_encrypted text,
    email text,
    show_nsfw boolean NOT NULL DEFAULT false,
    theme text NOT NULL DEFAULT 'browser'::text,
    default_post_sort_type post_sort_type_enum NOT NULL DEFAULT 'Active'::post_sort_type_enum,
    default_listing_type listing_type_enum NOT NULL DEFAULT 'Local'::listing_type_enum,
    interface_language varchar(20) NOT NULL DEFAULT 'browser'::character varying,
    show_avatars boolean NOT NULL DEFAULT true,
    send_notifications_to_email boolean NOT NULL DEFAULT false,
    show_bot_accounts boolean NOT NULL DEFAULT true,
    show_read_posts boolean NOT NULL DEFAULT true,
    email_verified boolean NOT NULL DEFAULT false,
    accepted_application boolean NOT NULL DEFAULT false,
    totp_2fa_secret text,
    open_links_in_new_tab boolean NOT NULL DEFAULT false,
    blur_nsfw boolean NOT NULL DEFAULT true,
    infinite_scroll_enabled boolean NOT NULL DEFAULT false,
    admin boolean NOT NULL DEFAULT false,
    post_listing_mode post_listing_mode_enum NOT NULL DEFAULT 'List'::post_listing_mode_enum,
    totp_2fa_enabled boolean NOT NULL DEFAULT false,
    animated_images_enabled boolean NOT NULL DEFAULT true,
    collapse_bot_comments boolean NOT NULL DEFAULT false,
    last_donation_notification_at timestamptz NOT NULL DEFAULT (now() - (random() * '1 year'::interval)),
    private_messages_enabled boolean NOT NULL DEFAULT true,
    default_comment_sort_type comment_sort_type_enum NOT NULL DEFAULT 'Hot'::comment_sort_type_enum,
    auto_mark_fetched_posts_as_read boolean NOT NULL DEFAULT false,
    hide_posts_with_media boolean NOT NULL DEFAULT false,
    default_post_time_range_seconds integer,
    show_score boolean NOT NULL DEFAULT false,
    show_upvotes boolean NOT NULL DEFAULT true,
    show_downvotes vote_show_enum NOT NULL DEFAULT 'Show'::vote_show_enum,
    show_upvote_percentage boolean NOT NULL DEFAULT false,
    show_person_votes boolean NOT NULL DEFAULT true,
    default_items_per_page integer NOT NULL DEFAULT 20,
    invited_by_local_user_id integer,
    show_media boolean NOT NULL DEFAULT true,
    CONSTRAINT local_user_email_key UNIQUE (email),
    CONSTRAINT local_user_person_id_key UNIQUE (person_id),
    CONSTRAINT local_user_pkey PRIMARY KEY (id)
);
CREATE INDEX idx_local_user_invited_by_local_user_id ON local_user (invited_by_local_user_id);
CREATE TABLE local_user_language (
    local_user_id integer NOT NULL,
    language_id integer NOT NULL,
    CONSTRAINT local_user_language_pkey PRIMARY KEY (local_user_id, language_id)
);
CREATE INDEX idx_local_user_language_language ON local_user_language (language_id);
CREATE TABLE modlog (
    id serial,
    kind modlog_kind NOT NULL,
    is_revert boolean NOT NULL,
    mod_id integer NOT NULL,
    reason text,
    target_person_id integer,
    target_community_id integer,
    target_post_id integer,
    target_comment_id integer,
    target_instance_id integer,
    expires_at timestamptz,
    published_at timestamptz NOT NULL DEFAULT now(),
    bulk_action_parent_id integer,
    child_count integer NOT NULL DEFAULT 0,
    CONSTRAINT modlog_check CHECK ((((kind = 'AdminAdd'::modlog_kind) AND (num_nonnulls(target_person_id, target_instance_id) = 2) AND (num_nonnulls(target_community_id, target_post_id, target_comment_id) = 0)) OR ((kind = 'AdminBan'::modlog_kind) AND (num_nonnulls(target_person_id, target_instance_id) = 2) AND (num_nonnulls(target_community_id, target_post_id, target_comment_id) = 0)) OR ((kind = 'ModRemovePost'::modlog_kind) AND (num_nonnulls(target_post_id, target_community_id, target_person_id) = 3) AND (num_nonnulls(target_instance_id, target_comment_id) = 0)) OR ((kind = 'ModRemoveComment'::modlog_kind) AND (num_nonnulls(target_comment_id, target_person_id, target_post_id, target_community_id) = 4) AND (num_nonnulls(target_instance_id) = 0)) OR ((kind = 'ModLockComment'::modlog_kind) AND (num_nonnulls(target_comment_id, target_person_id, target_post_id, target_community_id) = 4) AND (num_nonnulls(target_instance_id) = 0)) OR ((kind = 'ModWarnComment'::modlog_kind) AND (num_nonnulls(target_comment_id, target_person_id, target_post_id, target_community_id) = 4) AND (num_nonnulls(target_instance_id) = 0)) OR ((kind = 'ModLockPost'::modlog_kind) AND (num_nonnulls(target_post_id, target_person_id, target_community_id) = 3) AND (num_nonnulls(target_instance_id, target_comment_id) = 0)) OR ((kind = 'ModWarnPost'::modlog_kind) AND (num_nonnulls(target_post_id, target_person_id, target_community_id) = 3) AND (num_nonnulls(target_instance_id, target_comment_id) = 0)) OR ((kind = 'AdminRemoveCommunity'::modlog_kind) AND (num_nonnulls(target_community_id, target_instance_id) = 2) AND (num_nonnulls(target_post_id, target_comment_id) = 0)) OR ((kind = 'ModChangeCommunityVisibility'::modlog_kind) AND (num_nonnulls(target_community_id) = 1) AND (num_nonnulls(target_post_id, target_instance_id, target_person_id, target_comment_id) = 0)) OR ((kind = 'ModBanFromCommunity'::modlog_kind) AND (num_nonnulls(target_community_id, target_person_id) = 2) AND (num_nonnulls(target_post_id, target_instance_id, target_comment_id) = 0)) OR ((kind = 'ModAddToCommunity'::modlog_kind) AND (num_nonnulls(target_community_id, target_person_id) = 2) AND (num_nonnulls(target_post_id, target_instance_id, target_comment_id) = 0)) OR ((kind = 'ModTransferCommunity'::modlog_kind) AND (num_nonnulls(target_community_id, target_person_id) = 2) AND (num_nonnulls(target_post_id, target_instance_id, target_comment_id) = 0)) OR ((kind = 'AdminAllowInstance'::modlog_kind) AND (num_nonnulls(target_instance_id) = 1) AND (num_nonnulls(target_post_id, target_person_id, target_community_id, target_comment_id) = 0)) OR ((kind = 'AdminBlockInstance'::modlog_kind) AND (num_nonnulls(target_instance_id) = 1) AND (num_nonnulls(target_post_id, target_person_id, target_community_id, target_comment_id) = 0)) OR ((kind = 'AdminPurgeComment'::modlog_kind) AND (num_nonnulls(target_post_id, target_person_id, target_community_id) = 3) AND (num_nonnulls(target_instance_id, target_comment_id) = 0)) OR ((kind = 'AdminPurgePost'::modlog_kind) AND (num_nonnulls(target_community_id) = 1) AND (num_nonnulls(target_post_id, target_person_id, target_instance_id, target_comment_id) = 0)) OR ((kind = 'AdminPurgeCommunity'::modlog_kind) AND (num_nonnulls(target_post_id, target_person_id, target_community_id, target_instance_id, target_comment_id) = 0)) OR ((kind = 'AdminPurgePerson'::modlog_kind) AND (num_nonnulls(target_post_id, target_person_id, target_community_id, target_instance_id, target_comment_id) = 0)) OR ((kind = 'ModFeaturePostCommunity'::modlog_kind) AND (num_nonnulls(target_post_id, target_community_id) = 2) AND (num_nonnulls(target_instance_id, target_person_id, target_comment_id) = 0)) OR ((kind = 'AdminFeaturePostSite'::modlog_kind) AND (num_nonnulls(target_post_id, target_community_id, target_instance_id) = 3) AND (num_nonnulls(target_person_id, target_comment_id) = 0)))),
    CONSTRAINT modlog_pkey PRIMARY KEY (id)
);
CREATE INDEX idx_modlog_bulk_action_parent_id ON modlog (bulk_action_parent_id);
CREATE INDEX idx_modlog_kind ON modlog (kind);
CREATE INDEX idx_modlog_mod ON modlog (mod_id);
CREATE INDEX idx_modlog_published_id ON modlog (published_at DESC, id DESC);
CREATE INDEX idx_modlog_published_id_bulk_action_parent ON modlog (published_at DESC, id DESC, bulk_action_parent_id);
CREATE INDEX idx_modlog_target_comment ON modlog (target_comment_id) WHERE (target_comment_id IS NOT NULL);
CREATE INDEX idx_modlog_target_community ON modlog (target_community_id) WHERE (target_community_id IS NOT NULL);
CREATE INDEX idx_modlog_target_instance ON modlog (target_instance_id) WHERE (target_instance_id IS NOT NULL);
CREATE INDEX idx_modlog_target_person ON modlog (target_person_id) WHERE (target_person_id IS NOT NULL);
CREATE INDEX idx_modlog_target_post ON modlog (target_post_id) WHERE (target_post_id IS NOT NULL);
CREATE TABLE notification (
    id serial,
    recipient_id integer NOT NULL,
    comment_id integer,
    read boolean NOT NULL DEFAULT false,
    published_at timestamptz NOT NULL DEFAULT now(),
    kind notification_type_enum NOT NULL,
    post_id integer,
    private_message_id integer,
    modlog_id integer,
    creator_id integer NOT NULL,
    instance_id integer,
    community_id integer,
    CONSTRAINT notification_check CHECK (((((kind = 'Mention'::notification_type_enum) OR (kind = 'Reply'::notification_type_enum)) AND (num_nonnulls(post_id, comment_id, community_id) >= 2)) OR ((kind = 'PrivateMessage'::notification_type_enum) AND (num_nonnulls(private_message_id) = 1)) OR ((kind = 'Subscribed'::notification_type_enum) AND (num_nonnulls(post_id) = 1)) OR ((kind = 'ModAction'::notification_type_enum) AND (num_nonnulls(modlog_id, post_id, comment_id, community_id, instance_id) >= 2)))),
    CONSTRAINT notification_pkey PRIMARY KEY (id)
);
CREATE INDEX idx_notification_comment ON notification (comment_id);
CREATE INDEX idx_notification_community ON notification (community_id);
CREATE INDEX idx_notification_creator ON notification (creator_id);
CREATE INDEX idx_notification_instance ON notification (instance_id);
CREATE INDEX idx_notification_modlog_id ON notification (modlog_id) WHERE (modlog_id IS NOT NULL);
CREATE INDEX idx_notification_post ON notification (post_id) WHERE (post_id IS NOT NULL);
CREATE INDEX idx_notification_private_message ON notification (private_message_id) WHERE (private_message_id IS NOT NULL);
CREATE INDEX idx_notification_published ON notification (published_at DESC);
CREATE INDEX idx_notification_published_id_recipient ON notification (published_at DESC, id DESC, recipient_id);
CREATE INDEX idx_notification_recipient ON notification (recipient_id);
CREATE INDEX idx_notification_recipient_published ON notification (recipient_id, published_at);
CREATE INDEX idx_notification_unread ON notification (read);
CREATE TABLE oauth_provider (
    id serial,
    display_name text NOT NULL,
    issuer text NOT NULL,
    authorization_endpoint text NOT NULL,
    token_endpoint text NOT NULL,
    userinfo_endpoint text NOT NULL,
    id_claim text NOT NULL,
    client_id text NOT NULL,
    client_secret text NOT NULL,
    scopes text NOT NULL,
    auto_verify_email boolean NOT NULL DEFAULT true,
    account_linking_enabled boolean NOT NULL DEFAULT false,
    enabled boolean NOT NULL DEFAULT true,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    use_pkce boolean NOT NULL DEFAULT false,
    CONSTRAINT oauth_provider_client_id_key UNIQUE (client_id),
    CONSTRAINT oauth_provider_pkey PRIMARY KEY (id)
);
CREATE TABLE person (
    id serial,
    name varchar(255) NOT NULL,
    display_name varchar(50),
    avatar text,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    ap_id varchar(255) NOT NULL DEFAULT generate_unique_changeme(),
    bio text,
    local boolean NOT NULL DEFAULT true,
    private_key text,
    public_key text NOT NULL,
    last_refreshed_at timestamptz NOT NULL DEFAULT now(),
    banner text,
    deleted boolean NOT NULL DEFAULT false,
    inbox_url varchar(255) NOT NULL DEFAULT generate_unique_changeme(),
    matrix_user_id text,
    bot_account boolean NOT NULL DEFAULT false,
    instance_id integer NOT NULL,
    post_count integer NOT NULL DEFAULT 0,
    post_score integer NOT NULL DEFAULT 0,
    comment_count integer NOT NULL DEFAULT 0,
    comment_score integer NOT NULL DEFAULT 0,
    CONSTRAINT idx_person_actor_id UNIQUE (ap_id),
    CONSTRAINT person__pkey PRIMARY KEY (id),
    CONSTRAINT person_name_instance_unique UNIQUE (name, instance_id)
);
CREATE INDEX idx_person_comment_score ON person (comment_score DESC);
CREATE INDEX idx_person_instance ON person (instance_id);
CREATE INDEX idx_person_local_instance ON person (local DESC, instance_id);
CREATE UNIQUE INDEX idx_person_lower_actor_id ON person (lower((ap_id)::text));
CREATE INDEX idx_person_lower_name ON person (lower((name)::text));
CREATE INDEX idx_person_post_score ON person (post_score DESC);
CREATE INDEX idx_person_published ON person (published_at DESC);
CREATE INDEX idx_person_trigram ON person USING gin (name gin_trgm_ops, display_name gin_trgm_ops, bio gin_trgm_ops);
CREATE TABLE person_actions (
    followed_at timestamptz,
    blocked_at timestamptz,
    person_id integer NOT NULL,
    target_id integer NOT NULL,
    follow_pending boolean,
    noted_at timestamptz,
    note text,
    voted_at timestamptz,
    upvotes integer,
    downvotes integer,
    CONSTRAINT person_actions_check_followed CHECK (((followed_at IS NULL) = (follow_pending IS NULL))),
    CONSTRAINT person_actions_pkey PRIMARY KEY (person_id, target_id)
);
CREATE INDEX idx_person_actions_blocked_not_null ON person_actions (person_id, target_id) WHERE (blocked_at IS NOT NULL);
CREATE INDEX idx_person_actions_followed_not_null ON person_actions (person_id, target_id) WHERE ((followed_at IS NOT NULL) OR (follow_pending IS NOT NULL));
CREATE INDEX idx_person_actions_person ON person_actions (person_id);
CREATE INDEX idx_person_actions_target ON person_actions (target_id);
CREATE TABLE post (
    id serial,
    name varchar(200) NOT NULL,
    url varchar(2000),
    body text,
    creator_id integer NOT NULL,
    community_id integer NOT NULL,
    removed boolean NOT NULL DEFAULT false,
    locked boolean NOT NULL DEFAULT false,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    deleted boolean NOT NULL DEFAULT false,
    nsfw boolean NOT NULL DEFAULT false,
    embed_title text,
    embed_description text,
    thumbnail_url text,
    ap_id varchar(255) NOT NULL,
    local boolean NOT NULL DEFAULT true,
    embed_video_url text,
    language_id integer NOT NULL DEFAULT 0,
    featured_community boolean NOT NULL DEFAULT false,
    featured_local boolean NOT NULL DEFAULT false,
    url_content_type text,
    alt_text text,
    scheduled_publish_time_at timestamptz,
    newest_comment_time_necro_at timestamptz,
    newest_comment_time_at timestamptz,
    comments integer NOT NULL DEFAULT 0,
    score integer NOT NULL DEFAULT 0,
    upvotes integer NOT NULL DEFAULT 0,
    downvotes integer NOT NULL DEFAULT 0,
    hot_rank real NOT NULL DEFAULT 0.0001,
    hot_rank_active real NOT NULL DEFAULT 0.0001,
    controversy_rank real NOT NULL DEFAULT 0,
    scaled_rank real NOT NULL DEFAULT 0.0001,
    report_count smallint NOT NULL DEFAULT 0,
    unresolved_report_count smallint NOT NULL DEFAULT 0,
    federation_pending boolean NOT NULL DEFAULT false,
    embed_video_width integer,
    embed_video_height integer,
    CONSTRAINT idx_post_ap_id UNIQUE (ap_id),
    CONSTRAINT post_pkey PRIMARY KEY (id)
);
CREATE INDEX idx_post_community ON post (community_id);
CREATE INDEX idx_post_community_active ON post (featured_local DESC, hot_rank_active DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_community_controversy ON post (featured_local DESC, controversy_rank DESC, id DESC, community_id);
CREATE INDEX idx_post_community_hot ON post (featured_local DESC, hot_rank DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_community_most_comments ON post (featured_local DESC, comments DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_community_newest_comment_time ON post (featured_local DESC, COALESCE(newest_comment_time_at, published_at) DESC, id DESC, community_id);
CREATE INDEX idx_post_community_newest_comment_time_necro ON post (featured_local DESC, COALESCE(newest_comment_time_necro_at, published_at) DESC, id DESC, community_id);
CREATE INDEX idx_post_community_published ON post (published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_community_scaled ON post (featured_local DESC, scaled_rank DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_community_score ON post (featured_local DESC, score DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_creator ON post (creator_id);
CREATE INDEX idx_post_featured_community_active ON post (featured_community DESC, hot_rank_active DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_featured_community_controversy ON post (featured_community DESC, controversy_rank DESC, id DESC, community_id);
CREATE INDEX idx_post_featured_community_hot ON post (featured_community DESC, hot_rank DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_featured_community_most_comments ON post (featured_community DESC, comments DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_featured_community_newest_comment_time ON post (featured_community DESC, COALESCE(newest_comment_time_at, published_at) DESC, id DESC, community_id);
CREATE INDEX idx_post_featured_community_newest_comment_time_necr ON post (featured_community DESC, COALESCE(newest_comment_time_necro_at, published_at) DESC, id DESC, community_id);
CREATE INDEX idx_post_featured_community_published ON post (featured_community DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_featured_community_published_asc ON post (featured_community DESC, reverse_timestamp_sort(published_at) DESC, id DESC, community_id);
CREATE INDEX idx_post_featured_community_scaled ON post (featured_community DESC, scaled_rank DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_featured_community_score ON post (featured_community DESC, score DESC, published_at DESC, id DESC, community_id);
CREATE INDEX idx_post_featured_local_active ON post (featured_local DESC, hot_rank_active DESC, published_at DESC, id DESC);
CREATE INDEX idx_post_featured_local_controversy ON post (featured_local DESC, controversy_rank DESC, id DESC);
CREATE INDEX idx_post_featured_local_hot ON post (featured_local DESC, hot_rank DESC, published_at DESC, id DESC);
CREATE INDEX idx_post_featured_local_most_comments ON post (featured_local DESC, comments DESC, published_at DESC, id DESC);
CREATE INDEX idx_post_featured_local_newest_comment_time ON post (featured_local DESC, COALESCE(newest_comment_time_at, published_at) DESC, id DESC);
CREATE INDEX idx_post_featured_local_newest_comment_time_necro ON post (featured_local DESC, COALESCE(newest_comment_time_necro_at, published_at) DESC, id DESC);
CREATE INDEX idx_post_featured_local_published ON post (featured_local DESC, published_at DESC, id DESC);
CREATE INDEX idx_post_featured_local_scaled ON post (featured_local DESC, scaled_rank DESC, published_at DESC, id DESC);
CREATE INDEX idx_post_featured_local_score ON post (featured_local DESC, score DESC, published_at DESC, id DESC);
CREATE INDEX idx_post_language ON post (language_id);
CREATE INDEX idx_post_nonzero_hotrank ON post (published_at DESC) WHERE ((hot_rank <> (0)::double precision) OR (hot_rank_active <> (0)::double precision));
CREATE INDEX idx_post_published ON post (published_at);
CREATE INDEX idx_post_scheduled_publish_time ON post (scheduled_publish_time_at);
CREATE INDEX idx_post_trigram ON post USING gin (name gin_trgm_ops, body gin_trgm_ops, alt_text gin_trgm_ops);
CREATE INDEX idx_post_url ON post (url);
CREATE INDEX idx_post_url_content_type ON post USING gin (url_content_type gin_trgm_ops);
CREATE TABLE post_actions (
    read_at timestamptz,
    read_comments_at timestamptz,
    saved_at timestamptz,
    voted_at timestamptz,
    hidden_at timestamptz,
    person_id integer NOT NULL,
    post_id integer NOT NULL,
    read_comments_amount integer,
    vote_is_upvote boolean,
    notifications post_notifications_mode_enum,
    CONSTRAINT post_actions_check_liked CHECK (((voted_at IS NULL) = (vote_is_upvote IS NULL))),
    CONSTRAINT post_actions_check_read_comments CHECK (((read_comments_at IS NULL) = (read_comments_amount IS NULL))),
    CONSTRAINT post_actions_pkey PRIMARY KEY (person_id, post_id)
);
CREATE INDEX idx_post_actions_like_score ON post_actions (post_id, vote_is_upvote, person_id) WHERE (vote_is_upvote IS NOT NULL);
CREATE INDEX idx_post_actions_liked_not_null ON post_actions (person_id, post_id) WHERE ((voted_at IS NOT NULL) OR (vote_is_upvote IS NOT NULL));
CREATE INDEX idx_post_actions_person ON post_actions (person_id);
CREATE INDEX idx_post_actions_person_hidden ON post_actions (person_id, hidden_at DESC, post_id DESC) WHERE (hidden_at IS NOT NULL);
CREATE INDEX idx_post_actions_person_read ON post_actions (person_id, read_at DESC, post_id DESC) WHERE (read_at IS NOT NULL);
CREATE INDEX idx_post_actions_post ON post_actions (post_id);
CREATE INDEX idx_post_actions_read_comments_not_null ON post_actions (person_id, post_id) WHERE ((read_comments_at IS NOT NULL) OR (read_comments_amount IS NOT NULL));
CREATE INDEX idx_post_actions_saved_not_null ON post_actions (person_id, post_id) WHERE (saved_at IS NOT NULL);
CREATE INDEX idx_post_actions_voted_at ON post_actions (voted_at) WHERE (voted_at IS NOT NULL);
CREATE TABLE post_report (
    id serial,
    creator_id integer NOT NULL,
    post_id integer NOT NULL,
    original_post_name varchar(200) NOT NULL,
    original_post_url text,
    original_post_body text,
    reason text NOT NULL,
    resolved boolean NOT NULL DEFAULT false,
    resolver_id integer,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    violates_instance_rules boolean NOT NULL DEFAULT false,
    conclusion text,
    CONSTRAINT post_report_pkey PRIMARY KEY (id),
    CONSTRAINT post_report_post_id_creator_id_key UNIQUE (post_id, creator_id)
);
CREATE INDEX idx_post_report_creator ON post_report (creator_id);
CREATE INDEX idx_post_report_published ON post_report (published_at DESC);
CREATE INDEX idx_post_report_resolver ON post_report (resolver_id);
CREATE TABLE private_message (
    id serial,
    creator_id integer NOT NULL,
    recipient_id integer NOT NULL,
    content text NOT NULL,
    deleted boolean NOT NULL DEFAULT false,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    ap_id varchar(255) NOT NULL,
    local boolean NOT NULL DEFAULT true,
    removed boolean NOT NULL DEFAULT false,
    deleted_by_recipient boolean NOT NULL DEFAULT false,
    CONSTRAINT idx_private_message_ap_id UNIQUE (ap_id),
    CONSTRAINT private_message_pkey PRIMARY KEY (id)
);
CREATE INDEX idx_private_message_creator ON private_message (creator_id);
CREATE INDEX idx_private_message_recipient ON private_message (recipient_id);
CREATE TABLE registration_application (
    id serial,
    local_user_id integer NOT NULL,
    answer text NOT NULL,
    admin_id integer,
    deny_reason text,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    CONSTRAINT registration_application_local_user_id_key UNIQUE (local_user_id),
    CONSTRAINT registration_application_pkey PRIMARY KEY (id)
);
CREATE INDEX idx_registration_application_admin ON registration_application (admin_id);
CREATE INDEX idx_registration_application_published ON registration_application (published_at DESC);
CREATE INDEX idx_registration_application_updated ON registration_application (updated_at DESC);
CREATE TABLE report_combined (
    id serial,
    published_at timestamptz NOT NULL,
    post_report_id integer,
    comment_report_id integer,
    private_message_report_id integer,
    community_report_id integer,
    resolved boolean NOT NULL DEFAULT false,
    item_creator_id integer,
    report_creator_id integer NOT NULL,
    resolver_id integer,
    post_id integer,
    comment_id integer,
    community_id integer,
    private_message_id integer,
    CONSTRAINT report_combined_check CHECK ((num_nonnulls(post_report_id, comment_report_id, private_message_report_id, community_report_id) = 1)),
    CONSTRAINT report_combined_comment_report_id_key UNIQUE (comment_report_id),
    CONSTRAINT report_combined_community_report_id_key UNIQUE (community_report_id),
    CONSTRAINT report_combined_pkey PRIMARY KEY (id),
    CONSTRAINT report_combined_post_report_id_key UNIQUE (post_report_id),
    CONSTRAINT report_combined_private_message_report_id_key UNIQUE (private_message_report_id)
);
CREATE INDEX idx_report_combined_comment ON report_combined (comment_id);
CREATE INDEX idx_report_combined_community ON report_combined (community_id);
CREATE INDEX idx_report_combined_item_creator ON report_combined (item_creator_id);
CREATE INDEX idx_report_combined_post ON report_combined (post_id);
CREATE INDEX idx_report_combined_private_message ON report_combined (private_message_id);
CREATE INDEX idx_report_combined_published ON report_combined (published_at DESC, id DESC);
CREATE INDEX idx_report_combined_published_asc ON report_combined (resolved, published_at, id);
CREATE INDEX idx_report_combined_report_creator ON report_combined (report_creator_id);
CREATE INDEX idx_report_combined_resolver ON report_combined (resolver_id);
CREATE TABLE site (
    id serial,
    name varchar(20) NOT NULL,
    sidebar text,
    published_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    icon text,
    banner text,
    summary varchar(150),
    ap_id varchar(255) NOT NULL DEFAULT generate_unique_changeme(),
    last_refreshed_at timestamptz NOT NULL DEFAULT now(),
    inbox_url varchar(255) NOT NULL DEFAULT generate_unique_changeme(),
    private_key text,
    public_key text NOT NULL DEFAULT generate_unique_changeme(),
    instance_id integer NOT NULL,
    content_warning text,
    CONSTRAINT idx_site_instance_unique UNIQUE (instance_id),
    CONSTRAINT site_actor_id_key UNIQUE (ap_id),
    CONSTRAINT site_pkey PRIMARY KEY (id)
);
CREATE TABLE site_language (
    site_id integer NOT NULL,
    language_id integer NOT NULL,
    CONSTRAINT site_language_pkey PRIMARY KEY (site_id, language_id)
);
CREATE INDEX idx_site_language_language ON site_language (language_id);

ALTER TABLE comment ADD CONSTRAINT comment_community_id_fkey FOREIGN KEY (community_id) REFERENCES community(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE comment ADD CONSTRAINT comment_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE comment ADD CONSTRAINT comment_language_id_fkey FOREIGN KEY (language_id) REFERENCES language(id);
ALTER TABLE comment ADD CONSTRAINT comment_post_id_fkey FOREIGN KEY (post_id) REFERENCES post(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE comment_actions ADD CONSTRAINT comment_actions_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES comment(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE comment_actions ADD CONSTRAINT comment_actions_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE comment_report ADD CONSTRAINT comment_report_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES comment(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE comment_report ADD CONSTRAINT comment_report_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE comment_report ADD CONSTRAINT comment_report_resolver_id_fkey FOREIGN KEY (resolver_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE community ADD CONSTRAINT community_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE community_actions ADD CONSTRAINT community_actions_community_id_fkey FOREIGN KEY (community_id) REFERENCES community(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE community_actions ADD CONSTRAINT community_actions_follow_approver_id_fkey FOREIGN KEY (follow_approver_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE community_actions ADD CONSTRAINT community_actions_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE community_language ADD CONSTRAINT community_language_community_id_fkey FOREIGN KEY (community_id) REFERENCES community(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE community_language ADD CONSTRAINT community_language_language_id_fkey FOREIGN KEY (language_id) REFERENCES language(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE federation_allowlist ADD CONSTRAINT federation_allowlist_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE federation_blocklist ADD CONSTRAINT federation_blocklist_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE instance_actions ADD CONSTRAINT instance_actions_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE instance_actions ADD CONSTRAINT instance_actions_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE local_site ADD CONSTRAINT local_site_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE local_site ADD CONSTRAINT local_site_system_account_fkey FOREIGN KEY (system_account) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE local_site_rate_limit ADD CONSTRAINT local_site_rate_limit_local_site_id_fkey FOREIGN KEY (local_site_id) REFERENCES local_site(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE local_user ADD CONSTRAINT local_user_invited_by_local_user_id_fkey FOREIGN KEY (invited_by_local_user_id) REFERENCES local_user(id) ON DELETE SET NULL;
ALTER TABLE local_user ADD CONSTRAINT local_user_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE local_user_language ADD CONSTRAINT local_user_language_language_id_fkey FOREIGN KEY (language_id) REFERENCES language(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE local_user_language ADD CONSTRAINT local_user_language_local_user_id_fkey FOREIGN KEY (local_user_id) REFERENCES local_user(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE modlog ADD CONSTRAINT modlog_bulk_action_parent_id_fkey FOREIGN KEY (bulk_action_parent_id) REFERENCES modlog(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE modlog ADD CONSTRAINT modlog_mod_fkey FOREIGN KEY (mod_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE modlog ADD CONSTRAINT modlog_target_comment_fkey FOREIGN KEY (target_comment_id) REFERENCES comment(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE modlog ADD CONSTRAINT modlog_target_community_fkey FOREIGN KEY (target_community_id) REFERENCES community(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE modlog ADD CONSTRAINT modlog_target_instance_fkey FOREIGN KEY (target_instance_id) REFERENCES instance(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE modlog ADD CONSTRAINT modlog_target_person_fkey FOREIGN KEY (target_person_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE modlog ADD CONSTRAINT modlog_target_post_fkey FOREIGN KEY (target_post_id) REFERENCES post(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE notification ADD CONSTRAINT notification_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES comment(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE notification ADD CONSTRAINT notification_community_id_fkey FOREIGN KEY (community_id) REFERENCES community(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE notification ADD CONSTRAINT notification_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE notification ADD CONSTRAINT notification_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE notification ADD CONSTRAINT notification_modlog_id_fkey FOREIGN KEY (modlog_id) REFERENCES modlog(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE notification ADD CONSTRAINT notification_post_id_fkey FOREIGN KEY (post_id) REFERENCES post(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE notification ADD CONSTRAINT notification_private_message_id_fkey FOREIGN KEY (private_message_id) REFERENCES private_message(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE notification ADD CONSTRAINT notification_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE person ADD CONSTRAINT person_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE person_actions ADD CONSTRAINT person_actions_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE person_actions ADD CONSTRAINT person_actions_target_id_fkey FOREIGN KEY (target_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE post ADD CONSTRAINT post_community_id_fkey FOREIGN KEY (community_id) REFERENCES community(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE post ADD CONSTRAINT post_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE post ADD CONSTRAINT post_language_id_fkey FOREIGN KEY (language_id) REFERENCES language(id);
ALTER TABLE post_actions ADD CONSTRAINT post_actions_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE post_actions ADD CONSTRAINT post_actions_post_id_fkey FOREIGN KEY (post_id) REFERENCES post(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE post_report ADD CONSTRAINT post_report_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE post_report ADD CONSTRAINT post_report_post_id_fkey FOREIGN KEY (post_id) REFERENCES post(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE post_report ADD CONSTRAINT post_report_resolver_id_fkey FOREIGN KEY (resolver_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE private_message ADD CONSTRAINT private_message_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE private_message ADD CONSTRAINT private_message_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE registration_application ADD CONSTRAINT registration_application_admin_id_fkey FOREIGN KEY (admin_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE registration_application ADD CONSTRAINT registration_application_local_user_id_fkey FOREIGN KEY (local_user_id) REFERENCES local_user(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE report_combined ADD CONSTRAINT report_combined_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES comment(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE report_combined ADD CONSTRAINT report_combined_comment_report_id_fkey FOREIGN KEY (comment_report_id) REFERENCES comment_report(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE report_combined ADD CONSTRAINT report_combined_community_id_fkey FOREIGN KEY (community_id) REFERENCES community(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE report_combined ADD CONSTRAINT report_combined_item_creator_id_fkey FOREIGN KEY (item_creator_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE report_combined ADD CONSTRAINT report_combined_post_id_fkey FOREIGN KEY (post_id) REFERENCES post(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE report_combined ADD CONSTRAINT report_combined_post_report_id_fkey FOREIGN KEY (post_report_id) REFERENCES post_report(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE report_combined ADD CONSTRAINT report_combined_private_message_id_fkey FOREIGN KEY (private_message_id) REFERENCES private_message(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE report_combined ADD CONSTRAINT report_combined_report_creator_id_fkey FOREIGN KEY (report_creator_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE report_combined ADD CONSTRAINT report_combined_resolver_id_fkey FOREIGN KEY (resolver_id) REFERENCES person(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE site ADD CONSTRAINT site_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE site_language ADD CONSTRAINT site_language_language_id_fkey FOREIGN KEY (language_id) REFERENCES language(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE site_language ADD CONSTRAINT site_language_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id) ON UPDATE CASCADE ON DELETE CASCADE;

CREATE FUNCTION set_updated() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.updated_at = now(); RETURN NEW;
END $$;
CREATE TRIGGER post_updated BEFORE UPDATE ON post FOR EACH ROW EXECUTE FUNCTION set_updated();
CREATE TRIGGER comment_updated BEFORE UPDATE ON comment FOR EACH ROW EXECUTE FUNCTION set_updated();
CREATE MATERIALIZED VIEW active_people AS
    SELECT creator_id, count(*) AS posts FROM post GROUP BY creator_id;
