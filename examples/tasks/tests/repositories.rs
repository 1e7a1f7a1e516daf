//! Tests every operation of the repositories on both databases, and that each is one statement.

use kontract::Kind;
use kontract_test_support::statements::Statements;
use kontract_test_support::{both, execute};
use serde_json::json;
use tasks::{
    NewAsset, NewNotification, NewSession, NewUser, NotificationType, Repositories, Role, Status,
    Storage, Task, User, register,
};

async fn open(url: &str) -> (Storage, Repositories) {
    let storage = Storage::connect(url).await.expect("a fresh database");
    let of = Repositories::new(&storage);
    (storage, of)
}

fn user(name: &str) -> NewUser {
    NewUser::new(format!("{name}@example.org"), "argon2id$…", name)
}

fn asset(user: &User, size: i64) -> NewAsset {
    let path = format!("uploads/{size}.png");
    let url = format!("/files/{size}.png");
    NewAsset::new(&user.id, "a.png", "cat.png", "image/png", size, path, url)
}

both! {
    async fn operations_on_users(url: &str) {
        let (_, of) = open(url).await;
        let ann = of.users.create(user("ann")).await.unwrap();
        assert_eq!((ann.role, ann.two_factor_enabled, &ann.google_id), (Role::User, false, &None));
        assert_eq!(ann.created_at, ann.updated_at);
        assert_eq!(kontract::Uuid::parse_str(&ann.id).unwrap().get_version_num(), 7);
        let bob = of.users.create(user("bob").role(Role::Admin).google_id("bob-at-google")).await.unwrap();
        assert!(bob.id > ann.id, "a later id is greater");
        // An insert returns the stored row.
        assert_eq!(of.users.find_all().await.unwrap(), [ann.clone(), bob.clone()]);
        assert_eq!(of.users.find_by_id(&bob.id).await.unwrap(), Some(bob.clone()));
        assert_eq!(of.users.find_by_id("missing").await.unwrap(), None);
        assert_eq!(of.users.find_by_email("ann@example.org").await.unwrap(), Some(ann.clone()));
        let emails = of.users.emails().await.unwrap();
        assert_eq!(emails[1], (bob.id.clone(), "bob@example.org".to_owned()));

        let jane = of.users.update(&ann.id, User::patch().name("Jane").email_verified_at(ann.created_at)).await.unwrap();
        assert_eq!((jane.name.as_str(), jane.email_verified_at), ("Jane", Some(ann.created_at)));
        assert!(jane.updated_at >= ann.updated_at && jane.created_at == ann.created_at);
        assert_eq!(of.users.find_by_id(&ann.id).await.unwrap(), Some(jane));

        let taken = of.users.create(user("bob")).await.unwrap_err();
        assert_eq!(*taken.kind(), Kind::Unique { constraint: "users_email_key".to_owned() });
        let taken = of.users.update(&ann.id, User::patch().google_id("bob-at-google")).await.unwrap_err();
        assert_eq!(*taken.kind(), Kind::Unique { constraint: "users_google_id_key".to_owned() });

        let page = of.users.page(None).await.unwrap();
        assert_eq!((page.rows.len(), page.next), (2, None));
        assert!(of.users.delete(&bob.id).await.unwrap());
        assert!(!of.users.delete(&bob.id).await.unwrap());
        assert_eq!(*of.users.update(&bob.id, User::patch().name("x")).await.unwrap_err().kind(), Kind::NotFound);
    }

    async fn operations_on_tasks(url: &str) {
        let (storage, of) = open(url).await;
        let (ann, first) = register(&storage, user("ann"), "Buy milk").await.unwrap();
        let bob = of.users.create(user("bob")).await.unwrap();
        assert_eq!(first.status, Status::Pending);
        let second = of.tasks.create(&ann.id, "Write a letter").await.unwrap();
        let other = of.tasks.create(&bob.id, "Buy bread").await.unwrap();
        assert_eq!(of.tasks.find_all().await.unwrap(), [first.clone(), second.clone(), other.clone()]);
        assert_eq!(of.tasks.find_by_id(&second.id).await.unwrap(), Some(second.clone()));
        assert_eq!(of.tasks.find_by_user(&ann.id).await.unwrap(), [first.clone(), second.clone()]);
        let names: Vec<_> = of.tasks.find_with_users().await.unwrap();
        let names: Vec<_> = names.iter().map(|task| (task.title.as_str(), task.user_name.as_str())).collect();
        assert_eq!(names, [("Buy milk", "ann"), ("Write a letter", "ann"), ("Buy bread", "bob")]);

        let done = of.tasks.update(&first.id, Task::patch().status(Status::Completed)).await.unwrap();
        assert_eq!((done.status, done.title.as_str()), (Status::Completed, "Buy milk"));
        assert!(done.updated_at >= first.updated_at);
        assert_eq!(of.tasks.count_by_status().await.unwrap(), [(Status::Pending, 2), (Status::Completed, 1)]);
        let changed = of.tasks.complete_all(&ann.id).await.unwrap();
        assert_eq!(changed.len(), 1);
        assert_eq!((&changed[0].id, changed[0].status), (&second.id, Status::Completed));
        assert!(of.tasks.delete(&other.id).await.unwrap());
        assert_eq!(of.tasks.find_by_id(&other.id).await.unwrap(), None);

        let missing = of.tasks.create("missing", "x").await.unwrap_err();
        assert!(matches!(missing.kind(), Kind::ForeignKey { .. }), "{missing}");
        let kept = of.users.delete(&ann.id).await.unwrap_err();
        assert!(matches!(kept.kind(), Kind::ForeignKey { .. }), "{kept}");
    }

    async fn registering_is_atomic(url: &str) {
        let (storage, of) = open(url).await;
        let (ann, _) = register(&storage, user("ann"), "Buy milk").await.unwrap();
        assert_eq!(of.notifications.count_unread(&ann.id).await.unwrap(), 1);
        let taken = register(&storage, user("ann"), "Buy bread").await.unwrap_err();
        assert_eq!(*taken.kind(), Kind::Unique { constraint: "users_email_key".to_owned() });
        // The insert into the second table fails, and the first one is rolled back.
        let refused = storage.transaction(async |tx| {
            let of = Repositories::new(&tx);
            of.users.create(user("bob")).await?;
            of.tasks.create("missing", "x").await
        });
        assert!(refused.await.is_err());
        assert_eq!(of.users.find_all().await.unwrap(), [ann]);
        assert_eq!(of.tasks.find_all().await.unwrap().len(), 1);
    }

    async fn operations_on_sessions(url: &str) {
        let (_, of) = open(url).await;
        let ann = of.users.create(user("ann")).await.unwrap();
        let new = |id: &str, at| NewSession::new(&ann.id, "{}", at).id(id).ip_address("192.0.2.1");
        let old = of.sessions.create(new("old", 100)).await.unwrap();
        let young = of.sessions.create(new("young", 200)).await.unwrap();
        assert_eq!((old.ip_address.as_deref(), &old.user_agent), (Some("192.0.2.1"), &None));
        assert_eq!(of.sessions.find_all().await.unwrap().len(), 2);
        assert_eq!(of.sessions.find_by_id("old").await.unwrap(), Some(old.clone()));
        assert_eq!(of.sessions.find_by_user(&ann.id).await.unwrap(), [young.clone(), old.clone()]);
        assert_eq!(of.sessions.find_with_user("old").await.unwrap(), Some((old, ann.clone())));
        assert_eq!(of.sessions.find_with_user("none").await.unwrap(), None);
        assert_eq!(of.sessions.touch("young", 300).await.unwrap().last_activity, 300);
        assert_eq!(of.sessions.delete_idle(150).await.unwrap(), 1);
        assert!(!of.sessions.delete("old").await.unwrap());
        assert!(of.sessions.delete("young").await.unwrap());
    }

    async fn operations_on_notifications(url: &str) {
        let (_, of) = open(url).await;
        let ann = of.users.create(user("ann")).await.unwrap();
        let one = of.notifications.create(NewNotification::new(&ann.id, "One", "…")).await.unwrap();
        assert_eq!((one.kind, one.read_at), (NotificationType::Info, None));
        let two = NewNotification::new(&ann.id, "Two", "…").kind(NotificationType::Warning);
        let two = of.notifications.create(two).await.unwrap();
        assert_eq!(of.notifications.find_all().await.unwrap(), [one.clone(), two.clone()]);
        assert_eq!(of.notifications.find_by_user(&ann.id).await.unwrap(), [two.clone(), one.clone()]);
        assert_eq!(of.notifications.count_unread(&ann.id).await.unwrap(), 2);
        let read = of.notifications.mark_read(&one.id).await.unwrap();
        assert!(read.read_at.is_some_and(|at| at >= one.created_at));
        assert_eq!(of.notifications.find_by_id(&one.id).await.unwrap(), Some(read));
        assert_eq!(of.notifications.mark_all_read(&ann.id).await.unwrap(), 1);
        assert_eq!(of.notifications.count_unread(&ann.id).await.unwrap(), 0);
        assert!(of.notifications.delete(&two.id).await.unwrap());
    }

    async fn operations_on_assets(url: &str) {
        let (_, of) = open(url).await;
        let (ann, bob) = (user("ann"), user("bob"));
        let (ann, bob) = (of.users.create(ann).await.unwrap(), of.users.create(bob).await.unwrap());
        let metadata = json!({"width": 640, "height": 480, "format": "png"});
        let cat = of.assets.create(asset(&ann, 1000).metadata(metadata.clone())).await.unwrap();
        let plain = of.assets.create(asset(&ann, 500)).await.unwrap();
        let big = of.assets.create(asset(&bob, 5_000_000_000)).await.unwrap();
        assert_eq!(of.assets.find_by_id(&cat.id).await.unwrap().unwrap().metadata, Some(metadata));
        assert_eq!(of.assets.find_all().await.unwrap().len(), 3);
        assert_eq!(of.assets.find_by_user(&ann.id).await.unwrap(), [plain.clone(), cat.clone()]);
        assert_eq!(of.assets.find_images(600).await.unwrap(), std::slice::from_ref(&cat));
        assert_eq!(of.assets.find_images(641).await.unwrap(), []);
        let wide = of.assets.describe(&plain.id, json!({"width": 1000})).await.unwrap();
        assert_eq!(of.assets.find_images(641).await.unwrap(), [wide]);
        let usage = of.assets.usage().await.unwrap();
        let usage: Vec<_> = usage.iter().map(|of| (of.user_id.as_str(), of.files, of.bytes)).collect();
        assert_eq!(usage, [(&*bob.id, 1, Some(5_000_000_000)), (&*ann.id, 2, Some(1500))]);
        assert!(of.assets.delete(&big.id).await.unwrap());
    }

    /// Rows that other programs insert without the columns that have defaults.
    async fn defaults_and_checks_are_those_of_the_database(url: &str) {
        let (storage, of) = open(url).await;
        execute(url, "INSERT INTO users (id, email, password_hash, name) VALUES ('a', 'a@b', 'x', 'A');
                      INSERT INTO tasks (id, user_id, title) VALUES ('t', 'a', 'T');
                      INSERT INTO notifications (id, user_id, title, message) VALUES ('n', 'a', 'N', 'N')");
        let a = of.users.find_by_id("a").await.unwrap().unwrap();
        assert_eq!((a.role, a.two_factor_enabled), (Role::User, false));
        let age = jiff::Timestamp::now().duration_since(a.created_at);
        assert!(age.as_secs().abs() < 60, "{age}");
        assert_eq!(of.tasks.find_by_id("t").await.unwrap().unwrap().status, Status::Pending);
        let n = of.notifications.find_by_id("n").await.unwrap().unwrap();
        assert_eq!(n.kind, NotificationType::Info);
        for refused in [
            "UPDATE users SET role = 'king'",
            "UPDATE tasks SET status = 'Pending'",
            "UPDATE notifications SET type = ''",
            "UPDATE tasks SET user_id = 'missing'",
            "UPDATE users SET email = NULL",
        ] {
            // In other programs, SQLite's foreign keys are off by default.
            let refused = format!("{}{refused}", if url.starts_with("sqlite") { "PRAGMA foreign_keys = ON; " } else { "" });
            let by_hand = || execute(url, &refused);
            assert!(std::panic::catch_unwind(by_hand).is_err(), "{refused}");
        }
        storage.verify().await.unwrap();
    }

    async fn each_operation_is_one_statement(url: &str) {
        let statements = Statements::of(url).await;
        let (storage, of) = open(statements.url()).await;
        let (ann, task) = register(&storage, user("ann"), "Buy milk").await.unwrap();
        let bob = of.users.create(user("bob")).await.unwrap();
        let notification =
            of.notifications.create(NewNotification::new(&ann.id, "One", "…")).await.unwrap();
        let cat = of.assets.create(asset(&ann, 1)).await.unwrap();
        of.sessions.create(NewSession::new(&ann.id, "{}", 1i64).id("s")).await.unwrap();
        macro_rules! one {
            ($($operation:expr;)*) => { $({
                let before = statements.count();
                $operation.await.unwrap();
                assert_eq!(statements.count() - before, 1, "{}", stringify!($operation));
            })* };
        }
        one! {
            of.users.find_all();
            of.users.find_by_id(&ann.id);
            of.users.find_by_email("ann@example.org");
            of.users.emails();
            of.users.page(None);
            of.users.create(user("cem"));
            of.users.update(&ann.id, User::patch().name("Jane"));
            of.users.delete(&bob.id);
            of.tasks.find_all();
            of.tasks.find_by_id(&task.id);
            of.tasks.find_by_user(&ann.id);
            of.tasks.find_with_users();
            of.tasks.count_by_status();
            of.tasks.create(&ann.id, "x");
            of.tasks.update(&task.id, Task::patch().title("y"));
            of.tasks.complete_all(&ann.id);
            of.tasks.delete(&task.id);
            of.sessions.find_all();
            of.sessions.find_by_id("s");
            of.sessions.find_with_user("s");
            of.sessions.find_by_user(&ann.id);
            of.sessions.touch("s", 2);
            of.sessions.delete_idle(1);
            of.sessions.delete("s");
            of.notifications.find_all();
            of.notifications.find_by_id(&notification.id);
            of.notifications.find_by_user(&ann.id);
            of.notifications.count_unread(&ann.id);
            of.notifications.mark_read(&notification.id);
            of.notifications.mark_all_read(&ann.id);
            of.notifications.delete(&notification.id);
            of.assets.find_all();
            of.assets.find_by_id(&cat.id);
            of.assets.find_by_user(&ann.id);
            of.assets.find_images(1);
            of.assets.usage();
            of.assets.describe(&cat.id, json!({}));
            of.assets.delete(&cat.id);
        }
        storage.close().await;
    }
}
