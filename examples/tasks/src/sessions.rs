//! Who is logged in, and where.

use kontract::query::record;
use kontract::{Result, Table};

use crate::{Storage, User};

/// A browser in which a user is logged in.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Session {
    /// What the browser's cookie holds.
    #[primkey]
    pub id: String,
    /// Who.
    #[references(User)]
    #[index]
    pub user_id: String,
    /// From where.
    pub ip_address: Option<String>,
    /// With which program.
    pub user_agent: Option<String>,
    /// What the application keeps for it.
    pub payload: String,
    /// When it was used last: Unix seconds.
    pub last_activity: i64,
}

/// All that the application asks and does about sessions.
#[derive(Clone)]
pub struct SessionRepository {
    sessions: Table<Session>,
}

impl SessionRepository {
    /// On a storage, or on what the closure of a transaction gets.
    pub fn new(storage: &Storage) -> SessionRepository {
        SessionRepository { sessions: storage.sessions.clone() }
    }

    /// All of them.
    pub async fn find_all(&self) -> Result<Vec<Session>> {
        self.sessions.list().await
    }

    /// The one with that id.
    pub async fn find_by_id(&self, id: &str) -> Result<Option<Session>> {
        self.sessions.get(id).await
    }

    /// The session and its user, in one question.
    pub async fn find_with_user(&self, id: &str) -> Result<Option<(Session, User)>> {
        self.sessions
            .query(Session::id.eq(id))
            .join::<User>(Session::user_id.eq(User::id))
            .select((record::<Session>(), record::<User>()))
            .first()
            .await
    }

    /// Those of one user, the one used last first.
    pub async fn find_by_user(&self, user_id: &str) -> Result<Vec<Session>> {
        self.sessions
            .query(Session::user_id.eq(user_id))
            .order_by(Session::last_activity.desc())
            .await
    }

    /// Begins one.
    pub async fn create(&self, session: NewSession) -> Result<Session> {
        self.sessions.insert(session).await
    }

    /// It was used at that time, in Unix seconds.
    pub async fn touch(&self, id: &str, now: i64) -> Result<Session> {
        self.sessions.update(id, Session::patch().last_activity(now)).await
    }

    /// Ends it; says whether there was one.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        self.sessions.delete(id).await
    }

    /// Ends all that were not used since then; says how many.
    pub async fn delete_idle(&self, since: i64) -> Result<u64> {
        self.sessions.query(Session::last_activity.lt(since)).delete().await
    }
}
