//! Two packages in one database: neither uses a table of the other.

use kontract::Error;
use kontract::migrate::Migrator;
use kontract_schema::gate::gate;
use kontract_schema::lock::LockFile;
use kontract_schema::model::{Index, Schema, Table};

use super::external_tables::{next, schema, table};
use super::run_modes::expect;
use super::start::by_hand;

/// A package with its lock file.
struct Package {
    name: &'static str,
    lock: LockFile,
}

impl Package {
    /// A package whose first migration creates these tables.
    fn sealed(name: &'static str, tables: &Schema) -> Package {
        Package { name, lock: next(LockFile::default(), tables, None) }
    }

    /// A package with unsealed changes only.
    fn draft(name: &'static str, tables: &Schema) -> Package {
        Package { name, lock: LockFile::default() }.drafted(tables)
    }

    fn drafted(mut self, tables: &Schema) -> Package {
        self.lock.draft = gate(&self.lock, tables, None).draft;
        assert!(self.lock.draft.is_some());
        self
    }

    fn then(self, tables: &Schema) -> Package {
        Package { lock: next(self.lock, tables, None), ..self }
    }

    fn at(&self, url: &str) -> Migrator {
        Migrator::new(url, self.name, self.lock.clone(), Default::default()).unwrap()
    }

    async fn up(&self, url: &str) -> Result<Vec<String>, Error> {
        let migrator = self.at(url);
        let done = migrator.up_with_draft().await;
        migrator.close().await;
        done
    }

    async fn reset(&self, url: &str) -> Vec<String> {
        let migrator = self.at(url);
        let dropped = migrator.reset().await.unwrap();
        migrator.close().await;
        dropped
    }

    /// Fails unless the package is refused because `owner` has the table.
    async fn refused(&self, url: &str, table: &str, owner: &str) {
        let error = self.up(url).await.unwrap_err();
        assert_eq!(error.code(), Some("K0463"), "{error}");
        let owned = format!("table `{table}` belongs to the package `{owner}`");
        let text = format!("{error:?}");
        assert!(text.contains(&owned) && text.contains("#[table(external)]"), "{text}");
        expect(
            url,
            &format!("SELECT count(*) FROM _kontract_migrations WHERE package = '{}'", self.name),
            0,
        )
        .await;
    }
}

/// The table that both packages declare.
fn accounts() -> Schema {
    schema([table("accounts")])
}

/// Fails unless the table has its row, so it was not dropped.
async fn is_alive(url: &str) {
    expect(url, "SELECT count(*) FROM accounts WHERE name = 'a'", 1).await;
}

const ROW: &str = "INSERT INTO accounts (id, name) VALUES (1, 'a')";

