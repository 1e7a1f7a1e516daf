CREATE TABLE IF NOT EXISTS tbl_notes_0a1b2c (
  id UUID PRIMARY KEY,
  data JSONB NOT NULL,
  _version INT NOT NULL DEFAULT 1,
  _txid BIGINT NOT NULL DEFAULT txid_current(),
  _owner TEXT NOT NULL,
  _deleted_txid BIGINT,
  _order BIGSERIAL,
  CONSTRAINT "notes_theTitle_required" CHECK (data ? 'theTitle'),
  CONSTRAINT notes_stars_required CHECK (data ? 'stars'),
  CONSTRAINT notes_done_required CHECK (data ? 'done'),
  CONSTRAINT notes_written_required CHECK (data ? 'written')
);

CREATE INDEX IF NOT EXISTS idx_notes_txid ON tbl_notes_0a1b2c (_txid);

CREATE INDEX IF NOT EXISTS idx_notes_owner ON tbl_notes_0a1b2c (_owner);

CREATE INDEX IF NOT EXISTS idx_notes_order ON tbl_notes_0a1b2c (_order) WHERE _deleted_txid IS NULL;

CREATE INDEX IF NOT EXISTS idx_notes_lower_thetitle ON tbl_notes_0a1b2c (lower((data->>'theTitle')), ((data->>'stars')::bigint + 1) desc);

CREATE INDEX IF NOT EXISTS idx_notes_open ON tbl_notes_0a1b2c (((data->>'stars')::bigint) DESC, ((data->>'theTitle'))) WHERE not (data->>'done')::boolean and (data->>'stars')::bigint > 2;

CREATE INDEX IF NOT EXISTS idx_notes_place ON tbl_notes_0a1b2c USING gin (((data->'place')));

CREATE INDEX IF NOT EXISTS idx_notes_raw ON tbl_notes_0a1b2c ((data->>'theTitle'));

CREATE INDEX IF NOT EXISTS idx_notes_tags ON tbl_notes_0a1b2c USING gin (((data->'tags')));

CREATE UNIQUE INDEX IF NOT EXISTS notes_title_key ON tbl_notes_0a1b2c (lower((data->>'theTitle'))) WHERE ((data->>'done')::boolean) AND _deleted_txid IS NULL;

CREATE TABLE IF NOT EXISTS organisations (
  region TEXT NOT NULL,
  number INTEGER NOT NULL,
  domain TEXT NOT NULL,
  suffix TEXT NOT NULL,
  opened TEXT NOT NULL DEFAULT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  CONSTRAINT organisations_pkey PRIMARY KEY (region, number)
);

CREATE UNIQUE INDEX IF NOT EXISTS organisations_domain_suffix_key ON organisations (domain, suffix);

CREATE TABLE IF NOT EXISTS members (
  id BIGINT PRIMARY KEY,
  region TEXT NOT NULL,
  organisation INTEGER NOT NULL,
  domain TEXT,
  suffix TEXT,
  email TEXT NOT NULL,
  "userName" TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'open',
  rank INTEGER NOT NULL,
  tags TEXT[] NOT NULL,
  extra JSONB NOT NULL,
  joined TEXT NOT NULL DEFAULT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  changed BIGINT NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint,
  _deleted_txid BIGINT,
  CONSTRAINT members_status_enum CHECK (status IN ('open', 'closed')),
  CONSTRAINT members_domain_suffix_fkey FOREIGN KEY (suffix, domain) REFERENCES organisations (suffix, domain) ON DELETE SET NULL,
  CONSTRAINT members_region_organisation_fkey FOREIGN KEY (region, organisation) REFERENCES organisations (region, number) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_members_changed ON members (rank, changed DESC);

CREATE INDEX IF NOT EXISTS idx_members_extra ON members USING gin (extra);

CREATE INDEX IF NOT EXISTS idx_members_lower_username_rank ON members (lower("userName"), rank desc);

CREATE INDEX IF NOT EXISTS idx_members_name ON members ((email || ':' || rank), "userName" collate "C" desc);

CREATE INDEX IF NOT EXISTS idx_members_open ON members (rank) WHERE status = 'open' and email not in ('', 'x');

CREATE INDEX IF NOT EXISTS idx_members_tags ON members USING gin (tags) WHERE cardinality(tags) > 0;

CREATE UNIQUE INDEX IF NOT EXISTS members_lower_email_key ON members (lower(email)) WHERE _deleted_txid IS NULL;

CREATE UNIQUE INDEX IF NOT EXISTS members_open_key ON members (email) WHERE (status = 'open' or rank > 3) AND _deleted_txid IS NULL;
