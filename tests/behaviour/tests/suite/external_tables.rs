//! External tables: other tables reference them, a start compares them, and no migration changes them.

use kontract::__private::Base;
use kontract::migrate::Migrator;
use kontract::storage::{HasRegistry, Registry};
use kontract_behaviour::StorageRegistry;
use kontract_schema::gate::{ManualFile, gate};
use kontract_schema::lock::{LockFile, Manual, Migration};
use kontract_schema::model::{ForeignKey, Schema, Table};
use kontract_schema::rules::Level;

use super::run_modes::expect;
use super::start::{by_hand, code};

/// A table with a key `id` and a column `name`.
pub fn table(name: &str) -> Table {
    let lock = LockFile::read(StorageRegistry::REGISTRY.lock).unwrap();
    let mut table = lock.schema().tables["settings"].clone();
    (table.name, table.ptr) = (name.to_owned(), name.to_owned());
    table.primary_key.clear();
    table.schema.retain(|field| field.name != "space");
    for field in &mut table.schema {
        field.primkey = field.name == "name";
        field.name = if field.primkey { "id" } else { "name" }.to_owned();
    }
    table
}

/// The external table `accounts`, and the table `orders`, which references it.
fn shop() -> Schema {
    let accounts = Table { external: true, ..table("accounts") };
    let mut orders = table("orders");
    let mut account = orders.field("id").unwrap().clone();
    (account.name, account.primkey) = ("account".to_owned(), false);
    orders.schema.push(account);
    let key = ForeignKey {
        fields: vec!["account".to_owned()],
        table: "accounts".to_owned(),
        to: vec!["id".to_owned()],
        on_delete: Default::default(),
        on_update: Default::default(),
        ..ForeignKey::default()
    };
    orders.references.insert("orders_account_fkey".to_owned(), key);
    schema([accounts, orders])
}

pub fn schema<const N: usize>(tables: [Table; N]) -> Schema {
    Schema { tables: tables.map(|table| (table.name.clone(), table)).into() }
}

/// The lock file with one more migration. Fails if the gate refuses it.
pub fn next(lock: LockFile, schema: &Schema, manual: Option<ManualFile<'_>>) -> LockFile {
    let gate = gate(&lock, schema, manual);
    let draft = gate.draft.unwrap_or_else(|| panic!("{:?}", gate.problems));
    let mut lock = lock.with_schema(schema.clone());
    lock.version += 1;
    lock.migrations.push(Migration { name: format!("m{}", lock.version), ..draft }.hashed());
    lock
}

fn registry(lock: &LockFile) -> &'static Registry {
    Box::leak(Box::new(Registry {
        package: "made-up",
        version: lock.version,
        head: lock.head().to_owned().leak(),
        lock: LockFile::read(&lock.write()).unwrap().write().leak(),
        ..*StorageRegistry::REGISTRY
    }))
}

async fn start(url: &str, lock: &LockFile) -> kontract::Result<Base> {
    Base::connect(url, registry(lock)).await
}

const ACCOUNTS: &str =
    "CREATE TABLE accounts (id BIGINT PRIMARY KEY, name TEXT, secret TEXT NOT NULL)";

kontract_test_support::both! {
    async fn f9_an_external_table_must_match_its_struct(url: &str) {
        let lock = next(LockFile::default(), &shop(), None);
        for statement in ["CREATE TABLE x (id BIGINT)", "CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT)"] {
            by_hand(url, statement).await;
            let (code, error) = code(start(url, &lock).await);
            assert_eq!(code, "K0461", "{error}");
            let text = format!("{error:?}");
            assert!(text.contains("table `accounts` does not exist") || text.contains("table `accounts` has the column `id` of type text"), "{text}");
            by_hand(url, "CREATE TABLE orders (id BIGINT)").await;
            by_hand(url, "DROP TABLE orders").await;
        }
        by_hand(url, "DROP TABLE accounts").await;
        by_hand(url, ACCOUNTS).await;
        by_hand(url, "INSERT INTO accounts VALUES (1, NULL, 's')").await;
        let base = start(url, &lock).await.unwrap();
        base.verify().await.unwrap();
        base.close().await;
        by_hand(url, "INSERT INTO orders (id, name, account) VALUES (7, 'a', 1)").await;

        // `Migrator` behaves like a start, and drops only tables of the package.
        let migrator = Migrator::new(url, "made-up", lock.clone(), Default::default()).unwrap();
        assert_eq!(migrator.status().await.unwrap().drift, Some(Vec::new()));
        assert_eq!(migrator.reset().await.unwrap(), ["orders"]);
        expect(url, "SELECT count(*) FROM accounts WHERE secret = 's'", 1).await;
        migrator.close().await;
    }

    async fn t14_changes_of_an_external_struct_run_no_statement(url: &str) {
        by_hand(url, ACCOUNTS).await;
        let lock = next(LockFile::default(), &shop(), None);
        start(url, &lock).await.unwrap().close().await;
        let mut described = shop();
        let accounts = described.tables.get_mut("accounts").unwrap();
        let mut secret = accounts.field("name").unwrap().clone();
        secret.name = "secret".to_owned();
        accounts.schema.push(secret);
        let lock = next(lock, &described, None);
        let newest = lock.migrations.last().unwrap();
        assert_eq!(newest.changes.iter().map(|change| (change.change.to_string(), change.rule.as_str())).collect::<Vec<_>>(), [("accounts:external".to_owned(), "T14")]);
        assert!(newest.sql.postgres.up.is_empty() && newest.sql.sqlite.up.is_empty() && newest.additive);
        start(url, &lock).await.unwrap().close().await;
        // The struct can be removed with the references to it.
        let without = gate(&lock, &schema([]), None);
        let rules: Vec<&str> = without.judgements.iter().map(|judgement| judgement.rule.id).collect();
        assert_eq!(rules, ["T3", "T14"]);
    }

    async fn t15_t16_tables_become_external_and_managed(url: &str) {
        let ours = schema([table("accounts")]);
        let lock = next(LockFile::default(), &ours, None);
        start(url, &lock).await.unwrap().close().await;
        by_hand(url, "INSERT INTO accounts (id, name) VALUES (1, 'a')").await;
        let theirs = schema([Table { external: true, ..table("accounts") }]);
        let found = gate(&lock, &theirs, None);
        assert_eq!(found.judgements[0].level, Level::Warn);
        let lock = next(lock, &theirs, None);
        start(url, &lock).await.unwrap().close().await;

        let refused = gate(&lock, &ours, None);
        assert!(refused.draft.is_none() && refused.judgements[0].rule.id == "T16");
        let text = refused.manual_text(&lock.schema()).unwrap();
        assert!(text.contains("-- kontract: covers accounts:external") && text.contains("CREATE TABLE IF NOT EXISTS accounts"), "{text}");
        let record = Manual { file: "0003_ours.sql".to_owned(), checksum: String::new() };
        let file = ManualFile { name: "ours", text: &text, record: &record };
        let back = next(lock, &ours, Some(file));
        start(url, &back).await.unwrap().close().await;
        expect(url, "SELECT count(*) FROM accounts WHERE name = 'a'", 1).await;
    }
}
