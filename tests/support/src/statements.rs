//! Which statements a program of this process runs: on SQLite by its trace, on PostgreSQL between
//! program and server.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::{Mutex, Once};

use rusqlite::ffi;

use crate::proxy::Proxy;

/// The statements on one database, from its first connection on: of its tables, without those that
/// begin and end transactions.
pub struct Statements {
    url: String,
    proxy: Option<Proxy>,
}

impl Statements {
    /// Watches the database at that address. It has to be there before its first connection, and
    /// a runtime around it.
    pub async fn of(url: &str) -> Statements {
        if url.starts_with("sqlite:") {
            trace();
            return Statements { url: url.to_owned(), proxy: None };
        }
        let proxy = Proxy::before(url).await;
        Statements { url: proxy.url.clone(), proxy: Some(proxy) }
    }

    /// The address to connect to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        match &self.proxy {
            Some(proxy) => proxy.executed(),
            None => self.runs().len(),
        }
    }

    /// How many of them were prepared, each on each connection.
    pub fn prepared(&self) -> usize {
        match &self.proxy {
            Some(proxy) => proxy.prepared(),
            None => self.runs().iter().filter(|run| run.is_first).count(),
        }
    }

    /// How often a program has waited for its server; on SQLite there is none.
    pub fn round_trips(&self) -> Option<usize> {
        self.proxy.as_ref().map(|proxy| proxy.counts().1)
    }

    fn runs(&self) -> Vec<Run> {
        let file = self.url.strip_prefix("sqlite:").expect("it is one of SQLite");
        let all = RUNS.lock().expect("nothing panics while it is held");
        let runs = all.get(file).map(Vec::as_slice).unwrap_or_default();
        runs.iter().filter(|run| is_of_tables(&run.text)).cloned().collect()
    }
}

/// One run of a statement.
#[derive(Clone)]
struct Run {
    text: String,
    /// It was prepared for this run.
    is_first: bool,
}

/// By file.
static RUNS: Mutex<BTreeMap<String, Vec<Run>>> = Mutex::new(BTreeMap::new());

fn is_of_tables(text: &str) -> bool {
    // A trigger's statements are traced as comments.
    let others = ["--", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA"];
    !others.iter().any(|other| text.starts_with(other)) && !text.contains("_kontract_")
}

fn trace() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: `opened` has the signature that SQLite calls such functions with.
        let result = unsafe { ffi::sqlite3_auto_extension(Some(opened)) };
        assert_eq!(result, ffi::SQLITE_OK);
    });
}

unsafe extern "C" fn opened(
    database: *mut ffi::sqlite3,
    _: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: the connection was just opened, `began` lives forever.
    unsafe {
        ffi::sqlite3_trace_v2(
            database,
            ffi::SQLITE_TRACE_STMT,
            Some(began),
            std::ptr::null_mut::<c_void>(),
        )
    }
}

unsafe extern "C" fn began(
    _: c_uint,
    _: *mut c_void,
    statement: *mut c_void,
    text: *mut c_void,
) -> c_int {
    let statement = statement.cast::<ffi::sqlite3_stmt>();
    // SAFETY: SQLite gives the statement that begins, and its text.
    let (file, text, runs) = unsafe {
        let database = ffi::sqlite3_db_handle(statement);
        let file = ffi::sqlite3_db_filename(database, c"main".as_ptr());
        let runs = ffi::sqlite3_stmt_status(statement, ffi::SQLITE_STMTSTATUS_RUN, 0);
        (CStr::from_ptr(file), CStr::from_ptr(text.cast()), runs)
    };
    let run = Run { text: text.to_string_lossy().into_owned(), is_first: runs == 0 };
    if let Ok(mut all) = RUNS.lock() {
        all.entry(file.to_string_lossy().into_owned()).or_default().push(run);
    }
    0
}
