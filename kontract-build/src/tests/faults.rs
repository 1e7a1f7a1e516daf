//! Builds under the faults of a machine: killed during a write, a full disk, another clock, language or
//! order of files, huge files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use super::*;

/// The variable with the directory of the package that [`a_build`] builds.
const PACKAGE: &str = "KONTRACT_TEST_PACKAGE";

/// The variable that makes [`a_build`] alternate between two sources until it is killed. Without it,
/// the process builds once.
const IN_TURN: &str = "KONTRACT_TEST_IN_TURN";

/// The line that [`a_build`] prints before it builds the next source.
const TURN: &str = "next source";

/// Not a test: the process that other tests start and kill.
#[test]
#[ignore = "started by other tests"]
fn a_build() {
    let Some(package) = std::env::var_os(PACKAGE) else { return };
    let dir = Dir::at(Path::new(&package));
    let sources = [dir.read("one.rs"), dir.read("two.rs")];
    let rounds = if std::env::var_os(IN_TURN).is_some() { usize::MAX } else { 1 };
    for round in 0..rounds {
        if rounds > 1 {
            println!("{TURN}");
            dir.write("src/lib.rs", sources[round % 2].as_bytes());
        }
        messages(&run(&dir, &[])).iter().for_each(|line| println!("message: {line}"));
    }
}

