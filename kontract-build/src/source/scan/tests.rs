use super::*;
use crate::cargo::env::Env;
use crate::source::source_file::hash_if_relevant;
use crate::testing::Dir;

fn run(dir: &Dir, env: Env) -> Scan {
    let roots = crate::cargo::targets::find_crate_roots(dir.path(), "app", &[]);
    scan_crates(dir.path(), &roots, &Cfg::new(&env))
}

/// `derive Ident at place as path in each crate`, one line for each item.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let dir = Dir::with(files);
    let scan = run(&dir, Env::from([("CARGO_CFG_UNIX", ""), ("CARGO_FEATURE_ON", "1")]));
    assert!(scan.broken.is_empty(), "{:?}", scan.broken);
    assert!(scan.undecided.is_empty(), "{:?}", scan.undecided);
    scan.items.iter().map(show).collect()
}

fn show(item: &ScannedItem) -> String {
    let homes: Vec<&str> =
        item.homes.iter().map(|home| home.path.as_deref().unwrap_or("hidden")).collect();
    format!("{} {} {}", item.derive, item.place, homes.join(" "))
}

const USER: &str = "#[derive(Table)] pub struct User { #[primkey] pub id: String }";

#[test]
fn the_whole_tree() {
    let files = [
        ("src/main.rs", "mod a; mod b; mod c { pub mod d; pub mod e { pub mod f; } } mod r#type;"),
        ("src/a.rs", "pub mod inner;\n  #[derive(Debug, Table)] pub struct A;"),
        ("src/a/inner.rs", "#[derive(kontract::Table)]\npub struct Inner;"),
        ("src/b/mod.rs", "pub mod inner;"),
        ("src/b/inner.rs", "pub mod leaf;"),
        ("src/b/inner/leaf.rs", "#[derive(Enum)] pub enum Leaf { X }"),
        ("src/c/d.rs", "#[derive(Document)] pub struct D { a: u8 }"),
        ("src/c/e/f.rs", "#[derive(Table)] pub struct F;"),
        ("src/type.rs", "#[derive(Table)] pub struct T;"),
        ("src/not_declared.rs", USER),
        ("src/bin/tool.rs", "#[derive(Table)] struct Tool;"),
    ];
    assert_eq!(
        found(&files),
        [
            "Table src/bin/tool.rs:1:25 crate::Tool",
            "Table src/a/inner.rs:2:12 crate::a::inner::Inner",
            "Table src/a.rs:2:38 crate::a::A",
            "Enum src/b/inner/leaf.rs:1:26 crate::b::inner::leaf::Leaf",
            "Document src/c/d.rs:1:32 crate::c::d::D",
            "Table src/c/e/f.rs:1:29 crate::c::e::f::F",
            "Table src/type.rs:1:29 crate::r#type::T",
        ]
    );
}

#[test]
fn path_attributes() {
    let files = [
        (
            "src/main.rs",
            "#[path = \"../shared/one.rs\"] mod one; mod two; mod inline { #[path = \"x.rs\"] pub mod three; }
             #[path = \"dir\"] mod thread { #[path = \"tls.rs\"] pub mod local; }",
        ),
        ("shared/one.rs", "pub mod below; #[derive(Table)] pub struct One;"),
        ("shared/below.rs", "#[derive(Table)] pub struct Below;"),
        (
            "src/two.rs",
            "#[path = \"four.rs\"] pub mod four; pub mod inline { #[path = \"five.rs\"] pub mod five; }",
        ),
        ("src/four.rs", "#[derive(Table)] pub struct Four;"),
        ("src/two/inline/five.rs", "#[derive(Table)] pub struct Five;"),
        ("src/inline/x.rs", "#[derive(Table)] pub struct Three;"),
        ("src/dir/tls.rs", "#[derive(Table)] pub struct Local;"),
    ];
    let names: Vec<String> =
        found(&files).iter().map(|line| line.split(' ').next_back().unwrap().to_owned()).collect();
    assert_eq!(
        names,
        [
            "crate::one::below::Below",
            "crate::one::One",
            "crate::two::four::Four",
            "crate::two::inline::five::Five",
            "crate::inline::three::Three",
            "crate::thread::local::Local",
        ]
    );
}

