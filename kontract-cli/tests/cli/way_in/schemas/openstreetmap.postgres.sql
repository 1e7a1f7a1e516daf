-- OpenStreetMap website (Rails, structure.sql), August 2026: an excerpt.
-- Facts of its catalogue: names and types. The function, the trigger and the view are made up.

CREATE EXTENSION btree_gist;
CREATE TYPE format_enum AS ENUM ('html', 'markdown', 'text');
CREATE TYPE gpx_visibility_enum AS ENUM ('private', 'public', 'trackable', 'identifiable');
CREATE TYPE issue_status_enum AS ENUM ('open', 'ignored', 'resolved');
CREATE TYPE note_event_enum AS ENUM ('opened', 'closed', 'reopened', 'commented', 'hidden');
CREATE TYPE note_status_enum AS ENUM ('open', 'closed', 'hidden');
CREATE TYPE nwr_enum AS ENUM ('Node', 'Way', 'Relation');
CREATE TYPE user_role_enum AS ENUM ('administrator', 'moderator', 'importer');
CREATE TYPE user_status_enum AS ENUM ('pending', 'active', 'confirmed', 'suspended', 'deleted');

CREATE TABLE acls (
    id bigserial,
    address inet,
    k varchar NOT NULL,
    v varchar,
    domain varchar,
    mx varchar,
    CONSTRAINT acls_pkey PRIMARY KEY (id)
);
CREATE INDEX acls_k_idx ON acls (k);
CREATE INDEX index_acls_on_address ON acls USING gist (address inet_ops);
CREATE INDEX index_acls_on_domain ON acls (domain);
CREATE INDEX index_acls_on_mx ON acls (mx);
CREATE TABLE ar_internal_metadata (
    key varchar NOT NULL,
    "value" varchar,
    created_at timestamp(6) NOT NULL,
    updated_at timestamp(6) NOT NULL,
    CONSTRAINT ar_internal_metadata_pkey PRIMARY KEY (key)
);
CREATE TABLE changeset_comments (
    id serial,
    changeset_id bigint NOT NULL,
    author_id bigint NOT NULL,
    body text NOT NULL,
    created_at timestamp NOT NULL,
    visible boolean NOT NULL,
    CONSTRAINT changeset_comments_pkey PRIMARY KEY (id)
);
CREATE INDEX index_changeset_comments_on_author_id_and_created_at ON changeset_comments (author_id, created_at);
CREATE INDEX index_changeset_comments_on_author_id_and_id ON changeset_comments (author_id, id);
CREATE INDEX index_changeset_comments_on_changeset_id_and_created_at ON changeset_comments (changeset_id, created_at);
CREATE INDEX index_changeset_comments_on_created_at ON changeset_comments (created_at);
CREATE TABLE changeset_tags (
    changeset_id bigint NOT NULL,
    k varchar NOT NULL DEFAULT ''::character varying,
    v varchar NOT NULL DEFAULT ''::character varying,
    CONSTRAINT changeset_tags_pkey PRIMARY KEY (changeset_id, k)
);
CREATE TABLE changesets (
    id bigserial,
    user_id bigint NOT NULL,
    created_at timestamp NOT NULL,
    min_lat integer,
    max_lat integer,
    min_lon integer,
    max_lon integer,
    closed_at timestamp NOT NULL,
    num_changes integer NOT NULL DEFAULT 0,
    num_created_nodes integer NOT NULL DEFAULT 0,
    num_modified_nodes integer NOT NULL DEFAULT 0,
    num_deleted_nodes integer NOT NULL DEFAULT 0,
    num_created_ways integer NOT NULL DEFAULT 0,
    num_modified_ways integer NOT NULL DEFAULT 0,
    num_deleted_ways integer NOT NULL DEFAULT 0,
    num_created_relations integer NOT NULL DEFAULT 0,
    num_modified_relations integer NOT NULL DEFAULT 0,
    num_deleted_relations integer NOT NULL DEFAULT 0,
    CONSTRAINT changesets_pkey PRIMARY KEY (id)
);
CREATE INDEX changesets_bbox_idx ON changesets USING gist (min_lat, max_lat, min_lon, max_lon);
CREATE INDEX changesets_closed_at_idx ON changesets (closed_at);
CREATE INDEX changesets_created_at_idx ON changesets (created_at);
CREATE INDEX changesets_user_id_created_at_idx ON changesets (user_id, created_at);
CREATE INDEX changesets_user_id_id_idx ON changesets (user_id, id);
CREATE INDEX index_changesets_on_user_id_and_closed_at ON changesets (user_id, closed_at);
CREATE TABLE changesets_subscribers (
    subscriber_id bigint NOT NULL,
    changeset_id bigint NOT NULL
);
CREATE INDEX index_changesets_subscribers_on_changeset_id ON changesets_subscribers (changeset_id);
CREATE UNIQUE INDEX index_changesets_subscribers_on_subscriber_id_and_changeset_id ON changesets_subscribers (subscriber_id, changeset_id);
CREATE TABLE current_node_tags (
    node_id bigint NOT NULL,
    k varchar NOT NULL DEFAULT ''::character varying,
    v varchar NOT NULL DEFAULT ''::character varying,
    CONSTRAINT current_node_tags_pkey PRIMARY KEY (node_id, k)
);
CREATE TABLE current_nodes (
    id bigserial,
    latitude integer NOT NULL,
    longitude integer NOT NULL,
    changeset_id bigint NOT NULL,
    visible boolean NOT NULL,
    timestamp timestamp NOT NULL,
    tile bigint NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT current_nodes_pkey1 PRIMARY KEY (id)
);
CREATE INDEX current_nodes_tile_idx ON current_nodes (tile);
CREATE INDEX current_nodes_timestamp_idx ON current_nodes ("timestamp");
CREATE TABLE current_ways (
    id bigserial,
    changeset_id bigint NOT NULL,
    timestamp timestamp NOT NULL,
    visible boolean NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT current_ways_pkey PRIMARY KEY (id)
);
CREATE INDEX current_ways_timestamp_idx ON current_ways ("timestamp");
CREATE TABLE diary_comments (
    id bigserial,
    diary_entry_id bigint NOT NULL,
    user_id bigint NOT NULL,
    body text NOT NULL,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    visible boolean NOT NULL DEFAULT true,
    body_format format_enum NOT NULL DEFAULT 'markdown'::format_enum,
    CONSTRAINT diary_comments_pkey PRIMARY KEY (id)
);
CREATE INDEX diary_comment_user_id_created_at_index ON diary_comments (user_id, created_at);
CREATE UNIQUE INDEX diary_comments_entry_id_idx ON diary_comments (diary_entry_id, id);
CREATE INDEX index_diary_comments_on_user_id_and_id ON diary_comments (user_id, id);
CREATE TABLE diary_entries (
    id bigserial,
    user_id bigint NOT NULL,
    title varchar NOT NULL,
    body text NOT NULL,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    latitude double precision,
    longitude double precision,
    language_code varchar NOT NULL DEFAULT 'en'::character varying,
    visible boolean NOT NULL DEFAULT true,
    body_format format_enum NOT NULL DEFAULT 'markdown'::format_enum,
    CONSTRAINT diary_entries_pkey PRIMARY KEY (id)
);
CREATE INDEX diary_entry_created_at_index ON diary_entries (created_at);
CREATE INDEX diary_entry_language_code_created_at_index ON diary_entries (language_code, created_at);
CREATE INDEX diary_entry_user_id_created_at_index ON diary_entries (user_id, created_at);
CREATE TABLE friends (
    id bigserial,
    user_id bigint NOT NULL,
    friend_user_id bigint NOT NULL,
    created_at timestamp,
    CONSTRAINT friends_pkey PRIMARY KEY (id)
);
CREATE INDEX index_friends_on_user_id_and_created_at ON friends (user_id, created_at);
CREATE INDEX user_id_idx ON friends (friend_user_id);
CREATE TABLE gpx_files (
    id bigserial,
    user_id bigint NOT NULL,
    visible boolean NOT NULL DEFAULT true,
    name varchar NOT NULL DEFAULT ''::character varying,
    size bigint,
    latitude double precision,
    longitude double precision,
    timestamp timestamp NOT NULL,
    description varchar NOT NULL DEFAULT ''::character varying,
    inserted boolean NOT NULL,
    visibility gpx_visibility_enum NOT NULL DEFAULT 'trackable'::gpx_visibility_enum,
    CONSTRAINT gpx_files_pkey PRIMARY KEY (id)
);
CREATE INDEX gpx_files_timestamp_idx ON gpx_files ("timestamp");
CREATE INDEX gpx_files_visible_visibility_idx ON gpx_files (visible, visibility);
CREATE INDEX index_gpx_files_on_user_id_and_id ON gpx_files (user_id, id);
CREATE TABLE issue_comments (
    id serial,
    issue_id integer NOT NULL,
    user_id integer NOT NULL,
    body text NOT NULL,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT issue_comments_pkey PRIMARY KEY (id)
);
CREATE INDEX index_issue_comments_on_issue_id ON issue_comments (issue_id);
CREATE INDEX index_issue_comments_on_user_id ON issue_comments (user_id);
CREATE TABLE issues (
    id serial,
    reportable_type varchar NOT NULL,
    reportable_id integer NOT NULL,
    reported_user_id integer,
    status issue_status_enum NOT NULL DEFAULT 'open'::issue_status_enum,
    assigned_role user_role_enum NOT NULL,
    resolved_at timestamp,
    resolved_by integer,
    updated_by integer,
    reports_count integer DEFAULT 0,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT issues_pkey PRIMARY KEY (id)
);
CREATE INDEX index_issues_on_assigned_role ON issues (assigned_role);
CREATE INDEX index_issues_on_reportable_type_and_reportable_id ON issues (reportable_type, reportable_id);
CREATE INDEX index_issues_on_reported_user_id ON issues (reported_user_id);
CREATE INDEX index_issues_on_status ON issues (status);
CREATE INDEX index_issues_on_updated_by ON issues (updated_by);
CREATE TABLE messages (
    id bigserial,
    from_user_id bigint NOT NULL,
    title varchar NOT NULL,
    body text NOT NULL,
    sent_on timestamp NOT NULL,
    message_read boolean NOT NULL DEFAULT false,
    to_user_id bigint NOT NULL,
    to_user_visible boolean NOT NULL DEFAULT true,
    from_user_visible boolean NOT NULL DEFAULT true,
    body_format format_enum NOT NULL DEFAULT 'markdown'::format_enum,
    muted boolean NOT NULL DEFAULT false,
    CONSTRAINT messages_pkey PRIMARY KEY (id)
);
CREATE INDEX messages_from_user_id_idx ON messages (from_user_id);
CREATE INDEX messages_to_user_id_idx ON messages (to_user_id);
CREATE TABLE node_tags (
    node_id bigint NOT NULL,
    version bigint NOT NULL,
    k varchar NOT NULL DEFAULT ''::character varying,
    v varchar NOT NULL DEFAULT ''::character varying,
    CONSTRAINT node_tags_pkey PRIMARY KEY (node_id, version, k)
);
CREATE TABLE nodes (
    node_id bigint NOT NULL,
    latitude integer NOT NULL,
    longitude integer NOT NULL,
    changeset_id bigint NOT NULL,
    visible boolean NOT NULL,
    timestamp timestamp NOT NULL,
    tile bigint NOT NULL,
    version bigint NOT NULL,
    redaction_id integer,
    CONSTRAINT nodes_pkey PRIMARY KEY (node_id, version)
);
CREATE INDEX nodes_changeset_id_idx ON nodes (changeset_id);
CREATE INDEX nodes_tile_idx ON nodes (tile);
CREATE INDEX nodes_timestamp_idx ON nodes ("timestamp");
CREATE TABLE note_comments (
    id bigserial,
    note_id bigint NOT NULL,
    visible boolean NOT NULL,
    created_at timestamp NOT NULL,
    author_ip inet,
    author_id bigint,
    body text,
    event note_event_enum,
    CONSTRAINT note_comments_pkey PRIMARY KEY (id)
);
CREATE INDEX index_note_comments_on_author_id_and_created_at ON note_comments (author_id, created_at);
CREATE INDEX index_note_comments_on_body ON note_comments USING gin (to_tsvector('english'::regconfig, body));
CREATE INDEX index_note_comments_on_created_at ON note_comments (created_at);
CREATE INDEX note_comments_note_id_idx ON note_comments (note_id);
CREATE TABLE notes (
    id bigserial,
    latitude integer NOT NULL,
    longitude integer NOT NULL,
    tile bigint NOT NULL,
    updated_at timestamp NOT NULL,
    created_at timestamp NOT NULL,
    status note_status_enum NOT NULL,
    closed_at timestamp,
    description text NOT NULL DEFAULT ''::text,
    user_id bigint,
    user_ip inet,
    CONSTRAINT notes_pkey PRIMARY KEY (id)
);
CREATE INDEX index_notes_on_description ON notes USING gin (to_tsvector('english'::regconfig, description));
CREATE INDEX index_notes_on_user_id_and_created_at ON notes (user_id, created_at) WHERE (user_id IS NOT NULL);
CREATE INDEX notes_created_at_idx ON notes (created_at);
CREATE INDEX notes_tile_status_idx ON notes (tile, status);
CREATE INDEX notes_updated_at_idx ON notes (updated_at);
CREATE TABLE oauth_access_grants (
    id bigserial,
    resource_owner_id bigint NOT NULL,
    application_id bigint NOT NULL,
    token varchar NOT NULL,
    expires_in integer NOT NULL,
    redirect_uri text NOT NULL,
    created_at timestamp NOT NULL,
    revoked_at timestamp,
    scopes varchar NOT NULL DEFAULT ''::character varying,
    code_challenge varchar,
    code_challenge_method varchar,
    CONSTRAINT oauth_access_grants_pkey PRIMARY KEY (id)
);
CREATE INDEX index_oauth_access_grants_on_application_id ON oauth_access_grants (application_id);
CREATE INDEX index_oauth_access_grants_on_resource_owner_id ON oauth_access_grants (resource_owner_id);
CREATE UNIQUE INDEX index_oauth_access_grants_on_token ON oauth_access_grants (token);
CREATE TABLE oauth_access_tokens (
    id bigserial,
    resource_owner_id bigint,
    application_id bigint NOT NULL,
    token varchar NOT NULL,
    refresh_token varchar,
    expires_in integer,
    revoked_at timestamp,
    created_at timestamp NOT NULL,
    scopes varchar,
    previous_refresh_token varchar NOT NULL DEFAULT ''::character varying,
    CONSTRAINT oauth_access_tokens_pkey PRIMARY KEY (id)
);
CREATE INDEX index_oauth_access_tokens_on_application_id ON oauth_access_tokens (application_id);
CREATE UNIQUE INDEX index_oauth_access_tokens_on_refresh_token ON oauth_access_tokens (refresh_token);
CREATE INDEX index_oauth_access_tokens_on_resource_owner_id ON oauth_access_tokens (resource_owner_id);
CREATE UNIQUE INDEX index_oauth_access_tokens_on_token ON oauth_access_tokens (token);
CREATE TABLE oauth_applications (
    id bigserial,
    owner_type varchar NOT NULL,
    owner_id bigint NOT NULL,
    name varchar NOT NULL,
    uid varchar NOT NULL,
    secret varchar NOT NULL,
    redirect_uri text NOT NULL,
    scopes varchar NOT NULL DEFAULT ''::character varying,
    confidential boolean NOT NULL DEFAULT true,
    created_at timestamp(6) NOT NULL,
    updated_at timestamp(6) NOT NULL,
    CONSTRAINT oauth_applications_pkey PRIMARY KEY (id)
);
CREATE INDEX index_oauth_applications_on_owner_type_and_owner_id ON oauth_applications (owner_type, owner_id);
CREATE UNIQUE INDEX index_oauth_applications_on_uid ON oauth_applications (uid);
CREATE TABLE relation_members (
    relation_id bigint NOT NULL,
    member_type nwr_enum NOT NULL,
    member_id bigint NOT NULL,
    member_role varchar NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    sequence_id integer NOT NULL DEFAULT 0,
    CONSTRAINT relation_members_pkey PRIMARY KEY (relation_id, version, sequence_id)
);
CREATE INDEX relation_members_member_idx ON relation_members (member_type, member_id);
CREATE TABLE relations (
    relation_id bigint NOT NULL,
    changeset_id bigint NOT NULL,
    timestamp timestamp NOT NULL,
    version bigint NOT NULL,
    visible boolean NOT NULL DEFAULT true,
    redaction_id integer,
    CONSTRAINT relations_pkey PRIMARY KEY (relation_id, version)
);
CREATE INDEX relations_changeset_id_idx ON relations (changeset_id);
CREATE INDEX relations_timestamp_idx ON relations ("timestamp");
CREATE TABLE schema_migrations (
    version varchar NOT NULL,
    CONSTRAINT schema_migrations_pkey PRIMARY KEY (version)
);
CREATE TABLE user_blocks (
    id serial,
    user_id bigint NOT NULL,
    creator_id bigint NOT NULL,
    reason text NOT NULL,
    ends_at timestamp NOT NULL,
    needs_view boolean NOT NULL DEFAULT false,
    revoker_id bigint,
    created_at timestamp,
    updated_at timestamp,
    reason_format format_enum NOT NULL DEFAULT 'markdown'::format_enum,
    deactivates_at timestamp,
    CONSTRAINT user_blocks_pkey PRIMARY KEY (id)
);
CREATE INDEX index_user_blocks_on_creator_id_and_id ON user_blocks (creator_id, id);
CREATE INDEX index_user_blocks_on_user_id ON user_blocks (user_id);
CREATE TABLE user_preferences (
    user_id bigint NOT NULL,
    k varchar NOT NULL,
    v varchar NOT NULL,
    CONSTRAINT user_preferences_pkey PRIMARY KEY (user_id, k)
);
CREATE TABLE user_roles (
    id serial,
    user_id bigint NOT NULL,
    role user_role_enum NOT NULL,
    created_at timestamp,
    updated_at timestamp,
    granter_id bigint NOT NULL,
    CONSTRAINT user_roles_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX user_roles_id_role_unique ON user_roles (user_id, role);
CREATE TABLE users (
    email varchar NOT NULL,
    id bigserial,
    pass_crypt varchar NOT NULL,
    creation_time timestamp NOT NULL,
    display_name varchar NOT NULL DEFAULT ''::character varying,
    data_public boolean NOT NULL DEFAULT false,
    description text NOT NULL DEFAULT ''::text,
    home_lat double precision,
    home_lon double precision,
    home_zoom smallint DEFAULT 3,
    pass_salt varchar,
    email_valid boolean NOT NULL DEFAULT false,
    new_email varchar,
    languages varchar,
    status user_status_enum NOT NULL DEFAULT 'pending'::user_status_enum,
    terms_agreed timestamp,
    consider_pd boolean NOT NULL DEFAULT false,
    auth_uid varchar,
    preferred_editor varchar,
    terms_seen boolean NOT NULL DEFAULT false,
    description_format format_enum NOT NULL DEFAULT 'markdown'::format_enum,
    changesets_count integer NOT NULL DEFAULT 0,
    traces_count integer NOT NULL DEFAULT 0,
    diary_entries_count integer NOT NULL DEFAULT 0,
    image_use_gravatar boolean NOT NULL DEFAULT false,
    auth_provider varchar,
    home_tile bigint,
    tou_agreed timestamp,
    diary_comments_count integer DEFAULT 0,
    note_comments_count integer DEFAULT 0,
    creation_address inet,
    home_location_name varchar,
    company varchar,
    public_heatmap boolean NOT NULL DEFAULT true,
    CONSTRAINT users_pkey PRIMARY KEY (id)
);
CREATE INDEX index_users_on_creation_address ON users USING gist (creation_address inet_ops);
CREATE UNIQUE INDEX users_auth_idx ON users (auth_provider, auth_uid);
CREATE INDEX users_display_name_canonical_idx ON users (lower(NORMALIZE(display_name, NFKC)));
CREATE UNIQUE INDEX users_display_name_idx ON users (display_name);
CREATE UNIQUE INDEX users_email_idx ON users (email);
CREATE INDEX users_email_lower_idx ON users (lower((email)::text));
CREATE INDEX users_home_idx ON users (home_tile);
CREATE TABLE way_nodes (
    way_id bigint NOT NULL,
    node_id bigint NOT NULL,
    version bigint NOT NULL,
    sequence_id bigint NOT NULL,
    CONSTRAINT way_nodes_pkey PRIMARY KEY (way_id, version, sequence_id)
);
CREATE INDEX way_nodes_node_idx ON way_nodes (node_id);
CREATE TABLE ways (
    way_id bigint NOT NULL,
    changeset_id bigint NOT NULL,
    timestamp timestamp NOT NULL,
    version bigint NOT NULL,
    visible boolean NOT NULL DEFAULT true,
    redaction_id integer,
    CONSTRAINT ways_pkey PRIMARY KEY (way_id, version)
);
CREATE INDEX ways_changeset_id_idx ON ways (changeset_id);
CREATE INDEX ways_timestamp_idx ON ways ("timestamp");

ALTER TABLE changeset_comments ADD CONSTRAINT changeset_comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users(id);
ALTER TABLE changeset_comments ADD CONSTRAINT changeset_comments_changeset_id_fkey FOREIGN KEY (changeset_id) REFERENCES changesets(id);
ALTER TABLE changeset_tags ADD CONSTRAINT changeset_tags_id_fkey FOREIGN KEY (changeset_id) REFERENCES changesets(id);
ALTER TABLE changesets ADD CONSTRAINT changesets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE changesets_subscribers ADD CONSTRAINT changesets_subscribers_changeset_id_fkey FOREIGN KEY (changeset_id) REFERENCES changesets(id);
ALTER TABLE changesets_subscribers ADD CONSTRAINT changesets_subscribers_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES users(id);
ALTER TABLE current_node_tags ADD CONSTRAINT current_node_tags_id_fkey FOREIGN KEY (node_id) REFERENCES current_nodes(id);
ALTER TABLE current_nodes ADD CONSTRAINT current_nodes_changeset_id_fkey FOREIGN KEY (changeset_id) REFERENCES changesets(id);
ALTER TABLE current_ways ADD CONSTRAINT current_ways_changeset_id_fkey FOREIGN KEY (changeset_id) REFERENCES changesets(id);
ALTER TABLE diary_comments ADD CONSTRAINT diary_comments_diary_entry_id_fkey FOREIGN KEY (diary_entry_id) REFERENCES diary_entries(id);
ALTER TABLE diary_comments ADD CONSTRAINT diary_comments_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE diary_entries ADD CONSTRAINT diary_entries_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE friends ADD CONSTRAINT friends_friend_user_id_fkey FOREIGN KEY (friend_user_id) REFERENCES users(id);
ALTER TABLE friends ADD CONSTRAINT friends_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE gpx_files ADD CONSTRAINT gpx_files_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE issue_comments ADD CONSTRAINT issue_comments_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES issues(id);
ALTER TABLE issue_comments ADD CONSTRAINT issue_comments_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE issues ADD CONSTRAINT issues_reported_user_id_fkey FOREIGN KEY (reported_user_id) REFERENCES users(id);
ALTER TABLE issues ADD CONSTRAINT issues_resolved_by_fkey FOREIGN KEY (resolved_by) REFERENCES users(id);
ALTER TABLE issues ADD CONSTRAINT issues_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES users(id);
ALTER TABLE messages ADD CONSTRAINT messages_from_user_id_fkey FOREIGN KEY (from_user_id) REFERENCES users(id);
ALTER TABLE messages ADD CONSTRAINT messages_to_user_id_fkey FOREIGN KEY (to_user_id) REFERENCES users(id);
ALTER TABLE node_tags ADD CONSTRAINT node_tags_id_fkey FOREIGN KEY (node_id, version) REFERENCES nodes(node_id, version);
ALTER TABLE nodes ADD CONSTRAINT nodes_changeset_id_fkey FOREIGN KEY (changeset_id) REFERENCES changesets(id);
ALTER TABLE note_comments ADD CONSTRAINT note_comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users(id);
ALTER TABLE note_comments ADD CONSTRAINT note_comments_note_id_fkey FOREIGN KEY (note_id) REFERENCES notes(id);
ALTER TABLE notes ADD CONSTRAINT notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE oauth_access_grants ADD CONSTRAINT fk_rails_330c32d8d9 FOREIGN KEY (resource_owner_id) REFERENCES users(id) NOT VALID;
ALTER TABLE oauth_access_grants ADD CONSTRAINT fk_rails_b4b53e07b8 FOREIGN KEY (application_id) REFERENCES oauth_applications(id) NOT VALID;
ALTER TABLE oauth_access_tokens ADD CONSTRAINT fk_rails_732cb83ab7 FOREIGN KEY (application_id) REFERENCES oauth_applications(id) NOT VALID;
ALTER TABLE oauth_access_tokens ADD CONSTRAINT fk_rails_ee63f25419 FOREIGN KEY (resource_owner_id) REFERENCES users(id) NOT VALID;
ALTER TABLE oauth_applications ADD CONSTRAINT fk_rails_cc886e315a FOREIGN KEY (owner_id) REFERENCES users(id) NOT VALID;
ALTER TABLE relation_members ADD CONSTRAINT relation_members_id_fkey FOREIGN KEY (relation_id, version) REFERENCES relations(relation_id, version);
ALTER TABLE relations ADD CONSTRAINT relations_changeset_id_fkey FOREIGN KEY (changeset_id) REFERENCES changesets(id);
ALTER TABLE user_blocks ADD CONSTRAINT user_blocks_moderator_id_fkey FOREIGN KEY (creator_id) REFERENCES users(id);
ALTER TABLE user_blocks ADD CONSTRAINT user_blocks_revoker_id_fkey FOREIGN KEY (revoker_id) REFERENCES users(id);
ALTER TABLE user_blocks ADD CONSTRAINT user_blocks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE user_preferences ADD CONSTRAINT user_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE user_roles ADD CONSTRAINT user_roles_granter_id_fkey FOREIGN KEY (granter_id) REFERENCES users(id);
ALTER TABLE user_roles ADD CONSTRAINT user_roles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE way_nodes ADD CONSTRAINT way_nodes_id_fkey FOREIGN KEY (way_id, version) REFERENCES ways(way_id, version);
ALTER TABLE ways ADD CONSTRAINT ways_changeset_id_fkey FOREIGN KEY (changeset_id) REFERENCES changesets(id);

CREATE FUNCTION count_comments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE changesets SET num_changes = num_changes WHERE id = NEW.changeset_id; RETURN NEW;
END $$;
CREATE TRIGGER changeset_comments_count AFTER INSERT ON changeset_comments
    FOR EACH ROW EXECUTE FUNCTION count_comments();
CREATE VIEW open_notes AS SELECT id, latitude, longitude FROM notes WHERE closed_at IS NULL;