/// Starts [`a_build`] with a shell script, in which `"$0" "$@"` is the process.
fn start(dir: &Dir, shell: &str, env: &[(&str, &str)]) -> Child {
    let program = std::env::current_exe().expect("this program");
    Command::new("sh")
        .args(["-c", shell])
        .arg(program)
        .args(["tests::faults::a_build", "--exact", "--ignored", "--nocapture"])
        .env(PACKAGE, dir.path())
        .envs(env.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell")
}

fn source_of_tables(tables: usize, field: &str) -> String {
    let table = |i| {
        format!(
            "#[derive(Table)] pub struct Item{i} {{ #[primkey] id: String, {field}: String }}\n"
        )
    };
    (0..tables).map(table).collect()
}

/// A package with two sources, of which the first is in place. Also returns the lock file of each.
fn package_with_two_sources(one: &str, two: &str) -> (Dir, String, String) {
    let dir = Dir::with(&[("src/lib.rs", two), ("one.rs", one), ("two.rs", two)]);
    assert!(messages(&run(&dir, &[])).is_empty());
    let second = dir.read(LOCK_FILE);
    dir.write("src/lib.rs", one.as_bytes());
    assert!(messages(&run(&dir, &[])).is_empty());
    let first = dir.read(LOCK_FILE);
    assert_ne!(first, second);
    (dir, first, second)
}

#[test]
#[cfg(unix)]
fn a_full_disk_keeps_the_lock_file() {
    use std::os::unix::process::ExitStatusExt;
    let (dir, first, second) = package_with_two_sources(USER, &source_of_tables(200, "name"));
    dir.write("src/lib.rs", dir.read("two.rs").as_bytes());
    assert!(second.len() > 64 * 1024, "too small for the limit: {}", second.len());
    let temporary = dir.path().join(format!(".{LOCK_FILE}.tmp"));

    // With a limit for the size of files, the build reports an error.
    let ended = start(&dir, "ulimit -f 16; trap '' XFSZ; exec \"$0\" \"$@\"", &[]);
    let ended = ended.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{ended:?}");
    assert!(
        text.contains(
            "message: error=kontract[K0308]: kontract.lock.json cannot be written: File too large"
        ),
        "{text}"
    );
    assert_eq!(dir.read(LOCK_FILE), first);
    assert!(!temporary.exists());

    // With the same limit, the signal kills the build during the write.
    let ended = start(&dir, "ulimit -c 0; ulimit -f 16; exec \"$0\" \"$@\"", &[]);
    let ended = ended.wait_with_output().expect("it ends");
    assert!(ended.status.signal().is_some(), "{ended:?}");
    assert_eq!(dir.read(LOCK_FILE), first);
    let left = std::fs::metadata(&temporary).expect("an incomplete file").len();
    assert!(left > 0 && left < second.len() as u64, "{left}");

    assert!(messages(&run(&dir, &[])).is_empty());
    assert_eq!(dir.read(LOCK_FILE), second);
    assert!(!temporary.exists());
}

#[test]
fn a_killed_build_leaves_a_complete_lock_file() {
    let (dir, first, second) =
        package_with_two_sources(&source_of_tables(20, "name"), &source_of_tables(20, "other"));
    let mut seen = [0, 0];
    for after in 1..=16_u64 {
        // The process has begun a build. It is killed a little later in each round.
        let mut building = start(&dir, "exec \"$0\" \"$@\"", &[(IN_TURN, "1")]);
        let mut lines = BufReader::new(building.stdout.take().expect("it is piped")).lines();
        let turns = std::iter::from_fn(|| lines.next()?.ok()).filter(|line| line.contains(TURN));
        assert_eq!(turns.take(after as usize % 4 + 2).count(), after as usize % 4 + 2);
        std::thread::sleep(Duration::from_millis(after));
        building.kill().expect("it runs");
        building.wait().expect("it ended");
        let text = dir.read(LOCK_FILE);
        let which = [&first, &second].iter().position(|whole| **whole == text);
        seen[which.unwrap_or_else(|| panic!("after {after}: {text}"))] += 1;
    }
    assert!(seen[0] > 0 && seen[1] > 0, "nothing was written: {seen:?}");
    assert!(messages(&run(&dir, &[])).is_empty());
}

/// The files that a build wrote: the lock file and the output, without the stamp.
fn read_output(dir: &Dir) -> BTreeMap<String, String> {
    let out = "target/build/app/out/kontract";
    let tables = crate::directory::list_names(&dir.path().join(out).join("tables"));
    let tables = tables.iter().map(|name| format!("{out}/tables/{name}"));
    let files = crate::directory::list_names(&dir.path().join(out));
    let files = files.iter().filter(|name| *name != "tables" && *name != "stamp");
    let files = files.map(|name| format!("{out}/{name}"));
    let all = files.chain(tables).chain([LOCK_FILE.to_owned()]);
    all.map(|file| (file.clone(), dir.read(&file))).collect()
}

/// The files of a package with many things to order: tables, enums, indexes, files, refusals.
fn package() -> Vec<(String, String)> {
    let mut main = String::from("use kontract::prelude::*;\n");
    let mut files = Vec::new();
    for name in ["alpha", "Istanbul", "omega", "ıssız", "zeta"] {
        main += &format!("pub mod {};\n", name.to_lowercase());
        let table = format!(
            "#[derive(Enum)] pub enum {name}Kind {{ Title, TITLE_I, Ilk }}
             #[derive(Table)] #[table(layout = \"columns\", index(kind, title), unique(title, other))]
             pub struct {name} {{
                 #[primkey] pub id: i64,
                 pub title: String,
                 pub other: String,
                 pub kind: {name}Kind,
                 pub gone: Option<String>,
             }}"
        );
        files.push((format!("src/{}.rs", name.to_lowercase()), table));
    }
    files.push(("src/lib.rs".to_owned(), main));
    for name in ["import", "export"] {
        let table = USER.replace("User", &format!("{name}Job"));
        files.push((format!("src/bin/{name}.rs"), table));
    }
    files
}

/// Writes the files of a package in the given order and builds it, then removes fields and builds it
/// again.
fn built_in_order(order: usize, started: impl Fn(&Dir)) -> BTreeMap<String, String> {
    let mut files = package();
    let len = files.len();
    files.rotate_left(order % len);
    if order / len % 2 == 1 {
        files.reverse();
    }
    let dir = Dir::with(&[]);
    files.iter().for_each(|(file, text)| dir.write(file, text.as_bytes()));
    started(&dir);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    for (file, text) in &files {
        dir.write(
            file,
            text.replace("                 pub gone: Option<String>,\n", "").as_bytes(),
        );
    }
    started(&dir);
    run(&dir, &[]);
    read_output(&dir)
}

#[test]
fn a_hundred_builds_write_the_same_bytes() {
    let first = built_in_order(0, |_| {});
    assert_eq!(first.len(), 7 + 3, "{:?}", first.keys());
    assert!(first[LOCK_FILE].contains("\"version\": 1"));
    let refused = first.values().filter(|text| text.contains("field `gone`")).count();
    assert_eq!(refused, 5);
    for order in 1..100 {
        // The hash maps of the standard library have another order in each run.
        assert_eq!(built_in_order(order, |_| {}), first, "in order {order}");
    }
}

#[test]
fn file_times_do_not_change_the_output() {
    let expected = built_in_order(0, |_| {});
    let at = |time: SystemTime| {
        move |dir: &Dir| {
            for file in ["src/lib.rs", "src/alpha.rs", LOCK_FILE] {
                if let Ok(file) = File::options().append(true).open(dir.path().join(file)) {
                    file.set_modified(time).expect("a time");
                }
            }
        }
    };
    let century = Duration::from_secs(3_155_760_000);
    for time in [SystemTime::UNIX_EPOCH, SystemTime::now() + century] {
        assert_eq!(built_in_order(0, at(time)), expected, "{time:?}");
    }
}

#[test]
fn language_and_time_zone_do_not_change_the_output() {
    let build = |env: &[(&str, &str)]| {
        let dir = Dir::with(&[("one.rs", ""), ("two.rs", "")]);
        package().iter().for_each(|(file, text)| dir.write(file, text.as_bytes()));
        let ended = start(&dir, "exec \"$0\" \"$@\"", env).wait_with_output().expect("it ends");
        let text = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success() && !text.contains("message:"), "{text}");
        read_output(&dir)
    };
    let plain = build(&[("LC_ALL", "C"), ("TZ", "UTC")]);
    assert!(plain[LOCK_FILE].contains("istanbuls:added"), "{}", plain[LOCK_FILE]);
    for (language, zone) in [("tr_TR.UTF-8", "Pacific/Kiritimati"), ("de_DE.ISO-8859-1", "XXX+24")]
    {
        let other = build(&[("LC_ALL", language), ("LANG", language), ("TZ", zone)]);
        assert_eq!(other, plain, "{language} {zone}");
    }
}

