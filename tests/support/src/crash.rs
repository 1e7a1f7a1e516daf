//! Faults that a test process causes to itself. Only for processes that a test started for it.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::ffi;

static LEFT: AtomicI64 = AtomicI64::new(i64::MAX);
static PAGES: AtomicI64 = AtomicI64::new(0);

/// Kills this process, as `kill -9` does, when it begins the SQLite statement with this number, on
/// any connection.
pub fn kill_at_sqlite_statement(number: i64) {
    LEFT.store(number, Ordering::SeqCst);
    install();
}

/// Limits the pages of every SQLite database of this process, as a full disk does.
pub fn limit_sqlite_pages(pages: i64) {
    PAGES.store(pages, Ordering::SeqCst);
    install();
}

/// Kills this process during the SQLite write with this number, after half of it.
/// <https://www.sqlite.org/c3ref/vfs.html> (`xSetSystemCall`)
pub fn kill_at_sqlite_write(number: i64) {
    LEFT.store(number, Ordering::SeqCst);
    // SAFETY: the default file system lives forever, and calls by these names what has the signatures
    // of these functions.
    unsafe {
        let files = ffi::sqlite3_vfs_find(std::ptr::null());
        let set = (*files).xSetSystemCall.expect("that of Unix has it");
        let write = std::mem::transmute::<*const (), unsafe extern "C" fn()>(write as *const ());
        let pwrite = std::mem::transmute::<*const (), unsafe extern "C" fn()>(pwrite as *const ());
        for (name, call) in [(c"write", write), (c"pwrite", pwrite), (c"pwrite64", pwrite)] {
            assert_eq!(set(files, name.as_ptr(), Some(call)), ffi::SQLITE_OK);
        }
    }
}

unsafe extern "C" fn write(file: c_int, bytes: *const c_void, count: usize) -> isize {
    let last = LEFT.fetch_sub(1, Ordering::SeqCst) == 1;
    // SAFETY: as SQLite calls it.
    let done = unsafe { libc::write(file, bytes, if last { count / 2 } else { count }) };
    die_if(last);
    done
}

unsafe extern "C" fn pwrite(file: c_int, bytes: *const c_void, count: usize, at: i64) -> isize {
    let last = LEFT.fetch_sub(1, Ordering::SeqCst) == 1;
    // SAFETY: as SQLite calls it.
    let done = unsafe { libc::pwrite(file, bytes, if last { count / 2 } else { count }, at) };
    die_if(last);
    done
}

fn die_if(last: bool) {
    if last {
        // SAFETY: system calls; nothing runs afterwards.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    }
}

fn install() {
    // SAFETY: `opened` has the signature that SQLite calls such functions with, and lives forever.
    let result = unsafe { ffi::sqlite3_auto_extension(Some(opened)) };
    assert_eq!(result, ffi::SQLITE_OK);
}

unsafe extern "C" fn opened(
    database: *mut ffi::sqlite3,
    _: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    let pages = PAGES.load(Ordering::SeqCst);
    let limit = format!("PRAGMA max_page_count = {pages}\0");
    let nothing = std::ptr::null_mut::<c_void>();
    // SAFETY: the connection was just opened, the text ends with NUL, `happened` lives forever.
    unsafe {
        if pages > 0 {
            ffi::sqlite3_exec(database, limit.as_ptr().cast(), None, nothing, std::ptr::null_mut());
        }
        ffi::sqlite3_trace_v2(database, ffi::SQLITE_TRACE_STMT, Some(happened), nothing)
    }
}

unsafe extern "C" fn happened(_: c_uint, _: *mut c_void, _: *mut c_void, _: *mut c_void) -> c_int {
    die_if(LEFT.fetch_sub(1, Ordering::SeqCst) == 1);
    0
}
