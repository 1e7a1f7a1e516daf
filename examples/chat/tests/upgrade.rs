//! The program upgrades a database that its first version created.

use chat::{Channel, NewChannel, Storage};
use kontract::__private::{Base, Registry};
use kontract_schema::lock::LockFile;
use kontract_test_support::{both, execute};

/// The registry of version 1 of the program, with its lock file.
fn first_version() -> &'static Registry {
    let now =
        LockFile::read(include_str!("../kontract.lock.json")).expect("the lock file is valid");
    let mut schema = now.schema();
    let channels = schema.tables.get_mut("channels").expect("a table of the example");
    channels.schema.retain(|field| field.name != "topic");
    let migrations = now.migrations[..1].to_vec();
    let then = LockFile { version: 1, migrations, ..now }.with_schema(schema);
    Box::leak(Box::new(Registry {
        package: "chat",
        version: 1,
        head: then.head().to_owned().leak(),
        draft: None,
        lock: then.write().leak(),
        debug: true,
        generators: &[],
        migrations: &[],
    }))
}

both! {
    async fn an_old_database_is_upgraded(url: &str) {
        let old = Base::connect(url, first_version()).await.expect("a fresh database");
        old.close().await;
        execute(url, "INSERT INTO spaces (id, name) VALUES ('home', 'Home');
                      INSERT INTO channels (id, space_id, name) VALUES ('general', 'home', 'general')");

        let storage = Storage::connect(url).await.expect("the upgrade");
        let general = storage.channels.get("general").await.expect("the query").expect("the row");
        assert_eq!((general.name.as_str(), general.topic), ("general", None));
        let random = NewChannel::new("home", "random").topic("Whatever");
        let random = storage.channels.insert(random).await.expect("the new column");
        let found = storage.channels.query(Channel::topic.eq("Whatever".to_owned())).await;
        assert_eq!(found.expect("the query"), [random]);

        // A second start changes nothing.
        let again = Storage::connect(url).await.expect("up to date");
        assert_eq!(again.channels.count().await.expect("the query"), 2);
    }

    async fn references_act_as_declared(url: &str) {
        let storage = Storage::connect(url).await.expect("a fresh database");
        execute(url, "INSERT INTO spaces (id, name) VALUES ('home', 'Home');
                      INSERT INTO users (id, name) VALUES ('ann', 'Ann')");
        let general = storage.channels.insert(NewChannel::new("home", "general")).await.expect("a channel");
        let message = chat::NewEvent::new(chat::Kind::Message, general.id.as_str()).user_id("ann");
        let message = storage.events.insert(message).await.expect("an event");
        let answer = chat::NewEvent::new(chat::Kind::Reply, general.id.as_str()).parent_id(message.id);
        storage.events.insert(answer).await.expect("an answer");

        storage.users.delete("ann").await.expect("the user is deleted");
        let kept = storage.events.get(message.id).await.expect("the query").expect("the event is kept");
        assert_eq!(kept.user_id, None);
        storage.spaces.delete("home").await.expect("the space is deleted, with its channels and events");
        assert_eq!(storage.events.count().await.expect("the query"), 0);

        let nowhere = storage.channels.insert(NewChannel::new("nowhere", "x")).await;
        let error = nowhere.expect_err("the space does not exist");
        assert!(matches!(error.kind(), kontract::Kind::ForeignKey { .. }), "{error}");
    }
}
