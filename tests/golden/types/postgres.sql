CREATE TABLE IF NOT EXISTS samples (
  id UUID PRIMARY KEY,
  a_string TEXT NOT NULL DEFAULT 'it''s',
  a_number DOUBLE PRECISION NOT NULL DEFAULT 1.5,
  a_boolean BOOLEAN NOT NULL DEFAULT true,
  a_bigint BIGINT NOT NULL DEFAULT -9223372036854775808,
  a_date BIGINT NOT NULL,
  a_bytes BYTEA NOT NULL,
  an_int8 SMALLINT NOT NULL,
  an_int16 SMALLINT NOT NULL,
  an_int32 INTEGER NOT NULL,
  a_uint8 SMALLINT NOT NULL,
  a_uint16 INTEGER NOT NULL,
  a_uint32 BIGINT NOT NULL DEFAULT 4294967295,
  a_float32 REAL NOT NULL,
  a_decimal NUMERIC NOT NULL DEFAULT '0.10',
  some_json JSONB NOT NULL DEFAULT '{"a":[1,"two"]}',
  an_instant TIMESTAMPTZ NOT NULL,
  a_datetime TIMESTAMP NOT NULL,
  a_day DATE NOT NULL,
  a_time TIME,
  an_enum TEXT NOT NULL DEFAULT 'it''s out',
  an_object JSONB NOT NULL,
  some_strings TEXT[] NOT NULL,
  some_enums TEXT[],
  some_objects JSONB NOT NULL,
  some_lists JSONB NOT NULL,
  "order" INTEGER NOT NULL,
  "camelCase" TEXT NOT NULL,
  an_address inet,
  exact numeric(20, 4) NOT NULL,
  created BIGINT NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint,
  changed TIMESTAMPTZ NOT NULL DEFAULT now(),
  local TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
  on_day DATE NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
  at_time TIME NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::time,
  _version INT NOT NULL DEFAULT 1,
  _txid BIGINT NOT NULL DEFAULT txid_current(),
  _owner TEXT NOT NULL,
  _deleted_txid BIGINT,
  _order BIGSERIAL,
  CONSTRAINT samples_an_enum_enum CHECK (an_enum IN ('draft', 'in review', 'it''s out')),
  CONSTRAINT samples_a_number_check CHECK (a_number >= 0 AND a_string <> 'x')
);

CREATE INDEX IF NOT EXISTS idx_samples_txid ON samples (_txid);

CREATE INDEX IF NOT EXISTS idx_samples_owner ON samples (_owner);

CREATE INDEX IF NOT EXISTS idx_samples_order ON samples (_order);

CREATE INDEX IF NOT EXISTS idx_samples_order_camel ON samples ("order", "camelCase");

CREATE UNIQUE INDEX IF NOT EXISTS samples_a_string_key ON samples (a_string) WHERE _deleted_txid IS NULL;