#[test]
fn conditions() {
    let files = [
        (
            "src/lib.rs",
            "#[cfg(test)] mod tests { #[derive(Table)] struct Hidden; }
             #[cfg(windows)] mod missing;
             #[cfg_attr(unix, path = \"u.rs\")] #[cfg_attr(windows, path = \"w.rs\")] mod system;
             #[cfg(feature = \"on\")] #[derive(Table)] pub struct On;
             #[cfg(feature = \"off\")] #[derive(Table)] pub struct Off;
             #[cfg_attr(feature = \"on\", derive(Table))] pub struct Derived;
             #[cfg_attr(feature = \"off\", derive(Table))] pub struct Plain;
             mod off;",
        ),
        ("src/u.rs", "#[derive(Table)] pub struct Unix;"),
        ("src/off.rs", "#![cfg(feature = \"off\")] #[derive(Table)] pub struct Inner;"),
    ];
    let found = found(&files);
    let names: Vec<&str> = found.iter().map(|line| line.rsplit("::").next().unwrap()).collect();
    assert_eq!(names, ["Unix", "On", "Derived"]);
}

#[test]
fn undecided_conditions() {
    let dir = Dir::with(&[(
        "src/lib.rs",
        "#[cfg(mine)] mod a { mod b { #[derive(Table)] struct A; struct Other; } }
         #[derive(Table)] struct B { #[cfg(debug_assertions)] x: u8 }
         #[cfg_attr(mine, derive(Enum))] enum C { X }
         #[cfg(mine)] struct NoTable; #[cfg(mine)] fn f() {}
         #[cfg(mine)] mod empty { struct NoTable; }",
    )]);
    let scan = run(&dir, Env::default());
    let problems: Vec<String> = scan
        .undecided
        .iter()
        .map(|problem| format!("{} {}", problem.source_range().unwrap(), problem.message))
        .collect();
    assert_eq!(
        problems,
        [
            "src/lib.rs:1:7 cannot decide the condition `mine` of `A`",
            "src/lib.rs:2:44 cannot decide the condition `debug_assertions` of `B`",
            "src/lib.rs:3:21 cannot decide the condition `mine` of `C`",
        ]
    );
    assert!(scan.items.is_empty());
}

#[test]
fn names_in_the_crate_root() {
    let files = [
        ("src/lib.rs", "mod models; pub mod open; #[derive(Table)] pub(crate) struct Local;"),
        ("src/models/mod.rs", "mod user; pub use user::User; mod post; mod secret;"),
        ("src/models/user.rs", "#[derive(Table)] pub struct User;"),
        ("src/models/post.rs", "#[derive(Table)] pub struct Post;"),
        ("src/models/secret.rs", "#[derive(Table)] struct Secret;"),
        ("src/open.rs", "#[derive(Table)] pub(super) struct Open; #[derive(Table)] struct Closed;"),
    ];
    let found = found(&files);
    let names: Vec<&str> = found.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
    let expected =
        ["crate::models::User", "hidden", "hidden", "crate::open::Open", "hidden", "crate::Local"];
    assert_eq!(names, expected);
}

#[test]
fn one_file_in_two_crates_is_one_table() {
    let files = [
        ("src/lib.rs", "pub mod user;"),
        ("src/main.rs", "mod user; mod other { #[path = \"../user.rs\"] mod again; }"),
        ("src/user.rs", USER),
        ("src/other/.keep", ""),
    ];
    assert_eq!(
        found(&files),
        [
            "Table src/user.rs:1:29 crate::user::User crate::user::User",
            "Table src/user.rs:1:29 hidden"
        ]
    );
}

#[test]
fn foreign_derives_are_ignored() {
    let files = [(
        "src/lib.rs",
        "use async_graphql::{Enum, Object}; use other::Table as Document; use kontract::Table;
         #[derive(Enum)] enum A { X } #[derive(Document)] struct B; #[derive(Table)] struct C;
         #[derive(diesel::Table)] struct D; fn f() { #[derive(Table)] struct E; }",
    )];
    assert_eq!(found(&files), ["Table src/lib.rs:2:93 crate::C"]);
}

