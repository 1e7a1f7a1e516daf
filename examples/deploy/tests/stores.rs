//! Tests every operation of the stores, the migrations at the start, and the program, on both databases.

use std::process::Command;

use deploy::{DatabaseStore, Instance, NewUser, Provider, Role, State, Storage, User};
use kontract::migrate::EntryState;
use kontract::{Kind, Uuid};
use kontract_test_support::statements::Statements;
use kontract_test_support::{both, execute, postgres_database, sqlite_database};

fn user(name: &str) -> NewUser {
    NewUser::new(format!("{name}@example.org"), name, Provider::Google)
}

async fn open(url: &str) -> DatabaseStore {
    DatabaseStore::open(url).await.expect("a fresh database")
}

both! {
    async fn accounts(url: &str) {
        let db = open(url).await;
        let ann = db.users.create(user("ann")).await.unwrap();
        assert_eq!((ann.provider, &ann.avatar_url), (Provider::Google, &None));
        assert_eq!(db.users.get(ann.id).await.unwrap(), Some(ann.clone()));
        assert_eq!(db.users.find_by_email("ann@example.org").await.unwrap(), Some(ann.clone()));
        assert_eq!(db.users.find_by_email("ANN@example.org").await.unwrap(), None);
        let taken = db.users.create(user("ann")).await.unwrap_err();
        assert_eq!(*taken.kind(), Kind::Unique { constraint: "users_email_key".to_owned() });

        // A known user keeps the account, a new user gets one.
        let again = db.users.sign_in(user("ann").avatar_url("/ann.png")).await.unwrap();
        assert_eq!((again.id, again.created_at), (ann.id, ann.created_at));
        assert_eq!(again.avatar_url.as_deref(), Some("/ann.png"));
        let bob = db.users.sign_in(user("bob")).await.unwrap();
        let robert = db.users.update(bob.id, User::patch().name("Robert")).await.unwrap();
        assert_eq!((robert.name.as_str(), robert.email), ("Robert", bob.email));
        assert!(db.users.delete(bob.id).await.unwrap());
        assert!(!db.users.delete(bob.id).await.unwrap());
    }

    async fn concurrent_sign_ins_create_one_account(url: &str) {
        let db = open(url).await;
        let tasks: Vec<_> = (0..16)
            .map(|_| tokio::spawn({
                let users = db.users.clone();
                async move { users.sign_in(user("ann")).await.unwrap().id }
            }))
            .collect();
        let mut ids = Vec::new();
        for task in tasks {
            ids.push(task.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
    }

    async fn users_belong_to_many_clusters(url: &str) {
        let db = open(url).await;
        let ann = db.users.create(user("ann")).await.unwrap();
        let bob = db.users.create(user("bob")).await.unwrap();
        let live = db.clusters.create("live", ann.id).await.unwrap();
        let staging = db.clusters.create("staging", ann.id).await.unwrap();
        assert_eq!(db.clusters.get(live.id).await.unwrap(), Some(live.clone()));
        let place = db.clusters.set_role(live.id, bob.id, Role::Viewer).await.unwrap();
        let raised = db.clusters.set_role(live.id, bob.id, Role::Developer).await.unwrap();
        assert_eq!((place.role, raised.role), (Role::Viewer, Role::Developer));
        assert_eq!(place.created_at, raised.created_at, "the same membership");

        let of_ann = db.clusters.of_user(ann.id).await.unwrap();
        assert_eq!(of_ann, [(live.clone(), Role::Owner), (staging.clone(), Role::Owner)]);
        assert_eq!(db.clusters.of_user(bob.id).await.unwrap(), [(live.clone(), Role::Developer)]);
        let users = db.clusters.users(live.id).await.unwrap();
        assert_eq!(users, [(ann.clone(), Role::Owner), (bob.clone(), Role::Developer)]);
        assert_eq!(db.clusters.role(live.id, bob.id).await.unwrap(), Some(Role::Developer));
        assert_eq!(db.clusters.role(staging.id, bob.id).await.unwrap(), None);
        assert!(db.clusters.remove_user(live.id, bob.id).await.unwrap());
        assert!(!db.clusters.remove_user(live.id, bob.id).await.unwrap());

        // A membership is deleted with its user.
        let missing = db.clusters.set_role(live.id, Uuid::nil(), Role::Admin).await.unwrap_err();
        assert!(matches!(missing.kind(), Kind::ForeignKey { .. }), "{missing}");
        assert!(db.users.delete(ann.id).await.unwrap());
        assert_eq!(db.clusters.users(live.id).await.unwrap(), []);
    }

    async fn a_cluster_and_its_owner_are_inserted_together(url: &str) {
        let db = open(url).await;
        let missing = db.clusters.create("live", Uuid::nil()).await.unwrap_err();
        assert!(matches!(missing.kind(), Kind::ForeignKey { .. }), "{missing}");
        assert_eq!(db.clusters.with_instances().await.unwrap(), []);
        let ann = db.users.create(user("ann")).await.unwrap();
        let nameless = db.clusters.create("", ann.id).await.unwrap_err();
        assert!(matches!(nameless.kind(), Kind::Check { .. }), "{nameless}");
    }

    async fn clusters_contain_instances(url: &str) {
        let db = open(url).await;
        let ann = db.users.create(user("ann")).await.unwrap();
        let bob = db.users.create(user("bob")).await.unwrap();
        let live = db.clusters.create("live", ann.id).await.unwrap();
        let empty = db.clusters.create("empty", bob.id).await.unwrap();
        let web = db.instances.create(live.id, "web").await.unwrap();
        let db_ = db.instances.create(live.id, "db").await.unwrap();
        assert_eq!((web.state, &web.address), (State::Pending, &None));
        let twice = db.instances.create(live.id, "web").await.unwrap_err();
        let constraint = "instances_cluster_id_name_key".to_owned();
        assert_eq!(*twice.kind(), Kind::Unique { constraint });
        db.instances.create(empty.id, "web").await.map(drop).unwrap();

        let runs = Instance::patch().state(State::Running).address("10.0.0.1:80");
        let web = db.instances.update(web.id, runs).await.unwrap();
        assert_eq!(db.instances.get(web.id).await.unwrap(), Some(web.clone()));
        assert_eq!(db.instances.in_cluster(live.id).await.unwrap(), [db_.clone(), web.clone()]);
        assert_eq!(db.instances.get_for(ann.id, web.id).await.unwrap(), Some(web.clone()));
        assert_eq!(db.instances.get_for(bob.id, web.id).await.unwrap(), None);
        let states = db.instances.count_by_state(live.id).await.unwrap();
        assert_eq!(states, [(State::Pending, 1), (State::Running, 1)]);
        let all = db.clusters.with_instances().await.unwrap();
        assert_eq!(all[0], (live.clone(), vec![web.clone(), db_.clone()]));
        assert_eq!((all[1].0.id, all[1].1.len()), (empty.id, 1));

        let stopped = db.instances.stop_all(live.id).await.unwrap();
        assert_eq!(stopped.len(), 1);
        assert_eq!((stopped[0].id, stopped[0].state, &stopped[0].address), (web.id, State::Stopped, &None));
        assert!(db.instances.delete(db_.id).await.unwrap());
        assert!(db.clusters.delete(live.id).await.unwrap());
        assert_eq!(db.instances.get(web.id).await.unwrap(), None, "it was deleted with its cluster");
    }

    /// Several programs start at the same time on a database that has applied the first migration only.
    async fn migrations_run_at_the_start(url: &str) {
        let migrator = Storage::migrator(url).unwrap();
        migrator.up(Some(1)).await.unwrap();
        let id = Uuid::now_v7();
        execute(url, &format!("INSERT INTO users (id, email, name, provider) VALUES ('{id}', 'old@example.org', 'Old', 'github')"));
        let starts: Vec<_> = (0..4)
            .map(|_| tokio::spawn({
                let url = url.to_owned();
                async move { DatabaseStore::open(&url).await.unwrap() }
            }))
            .collect();
        for start in starts {
            let db = start.await.unwrap();
            let old = db.users.get(id).await.unwrap().expect("the row was kept");
            assert_eq!((old.provider, old.avatar_url), (Provider::Github, None));
        }
        let status = migrator.status().await.unwrap();
        assert_eq!(status.drift, Some(Vec::new()), "{status:?}");
        assert!(status.migrations.iter().all(|one| one.state == EntryState::Applied), "{status:?}");
        migrator.close().await;
    }

    async fn each_operation_of_the_stores_is_one_statement(url: &str) {
        let statements = Statements::of(url).await;
        let db = open(statements.url()).await;
        let ann = db.users.create(user("ann")).await.unwrap();
        let live = db.clusters.create("live", ann.id).await.unwrap();
        let web = db.instances.create(live.id, "web").await.unwrap();
        macro_rules! count {
            ($expected:literal: $($operation:expr;)*) => { $({
                let before = statements.count();
                $operation.await.unwrap();
                assert_eq!(statements.count() - before, $expected, "{}", stringify!($operation));
            })* };
        }
        count! { 1:
            db.users.sign_in(user("ann"));
            db.users.get(ann.id);
            db.users.find_by_email("ann@example.org");
            db.users.update(ann.id, User::patch().name("x"));
            db.clusters.get(live.id);
            db.clusters.of_user(ann.id);
            db.clusters.users(live.id);
            db.clusters.role(live.id, ann.id);
            db.clusters.set_role(live.id, ann.id, Role::Admin);
            db.instances.get_for(ann.id, web.id);
            db.instances.in_cluster(live.id);
            db.instances.count_by_state(live.id);
            db.instances.stop_all(live.id);
        }
        // The number of statements does not depend on the number of clusters.
        count! { 2: db.clusters.with_instances(); }
        // In one transaction.
        count! { 2: db.clusters.create("staging", ann.id); }
    }
}

#[test]
fn the_program_runs_twice() {
    for database in [sqlite_database(), postgres_database()] {
        for _ in 0..2 {
            let output = Command::new(env!("CARGO_BIN_EXE_deploy"))
                .env("DATABASE_URL", database.url())
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8_lossy(&output.stdout);
            assert_eq!(text, "Ann is Owner of staging\n  web is Running at 10.0.0.1:8080\n");
        }
    }
}
