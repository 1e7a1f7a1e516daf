//! Signs a user in, creates a cluster and starts a deployment in it. `deploy.db`, or `DATABASE_URL`.

use deploy::{DatabaseStore, Instance, NewUser, Provider, State};

#[tokio::main]
async fn main() -> kontract::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:deploy.db".to_owned());
    let db = DatabaseStore::open(&url).await?;

    let ann = NewUser::new("ann@example.org", "Ann", Provider::Google);
    let ann = db.users.sign_in(ann).await?;
    if db.clusters.of_user(ann.id).await?.is_empty() {
        let cluster = db.clusters.create("staging", ann.id).await?;
        let web = db.instances.create(cluster.id, "web").await?;
        let runs = Instance::patch().state(State::Running).address("10.0.0.1:8080");
        db.instances.update(web.id, runs).await?;
    }
    for (cluster, role) in db.clusters.of_user(ann.id).await? {
        println!("{} is {role:?} of {}", ann.name, cluster.name);
        for instance in db.instances.in_cluster(cluster.id).await? {
            let address = instance.address.as_deref().unwrap_or("nowhere");
            println!("  {} is {:?} at {address}", instance.name, instance.state);
        }
    }
    Ok(())
}
