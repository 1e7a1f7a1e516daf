CREATE TABLE IF NOT EXISTS samples (
  id TEXT NOT NULL PRIMARY KEY,
  a_string TEXT NOT NULL DEFAULT 'it''s',
  a_number REAL NOT NULL DEFAULT 1.5,
  a_boolean INTEGER NOT NULL DEFAULT 1,
  a_bigint INTEGER NOT NULL DEFAULT -9223372036854775808,
  a_date INTEGER NOT NULL,
  a_bytes BLOB NOT NULL,
  an_int8 INTEGER NOT NULL,
  an_int16 INTEGER NOT NULL,
  an_int32 INTEGER NOT NULL,
  a_uint8 INTEGER NOT NULL,
  a_uint16 INTEGER NOT NULL,
  a_uint32 INTEGER NOT NULL DEFAULT 4294967295,
  a_float32 REAL NOT NULL,
  a_decimal TEXT NOT NULL DEFAULT '0.10',
  some_json TEXT NOT NULL DEFAULT '{"a":[1,"two"]}',
  an_instant TEXT NOT NULL,
  a_datetime TEXT NOT NULL,
  a_day TEXT NOT NULL,
  a_time TEXT,
  an_enum TEXT NOT NULL DEFAULT 'it''s out',
  an_object TEXT NOT NULL,
  some_strings TEXT NOT NULL,
  some_enums TEXT,
  some_objects TEXT NOT NULL,
  some_lists TEXT NOT NULL,
  "order" INTEGER NOT NULL,
  "camelCase" TEXT NOT NULL,
  an_address ANY,
  exact TEXT NOT NULL,
  created INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),
  changed TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  local TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000', 'now')),
  on_day TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d', 'now')),
  at_time TEXT NOT NULL DEFAULT (strftime('%H:%M:%f000', 'now')),
  _version INTEGER NOT NULL DEFAULT 1,
  _txid INTEGER NOT NULL,
  _owner TEXT NOT NULL,
  _deleted_txid INTEGER,
  _order INTEGER NOT NULL,
  CONSTRAINT samples_an_enum_enum CHECK (an_enum IN ('draft', 'in review', 'it''s out')),
  CONSTRAINT samples_a_number_check CHECK (a_number >= 0 AND a_string <> 'x')
) STRICT;

CREATE INDEX IF NOT EXISTS idx_samples_txid ON samples (_txid);

CREATE INDEX IF NOT EXISTS idx_samples_owner ON samples (_owner);

CREATE INDEX IF NOT EXISTS idx_samples_order ON samples (_order);

CREATE INDEX IF NOT EXISTS idx_samples_order_camel ON samples ("order", "camelCase");

CREATE UNIQUE INDEX IF NOT EXISTS samples_a_string_key ON samples (a_string) WHERE _deleted_txid IS NULL;
