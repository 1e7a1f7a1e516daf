CREATE TABLE IF NOT EXISTS tbl_users_abc123 (
  id TEXT PRIMARY KEY,
  data JSONB NOT NULL,
  _version INT NOT NULL DEFAULT 1,
  _txid BIGINT NOT NULL DEFAULT txid_current(),
  _owner TEXT NOT NULL,
  _deleted_txid BIGINT,
  _order BIGSERIAL,
  CONSTRAINT users_name_required CHECK (data ? 'name'),
  CONSTRAINT users_email_required CHECK (data ? 'email'),
  CONSTRAINT users_age_required CHECK (data ? 'age'),
  CONSTRAINT users_status_required CHECK (data ? 'status'),
  CONSTRAINT users_status_enum CHECK (data->>'status' IN ('active', 'away'))
);

CREATE INDEX IF NOT EXISTS idx_users_txid ON tbl_users_abc123 (_txid);

CREATE INDEX IF NOT EXISTS idx_users_owner ON tbl_users_abc123 (_owner);

CREATE INDEX IF NOT EXISTS idx_users_order ON tbl_users_abc123 (_order) WHERE _deleted_txid IS NULL;

CREATE INDEX IF NOT EXISTS idx_users_age_born ON tbl_users_abc123 (((data->>'age')::double precision), ((data->>'born')));

CREATE UNIQUE INDEX IF NOT EXISTS users_email_key ON tbl_users_abc123 (((data->>'email'))) WHERE _deleted_txid IS NULL;
