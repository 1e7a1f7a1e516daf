CREATE TABLE IF NOT EXISTS tbl_users_abc123 (
  id TEXT NOT NULL PRIMARY KEY,
  data TEXT NOT NULL,
  _version INTEGER NOT NULL DEFAULT 1,
  _txid INTEGER NOT NULL,
  _owner TEXT NOT NULL,
  _deleted_txid INTEGER,
  _order INTEGER NOT NULL,
  CONSTRAINT users_data_json CHECK (json_valid(data)),
  CONSTRAINT users_name_required CHECK (json_type(data, '$."name"') IS NOT NULL),
  CONSTRAINT users_email_required CHECK (json_type(data, '$."email"') IS NOT NULL),
  CONSTRAINT users_age_required CHECK (json_type(data, '$."age"') IS NOT NULL),
  CONSTRAINT users_status_required CHECK (json_type(data, '$."status"') IS NOT NULL),
  CONSTRAINT users_status_enum CHECK (data->>'$."status"' IN ('active', 'away'))
) STRICT;

CREATE INDEX IF NOT EXISTS idx_users_txid ON tbl_users_abc123 (_txid);

CREATE INDEX IF NOT EXISTS idx_users_owner ON tbl_users_abc123 (_owner);

CREATE INDEX IF NOT EXISTS idx_users_order ON tbl_users_abc123 (_order) WHERE _deleted_txid IS NULL;

CREATE INDEX IF NOT EXISTS idx_users_age_born ON tbl_users_abc123 (((data->>'$."age"')), ((data->>'$."born"')));

CREATE UNIQUE INDEX IF NOT EXISTS users_email_key ON tbl_users_abc123 (((data->>'$."email"'))) WHERE _deleted_txid IS NULL;
