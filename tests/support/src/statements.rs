//! The statements that this process runs: traced on SQLite, read by a proxy on PostgreSQL.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::{Mutex, Once};

use rusqlite::ffi;

use crate::proxy::Proxy;

/// The statements on the tables of one database, without those that begin and end transactions.
pub struct Statements {
    url: String,
    proxy: Option<Proxy>,
}

impl Statements {
    /// Watches the database at this address. Call it before the first connection, within a runtime.
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

    /// The number of statements.
    pub fn count(&self) -> usize {
        match &self.proxy {
            Some(proxy) => proxy.executed(),
            None => self.events(false).len(),
        }
    }

    /// How many statements were prepared, counted for each connection.
    pub fn prepared(&self) -> usize {
        match &self.proxy {
            Some(proxy) => proxy.prepared(),
            None => self.events(true).len(),
        }
    }

    /// How often the program waited for its server. `None` on SQLite.
    pub fn round_trips(&self) -> Option<usize> {
        self.proxy.as_ref().map(|proxy| proxy.counts().1)
    }

    /// The text of the last statement: on PostgreSQL of the last prepared one.
    pub fn last(&self) -> String {
        match &self.proxy {
            Some(proxy) => proxy.last_prepared(),
            None => self.events(false).pop().unwrap_or_default(),
        }
    }

    /// The query plan of the last statement, a line for each step.
    pub fn plan(&self) -> String {
        let text = self.last();
        match &self.proxy {
            Some(_) => {
                let count = (1..).take_while(|n| text.contains(&format!("${n}"))).count();
                let values = vec!["NULL"; count].join(", ");
                let values = if count > 0 { format!("({values})") } else { values };
                let sql = format!(
                    "SET plan_cache_mode = force_generic_plan; PREPARE it AS {text}; \
                     EXPLAIN (COSTS OFF) EXECUTE it{values}"
                );
                crate::server::rows(&self.url, &sql).join("\n")
            }
            None => plan_of_sqlite(&self.url["sqlite:".len()..], &text).join("\n"),
        }
    }

    /// The texts of the prepared statements, or of the statements that ran.
    fn events(&self, prepared: bool) -> Vec<String> {
        let file = self.url.strip_prefix("sqlite:").expect("a SQLite address");
        let all = EVENTS.lock().expect("no thread panics while it holds the lock");
        let events = all.get(file).map(Vec::as_slice).unwrap_or_default();
        let ours = events.iter().filter(|event| event.prepared == prepared);
        ours.map(|event| event.text.clone()).filter(|text| is_of_tables(text)).collect()
    }
}

fn plan_of_sqlite(file: &str, text: &str) -> Vec<String> {
    let plan = || -> rusqlite::Result<Vec<String>> {
        let connection = rusqlite::Connection::open(file)?;
        rusqlite::vtab::array::load_module(&connection)?;
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}"))?;
        let mut rows = statement.raw_query();
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            lines.push(row.get(3)?);
        }
        Ok(lines)
    };
    plan().unwrap_or_else(|error| panic!("`{text}` failed: {error}"))
}

/// A statement that runs for the first time, or has ended.
struct Event {
    text: String,
    prepared: bool,
}

/// By file.
static EVENTS: Mutex<BTreeMap<String, Vec<Event>>> = Mutex::new(BTreeMap::new());

fn is_of_tables(text: &str) -> bool {
    let others = ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA"];
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
    let events = ffi::SQLITE_TRACE_STMT | ffi::SQLITE_TRACE_PROFILE;
    // SAFETY: the connection was just opened, `happened` lives forever.
    unsafe {
        ffi::sqlite3_trace_v2(database, events, Some(happened), std::ptr::null_mut::<c_void>())
    }
}

unsafe extern "C" fn happened(
    event: c_uint,
    _: *mut c_void,
    statement: *mut c_void,
    _: *mut c_void,
) -> c_int {
    let statement = statement.cast::<ffi::sqlite3_stmt>();
    // SAFETY: SQLite gives the statement that begins or ends.
    let (file, text, runs) = unsafe {
        let database = ffi::sqlite3_db_handle(statement);
        let file = ffi::sqlite3_db_filename(database, c"main".as_ptr());
        let runs = ffi::sqlite3_stmt_status(statement, ffi::SQLITE_STMTSTATUS_RUN, 0);
        (CStr::from_ptr(file), CStr::from_ptr(ffi::sqlite3_sql(statement)), runs)
    };
    let prepared = event == ffi::SQLITE_TRACE_STMT;
    // Foreign key actions of a statement are traced like statements.
    if prepared && runs > 0 {
        return 0;
    }
    let event = Event { text: text.to_string_lossy().into_owned(), prepared };
    if let Ok(mut all) = EVENTS.lock() {
        all.entry(file.to_string_lossy().into_owned()).or_default().push(event);
    }
    0
}
