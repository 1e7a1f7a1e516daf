//! The databases are new and independent.

#[test]
fn databases_are_fresh() {
    let first = kontract_test_support::postgres_database();
    let second = kontract_test_support::postgres_database();
    assert!(first.is_postgres());
    assert_ne!(first.url(), second.url());
    let sqlite = kontract_test_support::sqlite_database();
    assert!(sqlite.url().starts_with("sqlite:/"));
}