#[test]
fn a_file_of_fifty_megabytes() {
    let numbers = format!("pub const DATA: &[u8] = &[{}];\n", "0x7f, ".repeat(9_000_000));
    assert!(numbers.len() > 50_000_000);
    let texts = "/// A text (with one [ more).\npub const A: &str = \"struct }\";\n";
    let dir = Dir::with(&[
        ("src/lib.rs", &format!("mod data;\nmod texts;\n{USER}")),
        ("src/data.rs", &numbers),
        // This file must be parsed completely.
        ("src/texts.rs", &format!("{}{}", texts.repeat(20_000), USER.replace("User", "Post"))),
    ]);
    let started = Instant::now();
    assert!(messages(&run(&dir, &[])).is_empty());
    println!("fifty megabytes and {} in {:?}", texts.len() * 20_000, started.elapsed());
    assert_eq!(lock(&dir).draft.unwrap().changes.len(), 2);
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_build_for_another_target() {
    let source = USER.replace(
        "    pub name",
        "    #[cfg(windows)]\n    pub drive: Option<String>,\n    #[cfg(target_pointer_width = \"32\")]\n    pub small: Option<i32>,\n    pub name",
    );
    let fields = |env: &[(&str, &str)]| -> Vec<String> {
        let dir = Dir::with(&[("src/lib.rs", &source)]);
        assert!(messages(&run(&dir, &[env, &[("KONTRACT_SEAL", "init")]].concat())).is_empty());
        lock(&dir).tables["users"].schema.iter().map(|field| field.name.clone()).collect()
    };
    // Cargo's variables describe the target. The system that runs the script does not matter.
    let linux = [("CARGO_CFG_UNIX", ""), ("CARGO_CFG_TARGET_POINTER_WIDTH", "64")];
    let windows = [("CARGO_CFG_WINDOWS", ""), ("CARGO_CFG_TARGET_POINTER_WIDTH", "64")];
    let wasm = [("CARGO_CFG_TARGET_FAMILY", "wasm"), ("CARGO_CFG_TARGET_POINTER_WIDTH", "32")];
    assert_eq!(fields(&linux), ["id", "name"]);
    assert_eq!(fields(&windows), ["id", "drive", "name"]);
    assert_eq!(fields(&wasm), ["id", "small", "name"]);
}

#[test]
fn the_sql_of_an_older_version_is_kept() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    let mut lock = lock(&dir);
    // Another version may write different SQL for the same table.
    let mut old = lock.migrations.remove(0);
    for script in [&mut old.sql.postgres, &mut old.sql.sqlite] {
        script.up[0].sql = script.up[0].sql.replace("CREATE TABLE", "CREATE  TABLE");
    }
    old.origin.as_mut().unwrap().generator = "0.0.9".to_owned();
    let old = old.hashed();
    lock.migrations.push(old.clone());
    dir.write(LOCK_FILE, lock.write().as_bytes());
    let found = messages(&run(&dir, &[])).join("\n");
    assert!(found.contains("[K0409]: migration 1 `init` differs"), "{found}");
    assert!(found.contains("write `generators = [\"0.0.9\"]` into kontract.toml"), "{found}");
    assert_eq!(super::lock(&dir), lock);
    dir.write("kontract.toml", b"generators = [\"0.0.9\"]\n");
    assert!(messages(&run(&dir, &[])).is_empty());
    assert_eq!(super::lock(&dir), lock);
    dir.write("src/lib.rs", format!("{USER}{}", USER.replace("User", "Post")).as_bytes());
    assert!(messages(&run(&dir, &[("KONTRACT_SEAL", "posts")])).is_empty());
    let after = super::lock(&dir);
    assert_eq!(after.migrations[0], old);
    assert_eq!(after.migrations[1].parent, old.hash);
    assert!(!after.migrations[1].sql.sqlite.up[0].sql.contains("CREATE  TABLE"));
    // The program embeds exactly this text.
    assert_eq!(dir.read("target/build/app/out/kontract/lock.json"), dir.read(LOCK_FILE));
}

