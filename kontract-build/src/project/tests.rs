use super::*;
use crate::builder::LOCK_FILE;
use crate::testing::Dir;

const USER: &str = "#[derive(Table)]\npub struct User {\n    #[primkey]\n    pub id: String,\n    pub name: String,\n}\n";

fn project(dir: &Dir) -> Project {
    let cfg = ["unix", "target_os=\"linux\"", "target_feature=\"fxsr\"", "target_feature=\"sse\""];
    let mut project = Project::new(&Settings {
        name: "app".into(),
        dir: dir.path().to_owned(),
        build_script: None,
        features: ["mail".to_owned()].into(),
        cfg: cfg.map(str::to_owned).into(),
    })
    .unwrap();
    // Tests run in CI, too, where the variable `CI` is set.
    let env = project.package.env.clone();
    let variables = env.with_prefix("CARGO_").map(|(name, value)| (format!("CARGO_{name}"), value));
    let variables: Vec<(String, &str)> = variables.collect();
    let pairs: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    project.package.env = Env::from(pairs.as_slice());
    project
}

fn codes(problems: &Diagnostics) -> Vec<String> {
    let shown = |problem: &Diagnostic| {
        let place = problem.source_range().map_or("-".to_owned(), ToString::to_string);
        format!("{place} {}", problem.code.unwrap())
    };
    problems.iter().map(shown).collect()
}

#[test]
fn look_writes_nothing() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    let look = project(&dir).look().unwrap();
    assert!(look.problems.is_empty() && look.is_stale);
    assert_eq!(look.gate.unwrap().draft.unwrap().changes[0].change.to_string(), "users:added");
    assert_eq!(crate::directory::list_names(dir.path()), ["src"]);
}

#[test]
fn conditions_are_those_of_a_build() {
    let field =
        |cfg: &str, name: &str| format!("    #[cfg({cfg})]\n    pub {name}: Option<String>,\n");
    let fields = [
        field("target_feature = \"sse\"", "a"),
        field("feature = \"mail\"", "b"),
        field("feature = \"other\"", "c"),
        field("windows", "d"),
    ];
    let source = USER.replace("}\n", &(fields.concat() + "}\n"));
    let dir = Dir::with(&[("src/lib.rs", &source)]);
    let schema = project(&dir).look().unwrap().source.schema;
    let names: Vec<&str> =
        schema.tables["users"].schema.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["id", "name", "a", "b"]);
}

#[test]
fn problems_have_positions() {
    let source = USER.replace("String,\n}", "usize,\n}")
        + "#[cfg(mine)]\n#[derive(Table)]\nstruct B { #[primkey] id: String }\n";
    let dir = Dir::with(&[("src/lib.rs", &source)]);
    let look = project(&dir).look().unwrap();
    assert_eq!(codes(&look.problems), ["src/lib.rs:7:7 K0109", "src/lib.rs:5:15 K0006"]);
    assert!(!look.is_stale);
}

#[test]
fn seal_and_create() {
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    let it = project(&dir);
    assert_eq!(it.seal(None, None).err().unwrap().code, Some(code::SEAL));
    assert!(matches!(it.seal(Some("init"), None), Ok(Sealing::Sealed(m)) if m.version == 1));
    assert!(matches!(it.seal(Some("init"), None), Ok(Sealing::Nothing)));
    assert_eq!(LockFile::read(&dir.read(LOCK_FILE)).unwrap().version, 1);
    assert!(!it.look().unwrap().is_stale);

    dir.write("src/lib.rs", USER.replace("    pub name: String,\n", "").as_bytes());
    assert!(
        matches!(it.seal(Some("drop_name"), None), Ok(Sealing::Refused(p)) if codes(&p) == ["src/lib.rs:2:12 K0203"])
    );
    for name in ["Drop", "", "init"] {
        assert_eq!(it.create(name, None, false).err().unwrap().code, Some(code::SEAL), "{name}");
    }
    let Ok(Sealing::Written { file, text, refused }) = it.create("drop_name", None, false) else {
        panic!("not written")
    };
    assert_eq!(refused.iter().map(|judgement| judgement.rule.id).collect::<Vec<_>>(), ["C14"]);
    assert_eq!(file, Path::new("migrations/0002_drop_name.sql"));
    assert_eq!(dir.read("migrations/0002_drop_name.sql"), text);
    assert!(text.starts_with("-- kontract: covers users.name:removed\n"), "{text}");

    // A migration that loses data has to be accepted, with the hash of its plan.
    assert!(
        matches!(it.seal(None, None), Ok(Sealing::Refused(p)) if codes(&p) == ["src/lib.rs:2:12 K0407"])
    );
    let plan = || it.look().unwrap().gate.unwrap().plan.unwrap().hash;
    let before = plan();
    let other = "0123456789abcdef";
    let refused = it.seal(None, Some(other)).err().unwrap();
    assert_eq!(refused.message, format!("the plan has the hash {before}, not {other}"));
    dir.write("migrations/0002_drop_name.sql", (text.clone() + "\nSELECT 1;\n").as_bytes());
    assert_eq!(it.seal(None, Some(&before)).err().unwrap().code, Some(code::NOT_ACCEPTED));
    assert!(!dir.read("migrations/0002_drop_name.sql").contains("accept"));
    assert_eq!(it.create("other", Some(&plan()), false).err().unwrap().code, Some(code::SEAL));
    assert!(
        matches!(it.create("drop_name", None, false), Ok(Sealing::Sealed(m)) if m.name == "drop_name")
    );
    assert!(dir.read("migrations/0002_drop_name.sql").contains("\n-- kontract: accept "));
    assert!(codes(&it.look().unwrap().problems).is_empty());
}

#[test]
fn a_wrong_hint_gets_no_migration() {
    let source = USER.replace("pub name", "#[renamed_from(\"x\")] pub name");
    let dir = Dir::with(&[("src/lib.rs", USER)]);
    project(&dir).seal(Some("init"), None).ok().unwrap();
    dir.write("src/lib.rs", source.replace("name:", "nom:").as_bytes());
    assert!(matches!(project(&dir).create("x", None, false), Ok(Sealing::Refused(_))));
    assert!(!dir.path().join("migrations").exists());
}
