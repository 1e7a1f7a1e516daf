CREATE TABLE IF NOT EXISTS tbl_notes_0a1b2c (
  id TEXT NOT NULL PRIMARY KEY,
  data TEXT NOT NULL,
  _version INTEGER NOT NULL DEFAULT 1,
  _txid INTEGER NOT NULL,
  _owner TEXT NOT NULL,
  _deleted_txid INTEGER,
  _order INTEGER NOT NULL,
  CONSTRAINT notes_data_json CHECK (json_valid(data)),
  CONSTRAINT "notes_theTitle_required" CHECK (json_type(data, '$."theTitle"') IS NOT NULL),
  CONSTRAINT notes_stars_required CHECK (json_type(data, '$."stars"') IS NOT NULL),
  CONSTRAINT notes_done_required CHECK (json_type(data, '$."done"') IS NOT NULL),
  CONSTRAINT notes_written_required CHECK (json_type(data, '$."written"') IS NOT NULL)
) STRICT;

CREATE INDEX IF NOT EXISTS idx_notes_txid ON tbl_notes_0a1b2c (_txid);

CREATE INDEX IF NOT EXISTS idx_notes_owner ON tbl_notes_0a1b2c (_owner);

CREATE INDEX IF NOT EXISTS idx_notes_order ON tbl_notes_0a1b2c (_order) WHERE _deleted_txid IS NULL;

CREATE INDEX IF NOT EXISTS idx_notes_lower_thetitle ON tbl_notes_0a1b2c (lower((data->>'$."theTitle"')), ((data->>'$."stars"') + 1) desc);

CREATE INDEX IF NOT EXISTS idx_notes_open ON tbl_notes_0a1b2c (((data->>'$."stars"')) DESC, ((data->>'$."theTitle"'))) WHERE not (data->>'$."done"') and (data->>'$."stars"') > 2;

CREATE INDEX IF NOT EXISTS idx_notes_raw ON tbl_notes_0a1b2c (json_extract(data, '$.theTitle'));

CREATE UNIQUE INDEX IF NOT EXISTS notes_title_key ON tbl_notes_0a1b2c (lower((data->>'$."theTitle"'))) WHERE ((data->>'$."done"')) AND _deleted_txid IS NULL;

CREATE TABLE IF NOT EXISTS organisations (
  region TEXT NOT NULL,
  number INTEGER NOT NULL,
  domain TEXT NOT NULL,
  suffix TEXT NOT NULL,
  opened TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  CONSTRAINT organisations_pkey PRIMARY KEY (region, number)
) STRICT;

CREATE UNIQUE INDEX IF NOT EXISTS organisations_domain_suffix_key ON organisations (domain, suffix);

CREATE TABLE IF NOT EXISTS members (
  id INTEGER NOT NULL PRIMARY KEY,
  region TEXT NOT NULL,
  organisation INTEGER NOT NULL,
  domain TEXT,
  suffix TEXT,
  email TEXT NOT NULL,
  "userName" TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'open',
  rank INTEGER NOT NULL,
  tags TEXT NOT NULL,
  extra TEXT NOT NULL,
  joined TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  changed INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),
  _deleted_txid INTEGER,
  CONSTRAINT members_status_enum CHECK (status IN ('open', 'closed')),
  CONSTRAINT members_domain_suffix_fkey FOREIGN KEY (suffix, domain) REFERENCES organisations (suffix, domain) ON DELETE SET NULL,
  CONSTRAINT members_region_organisation_fkey FOREIGN KEY (region, organisation) REFERENCES organisations (region, number) ON DELETE CASCADE ON UPDATE CASCADE
) STRICT;

CREATE INDEX IF NOT EXISTS idx_members_changed ON members (rank, changed DESC);

CREATE INDEX IF NOT EXISTS idx_members_lower_username_rank ON members (lower("userName"), rank desc);

CREATE INDEX IF NOT EXISTS idx_members_name ON members ((email || ':' || rank), "userName" collate nocase);

CREATE INDEX IF NOT EXISTS idx_members_open ON members (rank) WHERE status = 'open' and email not in ('', 'x');

CREATE UNIQUE INDEX IF NOT EXISTS members_lower_email_key ON members (lower(email)) WHERE _deleted_txid IS NULL;

CREATE UNIQUE INDEX IF NOT EXISTS members_open_key ON members (email) WHERE (status = 'open' or rank > 3) AND _deleted_txid IS NULL;