#[test]
#[cfg(unix)]
fn a_read_only_directory_with_nothing_to_write() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    let out = Dir::with(&[]);
    let build = || {
        let (package, out) = (dir.path().to_str().unwrap(), out.path().to_str().unwrap());
        let env = [("CARGO_MANIFEST_DIR", package), ("OUT_DIR", out), ("CARGO_PKG_NAME", "app")];
        messages(&Builder::new().run(Env::from(env.as_slice())))
    };
    assert!(build().is_empty());
    let (text, names) = (dir.read(LOCK_FILE), crate::directory::list_names(dir.path()));
    let mode = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(dir.path(), permissions).expect("permissions");
    };
    mode(0o555);
    std::fs::remove_dir_all(out.path().join("kontract")).unwrap();
    let found = build();
    mode(0o755);
    assert!(found.is_empty(), "{found:?}");
    assert!(out.path().join("kontract/registry.json").exists());
    assert_eq!((dir.read(LOCK_FILE), crate::directory::list_names(dir.path())), (text, names));
}

#[test]
fn hundreds_of_refusals_are_all_reported() {
    let fields = |ty: &str| {
        let line = |i: usize| format!("    pub field_{i:03}: {ty},\n");
        (0..200).map(line).collect::<String>()
    };
    let table = |fields: &str| USER.replace("    pub name: String,\n", fields);
    let dir = Dir::with(&[("src/lib.rs", &table(&fields("String")))]);
    run(&dir, &[("KONTRACT_SEAL", "init")]);
    let text = dir.read(LOCK_FILE);
    dir.write("src/lib.rs", table(&fields("i64")).as_bytes());
    let started = Instant::now();
    assert!(messages(&run(&dir, &[])).is_empty());
    println!("200 refusals in {:?}", started.elapsed());
    let errors = shown(&dir, "users");
    let names: Vec<&str> = errors.iter().filter_map(|(field, _)| field.as_deref()).collect();
    let expected: Vec<String> = (0..200).map(|i| format!("field_{i:03}")).collect();
    assert_eq!(names, expected);
    // The first message offers one migration, which can cover the changes of all others.
    let messages: Vec<&String> = errors.iter().map(|(_, message)| message).collect();
    let (_, file) = messages[0].split_once("which writes `").expect("an offer");
    let (file, _) = file.split_once('`').expect("the name of the file");
    for (message, field) in messages.iter().zip(&expected).skip(1) {
        let offer = format!(": `{file}` covers `users.{field}:type`, too");
        assert!(message.contains(&offer), "{message}");
    }
    assert_eq!(dir.read(LOCK_FILE), text);
    let again = shown(&dir, "users");
    assert_eq!(again, errors);
}
