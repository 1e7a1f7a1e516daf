//! `kontract verify` with histories that lead to the structs, and with histories that do not.

use kontract_test_support::{both, execute};

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
