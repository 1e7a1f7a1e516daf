//! `kontract verify`: a history that leads to the structs, and some that do not.

use kontract_test_support::both;

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

    async fn a_manual_migration_that_does_not(url: &str) {
        let app = columns();
        app.run(&["seal", "init"]).is(0);
        app.remove_email();
        app.run(&["migrate", "create", "less"]).is(1);
        let file = "migrations/0002_less.sql";
        let right = app.read(file);
        verify(&app, url).is(0);
        let gone = "DROP COLUMN email";
        assert!(right.contains(gone), "{right}");
        app.write(file, &right.replace(gone, "RENAME COLUMN email TO mail"));
        let ran = verify(&app, url);
        let told = "table `users` has another column `mail` that is NOT NULL and has no default";
        assert!(ran.is(1).err.contains(told), "{}", ran.err);
        assert!(ran.err.starts_with("error[K0427]"), "{}", ran.err);
        app.write(file, &right.replace(gone, "DROP COLUMN emial"));
        let ran = verify(&app, url);
        assert!(ran.is(1).err.starts_with("error[K0425]"), "{}", ran.err);
        assert!(ran.err.contains("migration 2 `less`"), "{}", ran.err);
        // Nothing stays behind.
        if url.starts_with("postgres") {
            kontract_test_support::execute(url, "CREATE TABLE none (n INT CHECK (n = 0)); INSERT INTO none \
                SELECT count(*) FROM pg_database WHERE datname LIKE 'kontract\\_scratch%'");
        }
    }
}

#[test]
fn a_server_is_needed_for_postgres() {
    let ran = columns().run(&["verify", "--dialect", "postgres"]);
    assert!(ran.is(3).err.starts_with("error: no database is given"), "{}", ran.err);
}
