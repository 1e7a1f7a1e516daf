//! The words of SQL that the databases themselves list, in lower case.

use rusqlite::ffi;

/// The keywords of SQLite.
pub fn sqlite_keywords() -> Vec<String> {
    // SAFETY: the function has no arguments.
    let count = unsafe { ffi::sqlite3_keyword_count() };
    (0..count).map(sqlite_keyword).collect()
}

fn sqlite_keyword(number: std::ffi::c_int) -> String {
    let (mut start, mut length) = (std::ptr::null(), 0);
    // SAFETY: SQLite writes a pointer into its own constants and the length there.
    let text = unsafe {
        let code = ffi::sqlite3_keyword_name(number, &raw mut start, &raw mut length);
        assert_eq!(code, ffi::SQLITE_OK, "there is a keyword {number}");
        std::slice::from_raw_parts(start.cast::<u8>(), length as usize)
    };
    String::from_utf8_lossy(text).to_lowercase()
}

/// The words that PostgreSQL reserves in some use. It quotes them where they are names.
pub fn postgres_keywords(url: &str) -> Vec<String> {
    crate::rows(url, "SELECT word FROM pg_get_keywords() WHERE catcode <> 'U'")
}