#[test]
fn unreadable_files_are_reported() {
    let deep = format!(
        "mod a {{ #[derive(Table)] struct A {{ a: {}u8{} }} }}",
        "Vec<".repeat(9999),
        ">".repeat(9999)
    );
    let inline =
        format!("{}#[derive(Table)] struct X;{}", "mod a {".repeat(9999), "}".repeat(9999));
    let brackets = format!(
        "#[derive(Table)] struct A {{ a: {}{} }}",
        "(".repeat(200_000),
        ")".repeat(200_000)
    );
    let files = [
        (
            "src/lib.rs",
            "\u{feff}#!/usr/bin/env run\nmod a; mod b; mod c; mod d; mod e; mod f; mod g; mod gone; mod ok;",
        ),
        ("src/a.rs", "#[derive(Table)] struct A { a: u8 "),
        ("src/c.rs", "#[derive(Table)]\nstruct C { a u8 }"),
        ("src/d.rs", &deep),
        ("src/e.rs", &inline),
        ("src/f.rs", &brackets),
        ("src/g.rs", "#[path = \"g.rs\"] mod again;"),
        ("src/ok.rs", "#!/usr/bin/env run\n#[derive(Table)] pub struct Ok { a: u8 }"),
    ];
    let dir = Dir::with(&files);
    dir.write("src/b.rs", b"#[derive(Table)] // \xff");
    let scan = run(&dir, Env::default());
    let broken: Vec<String> = scan
        .broken
        .iter()
        .map(|problem| format!("{} {}", problem.source_range().unwrap(), problem.message))
        .collect();
    assert_eq!(
        broken,
        [
            "src/a.rs:1:27 the file is not valid Rust",
            "src/b.rs the file is not UTF-8",
            "src/c.rs:2:14 expected `:`",
            "src/d.rs:1:26 this type is nested too deeply",
            "src/e.rs:1:442 modules are nested too deeply",
            "src/f.rs:1:18 this type is nested too deeply",
            "src/g.rs:1:22 module `again` contains itself",
            "src/lib.rs:2:54 module `gone` has no file",
        ]
    );
    assert_eq!(
        scan.items.iter().map(show).collect::<Vec<_>>(),
        ["Table src/ok.rs:2:29 crate::ok::Ok"]
    );
}

#[test]
#[cfg(unix)]
fn a_cycle_of_links_ends() {
    let dir = Dir::with(&[("src/lib.rs", "mod a;"), ("src/a/mod.rs", "mod a;")]);
    std::os::unix::fs::symlink(".", dir.path().join("src/a/a")).unwrap();
    let scan = run(&dir, Env::default());
    assert_eq!(scan.broken.len(), 1, "{:?}", scan.broken);
    assert!(scan.broken.iter().all(|problem| problem.message.contains("contains itself")));
}

#[test]
fn files_without_modules_and_derives_are_not_parsed() {
    for (text, expected) in [
        ("fn f() {}", false),
        ("#[cfg(test)] mod tests { fn f() {} }", false),
        ("let model = a.mod_b;", false),
        ("mod a;", true),
        ("pub mod r#type ;", true),
        ("mod a { mod b; }", true),
        ("mod /* x */ a;", true),
        ("mod a // x\n;", true),
        ("#[derive(Debug)] struct A;", false),
        ("#[derive(Debug, Table)] struct A;", true),
    ] {
        assert_eq!(hash_if_relevant(text).is_some(), expected, "{text}");
    }
}

#[test]
fn any_text_is_handled() {
    const PIECES: [&str; 36] = [
        "#[derive(Table)]",
        "#[derive(kontract::Enum, )]",
        "#[cfg_attr(",
        "#[cfg(",
        "#[path = \"x.rs\"]",
        "#![",
        "]",
        ")",
        "(",
        "{",
        "}",
        "mod ",
        "mod a;",
        "mod r#b {",
        "struct ",
        "enum E",
        "union U {",
        "use a::{",
        "use a::*;",
        "pub ",
        "pub(in ",
        "crate",
        "self",
        "super",
        "::",
        ";",
        ",",
        "<",
        ">",
        "&'a ",
        "\"",
        "'",
        "//",
        "/*",
        "\n",
        "r#\"",
    ];
    // A linear congruential generator: the same texts at every run.
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let dir = Dir::with(&[("src/lib.rs", "")]);
    for _ in 0..400 {
        let text: String = (0..next(40)).map(|_| PIECES[next(PIECES.len())]).collect();
        dir.write("src/lib.rs", text.as_bytes());
        dir.write("src/x.rs", text.as_bytes());
        run(&dir, Env::default());
    }
}
