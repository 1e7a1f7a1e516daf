//! Sessions of logged-in users.

use kontract::query::record;
use kontract::{Result, Table};

use crate::{Storage, User};

/// A browser in which a user is logged in.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Session {
    /// The value of the browser's cookie.
    #[primkey]
    pub id: String,
    /// The user.
    #[references(User)]
    #[index]
    pub user_id: String,
    /// The IP address.
    pub ip_address: Option<String>,
    /// The user agent.
    pub user_agent: Option<String>,
    /// Data of the application.
    pub payload: String,
    /// When it was last used, in Unix seconds.
    pub last_activity: i64,
}

/// The operations on sessions.
#[derive(Clone)]
pub struct SessionRepository {
    sessions: Table<Session>,
}

impl SessionRepository {
    /// The repository on a storage, or on the handles of a transaction.
    pub fn new(storage: &Storage) -> SessionRepository {
        SessionRepository { sessions: storage.sessions.clone() }
    }

    /// All sessions.
    pub async fn find_all(&self) -> Result<Vec<Session>> {
        self.sessions.list().await
    }

    /// The session with this id.
    pub async fn find_by_id(&self, id: &str) -> Result<Option<Session>> {
        self.sessions.get(id).await
    }

    /// A session and its user, in one statement.
    pub async fn find_with_user(&self, id: &str) -> Result<Option<(Session, User)>> {
        self.sessions
            .query(Session::id.eq(id))
            .join::<User>(Session::user_id.eq(User::id))
            .select((record::<Session>(), record::<User>()))
            .first()
            .await
    }

    /// The sessions of a user, the last used first.
    pub async fn find_by_user(&self, user_id: &str) -> Result<Vec<Session>> {
        self.sessions
            .query(Session::user_id.eq(user_id))
            .order_by(Session::last_activity.desc())
            .await
    }

    /// Inserts a session.
    pub async fn create(&self, session: NewSession) -> Result<Session> {
        self.sessions.insert(session).await
    }

    /// Sets the time of the last use, in Unix seconds.
    pub async fn touch(&self, id: &str, now: i64) -> Result<Session> {
        self.sessions.update(id, Session::patch().last_activity(now)).await
    }

    /// Deletes a session. Returns whether it existed.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        self.sessions.delete(id).await
    }

    /// Deletes the sessions that were not used since this time. Returns their number.
    pub async fn delete_idle(&self, since: i64) -> Result<u64> {
        self.sessions.query(Session::last_activity.lt(since)).delete().await
    }
}