kontract_test_support::both! {
    async fn b31_a_sealed_table_is_not_shared(url: &str) {
        let (shop, bank) = (Package::sealed("shop", &accounts()), Package::sealed("bank", &accounts()));
        shop.up(url).await.unwrap();
        by_hand(url, ROW).await;
        bank.refused(url, "accounts", "shop").await;
        Package::draft("bank", &accounts()).refused(url, "accounts", "shop").await;
        // `baseline` does not adopt it either, nor a migration with more tables.
        let by_hand = bank.at(url).baseline(1).await.unwrap_err();
        assert_eq!(by_hand.code(), Some("K0463"), "{by_hand}");
        Package::sealed("bank", &schema([table("rates"), table("accounts")])).refused(url, "accounts", "shop").await;
        expect_no_table(url, "rates").await;
        is_alive(url).await;
        // As an external table it is accepted, and never dropped.
        let theirs = Table { external: true, ..table("accounts") };
        let bank = Package::sealed("bank", &schema([theirs, table("rates")]));
        bank.up(url).await.unwrap();
        assert_eq!(bank.reset(url).await, ["rates"]);
        is_alive(url).await;
        assert!(shop.up(url).await.unwrap().is_empty());
    }

    async fn b31_the_table_of_a_draft_is_not_shared(url: &str) {
        let shop = Package::draft("shop", &accounts());
        shop.up(url).await.unwrap();
        let bank = Package::draft("bank", &accounts());
        bank.refused(url, "accounts", "shop").await;
        Package::sealed("bank", &accounts()).refused(url, "accounts", "shop").await;
        by_hand(url, ROW).await;
        // A refused migration leaves nothing to roll back.
        assert!(bank.reset(url).await.is_empty());
        is_alive(url).await;
        assert!(shop.up(url).await.unwrap().is_empty(), "nothing changed");
        by_hand(url, "DELETE FROM accounts").await;
        shop.reset(url).await;
        bank.up(url).await.unwrap();
    }

    async fn b31_later_migrations_and_drafts_check_the_owner(url: &str) {
        let shop = Package::sealed("shop", &schema([table("orders")]));
        shop.up(url).await.unwrap();
        let bank = Package::draft("bank", &schema([table("rates")]));
        bank.up(url).await.unwrap();
        // The tables of a draft are the sealed ones and those that the draft creates.
        let error = shop.then(&schema([table("orders"), table("rates")])).up(url).await.unwrap_err();
        assert_eq!(error.code(), Some("K0463"), "{error}");
        let other = Package::draft("bank", &schema([table("orders")]));
        let error = other.up(url).await.unwrap_err();
        assert_eq!(error.code(), Some("K0463"), "{error}");
        // The draft was rolled back, and tables of others were not changed.
        expect_no_table(url, "rates").await;
        expect(url, "SELECT count(*) FROM orders", 0).await;
    }

    async fn the_name_of_an_index_is_not_shared(url: &str) {
        let indexed = |name: &str| {
            let index = Index { fields: vec!["name".to_owned()], ..Index::default() };
            let indexes = [("by_name".to_owned(), index)].into();
            Table { indexes, ..table(name) }
        };
        Package::sealed("shop", &schema([indexed("accounts")])).up(url).await.unwrap();
        let error = Package::sealed("bank", &schema([indexed("rates")])).up(url).await.unwrap_err();
        assert_eq!(error.code(), Some("K0427"), "{error}");
        let owner = "table `rates` has no index `by_name`: the database has the index `by_name` of table `accounts`";
        assert!(format!("{error:?}").contains(owner), "{error:?}");
        expect_no_table(url, "rates").await;
    }

    async fn rows_without_a_key_are_not_adopted(url: &str) {
        by_hand(url, "CREATE TABLE accounts (id INT PRIMARY KEY, name TEXT NOT NULL)").await;
        // PostgreSQL has no such rows.
        let is_sqlite = url.starts_with("sqlite");
        if !is_sqlite {
            by_hand(url, "ALTER TABLE accounts ALTER COLUMN id TYPE bigint").await;
        }
        let key = if is_sqlite { "NULL" } else { "2" };
        by_hand(url, &format!("INSERT INTO accounts (id, name) VALUES (1, 'a'), ({key}, 'b')")).await;
        let shop = Package::sealed("shop", &accounts());
        if is_sqlite {
            for refused in [shop.up(url).await.unwrap_err(), shop.at(url).baseline(1).await.unwrap_err()] {
                assert_eq!(refused.code(), Some("K0462"), "{refused}");
                let text = format!("{refused:?}");
                assert!(text.contains("table `accounts` has rows without a key"), "{text}");
                assert!(text.contains("`DELETE FROM accounts WHERE id IS NULL`"), "{text}");
            }
            by_hand(url, "DELETE FROM accounts WHERE id IS NULL").await;
        }
        shop.up(url).await.unwrap();
        is_alive(url).await;
    }

    async fn b31_reset_keeps_tables_of_other_packages(url: &str) {
        let shop = Package::sealed("shop", &accounts());
        let bank = Package::sealed("bank", &schema([table("rates")])).drafted(&schema([table("rates"), table("limits")]));
        shop.up(url).await.unwrap();
        bank.up(url).await.unwrap();
        by_hand(url, ROW).await;
        assert_eq!(bank.reset(url).await, ["rates"]);
        expect_no_table(url, "limits").await;
        is_alive(url).await;
        bank.up(url).await.unwrap();
        assert_eq!(shop.reset(url).await, ["accounts"]);
        expect(url, "SELECT count(*) FROM limits", 0).await;
    }

    async fn b31_a_table_is_handed_over(url: &str) {
        let shop = Package::sealed("shop", &accounts());
        shop.up(url).await.unwrap();
        by_hand(url, ROW).await;
        let bank = Package::sealed("bank", &accounts());
        bank.refused(url, "accounts", "shop").await;
        let shop = shop.then(&schema([Table { external: true, ..table("accounts") }]));
        shop.up(url).await.unwrap();
        bank.up(url).await.unwrap();
        is_alive(url).await;
        // The table now belongs to the other package.
        assert!(shop.reset(url).await.is_empty());
        is_alive(url).await;
        assert_eq!(bank.reset(url).await, ["accounts"]);
    }
}

async fn expect_no_table(url: &str, name: &str) {
    by_hand(url, &format!("CREATE TABLE {name} (id BIGINT)")).await;
    by_hand(url, &format!("DROP TABLE {name}")).await;
}
