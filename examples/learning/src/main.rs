//! Registers a user with an invitation, logs in and out. `learning.db`, or `DATABASE_URL`.

use kontract::prelude::*;
use learning::{
    InviteCode, NewInviteCode, NewRefreshToken, NewUserAccount, RefreshToken, Storage, UserAccount,
};

#[tokio::main]
async fn main() -> kontract::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:learning.db".to_owned());
    let storage = Storage::connect(&url).await?;

    if !storage.invite_codes.exists("welcome").await? {
        storage.invite_codes.insert(NewInviteCode::new().code("welcome").uses_left(100)).await?;
    }
    let known = storage.user_accounts.query(UserAccount::username.eq("ada")).await?;
    let ada = match known.into_iter().next() {
        Some(ada) => ada,
        None => {
            let ada = NewUserAccount::new("ada", "argon2id$…").invite_code("welcome");
            let code = storage.invite_codes.get("welcome").await?.map_or(0, |code| code.uses_left);
            let used = InviteCode::patch().uses_left(code - 1);
            storage.invite_codes.update("welcome", used).await?;
            storage.user_accounts.insert(ada).await?
        }
    };
    println!("{} may log in: {}", ada.username, !ada.revoked);

    let hour = Timestamp::from_millis(Timestamp::now().as_millis() + 3_600_000);
    let token = NewRefreshToken::new(ada.user_id, hour).token_hash(Uuid::now_v7().to_string());
    storage.refresh_tokens.insert(token).await?;
    let mine = RefreshToken::user_id.eq(ada.user_id);
    println!("logged in {} times", storage.refresh_tokens.query(mine).await?.len());
    Ok(())
}
