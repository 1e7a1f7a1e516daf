//! A role that may create objects in a schema of the search path, as every role in `public` before
//! PostgreSQL 15, tries to make a migration run its statements.

use kontract_test_support::{Database, block_on, execute, postgres_database};

use super::run_modes::expect;
use super::start::{A, B, Program, by_hand, code};

/// Creates an attacker, a victim, and a table in which an attack leaves a row.
fn attacked(victim: &str) -> (Database, String) {
    let database = postgres_database();
    for role in ["kontract_mallory", victim] {
        let make = format!(
            "DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        execute(database.url(), &make);
    }
    // As on PostgreSQL 14.
    execute(
        database.url(),
        "GRANT CREATE ON SCHEMA public TO PUBLIC; CREATE TABLE trace (who TEXT); GRANT ALL ON trace TO PUBLIC",
    );
    let (_, server) = database.url().rsplit_once('@').unwrap();
    let url = format!("postgres://{victim}@{server}");
    (database, url)
}

/// Runs statements as Mallory.
async fn mallory(database: &Database, statements: &str) {
    by_hand(database.url(), &format!("SET SESSION AUTHORIZATION kontract_mallory; {statements}"))
        .await;
}

const TRACE: &str = "INSERT INTO public.trace VALUES (current_user)";

#[test]
fn objects_that_shadow_ours_are_refused() {
    let sql = |name: &str, takes: &str, gives: &str, body: &str| {
        format!(
            "CREATE FUNCTION {name}({takes}) RETURNS {gives} VOLATILE LANGUAGE sql AS $$ {TRACE}; SELECT {body} $$"
        )
    };
    let history = "CREATE TABLE _kontract_migrations (package TEXT NOT NULL, version INT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, \
         state TEXT NOT NULL, reverse TEXT, applied_at BIGINT NOT NULL, tables TEXT NOT NULL, shape TEXT NOT NULL, step INT NOT NULL DEFAULT 0, \
         additive BOOLEAN NOT NULL DEFAULT false, PRIMARY KEY (package, version)); GRANT ALL ON _kontract_migrations TO PUBLIC";
    let trigger = format!(
        "CREATE FUNCTION takes_over() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {TRACE}; RETURN new; END $$; \
         CREATE TRIGGER t BEFORE INSERT ON _kontract_migrations FOR EACH ROW EXECUTE FUNCTION takes_over()"
    );
    let equals = sql(
        "same",
        "pg_catalog.oid, pg_catalog.regnamespace",
        "bool",
        "$1 OPERATOR(pg_catalog.=) $2::pg_catalog.oid",
    );
    for (attack, named) in [
        // Both match better than the server's functions, whose arguments are texts.
        (sql("hashtext", "name", "int", "1"), "the function `public.hashtext`"),
        (sql("quote_ident", "name", "text", "$1::text"), "the function `public.quote_ident`"),
        (
            sql("has_schema_privilege", "name, text", "bool", "true"),
            "the function `public.has_schema_privilege`",
        ),
        (
            format!(
                "{equals}; CREATE OPERATOR public.= (LEFTARG = pg_catalog.oid, RIGHTARG = pg_catalog.regnamespace, FUNCTION = same)"
            ),
            "the operator `public.=`",
        ),
        (format!("{history}; {trigger}"), "the table `public._kontract_migrations`"),
    ] {
        let (database, url) = attacked("kontract_victim");
        block_on(async {
            // A superuser is attacked as well.
            mallory(&database, &attack).await;
            for url in [&url, database.url()] {
                let (code, error) = code(Program::new(&[A, B]).start(url).await);
                assert_eq!(code, "K0451", "{attack}: {error}");
                let text = format!("{error:?}");
                assert!(text.contains(named) && text.contains("`kontract_mallory`"), "{text}");
            }
            expect(database.url(), "SELECT count(*)::int FROM trace", 0).await;
            expect(database.url(), "SELECT count(*)::int FROM pg_class WHERE relname = 'a'", 0)
                .await;
        });
    }
}

/// Without the check the attack works, so the tests above are effective.
#[test]
fn the_attack_works_without_the_check() {
    let (database, url) = attacked("kontract_victim");
    block_on(async {
        let function = format!(
            "CREATE FUNCTION hashtext(name) RETURNS int VOLATILE LANGUAGE sql AS $$ {TRACE}; SELECT 1 $$"
        );
        mallory(&database, &function).await;
        by_hand(&url, "SELECT hashtext(current_schema())").await;
        expect(database.url(), "SELECT count(*)::int FROM trace WHERE who = 'kontract_victim'", 1)
            .await;
    });
}

/// `"$user"` is first on the default search path.
#[test]
fn a_schema_with_the_name_of_the_role() {
    let (database, url) = attacked("kontract_victim");
    let name = url.rsplit_once('/').unwrap().1;
    block_on(async {
        by_hand(database.url(), &format!("GRANT CREATE ON DATABASE {name} TO kontract_mallory"))
            .await;
        mallory(
            &database,
            "CREATE SCHEMA kontract_victim; GRANT ALL ON SCHEMA kontract_victim TO kontract_victim",
        )
        .await;
        let (code, error) = code(Program::new(&[A]).start(&url).await);
        assert_eq!(code, "K0451", "{error}");
        assert!(format!("{error:?}").contains("the schema `kontract_victim`"), "{error}");
        by_hand(database.url(), "ALTER SCHEMA kontract_victim OWNER TO kontract_victim").await;
        Program::new(&[A]).start(&url).await.unwrap().close().await;
        expect(database.url(), "SELECT count(*)::int FROM kontract_victim.a", 0).await;
    });
}

/// Objects that none of our names resolves to are harmless, and so are objects of trusted roles. Roles
/// belong to the whole server: the servers of the other tests trust no role.
#[test]
fn harmless_objects_are_accepted() {
    let (database, url) = attacked("kontract_friend");
    let function =
        "CREATE FUNCTION hashtext(name) RETURNS int IMMUTABLE LANGUAGE sql AS $$ SELECT 1 $$";
    let other = function.replace("hashtext(", "other(");
    block_on(async {
        // Objects with another name, in a schema that is not on the path, and temporary ones.
        mallory(
            &database,
            &format!("{other}; CREATE TABLE theirs (id INT); CREATE VIEW point AS SELECT 1"),
        )
        .await;
        by_hand(database.url(), "CREATE SCHEMA elsewhere; GRANT ALL ON SCHEMA elsewhere TO PUBLIC")
            .await;
        mallory(&database, &function.replace("hashtext", "elsewhere.hashtext")).await;
        Program::new(&[A]).start(&url).await.unwrap().close().await;
        // Objects of a role that the victim is a member of, of the victim, and of a superuser.
        mallory(&database, function).await;
        by_hand(database.url(), "GRANT kontract_mallory TO kontract_friend").await;
        let done = Program::new(&[A, B]).start(&url).await;
        by_hand(database.url(), "REVOKE kontract_mallory FROM kontract_friend").await;
        done.unwrap().close().await;
        by_hand(database.url(), "ALTER FUNCTION public.hashtext(name) OWNER TO kontract_friend")
            .await;
        Program::new(&[A, B, "INSERT INTO a VALUES (1)"]).start(&url).await.unwrap().close().await;
        by_hand(database.url(), "ALTER FUNCTION public.hashtext(name) OWNER TO postgres").await;
        Program::new(&[A, B, "INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (2)"])
            .start(&url)
            .await
            .unwrap()
            .close()
            .await;
        expect(database.url(), "SELECT count(*)::int FROM a", 2).await;
    });
}
