//! Writes a small conversation and reads it back. `chat.db`, or `DATABASE_URL`.

use chat::{
    Channel, Event, Kind, NewAttachment, NewChannel, NewEvent, NewFile, NewSpace, NewUser, Storage,
};

#[tokio::main]
async fn main() -> kontract::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:chat.db".to_owned());
    let storage = Storage::connect(&url).await?;
    println!("events here already: {}", storage.events.count().await?);

    if !storage.spaces.exists("home").await? {
        storage.spaces.insert(NewSpace::new("Home").id("home")).await?;
        storage.users.insert(NewUser::new("Ann").id("ann")).await?;
        let general = NewChannel::new("home", "general").id("general").topic("Everything");
        storage.channels.insert(general).await?;
    }

    let message = NewEvent::new(Kind::Message, "general").user_id("ann").text("Hello");
    let message = storage.events.insert(message).await?;
    let reply = NewEvent::new(Kind::Reply, "general").parent_id(message.id).text("Hello yourself");
    storage.events.insert(reply).await?;
    let file = storage.files.insert(NewFile::new("cat.txt", "text/plain", &b"meow"[..])).await?;
    storage.attachments.insert(NewAttachment::new(message.id, file.id)).await?;

    for channel in storage.channels.query(Channel::space_id.eq("home")).await? {
        println!("#{}: {}", channel.name, channel.topic.as_deref().unwrap_or("no topic"));
        let events = storage.events.query(Event::channel_id.eq(&channel.id));
        for event in events.order_by(Event::created_at.asc()).await? {
            let who = event.user_id.as_deref().unwrap_or("a deleted user");
            println!("  {:?} by {who}: {}", event.kind, event.text.as_deref().unwrap_or_default());
        }
    }
    Ok(())
}
