//! `kontract verify` with histories that lead to the structs, and with histories that do not.

use kontract_test_support::{both, execute, postgres_database};

use super::{App, Ran, USER, run};

fn verify(app: &App, url: &str) -> Ran {
    let dialect = if url.starts_with("sqlite") { "sqlite" } else { "postgres" };
    run(app.dir(), &["verify", "--dialect", dialect], &[("DATABASE_URL", url)])
}

fn columns() -> App {
    let user =
        USER.replace("Serialize, Deserialize, Table)]", "Table)]\n#[table(layout = \"columns\")]");
    App::new(&user)
}

both! {
    async fn a_history_that_leads_to_the_structs(url: &str) {
        let app = columns();
        let lead = verify(&app, url);
        assert!(lead.is(0).out.starts_with("app: 1 migration leads to the structs on "), "{}", lead.out);
        app.run(&["seal", "init"]).is(0);
        verify(&app, url).is(0);
        app.edit("    pub email: String,\n", "    pub email: Option<String>,\n");
        let ran = verify(&app, url);
        assert!(ran.is(0).out.contains("all 2 migrations lead"), "{}", ran.out);
    }

    async fn a_manual_migration_that_does_not_lead_to_the_structs(url: &str) {
        let app = columns();
        // A role of its own: other tests have scratch databases on the same server.
        let (role, own_url) = if url.starts_with("postgres") { create_role(url) } else { Default::default() };
        let verify = |app: &App| verify(app, if role.is_empty() { url } else { &own_url });
        app.run(&["seal", "init"]).is(0);
        app.remove_email();
        app.run(&["migrate", "create", "less"]).is(1);
        let file = "migrations/0002_less.sql";
        let right = app.read(file);
        verify(&app).is(0);
        let gone = "DROP COLUMN email";
        assert!(right.contains(gone), "{right}");
        app.write(file, &right.replace(gone, "RENAME COLUMN email TO mail"));
        let ran = verify(&app);
        let expected = "table `users` has another column `mail` that is NOT NULL and has no default";
        assert!(ran.is(1).err.contains(expected), "{}", ran.err);
        assert!(ran.err.starts_with("error[K0427]"), "{}", ran.err);
        app.write(file, &right.replace(gone, "DROP COLUMN emial"));
        let ran = verify(&app);
        assert!(ran.is(1).err.starts_with("error[K0425]"), "{}", ran.err);
        assert!(ran.err.contains("migration 2 `less`"), "{}", ran.err);
        // No scratch database is left.
        if !role.is_empty() {
            execute(url, &format!("CREATE TABLE none (n INT CHECK (n = 0)); INSERT INTO none \
                SELECT count(*) FROM pg_database WHERE datdba = '{role}'::regrole; DROP ROLE {role}"));
        }
    }
}

both! {
    async fn hostile_migrations_reach_nothing_outside(url: &str) {
        let app = columns();
        app.run(&["seal", "init"]).is(0);
        app.remove_email();
        app.run(&["migrate", "create", "less"]).is(1);
        let file = "migrations/0002_less.sql";
        let right = app.read(file);
        let target = app.dir().join("written");
        let path = target.display();
        let on_sqlite = [
            format!("ATTACH DATABASE '{path}' AS other"),
            format!("ATTACH DATABASE '{path}' || '' AS other"),
            format!("-- kontract: no-transaction\nVACUUM INTO '{path}'"),
            "SELECT load_extension('other')".to_owned(),
            "PRAGMA writable_schema = on".to_owned(),
        ];
        let on_postgres = [
            format!("COPY users TO '{path}'"),
            format!("COPY users TO PROGRAM 'touch {path}'"),
            "COPY users (id) FROM '/etc/passwd'".to_owned(),
            "SELECT pg_read_file('/etc/passwd')".to_owned(),
            format!("SELECT lo_export(lo_from_bytea(0, 'x'), '{path}')"),
            "CREATE EXTENSION dblink".to_owned(),
            "CREATE EXTENSION file_fdw".to_owned(),
            "DO $$ BEGIN SET LOCAL ROLE postgres; END $$".to_owned(),
            "-- kontract: no-transaction\nDROP DATABASE template1".to_owned(),
            "-- kontract: no-transaction\nALTER SYSTEM SET work_mem = '5MB'".to_owned(),
        ];
        let hostile =
            if url.starts_with("sqlite") { on_sqlite.to_vec() } else { on_postgres.to_vec() };
        for statement in hostile {
            app.write(file, &right.replace("-- up\n", &format!("-- up\n{statement};\n")));
            assert!(app.read(file).contains(&statement), "{right}");
            let ran = verify(&app, url);
            assert_eq!(ran.status, 1, "{statement}: {}{}", ran.out, ran.err);
            let is_refused = ran.err.contains("in the scratch database a migration reaches no files")
                || ran.err.starts_with("error[K0405]");
            assert!(is_refused, "{statement}: {}", ran.err);
        }
        assert!(!target.exists());
        app.write(file, &right);
        verify(&app, url).is(0);
    }
}

#[test]
fn a_role_without_rights_runs_nothing_on_the_server() {
    let database = postgres_database();
    let url = database.url();
    let app = columns();
    app.run(&["seal", "init"]).is(0);
    app.remove_email();
    app.run(&["migrate", "create", "less"]).is(1);
    let file = "migrations/0002_less.sql";
    let other = "-- kontract: no-transaction\nDROP DATABASE other";
    app.write(file, &app.read(file).replace("-- up\n", &format!("-- up\n{other};\n")));
    let (role, own_url) = create_role(url);
    let ran = verify(&app, &own_url);
    assert!(ran.is(1).err.contains("has a statement `DROP DATABASE`"), "{}", ran.err);
    execute(url, &format!("GRANT pg_read_server_files TO {role}"));
    let ran = verify(&app, &own_url);
    assert!(ran.is(3).err.contains("may use files or programs of the server"), "{}", ran.err);
    execute(url, &format!("DROP ROLE {role}"));
}

/// Creates a role that may create databases. Returns its name and the address for it.
fn create_role(url: &str) -> (String, String) {
    let role = format!("verifier_of_{}", url.rsplit('/').next().expect("a name"));
    execute(url, &format!("CREATE ROLE {role} LOGIN CREATEDB"));
    let own_url = url.replace("postgres@", &format!("{role}@"));
    assert_ne!(own_url, url);
    (role, own_url)
}

#[test]
fn a_server_is_needed_for_postgres() {
    let ran = columns().run(&["verify", "--dialect", "postgres"]);
    assert!(ran.is(3).err.starts_with("error: no database is given"), "{}", ran.err);
}
