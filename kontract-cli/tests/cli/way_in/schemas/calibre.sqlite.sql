-- calibre's library (SQL text), August 2026.
-- Facts of its catalogue: names and types. Triggers and views are made up.

CREATE TABLE annotations (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    format TEXT NOT NULL COLLATE NOCASE,
    user_type TEXT NOT NULL,
    user TEXT NOT NULL,
    timestamp REAL NOT NULL,
    annot_id TEXT NOT NULL,
    annot_type TEXT NOT NULL,
    annot_data TEXT NOT NULL,
    searchable_text TEXT NOT NULL DEFAULT '',
    UNIQUE (book, user_type, user, format, annot_type, annot_id)
);
CREATE INDEX annot_idx ON annotations (book);
CREATE TABLE annotations_dirtied (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    UNIQUE (book)
);
CREATE TABLE authors (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE,
    sort TEXT COLLATE NOCASE,
    link TEXT NOT NULL DEFAULT '',
    UNIQUE (name)
);
CREATE TABLE books (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL DEFAULT 'Unknown' COLLATE NOCASE,
    sort TEXT COLLATE NOCASE,
    timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    pubdate TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    series_index REAL NOT NULL DEFAULT 1.0,
    author_sort TEXT COLLATE NOCASE,
    path TEXT NOT NULL DEFAULT '',
    uuid TEXT,
    has_cover BOOL DEFAULT 0,
    last_modified TIMESTAMP NOT NULL DEFAULT '2000-01-01 00:00:00+00:00'
);
CREATE INDEX authors_idx ON books (author_sort COLLATE NOCASE);
CREATE INDEX books_idx ON books (sort COLLATE NOCASE);
CREATE TABLE books_authors_link (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    author INTEGER NOT NULL,
    UNIQUE (book, author)
);
CREATE INDEX books_authors_link_aidx ON books_authors_link (author);
CREATE INDEX books_authors_link_bidx ON books_authors_link (book);
CREATE TABLE books_languages_link (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    lang_code INTEGER NOT NULL,
    item_order INTEGER NOT NULL DEFAULT 0,
    UNIQUE (book, lang_code)
);
CREATE INDEX books_languages_link_aidx ON books_languages_link (lang_code);
CREATE INDEX books_languages_link_bidx ON books_languages_link (book);
CREATE TABLE books_pages_link (
    book INTEGER PRIMARY KEY,
    pages INTEGER NOT NULL DEFAULT 0,
    algorithm INTEGER NOT NULL DEFAULT 0,
    format TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    format_size INTEGER NOT NULL DEFAULT 0,
    timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    needs_scan INTEGER NOT NULL DEFAULT 0 CHECK (needs_scan IN (0, 1)),
    FOREIGN KEY (book) REFERENCES books (id) ON DELETE CASCADE
);
CREATE INDEX books_pages_link_pidx ON books_pages_link (needs_scan);
CREATE TABLE books_plugin_data (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    name TEXT NOT NULL,
    val TEXT NOT NULL,
    UNIQUE (book, name)
);
CREATE TABLE books_publishers_link (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    publisher INTEGER NOT NULL,
    UNIQUE (book)
);
CREATE INDEX books_publishers_link_aidx ON books_publishers_link (publisher);
CREATE INDEX books_publishers_link_bidx ON books_publishers_link (book);
CREATE TABLE books_ratings_link (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    rating INTEGER NOT NULL,
    UNIQUE (book, rating)
);
CREATE INDEX books_ratings_link_aidx ON books_ratings_link (rating);
CREATE INDEX books_ratings_link_bidx ON books_ratings_link (book);
CREATE TABLE books_series_link (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    series INTEGER NOT NULL,
    UNIQUE (book)
);
CREATE INDEX books_series_link_aidx ON books_series_link (series);
CREATE INDEX books_series_link_bidx ON books_series_link (book);
CREATE TABLE books_tags_link (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    tag INTEGER NOT NULL,
    UNIQUE (book, tag)
);
CREATE INDEX books_tags_link_aidx ON books_tags_link (tag);
CREATE INDEX books_tags_link_bidx ON books_tags_link (book);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    text TEXT NOT NULL COLLATE NOCASE,
    UNIQUE (book)
);
CREATE INDEX comments_idx ON comments (book);
CREATE TABLE conversion_options (
    id INTEGER PRIMARY KEY,
    format TEXT NOT NULL COLLATE NOCASE,
    book INTEGER,
    data BLOB NOT NULL,
    UNIQUE (format, book)
);
CREATE INDEX conversion_options_idx_a ON conversion_options (format COLLATE NOCASE);
CREATE INDEX conversion_options_idx_b ON conversion_options (book);
CREATE TABLE custom_columns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    label TEXT NOT NULL,
    name TEXT NOT NULL,
    datatype TEXT NOT NULL,
    mark_for_delete BOOL NOT NULL DEFAULT 0,
    editable BOOL NOT NULL DEFAULT 1,
    display TEXT NOT NULL DEFAULT '{}',
    is_multiple BOOL NOT NULL DEFAULT 0,
    normalized BOOL NOT NULL,
    UNIQUE (label)
);
CREATE INDEX custom_columns_idx ON custom_columns (label);
CREATE TABLE data (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    format TEXT NOT NULL COLLATE NOCASE,
    uncompressed_size INTEGER NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (book, format)
);
CREATE INDEX data_idx ON data (book);
CREATE INDEX formats_idx ON data (format);
CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    script TEXT NOT NULL,
    UNIQUE (title)
);
CREATE TABLE identifiers (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    type TEXT NOT NULL DEFAULT 'isbn' COLLATE NOCASE,
    val TEXT NOT NULL COLLATE NOCASE,
    UNIQUE (book, type)
);
CREATE TABLE languages (
    id INTEGER PRIMARY KEY,
    lang_code TEXT NOT NULL COLLATE NOCASE,
    link TEXT NOT NULL DEFAULT '',
    UNIQUE (lang_code)
);
CREATE INDEX languages_idx ON languages (lang_code COLLATE NOCASE);
CREATE TABLE last_read_positions (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    format TEXT NOT NULL COLLATE NOCASE,
    user TEXT NOT NULL,
    device TEXT NOT NULL,
    cfi TEXT NOT NULL,
    epoch REAL NOT NULL,
    pos_frac REAL NOT NULL DEFAULT 0,
    UNIQUE (user, device, book, format)
);
CREATE INDEX lrp_idx ON last_read_positions (book);
CREATE TABLE library_id (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    UNIQUE (uuid)
);
CREATE TABLE metadata_dirtied (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    UNIQUE (book)
);
CREATE TABLE preferences (
    id INTEGER PRIMARY KEY,
    "key" TEXT NOT NULL,
    val TEXT NOT NULL,
    UNIQUE ("key")
);
CREATE TABLE publishers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE,
    sort TEXT COLLATE NOCASE,
    link TEXT NOT NULL DEFAULT '',
    UNIQUE (name)
);
CREATE INDEX publishers_idx ON publishers (name COLLATE NOCASE);
CREATE TABLE ratings (
    id INTEGER PRIMARY KEY,
    rating INTEGER CHECK (rating > -1 AND rating < 11),
    link TEXT NOT NULL DEFAULT '',
    UNIQUE (rating)
);
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE,
    sort TEXT COLLATE NOCASE,
    link TEXT NOT NULL DEFAULT '',
    UNIQUE (name)
);
CREATE INDEX series_idx ON series (name COLLATE NOCASE);
CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE,
    link TEXT NOT NULL DEFAULT '',
    UNIQUE (name)
);
CREATE INDEX tags_idx ON tags (name COLLATE NOCASE);

CREATE VIRTUAL TABLE annotations_fts USING fts5(
    searchable_text, content = 'annotations', content_rowid = 'id'
);
CREATE TRIGGER books_removed AFTER DELETE ON books BEGIN
    DELETE FROM data WHERE book = OLD.id;
END;
CREATE TRIGGER series_sorted AFTER INSERT ON series BEGIN
    UPDATE series SET sort = lower(NEW.name) WHERE id = NEW.id;
END;
CREATE VIEW titles AS SELECT id, title, series_index FROM books;
CREATE VIEW tag_counts AS SELECT tag, count(*) AS books FROM books_tags_link GROUP BY tag;
